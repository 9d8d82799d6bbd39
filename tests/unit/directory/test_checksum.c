/* CRC32C and SipHash against vectors that others computed, and CRC32C against itself. */
#include "libuadm/directory/checksum.h"

#include "libuadm/directory/hash.h"
#include "tests/unit/directory/fixture.h"

static void
test_crc32c_known_vectors(void **state)
{
	unsigned char ascending[32], zeros[32] = { 0 }, ones[32];

	(void)state;
	memset(ones, 0xff, sizeof(ones));
	for (size_t i = 0; i < sizeof(ascending); i++)
		ascending[i] = (unsigned char)i;
	/* RFC 3720, B.4, and the catalogue's check value */
	assert_int_equal(crc32c(0, "123456789", 9), 0xe3069283);
	assert_int_equal(crc32c(0, zeros, sizeof(zeros)), 0x8a9136aa);
	assert_int_equal(crc32c(0, ones, sizeof(ones)), 0x62a8ab43);
	assert_int_equal(crc32c(0, ascending, sizeof(ascending)), 0x46dd794e);
	assert_int_equal(crc32c(7, NULL, 0), 7);
}

static void
test_crc32c_processor_equals_table(void **state)
{
	unsigned char bytes[400];

	(void)state;
	srandom(1);
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)random();
	for (size_t offset = 0; offset < 9; offset++)
		for (size_t size = 0; size + offset < sizeof(bytes); size++) {
			uint32_t start = (uint32_t)random();

			assert_int_equal(crc32c(start, bytes + offset, size),
			    crc32c_table(start, bytes + offset, size));
		}
}

static void
test_crc32c_in_pieces(void **state)
{
	const char *text = "a text in two pieces, checked in one go and in both";
	size_t size = strlen(text);

	(void)state;
	for (size_t cut = 0; cut <= size; cut++)
		assert_int_equal(crc32c(crc32c(0, text, cut), text + cut, size - cut),
		    crc32c(0, text, size));
}

/* hash() of Python 3.11 under PYTHONHASHSEED=0, which is SipHash-1-3 with a key of zeros */
static const struct {
	const char *text;
	uint64_t hash;
} siphash_vectors[] = {
	{ "a", 0x407448d2b89b1813 },
	{ "alice", 0x11af1c347e79d641 },
	{ "abcdefg", 0x6db12aae9070f506 },
	{ "abcdefgh", 0x3f7b849c0b8e35ea },
	{ "acme-administrator", 0x973c1b96d5605074 },
	{ "0123456789abcdef0123456", 0x248e5de96262a07d },
};

static void
test_N6_siphash_known_vectors(void **state)
{
	const uint64_t zeros[2] = { 0 }, other[2] = { 1, 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(siphash_vectors); i++) {
		const char *text = siphash_vectors[i].text;

		assert_true(directory_hash(zeros, text, strlen(text)) ==
		    siphash_vectors[i].hash);
		assert_false(directory_hash(other, text, strlen(text)) ==
		    siphash_vectors[i].hash);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_crc32c_known_vectors),
		cmocka_unit_test(test_crc32c_processor_equals_table),
		cmocka_unit_test(test_crc32c_in_pieces),
		cmocka_unit_test(test_N6_siphash_known_vectors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
