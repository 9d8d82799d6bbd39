/*
 * test_totp.c - the codes of RFC 6238, of oathtool, and of nobody else; and the codes that people type.
 */
#include "libuadm/secrets/passcode.h"
#include "libuadm/secrets/secret.h"
#include "libuadm/secrets/totp.h"

#include "tests/unit/check.h"

#include <stdio.h>

static const struct totp rfc = { "12345678901234567890" };

/* RFC 6238, appendix B: eight digits, of which six are the last. */
static const struct {
	int64_t time;
	const char *code;
} vectors[] = { { 59, "94287082" }, { 1111111109, "07081804" },
	{ 1111111111, "14050471" }, { 1234567890, "89005924" },
	{ 2000000000, "69279037" }, { 20000000000, "65353130" } };

static void
test_P12_rfc_vectors(void **state)
{
	struct uadm_err err = { 0 };
	char code[TOTP_DIGITS + 1];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
		CHECK_OK(totp_code(&rfc, totp_step(vectors[i].time), code, &err));
		CHECK_TEXT(code, vectors[i].code + 2, vectors[i].code);
	}
}

/* One step early and one late, and none beyond; what is no code is none. */
static void
test_P12_steps_around(void **state)
{
	static const struct {
		int64_t off; /* seconds that the clock is away from the code's */
		int64_t step;
	} cases[] = { { 0, 1 }, { 29, 1 }, { 30, 1 }, { 59, 1 }, { 60, 0 }, { -1, 1 },
		{ -30, 1 }, { -31, 0 }, { 3600, 0 }, { -3600, 0 } };
	static const char *const others[] = { "", "14050471", "5047", "050472",
		"05047l", " 50471", "0504710" };
	const int64_t at = 1111111110; /* where a step begins: code 050471 */
	struct uadm_err err = { 0 };
	int64_t step;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char label[40];

		snprintf(label, sizeof(label), "%lld s", (long long)cases[i].off);
		CHECK_OK(totp_find(&rfc, at + cases[i].off, "050471", &step, &err));
		CHECK_EQ(step, cases[i].step * totp_step(at), label);
	}
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		CHECK_OK(totp_find(&rfc, at, others[i], &step, &err));
		CHECK_EQ(step, 0, others[i]);
	}
	/* A clock at the beginning of time, or not read at all, takes none from before it. */
	CHECK_OK(totp_find(&rfc, 0, "755224", &step, &err));
	CHECK_EQ(step, 0, "step 0 means none");
}

static void
ask_oathtool(const char *key, int64_t at, char code[8])
{
	char command[200];
	FILE *f;

	snprintf(command, sizeof(command), "oathtool --totp -b %s --now @%lld", key,
	    (long long)at);
	f = popen(command, "r"); // NOLINT(cert-env33-c): a test, of our own making
	assert_non_null(f);
	assert_non_null(fgets(code, 8, f));
	pclose(f);
	code[6] = '\0';
}

/* Random secrets, in the base32 that apps get, at all kinds of times. */
static void
test_P12_oathtool_agrees(void **state)
{
	struct uadm_err err = { 0 };

	(void)state;
	for (int64_t i = 1; i <= 20; i++) {
		char key[TOTP_TEXT_SIZE], theirs[8], ours[TOTP_DIGITS + 1];
		const int64_t at = i * i * i * 987654;
		struct totp t;

		totp_make(&t);
		totp_text(&t, key);
		ask_oathtool(key, at, theirs);
		CHECK_OK(totp_code(&t, totp_step(at), ours, &err));
		CHECK_TEXT(ours, theirs, key);
	}
}

static void
test_uri(void **state)
{
	char uri[TOTP_URI_SIZE];

	(void)state;
	totp_uri(&rfc, "a.example", "jo", uri);
	CHECK_TEXT(uri,
	    "otpauth://totp/a.example:jo?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
	    "&issuer=a.example",
	    "uri");
	totp_uri(&rfc, "a:b?c&d", "jo%/\xc3\xa9", uri);
	CHECK_HAS(uri, "otpauth://totp/a%3Ab%3Fc%26d:jo%25%2F%C3%A9?secret=");
}

static void
test_typed(void **state)
{
	static const struct {
		const char *typed, *code;
		enum passcode_kind kind;
	} cases[] = { { "123456", "123456", PASSCODE_DIGITS },
		{ "123 456", "123456", PASSCODE_DIGITS },
		{ " 123-456 ", "123456", PASSCODE_DIGITS },
		{ "000000", "000000", PASSCODE_DIGITS },
		{ "abcde-fghij", "abcdefghij", PASSCODE_RECOVERY },
		{ "ABCDE fghij", "abcdefghij", PASSCODE_RECOVERY },
		{ "abcde-fghi1", "", PASSCODE_NONE }, /* no 0, 1, 8, 9 in base32 */
		{ "abcdefghijk", "", PASSCODE_NONE }, { "", "", PASSCODE_NONE },
		{ "12345", "", PASSCODE_NONE }, { "1234567", "", PASSCODE_NONE },
		{ "+12345", "", PASSCODE_NONE }, { "12345\xc2\xb2", "", PASSCODE_NONE },
		{ "1234561234561234561234561234561234561234", "", PASSCODE_NONE } };
	char code[PASSCODE_TYPED];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CHECK_EQ(
		    passcode_read(cases[i].typed, code), cases[i].kind, cases[i].typed);
		CHECK_TEXT(code, cases[i].code, cases[i].typed);
	}
}

/* Of another user, use or key it is another hash; what is made is what is read. */
static void
test_hashes(void **state)
{
	const struct key key = { "the key" }, other = { "another" };
	char hashes[4][DIGEST_HEX_SIZE], made[RECOVERY_SIZE], digits[PASSCODE_SIZE],
	    code[PASSCODE_TYPED];

	(void)state;
	passcode_hash(&key, "recovery", 7, "abcdefghij", hashes[0]);
	passcode_hash(&key, "recovery", 8, "abcdefghij", hashes[1]);
	passcode_hash(&key, "message", 7, "abcdefghij", hashes[2]);
	passcode_hash(&other, "recovery", 7, "abcdefghij", hashes[3]);
	for (int i = 0; i < 4; i++)
		for (int j = 0; j < i; j++)
			assert_string_not_equal(hashes[i], hashes[j]);
	recovery_make(made);
	assert_int_equal(passcode_read(made, code), PASSCODE_RECOVERY);
	passcode_make(digits);
	assert_int_equal(passcode_read(digits, code), PASSCODE_DIGITS);
	assert_string_equal(code, digits);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_P12_rfc_vectors),
		cmocka_unit_test(test_P12_steps_around),
		cmocka_unit_test(test_P12_oathtool_agrees),
		cmocka_unit_test(test_uri),
		cmocka_unit_test(test_typed),
		cmocka_unit_test(test_hashes),
	};
	struct uadm_err err = { 0 };

	return secrets_init(&err) != UADM_OK ||
	    cmocka_run_group_tests(tests, NULL, NULL);
}
