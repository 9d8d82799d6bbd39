/* CSV as RFC 4180 has it, with bare line feeds too; hostile rows cost themselves alone (S7). */
/* The tool's files are in no library. */
#include "uadmctl/csv.c" // NOLINT(bugprone-suspicious-include)

#include "tests/unit/check.h"

static struct csv csv;

/* "[a|b]2:[c]" for two rows, the second from line 2; "!why" for a bad one. */
static void
show(char *out, size_t out_size, const char *data, size_t size)
{
	CLEANUP(cleanup_file)
	FILE *f =
	    size > 0 ? fmemopen((void *)data, size, "r") : fopen("/dev/null", "r");
	enum csv_answer a;
	const char *why;
	size_t used = 0;

	assert_non_null(f);
	memset(&csv, 0, sizeof(csv));
	csv.from = f;
	out[0] = '\0';
	while ((a = csv_read(&csv, &why)) != CSV_END && used < out_size) {
		used += (size_t)snprintf(out + used, out_size - used, "%zu:", csv.line);
		for (size_t i = 0; a == CSV_ROW && i < csv.count && used < out_size;
		     i++)
			used += (size_t)snprintf(out + used, out_size - used, "%s%s",
			    i == 0 ? "[" : "|", csv.cells[i]);
		if (used < out_size)
			used += (size_t)snprintf(out + used, out_size - used, "%s%s",
			    a == CSV_BAD ? "!" : "]", a == CSV_BAD ? why : "");
	}
}

#define BYTES(s) s, sizeof(s) - 1

static void
test_rows(void **state)
{
	static const struct {
		const char *data;
		size_t size;
		const char *rows;
	} cases[] = {
		{ BYTES(""), "" },
		{ BYTES("\n\n\r\n"), "" },
		{ BYTES("a,b\nc,d\n"), "1:[a|b]2:[c|d]" },
		{ BYTES("a,b\r\nc,d\r\n"), "1:[a|b]2:[c|d]" },
		{ BYTES("a,b"), "1:[a|b]" },           /* no line feed at the end */
		{ BYTES("a\n\n\nb\n"), "1:[a]4:[b]" }, /* empty lines count */
		{ BYTES(",\n"), "1:[|]" },
		{ BYTES("a,,c\n"), "1:[a||c]" },
		{ BYTES(" a , b \n"), "1:[ a | b ]" }, /* spaces belong to the cell */
		{ BYTES("\"a,b\",c\n"), "1:[a,b|c]" },
		{ BYTES("\"\"\n"), "1:[]" },
		{ BYTES("\"\",\"\"\n"), "1:[|]" },
		{ BYTES("\"say \"\"hi\"\"\"\n"), "1:[say \"hi\"]" },
		{ BYTES("\"\"\"\"\n"), "1:[\"]" },
		{ BYTES("a\"b\nc\n"), "1:!a quote in the middle of a cell2:[c]" },
		{ BYTES("\"a\"b\nc\n"), "1:!a quote in the middle of a cell2:[c]" },
		{ BYTES("\"a\"b\",c\n"), "1:!a quote in the middle of a cell" },
		{ BYTES("\"a\",\"b\"\n"), "1:[a|b]" },
		{ BYTES("\"a\nb\",c\nd\n"), "1:[a\nb|c]3:[d]" },
		{ BYTES("\"a\r\nb\"\r\nd\n"), "1:[a\r\nb]3:[d]" },
		{ BYTES("a\rb\nc\r"), "1:!contains a carriage return2:[c]" },
		{ BYTES("caf\xc3\xa9,\xff\n"), "1:[caf\xc3\xa9|\xff]" },
		{ BYTES("\"never closed\nb\n"), "1:!a quote is never closed" },
		{ BYTES("a\0b,c\nd\n"), "1:!contains a NUL byte2:[d]" },
		{ BYTES("\"a\0b\",c\nd\n"), "1:!contains a NUL byte2:[d]" },
		/* the rest of a bad row is no row, even where it looks like one */
		{ BYTES("a\0b,\"c\nd\"\ne\n"), "1:!contains a NUL byte3:[e]" },
		{ BYTES("\"a\0\nroot,0\n\"\ne\n"), "1:!contains a NUL byte4:[e]" },
	};
	char out[400];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		show(out, sizeof(out), cases[i].data, cases[i].size);
		CHECK_TEXT(out, cases[i].rows, cases[i].rows);
	}
}

/* A row of `size` bytes of data, quoted or not, then a good one. */
static void
check_size(size_t size, bool quoted, const char *want)
{
	enum { MOST = 10 << 20 };
	static char data[MOST + 16], out[MOST + 64];
	char *p = data;

	assert_true(size <= MOST);
	if (quoted)
		*p++ = '"';
	memset(p, 'x', size);
	if (size > 100)
		p[50] = quoted ? '\n' : 'x';
	p += size;
	p += snprintf(p, 8, "%s\nok\n", quoted ? "\"" : "");
	show(out, sizeof(out), data, (size_t)(p - data));
	if (want != NULL)
		CHECK_TEXT(out, want, "too large");
	else
		assert_non_null(strstr(out, quoted ? "]3:[ok]" : "]2:[ok]"));
}

static void
test_sizes(void **state)
{
	(void)state;
	check_size(CSV_ROW_MOST - 1, false, NULL);
	check_size(CSV_ROW_MOST - 1, true, NULL);
	check_size(CSV_ROW_MOST, false, "1:!longer than 64 KiB2:[ok]");
	check_size(CSV_ROW_MOST, true, "1:!longer than 64 KiB3:[ok]");
	check_size(10 << 20, false, "1:!longer than 64 KiB2:[ok]");
	check_size(10 << 20, true, "1:!longer than 64 KiB3:[ok]");
}

static void
test_cells(void **state)
{
	static const char tail[] = { '\n', 'o', 'k', '\n' };
	char data[200], out[400];

	(void)state;
	memset(data, ',', sizeof(data));
	data[63] = '\n';
	show(out, sizeof(out), data, 64);
	CHECK_HAS(out, "||]");
	assert_int_equal(strspn(out + 3, "|"), 63);
	data[63] = ',';
	memcpy(data + 64, tail, sizeof(tail));
	show(out, sizeof(out), data, 68);
	CHECK_TEXT(out, "1:!more than 64 cells2:[ok]", "65 cells");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_cells),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
