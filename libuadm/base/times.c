#include "libuadm/base/times.h"

#include "libuadm/base/names.h"
#include "libuadm/base/number.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

static bool
parse_distance(const char *text, int64_t now, int64_t *out)
{
	static const struct {
		char unit;
		int64_t secs;
	} units[] = { { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { 'w', 7 * 86400 } };
	char *end;
	long n;

	if (text[0] != '+' || text[1] < '0' || text[1] > '9')
		return false;
	errno = 0;
	n = strtol(text + 1, &end, 10);
	if (errno != 0 || n > 36500L * 1440 || strlen(end) != 1)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		if (*end == units[i].unit) {
			*out = now + n * units[i].secs;
			return true;
		}
	return false;
}

/* mktime() turns the 31st of February into the 3rd of March, and an hour that the clocks leave
 * out into another one: such a date is refused. */
static bool
is_real_date(struct tm tm, const struct tm *normal)
{
	return tm.tm_mday == normal->tm_mday && tm.tm_mon == normal->tm_mon &&
	    tm.tm_year == normal->tm_year && tm.tm_hour == normal->tm_hour &&
	    tm.tm_min == normal->tm_min;
}

static bool
parse_date(const char *text, int64_t *out)
{
	static const char *const forms[] = { "%Y-%m-%d", "%Y-%m-%d %H:%M",
		"%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S" };

	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		struct tm tm = { .tm_isdst = -1 }, normal;
		const char *end = strptime(text, forms[i], &tm);
		bool utc;

		if (end == NULL || (*end != '\0' && strcmp(end, "Z") != 0))
			continue;
		utc = *end == 'Z';
		tm.tm_isdst = -1;
		normal = tm;
		*out = utc ? timegm(&normal) : mktime(&normal);
		return is_real_date(tm, &normal) && *out > 0;
	}
	return false;
}

enum uadm_code
time_parse_past(const char *field, const char *text, int64_t now, int64_t *out,
    struct uadm_err *err)
{
	int64_t ago;
	char shown[60];

	if (*text != '\0' && strcmp(text, "never") != 0) {
		if (duration_parse(text + (*text == '-' ? 1 : 0), &ago)) {
			*out = now > ago ? now - ago : 1;
			return UADM_OK;
		}
		if (parse_date(text, out) && *out <= now)
			return UADM_OK;
	}
	*out = 0;
	uadm_fail(err, UADM_INVALID, "%s \"%s\" is no time that has been", field,
	    text_escape(shown, sizeof(shown), text));
	return uadm_hint(
	    err, "for example 2h or 7d (ago), 2026-01-31, \"2026-01-31 18:00\"");
}

enum uadm_code
time_parse(const char *field, const char *text, int64_t now, int64_t *out,
    struct uadm_err *err)
{
	char shown[60];

	*out = 0;
	if (*text == '\0' || strcmp(text, "never") == 0)
		return UADM_OK;
	if (parse_distance(text, now, out) || parse_date(text, out))
		return UADM_OK;
	uadm_fail(err, UADM_INVALID, "%s \"%s\" is not a date", field,
	    text_escape(shown, sizeof(shown), text));
	return uadm_hint(
	    err, "for example 2026-12-31, \"2026-12-31 18:00\", +30d or never");
}

bool
duration_parse(const char *text, int64_t *secs)
{
	static const struct {
		char letter;
		int64_t secs;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 },
		{ 'w', 7 * 86400 } };
	char digits[12];
	size_t n = strlen(text);
	int64_t count;

	*secs = 0;
	if (strcmp(text, "0") == 0)
		return true;
	if (n < 2 || n > sizeof(digits))
		return false;
	memcpy(digits, text, n - 1);
	digits[n - 1] = '\0';
	if (!number_parse(digits, 0, 36500LL * 86400, &count))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		if (text[n - 1] == units[i].letter) {
			*secs = count * units[i].secs;
			return true;
		}
	return false;
}

static char *
format(const char *form, const struct tm *tm, char out[TIME_SIZE])
{
	if (tm == NULL || strftime(out, TIME_SIZE, form, tm) == 0)
		out[0] = '\0';
	return out;
}

char *
time_utc(int64_t t, char out[TIME_SIZE])
{
	time_t secs = (time_t)t;
	struct tm tm;

	return format("%Y-%m-%dT%H:%M:%SZ", t == 0 ? NULL : gmtime_r(&secs, &tm), out);
}

char *
time_local(int64_t t, char out[TIME_SIZE])
{
	time_t secs = (time_t)t;
	struct tm tm;

	return format("%Y-%m-%d %H:%M", t == 0 ? NULL : localtime_r(&secs, &tm), out);
}

char *
time_iso(int64_t t, char out[TIME_SIZE])
{
	time_t secs = (time_t)t;
	size_t n;

	if (t == 0)
		return format("", NULL, out);
	struct tm tm;
	if (localtime_r(&secs, &tm) == NULL)
		return format("", NULL, out);
	format("%Y-%m-%dT%H:%M:%S%z", &tm, out);
	/* "+0100" is ISO 8601's alone; and UTC has its letter, as elsewhere. */
	n = strlen(out);
	if (tm.tm_gmtoff == 0)
		return time_utc(t, out);
	if (n >= 5 && n + 2 <= TIME_SIZE) {
		memmove(out + n - 1, out + n - 2, 3);
		out[n - 2] = ':';
	}
	return out;
}

char *
time_end(int64_t t, char out[TIME_SIZE])
{
	time_t secs = (time_t)t;
	struct tm tm;

	if (t % 60 == 0)
		return time_local(t, out);
	return format("%Y-%m-%d %H:%M:%S", localtime_r(&secs, &tm), out);
}

/* In one unit; `half`: to the nearest, otherwise what is left over is dropped. */
static char *
short_span(int64_t d, bool half, char out[TIME_SIZE])
{
	static const struct {
		int64_t below, secs;
		const char *name;
	} units[] = { { 120, 1, "s" }, { 7200, 60, "min" }, { 2 * 86400, 3600, "h" },
		{ INT64_MAX, 86400, "days" } };
	size_t i = 0;

	while (i < ARRAY_LEN(units) - 1 && d >= units[i].below)
		i++;
	snprintf(out, TIME_SIZE, "%lld %s",
	    (long long)(d / units[i].secs +
		(half && d % units[i].secs * 2 >= units[i].secs && units[i].secs > 1)),
	    units[i].name);
	return out;
}

char *
time_short_span(int64_t d, char out[TIME_SIZE])
{
	return short_span(d, false, out);
}

/* What is 30 days from now is so a second later, too. */
char *
time_distance(int64_t t, int64_t now, char out[TIME_SIZE])
{
	char span[TIME_SIZE];

	short_span(t > now ? t - now : now - t, t > now, span);
	snprintf(out, TIME_SIZE, "%s%.24s%s", t > now ? "in " : "", span,
	    t > now ? "" : " ago");
	return out;
}

char *
time_span(int64_t secs, bool up, char out[TIME_SIZE])
{
	int64_t unit = secs >= 86400 ? 86400 : secs >= 3600 ? 3600 : 60;
	const char *name = unit == 86400 ? "day" : unit == 3600 ? "hour" : "minute";
	int64_t n = secs / unit + (up && secs % unit != 0);

	if (n < 1)
		n = 1;
	snprintf(out, TIME_SIZE, "%lld %s%s", (long long)n, name, n == 1 ? "" : "s");
	return out;
}
