/*
 * letters.h - mail that a change sends: a row of the same transaction, delivered after it.
 *
 * What is written is settled when it is queued, in the reader's time zone and the host's language; a code
 * in it is kept sealed until it is delivered, and then no more.
 */
#ifndef UADM_OPS_LETTERS_H
#define UADM_OPS_LETTERS_H

#include "libuadm/ops/context.h"

/* The kinds there are; each has a template that is shipped, and a test of it (mail test). */
#define LETTERS_WITH_CODE "invitation", "reset", "self-reset"
#define LETTERS_WITHOUT   "test", "suspended", "deleted", "password-changed"

struct letter {
	const char *kind;
	const struct user *user; /* whom it is about, and to whose address it goes */
	const char *account;     /* NULL: in none */
	const char *role;        /* NULL likewise */
	const char *code;        /* a one-time code; NULL: it has none */
	int64_t expires_at;      /* of the code, or of what it is about; 0: never */
};

enum letter_fate {
	LETTER_NOT_SENT = 0, /* no mailer is configured, the user has no address, or
				there is no template that could be used (u->warn) */
	LETTER_QUEUED,
};

/* Within the change under way. One with a code takes the place of those of its kind that the user has
 * not got yet. Fails only where the store does: a mail that cannot be written stops no change. */
enum uadm_code op_letter(struct uadm *u, const struct letter *l, enum letter_fate *fate,
    struct uadm_err *err) UADM_CHECKED;

/* The same for a notice that has nothing in it but what happened, whatever becomes of it. */
enum uadm_code letters_tell(struct uadm *u, const struct user *user, const char *kind,
    struct uadm_err *err) UADM_CHECKED;

/* Within a change: codes that are worth nothing any more are not mailed. `kind` NULL: of every kind. */
enum uadm_code letters_withdraw(
    struct uadm *u, uid_t uid, const char *kind, struct uadm_err *err) UADM_CHECKED;

/* For who must not be told from somebody who gets a mail, such as a name at a login that is nobody's: all the
 * work of op_letter() but for the row, and the same at the end. */
void letters_pretend(struct uadm *u, const struct letter *l);

/* By uadm_close(), and by uadmd when it has answered: where something was queued, or pretended to be, who
 * delivers (uadm-mail.path) is told, by a file that is touched. Nothing is sent here. */
void letters_close(struct uadm *u);

#endif
