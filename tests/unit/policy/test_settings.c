/* The keys of a policy: what they are, how they read, and what they may be. */
#include "libuadm/policy/settings.h"

#include "tests/unit/check.h"

/* F86, and five wrong ones within fifteen minutes lock for fifteen. */
static void
test_shipped(void **state)
{
	static const struct {
		const char *key, *text;
	} want[] = { { "deny", "5" }, { "interval", "15m" }, { "lock-time", "15m" },
		{ "source-limit", "5" }, { "local-source-limit", "3" },
		{ "lock-keys", "no" }, { "min-length", "10" }, { "min-lower", "1" },
		{ "min-upper", "1" }, { "min-digit", "1" }, { "min-special", "1" },
		{ "max-repeat", "0" }, { "dictionary", "yes" }, { "user-check", "yes" },
		{ "history", "5" }, { "min-age", "0" }, { "max-age", "0" },
		{ "warn", "7d" }, { "inactive", "0" }, { "fail-delay", "2s" },
		{ "invite-lifetime", "7d" }, { "reset-lifetime", "1d" },
		{ "temp-password-lifetime", "3d" }, { "self-reset", "yes" },
		{ "max-sessions", "0" }, { "require-factor", "none" },
		{ "factor-grace", "7d" }, { "factor-on-key", "refuse" } };
	const struct policy p = policy_shipped();
	struct uadm_err err;
	char text[SETTING_SIZE];

	(void)state;
	assert_int_equal(setting_count, ARRAY_LEN(want));
	assert_int_equal(sizeof(struct policy), ARRAY_LEN(want) * sizeof(int64_t));
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		const struct setting *s = setting_find(want[i].key);

		assert_non_null(s);
		CHECK_TEXT(setting_text(s, policy_get(&p, s), text), want[i].text,
		    want[i].key);
	}
	CHECK_OK(policy_check(&p, &err));
	assert_ptr_equal(setting_find("lock_time"), setting_find("lock-time"));
	assert_ptr_equal(setting_find("LOCK_Time"), setting_find("lock-time"));
	assert_null(setting_find("lock"));
	assert_null(setting_find("lock-times"));
	assert_null(setting_find(""));
}

static void
test_parse(void **state)
{
	static const struct {
		const char *key, *text;
		int64_t want; /* -1: refused */
	} cases[] = {
		{ "deny", "1", 1 },
		{ "deny", "1000", 1000 },
		{ "deny", "0", -1 },
		{ "deny", "1001", -1 },
		{ "deny", "-1", -1 },
		{ "deny", "+1", -1 },
		{ "deny", "5 ", -1 },
		{ "deny", "05", -1 },
		{ "deny", "", -1 },
		{ "deny", "99999999999999999999", -1 },
		{ "deny", "5m", -1 },
		{ "require-factor", "none", 0 },
		{ "require-factor", "totp", 2 },
		{ "require-factor", "TOTP", -1 },
		{ "require-factor", "tot", -1 },
		{ "require-factor", "2", -1 },
		{ "require-factor", "", -1 },
		{ "factor-on-key", "allow", 1 },
		{ "factor-on-key", "any", -1 },
		{ "lock-time", "0", 0 },
		{ "lock-time", "0s", 0 },
		{ "lock-time", "90s", 90 },
		{ "lock-time", "15m", 900 },
		{ "lock-time", "12h", 43200 },
		{ "lock-time", "2d", 172800 },
		{ "lock-time", "1w", 604800 },
		{ "lock-time", "365d", 31536000 },
		{ "lock-time", "366d", -1 },
		{ "lock-time", "900", -1 },
		{ "lock-time", "m", -1 },
		{ "lock-time", "15 m", -1 },
		{ "lock-time", "15M", -1 },
		{ "lock-time", "9223372036854775807w", -1 },
		{ "interval", "0", -1 },
		{ "lock-keys", "yes", 1 },
		{ "lock-keys", "no", 0 },
		{ "lock-keys", "1", -1 },
		{ "lock-keys", "true", -1 },
	};
	char text[SETTING_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct setting *s = setting_find(cases[i].key);
		struct uadm_err err = { 0 };
		int64_t value = 0, back = -2;
		enum uadm_code c = setting_parse(s, cases[i].text, &value, &err);

		CHECK_EQ(c == UADM_OK ? value : -1, cases[i].want, cases[i].text);
		if (c != UADM_OK)
			CHECK_EQ(c, UADM_INVALID, cases[i].text);
		else
			CHECK_OK(setting_parse(
			    s, setting_text(s, value, text), &back, &err));
		if (c == UADM_OK)
			CHECK_EQ(back, value, "what is written is read as the same");
	}
}

static void
test_check(void **state)
{
	struct policy p = policy_shipped();
	struct uadm_err err;

	(void)state;
	p.min_age = 86400;
	CHECK_OK(policy_check(&p, &err));
	p.max_age = 86400;
	CHECK_FAILS(UADM_INVALID, policy_check(&p, &err));
	p.max_age = 86401;
	CHECK_OK(policy_check(&p, &err));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shipped),
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
