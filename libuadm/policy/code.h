/*
 * code.h - one-time codes: for how long, and who may have one sent from the login screen. Pure.
 */
#ifndef UADM_POLICY_CODE_H
#define UADM_POLICY_CODE_H

#include "libuadm/base/code.h"
#include "libuadm/base/policy.h"
#include "libuadm/base/user.h"

#include <stdbool.h>

/* In seconds. */
int64_t policy_code_lifetime(const struct policy *p, enum code_kind kind);

/* Somebody at the login screen wants a code for this user, and none is told what comes of it. */
struct self_reset_facts {
	const struct user *user; /* NULL: nobody's name */
	const char *email;       /* that was typed */
	bool mail;               /* is it set up? */
	bool administrator;      /* of any account */
	bool elsewhere;          /* has no access to this host or service */
	int64_t fresh_until;     /* of the code that was sent last; 0: none was */
	int64_t now;
};
enum { SELF_RESET_REST_SECS = 15 * 60 }; /* between two codes */

enum self_reset_answer {
	SELF_RESET_OFF = 0,
	SELF_RESET_UNKNOWN,
	SELF_RESET_SERVICE,
	SELF_RESET_OTHER_ADDRESS,
	SELF_RESET_REFUSED, /* could not log in with any password */
	SELF_RESET_ADMINISTRATOR,
	SELF_RESET_FRESH,
	SELF_RESET_SEND,
};
enum self_reset_answer policy_self_reset(
    const struct policy *p, const struct self_reset_facts *f);
/* For the log: a sentence. */
const char *policy_self_reset_text(enum self_reset_answer answer);

#endif
