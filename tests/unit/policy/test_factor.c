/* Which factor is due, and what becomes of what was typed: by table. */
#include "libuadm/policy/factor.h"
#include "libuadm/policy/login.h"
#include "libuadm/policy/settings.h"

#include "tests/unit/check.h"

enum { DAY = 86400, NOW = 100 * DAY };

static struct policy
policy_with(int64_t require, int64_t grace, int64_t on_key)
{
	struct policy p = policy_shipped();

	p.require_factor = require;
	p.factor_grace = grace;
	p.factor_on_key = on_key;
	return p;
}

static void
test_need(void **state)
{
	static const struct {
		const char *label;
		int64_t require, grace;
		bool asked, messages;
		enum factor_totp totp;
		int64_t since, now;
		enum factor_need want;
	} cases[] = {
		{ "nothing", 0, DAY, true, true, TOTP_NONE, NOW, NOW, FACTOR_FREE },
		{ "own wish", 0, 0, true, false, TOTP_THERE, 0, NOW, FACTOR_CODE },
		{ "not this service", 2, 0, false, false, TOTP_THERE, 0, NOW,
		    FACTOR_FREE },
		{ "pending is none", 0, 0, true, false, TOTP_PENDING, 0, NOW,
		    FACTOR_FREE },
		{ "app before message", 1, 0, true, true, TOTP_THERE, 0, NOW,
		    FACTOR_CODE },
		{ "any: message", 1, 0, true, true, TOTP_NONE, 0, NOW, FACTOR_MESSAGE },
		{ "totp: no message", 2, 0, true, true, TOTP_NONE, 0, NOW,
		    FACTOR_MISSING },
		{ "grace", 2, DAY, true, true, TOTP_NONE, NOW - DAY + 1, NOW,
		    FACTOR_ENROLL },
		{ "grace over", 2, DAY, true, false, TOTP_NONE, NOW - DAY, NOW,
		    FACTOR_MISSING },
		{ "any: grace", 1, DAY, true, false, TOTP_NONE, NOW, NOW,
		    FACTOR_ENROLL },
		{ "pending in grace", 2, DAY, true, false, TOTP_PENDING, NOW, NOW,
		    FACTOR_ENROLL },
		{ "no clock, no grace", 2, DAY, true, false, TOTP_NONE, 0, 0,
		    FACTOR_MISSING },
		{ "far future", 2, DAY, true, false, TOTP_NONE, INT64_MAX, NOW,
		    FACTOR_MISSING },
		{ "wrong sign", 2, DAY, true, false, TOTP_NONE, -1, NOW,
		    FACTOR_MISSING },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct policy p =
		    policy_with(cases[i].require, cases[i].grace, 0);
		const struct factor_facts f = { .policy = &p,
			.asked = cases[i].asked,
			.messages = cases[i].messages,
			.totp = cases[i].totp,
			.since = cases[i].since,
			.root = { p.require_factor, p.factor_grace, cases[i].since },
			.now = cases[i].now };

		CHECK_EQ(policy_factor(&f), cases[i].want, cases[i].label);
	}
	CHECK_EQ(policy_factor(&(struct factor_facts){ 0 }), FACTOR_MISSING, "zero");
}

/* An account's own rule over root's, within its own grace and after: root's holds all the while. */
static void
test_need_by_two_rules(void **state)
{
	static const struct {
		const char *label;
		int64_t root, own;
		bool messages;
		int64_t root_since, own_since;
		enum factor_need want;
	} cases[] = {
		{ "own alone", 0, 2, false, 0, NOW, FACTOR_ENROLL },
		{ "own alone, over", 0, 2, false, 0, NOW - DAY, FACTOR_MISSING },
		{ "both in time", 1, 2, false, NOW, NOW, FACTOR_ENROLL },
		{ "begun anew after root's is over", 1, 2, false, NOW - DAY, NOW,
		    FACTOR_MISSING },
		{ "the same by both", 2, 2, false, NOW - DAY, NOW, FACTOR_MISSING },
		{ "messages do for root", 1, 2, true, NOW - DAY, NOW, FACTOR_MESSAGE },
		{ "and not after the own grace", 1, 2, true, NOW, NOW - DAY,
		    FACTOR_MISSING },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct policy p = policy_with(cases[i].own, DAY, 0);
		const struct factor_facts f = { .policy = &p,
			.asked = true,
			.messages = cases[i].messages,
			.since = cases[i].own_since,
			.root = { cases[i].root, DAY, cases[i].root_since },
			.now = NOW };

		CHECK_EQ(policy_factor(&f), cases[i].want, cases[i].label);
	}
}

/* Every combination: W wrong, M missing, S send, E enroll, F fine. */
static void
test_verdict(void **state)
{
	static const char letters[] = "WMSEF";
	/* for each need, TOTP_NONE, PENDING, THERE; of each the given wrong, nothing, right */
	static const char *const want[] = { [FACTOR_MISSING] = "MMF WMF MMF",
		[FACTOR_CODE] = "WWF WWF WWF",
		[FACTOR_MESSAGE] = "WSF WSF WSF",
		[FACTOR_ENROLL] = "EEF WEF EEF",
		[FACTOR_FREE] = "FFF FFF FFF" };

	(void)state;
	for (int need = FACTOR_MISSING; need <= FACTOR_FREE; need++)
		for (int totp = TOTP_NONE; totp <= TOTP_THERE; totp++)
			for (int given = GIVEN_WRONG; given <= GIVEN_RIGHT; given++) {
				char label[40];

				snprintf(label, sizeof(label),
				    "need %d totp %d given %d", need, totp, given);
				CHECK_EQ(
				    letters[policy_factor_verdict(
					(enum factor_need)need, (enum factor_totp)totp,
					(enum factor_given)given)],
				    want[need][4 * totp + given], label);
			}
	CHECK_EQ(policy_factor_verdict(FACTOR_MISSING, TOTP_NONE, GIVEN_WRONG),
	    FACTOR_IS_MISSING, "zero is no success");
}

static void
test_key(void **state)
{
	static const struct {
		enum factor_need need;
		bool refuse, allow;
	} cases[] = { { FACTOR_MISSING, false, true }, { FACTOR_CODE, false, true },
		{ FACTOR_MESSAGE, false, true }, { FACTOR_ENROLL, true, true },
		{ FACTOR_FREE, true, true } };
	const struct policy refuse = policy_with(2, 0, ON_KEY_REFUSE),
			    allow = policy_with(2, 0, ON_KEY_ALLOW);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CHECK_EQ(policy_factor_key(&refuse, cases[i].need), cases[i].refuse,
		    "refuse");
		CHECK_EQ(
		    policy_factor_key(&allow, cases[i].need), cases[i].allow, "allow");
	}
}

/* After what holds for everybody, before what a password is due for. */
static void
test_place_in_the_verdict(void **state)
{
	const struct policy p = policy_shipped();
	struct user u = { .password_set = true, .must_change = true };
	struct login_facts f = { .user = &u,
		.policy = &p,
		.phase = LOGIN_ACCOUNT,
		.now = NOW,
		.by_password = true,
		.factor_missing = true };

	(void)state;
	CHECK_EQ(policy_login(&f).reason, LOGIN_FACTOR, "before a due change");
	CHECK_EQ(policy_login(&f).verdict, LOGIN_REFUSE, "and refused");
	u.suspended_at = 1;
	CHECK_EQ(policy_login(&f).reason, LOGIN_SUSPENDED, "after a suspension");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_need),
		cmocka_unit_test(test_need_by_two_rules),
		cmocka_unit_test(test_verdict),
		cmocka_unit_test(test_key),
		cmocka_unit_test(test_place_in_the_verdict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
