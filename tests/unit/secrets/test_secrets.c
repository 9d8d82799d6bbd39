/* Passwords: their bounds and forms (P16, P17), their verifiers, and the host's key. */
#include "libuadm/secrets/key.h"
#include "libuadm/secrets/pwhash.h"
#include "libuadm/secrets/secret.h"

#include "tests/unit/check.h"

#define SECRET CLEANUP(secret_wipe) struct secret
#define DIR    UADM_ROOT "/etc/uadm"

static const struct pwhash_cost cheap = { 1, 8 << 20 }, dear = { 2, 8 << 20 };

static int
start(void **state)
{
	struct uadm_err err;

	(void)state;
	CHECK_OK(secrets_init(&err));
	return 0;
}

static int
setup(void **state)
{
	(void)state;
	root_clean();
	root_dir("/etc/uadm", 0755);
	return 0;
}

static void
fill(struct secret *s, const char *text)
{
	struct uadm_err err;

	if (s->text == NULL)
		CHECK_OK(secret_new(s, &err));
	CHECK_OK(secret_set(s, text, strlen(text), &err));
}

/* P16: 511 bytes are taken whole, 512 are refused; never cut. */
static void
test_bounds(void **state)
{
	char text[SECRET_SIZE + 1];
	SECRET s = { 0 };
	struct uadm_err err;

	(void)state;
	memset(text, 'p', sizeof(text));
	CHECK_OK(secret_new(&s, &err));
	assert_string_equal(s.text, "");
	CHECK_OK(secret_set(&s, text, 511, &err));
	CHECK_OK(secret_normalize_password(&s, &err));
	assert_int_equal(s.length, 511);
	assert_int_equal(strlen(s.text), 511);
	CHECK_OK(secret_set(&s, text, 512, &err));
	CHECK_FAILS(UADM_INVALID, secret_normalize_password(&s, &err));
	CHECK_HAS(err.msg, "longer than 511 bytes");
	CHECK_OK(secret_set(&s, text, SECRET_SIZE - 1, &err));
	CHECK_FAILS(UADM_INVALID, secret_normalize_password(&s, &err));
	CHECK_FAILS(UADM_INVALID, secret_set(&s, text, SECRET_SIZE, &err));
	assert_int_equal(s.length, SECRET_SIZE - 1); /* as it was */
	CHECK_OK(secret_set(&s, "ab", 2, &err));
	assert_int_equal(s.text[3], '\0'); /* nothing of the longer one is left */
	assert_int_equal(s.text[600], '\0');
}

/* What grows beyond 511 bytes in NFC is refused, not cut: U+0958 takes three bytes, and six
 * decomposed, which is its NFC. */
static void
test_growing(void **state)
{
	char text[512] = "";
	SECRET s = { 0 };
	struct uadm_err err;

	(void)state;
	for (int i = 0; i < 85; i++)
		snprintf(text + strlen(text), 4, "\xe0\xa5\x98");
	fill(&s, text);
	CHECK_OK(secret_normalize_password(&s, &err));
	assert_int_equal(s.length, 510);
	snprintf(text + strlen(text), 4, "\xe0\xa5\x98");
	fill(&s, text);
	CHECK_FAILS(UADM_INVALID, secret_normalize_password(&s, &err));
}

static void
test_forms(void **state)
{
	static const struct {
		const char *label, *text, *normal; /* NULL: refused */
	} cases[] = {
		{ "ASCII", "Tr0ub4dor&3", "Tr0ub4dor&3" },
		{ "NFC stays", "p\xc3\xa4ss", "p\xc3\xa4ss" },
		{ "NFD becomes NFC", "pa\xcc\x88ss", "p\xc3\xa4ss" },
		{ "order of marks", "a\xcc\x88\xcc\xa3", "\xe1\xba\xa1\xcc\x88" },
		{ "Hangul", "\xe1\x84\x80\xe1\x85\xa1", "\xea\xb0\x80" },
		{ "compatibility is kept", "\xef\xac\x81", "\xef\xac\x81" },
		{ "spaces are kept", " a  b ", " a  b " },
		{ "empty (P17)", "", NULL },
		{ "Latin-1", "p\xe4ss", NULL },
		{ "cut off", "p\xc3", NULL },
		{ "overlong", "p\xc0\xaf", NULL },
		{ "surrogate", "p\xed\xa0\x80", NULL },
		{ "too high", "p\xf4\x90\x80\x80", NULL },
	};
	SECRET s = { 0 };
	struct uadm_err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		fill(&s, cases[i].text);
		CHECK_EQ(secret_normalize_password(&s, &err),
		    cases[i].normal != NULL ? UADM_OK : UADM_INVALID, cases[i].label);
		if (cases[i].normal != NULL)
			CHECK_TEXT(s.text, cases[i].normal, cases[i].label);
	}
	fill(&s, "kept");
	CHECK_FAILS(UADM_INVALID, secret_set(&s, "a\0b", 3, &err));
	CHECK_HAS(err.msg, "NUL");
	CHECK_TEXT(s.text, "kept", "after a refusal");
}

static void
test_equal(void **state)
{
	SECRET a = { 0 };
	SECRET b = { 0 };

	(void)state;
	fill(&a, "one");
	fill(&b, "one");
	assert_true(secret_equal(&a, &b));
	fill(&b, "onf");
	assert_false(secret_equal(&a, &b));
	fill(&b, "one1");
	assert_false(secret_equal(&a, &b));
	fill(&b, "");
	assert_false(secret_equal(&a, &b));
	secret_wipe(&b);
	assert_null(b.text);
	secret_wipe(&b); /* twice is fine */
}

/* Password, verifier, cost: the answer. A NULL text is no verifier at all. */
static void
test_check(void **state)
{
	SECRET pw = { 0 };
	struct verifier good, other, v;
	struct uadm_err err;
	enum pwhash_answer answer;

	(void)state;
	fill(&pw, "correct horse");
	CHECK_OK(pwhash_make(&good, &pw, cheap, &err));
	assert_int_equal(strncmp(good.text, "$argon2id$", 10), 0);
	CHECK_OK(pwhash_make(&other, &pw, cheap, &err));
	assert_string_not_equal(good.text, other.text); /* salted */

	const struct {
		const char *label, *password, *text;
		struct pwhash_cost cost;
		enum pwhash_answer want;
	} cases[] = {
		{ "match", "correct horse", good.text, cheap, PWHASH_MATCH },
		{ "lower cost", "correct horse", good.text, dear, PWHASH_MATCH_OLD },
		{ "mismatch", "correct horsf", good.text, cheap, PWHASH_MISMATCH },
		{ "prefix", "correct hors", good.text, cheap, PWHASH_MISMATCH },
		{ "longer", "correct horses", good.text, cheap, PWHASH_MISMATCH },
		{ "old mismatch", "wrong", good.text, dear, PWHASH_MISMATCH },
		{ "empty (P17)", "", good.text, cheap, PWHASH_MISMATCH },
		{ "nobody", "correct horse", NULL, cheap, PWHASH_MISMATCH },
		{ "empty verifier", "correct horse", "", cheap, PWHASH_MISMATCH },
		{ "empty and empty", "", "", cheap, PWHASH_MISMATCH },
		{ "locked", "correct horse", "!", cheap, PWHASH_MISMATCH },
		{ "clear text", "correct horse", "correct horse", cheap,
		    PWHASH_MISMATCH },
		{ "garbage", "correct horse", "$argon2id$v=19$m=8192,t=1", cheap,
		    PWHASH_MISMATCH },
		{ "argon2i", "correct horse",
		    "$argon2i$v=19$m=8192,t=3,p=1$c2FsdA$aGFzaA", cheap,
		    PWHASH_MISMATCH },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		memset(&v, 0, sizeof(v));
		if (cases[i].text != NULL)
			snprintf(v.text, sizeof(v.text), "%s", cases[i].text);
		fill(&pw, cases[i].password);
		answer = PWHASH_MATCH;
		CHECK_OK(pwhash_check(cases[i].text != NULL ? &v : NULL, &pw,
		    cases[i].cost, &answer, &err));
		CHECK_EQ(answer, cases[i].want, cases[i].label);
	}
	memset(v.text, '$', sizeof(v.text)); /* one that never ends */
	memcpy(v.text, "$argon2id$", 10);
	CHECK_OK(pwhash_check(&v, &pw, cheap, &answer, &err));
	CHECK_EQ(answer, PWHASH_MISMATCH, "endless");
	fill(&pw, "");
	assert_int_not_equal(pwhash_make(&v, &pw, cheap, &err), UADM_OK);
	assert_string_equal(v.text, "");
}

/* P16: all 511 bytes count. */
static void
test_last_byte_counts(void **state)
{
	char text[512];
	SECRET pw = { 0 };
	struct verifier v;
	struct uadm_err err;
	enum pwhash_answer answer;

	(void)state;
	memset(text, 'p', sizeof(text) - 1);
	text[511] = '\0';
	fill(&pw, text);
	CHECK_OK(pwhash_make(&v, &pw, cheap, &err));
	CHECK_OK(pwhash_check(&v, &pw, cheap, &answer, &err));
	CHECK_EQ(answer, PWHASH_MATCH, "511 bytes");
	text[510] = 'q';
	fill(&pw, text);
	CHECK_OK(pwhash_check(&v, &pw, cheap, &answer, &err));
	CHECK_EQ(answer, PWHASH_MISMATCH, "the last byte");
}

static void
test_no_memory_is_no_match(void **state)
{
	static const struct pwhash_cost huge = { 1, (size_t)1 << 41 };
	SECRET pw = { 0 };
	struct uadm_err err;
	enum pwhash_answer answer = PWHASH_MATCH;

	(void)state;
	fill(&pw, "x");
	CHECK_FAILS(UADM_UNAVAILABLE, pwhash_check(NULL, &pw, huge, &answer, &err));
	CHECK_EQ(answer, PWHASH_MISMATCH, "answer");
}

static void
test_key(void **state)
{
	struct key a = { 0 }, b = { 0 }, audit, buckets;
	struct uadm_err err;
	struct stat st;
	bool made;

	(void)state;
	CHECK_FAILS(
	    UADM_NOT_FOUND, key_load(DIR, "secret.key", UADM_TRUSTED_UID, &a, &err));
	CHECK_OK(key_make(DIR, "secret.key", UADM_TRUSTED_UID, &made, &err));
	assert_true(made);
	assert_int_equal(stat(DIR "/secret.key", &st), 0);
	CHECK_EQ(st.st_mode & 07777, 0600, "mode");
	CHECK_EQ(st.st_size, KEY_SIZE, "size");
	CHECK_OK(key_load(DIR, "secret.key", UADM_TRUSTED_UID, &a, &err));
	CHECK_OK(key_make(DIR, "secret.key", UADM_TRUSTED_UID, &made, &err));
	assert_false(made); /* never replaced */
	CHECK_OK(key_load(DIR, "secret.key", UADM_TRUSTED_UID, &b, &err));
	assert_memory_equal(a.bytes, b.bytes, KEY_SIZE);

	key_derive(&a, KEY_AUDIT, &audit);
	key_derive(&a, KEY_BUCKETS, &buckets);
	assert_memory_not_equal(audit.bytes, buckets.bytes, KEY_SIZE);
	assert_memory_not_equal(audit.bytes, a.bytes, KEY_SIZE);
	key_derive(&a, KEY_AUDIT, &b);
	assert_memory_equal(audit.bytes, b.bytes, KEY_SIZE);
	key_wipe(&b);
	assert_int_equal(b.bytes[0] | b.bytes[KEY_SIZE - 1], 0);
}

static void
test_bad_keys(void **state)
{
	char bytes[KEY_SIZE + 1] = "";
	struct key k;
	struct uadm_err err;
	bool made;
	const struct {
		size_t size;
		mode_t mode;
		const char *says;
	} cases[] = { { 0, 0600, "is not a key of 32 bytes" },
		{ KEY_SIZE - 1, 0600, "is not a key of 32 bytes" },
		{ KEY_SIZE + 1, 0600, "is not a key of 32 bytes" },
		{ KEY_SIZE, 0640, "has mode 0640" },
		{ KEY_SIZE, 0604, "has mode 0604" } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		root_file("/etc/uadm/k", cases[i].mode, bytes, cases[i].size);
		CHECK_FAILS(
		    UADM_UNAVAILABLE, key_load(DIR, "k", UADM_TRUSTED_UID, &k, &err));
		CHECK_HAS(err.msg, cases[i].says);
	}
	root_file("/etc/uadm/k", 0600, bytes, KEY_SIZE);
	CHECK_OK(key_load(DIR, "k", UADM_TRUSTED_UID, &k, &err));
	assert_int_equal(symlink("k", DIR "/link"), 0);
	CHECK_FAILS(
	    UADM_UNAVAILABLE, key_load(DIR, "link", UADM_TRUSTED_UID, &k, &err));
	assert_int_equal(symlink("none", DIR "/dangling"), 0);
	CHECK_OK(key_make(DIR, "dangling", UADM_TRUSTED_UID, &made, &err));
	assert_false(made); /* and nothing was written through it */
	assert_int_not_equal(access(DIR "/none", F_OK), 0);
	root_dir("/etc/uadm", 0777);
	CHECK_FAILS(UADM_UNAVAILABLE, key_load(DIR, "k", UADM_TRUSTED_UID, &k, &err));
}

/* Buckets are within bounds, the same each time, spread, and another key spreads otherwise. */
static void
test_buckets(void **state)
{
	struct key a = { .bytes = { 1 } }, b = { .bytes = { 2 } };
	bool seen[16] = { false };
	int same = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		char name[16];
		uint32_t n;

		snprintf(name, sizeof(name), "name%d", i);
		n = key_bucket(&a, name, 16);
		assert_true(n < 16);
		assert_int_equal(n, key_bucket(&a, name, 16));
		same += n == key_bucket(&b, name, 16);
		seen[n] = true;
	}
	for (size_t i = 0; i < ARRAY_LEN(seen); i++)
		assert_true(seen[i]);
	assert_in_range(same, 1, 200);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_growing),
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_equal),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_last_byte_counts),
		cmocka_unit_test(test_no_memory_is_no_match),
		cmocka_unit_test_setup(test_key, setup),
		cmocka_unit_test_setup(test_bad_keys, setup),
		cmocka_unit_test(test_buckets),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
