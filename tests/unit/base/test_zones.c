/* Time zones by name (F88): which names are taken, and a moment as it is written in one. */
#include "libuadm/base/zones.h"

#include "tests/unit/check.h"

#include <stdlib.h>
#include <time.h>

static void
test_names(void **state)
{
	static const struct {
		const char *name;
		bool valid;
	} cases[] = {
		{ "Europe/Vienna", true },
		{ "UTC", true },
		{ "Etc/GMT+5", true },
		{ "America/Argentina/Buenos_Aires", true },
		{ "Egypt", true }, /* a link to Africa/Cairo, or a file */
		{ "", false },
		{ "europe/vienna", false },
		{ "Nowhere/At_All", false },
		{ "Europe", false }, /* a directory */
		{ "zone.tab", false },
		{ "tzdata.zi", false },
		{ "leapseconds", false },
		{ "/etc/localtime", false },
		{ "/usr/share/zoneinfo/UTC", false },
		{ ":UTC", false },
		{ "..", false },
		{ "../zoneinfo/UTC", false },
		{ "Europe/../UTC", false },
		{ "../../../etc/passwd", false },
		{ "./UTC", false },
		{ "Europe//Vienna", false },
		{ "Europe/Vienna/", false },
		{ "Europe/Vienna ", false },
		{ "Europe/Vienna\n", false },
		{ "CET-1CEST", false }, /* libc would take it: not of the database */
		{ "CET-1CEST,M3.5.0,M10.5.0/3", false },
		{ "localtime", false }, /* a link out of it */
		{ "posixrules", false },
		{ "Factory", false },
		{ "right/Europe/Vienna", false },
		{ "A/very/long/name/that/goes/on/and/on/and/on/and/on/and/on/and/on/and/on",
		    false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		CHECK_EQ(zone_is_valid(cases[i].name), cases[i].valid, cases[i].name);
}

static void
test_moments(void **state)
{
	static const struct {
		int64_t at;
		const char *zone, *text;
	} cases[] = {
		{ 1798736400, "Europe/Vienna", "2026-12-31 18:00 CET" },
		{ 1782900000, "Europe/Vienna", "2026-07-01 12:00 CEST" },
		{ 1798736400, "UTC", "2026-12-31 17:00 UTC" },
		{ 1798736400, "Asia/Kathmandu", "2026-12-31 22:45 +0545" },
		{ 1798736400, "America/New_York", "2026-12-31 12:00 EST" },
		/* the hour that comes twice */
		{ 1792888200, "Europe/Vienna", "2026-10-25 02:30 CEST" },
		{ 1792891800, "Europe/Vienna", "2026-10-25 02:30 CET" },
		{ 4102444800, "Europe/Vienna", "2100-01-01 01:00 CET" },
		{ 0, "Europe/Vienna", "" },
		{ INT64_MAX, "Europe/Vienna", "" },
		/* none, or none any more: the zone of the process */
		{ 1798736400, "", "2027-01-01 02:00 JST" },
		{ 1798736400, "Nowhere/At_All", "2027-01-01 02:00 JST" },
		{ 1798736400, "../../etc/passwd", "2027-01-01 02:00 JST" },
	};
	char out[TIME_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CHECK_TEXT(zone_time(cases[i].at, cases[i].zone, out), cases[i].text,
		    cases[i].text);
		CHECK_TEXT(time_local(1798736400, out), "2027-01-01 02:00",
		    "the process stays where it is");
		CHECK_TEXT(getenv("TZ"), "Asia/Tokyo", "TZ");
	}
}

static void
test_no_tz(void **state)
{
	char out[TIME_SIZE];

	(void)state;
	unsetenv("TZ");
	CHECK_TEXT(zone_time(1798736400, "Europe/Vienna", out), "2026-12-31 18:00 CET",
	    "Vienna");
	assert_null(getenv("TZ"));
}

static void
test_enter(void **state)
{
	char out[TIME_SIZE];
	struct uadm_err err;
	int64_t t;

	(void)state;
	assert_false(zone_enter("Nowhere/At_All"));
	CHECK_TEXT(time_local(1798736400, out), "2027-01-01 02:00", "as before");
	assert_true(zone_enter("America/New_York"));
	CHECK_TEXT(time_local(1798736400, out), "2026-12-31 12:00", "New York");
	CHECK_OK(time_parse("t", "2026-12-31 12:00", 1, &t, &err));
	CHECK_EQ(t, 1798736400, "read in it, too");
}

/* Whoever can set the environment does not choose another database. */
static void
test_tzdir(void **state)
{
	char out[TIME_SIZE];

	(void)state;
	setenv("TZDIR", "/tmp", 1);
	CHECK_TEXT(zone_time(1798736400, "Europe/Vienna", out), "2026-12-31 18:00 CET",
	    "Vienna");
	unsetenv("TZDIR");
}

static int
use_tokyo(void **state)
{
	(void)state;
	setenv("TZ", "Asia/Tokyo", 1);
	tzset();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test_setup(test_moments, use_tokyo),
		cmocka_unit_test_setup(test_no_tz, use_tokyo),
		cmocka_unit_test_setup(test_enter, use_tokyo),
		cmocka_unit_test_setup(test_tzdir, use_tokyo),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
