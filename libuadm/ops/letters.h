/*
 * letters.h - mail that a change sends: a row of the same transaction, delivered after it.
 *
 * What is written is settled when it is queued, in the reader's language and time zone; a code in
 * it is kept sealed until it is delivered, and then no more.
 */
#ifndef UADM_OPS_LETTERS_H
#define UADM_OPS_LETTERS_H

#include "libuadm/ops/context.h"

struct letter {
	const char *kind;        /* of the template: "invitation", "reset", ... */
	const struct user *user; /* whom it is about, and to whose address it goes */
	const char *account;     /* NULL: in none */
	const char *role;        /* NULL likewise */
	const char *code;        /* a one-time code; NULL: it has none */
	int64_t expires_at;      /* of the code, or of what it is about; 0: never */
};

enum letter_fate {
	LETTER_NOT_SENT = 0, /* no mailer is configured, or the user has no address */
	LETTER_QUEUED,
};

/* Within the change under way. */
enum uadm_code op_letter(struct uadm *u, const struct letter *l, enum letter_fate *fate,
    struct uadm_err *err) UADM_CHECKED;

#endif
