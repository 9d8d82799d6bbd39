/* Dates as people write them; the errors' codes and exit statuses. */
#include "libuadm/base/times.h"

#include "tests/unit/check.h"

#include <sysexits.h>
#include <time.h>

enum { NOW = 1000000 };

static int
use_vienna(void **state)
{
	(void)state;
	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	return 0;
}

static void
test_good_dates(void **state)
{
	static const struct {
		const char *text;
		const char *utc;
	} cases[] = {
		{ "never", "" }, { "", "" }, { "+15m", "1970-01-12T14:01:40Z" },
		{ "+12h", "1970-01-13T01:46:40Z" }, { "+30d", "1970-02-11T13:46:40Z" },
		{ "+2w", "1970-01-26T13:46:40Z" }, { "+0d", "1970-01-12T13:46:40Z" },
		{ "2026-12-31", "2026-12-30T23:00:00Z" },
		{ "2026-07-01", "2026-06-30T22:00:00Z" }, /* summer time */
		{ "2026-12-31 18:00", "2026-12-31T17:00:00Z" },
		{ "2026-12-31T18:00", "2026-12-31T17:00:00Z" },
		{ "2026-12-31 18:00:30", "2026-12-31T17:00:30Z" },
		{ "2026-12-31T18:00:30", "2026-12-31T17:00:30Z" },
		{ "2026-12-31Z", "2026-12-31T00:00:00Z" },
		{ "2026-12-31T18:00:30Z", "2026-12-31T18:00:30Z" },
		{ "2026-07-01 12:00Z", "2026-07-01T12:00:00Z" },
		{ "2028-02-29", "2028-02-28T23:00:00Z" },
		{ "2100-01-01Z", "2100-01-01T00:00:00Z" }, /* beyond 2038 */
	};
	struct uadm_err err;
	char out[TIME_SIZE];
	int64_t t;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CHECK_EQ(time_parse("expires", cases[i].text, NOW, &t, &err), UADM_OK,
		    cases[i].text);
		CHECK_TEXT(time_utc(t, out), cases[i].utc, cases[i].text);
	}
}

static void
test_bad_dates(void **state)
{
	static const char *const cases[] = { "2026-02-31", "2026-02-29", "2026-13-01",
		"2026-00-10", "2026-01-00", "31.12.2026", "2026/12/31", "tomorrow",
		"Never", "+", "+d", "+30", "+30x", "+30dd", "+ 30d", "-30d", "+-30d",
		"+99999999999999999999d", "+999999999999w", "1969-12-31Z",
		"2026-12-31 25:00", "2026-12-31 18:00x", "2026-12-31ZZ", "2026-12-31 ",
		"2026-12-31 18", "Z", "0" };
	struct uadm_err err;
	int64_t t;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CHECK_EQ(time_parse("expires", cases[i], NOW, &t, &err), UADM_INVALID,
		    cases[i]);
		CHECK_HAS(err.msg, "expires \"");
	}
	CHECK_FAILS(UADM_INVALID, time_parse("expires", "\x1b[2J", NOW, &t, &err));
	CHECK_HAS(err.msg, "\\x1b[2J");
}

/* An hour that the clocks leave out is refused; one that exists twice is one of the two. */
static void
test_summer_time_changes(void **state)
{
	struct uadm_err err;
	int64_t t;

	(void)state;
	CHECK_FAILS(UADM_INVALID, time_parse("t", "2026-03-29 02:30", NOW, &t, &err));
	CHECK_OK(time_parse("t", "2026-10-25 02:30", NOW, &t, &err));
	assert_in_range(t, 1792884600, 1792895400);
}

/* How long ago, or a date that has been: nothing that is to come, and not never. */
static void
test_past(void **state)
{
	static const struct {
		const char *text;
		int64_t t; /* 0: refused */
	} cases[] = {
		{ "1h", NOW - 3600 },
		{ "-1h", NOW - 3600 },
		{ "7d", NOW - 7 * 86400 },
		{ "0", NOW },
		{ "1970-01-02T00:00:00Z", 86400 },
		{ "36500d", 1 },
		{ "+1h", 0 },
		{ "--1h", 0 },
		{ "never", 0 },
		{ "", 0 },
		{ "2100-01-01", 0 },
		{ "yesterday", 0 },
	};
	struct uadm_err err;
	int64_t t;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		if (cases[i].t == 0)
			CHECK_FAILS(UADM_INVALID,
			    time_parse_past("t", cases[i].text, NOW, &t, &err));
		else
			CHECK_OK(time_parse_past("t", cases[i].text, NOW, &t, &err));
		CHECK_EQ(t, cases[i].t, cases[i].text);
	}
}

static void
test_shown(void **state)
{
	static const struct {
		int64_t t;
		const char *text;
	} cases[] = {
		{ NOW + 1, "in 1 s" },
		{ NOW + 119, "in 119 s" },
		{ NOW + 120, "in 2 min" },
		{ NOW + 14 * 60 + 29, "in 14 min" },
		{ NOW + 14 * 60 + 59, "in 15 min" },
		{ NOW + 30 * 86400 - 1, "in 30 days" },
		{ NOW - 30 * 86400 + 1, "29 days ago" },
		{ NOW + 7200, "in 2 h" },
		{ NOW + 2 * 86400, "in 2 days" },
		{ NOW, "0 s ago" },
		{ NOW - 3 * 3600, "3 h ago" },
	};
	char out[TIME_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		CHECK_TEXT(
		    time_distance(cases[i].t, NOW, out), cases[i].text, cases[i].text);
	CHECK_TEXT(time_local(1798736400, out), "2026-12-31 18:00", "local");
	CHECK_TEXT(time_local(0, out), "", "local 0");
	CHECK_TEXT(time_utc(INT64_MAX, out), "", "no such year");
}

/* RFC 3339 with the offset of the zone; UTC has its letter. */
static void
test_iso(void **state)
{
	static const struct {
		const char *zone;
		int64_t t;
		const char *text;
	} cases[] = {
		{ "CET-1CEST,M3.5.0,M10.5.0/3", 1798736400,
		    "2026-12-31T18:00:00+01:00" },
		{ "CET-1CEST,M3.5.0,M10.5.0/3", 1782900000,
		    "2026-07-01T12:00:00+02:00" },
		{ "EST5", 1798736400, "2026-12-31T12:00:00-05:00" },
		{ "XYZ-5:45", 1798736400, "2026-12-31T22:45:00+05:45" },
		{ "UTC0", 1798736400, "2026-12-31T17:00:00Z" },
		{ "EST5", 0, "" },
		{ "EST5", INT64_MAX, "" },
		{ "EST5", 253402300800 + 18000, "10000-01-01T00:00:00-05:00" },
	};
	char out[TIME_SIZE];

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		setenv("TZ", cases[i].zone, 1);
		tzset();
		CHECK_TEXT(time_iso(cases[i].t, out), cases[i].text, cases[i].text);
	}
	use_vienna(state);
}

static void
test_short_spans(void **state)
{
	static const struct {
		int64_t secs;
		const char *text;
	} cases[] = { { 0, "0 s" }, { 119, "119 s" }, { 120, "2 min" },
		{ 7199, "119 min" }, { 7200, "2 h" }, { 2 * 86400, "2 days" },
		{ 36500LL * 86400, "36500 days" } };
	char out[TIME_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		CHECK_TEXT(
		    time_short_span(cases[i].secs, out), cases[i].text, cases[i].text);
}

static void
test_spans(void **state)
{
	static const struct {
		int64_t secs;
		const char *down, *up;
	} cases[] = {
		{ 1, "1 minute", "1 minute" },
		{ 60, "1 minute", "1 minute" },
		{ 61, "1 minute", "2 minutes" },
		{ 3599, "59 minutes", "60 minutes" },
		{ 3600, "1 hour", "1 hour" },
		{ 2 * 3600 + 1, "2 hours", "3 hours" },
		{ 86400, "1 day", "1 day" },
		{ 7 * 86400 - 1, "6 days", "7 days" },
		{ 36500LL * 86400, "36500 days", "36500 days" },
	};
	char out[TIME_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CHECK_TEXT(
		    time_span(cases[i].secs, false, out), cases[i].down, cases[i].down);
		CHECK_TEXT(
		    time_span(cases[i].secs, true, out), cases[i].up, cases[i].up);
	}
}

static void
test_errors(void **state)
{
	static const struct {
		enum uadm_code code;
		int exit_status;
		const char *name;
	} cases[] = {
		{ UADM_OK, 0, "ok" },
		{ UADM_USAGE, 64, "usage" },
		{ UADM_INVALID, 65, "invalid" },
		{ UADM_EXISTS, 65, "exists" },
		{ UADM_NOT_FOUND, 67, "not-found" },
		{ UADM_UNAVAILABLE, 69, "unavailable" },
		{ UADM_BUSY, 75, "busy" },
		{ UADM_DENIED, 77, "denied" },
		{ UADM_CONFIG, 78, "config" },
		{ UADM_INTERNAL, 70, "internal" },
		{ (enum uadm_code)99, 70, "internal" },
	};
	char big[4096];
	struct uadm_err err = { .hint = "old" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CHECK_EQ(uadm_exit_status(cases[i].code), cases[i].exit_status,
		    cases[i].name);
		CHECK_TEXT(uadm_code_name(cases[i].code), cases[i].name, cases[i].name);
	}
	errno = ENOENT;
	assert_int_equal(uadm_fail(&err, UADM_BUSY, "no %s: %m", "luck"), UADM_BUSY);
	assert_int_equal(errno, ENOENT);
	CHECK_TEXT(err.msg, "no luck: No such file or directory", "%m");
	CHECK_TEXT(err.hint, "", "an old hint is gone");
	assert_int_equal(uadm_hint(&err, "try %d", 2), UADM_BUSY);
	CHECK_TEXT(err.hint, "try 2", "hint");
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	uadm_fail(&err, UADM_INVALID, "%s", big);
	assert_int_equal(strlen(err.msg), sizeof(err.msg) - 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good_dates),
		cmocka_unit_test(test_bad_dates),
		cmocka_unit_test(test_summer_time_changes),
		cmocka_unit_test(test_past),
		cmocka_unit_test(test_shown),
		cmocka_unit_test(test_spans),
		cmocka_unit_test(test_short_spans),
		cmocka_unit_test(test_iso),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, use_vienna, NULL);
}
