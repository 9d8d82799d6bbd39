/* The rules by table: may this login go on, how many guesses. */
#include "libuadm/policy/lockout.h"
#include "libuadm/policy/login.h"
#include "libuadm/policy/settings.h"

#include "tests/unit/check.h"

enum { NOW = 1000 };

/* One user in every phase. The verdict follows from the reason. */
static const struct {
	const char *label;
	struct user user;
	bool locked, by_password, lock_keys;
	enum login_reason auth, account, session;
	const char *status;
} logins[] = {
	{ "fine", { .password_set = true }, false, false, false, LOGIN_FINE, LOGIN_FINE,
	    LOGIN_FINE, "active" },
	{ "no password", { 0 }, false, false, false, LOGIN_NO_PASSWORD, LOGIN_FINE,
	    LOGIN_FINE, "active" },
	{ "suspended (P7)", { .password_set = true, .suspended_at = 1 }, false, true,
	    false, LOGIN_SUSPENDED, LOGIN_SUSPENDED, LOGIN_SUSPENDED, "suspended" },
	{ "suspended in the future is suspended",
	    { .password_set = true, .suspended_at = NOW + 9 }, false, true, false,
	    LOGIN_SUSPENDED, LOGIN_SUSPENDED, LOGIN_SUSPENDED, "suspended" },
	{ "begins in a second", { .password_set = true, .valid_from = NOW + 1 }, false,
	    true, false, LOGIN_NOT_YET_VALID, LOGIN_NOT_YET_VALID, LOGIN_NOT_YET_VALID,
	    "inactive" },
	{ "begins now", { .password_set = true, .valid_from = NOW }, false, true, false,
	    LOGIN_FINE, LOGIN_FINE, LOGIN_FINE, "active" },
	{ "ends in a second", { .password_set = true, .expires_at = NOW + 1 }, false,
	    true, false, LOGIN_FINE, LOGIN_FINE, LOGIN_FINE, "active" },
	{ "ends now", { .password_set = true, .expires_at = NOW }, false, true, false,
	    LOGIN_EXPIRED, LOGIN_EXPIRED, LOGIN_EXPIRED, "expired" },
	{ "ended in the beginning", { .password_set = true, .expires_at = 1 }, false,
	    true, false, LOGIN_EXPIRED, LOGIN_EXPIRED, LOGIN_EXPIRED, "expired" },
	{ "service", { .kind = USER_SERVICE }, false, false, false,
	    LOGIN_SERVICE_PASSWORD, LOGIN_FINE, LOGIN_FINE, "active" },
	{ "service with a password", { .kind = USER_SERVICE, .password_set = true },
	    false, true, false, LOGIN_SERVICE_PASSWORD, LOGIN_FINE, LOGIN_FINE,
	    "active" },
	{ "locked", { .password_set = true }, true, false, false, LOGIN_LOCKED,
	    LOGIN_FINE, LOGIN_FINE, "locked" },
	{ "locked, keys too", { .password_set = true }, true, false, true, LOGIN_LOCKED,
	    LOGIN_LOCKED, LOGIN_LOCKED, "locked" },
	{ "change due, by password", { .password_set = true, .must_change = true },
	    false, true, false, LOGIN_MUST_CHANGE, LOGIN_MUST_CHANGE, LOGIN_MUST_CHANGE,
	    "active" },
	{ "change due, by key", { .password_set = true, .must_change = true }, false,
	    false, false, LOGIN_FINE, LOGIN_FINE, LOGIN_FINE, "active" },
	{ "change due, no password", { .must_change = true }, false, true, false,
	    LOGIN_NO_PASSWORD, LOGIN_FINE, LOGIN_FINE, "active" },
/* the principal account comes first (F4, F76, P7) */
#define IN(...)                                                                        \
	{                                                                              \
		.password_set = true, .account = 7, __VA_ARGS__                        \
	}
#define OUT(reason) false, true, false, reason, reason, reason
	{ "active in the principal account", IN(.member = MEMBER_ACTIVE), false, true,
	    false, LOGIN_FINE, LOGIN_FINE, LOGIN_FINE, "active" },
	{ "pending (P7)", IN(.member = MEMBER_PENDING), OUT(LOGIN_INVITED), "invited" },
	/* ... and what keeps the code out as well comes before that */
	{ "pending and suspended", IN(.member = MEMBER_PENDING, .suspended_at = 1),
	    OUT(LOGIN_SUSPENDED), "suspended" },
	{ "pending and not begun", IN(.member = MEMBER_PENDING, .valid_from = NOW + 1),
	    OUT(LOGIN_NOT_YET_VALID), "inactive" },
	{ "pending and over", IN(.member = MEMBER_PENDING, .expires_at = NOW),
	    OUT(LOGIN_EXPIRED), "expired" },
	{ "invited and suspended", { .invited = true, .suspended_at = 1 },
	    OUT(LOGIN_SUSPENDED), "suspended" },
	{ "suspended there (P7)", IN(.member = MEMBER_SUSPENDED),
	    OUT(LOGIN_PRINCIPAL_SUSPENDED), "principal-suspended" },
	{ "revoked (P7)", IN(.member = MEMBER_ENDED), OUT(LOGIN_PRINCIPAL_ENDED),
	    "principal-suspended" },
	{ "a word that nobody knows is out", IN(), OUT(LOGIN_PRINCIPAL_ENDED),
	    "principal-suspended" },
	{ "the account is suspended (P7)",
	    IN(.member = MEMBER_ACTIVE, .account_suspended = true),
	    OUT(LOGIN_ACCOUNT_SUSPENDED), "principal-suspended" },
	{ "ends now, written down or not",
	    IN(.member = MEMBER_ACTIVE, .member_ends_at = NOW),
	    OUT(LOGIN_PRINCIPAL_ENDED), "principal-suspended" },
	{ "ends in a second", IN(.member = MEMBER_ACTIVE, .member_ends_at = NOW + 1),
	    false, true, false, LOGIN_FINE, LOGIN_FINE, LOGIN_FINE, "active" },
	{ "before the user's own suspension (F4)",
	    IN(.member = MEMBER_SUSPENDED, .suspended_at = 1, .expires_at = 1),
	    OUT(LOGIN_PRINCIPAL_SUSPENDED), "principal-suspended" },
	{ "the user's own suspension as well",
	    IN(.member = MEMBER_ACTIVE, .suspended_at = 1), OUT(LOGIN_SUSPENDED),
	    "suspended" },
#undef IN
#undef OUT
	/* the order of reasons: each row has all that come after its own */
	{ "suspended first",
	    { .kind = USER_SERVICE,
		.suspended_at = 1,
		.valid_from = NOW + 1,
		.expires_at = 1,
		.must_change = true },
	    true, true, true, LOGIN_SUSPENDED, LOGIN_SUSPENDED, LOGIN_SUSPENDED,
	    "suspended" },
	{ "then not yet valid",
	    { .kind = USER_SERVICE,
		.valid_from = NOW + 1,
		.expires_at = 1,
		.must_change = true },
	    true, true, true, LOGIN_NOT_YET_VALID, LOGIN_NOT_YET_VALID,
	    LOGIN_NOT_YET_VALID, "inactive" },
	{ "then expired",
	    { .kind = USER_SERVICE, .expires_at = 1, .must_change = true }, true, true,
	    true, LOGIN_EXPIRED, LOGIN_EXPIRED, LOGIN_EXPIRED, "expired" },
	{ "then service", { .kind = USER_SERVICE, .must_change = true }, true, true,
	    true, LOGIN_SERVICE_PASSWORD, LOGIN_LOCKED, LOGIN_LOCKED, "locked" },
	{ "then no password", { .must_change = true }, true, true, true,
	    LOGIN_NO_PASSWORD, LOGIN_LOCKED, LOGIN_LOCKED, "locked" },
	{ "then locked", { .password_set = true, .must_change = true }, true, true,
	    true, LOGIN_LOCKED, LOGIN_LOCKED, LOGIN_LOCKED, "locked" },
	{ "then change", { .password_set = true, .must_change = true }, true, true,
	    false, LOGIN_LOCKED, LOGIN_MUST_CHANGE, LOGIN_MUST_CHANGE, "locked" },
};

static void
test_logins(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(logins); i++) {
		const struct policy p = { .lock_keys = logins[i].lock_keys };
		const enum login_reason want[] = { logins[i].auth, logins[i].account,
			logins[i].session };

		for (int phase = LOGIN_AUTH; phase <= LOGIN_SESSION; phase++) {
			struct login_facts f = { .user = &logins[i].user,
				.policy = &p,
				.phase = (enum login_phase)phase,
				.now = NOW,
				.locked = logins[i].locked,
				.by_password = logins[i].by_password,
				.for_services = true };
			struct login_answer a = policy_login(&f), other;

			CHECK_EQ(a.reason, want[phase], logins[i].label);
			CHECK_EQ(a.verdict,
			    a.reason == LOGIN_FINE              ? LOGIN_ALLOW
				: a.reason == LOGIN_MUST_CHANGE ? LOGIN_CHANGE
								: LOGIN_REFUSE,
			    logins[i].label);
			/* F45: by another PAM service only persons get in. */
			f.for_services = false;
			other = policy_login(&f);
			CHECK_EQ(other.reason,
			    logins[i].user.kind == USER_SERVICE &&
				    (a.verdict == LOGIN_ALLOW ||
					a.reason > LOGIN_SERVICE_ELSEWHERE)
				? LOGIN_SERVICE_ELSEWHERE
				: a.reason,
			    logins[i].label);
		}
		CHECK_TEXT(policy_login_status(&logins[i].user, logins[i].locked, NOW),
		    logins[i].status, logins[i].label);
	}
}

static void
test_nobody(void **state)
{
	struct login_answer a;

	(void)state;
	for (int phase = LOGIN_AUTH; phase <= LOGIN_SESSION; phase++) {
		a = policy_login(
		    &(struct login_facts){ .phase = (enum login_phase)phase });
		CHECK_EQ(a.verdict, LOGIN_REFUSE, "unknown");
		CHECK_EQ(a.reason, LOGIN_UNKNOWN, "unknown");
		a = policy_login(&(struct login_facts){
		    .user = &logins[0].user, .phase = (enum login_phase)phase });
		CHECK_EQ(a.verdict, LOGIN_REFUSE, "without a policy nobody");
		/* P13: with a clock that cannot be read nothing with an end is good. */
		a = policy_login(
		    &(struct login_facts){ .phase = (enum login_phase)phase,
			.policy = &(struct policy){ 0 },
			.user = &(struct user){
			    .password_set = true, .expires_at = NOW + 1 } });
		CHECK_EQ(a.reason, LOGIN_EXPIRED, "no clock");
	}
	a = (struct login_answer){ 0 }; /* a cleared answer refuses */
	CHECK_EQ(a.verdict, LOGIN_REFUSE, "cleared");
	for (int r = LOGIN_UNKNOWN; r <= LOGIN_FINE; r++) {
		assert_true(*policy_login_reason_word((enum login_reason)r) != '\0');
		assert_true(*policy_login_reason_text((enum login_reason)r) != '\0');
	}
	CHECK_TEXT(
	    policy_login_reason_word((enum login_reason)99), "unknown", "no such word");
}

static void
test_lockout(void **state)
{
	static const struct policy shipped = { 5, 900, 900, 5, 3 };
	static const struct policy forever = { 5, 900, 0, 5, 3 };
	static const struct policy strict = { 5, 900, 900, 2, 3 };
	static const struct {
		const char *label;
		const struct policy *p;
		struct lockout_facts f;
		int64_t now;
		enum lockout_answer want;
	} cases[] = {
		{ "first", &shipped, { 0 }, 0, LOCKOUT_ADMIT },
		{ "fifth, from a console", &shipped,
		    { .failures = 4,
			.source_failures = 4,
			.source = LOCKOUT_FROM_CONSOLE },
		    0, LOCKOUT_ADMIT },
		{ "sixth", &shipped, { .failures = 5 }, 0, LOCKOUT_LOCKED },
		{ "far beyond", &shipped, { .failures = 500 }, 0, LOCKOUT_LOCKED },
		{ "four flying", &shipped, { .in_flight = 4 }, 0, LOCKOUT_ADMIT },
		{ "five flying", &shipped, { .in_flight = 5 }, 0, LOCKOUT_WAIT },
		{ "both", &shipped, { .failures = 2, .in_flight = 3 }, 0,
		    LOCKOUT_WAIT },
		{ "both, one left", &shipped, { .failures = 2, .in_flight = 2 }, 0,
		    LOCKOUT_ADMIT },
		{ "locked", &shipped, { .locked = true, .locked_at = 100 }, 900099,
		    LOCKOUT_LOCKED },
		{ "lock over", &shipped, { .locked = true, .locked_at = 100 }, 900100,
		    LOCKOUT_ADMIT },
		{ "until reset", &forever, { .locked = true, .locked_at = 100 },
		    INT64_MAX, LOCKOUT_LOCKED },
		{ "locked and flying", &shipped,
		    { .locked = true, .locked_at = 100, .in_flight = 5 }, 200,
		    LOCKOUT_LOCKED },
		{ "local, third", &shipped,
		    { .failures = 2,
			.source_failures = 2,
			.source = LOCKOUT_FROM_HERE },
		    0, LOCKOUT_ADMIT },
		{ "local, fourth", &shipped,
		    { .failures = 3,
			.source_failures = 3,
			.source = LOCKOUT_FROM_HERE },
		    0, LOCKOUT_SOURCE },
		{ "local, flying", &shipped,
		    { .failures = 2,
			.in_flight = 1,
			.source_failures = 2,
			.source_in_flight = 1,
			.source = LOCKOUT_FROM_HERE },
		    0, LOCKOUT_WAIT },
		{ "another local one", &shipped,
		    { .failures = 3, .source = LOCKOUT_FROM_HERE }, 0, LOCKOUT_ADMIT },
		{ "remote, fifth", &shipped,
		    { .failures = 4,
			.source_failures = 4,
			.source = LOCKOUT_FROM_AFAR },
		    0, LOCKOUT_ADMIT },
		{ "remote, strict", &strict,
		    { .failures = 2,
			.source_failures = 2,
			.source = LOCKOUT_FROM_AFAR },
		    0, LOCKOUT_SOURCE },
		{ "remote, strict, flying", &strict,
		    { .in_flight = 2,
			.source_in_flight = 2,
			.source = LOCKOUT_FROM_AFAR },
		    0, LOCKOUT_WAIT },
		{ "lock before source", &strict,
		    { .failures = 5,
			.source_failures = 5,
			.source = LOCKOUT_FROM_AFAR },
		    0, LOCKOUT_LOCKED },
		{ "source before waiting", &strict,
		    { .failures = 3,
			.in_flight = 2,
			.source_failures = 2,
			.source = LOCKOUT_FROM_AFAR },
		    0, LOCKOUT_SOURCE },
		/* P28: from here only its own failures count, and a lock by others */
		{ "local, others have failed", &shipped,
		    { .failures = 4, .in_flight = 9, .source = LOCKOUT_FROM_HERE }, 0,
		    LOCKOUT_ADMIT },
		{ "local, locked by others", &shipped,
		    { .failures = 5, .source = LOCKOUT_FROM_HERE }, 0, LOCKOUT_LOCKED },
		{ "local, lock is on", &shipped,
		    { .locked = true, .locked_at = 100, .source = LOCKOUT_FROM_HERE },
		    200, LOCKOUT_LOCKED },
		{ "remote, all flying from afar", &shipped,
		    { .in_flight = 5, .source = LOCKOUT_FROM_AFAR }, 0, LOCKOUT_WAIT },
	};
	struct policy d = policy_shipped();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		CHECK_EQ(policy_lockout(cases[i].p, &cases[i].f, cases[i].now),
		    cases[i].want, cases[i].label);
	assert_false(policy_lock_falls(&d, 4));
	assert_true(policy_lock_falls(&d, 5));
	assert_true(policy_lock_falls(&d, 6));
	CHECK_EQ(policy_source_limit(&d, LOCKOUT_FROM_HERE), 3, "local");
	CHECK_EQ(policy_source_limit(&strict, LOCKOUT_FROM_AFAR), 2, "remote");
	CHECK_EQ(policy_source_limit(&d, LOCKOUT_FROM_CONSOLE), 5, "console");
}

/* Which attempts count, in the milliseconds of the steady clock. */
static void
test_window(void **state)
{
	const struct policy p = { .deny = 5, .interval = 60, .lock_time = 30 };
	const struct policy forever = { .deny = 5, .interval = 60 };
	struct attempt_window w = policy_lockout_window(&p, 100000);

	(void)state;
	CHECK_EQ(w.now, 100000, "now");
	CHECK_EQ(w.since, 40000, "since");
	CHECK_EQ(w.lock_over, 70000, "a lock of then is over");
	assert_false(policy_lock_holds(&p, w.lock_over, w.now));
	assert_true(policy_lock_holds(&p, w.lock_over + 1, w.now));
	CHECK_EQ(policy_lock_ends(&p, w.lock_over), w.now, "its end");
	CHECK_EQ(policy_failure_ends(&p, w.since), w.now, "a failure's end");
	CHECK_EQ(policy_lockout_window(&forever, 100000).lock_over, INT64_MIN, "never");
}

/* Whatever is known, nobody is admitted who could become a sixth guess. */
static void
test_never_more_than_deny(void **state)
{
	const struct policy p = policy_shipped();

	(void)state;
	for (int failures = 0; failures < 8; failures++)
		for (int flying = 0; flying < 8; flying++) {
			const struct lockout_facts f = { .failures = failures,
				.in_flight = flying };
			bool admitted = policy_lockout(&p, &f, 0) == LOCKOUT_ADMIT;

			assert_int_equal(admitted, failures + flying < 5);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_logins),
		cmocka_unit_test(test_nobody),
		cmocka_unit_test(test_lockout),
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_never_more_than_deny),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
