#include "libuadm/secrets/code.h"

#include "libuadm/base/cleanup.h"
#include "tests/unit/check.h"

#include <ctype.h>
#include <string.h>

static void
test_make(void **state)
{
	static const char symbols[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	char code[CODE_SIZE], other[CODE_SIZE], read[CODE_SIZE];
	size_t seen[sizeof(symbols)] = { 0 };
	CLEANUP(secret_wipe) struct secret typed = { 0 };
	struct uadm_err err;

	(void)state;
	CHECK_OK(secrets_init(&err));
	CHECK_OK(secret_new(&typed, &err));
	for (int i = 0; i < 2000; i++) {
		code_make(code);
		assert_int_equal(strlen(code), 23);
		for (size_t n = 0; code[n] != '\0'; n++) {
			const char *at = strchr(symbols, code[n]);

			assert_true((code[n] == '-') == (n % 6 == 5));
			if (at != NULL)
				seen[at - symbols]++;
		}
		CHECK_OK(secret_set(&typed, code, strlen(code), &err));
		assert_true(code_parse(&typed, read));
		assert_string_equal(read, code);
	}
	/* 40,000 symbols of 32 kinds: 1,250 of each, and 200 less is five deviations off. */
	for (size_t i = 0; i < sizeof(symbols) - 1; i++)
		assert_in_range(seen[i], 1050, 1450);
	code_make(other);
	assert_string_not_equal(code, other);
	code_make_password(other);
	for (size_t n = 0; other[n] != '\0'; n++)
		assert_false(isupper((unsigned char)other[n]));
}

static const struct {
	const char *typed, *read; /* NULL: no code */
} cases[] = {
	{ "01234-56789-ABCDE-FGHJK", "01234-56789-ABCDE-FGHJK" },
	{ "0123456789abcdefghjk", "01234-56789-ABCDE-FGHJK" },
	{ "  o1234 56789\tabcde--fghjk-", "01234-56789-ABCDE-FGHJK" },
	{ "OIL00-00000-00000-00000", "01100-00000-00000-00000" },
	{ "oil00-00000-00000-00000", "01100-00000-00000-00000" },
	{ "MNPQRSTVWXYZ01234567", "MNPQR-STVWX-YZ012-34567" },
	{ "0123456789abcdefghj", NULL },
	{ "0123456789abcdefghjkm", NULL },
	{ "U123456789abcdefghjk", NULL },
	{ "0123456789abcdefghj\xc3\xa9", NULL },
	{ "0123456789abcdefghj*", NULL },
	{ "", NULL },
	{ "----", NULL },
};

static void
test_parse(void **state)
{
	CLEANUP(secret_wipe) struct secret typed = { 0 };
	char read[CODE_SIZE];
	struct uadm_err err;

	(void)state;
	CHECK_OK(secrets_init(&err));
	CHECK_OK(secret_new(&typed, &err));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CHECK_OK(
		    secret_set(&typed, cases[i].typed, strlen(cases[i].typed), &err));
		CHECK_EQ(
		    code_parse(&typed, read), cases[i].read != NULL, cases[i].typed);
		if (cases[i].read != NULL)
			CHECK_TEXT(read, cases[i].read, cases[i].typed);
	}
}

/* The hash is the user's, the key's and the code's. */
static void
test_hash(void **state)
{
	const struct key key = { { 1 } }, other = { { 2 } };
	char a[DIGEST_HEX_SIZE], b[DIGEST_HEX_SIZE];

	(void)state;
	code_hash(&key, 1000, cases[0].read, a);
	assert_int_equal(strlen(a), 64);
	code_hash(&key, 1000, cases[0].read, b);
	assert_true(digest_same(a, b));
	code_hash(&key, 1001, cases[0].read, b);
	assert_false(digest_same(a, b));
	code_hash(&other, 1000, cases[0].read, b);
	assert_false(digest_same(a, b));
	code_hash(&key, 1000, cases[3].read, b);
	assert_false(digest_same(a, b));
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_make),
		cmocka_unit_test(test_parse), cmocka_unit_test(test_hash) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
