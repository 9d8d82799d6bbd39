/*
 * factor.h - the second factor within a login: who is asked, what was typed is worth, and what comes
 * of it. ops/prove.c calls this between the hash and the verdict.
 */
#ifndef UADM_OPS_FACTOR_H
#define UADM_OPS_FACTOR_H

#include "libuadm/ops/login.h"
#include "libuadm/policy/factor.h"
#include "libuadm/secrets/passcode.h"
#include "libuadm/secrets/totp.h"

/* May anybody have to give a factor on this service? It knows no user: where the answer is yes everybody
 * is asked, so that the prompt tells nothing. */
enum uadm_code op_factor_is_asked(struct uadm *u, const char *service, bool *asked,
    struct uadm_err *err) UADM_CHECKED;

enum { RECOVERY_CODES = 10 };

/* What a login brings beside the password, and what was found of it. */
struct factor_try {
	const struct secret *typed;  /* "": nothing */
	const struct totp *enrolled; /* set up in this login, ... */
	int64_t enrolled_step;       /* ... and a code of this step was typed */
	const char (*recovery)[RECOVERY_SIZE]; /* RECOVERY_CODES of them */

	/* factor_look() */
	enum passcode_kind kind;
	bool lost;    /* the secret there is does not open */
	int64_t step; /* of the app's code that was typed; 0: it is none */
	char recovery_hash[DIGEST_HEX_SIZE], message_hash[DIGEST_HEX_SIZE];

	/* factor_settle() */
	bool taken; /* and the password is asked again, for it was set anew meanwhile */
	enum factor_verdict verdict;
	bool is_new;     /* `enrolled` is what was right: it is not kept yet */
	const char *why; /* for the log, where it is wrong */
	bool used_recovery;
	int64_t recovery_left; /* after that */

	/* factor_keep() */
	char message[PASSCODE_SIZE]; /* to be sent; "": not now, there were too many */
	char number[UADM_NAME_SIZE]; /* to this one */
};

/* All that costs time: the same for everybody, and for who is unknown (NULL). Before the transaction
 * of the verdict. */
enum uadm_code factor_look(struct uadm *u, const struct user *user,
    struct factor_try *f, struct uadm_err *err) UADM_CHECKED;

/* In the transaction of the verdict, of who has typed the right password: what a code is good for is
 * used up here. */
enum uadm_code factor_settle(struct uadm *u, const struct login_request *r,
    const struct user *user, int64_t steady, const struct clock_now *now,
    struct uadm_err *err) UADM_CHECKED;
/* And then, of who is not refused: what was set up in this login is written down, or the message that is
 * to be sent. */
enum uadm_code factor_keep(struct uadm *u, const struct login_request *r,
    const struct user *user, const char *source, int64_t steady,
    const struct clock_now *now, struct uadm_err *err) UADM_CHECKED;

/* A login in its account phase: is it refused, for it has proved no factor? */
enum uadm_code factor_of_key(struct uadm *u, const struct login_request *r,
    const struct user *user, bool proved, bool *refused,
    struct uadm_err *err) UADM_CHECKED;

/* Everything the policy wants to know, for this service and now; *p is that of the user. */
enum uadm_code factor_facts_read(struct uadm *u, const struct user *user, bool asked,
    int64_t wall, struct policy *p, struct factor_facts *facts,
    struct uadm_err *err) UADM_CHECKED;

/* Seal a secret and write it down, with ten recovery codes. */
enum uadm_code factor_store(struct uadm *u, uid_t uid, const struct totp *t,
    int64_t step, const char (*recovery)[RECOVERY_SIZE], int64_t wall, bool confirmed,
    struct uadm_err *err) UADM_CHECKED;
/* The codes alone: those from before are worth nothing. */
enum uadm_code factor_store_recovery(struct uadm *u, uid_t uid,
    const char (*recovery)[RECOVERY_SIZE], struct uadm_err *err) UADM_CHECKED;
/* UADM_UNAVAILABLE: it was sealed with another key. */
struct factor;
enum uadm_code factor_open(
    const struct factor *row, struct totp *t, struct uadm_err *err) UADM_CHECKED;

#endif
