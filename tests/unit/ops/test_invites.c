/* Names that are made of addresses. */
#include "libuadm/ops/invites.h"

#include "libuadm/base/cleanup.h"
#include "libuadm/base/names.h"
#include "tests/unit/check.h"

#include <string.h>

static const struct {
	const char *email, *name;
} cases[] = {
	{ "jo@example.org", "jo" },
	{ "Jo.Doe@example.org", "jo-doe" },
	{ "jo_doe+lists@example.org", "jo_doe" },
	{ "4you@example.org", "u4you" },
	{ "..jo..@example.org", "jo" },
	{ "-@example.org", "u" },
	{ "@example.org", "u" },
	{ "+x@example.org", "u" },
	{ "", "u" },
	{ "o'neill@example.org", "oneill" },
	{ "\xc3\xa9mile@example.org", "mile" },
	{ "a/../b@example.org", "a--b" },
	{ "a\nb\x1b[0m@example.org", "ab0m" },
	{ "abcdefghijklmnopqrstuvwxyzabcdefgh@example.org",
	    "abcdefghijklmnopqrstuvwxyza" },
	{ "abcdefghijklmnopqrstuvwxyz......b@example.org",
	    "abcdefghijklmnopqrstuvwxyz" },
};

static void
test_S7_names(void **state)
{
	char name[UADM_NAME_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		invite_name(cases[i].email, name);
		CHECK_TEXT(name, cases[i].name, cases[i].email);
		assert_true(name_is_valid(name));
		/* There is room for a number behind it. */
		assert_true(strlen(name) + 4 < sizeof(name));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_S7_names) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
