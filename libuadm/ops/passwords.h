/*
 * passwords.h - a new password: what it has to meet, and what becomes of the one it replaces.
 */
#ifndef UADM_OPS_PASSWORDS_H
#define UADM_OPS_PASSWORDS_H

#include "libuadm/ops/context.h"
#include "libuadm/policy/password.h"

struct password_question {
	const struct user
	    *user;     /* whose it is to be; NULL: nobody's in particular ... */
	gid_t account; /* ... of this account, ... */
	int64_t role;  /* ... with this role there */
	const struct secret
	    *current; /* the one there is, when it has just been proved */
	enum {
		PAST_NOT_ASKED = 0, /* an administrator's choice is not bound by it */
		PAST_IF_GOOD,       /* it costs hashes: only when all else is met */
		PAST_ALWAYS,
	} past;
};

/* Bring `pw` to NFC and hold it against every rule. UADM_INVALID: it can be nobody's (empty, too
 * long, no UTF-8). UADM_UNAVAILABLE: a rule cannot be checked. *v is not good unless UADM_OK is
 * returned. */
enum uadm_code op_password_judge(struct uadm *u, const struct password_question *q,
    struct secret *pw, struct password_verdict *v, struct uadm_err *err) UADM_CHECKED;

/* The same for a password that an administrator gives: UADM_INVALID names what is not met. */
enum uadm_code check_new_password(struct uadm *u, const struct user *user,
    struct secret *pw, struct uadm_err *err) UADM_CHECKED;

/* Inside a change: set `v`, and keep what it replaces as the policy's history wants. */
enum uadm_code password_replace(struct uadm *u, uid_t uid, const struct verifier *v,
    int64_t now, struct uadm_err *err) UADM_CHECKED;

/* Wait for one of the host's hash slots, as the user's own doing. */
struct slot;
enum uadm_code password_slot(struct uadm *u, const struct user *user, struct slot *slot,
    struct uadm_err *err) UADM_CHECKED;

#endif
