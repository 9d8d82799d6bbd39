/* prompt.h - what is said to the human, and what comes back. */
#ifndef UADM_PAM_PROMPT_H
#define UADM_PAM_PROMPT_H

#include "pam_uadm/call.h"

/* A secret in passing. One byte more than the longest: its NUL. */
struct answer {
	bool given;
	bool too_long; /* `text` is a stand-in that nothing can match */
	char text[RELAY_SECRET_MAX + 1];
};

void answer_wipe(struct answer *answer);

/* Make an answer of what libpam or the conversation holds; NULL: none was given. */
void answer_take(struct answer *answer, const char *text);

/* Ask through the host's conversation. No conversation, a failing one and one without an
 * answer leave answer->given false. */
void prompt_ask(
    const struct call *call, const char *text, bool echo, struct answer *answer);

/* Show a line; with PAM_SILENT, nothing. */
void prompt_show(const struct call *call, const char *text, bool is_error);

#endif
