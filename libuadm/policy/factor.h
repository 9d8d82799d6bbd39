/*
 * factor.h - is a second factor due in this login, and which? Pure, as login.h says. Zero refuses.
 */
#ifndef UADM_POLICY_FACTOR_H
#define UADM_POLICY_FACTOR_H

#include "libuadm/base/policy.h"

#include <stdbool.h>

enum factor_require { REQUIRE_NONE = 0, REQUIRE_ANY, REQUIRE_TOTP };
enum factor_on_key { ON_KEY_REFUSE = 0, ON_KEY_ALLOW };

enum factor_totp {
	TOTP_NONE = 0,
	TOTP_PENDING, /* handed out, and no code of it was seen yet: it counts for nothing */
	TOTP_THERE,
};

struct factor_facts {
	const struct policy *policy; /* of this user */
	bool asked;                  /* the service is one that asks */
	bool messages; /* the host can send them, and the user has a number */
	enum factor_totp totp;
	int64_t since; /* Unix seconds: the grace begins */
	/* What root requires, which an account's own is over, and since when. */
	struct {
		int64_t require, grace, since;
	} root;
	int64_t now;
};

enum factor_need {
	FACTOR_MISSING =
	    0,          /* required, there is none, and it is too late to set one up */
	FACTOR_CODE,    /* a code of the app, or a recovery code */
	FACTOR_MESSAGE, /* a code that is sent to the mobile number */
	FACTOR_ENROLL,  /* required, there is none: it is set up in this login */
	FACTOR_FREE,    /* none is due */
};

/* Facts without a policy are FACTOR_MISSING. The grace of an account's own rule is none of root's: who
 * needs a code of a message by root's word gets that until it is over, and who is too late is. */
enum factor_need policy_factor(const struct factor_facts *f);
/* "missing", "code", "message", "enroll", "none", and a sentence. */
const char *policy_factor_word(enum factor_need need);
const char *policy_factor_text(enum factor_need need);

/* What was typed, by itself. */
enum factor_given {
	GIVEN_WRONG = 0, /* also: used before */
	GIVEN_NOTHING,
	GIVEN_RIGHT,
};

enum factor_verdict {
	FACTOR_IS_WRONG = 0, /* a failed login, like a wrong password */
	FACTOR_IS_MISSING,   /* refused, and told */
	FACTOR_IS_TO_SEND,   /* send a message, then ask again */
	FACTOR_IS_TO_ENROLL, /* set one up, then ask again */
	FACTOR_IS_FINE,
};

/* Of somebody whose password was right. */
enum factor_verdict policy_factor_verdict(
    enum factor_need need, enum factor_totp totp, enum factor_given given);

/* A login that proved neither password nor code (an ssh key), from another host: may it go on?
 * While there is still time to set a factor up, it may. */
bool policy_factor_key(const struct policy *p, enum factor_need need);

#endif
