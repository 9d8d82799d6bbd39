/* New passwords: the rules with the user's record, and the past (P18): what is replaced is kept,
 * what was used is refused, whatever becomes of the policy meanwhile. */
#include "libuadm/ops/passwords.h"
#include "tests/unit/ops/host.h"

#define NAME "zq-alice"
#define ROWS raw_int("SELECT count(*) FROM old_password")

static struct uadm u;
static struct uadm_err err;
static const struct login_request sshd = { .name = NAME, .service = "sshd" };
static struct user alice;

static int
setup(void **state)
{
	empty_host(state);
	open_host(&u);
	u.policy.dictionary = 0; /* it has tests of its own */
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

/* "Password-Nr-7": as many as are wanted, all good. */
static const char *
nth(int n)
{
	static char text[8][32];
	static int at;
	char *out = text[at++ % 8];

	snprintf(out, sizeof(text[0]), "Password-Nr-%d", n);
	return out;
}

static struct password_verdict
judge(const char *text, const char *current, int past)
{
	SECRET pw = { 0 };
	SECRET old = { 0 };
	struct password_question q = { .user = &alice, .past = PAST_IF_GOOD };
	struct password_verdict v;

	q.past = past;
	fill_secret(&pw, text);
	if (current != NULL) {
		fill_secret(&old, current);
		q.current = &old;
	}
	CHECK_OK(op_password_judge(&u, &q, &pw, &v, &err));
	return v;
}

static bool
may_use(const char *text)
{
	return judge(text, NULL, PAST_IF_GOOD).good;
}

/* What uadmd does with one that is good. */
static void
change_to(const char *text)
{
	struct verifier was;
	SECRET pw = { 0 };

	CHECK_OK(op_login_verifier(&u, &alice, &was, &err));
	fill_secret(&pw, text);
	CHECK_OK(op_login_set_password(&u, &sshd, &alice, false, &was, &pw, &err));
}

static void
admin_sets(const char *text)
{
	SECRET pw = { 0 };

	fill_secret(&pw, text);
	CHECK_OK(op_user_set_password(&u, NAME, &pw, false, &err));
}

static void
test_P18_last_ones(void **state)
{
	(void)state;
	u.policy.history = 3;
	CHECK_EQ(may_use(PASSWORD), false, "the current one");
	change_to(nth(1));
	CHECK_EQ(may_use(PASSWORD), false, "the one before");
	change_to(nth(2));
	CHECK_EQ(may_use(PASSWORD), false, "two before");
	CHECK_EQ(may_use(nth(3)), true, "a new one");
	change_to(nth(3));
	CHECK_EQ(may_use(PASSWORD), true, "three before: forgotten");
	CHECK_EQ(may_use(nth(1)), false, "two before");
	CHECK_EQ(ROWS, 2, "as many as are needed");
	/* NFC: the same characters are the same password */
	change_to("Gr\xc3\xbc\xc3\x9f"
		  "e-4711x");
	CHECK_EQ(may_use("Gru\xcc\x88\xc3\x9f"
			 "e-4711x"),
	    false, "the current one in another form (P16)");
	change_to(nth(4));
	CHECK_EQ(may_use("Gru\xcc\x88\xc3\x9f"
			 "e-4711x"),
	    false, "an old one in another form (P16)");
}

/* An administrator's choice is not refused by the past, and becomes part of it. */
static void
test_P18_administrator(void **state)
{
	(void)state;
	u.policy.history = 5;
	change_to(nth(1));
	admin_sets(PASSWORD);
	CHECK_EQ(ROWS, 2, "kept");
	CHECK_EQ(may_use(nth(1)), false, "what the administrator replaced");
	admin_sets(PASSWORD);
	admin_sets(nth(2));
	CHECK_EQ(may_use(PASSWORD), false, "what the administrator set");
	CHECK_EQ(may_use(nth(1)), false, "still known");
	CHECK_EQ(ROWS, 4, "one for each that was replaced");
	CHECK_OK(op_user_set_password(&u, NAME, NULL, true, &err));
	CHECK_EQ(ROWS, 4, "must-change alone replaces nothing");
	u.dry_run = true;
	admin_sets(nth(9));
	u.dry_run = false;
	CHECK_EQ(ROWS, 4, "a dry run neither");
}

/* A rehash at login is the same password. */
static void
test_P18_rehash(void **state)
{
	const struct login_request r = { .name = NAME, .host = { 100, 7, 1 } };
	struct proof p;
	SECRET pw = { 0 };

	(void)state;
	change_to(nth(1));
	u.config.opslimit = 2;
	fill_secret(&pw, nth(1));
	CHECK_OK(op_login_prove(&u, &r, &alice, &pw, true, &p, &err));
	CHECK_EQ(p.answer, PROOF_RIGHT, "right");
	CHECK_EQ(
	    raw_int("SELECT verifier LIKE '%,t=2,%' FROM password"), 1, "rehashed");
	CHECK_EQ(ROWS, 1, "no past of its own");
	CHECK_EQ(may_use(nth(1)), false, "the current one");
	CHECK_EQ(may_use(PASSWORD), false, "the one before, by its old cost");
}

/* The number goes down and up again: nothing that it still covers is forgotten by looking, and
 * what a change has forgotten does not come back. */
static void
test_P18_number_changes(void **state)
{
	(void)state;
	u.policy.history = 5;
	for (int i = 1; i <= 6; i++)
		change_to(nth(i));
	CHECK_EQ(ROWS, 4, "four beside the current one");
	CHECK_EQ(may_use(nth(2)), false, "the oldest of five");
	CHECK_EQ(may_use(nth(1)), true, "the sixth");

	u.policy.history = 2;
	CHECK_EQ(may_use(nth(6)), false, "the current one");
	CHECK_EQ(may_use(nth(5)), false, "the one before");
	CHECK_EQ(may_use(nth(4)), true, "not covered now");
	CHECK_EQ(ROWS, 4, "looking forgets nothing");
	u.policy.history = 5;
	CHECK_EQ(may_use(nth(2)), false, "as it was");

	u.policy.history = 2;
	change_to(nth(7));
	CHECK_EQ(ROWS, 1, "the rest goes with a change");
	CHECK_EQ(may_use(nth(6)), false, "the one before");
	u.policy.history = 50;
	CHECK_EQ(may_use(nth(6)), false, "kept");
	CHECK_EQ(may_use(nth(5)), true, "gone for good");
	for (int i = 8; i < 20; i++)
		change_to(nth(i));
	CHECK_EQ(ROWS, 13, "it grows with the changes");
	CHECK_EQ(may_use(nth(6)), false, "the oldest there is");

	for (int n = 1; n >= 0; n--) {
		u.policy.history = n;
		CHECK_EQ(may_use(nth(19)), false, "the current one, always");
		CHECK_EQ(may_use(nth(18)), true, "no other");
	}
	change_to(nth(18));
	CHECK_EQ(ROWS, 0, "none is kept");
	CHECK_EQ(may_use(nth(19)), true, "forgotten");
}

/* With the clock set back between two changes, the newest is still the newest. */
static void
test_order_is_not_the_clocks(void **state)
{
	(void)state;
	u.policy.history = 2;
	change_to(nth(1));
	raw_sql("UPDATE old_password SET replaced_at = replaced_at + 900000000");
	change_to(nth(2));
	CHECK_EQ(may_use(nth(1)), false, "the one before");
	CHECK_EQ(may_use(PASSWORD), true, "the one before that");
}

/* Hashes are paid for only where the answer depends on them. */
static void
test_when_the_past_is_asked(void **state)
{
	struct password_verdict v;

	(void)state;
	v = judge("short", NULL, PAST_IF_GOOD);
	CHECK_EQ(v.rules[PASSWORD_PAST].applies, false, "bad already");
	v = judge("short", NULL, PAST_ALWAYS);
	CHECK_EQ(v.rules[PASSWORD_PAST].applies, true, "always");
	CHECK_EQ(v.rules[PASSWORD_PAST].met, true, "always");
	CHECK_EQ(v.good, false, "bad all the same");
	v = judge(PASSWORD, NULL, PAST_NOT_ASKED);
	CHECK_EQ(v.good, true, "not asked");
	v = judge(PASSWORD, PASSWORD, PAST_IF_GOOD);
	CHECK_EQ(v.good, false, "the one that was just proved");
	raw_sql("DELETE FROM password");
	v = judge(PASSWORD, NULL, PAST_IF_GOOD);
	CHECK_EQ(v.good, true, "there was none");
}

/* P18: whatever of it fails, the old password stays, with its past. */
static void
test_P18_one_transaction(void **state)
{
	static const char *const breakages[] = {
		"CREATE TRIGGER t BEFORE INSERT ON old_password BEGIN SELECT raise(ABORT, 'x'); END",
		"CREATE TRIGGER t BEFORE UPDATE ON password BEGIN SELECT raise(ABORT, 'x'); END",
		"CREATE TRIGGER t BEFORE UPDATE ON user BEGIN SELECT raise(ABORT, 'x'); END",
		"CREATE TRIGGER t BEFORE INSERT ON audit BEGIN SELECT raise(ABORT, 'x'); END",
	};
	SECRET pw = { 0 };
	struct verifier was, is;

	(void)state;
	change_to(nth(1));
	raw_sql("UPDATE user SET must_change = 1");
	CHECK_OK(op_login_verifier(&u, &alice, &was, &err));
	fill_secret(&pw, nth(2));
	for (size_t i = 0; i < ARRAY_LEN(breakages); i++) {
		raw_sql(breakages[i]);
		assert_int_not_equal(
		    op_login_set_password(&u, &sshd, &alice, false, &was, &pw, &err),
		    UADM_OK);
		raw_sql("DROP TRIGGER t");
		CHECK_OK(op_login_verifier(&u, &alice, &is, &err));
		CHECK_TEXT(is.text, was.text, breakages[i]);
		CHECK_EQ(ROWS, 1, breakages[i]);
		CHECK_EQ(raw_int("SELECT must_change FROM user"), 1, breakages[i]);
	}
	CHECK_OK(op_login_set_password(&u, &sshd, &alice, false, &was, &pw, &err));
	CHECK_EQ(ROWS, 2, "done");
	CHECK_EQ(raw_int("SELECT must_change FROM user"), 0, "done");
	CHECK_FAILS(UADM_BUSY,
	    op_login_set_password(&u, &sshd, &alice, false, &was, &pw, &err));
	CHECK_EQ(ROWS, 2, "somebody was faster");
	CHECK_OK(op_user_delete(&u, NAME, &err));
	CHECK_EQ(ROWS, 0, "it goes with its user");
}

/* `user add` and `user set-password` know the whole record and say all that is not met. */
static void
test_administrators_rules(void **state)
{
	struct user user = {
		.name = "zq-bob", .first_name = "Robert", .email = "bobby@example.org"
	};
	SECRET pw = { 0 };

	(void)state;
	fill_secret(&pw, "Robert-bobby-1");
	CHECK_FAILS(UADM_INVALID, check_new_password(&u, &user, &pw, &err));
	CHECK_TEXT(
	    err.msg, "the password needs none of the user's names in it", "names");
	u.policy.min_digit = 3;
	u.policy.max_repeat = 1;
	CHECK_FAILS(UADM_INVALID, check_new_password(&u, &user, &pw, &err));
	CHECK_TEXT(err.msg,
	    "the password needs at least 3 digits, no character twice in a row, none of "
	    "the user's names in it",
	    "all of them");
	fill_secret(&pw, "");
	CHECK_FAILS(UADM_INVALID, check_new_password(&u, &user, &pw, &err));
	CHECK_HAS(err.msg, "empty");
	u.policy = (struct policy){ 0 };
	CHECK_FAILS(UADM_INVALID, check_new_password(&u, &user, &pw, &err));
	fill_secret(&pw, "x");
	CHECK_OK(check_new_password(&u, &user, &pw, &err));
	u.policy.dictionary = 1;
	fill_secret(&pw, "Elephant-1");
	CHECK_FAILS(UADM_INVALID, check_new_password(&u, &user, &pw, &err));
	CHECK_HAS(err.msg, "dictionary word");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_P18_last_ones, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_P18_administrator, setup, teardown),
		cmocka_unit_test_setup_teardown(test_P18_rehash, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_P18_number_changes, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_order_is_not_the_clocks, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_when_the_past_is_asked, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_P18_one_transaction, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_administrators_rules, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
