/*
 * secret.h - memory for what must not leak: locked, guarded, wiped when it goes.
 *
 * A secret travels by pointer. Its text is NUL-ended and may be empty.
 */
#ifndef UADM_SECRETS_SECRET_H
#define UADM_SECRETS_SECRET_H

#include "libuadm/base/error.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	SECRET_PASSWORD_MAX = 511, /* bytes; sudo and libcrypt stop there too */
	SECRET_SIZE = 4096,        /* what a buffer holds, NUL included */
};

struct secret {
	char *text; /* NULL before secret_new() and after secret_wipe() */
	size_t length;
};

/* Start libsodium, once in a process before anything else here. */
enum uadm_code secrets_init(struct uadm_err *err) UADM_CHECKED;

enum uadm_code secret_new(struct secret *s, struct uadm_err *err) UADM_CHECKED;
void secret_wipe(struct secret *s);

/* Replace the text by `size` bytes. UADM_INVALID when they contain a NUL or do not fit. */
enum uadm_code secret_set(
    struct secret *s, const char *data, size_t size, struct uadm_err *err) UADM_CHECKED;

/* Check that a password is valid UTF-8 of 1 to 511 bytes and bring it to NFC, so that the same
 * characters are the same password from every keyboard. UADM_INVALID otherwise; a password is
 * never cut. */
enum uadm_code secret_normalize_password(
    struct secret *s, struct uadm_err *err) UADM_CHECKED;

/* Same text? In constant time for texts of one length. */
bool secret_equal(const struct secret *a, const struct secret *b);

/* Wipe `size` bytes in a way the compiler keeps. */
void secret_zero(void *p, size_t size);

#endif
