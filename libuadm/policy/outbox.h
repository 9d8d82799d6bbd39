/*
 * outbox.h - what becomes of a mail: when is it tried again, and when no more?
 *
 * Pure: what the mailer did and for how long the mail has waited are passed in.
 */
#ifndef UADM_POLICY_OUTBOX_H
#define UADM_POLICY_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum letter_state {
	LETTER_DROPPED = 0, /* it is not sent any more */
	LETTER_WAITS,
	LETTER_SENDING, /* a mailer has it just now */
	LETTER_SENT,
	LETTER_FAILED, /* given up */
	LETTER_STATES,
};

/* "dropped", "queued", "sending", "sent", "failed" */
const char *policy_letter_word(enum letter_state state);
/* LETTER_DROPPED for a word that is none. */
enum letter_state policy_letter_state(const char *word);

/* How the mailer ended. Zero: it did not even begin. */
struct mailer_end {
	bool begun;
	bool in_time;
	int signal; /* that ended it; 0: none */
	int status; /* else what it exited with (sysexits.h) */
};

struct letter_next {
	enum letter_state state; /* LETTER_SENT, LETTER_WAITS or LETTER_FAILED */
	int64_t wait_ms;         /* LETTER_WAITS: until the next try */
	/* The mailer is to blame rather than the mail: the next one would fare no better. */
	bool mailer_ails;
};

/* `tries`: this one included; `age_ms`: since it was queued, while the host was up. */
struct letter_next policy_letter_next(
    const struct mailer_end *end, int64_t tries, int64_t age_ms);

/* A sentence about an end that was not good. */
void policy_mailer_says(const struct mailer_end *end, char *out, size_t size);

#endif
