#include "libuadm/policy/code.h"

#include "libuadm/base/cleanup.h"
#include "libuadm/policy/login.h"
#include "libuadm/policy/settings.h"
#include "tests/unit/check.h"

#include <string.h>

enum { NOW = 1000000 };

static const struct user ada = {
	.uid = 30000, .name = "ada", .email = "ada@example.org", .password_set = true
};

/* Each changes one thing of what is sent a code. */
#define CHANGE(name, what)                                                             \
	static void name(struct user *u, struct self_reset_facts *f, struct policy *p) \
	{                                                                              \
		(void)u;                                                               \
		(void)f;                                                               \
		(void)p;                                                               \
		what;                                                                  \
	}

CHANGE(nothing, )
CHANGE(capitals, f->email = "ADA@Example.ORG")
CHANGE(no_password, u->password_set = false)
CHANGE(invited, u->invited = true; u->account = 20000; u->member = MEMBER_PENDING)
CHANGE(rested, f->fresh_until = NOW)
CHANGE(off, p->self_reset = 0)
CHANGE(no_mail, f->mail = false)
CHANGE(nobody, f->user = NULL)
CHANGE(service, u->kind = USER_SERVICE)
CHANGE(other, f->email = "eve@example.org")
CHANGE(no_address, u->email[0] = '\0'; f->email = "")
CHANGE(suspended, u->suspended_at = 1)
CHANGE(over, u->expires_at = NOW)
CHANGE(early, u->valid_from = NOW + 1)
CHANGE(ended, u->account = 20000; u->member = MEMBER_ENDED)
CHANGE(account, u->account = 20000; u->member = MEMBER_PENDING;
       u->account_suspended = true)
CHANGE(elsewhere, f->elsewhere = true)
CHANGE(administrator, f->administrator = true)
CHANGE(fresh, f->fresh_until = NOW + 1)
CHANGE(no_clock, u->expires_at = NOW + 5; f->now = 0)

static const struct {
	const char *label;
	void (*change)(struct user *u, struct self_reset_facts *f, struct policy *p);
	enum self_reset_answer want;
} cases[] = {
	{ "the right address", nothing, SELF_RESET_SEND },
	{ "in capitals", capitals, SELF_RESET_SEND },
	{ "no password yet", no_password, SELF_RESET_SEND },
	{ "F19: invited", invited, SELF_RESET_SEND },
	{ "the last one is old", rested, SELF_RESET_SEND },
	{ "off by policy", off, SELF_RESET_OFF },
	{ "no mailer", no_mail, SELF_RESET_OFF },
	{ "nobody's name", nobody, SELF_RESET_UNKNOWN },
	{ "a service", service, SELF_RESET_SERVICE },
	{ "another address", other, SELF_RESET_OTHER_ADDRESS },
	{ "none at all", no_address, SELF_RESET_OTHER_ADDRESS },
	{ "suspended", suspended, SELF_RESET_REFUSED },
	{ "expired", over, SELF_RESET_REFUSED },
	{ "not yet valid", early, SELF_RESET_REFUSED },
	{ "out of the account", ended, SELF_RESET_REFUSED },
	{ "the account suspended", account, SELF_RESET_REFUSED },
	{ "bound to others", elsewhere, SELF_RESET_REFUSED },
	{ "an end, and no clock", no_clock, SELF_RESET_REFUSED },
	{ "an administrator", administrator, SELF_RESET_ADMINISTRATOR },
	{ "a moment ago", fresh, SELF_RESET_FRESH },
};

static void
test_F67_who_is_sent_one(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct policy p = policy_shipped();
		struct user u = ada;
		struct self_reset_facts f = {
			.user = &u, .email = ada.email, .mail = true, .now = NOW
		};

		cases[i].change(&u, &f, &p);
		CHECK_EQ(policy_self_reset(&p, &f), cases[i].want, cases[i].label);
		assert_true(strlen(policy_self_reset_text(cases[i].want)) > 5);
	}
}

static void
test_lifetimes(void **state)
{
	const struct policy p = policy_shipped();

	(void)state;
	assert_int_equal(policy_code_lifetime(&p, CODE_INVITATION), 7 * 86400);
	assert_int_equal(policy_code_lifetime(&p, CODE_RESET), 86400);
	assert_int_equal(policy_code_lifetime(&p, CODE_SELF), 86400);
	assert_int_equal(policy_code_lifetime(&p, CODE_NONE), 0);
}

/* What a code is let in to, and what an invitation and a temporary password are without one. */
static const struct {
	const char *label;
	struct user user;
	bool by_code, by_password;
	enum login_phase phase;
	enum login_verdict verdict;
	enum login_reason reason;
} logins[] = {
	{ "code", { .password_set = true }, true, true, LOGIN_AUTH, LOGIN_CHANGE,
	    LOGIN_CODE },
	{ "code, no password", { 0 }, true, true, LOGIN_AUTH, LOGIN_CHANGE,
	    LOGIN_CODE },
	{ "code, account phase", { 0 }, true, true, LOGIN_ACCOUNT, LOGIN_CHANGE,
	    LOGIN_CODE },
	{ "code, no session", { .password_set = true }, true, true, LOGIN_SESSION,
	    LOGIN_CHANGE, LOGIN_CODE },
	{ "code, invited", { .invited = true }, true, true, LOGIN_AUTH, LOGIN_CHANGE,
	    LOGIN_CODE },
	{ "code, pending", { .account = 1, .member = MEMBER_PENDING }, true, true,
	    LOGIN_AUTH, LOGIN_CHANGE, LOGIN_CODE },
	{ "code, suspended", { .suspended_at = 1 }, true, true, LOGIN_AUTH,
	    LOGIN_REFUSE, LOGIN_SUSPENDED },
	{ "code, out", { .account = 1 }, true, true, LOGIN_AUTH, LOGIN_REFUSE,
	    LOGIN_PRINCIPAL_ENDED },
	{ "code, service", { .kind = USER_SERVICE }, true, true, LOGIN_AUTH,
	    LOGIN_REFUSE, LOGIN_SERVICE_PASSWORD },
	{ "key, invited", { .invited = true }, false, false, LOGIN_ACCOUNT,
	    LOGIN_REFUSE, LOGIN_INVITED },
	{ "key, invited, member",
	    { .invited = true, .account = 1, .member = MEMBER_ACTIVE }, false, false,
	    LOGIN_SESSION, LOGIN_REFUSE, LOGIN_INVITED },
	{ "password, invited", { .invited = true, .password_set = true }, false, true,
	    LOGIN_AUTH, LOGIN_REFUSE, LOGIN_INVITED },
	{ "temporary",
	    { .password_set = true,
		.password_changed_at = 1,
		.must_change = true,
		.temporary_until = NOW + 1 },
	    false, true, LOGIN_AUTH, LOGIN_CHANGE, LOGIN_MUST_CHANGE },
	{ "temporary, over",
	    { .password_set = true,
		.password_changed_at = 1,
		.must_change = true,
		.temporary_until = NOW },
	    false, true, LOGIN_AUTH, LOGIN_REFUSE, LOGIN_TEMPORARY_OVER },
	{ "temporary, over, by code", { .password_set = true, .temporary_until = 1 },
	    true, true, LOGIN_AUTH, LOGIN_CHANGE, LOGIN_CODE },
};

static void
test_F18_F55_logins(void **state)
{
	const struct policy p = policy_shipped();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(logins); i++) {
		const struct login_answer a =
		    policy_login(&(struct login_facts){ .user = &logins[i].user,
			.policy = &p,
			.phase = logins[i].phase,
			.now = NOW,
			.by_password = logins[i].by_password,
			.by_code = logins[i].by_code });

		CHECK_EQ(a.reason, logins[i].reason, logins[i].label);
		CHECK_EQ(a.verdict, logins[i].verdict, logins[i].label);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_F67_who_is_sent_one),
		cmocka_unit_test(test_lifetimes),
		cmocka_unit_test(test_F18_F55_logins) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
