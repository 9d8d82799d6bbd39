/* A policy in layers: which value holds, whose word it is, and that an account's own never weakens
 * (S5). */
#include "libuadm/policy/overlay.h"

#include "libuadm/base/cleanup.h"
#include "libuadm/policy/lockout.h"
#include "tests/unit/check.h"

enum { NONE = -1 };

/* What is set in each layer, and what comes of it. */
static const struct {
	const char *label, *key;
	int64_t host, account, own, role, role_own;
	int64_t value;
	enum policy_layer from;
	int64_t floor;
} cases[] = {
	{ "nothing is set", "deny", 5, NONE, NONE, NONE, NONE, 5, POLICY_SHIPPED, 5 },
	{ "the host", "deny", 4, NONE, NONE, NONE, NONE, 4, POLICY_HOST, 4 },
	{ "an account, stricter", "deny", 5, 3, NONE, NONE, NONE, 3, POLICY_ACCOUNT,
	    3 },
	{ "an account, by root laxer", "deny", 5, 9, NONE, NONE, NONE, 9,
	    POLICY_ACCOUNT, 9 },
	{ "as the host has it", "deny", 4, 4, NONE, NONE, NONE, 4, POLICY_ACCOUNT, 4 },
	{ "its own", "deny", 5, NONE, 3, NONE, NONE, 3, POLICY_ACCOUNT_OWN, 5 },
	{ "S5 its own, weaker than the host by now", "deny", 2, NONE, 3, NONE, NONE, 2,
	    POLICY_HOST, 2 },
	{ "S5 its own, weaker than root's word", "deny", 5, 3, 4, NONE, NONE, 3,
	    POLICY_ACCOUNT, 3 },
	{ "its own below root's laxer word", "deny", 5, 9, 7, NONE, NONE, 7,
	    POLICY_ACCOUNT_OWN, 9 },
	{ "a role over the account", "deny", 5, 3, 2, 4, NONE, 4, POLICY_ROLE, 4 },
	{ "a role's own over the account's own", "deny", 5, NONE, 2, NONE, 4, 4,
	    POLICY_ROLE_OWN, 5 },
	{ "S5 a role's own, weaker than the host", "deny", 3, NONE, 2, NONE, 4, 2,
	    POLICY_ACCOUNT_OWN, 3 },
	{ "S5 a role's own, weaker than root's for it", "deny", 5, NONE, NONE, 2, 4, 2,
	    POLICY_ROLE, 2 },
	{ "a role's own, stricter", "deny", 5, NONE, NONE, 4, 2, 2, POLICY_ROLE_OWN,
	    4 },
	{ "more is stricter", "min-length", 10, NONE, 12, NONE, NONE, 12,
	    POLICY_ACCOUNT_OWN, 10 },
	{ "S5 less is not", "min-length", 12, NONE, 11, NONE, NONE, 12, POLICY_HOST,
	    12 },
	{ "0 is for ever: the strictest", "lock-time", 900, NONE, 0, NONE, NONE, 0,
	    POLICY_ACCOUNT_OWN, 900 },
	{ "S5 nothing is stricter", "lock-time", 0, NONE, 31536000, NONE, NONE, 0,
	    POLICY_HOST, 0 },
	{ "0 is any age: the laxest", "max-age", 0, NONE, 86400, NONE, NONE, 86400,
	    POLICY_ACCOUNT_OWN, 0 },
	{ "S5 back to any age", "max-age", 86400, NONE, 0, NONE, NONE, 86400,
	    POLICY_HOST, 86400 },
	{ "S5 a yes stays one", "dictionary", 1, NONE, 0, NONE, NONE, 1, POLICY_SHIPPED,
	    1 },
	{ "neither is stricter", "warn", 604800, NONE, 0, NONE, NONE, 0,
	    POLICY_ACCOUNT_OWN, 604800 },
};

static void
test_S5_which_holds(void **state)
{
	struct uadm_err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const int64_t values[] = { cases[i].account, cases[i].own,
			cases[i].role, cases[i].role_own };
		const struct setting *s = setting_find(cases[i].key);
		struct policy_layers l = { .host = policy_shipped() };
		struct policy laid;
		struct policy_word w;

		CHECK_OK(policy_put(&l.host, s, cases[i].host, &err));
		for (size_t j = 0; j < ARRAY_LEN(values); j++)
			if (values[j] != NONE)
				CHECK_OK(policy_layer_put(&l,
				    (enum policy_layer)(POLICY_ACCOUNT + (int)j), s,
				    values[j], &err));
		w = policy_word(&l, s);
		CHECK_EQ(w.value, cases[i].value, cases[i].label);
		CHECK_EQ(w.from, cases[i].from, cases[i].label);
		CHECK_EQ(w.floor, cases[i].floor, cases[i].label);
		laid = policy_laid(&l);
		for (size_t j = 0; j < setting_count; j++)
			CHECK_EQ(policy_get(&laid, &settings[j]),
			    &settings[j] == s ? cases[i].value : settings[j].shipped,
			    cases[i].label);
		laid = policy_floor(&l);
		CHECK_EQ(policy_get(&laid, s), cases[i].floor, cases[i].label);
		for (int layer = 0; layer < POLICY_LAYERS; layer++)
			policy_layer_drop(&l, (enum policy_layer)layer, s);
		CHECK_EQ(policy_word(&l, s).value, cases[i].host, cases[i].label);
	}
}

/* Bounds hold in each layer; the lowest two are no place to put anything; and what would tell users from
 * unknown names is the host's (P10). */
static void
test_refused(void **state)
{
	struct policy_layers l = { .host = policy_shipped() };
	const struct setting *deny = setting_find("deny");
	struct uadm_err err;

	(void)state;
	for (int layer = POLICY_ACCOUNT; layer < POLICY_LAYERS; layer++) {
		enum policy_layer at = (enum policy_layer)layer;

		CHECK_FAILS(UADM_INVALID, policy_layer_put(&l, at, deny, 0, &err));
		CHECK_FAILS(UADM_INVALID, policy_layer_put(&l, at, deny, 1001, &err));
		CHECK_FAILS(UADM_INVALID,
		    policy_layer_put(&l, at, setting_find("fail-delay"), 2, &err));
	}
	CHECK_FAILS(UADM_INTERNAL, policy_layer_put(&l, POLICY_HOST, deny, 3, &err));
	CHECK_FAILS(UADM_INTERNAL, policy_layer_put(&l, POLICY_SHIPPED, deny, 3, &err));
	CHECK_FAILS(UADM_INTERNAL, policy_layer_put(&l, POLICY_LAYERS, deny, 3, &err));
	CHECK_EQ(policy_word(&l, deny).from, POLICY_SHIPPED, "nothing was set");
}

/* Whatever counts by one of the two counts by the wider one of them. */
static void
test_widest(void **state)
{
	static const int64_t times[] = { 0, 1, 900, 901, 31536000 };

	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_LEN(times) * ARRAY_LEN(times); i++) {
		struct policy p = policy_shipped(), q = p;

		p.lock_time = times[i / 2 % ARRAY_LEN(times)];
		q.lock_time = times[i / 2 / ARRAY_LEN(times)];
		q.interval = i % 2 == 0 ? 60 : 6000;
		const struct attempt_window a = policy_lockout_window(&p, 1000000),
					    b = policy_lockout_window(&q, 1000000);

		policy_lockout_widen(&p, &q);
		const struct attempt_window w = policy_lockout_window(&p, 1000000);

		CHECK_EQ(w.since, a.since < b.since ? a.since : b.since, "since");
		CHECK_EQ(w.lock_over,
		    a.lock_over < b.lock_over ? a.lock_over : b.lock_over, "lock_over");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_S5_which_holds),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_widest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
