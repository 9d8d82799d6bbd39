/*
 * talk.h - what uadmd says through the module: one call on one connection.
 */
#ifndef UADM_UADMD_TALK_H
#define UADM_UADMD_TALK_H

#include "libuadm/relay/frame.h"
#include "libuadm/secrets/secret.h"

#include <stdbool.h>

struct talk {
	int fd;
	struct relay_frame frame; /* in and out; wiped by talk_done() */
};

enum talk_answer {
	TALK_GONE =
	    0,     /* the module is gone or spoke nonsense: nothing to do but leave */
	TALK_NONE, /* the user gave no answer: end of input, no conversation */
	TALK_GIVEN,
};

/* Ask for a secret. `item` says what it stands for in PAM. There is no bound on how long a
 * person takes; the host ending ends the wait. */
enum talk_answer talk_secret(
    struct talk *t, const char *prompt, enum relay_item item, struct secret *out);

/* The same for what may be seen on the screen. */
enum talk_answer talk_open(struct talk *t, const char *prompt, struct secret *out);

/* Lines for the user. */
void talk_info(struct talk *t, const char *text);
void talk_error(struct talk *t, const char *text);
void talk_setenv(struct talk *t, const char *name, const char *value);
/* The last secret was right: later modules may have it. */
void talk_keep_token(struct talk *t);

struct verdict {
	enum relay_result result;
	bool known;       /* the name is a user's: it may be logged */
	int64_t delay_us; /* a failed guess: let it take a while */
	char log[400];    /* why; no secret */
};
bool talk_result(struct talk *t, const struct verdict *v);

void talk_done(struct talk *t);

#endif
