/* Checking a password: what is charged, to whom, and what is answered (P1, P2, P3, P10, P17). */
#include "tests/unit/ops/proving.h"

#include <signal.h>
#include <sys/wait.h>

/* `count` processes that each try `each` times; how often charged(*) or right. */
static int
in_parallel(int count, int each, const char *password, bool count_right)
{
	pid_t pids[16];
	int sum = 0, status;

	for (int i = 0; i < count; i++)
		if ((pids[i] = fork()) == 0) {
			char from[16];
			UADM u = { 0 };
			int n = 0;

			snprintf(from, sizeof(from), "host%d", i % 3);
			open_host(&u);
			for (int j = 0; j < each; j++) {
				struct proof p = prove(&u, password, from);

				n += count_right ? p.answer == PROOF_RIGHT : p.charged;
			}
			uadm_close(&u);
			_exit(n);
		}
	for (int i = 0; i < count; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_true(WIFEXITED(status));
		sum += WEXITSTATUS(status);
	}
	return sum;
}

/* P1: five guesses at the stored hash, whatever is tried at once. */
static void
test_parallel_guesses(void **state)
{
	UADM u = { 0 };

	(void)state;
	CHECK_EQ(in_parallel(6, 4, "wrong", false), 5, "charged");
	CHECK_EQ(failures(), 5, "rows");
	CHECK_EQ(locks(), 1, "locked");
	CHECK_EQ(dummy_writes(), 2 * (24 - 5), "dummies write twice, too");
	CHECK_EQ(raw_int("SELECT count(*) FROM audit WHERE action = 'user.lock' AND "
			 "detail LIKE 'failures=5 service=test from=%'"),
	    1, "locked once");
	CHECK_EQ(raw_int("SELECT failures FROM last_login"), 5, "to be told");
	open_host(&u);
	CHECK_EQ(prove(&u, PASSWORD, "").answer, PROOF_WRONG, "right, but locked");
	CHECK_EQ(failures(), 5, "not charged");
}

/* P2: right ones in parallel wait their turn and all get in. */
static void
test_parallel_logins(void **state)
{
	(void)state;
	CHECK_EQ(in_parallel(8, 2, PASSWORD, true), 16, "right");
	CHECK_EQ(failures(), 0, "rows");
	CHECK_EQ(locks(), 0, "locks");
}

/* P10: whoever cannot be charged costs two writes and says nothing. */
static void
test_dummies(void **state)
{
	static const struct {
		const char *label, *sql, *name;
	} cases[] = {
		{ "unknown", "SELECT 1", "zq-nobody" },
		{ "no such name could be", "SELECT 1", "../%s\n" },
		{ "no password", "DELETE FROM password", NAME },
		{ "service", "UPDATE user SET kind = 'service'", NAME },
		{ "locked",
		    "INSERT INTO lockout SELECT uid, steady_last, 1 FROM user, meta",
		    NAME },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		UADM u = { 0 };
		struct proof p;

		one_user(state);
		raw_sql(cases[i].sql);
		open_host(&u);
		p = prove_as(&u, cases[i].name, PASSWORD, "there", true);
		CHECK_EQ(p.answer, PROOF_WRONG, cases[i].label);
		CHECK_EQ(p.verdict.verdict, LOGIN_REFUSE, cases[i].label);
		CHECK_EQ(p.charged, false, cases[i].label);
		CHECK_EQ(failures() - strangers_failures(), 0, cases[i].label);
		/* One for the reservation and one for the outcome, each in its own commit. */
		CHECK_EQ(dummy_writes() + strangers_failures(), 2, cases[i].label);
		CHECK_EQ(raw_int("SELECT count(*) FROM last_login"), 0, cases[i].label);
	}
}

/* P16, P17: what can be nobody's password costs and counts like a wrong one. */
static void
test_malformed(void **state)
{
	char longer[513];
	const char *const cases[] = { "", "caf\xe9", longer };

	memset(longer, 'p', sizeof(longer) - 1);
	longer[512] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		UADM u = { 0 };
		struct proof p;

		one_user(state);
		open_host(&u);
		p = prove(&u, cases[i], "there");
		CHECK_EQ(p.answer, PROOF_WRONG, cases[i]);
		CHECK_EQ(p.charged, true, cases[i]);
		CHECK_EQ(failures(), 1, cases[i]);
	}
}

/* P2: with room for a single attempt at a time each of them waits its turn, and all get in. */
static void
test_P2_one_at_a_time(void **state)
{
	(void)state;
	raw_sql(
	    "INSERT INTO policy (account, key, value) VALUES (0, 'deny', 1), (0, 'source-limit', 1)");
	CHECK_EQ(in_parallel(8, 2, PASSWORD, true), 16, "right");
	CHECK_EQ(failures(), 0, "rows");
	CHECK_EQ(locks(), 0, "locks");
}

/* P28: wrong passwords to su(1) block who typed them, never the victim; who logs in from
 * elsewhere gives the guesser no new tries. */
static void
test_P28_local_source(void **state)
{
	struct uadm_err err;
	UADM u = { 0 };
	bool changed;

	(void)state;
	open_host(&u);
	for (int i = 0; i < 8; i++)
		CHECK_EQ(prove(&u, "wrong", "uid:1").charged, i < 3, "guess");
	CHECK_EQ(failures(), 3, "rows");
	CHECK_EQ(locks(), 0, "never locked");
	CHECK_EQ(prove(&u, PASSWORD, "uid:1").answer, PROOF_WRONG, "blocked");
	CHECK_EQ(prove(&u, PASSWORD, "uid:2").answer, PROOF_RIGHT, "another uid");
	CHECK_EQ(prove(&u, PASSWORD, "there").answer, PROOF_RIGHT, "from elsewhere");
	CHECK_EQ(failures(), 3, "a login does not clear them");
	CHECK_EQ(prove(&u, PASSWORD, "uid:1").answer, PROOF_WRONG, "still blocked");
	raw_sql("UPDATE attempt SET started = started - 900000");
	CHECK_EQ(prove(&u, PASSWORD, "uid:1").answer, PROOF_RIGHT,
	    "when they fall out of the interval");

	for (int i = 0; i < 4; i++)
		prove(&u, "wrong", "uid:1");
	CHECK_OK(op_user_unlock(&u, NAME, &changed, &err));
	assert_true(changed);
	CHECK_EQ(prove(&u, PASSWORD, "uid:1").answer, PROOF_RIGHT, "unlocked");
}

/* P28: however many of them collude, by su and by every address of this host. */
static void
test_P28_colluding(void **state)
{
	static const char *const here[] = { "127.0.0.1", "::1", "localhost",
		"127.9.9.9", "::ffff:127.0.0.1", "[::1]" };
	UADM u = { 0 };

	(void)state;
	open_host(&u);
	for (int i = 0; i < 20; i++) {
		char from[16];

		snprintf(from, sizeof(from), "uid:%d", 1 + i / 4);
		CHECK_EQ(prove(&u, "wrong", from).charged, i % 4 < 3, from);
	}
	for (size_t i = 0; i < ARRAY_LEN(here); i++)
		CHECK_EQ(prove(&u, "wrong", here[i]).charged, i < 3, here[i]);
	/* Nor do the thousands of subordinate uids of one of them make sources. */
	for (int i = 0; i < 5; i++) {
		char from[24];

		snprintf(from, sizeof(from), "uid:%d", 1999999990 + i);
		CHECK_EQ(prove(&u, "wrong", from).charged, false, from);
	}
	CHECK_EQ(locks(), 0, "never locked");
	for (int i = 0; i < 4; i++)
		prove(&u, "wrong", "there");
	CHECK_EQ(locks(), 0, "theirs are not added to those of others");
	CHECK_EQ(prove(&u, PASSWORD, "").answer, PROOF_RIGHT, "the victim");

	for (int i = 0; i < 5; i++)
		prove(&u, "wrong", "there");
	CHECK_EQ(locks(), 1, "strangers lock");
	CHECK_EQ(prove(&u, PASSWORD, "uid:3").answer, PROOF_WRONG,
	    "and then nobody gets in from here either");
}

/* Whoever has one address of a /64 has them all; an IPv4 address is one however it comes. */
static void
test_P28_one_source_of_many_spellings(void **state)
{
	static const struct {
		const char *rhost;
		bool charged;
	} cases[] = {
		{ "2001:db8:0:1::1", true }, { "2001:DB8:0:1::2", true },
		{ "2001:db8:0:1:ffff::3", false }, { "192.0.2.1", true },
		{ "::ffff:192.0.2.1", true }, { "::ffff:c000:0201", false },
		{ "2001:db8:0:2::1", true }, { "192.0.2.2", false }, /* locked */
	};
	UADM u = { 0 };

	(void)state;
	open_host(&u);
	u.policy.source_limit = 2;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		CHECK_EQ(prove(&u, "wrong", cases[i].rhost).charged, cases[i].charged,
		    cases[i].rhost);
	CHECK_EQ(locks(), 1, "by five in all");
}

/* P3: a lock that would fall with the next look (killed attempts are overdue) refuses a right
 * password whose hash was being computed. P4. */
static void
test_P3_due_lock(void **state)
{
	UADM u = { 0 };
	int status;
	pid_t pid;

	(void)state;
	if ((pid = fork()) == 0) {
		struct uadm_err err;
		struct proof p;

		CHECK_OK(uadm_open(&u, SLOW, &err));
		p = prove(&u, PASSWORD, "there");
		uadm_close(&u);
		_exit((int)p.answer);
	}
	open_host(&u);
	while (failures() == 0 && waitpid(pid, NULL, WNOHANG) == 0)
		usleep(1000);
	usleep(2000);
	kill(pid, SIGSTOP);
	raw_sql(
	    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5)"
	    "INSERT INTO attempt (uid, source, started, deadline, at) "
	    "SELECT uid, 'host:x', steady_last, steady_last, 1 FROM user, meta, n");
	kill(pid, SIGCONT);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	CHECK_EQ(WEXITSTATUS(status), PROOF_WRONG, "refused");
	CHECK_EQ(failures(), 5, "count intact");
}

/* The lock falls at the fifth, tells so once, and runs out; 0 holds until reset. */
static void
test_lock(void **state)
{
	struct uadm_err err;
	UADM u = { 0 };
	bool changed;

	(void)state;
	open_host(&u);
	for (int i = 1; i <= 5; i++) {
		struct proof p = prove(&u, "wrong", "");

		CHECK_EQ(p.charged, true, "guess");
		CHECK_EQ(p.locked, i == 5, "locks");
	}
	CHECK_EQ(prove(&u, PASSWORD, "").answer, PROOF_WRONG, "locked");
	u.policy.lock_time = 0;
	raw_sql("UPDATE lockout SET since = since - 1000000000000");
	CHECK_EQ(prove(&u, PASSWORD, "").answer, PROOF_WRONG, "until reset");
	CHECK_OK(op_user_unlock(&u, NAME, &changed, &err));
	assert_true(changed);
	CHECK_EQ(prove(&u, PASSWORD, "").answer, PROOF_RIGHT, "unlocked");

	u.policy.lock_time = 900;
	for (int i = 0; i < 5; i++)
		prove(&u, "wrong", "");
	CHECK_EQ(locks(), 1, "locked again");
	raw_sql("UPDATE lockout SET since = since - 900000;"
		"UPDATE attempt SET started = started - 900000");
	CHECK_EQ(prove(&u, "wrong", "").charged, true, "a new count");
	CHECK_EQ(failures(), 1, "the old ones are gone");
	CHECK_EQ(prove(&u, PASSWORD, "").answer, PROOF_RIGHT, "run out");
}

/* P4: who was killed between reserving and settling has failed. */
static void
test_overdue(void **state)
{
	UADM u = { 0 };

	(void)state;
	raw_sql(
	    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5)"
	    "INSERT INTO attempt (uid, started, deadline, at) "
	    "SELECT uid, steady_last, steady_last, 1 FROM user, meta, n");
	raw_sql("UPDATE meta SET steady_last = steady_last + 1");
	open_host(&u);
	CHECK_EQ(prove(&u, PASSWORD, "").answer, PROOF_WRONG, "five were overdue");
	CHECK_EQ(locks(), 1, "and lock");
	CHECK_EQ(failures(), 5, "count intact");
}

static void
test_states(void **state)
{
	static const struct {
		const char *label, *sql;
		enum login_verdict verdict;
		enum login_reason reason;
		int left; /* of two failures before */
	} cases[] = {
		{ "fine", "SELECT 1", LOGIN_ALLOW, LOGIN_FINE, 0 },
		{ "suspended", "UPDATE user SET suspended_at = 1", LOGIN_REFUSE,
		    LOGIN_SUSPENDED, 2 },
		{ "expired", "UPDATE user SET expires_at = 1", LOGIN_REFUSE,
		    LOGIN_EXPIRED, 2 },
		{ "not yet", "UPDATE user SET valid_from = 99999999999", LOGIN_REFUSE,
		    LOGIN_NOT_YET_VALID, 2 },
		{ "change due", "UPDATE user SET must_change = 1", LOGIN_CHANGE,
		    LOGIN_MUST_CHANGE, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		UADM u = { 0 };
		struct proof p;

		one_user(state);
		raw_sql(cases[i].sql);
		open_host(&u);
		prove(&u, "wrong", "");
		p = prove(&u, "wrong", "");
		CHECK_EQ(p.answer, PROOF_WRONG, cases[i].label);
		CHECK_EQ(p.verdict.reason, LOGIN_UNKNOWN, "the reason is not told");
		p = prove(&u, PASSWORD, "");
		CHECK_EQ(p.answer, PROOF_RIGHT, cases[i].label);
		CHECK_EQ(p.charged, false, cases[i].label);
		CHECK_EQ(p.verdict.verdict, cases[i].verdict, cases[i].label);
		CHECK_EQ(p.verdict.reason, cases[i].reason, cases[i].label);
		CHECK_EQ(failures(), cases[i].left, cases[i].label);
		CHECK_EQ(raw_int("SELECT count(*) FROM proof"), cases[i].left == 0,
		    cases[i].label);
	}
}

/* With a second factor still to come, a right password resets nothing. */
static void
test_not_final(void **state)
{
	UADM u = { 0 };

	(void)state;
	open_host(&u);
	prove(&u, "wrong", "");
	CHECK_EQ(prove_as(&u, NAME, PASSWORD, "", false).answer, PROOF_RIGHT, "right");
	CHECK_EQ(failures(), 1, "rows");
	CHECK_EQ(raw_int("SELECT count(*) FROM proof"), 0, "proofs");
	CHECK_EQ(dummy_writes(), 0, "dummies");
}

static void
nothing_meanwhile(struct uadm *u)
{
	(void)u;
}

static void
lock_meanwhile(struct uadm *u)
{
	(void)u;
	raw_sql("INSERT INTO lockout SELECT uid, steady_last, 1 FROM user, meta");
}

static void
change_meanwhile(struct uadm *u)
{
	SECRET pw = { 0 };
	struct uadm_err err;

	fill_secret(&pw, "Another-Horse-2");
	CHECK_OK(op_user_set_password(u, NAME, &pw, false, &err));
}

static void
rehash_meanwhile(struct uadm *u)
{
	SECRET pw = { 0 };
	struct uadm_err err;

	fill_secret(&pw, PASSWORD);
	CHECK_OK(op_user_set_password(u, NAME, &pw, false, &err));
}

static void
delete_meanwhile(struct uadm *u)
{
	struct uadm_err err;

	CHECK_OK(op_user_delete(u, NAME, &err));
}

static void
suspend_meanwhile(struct uadm *u)
{
	struct uadm_err err;
	bool changed;

	CHECK_OK(op_user_suspend(u, NAME, false, &changed, &err));
}

/* P3, P20: what happened while the hash of a right password was computed. */
static void
test_meanwhile(void **state)
{
	static const struct {
		const char *label;
		void (*act)(struct uadm *u);
		enum proof_answer answer;
		enum login_verdict verdict;
		bool rehashed;
		int charged;
	} cases[] = {
		{ "nothing", nothing_meanwhile, PROOF_RIGHT, LOGIN_ALLOW, true, 0 },
		{ "locked", lock_meanwhile, PROOF_WRONG, LOGIN_REFUSE, false, 0 },
		/* the old one is a wrong one by then */
		{ "changed", change_meanwhile, PROOF_WRONG, LOGIN_REFUSE, false, 1 },
		/* as by another login that found it outdated: nothing has changed */
		{ "hashed anew", rehash_meanwhile, PROOF_RIGHT, LOGIN_ALLOW, true, 0 },
		{ "deleted", delete_meanwhile, PROOF_WRONG, LOGIN_REFUSE, false, 0 },
		{ "suspended", suspend_meanwhile, PROOF_RIGHT, LOGIN_REFUSE, false, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int status;
		pid_t pid;

		one_user(state);
		if ((pid = fork()) == 0) {
			struct uadm_err err;
			struct proof p;
			UADM u = { 0 };

			CHECK_OK(uadm_open(&u, SLOW, &err));
			p = prove(&u, PASSWORD, "");
			uadm_close(&u);
			_exit((int)p.answer * 16 + (int)p.verdict.verdict +
			    (p.charged ? 128 : 0));
		}
		{
			UADM u = { 0 };

			open_host(&u);
			while (failures() == 0 && waitpid(pid, NULL, WNOHANG) == 0)
				usleep(1000);
			usleep(2000); /* let go of the write lock, then stand still */
			kill(pid, SIGSTOP);
			cases[i].act(&u);
			kill(pid, SIGCONT);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		CHECK_EQ(WEXITSTATUS(status),
		    (int)cases[i].answer * 16 + (int)cases[i].verdict +
			128 * cases[i].charged,
		    cases[i].label);
		CHECK_EQ(failures(), cases[i].charged, cases[i].label);
		CHECK_EQ(raw_int("SELECT count(*) FROM password "
				 "WHERE verifier LIKE '%,t=20,%'"),
		    cases[i].rehashed, cases[i].label);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_parallel_guesses, one_user),
		cmocka_unit_test_setup(test_parallel_logins, one_user),
		cmocka_unit_test(test_dummies),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test_setup(test_P2_one_at_a_time, one_user),
		cmocka_unit_test_setup(test_P28_local_source, one_user),
		cmocka_unit_test_setup(test_P28_colluding, one_user),
		cmocka_unit_test_setup(test_P28_one_source_of_many_spellings, one_user),
		cmocka_unit_test_setup(test_P3_due_lock, one_user),
		cmocka_unit_test_setup(test_lock, one_user),
		cmocka_unit_test_setup(test_overdue, one_user),
		cmocka_unit_test(test_states),
		cmocka_unit_test_setup(test_not_final, one_user),
		cmocka_unit_test(test_meanwhile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
