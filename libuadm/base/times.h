/*
 * times.h - dates as people write them, and back.
 */
#ifndef UADM_BASE_TIMES_H
#define UADM_BASE_TIMES_H

#include "libuadm/base/error.h"

#include <stdbool.h>
#include <stdint.h>

enum { TIME_SIZE = 32 };

/* "2026-12-31", "2026-12-31 18:00[:30]" (the zone of the process; `T` for the space works too),
 * the same with a trailing Z for UTC, "+30d" "+12h" "+15m" from `now`, or "never" (0).
 * `field` is named in the error. */
enum uadm_code time_parse(const char *field, const char *text, int64_t now,
    int64_t *out, struct uadm_err *err) UADM_CHECKED;

/* The same of a time that has been: a date up to now, or how long ago that was, "2h" or "-2h". */
enum uadm_code time_parse_past(const char *field, const char *text, int64_t now,
    int64_t *out, struct uadm_err *err) UADM_CHECKED;

/* "90s", "15m", "12h", "30d", "2w" or "0", as seconds; false: it is none of these. */
bool duration_parse(const char *text, int64_t *secs);

/* RFC 3339 in UTC: "2026-12-31T17:00:00Z"; "" for 0. Returns `out`. */
char *time_utc(int64_t t, char out[TIME_SIZE]);

/* RFC 3339 in the zone of the process: "2026-12-31T18:00:00+01:00"; "" for 0. Returns `out`. */
char *time_iso(int64_t t, char out[TIME_SIZE]);

/* "2026-12-31 18:00" in the zone of the process; "" for 0. Returns `out`. */
char *time_local(int64_t t, char out[TIME_SIZE]);
/* The same of a time that something ends at: to the second, where that is not a full minute. */
char *time_end(int64_t t, char out[TIME_SIZE]);

/* "3 days", "1 hour", "5 minutes": a length of time in its largest unit, a minute at least; what
 * is left over is dropped, or with `up` counts as one more. Returns `out`. */
char *time_span(int64_t secs, bool up, char out[TIME_SIZE]);

/* "45 s", "14 min", "3 h", "12 days", as time_distance() has it. Returns `out`. */
char *time_short_span(int64_t secs, char out[TIME_SIZE]);

/* "in 14 min", "3 h ago": the distance of `t` from `now` in one unit, the nearest of what
 * is to come. Returns `out`. */
char *time_distance(int64_t t, int64_t now, char out[TIME_SIZE]);

#endif
