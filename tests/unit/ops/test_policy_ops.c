/* What an administrator decides: kept, all or none, and mended when other hands wrote it. */
#include "libuadm/ops/policy.h"

#include "tests/unit/ops/host.h"

static const struct policy_whose host = { 0 };

static struct setting_change
change(const char *key, int64_t value)
{
	return (struct setting_change){ .setting = setting_find(key), .value = value };
}

static void
test_set(void **state)
{
	UADM u = { 0 };
	struct setting_change two[] = { change("deny", 3), change("lock-time", 0) };
	struct setting_change back = change("deny", 0);
	struct uadm_err err;
	struct policy is;
	bool changed;

	(void)state;
	open_host(&u);
	assert_int_equal(u.policy.deny, 5);
	CHECK_OK(op_policy_set(&u, &host, two, 2, &is, &changed, &err));
	assert_true(changed);
	assert_int_equal(u.policy.deny, 3);
	uadm_close(&u);
	open_host(&u);
	assert_int_equal(u.policy.deny, 3);
	assert_int_equal(u.policy.lock_time, 0);
	assert_int_equal(
	    raw_int("SELECT count(*) FROM audit WHERE action = 'policy.set' "
		    "AND detail = 'deny=3 (was 5) lock-time=0 (was 15m)'"),
	    1);
	CHECK_OK(op_policy_set(&u, &host, two, 2, &is, &changed, &err));
	assert_false(changed);
	back.reset = true;
	CHECK_OK(op_policy_set(&u, &host, &back, 1, &is, &changed, &err));
	assert_true(changed);
	assert_int_equal(u.policy.deny, 5);
	assert_int_equal(raw_int("SELECT count(*) FROM policy"), 1);
}

static void
test_all_or_none(void **state)
{
	UADM u = { 0 };
	struct setting_change bad[] = { change("deny", 3), change("history", 51) };
	struct setting_change clash[] = { change("min-age", 10),
		change("max-age", 10) };
	struct setting_change good[] = { change("deny", 3) };
	struct uadm_err err;
	struct policy is;
	bool changed;

	(void)state;
	open_host(&u);
	CHECK_FAILS(
	    UADM_INVALID, op_policy_set(&u, &host, bad, 2, &is, &changed, &err));
	CHECK_HAS(err.msg, "between 0 and 50");
	CHECK_FAILS(
	    UADM_INVALID, op_policy_set(&u, &host, clash, 2, &is, &changed, &err));
	u.dry_run = true;
	CHECK_OK(op_policy_set(&u, &host, good, 1, &is, &changed, &err));
	assert_true(changed);
	assert_int_equal(u.policy.deny, 5);
	assert_int_equal(raw_int("SELECT count(*) FROM policy"), 0);
}

/* Zero refuses: nobody is judged by a policy that nobody can have set. */
static void
test_other_hands(void **state)
{
	static const char *const hands[] = {
		"INSERT INTO policy (account, key, value) VALUES (0, 'deny', 0)",
		"INSERT INTO policy (account, key, value) VALUES (0, 'deny', 100000)",
		"INSERT INTO policy (account, key, value) VALUES (0, 'nonsense', 1)",
		"INSERT INTO policy (account, key, value) VALUES (0, 'min-age', 5), (0, 'max-age', 5)",
	};
	struct setting_change back[] = { { .setting = setting_find("deny"),
	    .reset = true } };
	struct uadm_err err;
	struct policy is;
	bool changed;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(hands); i++) {
		UADM u = { 0 };

		raw_sql("DELETE FROM policy");
		raw_sql(hands[i]);
		CHECK_FAILS(UADM_UNAVAILABLE, uadm_open(&u, CONF, &err));
		if (i >= 2)
			continue; /* another key is what has to go there */
		CHECK_HAS(err.hint, "policy set KEY default");
		assert_non_null(u.store);
		CHECK_OK(op_policy_set(&u, &host, back, 1, &is, &changed, &err));
		assert_true(changed);
		uadm_close(&u);
		open_host(&u);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_set, empty_host),
		cmocka_unit_test_setup(test_all_or_none, empty_host),
		cmocka_unit_test_setup(test_other_hands, empty_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
