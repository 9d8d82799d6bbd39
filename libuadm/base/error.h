/*
 * error.h - what did not work, and why, in words for an administrator.
 *
 * Libraries fill an uadm_err and return its code; the program at the edge prints or logs it
 * once. "No" is an answer and not an error: a wrong password is no uadm_code.
 */
#ifndef UADM_BASE_ERROR_H
#define UADM_BASE_ERROR_H

#include "libuadm/base/cleanup.h"

enum uadm_code {
	UADM_OK = 0,
	UADM_USAGE,       /* the call itself makes no sense */
	UADM_INVALID,     /* bad data: a value breaks a rule */
	UADM_EXISTS,      /* the name, id or address is taken */
	UADM_NOT_FOUND,   /* no such user, group, ... */
	UADM_UNAVAILABLE, /* store missing, damaged, unreadable; disk full */
	UADM_BUSY,        /* somebody else holds it: try again */
	UADM_DENIED,      /* not permitted */
	UADM_CONFIG,      /* bad configuration */
	UADM_INTERNAL,    /* our own bug */
};

struct uadm_err {
	enum uadm_code code;
	char msg[512];  /* never carries a secret; foreign bytes in it are escaped */
	char hint[256]; /* what to do about it; empty when nothing is known */
};

/* Fill *err and return `code`. Keeps errno, and "%m" prints it. */
enum uadm_code uadm_fail(
    struct uadm_err *err, enum uadm_code code, const char *fmt, ...) UADM_PRINTF(3, 4);

/* Add a hint to an error that is already there. Returns err->code. */
enum uadm_code uadm_hint(struct uadm_err *err, const char *fmt, ...) UADM_PRINTF(2, 3);

/* The exit status that belongs to a code (sysexits.h). */
int uadm_exit_status(enum uadm_code code);

/* A stable name for machines: "invalid", "exists", ... */
const char *uadm_code_name(enum uadm_code code);

#endif
