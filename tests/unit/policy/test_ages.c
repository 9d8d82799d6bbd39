/* How old a password may become: due, inactive, told beforehand, and too young to be changed. */
#include "libuadm/policy/login.h"
#include "libuadm/policy/settings.h"

#include "tests/unit/check.h"

enum { DAY = 86400, NOW = 1000 * DAY };

/* 90 days, told in the last 7, changeable for 30 more; a day before it may be changed again. */
static const struct policy aging = {
	.min_age = DAY, .max_age = 90 * DAY, .warn = 7 * DAY, .inactive = 30 * DAY
};

struct facts {
	int64_t age; /* of the password; NEVER: none is set */
	bool must_change;
};
#define NEVER INT64_MAX

static struct user
user_with(struct facts f)
{
	return (struct user){ .must_change = f.must_change,
		.password_set = f.age != NEVER,
		.password_changed_at = f.age == NEVER ? 0 : NOW - f.age };
}

static struct login_answer
ask(const struct policy *p, struct facts f, enum login_phase phase, bool by_password)
{
	const struct user u = user_with(f);

	return policy_login(&(struct login_facts){ .user = &u,
	    .policy = p,
	    .phase = phase,
	    .now = NOW,
	    .by_password = by_password });
}

static void
test_ages(void **state)
{
	static const struct {
		const char *label;
		struct facts f;
		enum login_reason reason; /* of a login with the password */
		int64_t told;             /* seconds that it is told to have left */
		int64_t wait;             /* until its user may change it */
	} cases[] = {
		{ "new", { 0 }, LOGIN_FINE, 0, DAY },
		{ "a second before its user may", { DAY - 1 }, LOGIN_FINE, 0, 1 },
		{ "its user may", { DAY }, LOGIN_FINE, 0, 0 },
		{ "not told yet", { 83 * DAY - 1 }, LOGIN_FINE, 0, 0 },
		{ "told", { 83 * DAY }, LOGIN_FINE, 7 * DAY, 0 },
		{ "told in the last second", { 90 * DAY - 1 }, LOGIN_FINE, 1, 0 },
		{ "expired", { 90 * DAY }, LOGIN_PASSWORD_EXPIRED, 0, 0 },
		{ "expired, changeable", { 120 * DAY - 1 }, LOGIN_PASSWORD_EXPIRED, 0,
		    0 },
		{ "inactive", { 120 * DAY }, LOGIN_PASSWORD_INACTIVE, 0, 0 },
		{ "long ago", { NOW - 1 }, LOGIN_PASSWORD_INACTIVE, 0, 0 },
		{ "from the future: new", { -5 * DAY }, LOGIN_FINE, 0, 0 },
		{ "due, and young", { 0, true }, LOGIN_MUST_CHANGE, 0, 0 },
		{ "due, and to be told", { 85 * DAY, true }, LOGIN_MUST_CHANGE, 0, 0 },
		{ "due, and expired", { 90 * DAY, true }, LOGIN_MUST_CHANGE, 0, 0 },
		{ "due, and inactive", { 120 * DAY, true }, LOGIN_PASSWORD_INACTIVE, 0,
		    0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct user u = user_with(cases[i].f);
		enum login_verdict want = cases[i].reason == LOGIN_FINE ? LOGIN_ALLOW
		    : cases[i].reason == LOGIN_PASSWORD_INACTIVE        ? LOGIN_REFUSE
									: LOGIN_CHANGE;

		for (int phase = LOGIN_AUTH; phase <= LOGIN_SESSION; phase++) {
			struct login_answer a =
			    ask(&aging, cases[i].f, (enum login_phase)phase, true);

			CHECK_EQ(a.reason, cases[i].reason, cases[i].label);
			CHECK_EQ(a.verdict, want, cases[i].label);
			CHECK_EQ(a.expires_in, cases[i].told, cases[i].label);
		}
		/* by key, cron, sudo -u, ...: whatever the password's age */
		for (int phase = LOGIN_ACCOUNT; phase <= LOGIN_SESSION; phase++) {
			struct login_answer a =
			    ask(&aging, cases[i].f, (enum login_phase)phase, false);

			CHECK_EQ(a.verdict, LOGIN_ALLOW, cases[i].label);
			CHECK_EQ(a.expires_in, 0, cases[i].label);
		}
		CHECK_EQ(policy_password_due(&aging, &u, NOW), cases[i].reason,
		    cases[i].label);
		CHECK_EQ(policy_password_wait(&aging, &u, NOW), cases[i].wait,
		    cases[i].label);
		CHECK_EQ(policy_password_expires_at(&aging, &u),
		    NOW - cases[i].f.age + 90 * DAY, cases[i].label);
		/* as shipped nothing of it is on */
		const struct policy none = policy_shipped();
		CHECK_EQ(policy_password_due(&none, &u, NOW),
		    cases[i].f.must_change ? LOGIN_MUST_CHANGE : LOGIN_FINE,
		    cases[i].label);
		CHECK_EQ(policy_password_wait(&none, &u, NOW), 0, cases[i].label);
		CHECK_EQ(policy_password_expires_at(&none, &u), 0, cases[i].label);
	}
}

static void
test_no_password(void **state)
{
	const struct user u = user_with((struct facts){ NEVER, true });

	(void)state;
	CHECK_EQ(policy_password_due(&aging, &u, NOW), LOGIN_FINE, "due");
	CHECK_EQ(policy_password_wait(&aging, &u, NOW), 0, "wait");
	CHECK_EQ(policy_password_expires_at(&aging, &u), 0, "expires");
	CHECK_EQ(ask(&aging, (struct facts){ NEVER, true }, LOGIN_SESSION, true).reason,
	    LOGIN_FINE, "session");
}

/* 0 turns one thing off and nothing else; what other hands wrote makes no difference. */
static void
test_zero(void **state)
{
	static const struct policy unending = { .max_age = DAY, .warn = 0 };
	static const int64_t odd[] = { INT64_MIN, -1, 1, INT64_MAX };

	(void)state;
	CHECK_EQ(ask(&unending, (struct facts){ 900 * DAY }, LOGIN_AUTH, true).reason,
	    LOGIN_PASSWORD_EXPIRED, "inactive = 0: without an end");
	CHECK_EQ(
	    ask(&unending, (struct facts){ DAY - 1 }, LOGIN_ACCOUNT, true).expires_in,
	    0, "warn = 0: not told");
	for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
		const struct user u = { .password_set = true,
			.password_changed_at = odd[i] };

		CHECK_EQ(policy_password_due(&aging, &u, NOW),
		    odd[i] < NOW ? LOGIN_PASSWORD_INACTIVE : LOGIN_FINE, "odd time");
		assert_true(policy_password_wait(&aging, &u, NOW) <= aging.min_age);
		assert_true(policy_password_expires_at(&aging, &u) < INT64_MAX);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ages),
		cmocka_unit_test(test_no_password),
		cmocka_unit_test(test_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
