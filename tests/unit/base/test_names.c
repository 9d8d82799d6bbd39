/* Names that may be published, texts that may be stored, and how hostile ones are shown (S7). */
#include "libuadm/base/names.h"

#include "libuadm/base/user.h"
#include "tests/unit/check.h"

static void
test_names(void **state)
{
	static const struct {
		const char *name;
		bool valid, reserved;
	} cases[] = {
		{ "a", true, false },
		{ "jo", true, false },
		{ "a-b_c9", true, false },
		{ "abcdefghijklmnopqrstuvwxyz12345", true, false },
		{ "abcdefghijklmnopqrstuvwxyz123456", false, false },
		{ "", false, false },
		{ "Jo", false, false },
		{ "jO", false, false },
		{ "1jo", false, false },
		{ "-jo", false, false },
		{ "jo-", false, false },
		{ "jo.e", false, false },
		{ "jo e", false, false },
		{ "jo$", false, false },
		{ "jo\n", false, false },
		{ "../jo", false, false },
		{ "j\xc3\xb6", false, false },
		{ "_jo", false, true },
		{ "_", false, true },
		{ "systemd-x", true, true },
		{ "systemd", true, false },
		{ "root", true, true },
		{ "sudo", true, true },
		{ "wheel", true, true },
		{ "adm", true, true },
		{ "docker", true, true },
		{ "www-data", true, true },
		{ "nobody", true, true },
		{ "uadm", true, true },
		{ "rooty", true, false },
	};
	struct uadm_err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *n = cases[i].name;
		enum uadm_code want =
		    cases[i].valid && !cases[i].reserved ? UADM_OK : UADM_INVALID;

		CHECK_EQ(name_is_valid(n), cases[i].valid, n);
		CHECK_EQ(name_is_reserved(n), cases[i].reserved, n);
		CHECK_EQ(name_check("name", n, &err), want, n);
	}
	CHECK_FAILS(UADM_INVALID, name_check("group name", "a\x1b[2J", &err));
	CHECK_HAS(err.msg, "group name \"a\\x1b[2J\"");
	assert_true(err.hint[0] != '\0');
}

static void
test_decode(void **state)
{
	static const struct {
		const char *bytes;
		size_t length;
		unsigned codepoint;
	} cases[] = {
		{ "a", 1, 'a' }, { "\x7f", 1, 0x7f }, { "\xc2\x80", 2, 0x80 },
		{ "\xdf\xbf", 2, 0x7ff }, { "\xe0\xa0\x80", 3, 0x800 },
		{ "\xef\xbf\xbd", 3, 0xfffd }, { "\xf0\x90\x80\x80", 4, 0x10000 },
		{ "\xf4\x8f\xbf\xbf", 4, 0x10ffff },
		{ "\x80", 0, 0 },             /* no beginning */
		{ "\xc0\xaf", 0, 0 },         /* overlong `/` */
		{ "\xc1\xbf", 0, 0 },         /* overlong */
		{ "\xe0\x9f\xbf", 0, 0 },     /* overlong */
		{ "\xf0\x8f\xbf\xbf", 0, 0 }, /* overlong */
		{ "\xed\xa0\x80", 0, 0 },     /* surrogate */
		{ "\xed\xbf\xbf", 0, 0 },     /* surrogate */
		{ "\xf4\x90\x80\x80", 0, 0 }, /* above U+10FFFF */
		{ "\xf5\x80\x80\x80", 0, 0 }, /* no such beginning */
		{ "\xff", 0, 0 },             /* no such beginning */
		{ "\xe2\x82", 0, 0 },         /* cut off */
		{ "\xf0\x9f\x98", 0, 0 },     /* cut off */
		{ "\xe2(\xa1", 0, 0 },        /* no continuation */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char label[16];
		unsigned c = 0;

		snprintf(label, sizeof(label), "case %zu", i);
		CHECK_EQ(text_decode(cases[i].bytes, &c), cases[i].length, label);
		CHECK_EQ(c, cases[i].codepoint, label);
	}
}

/* S7: each of these is refused as a text, and shown escaped. */
static void
test_hostile_texts(void **state)
{
	static const struct {
		const char *text;
		const char *shown;
	} cases[] = {
		{ "a\nb", "a\\x0ab" }, { "a\rb", "a\\x0db" }, { "a\tb", "a\\x09b" },
		{ "\x1b[31mred", "\\x1b[31mred" }, { "\x7f", "\\x7f" },
		{ "\xc2\x9b"
		  "31m",
		    "\\x9b31m" },                      /* C1: CSI in one */
		{ "\xe2\x80\xa8", "\\u{2028}" },       /* line separator */
		{ "\xe2\x80\xae", "\\u{202e}" },       /* right-to-left override */
		{ "\xe2\x81\xa6", "\\u{2066}" },       /* isolate */
		{ "\xd8\x9c", "\\u{61c}" },            /* Arabic letter mark */
		{ "\xe2\x80\x8b", "\\u{200b}" },       /* zero width */
		{ "\xef\xbb\xbf", "\\u{feff}" },       /* byte order mark */
		{ "\xef\xbf\xbe", "\\u{fffe}" },       /* no character */
		{ "\xf0\x9f\xbf\xbf", "\\u{1ffff}" },  /* no character */
		{ "\xf3\xa0\x81\x81", "\\u{e0041}" },  /* tag */
		{ "\xc2\xad", "\\xad" },               /* soft hyphen */
		{ "\xe2\x81\xa5", "\\u{2065}" },       /* reserved to be invisible */
		{ "\xe2\x81\xa0", "\\u{2060}" },       /* word joiner */
		{ "\xee\x80\x80", "\\u{e000}" },       /* private use */
		{ "\xe3\x85\xa4", "\\u{3164}" },       /* blank letter */
		{ "\xf3\xa0\x87\xaf", "\\u{e01ef}" },  /* selector */
		{ "caf\xe9", "caf\\xe9" },             /* Latin-1 */
		{ "\xed\xa0\x80", "\\xed\\xa0\\x80" }, /* surrogate */
	};
	char out[64];
	struct uadm_err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CHECK_TEXT(text_escape(out, sizeof(out), cases[i].text), cases[i].shown,
		    cases[i].shown);
		CHECK_EQ(text_check("first name", cases[i].text, 129, &err),
		    UADM_INVALID, cases[i].shown);
		CHECK_HAS(err.msg, cases[i].shown);
		CHECK_HAS(err.msg, "first name");
	}
}

static void
test_good_texts(void **state)
{
	static const char *const cases[] = { "", "Zo\xc3\xab", "\xe6\x9d\xb1",
		"\xf0\x9f\x98\x80", "O'Brien; DROP TABLE user --", "\"a\",<b>&{c}",
		"../../x", "%s%n" };
	char longest[130], out[64];
	struct uadm_err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CHECK_OK(text_check("text", cases[i], 129, &err));
		CHECK_TEXT(text_escape(out, sizeof(out), cases[i]), cases[i], cases[i]);
	}
	memset(longest, 'x', sizeof(longest));
	longest[128] = '\0';
	CHECK_OK(text_check("text", longest, 129, &err));
	longest[128] = 'x';
	longest[129] = '\0';
	CHECK_FAILS(UADM_INVALID, text_check("text", longest, 129, &err));
	CHECK_HAS(err.msg, "longer than 128 bytes");
}

static void
test_ten_megabytes(void **state)
{
	enum { SIZE = 10 << 20 };
	CLEANUP(cleanup_free) char *big = malloc(SIZE);
	struct uadm_err err;

	(void)state;
	assert_non_null(big);
	memset(big, '\n', SIZE);
	big[SIZE - 1] = '\0';
	CHECK_FAILS(UADM_INVALID, text_check("text", big, 129, &err));
	assert_true(strlen(err.msg) < 200);
	CHECK_FAILS(UADM_INVALID, name_check("name", big, &err));
	assert_true(strlen(err.msg) < 200);
}

/* S7: both ends of a few ranges, and the neighbours that may stay. */
static void
test_printable(void **state)
{
	static const unsigned no[] = { 0, 0x1f, 0x7f, 0x9f, 0xad, 0x200b, 0x200f,
		0x2028, 0x202e, 0x2060, 0x206f, 0xd800, 0xdfff, 0xe000, 0xf8ff, 0xfeff,
		0xfff9, 0xfffe, 0xffff, 0x1fffe, 0xdffff, 0xe0000, 0xe0fff, 0xf0000,
		0x10ffff };
	static const unsigned yes[] = { 0x20, 0x7e, 0xa0, 0xac, 0xae, 0x300, 0x5d0,
		0x627, 0x200a, 0x2010, 0x2027, 0x202f, 0x205f, 0x2070, 0xd7ff, 0xf900,
		0xfe0f, 0xfffc, 0xfffd, 0x10000, 0x1f600, 0x2f800, 0xdfffd };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(no); i++)
		if (text_is_printable(no[i]))
			fail_msg("U+%04X passes", no[i]);
	for (size_t i = 0; i < ARRAY_LEN(yes); i++)
		if (!text_is_printable(yes[i]))
			fail_msg("U+%04X does not pass", yes[i]);
}

/* Whatever the size, nothing is written beyond it and the end is marked. */
static void
test_escape_is_bounded(void **state)
{
	static const char text[] = "abc\n\xe2\x80\xae\xf0\x9f\x98\x80\xff xyz";
	char out[64];

	(void)state;
	for (size_t size = sizeof("..."); size < sizeof(out); size++) {
		memset(out, '#', sizeof(out));
		text_escape(out, size, text);
		assert_true(strnlen(out, size) < size);
		CHECK_EQ(out[size], '#', "byte behind");
	}
	CHECK_TEXT(text_escape(out, 8, "abcdefghij"), "abcd...", "cut");
	CHECK_TEXT(text_escape_word(out, sizeof(out), "x user=root\n"),
	    "x\\x20user=root\\x0a", "a word");
}

static void
test_distance(void **state)
{
	static const struct {
		const char *a, *b;
		size_t distance;
	} cases[] = {
		{ "alice", "alice", 0 },
		{ "alice", "alcie", 1 },
		{ "alice", "alic", 1 },
		{ "alice", "malice", 1 },
		{ "alice", "bob", 5 },
		{ "", "bob", 3 },
	};
	char huge[4097];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CHECK_EQ(name_distance(cases[i].a, cases[i].b), cases[i].distance,
		    cases[i].b);
		CHECK_EQ(name_distance(cases[i].b, cases[i].a), cases[i].distance,
		    cases[i].b);
	}
	memset(huge, 'a', sizeof(huge) - 1);
	huge[sizeof(huge) - 1] = '\0';
	assert_true(name_distance(huge, "alice") >= 40);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_hostile_texts),
		cmocka_unit_test(test_good_texts),
		cmocka_unit_test(test_printable),
		cmocka_unit_test(test_ten_megabytes),
		cmocka_unit_test(test_escape_is_bounded),
		cmocka_unit_test(test_distance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
