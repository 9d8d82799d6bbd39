/*
 * test_seal.c - what is sealed opens with its key alone, and not after a change of a single bit.
 */
#include "libuadm/secrets/seal.h"

#include "tests/unit/check.h"

#include <string.h>

static const char text[] = "JBSWY3DPEHPK3PXP";

static void
test_opens_with_its_key(void **state)
{
	struct key key = { "the key" }, other = { "another" };
	unsigned char sealed[sizeof(text) + SEAL_EXTRA], again[sizeof(sealed)];
	char out[sizeof(text)] = "";
	struct uadm_err err = { 0 };

	(void)state;
	seal_close(&key, text, sizeof(text), sealed);
	seal_close(&key, text, sizeof(text), again);
	assert_memory_not_equal(sealed, again, sizeof(sealed)); /* a nonce of its own */
	assert_null(memmem(sealed, sizeof(sealed), text, 8));
	assert_int_equal(seal_open(&key, sealed, sizeof(sealed), out, &err), UADM_OK);
	assert_string_equal(out, text);
	assert_int_equal(
	    seal_open(&other, sealed, sizeof(sealed), out, &err), UADM_UNAVAILABLE);
}

static void
test_changed_does_not_open(void **state)
{
	struct key key = { "the key" };
	unsigned char sealed[sizeof(text) + SEAL_EXTRA];
	char out[sizeof(text)];
	struct uadm_err err = { 0 };

	(void)state;
	seal_close(&key, text, sizeof(text), sealed);
	for (size_t bit = 0; bit < sizeof(sealed) * 8; bit++) {
		sealed[bit / 8] ^= (unsigned char)(1U << bit % 8);
		assert_int_equal(seal_open(&key, sealed, sizeof(sealed), out, &err),
		    UADM_UNAVAILABLE);
		sealed[bit / 8] ^= (unsigned char)(1U << bit % 8);
	}
	for (size_t size = 0; size < sizeof(sealed); size++)
		assert_int_equal(
		    seal_open(&key, sealed, size, out, &err), UADM_UNAVAILABLE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_opens_with_its_key),
		cmocka_unit_test(test_changed_does_not_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
