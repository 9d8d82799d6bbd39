/* Ages of passwords and lock-keys at the account phase, when a session opens, and as `user check`
 * and `user show` tell them: one answer everywhere. */
#include "libuadm/ops/show.h"
#include "libuadm/policy/settings.h"
#include "tests/unit/ops/host.h"

#define NAME "zq-alice"
enum { DAY = 86400 };

static struct uadm u;
static struct uadm_err err;
static const struct login_request sshd = { .name = NAME, .service = "sshd" };
static struct user alice;

static int
setup(void **state)
{
	empty_host(state);
	open_host(&u);
	alice = add_person(&u, NAME, PASSWORD);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	uadm_close(&u);
	return 0;
}

enum { BY_PASSWORD = 101, BY_KEY = 102 }; /* processes */

static struct login_request
request(pid_t pid)
{
	return (struct login_request){
		.name = NAME, .service = "test", .host = { pid, 7, 1 }
	};
}

static struct proof
prove(void)
{
	const struct login_request r = request(BY_PASSWORD);
	struct proof p;
	SECRET pw = { 0 };

	fill_secret(&pw, PASSWORD);
	CHECK_OK(op_login_prove(&u, &r, &alice, &pw, true, &p, &err));
	CHECK_EQ(p.answer, PROOF_RIGHT, "right");
	return p;
}

/* The account phase and the session of that process; both must say the same. */
static struct login_answer
goes_on(pid_t pid)
{
	const struct login_request r = request(pid);
	struct login_answer a;
	struct session_opened s;
	enum login_whose whose;

	CHECK_OK(op_login_whose(&u, NAME, &whose, &alice, &err));
	CHECK_OK(op_login_account(&u, &r, &alice, &a, &err));
	CHECK_OK(op_login_open(&u, &r, &alice, &s, &err));
	CHECK_EQ(s.answer.reason, a.reason, "account and session");
	CHECK_EQ(s.answer.verdict, a.verdict, "account and session");
	return a;
}

static void
make_old(int days)
{
	char sql[120];

	snprintf(sql, sizeof(sql),
	    "UPDATE password SET changed_at = strftime('%%s', 'now') - %d", days * DAY);
	raw_sql(sql);
}

static void
test_ages(void **state)
{
	static const struct {
		const char *label;
		int days;
		enum login_reason reason;
		int told; /* days, as a person counts them */
	} cases[] = {
		{ "young", 1, LOGIN_FINE, 0 },
		{ "soon", 88, LOGIN_FINE, 2 },
		{ "expired", 90, LOGIN_PASSWORD_EXPIRED, 0 },
		{ "inactive", 121, LOGIN_PASSWORD_INACTIVE, 0 },
	};

	(void)state;
	u.policy.max_age = 90 * (int64_t)DAY;
	u.policy.inactive = 30 * (int64_t)DAY;
	prove();
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct user_outlook o;
		struct login_answer a;

		make_old(cases[i].days);
		a = goes_on(BY_PASSWORD);
		CHECK_EQ(a.reason, cases[i].reason, cases[i].label);
		CHECK_EQ((a.expires_in + DAY - 1) / DAY, cases[i].told, cases[i].label);
		a = goes_on(BY_KEY);
		CHECK_EQ(a.verdict, LOGIN_ALLOW, cases[i].label);
		CHECK_EQ(a.expires_in, 0, cases[i].label);
		CHECK_OK(op_user_outlook(&u, NAME, &o, &err));
		CHECK_EQ(o.by_password.reason, cases[i].reason, cases[i].label);
		CHECK_EQ(o.by_key.reason, LOGIN_FINE, cases[i].label);
		CHECK_EQ(o.view.password_expires_at,
		    o.view.row.user.password_changed_at + 90 * DAY, cases[i].label);
		CHECK_EQ(prove().verdict.reason, cases[i].reason, cases[i].label);
	}
	u.policy = policy_shipped();
	CHECK_EQ(goes_on(BY_PASSWORD).verdict, LOGIN_ALLOW, "as shipped: any age");
}

/* A new password by its user ends it, also when it had expired. */
static void
test_changed(void **state)
{
	struct verifier was;
	SECRET pw = { 0 };

	(void)state;
	u.policy.max_age = DAY;
	prove();
	make_old(2);
	CHECK_EQ(goes_on(BY_PASSWORD).verdict, LOGIN_CHANGE, "expired");
	CHECK_OK(op_login_verifier(&u, &alice, &was, &err));
	fill_secret(&pw, "Another-Horse-2");
	CHECK_OK(op_login_set_password(&u, &sshd, &alice, false, &was, &pw, &err));
	CHECK_EQ(goes_on(BY_PASSWORD).verdict, LOGIN_ALLOW, "changed");
}

static void
test_lock_keys(void **state)
{
	static const struct {
		const char *label, *sql;
		int64_t lock_keys;
		enum login_reason reason;
	} cases[] = {
		{ "not locked", "SELECT 1", 1, LOGIN_FINE },
		{ "locked",
		    "INSERT INTO lockout SELECT uid, 9000000000000, 1 FROM user", 1,
		    LOGIN_LOCKED },
		{ "as shipped", "SELECT 1", 0, LOGIN_FINE },
		{ "run out", "UPDATE lockout SET since = -900000", 1, LOGIN_FINE },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct user_outlook o;

		raw_sql(cases[i].sql);
		u.policy.lock_keys = cases[i].lock_keys;
		CHECK_EQ(goes_on(BY_KEY).reason, cases[i].reason, cases[i].label);
		CHECK_OK(op_user_outlook(&u, NAME, &o, &err));
		CHECK_EQ(o.by_key.reason, cases[i].reason, cases[i].label);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_ages, setup, teardown),
		cmocka_unit_test_setup_teardown(test_changed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lock_keys, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
