/*
 * codes.h - one-time codes, and who is invited. Only hashes of codes are here.
 *
 * A code is over when either clock says so: the wall clock, or the steady one, which nobody can set.
 * So one that ran out does not come back with a clock that is put back.
 */
#ifndef UADM_STORE_CODES_H
#define UADM_STORE_CODES_H

#include "libuadm/base/code.h"
#include "libuadm/base/user.h"
#include "libuadm/store/attempts.h"
#include "libuadm/store/db.h"

/* What the clocks say: Unix seconds, and store_steady(). */
struct code_clock {
	int64_t wall, steady;
};

/* Replaces the user's code of that kind. */
enum uadm_code codes_put(struct store *st, uid_t uid, const struct code *code,
    struct uadm_err *err) UADM_CHECKED;
/* Those that are not over. *count is at most CODE_KINDS. */
enum uadm_code codes_live(struct store *st, uid_t uid, const struct code_clock *now,
    struct code out[CODE_KINDS], size_t *count, struct uadm_err *err) UADM_CHECKED;
/* Use it: one statement, so of many at once one succeeds. *kind is CODE_NONE where it is used,
 * replaced or over. */
enum uadm_code codes_claim(struct store *st, uid_t uid, const char *hash,
    const struct code_clock *now, enum code_kind *kind,
    struct uadm_err *err) UADM_CHECKED;
/* CODE_NONE: of every kind. */
enum uadm_code codes_drop(struct store *st, uid_t uid, enum code_kind kind,
    struct uadm_err *err) UADM_CHECKED;
enum uadm_code codes_count_attempt(
    struct store *st, uid_t uid, struct uadm_err *err) UADM_CHECKED;
/* Those that are over go. *any tells. */
enum uadm_code codes_drop_over(struct store *st, const struct code_clock *now,
    bool *any, struct uadm_err *err) UADM_CHECKED;

/* "invitation", "reset", "self-reset". */
const char *code_kind_word(enum code_kind kind);

/* The proof that this process gave a moment ago was by a code ... */
enum uadm_code proofs_mark_code(struct store *st, const struct process *p, uid_t uid,
    const char *hash, struct uadm_err *err) UADM_CHECKED;
/* ... was that of this process, a child of it or its parent? `hash` is the code's where it was this very
 * process's, else empty. */
enum uadm_code proofs_by_code(struct store *st, const struct process *p,
    const struct process *parent, uid_t uid, int64_t boot, bool *by_code,
    char hash[CODE_HASH_SIZE], struct uadm_err *err) UADM_CHECKED;
/* ... did anybody's for this user? */
enum uadm_code proofs_any_code(
    struct store *st, uid_t uid, bool *any, struct uadm_err *err) UADM_CHECKED;
/* The new password is set, by these: from here on it is what they came in with. Whoever else came with
 * that code has nothing. */
enum uadm_code proofs_have_password(struct store *st, const struct process *p,
    const struct process *parent, uid_t uid, int64_t boot,
    struct uadm_err *err) UADM_CHECKED;

/* An invitation that is neither accepted nor cancelled, to one account (0: to none). */
struct invitation {
	uid_t uid;
	gid_t account;
	int64_t invited_at;
	char invited_by[UADM_TEXT_SIZE];
	/* filled in by invitations_each() */
	char name[UADM_NAME_SIZE], email[UADM_EMAIL_SIZE];
	char account_name[UADM_NAME_SIZE], role_name[UADM_NAME_SIZE];
	int64_t expires_at; /* of the code; 0: it ran out */
	int64_t attempts;
	const char *status; /* the user's; filled in by op_invitations() */
};
enum uadm_code invitations_put(
    struct store *st, const struct invitation *i, struct uadm_err *err) UADM_CHECKED;
enum uadm_code invitations_drop(
    struct store *st, uid_t uid, struct uadm_err *err) UADM_CHECKED;
/* What it is about is over, as far as it is pending. */
enum uadm_code invitations_end(
    struct store *st, uid_t uid, int64_t now, struct uadm_err *err) UADM_CHECKED;
/* What this user is invited to, the principal account above all, is theirs from now on. *any: did that
 * change a membership? */
enum uadm_code invitations_accept(struct store *st, uid_t uid, int64_t now, bool *any,
    struct uadm_err *err) UADM_CHECKED;
/* By name. `account` NULL: of all. */
enum uadm_code invitations_each(struct store *st, const char *account,
    const struct code_clock *now,
    enum uadm_code (*found)(
	void *arg, const struct invitation *i, struct uadm_err *err),
    void *arg, struct uadm_err *err) UADM_CHECKED;

#endif
