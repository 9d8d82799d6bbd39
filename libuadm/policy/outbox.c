#include "libuadm/policy/outbox.h"

#include "libuadm/base/cleanup.h"

#include <string.h>
#include <sysexits.h>

enum { MINUTE = 60 * 1000 };

static const int64_t GIVE_UP_MS = 3LL * 24 * 60 * MINUTE;

/* Before the second try, the third, ...; then the last one again and again. */
static const int64_t waits_ms[] = { 1 * MINUTE, 5 * MINUTE, 30 * MINUTE, 120 * MINUTE,
	360 * MINUTE };

static const char *const words[LETTER_STATES] = {
	[LETTER_DROPPED] = "dropped",
	[LETTER_WAITS] = "queued",
	[LETTER_SENDING] = "sending",
	[LETTER_SENT] = "sent",
	[LETTER_FAILED] = "failed",
};

/* What mailers exit with, as sysexits.h has it. Some say with EX_UNAVAILABLE that nobody wants the
 * mail, others that nobody could be asked: it is tried again. */
static const struct {
	int status;
	bool for_good, mailer_ails;
	const char *text;
} statuses[] = {
	{ EX_USAGE, false, true, "was called with options that it does not know" },
	{ EX_DATAERR, true, false, "does not take the mail" },
	{ EX_NOINPUT, false, true, "lacks a file" },
	{ EX_NOUSER, true, false, "knows nobody of that address" },
	{ EX_NOHOST, true, false, "knows no host of that address" },
	{ EX_UNAVAILABLE, false, false, "could not send it" },
	{ EX_SOFTWARE, false, true, "failed" },
	{ EX_OSERR, false, true, "failed for want of something" },
	{ EX_OSFILE, false, true, "lacks a file" },
	{ EX_CANTCREAT, false, true, "cannot write" },
	{ EX_IOERR, false, true, "failed to read or write" },
	{ EX_TEMPFAIL, false, true, "could not send it just now" },
	{ EX_PROTOCOL, false, true, "did not understand the server" },
	{ EX_NOPERM, false, true, "was not permitted to" },
	{ EX_CONFIG, false, true, "is not set up" },
};

const char *
policy_letter_word(enum letter_state state)
{
	return (unsigned)state < LETTER_STATES ? words[state] : words[LETTER_DROPPED];
}

enum letter_state
policy_letter_state(const char *word)
{
	for (int i = 0; i < LETTER_STATES; i++)
		if (strcmp(word, words[i]) == 0)
			return (enum letter_state)i;
	return LETTER_DROPPED;
}

static size_t
find_status(int status)
{
	size_t i = 0;

	while (i < ARRAY_LEN(statuses) && statuses[i].status != status)
		i++;
	return i;
}

static struct letter_next
again(int64_t tries, int64_t age_ms, bool mailer_ails)
{
	size_t i = tries < 1 ? 0 : (size_t)tries - 1;
	struct letter_next next = { .mailer_ails = mailer_ails };

	next.wait_ms = waits_ms[i < ARRAY_LEN(waits_ms) ? i : ARRAY_LEN(waits_ms) - 1];
	next.state = age_ms + next.wait_ms > GIVE_UP_MS ? LETTER_FAILED : LETTER_WAITS;
	return next;
}

struct letter_next
policy_letter_next(const struct mailer_end *end, int64_t tries, int64_t age_ms)
{
	size_t i = find_status(end->status);

	if (!end->begun || !end->in_time || end->signal != 0)
		return again(tries, age_ms, true);
	if (end->status == 0)
		return (struct letter_next){ .state = LETTER_SENT };
	if (i == ARRAY_LEN(statuses))
		return again(tries, age_ms, true);
	if (statuses[i].for_good)
		return (struct letter_next){ .state = LETTER_FAILED };
	return again(tries, age_ms, statuses[i].mailer_ails);
}

void
policy_mailer_says(const struct mailer_end *end, char *out, size_t size)
{
	size_t i = find_status(end->status);

	if (!end->begun)
		snprintf(out, size, "the mailer cannot be run");
	else if (!end->in_time)
		snprintf(out, size, "the mailer did not come to an end in time");
	else if (end->signal != 0)
		snprintf(out, size, "the mailer was ended by signal %d", end->signal);
	else if (i < ARRAY_LEN(statuses))
		snprintf(out, size, "the mailer %s (exit status %d)", statuses[i].text,
		    end->status);
	else
		snprintf(out, size, "the mailer exited with status %d", end->status);
}
