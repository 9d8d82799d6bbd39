/* P10: every check costs the passes over memory that are configured, whatever was stored when less
 * was. libsodium's own functions are counted, and then done. */
#include "libuadm/secrets/pwhash.h"

#include "tests/unit/check.h"

#include <dlfcn.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static uint64_t work; /* KiB times passes */

int
crypto_pwhash(unsigned char *out, unsigned long long out_length, const char *pw,
    unsigned long long pw_length, const unsigned char *salt, unsigned long long ops,
    size_t mem, int alg)
{
	int (*next)(unsigned char *, unsigned long long, const char *,
	    unsigned long long, const unsigned char *, unsigned long long, size_t, int);

	*(void **)&next = dlsym(RTLD_NEXT, "crypto_pwhash");
	work += ops * (mem / 1024);
	return next(out, out_length, pw, pw_length, salt, ops, mem, alg);
}

int
crypto_pwhash_str_verify(
    const char str[crypto_pwhash_STRBYTES], const char *pw, unsigned long long length)
{
	int (*next)(const char *, const char *, unsigned long long);
	const char *settings = strstr(str, "$m=");

	*(void **)&next = dlsym(RTLD_NEXT, "crypto_pwhash_str_verify");
	work += strtoull(settings + 3, NULL, 10) *
	    strtoull(strstr(settings, ",t=") + 3, NULL, 10);
	return next(str, pw, length);
}

enum { MIB = 1 << 20 };

/* A rest is rounded down to what a pass can be over. */
static uint64_t
whole_mib(uint64_t kib)
{
	return (kib + 1023) / 1024;
}

static void
test_P10_one_cost(void **state)
{
	static const struct {
		const char *label;
		struct pwhash_cost then;
		uint64_t mib_passes;
		enum pwhash_answer right;
	} cases[] = {
		{ "nobody", { 0, 0 }, 48, PWHASH_MISMATCH },
		{ "as configured", { 3, 16 * MIB }, 48, PWHASH_MATCH },
		{ "fewer passes", { 1, 16 * MIB }, 48, PWHASH_MATCH_OLD },
		{ "less memory", { 3, 8 * MIB }, 48, PWHASH_MATCH_OLD },
		{ "both", { 1, 8 * MIB }, 48, PWHASH_MATCH_OLD },
		{ "more memory, fewer passes", { 1, 24 * MIB }, 48, PWHASH_MATCH_OLD },
		{ "as much in another way", { 6, 8 * MIB }, 48, PWHASH_MATCH_OLD },
		{ "more", { 4, 16 * MIB }, 64, PWHASH_MATCH_OLD },
	};
	const struct pwhash_cost now = { 3, 16 * MIB };
	CLEANUP(secret_wipe) struct secret right = { 0 };
	CLEANUP(secret_wipe) struct secret wrong = { 0 };
	struct uadm_err err;

	(void)state;
	CHECK_OK(secrets_init(&err));
	CHECK_OK(secret_new(&right, &err));
	CHECK_OK(secret_set(&right, "right", 5, &err));
	CHECK_OK(secret_new(&wrong, &err));
	CHECK_OK(secret_set(&wrong, "wrong", 5, &err));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const bool nobody = cases[i].then.opslimit == 0;
		enum pwhash_answer answer;
		struct verifier v = { 0 };

		if (!nobody)
			CHECK_OK(pwhash_make(&v, &right, cases[i].then, &err));
		work = 0;
		CHECK_OK(pwhash_check(nobody ? NULL : &v, &wrong, now, &answer, &err));
		CHECK_EQ(answer, PWHASH_MISMATCH, cases[i].label);
		CHECK_EQ(whole_mib(work), cases[i].mib_passes, cases[i].label);
		work = 0;
		CHECK_OK(pwhash_check(nobody ? NULL : &v, &right, now, &answer, &err));
		CHECK_EQ(answer, cases[i].right, cases[i].label);
		CHECK_EQ(whole_mib(work), cases[i].mib_passes, cases[i].label);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_P10_one_cost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
