#include "uadmctl/when.h"

#include "libuadm/base/clock.h"
#include "libuadm/base/zones.h"

#include <string.h>
#include <time.h>

static const char *const words[] = { TIME_FORMATS };
enum form { FORM_ISO, FORM_RELATIVE, FORM_EPOCH, FORM_LOCAL };

/* Of this call, for it is one program that writes for one reader. */
static enum form chosen = FORM_LOCAL;

bool
when_begin(struct cli *cli)
{
	const char *format = cli_value(cli, "time-format");
	const char *zone = cli->uadm.acting.time_zone;

	if (!cli_one_of(cli, "time-format", words, ARRAY_LEN(words)))
		return false;
	for (size_t i = 0; format != NULL && i < ARRAY_LEN(words); i++)
		if (strcmp(format, words[i]) == 0)
			chosen = (enum form)i;
	/* The host's own zone where theirs is gone from tzdata. */
	if (cli_has(cli, "utc")) {
		setenv("TZ", "UTC0", 1);
		tzset();
	} else if (zone[0] != '\0' && !zone_enter(zone)) {
		cli_warn("there is no time zone \"%s\" here (any more): times are this "
			 "host's",
		    zone);
	}
	return true;
}

static char *
write_as(enum form form, int64_t at, char out[TIME_SIZE])
{
	struct clock_now now;

	out[0] = '\0';
	if (at == 0)
		return out;
	switch (form) {
	case FORM_ISO:
		return time_iso(at, out);
	case FORM_RELATIVE:
		clock_read(&now);
		return time_distance(at, now.wall, out);
	case FORM_EPOCH:
		snprintf(out, TIME_SIZE, "%lld", (long long)at);
		return out;
	case FORM_LOCAL:
		break;
	}
	return time_local(at, out);
}

char *
when_text(int64_t at, char out[TIME_SIZE])
{
	return write_as(chosen, at, out);
}

char *
when_said(int64_t at, char out[TIME_SIZE])
{
	return write_as(chosen == FORM_RELATIVE ? FORM_LOCAL : chosen, at, out);
}

char *
when_end(int64_t at, char out[TIME_SIZE])
{
	return chosen == FORM_LOCAL || chosen == FORM_RELATIVE
	    ? time_end(at, out)
	    : write_as(chosen, at, out);
}
