/*
 * zones.c - see zones.h.
 *
 * Threat: libc opens what TZ names. A name that leads out of the tz database has root's programs
 * read a file of somebody's choice, and a zone that is not there is UTC without a word. So a name
 * is looked at each time before libc sees it: its shape, where it leads, whose the file is and
 * that it is one of the tz database's; and libc gets the path, which no TZDIR can bend.
 */
#include "libuadm/base/zones.h"

#include "libuadm/base/cleanup.h"
#include "libuadm/base/paths.h"
#include "libuadm/base/user.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* What libc wants before the path of a zone's file. */
static const char by_path[] = ":" UADM_ZONE_DIR "/";
enum { ZONE_PATH_SIZE = sizeof(by_path) + UADM_ZONE_SIZE };

/* Each a TZif file, and yet nobody's zone: a clock with leap seconds is half a minute off from
 * everybody's, and the others are what this host happens to be set to, or not set to. */
static bool
is_no_ones(const char *name)
{
	static const char *const names[] = { "posixrules", "localtime", "Factory" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return strncmp(name, "right/", 6) == 0;
}

/* Words of letters, digits, _, + and -, with single slashes between them: no dots at all. */
static bool
is_name(const char *s)
{
	size_t n = strlen(s);

	return n > 0 && n < UADM_ZONE_SIZE && s[0] != '/' && s[n - 1] != '/' &&
	    strstr(s, "//") == NULL &&
	    s[strspn(s,
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-/")] ==
	    '\0';
}

/* tzdata has links, from old names to new ones: none leads out of it. */
static bool
stays_inside(const char *path)
{
	char *real = realpath(path, NULL);
	bool inside = real != NULL &&
	    strncmp(real, UADM_ZONE_DIR "/", sizeof(UADM_ZONE_DIR)) == 0;

	free(real);
	return inside;
}

static bool
is_zone_file(const char *path)
{
	CLEANUP(cleanup_fd)
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char magic[4] = "";
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_uid == 0 && (st.st_mode & (S_IWGRP | S_IWOTH)) == 0 &&
	    read(fd, magic, sizeof(magic)) == sizeof(magic) &&
	    memcmp(magic, "TZif", sizeof(magic)) == 0;
}

bool
zone_is_valid(const char *name)
{
	char path[ZONE_PATH_SIZE];

	if (!is_name(name) || is_no_ones(name))
		return false;
	snprintf(path, sizeof(path), "%s%s", by_path + 1, name);
	return stays_inside(path) && is_zone_file(path);
}

/* NULL: as it was when the process began. */
static void
set_zone(const char *tz)
{
	if (tz != NULL)
		setenv("TZ", tz, 1);
	else
		unsetenv("TZ");
	tzset();
}

bool
zone_enter(const char *zone)
{
	char tz[ZONE_PATH_SIZE];

	if (!zone_is_valid(zone))
		return false;
	snprintf(tz, sizeof(tz), "%s%s", by_path, zone);
	set_zone(tz);
	return true;
}

char *
zone_time(int64_t at, const char *zone, char out[TIME_SIZE])
{
	const char *tz = getenv("TZ");
	CLEANUP(cleanup_free) char *before = tz == NULL ? NULL : strdup(tz);
	time_t secs = (time_t)at;
	bool entered;
	struct tm tm;

	out[0] = '\0';
	/* No memory to come back with: then nowhere to go. */
	entered = (tz == NULL || before != NULL) && zone_enter(zone);
	if (at != 0 && localtime_r(&secs, &tm) != NULL &&
	    strftime(out, TIME_SIZE, "%Y-%m-%d %H:%M %Z", &tm) == 0)
		out[0] = '\0';
	if (entered)
		set_zone(before);
	return out;
}
