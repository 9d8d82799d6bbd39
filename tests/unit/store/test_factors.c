/* Second factors in the store: what is taken is taken once, and nothing from before it (P12). */
#include "libuadm/store/factors.h"
#include "libuadm/store/messages.h"
#include "libuadm/store/users.h"
#include "tests/unit/store/stores.h"

enum { ADA = 30000, BOB = 30001 };

static const char hash[] =
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

static void
put(struct store *st, uid_t uid, int64_t step)
{
	const struct factor f = { .uid = uid,
		.sealed = "sealed",
		.sealed_size = 6,
		.last_step = step,
		.created_at = 1 };
	struct uadm_err err;

	CHECK_OK(factors_put(st, &f, &err));
}

static void
test_P12_steps(void **state)
{
	static const struct {
		int64_t step;
		bool taken;
	} cases[] = { { 10, false }, { 9, false }, { 12, true }, { 12, false },
		{ 11, false }, { 13, true }, { 1, false }, { INT64_MAX, true },
		{ 14, false } };
	STORE *st = open_store();
	struct uadm_err err;
	struct factor f;
	bool taken;

	(void)state;
	add_user(st, ADA, "ada");
	add_user(st, BOB, "bob");
	CHECK_OK(factors_take_step(st, ADA, 5, 7, &taken, &err));
	CHECK_EQ(taken, false, "there is none");
	put(st, ADA, 10);
	put(st, BOB, 0);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CHECK_OK(factors_take_step(
		    st, ADA, cases[i].step, 100 + (int64_t)i, &taken, &err));
		CHECK_EQ(taken, cases[i].taken, "step");
	}
	CHECK_OK(factors_get(st, ADA, &f, &err));
	CHECK_EQ(f.confirmed_at, 102, "confirmed by the first");
	CHECK_OK(factors_get(st, BOB, &f, &err));
	CHECK_EQ(f.last_step, 0, "another's");
}

static void
test_P12_recovery(void **state)
{
	STORE *st = open_store();
	struct uadm_err err;
	struct factor f;
	bool taken, may;

	(void)state;
	add_user(st, ADA, "ada");
	add_user(st, BOB, "bob");
	CHECK_OK(factors_may_be_due(st, &may, &err));
	CHECK_EQ(may, false, "nobody has one");
	put(st, ADA, 0);
	put(st, BOB, 0);
	CHECK_OK(factors_may_be_due(st, &may, &err));
	CHECK_EQ(may, true, "somebody has one");
	CHECK_OK(recovery_put(st, ADA, hash, &err));
	CHECK_OK(recovery_take(st, BOB, hash, 5, &taken, &err));
	CHECK_EQ(taken, false, "another's");
	CHECK_OK(recovery_take(st, ADA, hash, 5, &taken, &err));
	CHECK_EQ(taken, true, "once");
	CHECK_OK(recovery_take(st, ADA, hash, 5, &taken, &err));
	CHECK_EQ(taken, false, "and not again");
	put(st, ADA, 0);
	CHECK_OK(factors_get(st, ADA, &f, &err));
	CHECK_EQ(f.recovery_left, 0, "they go with the factor");
}

static void
test_messages(void **state)
{
	STORE *st = open_store();
	struct message_counts n;
	struct uadm_err err;
	bool taken;

	(void)state;
	add_user(st, ADA, "ada");
	CHECK_OK(messages_put(st, ADA, hash, 1, 1000, &err));
	CHECK_OK(messages_take(st, ADA, hash, 1000, &taken, &err));
	CHECK_EQ(taken, false, "too old");
	CHECK_OK(users_count_failure(st, ADA, false, &err));
	CHECK_OK(messages_take(st, ADA, hash, 0, &taken, &err));
	CHECK_EQ(taken, true, "a wrong password is no try");
	CHECK_OK(messages_put(st, ADA, hash, 1, 1000, &err));
	CHECK_OK(users_count_failure(st, ADA, true, &err));
	CHECK_OK(messages_take(st, ADA, hash, 0, &taken, &err));
	CHECK_EQ(taken, false, "no try is left");
	CHECK_OK(messages_put(st, ADA, hash, 1, 2000, &err));
	CHECK_OK(messages_take(st, ADA, hash, 1999, &taken, &err));
	CHECK_EQ(taken, true, "the newer one");
	CHECK_OK(messages_take(st, ADA, hash, 0, &taken, &err));
	CHECK_EQ(taken, false, "once");
	CHECK_OK(messages_sent(st, ADA, "host:a", 10, &err));
	CHECK_OK(messages_sent(st, ADA, NULL, 20, &err));
	CHECK_OK(messages_count(st, ADA, "host:a", 0, &n, &err));
	CHECK_EQ(n.to_user, 2, "to the user");
	CHECK_EQ(n.from_source, 1, "from the source");
	CHECK_OK(messages_count(st, ADA, NULL, 10, &n, &err));
	CHECK_EQ(n.to_user, 1, "those that count");
	CHECK_EQ(n.from_source, 1, "a console is a source");
}

/* What gives time, and what does not give it twice. */
static void
test_since(void **state)
{
	STORE *st = open_store();
	struct factor_since s;
	struct uadm_err err;
	static const struct {
		const char *label;
		enum { RULE, OWN_RULE, FAR_RULE, ONCE, AGAIN, OWN } what;
		int64_t now, root, own;
	} cases[] = {
		{ "the host's rule", RULE, 100, 100, 0 },
		{ "another account's", FAR_RULE, 110, 100, 0 },
		{ "its own, of nobody here", OWN_RULE, 120, 100, 0 },
		{ "once", ONCE, 150, 150, 0 },
		{ "and not again", ONCE, 200, 150, 0 },
		{ "by its own rules", OWN, 250, 150, 250 },
		{ "again", AGAIN, 300, 300, 250 },
		{ "its own again", OWN, 350, 300, 350 },
	};

	(void)state;
	add_user(st, ADA, "ada");
	add_user(st, BOB, "bob");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const int64_t now = cases[i].now;

		switch (cases[i].what) {
		case RULE:
		case OWN_RULE:
		case FAR_RULE:
			CHECK_OK(
			    factors_rule_made(st, cases[i].what == RULE ? 0 : 20007,
				cases[i].what == OWN_RULE, now, &err));
			break;
		case ONCE:
		case AGAIN:
		case OWN:
			CHECK_OK(factors_grace_begins(st, ADA,
			    cases[i].what == OWN         ? FACTOR_GRACE_OWN
				: cases[i].what == AGAIN ? FACTOR_GRACE_AGAIN
							 : FACTOR_GRACE_ONCE,
			    now, &err));
			break;
		}
		CHECK_OK(factors_since(st, ADA, &s, &err));
		CHECK_EQ(s.root, cases[i].root, cases[i].label);
		CHECK_EQ(s.own, cases[i].own, cases[i].label);
	}
	CHECK_OK(factors_since(st, BOB, &s, &err));
	CHECK_EQ(s.root, 100, "another's");
	CHECK_EQ(s.own, 0, "another's");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_P12_steps, empty_store),
		cmocka_unit_test_setup(test_since, empty_store),
		cmocka_unit_test_setup(test_P12_recovery, empty_store),
		cmocka_unit_test_setup(test_messages, empty_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
