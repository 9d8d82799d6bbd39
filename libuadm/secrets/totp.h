/*
 * totp.h - time-based one-time passwords (RFC 6238): SHA-1, 30 seconds, 6 digits, which is what
 * the apps have that people use.
 */
#ifndef UADM_SECRETS_TOTP_H
#define UADM_SECRETS_TOTP_H

#include "libuadm/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	TOTP_SECRET_SIZE = 20, /* as long as the hash: RFC 4226, section 4 */
	TOTP_STEP_SECS = 30,
	TOTP_DIGITS = 6,
	TOTP_AROUND = 1, /* steps that a clock may be off, either way */
	TOTP_TEXT_SIZE = 33,
	TOTP_URI_SIZE = 300,
};

struct totp {
	unsigned char secret[TOTP_SECRET_SIZE];
};

void totp_make(struct totp *t);
void totp_wipe(struct totp *t);

/* In base32, as people type it. */
void totp_text(const struct totp *t, char out[TOTP_TEXT_SIZE]);
/* What a QR code holds: "otpauth://totp/HOST:NAME?secret=...&issuer=HOST". */
void totp_uri(const struct totp *t, const char *issuer, const char *name,
    char out[TOTP_URI_SIZE]);

int64_t totp_step(int64_t wall);
/* UADM_UNAVAILABLE without liboath. */
enum uadm_code totp_code(const struct totp *t, int64_t step, char out[TOTP_DIGITS + 1],
    struct uadm_err *err) UADM_CHECKED;

/* Which step around the one of now has this code? 0: none. In constant time. */
enum uadm_code totp_find(const struct totp *t, int64_t wall, const char *code,
    int64_t *step, struct uadm_err *err) UADM_CHECKED;

#endif
