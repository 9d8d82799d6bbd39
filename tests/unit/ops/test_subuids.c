/* P22: whose a subordinate uid is: lines and owners by table, and a file. */
#include "libuadm/ops/subuids.h"

#include "libuadm/base/cleanup.h"
#include "libuadm/base/paths.h"

#include "tests/unit/check.h"

#include <string.h>
#include <sys/stat.h>

static struct uadm_err err;

static const struct {
	const char *line;
	bool good;
	const char *owner;
	uid_t first, last;
} lines[] = {
	{ "ada:100000:65536", true, "ada", 100000, 165535 },
	{ "5000:100000:1", true, "5000", 100000, 100000 },
	{ "ada:0:1", true, "ada", 0, 0 },
	{ "ada:1:4294967294", true, "ada", 1, 4294967294U },
	{ "ada:4294967294:1", true, "ada", 4294967294U, 4294967294U },
	/* as long as a name may be, and longer: then it is nobody of ours, but it is somebody's */
	{ "a23456789012345678901234567890x:7:1", true,
	    "a23456789012345678901234567890x", 7, 7 },
	{ "a234567890123456789012345678901x:7:1", true, "", 7, 7 },
	{ "ada:2:4294967294" },
	{ "ada:4294967294:2" },
	{ "ada:4294967295:1" },
	{ "ada:1:4294967295" },
	{ "ada:100000:18446744073709551615" },
	{ "ada:100000:18446744073709551617" },
	{ "ada:18446744073709551616:1" },
	{ "ada:100000:0" },
	{ "ada:100000:-1" },
	{ "ada:-1:5" },
	{ "ada:+1:5" },
	{ "ada: 1:5" },
	{ "ada:1:5 " },
	{ "ada:0x10:5" },
	{ "ada:010:5" },
	{ "ada:1:5:" },
	{ "ada:1:5:6" },
	{ "ada:1" },
	{ "ada:1:" },
	{ "ada::5" },
	{ ":1:5" },
	{ "ada" },
	{ "" },
	{ ":" },
	{ "::" },
	{ "# ada:1:5x" },
};

static void
test_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		struct subuid_range r = { .first = 99 };

		CHECK_EQ(subuid_parse(lines[i].line, &r), lines[i].good, lines[i].line);
		if (!lines[i].good)
			continue;
		assert_string_equal(r.owner, lines[i].owner);
		CHECK_EQ(r.first, lines[i].first, lines[i].line);
		CHECK_EQ(r.last, lines[i].last, lines[i].line);
		CHECK_EQ(r.uid, SUBUID_OTHERS, lines[i].line);
	}
}

static void
write_file(const char *text, size_t size)
{
	CLEANUP(cleanup_file) FILE *f = NULL;

	mkdir(UADM_ROOT "/etc", 0755);
	assert_non_null(f = fopen(UADM_SUBUID_FILE, "we"));
	assert_int_equal(fwrite(text, 1, size, f), size);
}

static void
test_file(void **state)
{
	static const char text[] =
	    "ada:2000000001:3\n"
	    "nonsense\n"
	    "\n"
	    "eve:2000000101:3\0:1\n" /* only its first part is a line */
	    "eve:2000000201:3";      /* no newline */
	SUBUIDS s = { 0 };

	(void)state;
	unlink(UADM_SUBUID_FILE);
	CHECK_OK(subuids_read(&s, &err));
	CHECK_EQ(s.count, 0, "no file");
	CHECK_EQ(subuids_owner(&s, 2000000001), SUBUID_OTHERS, "no file");
	write_file(text, sizeof(text) - 1);
	CHECK_OK(subuids_read(&s, &err));
	CHECK_EQ(s.count, 2, "ranges");
	assert_string_equal(s.ranges[0].owner, "ada");
	assert_string_equal(s.ranges[1].owner, "eve");
	CHECK_EQ(s.ranges[1].last, 2000000203, "without a newline");
	CHECK_EQ(
	    subuids_owner(&s, 2000000001), SUBUID_OTHERS, "nobody was asked about");
	unlink(UADM_SUBUID_FILE);
}

enum { ADA = 5000, EVE = 5001 };

static struct subuid_range ranges[] = {
	{ .uid = ADA, .first = 0, .last = 65535 }, /* much too wide */
	{ .uid = ADA, .first = 2000000000, .last = 2000000039 },
	{ .uid = EVE, .first = 2000000010, .last = 2000000019 },
	{ .uid = SUBUID_OTHERS, .first = 2000000020, .last = 2000000029 },
	{ .uid = ADA,
	    .first = 2000000030,
	    .last = 2000000039 }, /* by name and by uid */
	{ .uid = EVE, .first = 2000000040, .last = 4294967295U },
};

static const struct {
	const char *label;
	uid_t id, owner;
} owners[] = {
	{ "root", 0, SUBUID_OTHERS },
	{ "no uid", (uid_t)-1, SUBUID_OTHERS },
	{ "a user of this host: daemon", 1, SUBUID_OTHERS },
	{ "a user of this host: nobody", 65534, SUBUID_OTHERS },
	{ "DynamicUser=, the first", 61184, SUBUID_OTHERS },
	{ "DynamicUser=, the last", 65519, SUBUID_OTHERS },
	{ "in a too wide range, nobody's", 61183, ADA },
	{ "outside of all", 65536, SUBUID_OTHERS },
	{ "just before", 1999999999, SUBUID_OTHERS },
	{ "the first", 2000000000, ADA },
	{ "the last of one's own", 2000000009, ADA },
	{ "both are to be ended: the first of them", 2000000010, ADA },
	{ "both are to be ended, the last id", 2000000019, ADA },
	{ "anybody else's too", 2000000020, SUBUID_OTHERS },
	{ "anybody else's too, the last id", 2000000029, SUBUID_OTHERS },
	{ "twice the same user's", 2000000030, ADA },
	{ "the next one's", 2000000040, EVE },
};

static void
test_owners(void **state)
{
	struct subuids s = { .ranges = ranges, .count = ARRAY_LEN(ranges) };

	(void)state;
	for (size_t again = 0; again < 2; again++) /* as remembered */
		for (size_t i = 0; i < ARRAY_LEN(owners); i++) {
			bool is = owners[i].owner != SUBUID_OTHERS;

			CHECK_EQ(subuids_owner(&s, owners[i].id), owners[i].owner,
			    owners[i].label);
			CHECK_EQ(subuids_resolve(&s, owners[i].id),
			    is ? owners[i].owner : owners[i].id, owners[i].label);
		}
	/* Two ids that are remembered in the same place. */
	CHECK_EQ(subuids_owner(&s, 2000000005), ADA, "one");
	CHECK_EQ(subuids_owner(&s, 2000000005 + SUBUIDS_KNOWN), EVE, "the other");
	CHECK_EQ(subuids_owner(&s, 2000000005), ADA, "the one again");
	CHECK_EQ(subuids_owner(NULL, 2000000005), SUBUID_OTHERS, "no ranges");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_owners),
	};

	return cmocka_run_group_tests_name("ops/subuids", tests, NULL, NULL);
}
