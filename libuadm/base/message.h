/*
 * message.h - a mail as it goes to the mailer: RFC 5322, in ASCII, with lines of 76 at the most.
 *
 * Pure: who, when and what are passed in.
 */
#ifndef UADM_BASE_MESSAGE_H
#define UADM_BASE_MESSAGE_H

#include "libuadm/base/error.h"

#include <stddef.h>
#include <stdint.h>

enum { MESSAGE_BODY_MOST = 64 * 1024, MESSAGE_SUBJECT_MOST = 998 };

struct message {
	const char *from, *to; /* addresses */
	const char *subject;
	const char *body;       /* lines end in \n */
	const char *message_id; /* without the brackets */
	const char *language;
	int64_t at;
};

/* UADM_INVALID: an address or a number is none, or the text is too long. Texts may be anything: what
 * is no UTF-8 or cannot be printed is replaced. *out ends in NUL and is the caller's to free. */
enum uadm_code message_write(const struct message *m, char **out, size_t *size,
    struct uadm_err *err) UADM_CHECKED;

#endif
