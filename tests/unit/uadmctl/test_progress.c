/* The line that says how far it is: what it says, and that it is never as wide as the terminal. */
/* The tool's files are in no library. */
#include "uadmctl/progress.c" // NOLINT(bugprone-suspicious-include)

#include "tests/unit/check.h"

static void
test_lines(void **state)
{
	static const struct {
		const char *label;
		struct progress p;
		size_t width;
		const char *want;
	} cases[] = {
		{ "nothing yet", { .total = 100 }, 40,
		    "[>                         ]   0% 0/100" },
		{ "half", { .done = 50, .total = 100, .lately = 50, .lately_ms = 5000 },
		    53, "[===========>           ]  50% 50/100 10/s 0:05 left" },
		{ "all",
		    { .done = 100, .total = 100, .lately = 100, .lately_ms = 1000 }, 46,
		    "[==============] 100% 100/100 100/s 0:00 left" },
		{ "wide: the bar ends somewhere",
		    { .done = 1, .total = 2, .lately = 1, .lately_ms = 1000 }, 500,
		    "[====================>                   ]  50% 1/2 1/s 0:01 left" },
		{ "too early for a guess",
		    { .done = 1, .total = 20000, .lately = 1, .lately_ms = 900 }, 20,
		    "  0% 1/20000 1/s" },
		{ "hours",
		    { .done = 1, .total = 10001, .lately = 1, .lately_ms = 1000 }, 40,
		    "  0% 1/10001 1/s 2:46:40 left" },
		{ "what was lately counts",
		    { .done = 90000,
			.total = 100000,
			.lately = 100,
			.lately_ms = 1000 },
		    44, " 90% 90000/100000 100/s 1:40 left" },
		{ "nobody knows the end",
		    { .done = 1234, .lately = 1000, .lately_ms = 500 }, 80,
		    "1234 2000/s" },
		{ "nobody knows anything", { 0 }, 80, "0" },
		{ "more than there were", { .done = 12, .total = 10 }, 20,
		    "100% 10/10" },
		{ "no rate before there is one",
		    { .done = 0, .total = 10, .lately = 0, .lately_ms = 900 }, 12,
		    "  0% 0/10" },
		{ "no room for the time left",
		    { .done = 5, .total = 10, .lately = 5, .lately_ms = 1000 }, 17,
		    " 50% 5/10 5/s" },
		{ "nor for the rate",
		    { .done = 5, .total = 10, .lately = 5, .lately_ms = 1000 }, 13,
		    " 50% 5/10" },
		{ "nor for the numbers",
		    { .done = 5, .total = 10, .lately = 5, .lately_ms = 1000 }, 9,
		    " 50%" },
		{ "nor for anything",
		    { .done = 5, .total = 10, .lately = 5, .lately_ms = 1000 }, 4, "" },
		{ "no width at all", { .done = 5, .total = 10 }, 0, "" },
	};
	char out[200];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		CHECK_TEXT(progress_line(&cases[i].p, cases[i].width, out, sizeof(out)),
		    cases[i].want, cases[i].label);
}

/* Whatever the numbers, no terminal wraps it. */
static void
test_width(void **state)
{
	static const uint64_t numbers[] = { 0, 1, 9, 99999, 100000, 1000000000,
		UINT32_MAX };
	char out[200];

	(void)state;
	for (size_t width = 0; width < 300; width++)
		for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
			for (size_t j = 0; j < ARRAY_LEN(numbers); j++) {
				struct progress p = { .done = numbers[i],
					.total = numbers[j],
					.lately = numbers[i],
					.lately_ms = (int64_t)numbers[j] };
				size_t n =
				    strlen(progress_line(&p, width, out, sizeof(out)));

				assert_true(n == 0 || n < width);
				assert_true(n < 120);
			}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_width),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
