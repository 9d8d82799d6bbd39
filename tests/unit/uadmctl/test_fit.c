/* What a narrow terminal makes of a table: nothing is cut without a mark, a list breaks at its commas. */
/* The tool's files are in no library. */
#include "uadmctl/fit.c" // NOLINT(bugprone-suspicious-include)

#include "tests/unit/check.h"

#include <locale.h>

static void
test_cells(void **state)
{
	static const struct {
		const char *label;
		enum fit_how how;
		size_t width;
		const char *text, *want; /* want NULL: as it is */
	} cases[] = {
		{ "fits", FIT_ELLIPSIS, 5, "abcde", NULL },
		{ "cut", FIT_ELLIPSIS, 4, "abcde", "abc…" },
		{ "wide characters", FIT_ELLIPSIS, 4, "漢字漢", "漢…" },
		{ "never cut", FIT_AS_IS, 2, "abcde", NULL },
		{ "list at its commas", FIT_LIST, 6, "ab,cd,ef", "ab,cd,\nef" },
		{ "list, a word too long", FIT_LIST, 4, "abcdefg,hi",
		    "abcd\nefg,\nhi" },
		{ "words", FIT_WORDS, 6, "ab cde fgh", "ab cde\nfgh" },
		{ "words, one too long", FIT_WORDS, 3, "abcde f", "abc\nde\nf" },
		{ "empty", FIT_LIST, 3, "", NULL },
	};

	(void)state;
	assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fit_column c = { .how = cases[i].how, .width = cases[i].width };
		char *got = fit_cell(&c, cases[i].text, "…");

		if ((got == NULL) != (cases[i].want == NULL) ||
		    (got != NULL && strcmp(got, cases[i].want) != 0))
			fail_msg("%s: \"%s\"", cases[i].label,
			    got != NULL ? got : "(as it is)");
		free(got);
	}
}

static void
test_widths(void **state)
{
	static const struct {
		const char *label;
		size_t all;
		struct fit_column in[3];
		size_t want[3];
	} cases[] = {
		{ "room for all", 80,
		    { { FIT_AS_IS, 4, 10, 0, 0 }, { FIT_ELLIPSIS, 4, 20, 0, 0 },
			{ FIT_LIST, 4, 30, 12, 0 } },
		    { 10, 20, 30 } },
		{ "the widest gives first", 52,
		    { { FIT_AS_IS, 4, 10, 0, 0 }, { FIT_ELLIPSIS, 4, 20, 0, 0 },
			{ FIT_LIST, 4, 30, 12, 0 } },
		    { 10, 20, 20 } },
		{ "a list not below its widest word", 34,
		    { { FIT_AS_IS, 4, 10, 0, 0 }, { FIT_ELLIPSIS, 4, 20, 0, 0 },
			{ FIT_LIST, 4, 30, 12, 0 } },
		    { 10, 10, 12 } },
		{ "but before the terminal breaks the line", 32,
		    { { FIT_AS_IS, 4, 10, 0, 0 }, { FIT_ELLIPSIS, 4, 20, 0, 0 },
			{ FIT_LIST, 4, 30, 12, 0 } },
		    { 10, 10, 10 } },
		{ "headings stay whole", 10,
		    { { FIT_AS_IS, 4, 10, 0, 0 }, { FIT_ELLIPSIS, 15, 20, 0, 0 },
			{ FIT_LIST, 4, 30, 12, 0 } },
		    { 10, 15, 10 } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fit_column c[3];

		memcpy(c, cases[i].in, sizeof(c));
		fit_widths(c, ARRAY_LEN(c), cases[i].all);
		for (size_t j = 0; j < ARRAY_LEN(c); j++)
			if (c[j].width != cases[i].want[j])
				fail_msg("%s: column %zu is %zu", cases[i].label, j,
				    c[j].width);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cells),
		cmocka_unit_test(test_widths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
