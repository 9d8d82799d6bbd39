/* When everything is published, and when a delta. */
#include "libuadm/policy/publish.h"

#include "tests/unit/check.h"

static void
test_delta_most(void **state)
{
	static const struct {
		const char *label;
		int64_t entries, most;
		bool begins;
	} cases[] = {
		{ "nobody", 0, 0, false },
		{ "few", 1000, 0, false },
		{ "the last that is whole", 4999, 0, false },
		{ "the first that is not", 5000, 256, true },
		{ "a share", 32000, 500, true },
		{ "as many as a change may cost", 1000000, 1024, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CHECK_EQ(publish_delta_most(cases[i].entries), cases[i].most,
		    cases[i].label);
		CHECK_EQ(publish_begins_log(cases[i].entries, 0), cases[i].begins,
		    cases[i].label);
		CHECK_EQ(
		    publish_begins_log(cases[i].entries, 2000), true, cases[i].label);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_delta_most) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
