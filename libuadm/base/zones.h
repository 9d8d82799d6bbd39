/*
 * zones.h - the time zones of this host's tz database, by their names ("Europe/Vienna").
 *
 * Programs of one thread only: what libc formats by is the process's.
 */
#ifndef UADM_BASE_ZONES_H
#define UADM_BASE_ZONES_H

#include "libuadm/base/times.h"

/* Does the tz database of this host have it, as a file that nobody but root can have made? */
bool zone_is_valid(const char *name);

/* "2026-12-31 18:00 CET": a moment as a reader in this zone writes it; "" for 0. The zone of the
 * process, with its name all the same, when `zone` is empty or there is no such zone (any more).
 * Returns `out`. */
char *zone_time(int64_t at, const char *zone, char out[TIME_SIZE]);

/* From here on the process is in this zone: time_local() and time_parse() go by it. false, and
 * nothing has changed: there is no such zone. */
bool zone_enter(const char *zone);

#endif
