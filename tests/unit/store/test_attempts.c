/* The books of guesses, of proofs, and of sessions. */
#include "libuadm/store/attempts.h"

#include "libuadm/store/sessions.h"
#include "tests/unit/store/stores.h"

enum { ALICE = 30000, BOB = 30001, NOW = 10000, LATER = 15000 };

static struct store *st;

static int
setup(void **state)
{
	empty_store(state);
	st = open_store();
	add_user(st, ALICE, "alice");
	add_user(st, BOB, "bob");
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	store_close(&st);
	return 0;
}

static int64_t
reserve(uid_t uid, const char *source, int64_t now)
{
	struct uadm_err err;
	int64_t id = 0;

	/* "uid:N" is somebody on this host */
	const struct attempt_entry e = { .uid = uid,
		.source = source,
		.service = "sshd",
		.local = source != NULL && strncmp(source, "uid:", 4) == 0,
		.started = now,
		.deadline = now + 5000,
		.wall = 1 };

	CHECK_OK(attempts_reserve(st, &e, &id, &err));
	assert_true(id > 0);
	return id;
}

/* "failures/in flight, of the source: failures/in flight" */
static void
check_counts(const char *source, int64_t since, int64_t now, const char *want)
{
	const struct attempt_window w = { now, since, INT64_MIN };
	struct attempt_counts n;
	struct uadm_err err;
	char text[80];

	CHECK_OK(attempts_count(st, ALICE, source, &w, &n, &err));
	snprintf(text, sizeof(text), "%d/%d, %d/%d", (int)n.failures, (int)n.in_flight,
	    (int)n.source_failures, (int)n.source_in_flight);
	CHECK_TEXT(text, want, source == NULL ? "no source" : source);
}

static void
test_counts(void **state)
{
	struct uadm_err err;
	int64_t a, b, c;

	(void)state;
	check_counts("x", 0, NOW, "0/0, 0/0");
	a = reserve(ALICE, "x", NOW);
	b = reserve(ALICE, "y", NOW);
	c = reserve(ALICE, NULL, NOW);
	reserve(BOB, "x", NOW);
	check_counts("x", 0, NOW, "0/3, 0/1");
	check_counts(NULL, 0, NOW, "0/3, 0/1");
	check_counts("z", 0, NOW, "0/3, 0/0");
	check_counts("x", 0, NOW + 4999, "0/3, 0/1");
	check_counts("x", 0, NOW + 5000, "3/0, 1/0"); /* P4: overdue has failed */
	CHECK_OK(attempts_fail(st, a, false, &err));
	check_counts("x", 0, NOW, "1/2, 1/0");
	CHECK_OK(attempts_withdraw(st, b, &err));
	check_counts("x", 0, NOW, "1/1, 1/0");
	check_counts("x", NOW - 1, NOW, "1/1, 1/0");
	/* a failure falls out of the interval, one in flight does not */
	check_counts("x", NOW, NOW, "0/1, 0/0");
	CHECK_OK(attempts_fail(st, c, false, &err));
	check_counts(NULL, 0, NOW, "2/0, 1/0");
	check_counts(NULL, NOW, NOW, "0/0, 0/0");
}

/* P28: what came from this host is its source's alone. */
static void
test_P28_local(void **state)
{
	const struct attempt_window w = { NOW, 0, INT64_MIN };
	struct attempt_counts n;
	struct uadm_err err;

	(void)state;
	CHECK_OK(attempts_fail(st, reserve(ALICE, "uid:7", NOW), false, &err));
	reserve(ALICE, "uid:7", NOW);
	reserve(ALICE, "uid:8", NOW);
	CHECK_OK(attempts_fail(st, reserve(ALICE, "x", NOW), false, &err));
	check_counts("uid:7", 0, NOW, "1/0, 1/1");
	check_counts("uid:8", 0, NOW, "1/0, 0/1");
	check_counts("x", 0, NOW, "1/0, 1/0");
	check_counts("x", 0, NOW + 5000, "1/0, 1/0");
	CHECK_OK(attempts_count(st, ALICE, "x", &w, &n, &err));
	CHECK_EQ(n.all_failures, 2, "from everywhere");
}

/* A lock that has run out takes along what led to it, and nothing else. */
static void
test_lock_over(void **state)
{
	struct attempt_window w = { LATER, 0, INT64_MIN };
	struct attempt_counts n;
	struct uadm_err err;

	(void)state;
	CHECK_OK(attempts_fail(st, reserve(ALICE, "x", NOW), false, &err));
	CHECK_OK(attempts_fail(st, reserve(ALICE, "uid:7", NOW), false, &err));
	reserve(ALICE, "x", NOW + 1); /* in flight when the lock fell */
	CHECK_OK(attempts_lock(st, ALICE, NOW + 1, 1, &err));
	CHECK_OK(attempts_fail(st, reserve(ALICE, "x", NOW + 2), false, &err));
	for (int i = 0; i < 2; i++) {
		w.now = NOW + 3;
		w.lock_over = i == 0 ? NOW : NOW + 1;
		CHECK_OK(attempts_count(st, ALICE, "x", &w, &n, &err));
		CHECK_EQ(n.failures, i == 0 ? 2 : 1, "failures");
		CHECK_EQ(n.in_flight, 1, "in flight");
		CHECK_EQ(n.all_failures, i == 0 ? 3 : 2, "local ones stay");
	}
	CHECK_OK(attempts_unlock_expired(st, ALICE, NOW + 3, NOW + 1, &err));
	CHECK_EQ(raw_int("SELECT count(*) FROM attempt"), 3, "one is gone");
	CHECK_EQ(raw_int("SELECT count(*) FROM lockout"), 0, "and the lock");
}

/* What a right password from somewhere forgets: that it does not give a local guesser new tries. */
static void
test_P28_success(void **state)
{
	static const struct {
		const char *from;
		const char *left; /* the sources that still have failures */
	} cases[] = {
		{ "y", "uid:7,uid:8" },
		{ NULL, "uid:7,uid:8" },
		{ "uid:7", "uid:8" },
		{ "uid:30000", "uid:7,uid:8" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		static const char *const sources[] = { "x", "y", NULL, "uid:7", "uid:8",
			"uid:30000" }; /* the last one is alice herself */
		struct uadm_err err;
		char sql[200];

		if (i > 0) {
			teardown(state);
			setup(state);
		}
		for (size_t j = 0; j < ARRAY_LEN(sources); j++)
			CHECK_OK(attempts_fail(
			    st, reserve(ALICE, sources[j], NOW), false, &err));
		reserve(ALICE, "z", NOW - 6000); /* overdue */
		reserve(ALICE, "w", NOW);        /* somebody else's, in flight */
		CHECK_OK(attempts_fail(st, reserve(BOB, "x", NOW), false, &err));
		CHECK_OK(attempts_lock(st, ALICE, NOW, 1, &err));
		CHECK_OK(attempts_succeed(st, ALICE, cases[i].from, true, NOW, &err));
		CHECK_EQ(raw_int("SELECT count(*) FROM lockout"), 0, "unlocked");
		CHECK_EQ(raw_int("SELECT count(*) FROM attempt WHERE uid = 30001"), 1,
		    "bob's");
		CHECK_EQ(raw_int("SELECT count(*) FROM attempt WHERE source = 'w'"), 1,
		    "in flight");
		snprintf(sql, sizeof(sql),
		    "SELECT group_concat(source) = '%s' FROM (SELECT source FROM attempt "
		    "WHERE uid = 30000 AND deadline IS NULL ORDER BY source)",
		    cases[i].left);
		CHECK_EQ(raw_int(sql), 1, cases[i].left);
	}
}

/* The password alone, where no code is asked for, takes back no guess at the code. */
static void
test_P12_success_without_a_factor(void **state)
{
	struct uadm_err err;

	(void)state;
	CHECK_OK(attempts_fail(st, reserve(ALICE, "x", NOW), false, &err));
	CHECK_OK(attempts_fail(st, reserve(ALICE, "x", NOW), true, &err));
	reserve(ALICE, "x", NOW - 6000); /* overdue: no code of it was judged */
	CHECK_OK(attempts_succeed(st, ALICE, "x", false, NOW, &err));
	CHECK_EQ(raw_int("SELECT count(*) FROM attempt"), 1, "one stays");
	CHECK_EQ(raw_int("SELECT factor FROM attempt"), 1, "the code");
	CHECK_OK(attempts_succeed(st, ALICE, "x", true, NOW, &err));
	CHECK_EQ(raw_int("SELECT count(*) FROM attempt"), 0, "until one is right");
}

static void
test_clear(void **state)
{
	struct uadm_err err;

	(void)state;
	CHECK_OK(attempts_fail(st, reserve(ALICE, "x", NOW), false, &err));
	CHECK_OK(attempts_fail(st, reserve(ALICE, "uid:7", NOW), false, &err));
	reserve(ALICE, "x", NOW - 6000); /* overdue */
	reserve(ALICE, "y", NOW);        /* in flight */
	CHECK_OK(attempts_fail(st, reserve(BOB, "x", NOW), false, &err));
	CHECK_OK(attempts_lock(st, ALICE, NOW, 1, &err));
	CHECK_OK(attempts_clear(st, ALICE, NOW, &err));
	check_counts("y", 0, NOW, "0/1, 0/1");
	CHECK_EQ(raw_int("SELECT count(*) FROM attempt"), 2, "bob's and what flies");
	CHECK_EQ(raw_int("SELECT count(*) FROM lockout"), 0, "locks");
}

static void
test_locks(void **state)
{
	const struct attempt_window w = { LATER, 0, INT64_MIN };
	struct attempt_counts n;
	struct uadm_err err;

	(void)state;
	CHECK_OK(attempts_fail(st, reserve(ALICE, "x", NOW), false, &err));
	CHECK_OK(attempts_lock(st, ALICE, NOW, 1, &err));
	CHECK_OK(attempts_lock(st, ALICE, LATER, 1, &err)); /* does not begin anew */
	CHECK_OK(attempts_count(st, ALICE, "x", &w, &n, &err));
	assert_true(n.lock_set);
	CHECK_EQ(n.locked_at, NOW, "locked at");
	CHECK_OK(attempts_count(st, BOB, "x", &w, &n, &err));
	assert_false(n.lock_set);
}

struct failure_log {
	char text[200];
};

static void
log_failure(void *arg, const char *source, int64_t started)
{
	struct failure_log *log = arg;
	size_t n = strlen(log->text);

	snprintf(log->text + n, sizeof(log->text) - n, "%s@%d ", source,
	    (int)(started - NOW));
}

static void
test_each_failure(void **state)
{
	const struct attempt_window w = { NOW + 10, NOW, INT64_MIN };
	struct failure_log log = { "" };
	struct uadm_err err;

	(void)state;
	CHECK_OK(attempts_fail(st, reserve(ALICE, "y", NOW + 2), false, &err));
	CHECK_OK(attempts_fail(st, reserve(ALICE, "uid:7", NOW + 3), false, &err));
	CHECK_OK(attempts_fail(st, reserve(ALICE, "y", NOW + 1), false, &err));
	CHECK_OK(attempts_fail(st, reserve(ALICE, NULL, NOW + 4), false, &err));
	CHECK_OK(
	    attempts_fail(st, reserve(ALICE, "y", NOW), false, &err)); /* too old */
	CHECK_OK(attempts_fail(st, reserve(BOB, "y", NOW + 1), false, &err));
	reserve(ALICE, "y", NOW + 5); /* in flight */
	CHECK_OK(attempts_each_failure(st, ALICE, &w, log_failure, &log, &err));
	CHECK_TEXT(log.text, "@4 uid:7@3 y@1 y@2 ", "in order");
}

/* P28: who guesses slowly leaves no more than what counts; what flies stays. */
static void
test_P28_drop_old(void **state)
{
	const struct attempt_window w = { NOW, NOW - 100, INT64_MIN };
	struct uadm_err err;

	(void)state;
	for (int i = 0; i < 50; i++)
		CHECK_OK(
		    attempts_fail(st, reserve(ALICE, "uid:7", NOW - 200), false, &err));
	reserve(ALICE, "x", NOW - 150);
	CHECK_OK(attempts_fail(st, reserve(ALICE, "x", NOW - 50), false, &err));
	CHECK_OK(attempts_fail(st, reserve(BOB, "x", NOW - 200), false, &err));
	CHECK_OK(attempts_drop_old(st, ALICE, &w, &err));
	CHECK_EQ(raw_int("SELECT count(*) FROM attempt"), 3, "rows");
}

/* P28: unknown names cost a write, and never a row. */
static void
test_buckets(void **state)
{
	struct uadm_err err;

	(void)state;
	for (uint32_t i = 0; i < ATTEMPT_BUCKETS; i++)
		CHECK_OK(attempts_bucket(st, i, 1, &err));
	CHECK_OK(attempts_bucket(st, 255, 1, &err));
	CHECK_EQ(raw_int("SELECT count(*) FROM bucket"), ATTEMPT_BUCKETS, "rows");
	CHECK_EQ(raw_int("SELECT sum(attempts) FROM bucket"), 257, "writes");
	CHECK_EQ(raw_int("SELECT count(*) FROM attempt"), 0, "attempts");
}

static bool
proof_lives(void *arg, const struct process *p)
{
	return p->pid == *(const pid_t *)arg;
}

static void
test_proofs(void **state)
{
	static const struct process host = { 100, 7, 90 }, parent = { 90, 3, 1 };
	static const struct {
		const char *label;
		struct process p;
		uid_t uid;
		int64_t boot;
		bool found;
	} cases[] = {
		{ "itself", { 100, 7, 90 }, ALICE, 0, true },
		{ "its parent", { 90, 3, 1 }, ALICE, 0, true },
		{ "its parent's pid again", { 90, 4, 1 }, ALICE, 0, false },
		{ "its child", { 110, 8, 100 }, ALICE, 0, false },
		{ "the pid again", { 100, 8, 91 }, ALICE, 0, false },
		{ "another user", { 100, 7, 90 }, BOB, 0, false },
		{ "a sibling", { 101, 7, 90 }, ALICE, 0, false },
		{ "long ago", { 100, 7, 90 }, ALICE, NOW, true },
		{ "another boot", { 100, 7, 90 }, ALICE, NOW + 1, false },
	};
	static const struct process nobody = { 1, 1, 0 }, unknown = { 90, 0, 0 };
	static const pid_t lives[] = { 100, 90 };
	static const int left[] = { 1, 0 }; /* a daemon that is its parent keeps none */
	struct uadm_err err;
	struct proof_kind forked, found;

	(void)state;
	CHECK_OK(proofs_add(st, &host, &parent, ALICE, true, NOW, &err));
	CHECK_OK(proofs_find(
	    st, &(struct process){ 300, 9, host.pid }, &host, ALICE, 0, &forked, &err));
	CHECK_EQ(forked.password, true, "a child opens the session");
	CHECK_EQ(forked.factor, true, "and has the factor of its parent");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CHECK_OK(proofs_find(st, &cases[i].p, &nobody, cases[i].uid,
		    cases[i].boot, &found, &err));
		CHECK_EQ(found.password, cases[i].found, cases[i].label);
		CHECK_EQ(found.factor, cases[i].found, cases[i].label);
	}
	for (size_t i = 0; i < ARRAY_LEN(lives); i++) {
		pid_t one = lives[i];

		CHECK_OK(proofs_reap(st, 0, NOW, proof_lives, &one, &err));
		CHECK_EQ(raw_int("SELECT count(*) FROM proof"), left[i], "who lives");
	}
	CHECK_OK(proofs_add(st, &host, &unknown, ALICE, false, NOW, &err));
	CHECK_OK(proofs_find(st, &parent, &nobody, ALICE, 0, &forked, &err));
	CHECK_EQ(forked.password, true, "a parent that could not be looked at");
	CHECK_EQ(forked.factor, false, "a password alone is no factor");
	CHECK_OK(proofs_reap(st, NOW + 1, 0, proof_lives, &(pid_t){ 100 }, &err));
	CHECK_EQ(raw_int("SELECT count(*) FROM proof"), 0, "another boot's");
}

static bool
lives(void *arg, const struct session *s)
{
	return s->leader != *(pid_t *)arg;
}

static void
open_session(uid_t uid, pid_t leader, const char *service)
{
	struct session s = { .uid = uid,
		.leader = leader,
		.leader_start = 9,
		.boot_id = "boot",
		.opened_at = NOW };
	struct uadm_err err;

	snprintf(s.service, sizeof(s.service), "%s", service);
	CHECK_OK(sessions_open(st, &s, &err));
}

static void
test_sessions(void **state)
{
	static const struct {
		uid_t uid;
		pid_t leader;
		const char *service;
		bool closed;
	} cases[] = {
		{ BOB, 1, "su", false }, /* not bob's */
		{ ALICE, 2, "su", false },
		{ ALICE, 1, "cron", false },
		{ ALICE, 1, "", false },
		{ ALICE, 1, "su", true }, /* the newer one ... */
		{ ALICE, 1, "su", true }, /* ... the older one */
		{ ALICE, 1, "su", false },
		{ ALICE, 1, "sshd", true },
	};
	struct uadm_err err;
	pid_t dead = 5;
	bool any;

	(void)state;
	open_session(ALICE, 1, "su");
	open_session(ALICE, 1, "su");
	open_session(ALICE, 1, "sshd");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		bool closed = !cases[i].closed;

		CHECK_OK(sessions_close(st, cases[i].uid, cases[i].leader,
		    cases[i].service, LATER, &closed, &err));
		CHECK_EQ(closed, cases[i].closed, cases[i].service);
	}
	open_session(ALICE, 4, "sshd");
	for (int i = 0; i < 10; i++)
		open_session(i % 2 == 0 ? ALICE : BOB, 5, "sshd");
	CHECK_OK(sessions_reap(st, LATER, lives, &dead, &any, &err));
	assert_true(any);
	CHECK_OK(sessions_reap(st, LATER, lives, &dead, &any, &err));
	assert_false(any);
	CHECK_EQ(raw_int("SELECT count(*) FROM session WHERE closed_at IS NULL"), 1,
	    "alive");
	CHECK_EQ(raw_int("SELECT count(*) FROM session"), 14, "none is forgotten");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_counts, setup, teardown),
		cmocka_unit_test_setup_teardown(test_P28_local, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lock_over, setup, teardown),
		cmocka_unit_test_setup_teardown(test_P28_success, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_P12_success_without_a_factor, setup, teardown),
		cmocka_unit_test_setup_teardown(test_clear, setup, teardown),
		cmocka_unit_test_setup_teardown(test_each_failure, setup, teardown),
		cmocka_unit_test_setup_teardown(test_P28_drop_old, setup, teardown),
		cmocka_unit_test_setup_teardown(test_locks, setup, teardown),
		cmocka_unit_test_setup_teardown(test_buckets, setup, teardown),
		cmocka_unit_test_setup_teardown(test_proofs, setup, teardown),
		cmocka_unit_test_setup_teardown(test_sessions, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
