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

	CHECK_OK(
	    attempts_reserve(st, uid, source, "sshd", now, now + 5000, 1, &id, &err));
	assert_true(id > 0);
	return id;
}

/* "failures/in flight, of the source: failures/in flight" */
static void
check_counts(const char *source, int64_t since, int64_t now, const char *want)
{
	struct attempt_counts n;
	struct uadm_err err;
	char text[80];

	CHECK_OK(attempts_count(st, ALICE, source, since, now, &n, &err));
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
	CHECK_OK(attempts_fail(st, a, &err));
	check_counts("x", 0, NOW, "1/2, 1/0");
	CHECK_OK(attempts_withdraw(st, b, &err));
	check_counts("x", 0, NOW, "1/1, 1/0");
	check_counts("x", NOW - 1, NOW, "1/1, 1/0");
	check_counts("x", NOW, NOW, "0/0, 0/0"); /* the interval is over */
	CHECK_OK(attempts_fail(st, c, &err));
	check_counts(NULL, 0, NOW, "2/0, 1/0");
}

static void
test_clear(void **state)
{
	struct attempt_counts n;
	struct uadm_err err;
	int64_t mine;

	(void)state;
	CHECK_OK(attempts_fail(st, reserve(ALICE, "x", NOW), &err));
	reserve(ALICE, "x", NOW - 6000); /* overdue */
	reserve(ALICE, "y", NOW);        /* somebody else's, in flight */
	mine = reserve(ALICE, "x", NOW);
	CHECK_OK(attempts_fail(st, reserve(BOB, "x", NOW), &err));
	CHECK_OK(attempts_lock(st, ALICE, NOW, 1, &err));
	CHECK_OK(attempts_clear(st, ALICE, NOW, mine, &err));
	check_counts("y", 0, NOW, "0/1, 0/1");
	CHECK_OK(attempts_count(st, ALICE, "x", 0, NOW, &n, &err));
	assert_false(n.lock_set);
	CHECK_OK(attempts_count(st, BOB, "x", 0, NOW, &n, &err));
	CHECK_EQ(n.failures, 1, "bob's");
}

static void
test_locks(void **state)
{
	struct attempt_counts n;
	struct uadm_err err;

	(void)state;
	CHECK_OK(attempts_fail(st, reserve(ALICE, "x", NOW), &err));
	CHECK_OK(attempts_lock(st, ALICE, NOW, 1, &err));
	CHECK_OK(attempts_lock(st, ALICE, LATER, 1, &err)); /* does not begin anew */
	CHECK_OK(attempts_fail(st, reserve(ALICE, "x", LATER), &err));
	CHECK_OK(attempts_count(st, ALICE, "x", 0, LATER, &n, &err));
	assert_true(n.lock_set);
	CHECK_EQ(n.locked_at, NOW, "locked at");
	CHECK_OK(attempts_unlock_expired(st, ALICE, NOW, &err));
	CHECK_OK(attempts_count(st, ALICE, "x", 0, LATER, &n, &err));
	assert_false(n.lock_set);
	CHECK_EQ(n.failures, 1, "what came after the lock");
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

static void
test_proofs(void **state)
{
	static const struct process host = { 100, 7, 90 };
	static const struct {
		const char *label;
		struct process p;
		uid_t uid;
		int64_t since;
		bool found;
	} cases[] = {
		{ "itself", { 100, 7, 90 }, ALICE, NOW - 1, true },
		{ "its parent", { 90, 3, 1 }, ALICE, NOW - 1, true },
		{ "its child", { 110, 8, 100 }, ALICE, NOW - 1, false },
		{ "the pid again", { 100, 8, 91 }, ALICE, NOW - 1, false },
		{ "another user", { 100, 7, 90 }, BOB, NOW - 1, false },
		{ "a sibling", { 101, 7, 90 }, ALICE, NOW - 1, false },
		{ "too old", { 100, 7, 90 }, ALICE, NOW, false },
	};
	struct uadm_err err;

	(void)state;
	CHECK_OK(proofs_add(st, &host, ALICE, NOW, 0, &err));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		bool found = !cases[i].found;

		CHECK_OK(proofs_find(
		    st, &cases[i].p, cases[i].uid, cases[i].since, &found, &err));
		CHECK_EQ(found, cases[i].found, cases[i].label);
	}
	CHECK_OK(proofs_add(st, &host, ALICE, LATER, 0, &err)); /* again */
	CHECK_OK(proofs_add(st, &host, BOB, LATER, LATER, &err));
	CHECK_EQ(raw_int("SELECT count(*) FROM proof"), 1, "old ones are dropped");
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
	CHECK_OK(sessions_reap(st, LATER, lives, &dead, &err));
	CHECK_EQ(raw_int("SELECT count(*) FROM session WHERE closed_at IS NULL"), 1,
	    "alive");
	CHECK_EQ(raw_int("SELECT count(*) FROM session"), 14, "none is forgotten");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_counts, setup, teardown),
		cmocka_unit_test_setup_teardown(test_clear, setup, teardown),
		cmocka_unit_test_setup_teardown(test_locks, setup, teardown),
		cmocka_unit_test_setup_teardown(test_buckets, setup, teardown),
		cmocka_unit_test_setup_teardown(test_proofs, setup, teardown),
		cmocka_unit_test_setup_teardown(test_sessions, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
