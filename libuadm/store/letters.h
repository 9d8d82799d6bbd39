/*
 * letters.h - the outbox: mail that is to be sent, and what became of it. A code in it is sealed by who
 * calls, in a column of its own, which is emptied when it is sent, dropped or worth nothing any more.
 */
#ifndef UADM_STORE_LETTERS_H
#define UADM_STORE_LETTERS_H

#include "libuadm/base/user.h"
#include "libuadm/store/db.h"

enum {
	LETTER_KIND_SIZE = 32,
	LETTER_SUBJECT_SIZE = 512,
	LETTER_ID_SIZE = 192,
	LETTER_SEALED_SIZE = 256,
	LETTER_ERROR_SIZE = 256,
};

struct letter_row {
	int64_t id;
	char kind[LETTER_KIND_SIZE], language[16];
	uid_t uid;
	char name[UADM_NAME_SIZE]; /* whom it is about */
	char recipient[UADM_EMAIL_SIZE];
	char subject[LETTER_SUBJECT_SIZE];
	char *body; /* who reads a row frees it (letter_row_wipe) */
	char message_id[LETTER_ID_SIZE];
	unsigned char code[LETTER_SEALED_SIZE];
	size_t code_size; /* 0: it has none, or no more */
	int64_t expires_at;
	char state[16]; /* policy/outbox.h has the words */
	int64_t tries;
	int64_t queued,
	    next; /* steady ms; `next` only where it waits or is being sent */
	char error[LETTER_ERROR_SIZE];
	int64_t created_at, settled_at;
};
void letter_row_wipe(struct letter_row *r);

/* Fills in r->id. */
enum uadm_code letters_insert(
    struct store *st, struct letter_row *r, struct uadm_err *err) UADM_CHECKED;
/* UADM_NOT_FOUND */
enum uadm_code letters_get(struct store *st, int64_t id, struct letter_row *r,
    struct uadm_err *err) UADM_CHECKED;
/* By number; `state` NULL: all. Without body and code. */
enum uadm_code letters_each(struct store *st, const char *state,
    enum uadm_code (*found)(
	void *arg, const struct letter_row *r, struct uadm_err *err),
    void *arg, struct uadm_err *err) UADM_CHECKED;

/* Is one due by then? */
enum uadm_code letters_due(
    struct store *st, int64_t now, bool *due, struct uadm_err *err) UADM_CHECKED;
enum letters_order { LETTERS_OLDEST, LETTERS_NEWEST, LETTERS_ANY };
/* Take one that is due: it is `claim`'s until `until`, and counts as a try. UADM_NOT_FOUND: none
 * is due. Read it with letters_get(). */
enum uadm_code letters_claim(struct store *st, enum letters_order order, int64_t claim,
    int64_t now, int64_t until, int64_t *id, struct uadm_err *err) UADM_CHECKED;
/* Write r->state, r->next and r->error, and take the code away where the state says so. `claim` 0:
 * whoever has it. *held: it was still there, and that claim's. */
enum uadm_code letters_settle(struct store *st, const struct letter_row *r,
    int64_t claim, int64_t wall, bool *held, struct uadm_err *err) UADM_CHECKED;

/* Drop those of a user that have a code and are not sent; `kind` NULL: of every kind; `why` is kept. */
enum uadm_code letters_withdraw_of(struct store *st, uid_t uid, const char *kind,
    const char *why, int64_t wall, struct uadm_err *err) UADM_CHECKED;
/* Drop those whose code is worth nothing any more, and forget those that were settled before then. *any
 * tells whether there were some. */
enum uadm_code letters_tidy(struct store *st, int64_t wall, int64_t forget_before,
    bool *any, struct uadm_err *err) UADM_CHECKED;
enum uadm_code letters_any_to_tidy(struct store *st, int64_t wall,
    int64_t forget_before, bool *any, struct uadm_err *err) UADM_CHECKED;

struct letter_counts {
	int64_t waiting, failed;
	int64_t oldest; /* created_at of the oldest that waits; 0: none does */
	char error[LETTER_ERROR_SIZE]; /* of the newest one that was tried in vain */
};
enum uadm_code letters_count(
    struct store *st, struct letter_counts *n, struct uadm_err *err) UADM_CHECKED;

#endif
