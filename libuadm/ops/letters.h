/*
 * letters.h - mail that a change sends: a row of the same transaction, delivered after it.
 *
 * What is written is settled when it is queued, in the reader's time zone and the host's language; a code
 * in it is kept sealed until it is delivered, and then no more.
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

/* By uadm_close(): what has been queued meanwhile is looked at by whoever delivers (systemd, see
 * uadm-mail.path). One file is touched, which costs the same for anybody. */
void letters_close(struct uadm *u);

#endif
