/* P10, P28: guesses at names that are nobody's are charged, wait and lock like guesses at a user, in
 * books that names cannot fill and nobody is shown. */
#include "libuadm/ops/ending.h"
#include "libuadm/store/attempts.h"
#include "tests/unit/ops/proving.h"

/* What to do to the user, and whom to guess at. */
static const struct {
	const char *label, *sql, *name;
} cases[] = {
	{ "a user", "SELECT 1", NAME },
	{ "unknown", "SELECT 1", "zq-nobody" },
	{ "no such name could be", "SELECT 1", "../%s\n" },
	{ "no password", "DELETE FROM password", NAME },
	{ "service", "UPDATE user SET kind = 'service'", NAME },
};
#define REAL_CASES 1 /* at the head of them */

static void
guess(struct uadm *u, const char *name, const char *from, int times)
{
	for (int i = 0; i < times; i++)
		CHECK_EQ(
		    prove_as(u, name, "wrong", from, true).answer, PROOF_WRONG, name);
}

/* Where and what is charged does not depend on whether there is somebody. */
static void
test_P10_same_books(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *label = cases[i].label;
		UADM u = { 0 };

		one_user(state);
		raw_sql(cases[i].sql);
		open_host(&u);
		guess(&u, cases[i].name, "there", 4);
		CHECK_EQ(failures(), 4, label);
		CHECK_EQ(locks(), 0, label);
		guess(&u, cases[i].name, "elsewhere", 1);
		CHECK_EQ(failures(), 5, label);
		CHECK_EQ(locks(), 1, label);
		guess(&u, cases[i].name, "there", 3);
		CHECK_EQ(failures(), 5, label);
		CHECK_EQ(strangers_failures(), i < REAL_CASES ? 0 : 5, label);
	}
}

/* With four failures there is room for one more: a second guess waits for the one that flies. The
 * one in flight is never settled, so it ends as the fifth. Who had not waited were a sixth. */
static void
test_P10_same_waiting(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		UADM u = { 0 };

		one_user(state);
		raw_sql(cases[i].sql);
		open_host(&u);
		guess(&u, cases[i].name, "there", 4);
		raw_sql(
		    "INSERT INTO attempt (uid, source, started, deadline, at) "
		    "SELECT uid, source, max(started), max(started) + 700, 1 FROM attempt");
		guess(&u, cases[i].name, "there", 1);
		CHECK_EQ(failures(), 5, cases[i].label);
		CHECK_EQ(locks(), 1, cases[i].label);
	}
}

/* A host's own source has its own limit, and locks nobody. */
static void
test_P10_same_source_limit(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		UADM u = { 0 };

		one_user(state);
		raw_sql(cases[i].sql);
		raw_sql(
		    "INSERT INTO policy (account, key, value) VALUES (0, 'local-source-limit', 3)");
		open_host(&u);
		guess(&u, cases[i].name, "uid:1", 6);
		CHECK_EQ(failures(), 3, cases[i].label);
		CHECK_EQ(locks(), 0, cases[i].label);
	}
}

/* A lock that has run out is off for a stranger too, and counting begins anew. */
static void
test_P10_same_end(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		UADM u = { 0 };

		one_user(state);
		raw_sql(cases[i].sql);
		open_host(&u);
		guess(&u, cases[i].name, "there", 5);
		raw_sql("UPDATE lockout SET since = since - 900000;"
			"UPDATE attempt SET started = started - 900000");
		guess(&u, cases[i].name, "there", 1);
		CHECK_EQ(failures(), 1, cases[i].label);
		CHECK_EQ(locks(), 0, cases[i].label);
	}
}

/* P28: nothing that a stranger can make long or many, and nothing in the trail. */
static void
test_P28_small(void **state)
{
	char longest[256];
	UADM u = { 0 };
	int64_t trail;

	one_user(state);
	memset(longest, 'h', sizeof(longest) - 1);
	longest[255] = '\0';
	open_host(&u);
	trail = raw_int("SELECT count(*) FROM audit");
	guess(&u, "zq-nobody", longest, 8);
	guess(&u, longest, longest, 8);
	CHECK_EQ(failures(), 10, "rows");
	CHECK_EQ(raw_int("SELECT max(length(source)) <= 10 FROM attempt"), 1, "source");
	CHECK_EQ(raw_int("SELECT count(service) FROM attempt"), 0, "service");
	CHECK_EQ(raw_int("SELECT count(*) FROM attempt "
			 "WHERE uid NOT BETWEEN 1 << 31 AND (1 << 31) + 4095"),
	    0, "buckets");
	CHECK_EQ(raw_int("SELECT count(*) FROM audit"), trail, "audit trail");
}

/* P28: maintain forgets what counts no more, of strangers alone. */
static void
test_P28_forgotten(void **state)
{
	struct ending e = { 0 };
	int64_t steady;
	struct uadm_err err;
	UADM u = { 0 };

	one_user(state);
	open_host(&u);
	guess(&u, NAME, "there", 4);
	guess(&u, "zq-nobody", "there", 5);
	CHECK_OK(op_maintain(&u, &e, &err));
	CHECK_EQ(strangers_failures(), 5, "still counts");
	CHECK_EQ(locks(), 1, "still counts");
	raw_sql("UPDATE attempt SET started = started - 900000;"
		"UPDATE lockout SET since = since - 900000");
	CHECK_OK(op_maintain(&u, &e, &err));
	CHECK_EQ(strangers_failures(), 0, "forgotten");
	CHECK_EQ(failures(), 4, "a user's");
	CHECK_EQ(locks(), 0, "the lock");
	/* Nothing left to forget: nothing is written, each minute for ever. */
	steady = raw_int("SELECT steady_last FROM meta");
	CHECK_OK(op_maintain(&u, &e, &err));
	CHECK_EQ(raw_int("SELECT steady_last FROM meta"), steady, "written to");
	ending_wipe(&e);
}

/* P28: a lock that holds until somebody takes it off would be a stranger's for ever. */
static void
test_P28_forgotten_without_lock_time(void **state)
{
	struct ending e = { 0 };
	struct uadm_err err;
	UADM u = { 0 };

	one_user(state);
	raw_sql("INSERT INTO policy (account, key, value) VALUES (0, 'lock-time', 0)");
	open_host(&u);
	guess(&u, NAME, "there", 5);
	guess(&u, "zq-nobody", "there", 5);
	CHECK_OK(op_maintain(&u, &e, &err));
	CHECK_EQ(locks(), 2, "within the interval");
	raw_sql("UPDATE attempt SET started = started - 900000;"
		"UPDATE lockout SET since = since - 900000");
	CHECK_OK(op_maintain(&u, &e, &err));
	CHECK_EQ(locks(), 1, "the stranger's went");
	CHECK_EQ(raw_int("SELECT count(*) FROM lockout WHERE uid >= 1 << 31"), 0,
	    "a user's holds");
	ending_wipe(&e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_P10_same_books),
		cmocka_unit_test(test_P10_same_waiting),
		cmocka_unit_test(test_P10_same_source_limit),
		cmocka_unit_test(test_P10_same_end),
		cmocka_unit_test(test_P28_small),
		cmocka_unit_test(test_P28_forgotten),
		cmocka_unit_test(test_P28_forgotten_without_lock_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
