/*
 * codes.h - one-time codes: given out, looked at in a login, and used up by the password that is set
 * with them.
 */
#ifndef UADM_OPS_CODES_H
#define UADM_OPS_CODES_H

#include "libuadm/ops/context.h"
#include "libuadm/ops/letters.h"
#include "libuadm/ops/login.h"
#include "libuadm/secrets/code.h"
#include "libuadm/store/codes.h"

/* A code that was just made. Its text is nowhere else. */
struct code_given {
	char text[CODE_SIZE]; /* empty: it went by mail, or it is a dry run */
	int64_t expires_at;
	enum letter_fate fate;
};
void code_given_wipe(struct code_given *given);

enum code_way {
	CODE_BY_MAIL = 0, /* where mail is set up, else it is shown */
	CODE_SHOWN,
};

/* Within a change: a new code, in the place of all that an administrator has given before. The letter
 * about it, with `account` and `role` (may be NULL) in it, is queued. */
enum uadm_code code_give(struct uadm *u, const struct user *user, enum code_kind kind,
    enum code_way way, const char *account, const char *role,
    const struct clock_now *now, struct code_given *given,
    struct uadm_err *err) UADM_CHECKED;

/* They are over, mail that is still to go included. CODE_NONE: all of the user's. */
enum uadm_code code_end(
    struct uadm *u, uid_t uid, enum code_kind kind, struct uadm_err *err) UADM_CHECKED;

/* What was typed in a login, beside the codes there are. */
struct code_look {
	bool shaped; /* it is a code, whoever's */
	char hash[CODE_HASH_SIZE];
	struct code live[CODE_KINDS];
	size_t count;
};
void code_look_wipe(struct code_look *l);
/* `user` NULL: nobody's; it costs the same. */
enum uadm_code code_look(struct uadm *u, const struct user *user,
    const struct secret *typed, struct code_look *l, struct uadm_err *err) UADM_CHECKED;
/* Is it one of them? In constant time. */
bool code_is_right(const struct code_look *l);
/* Is the code that was right one of them still? Within a transaction. */
enum uadm_code code_is_live(struct uadm *u, uid_t uid, const char *hash,
    const struct clock_now *now, bool *live, struct uadm_err *err) UADM_CHECKED;

/* How this login came in: *by_code, and where this very process proved it, the code's hash. */
enum uadm_code op_login_by_code(struct uadm *u, const struct login_request *r,
    const struct user *user, bool *by_code, char hash[CODE_HASH_SIZE],
    struct uadm_err *err) UADM_CHECKED;

/* Is the code that it proved still there? Has the user one at all? */
enum uadm_code op_login_code_is_live(struct uadm *u, const struct user *user,
    const char *hash, bool *live, struct uadm_err *err) UADM_CHECKED;
enum uadm_code op_login_has_code(struct uadm *u, const struct user *user, bool *has,
    struct uadm_err *err) UADM_CHECKED;

/* Is this password the code itself? Then it has been in a mail. */
bool code_is_password(
    struct uadm *u, const struct user *user, const char *hash, const struct secret *pw);

/* Within the change that sets the password: the code is used up and takes all others along, what the
 * user is invited to is theirs, and this login is one by password from here on. UADM_DENIED: it has
 * been used, replaced, or has run out. *kind tells which it was, *joined whether groups change. */
enum uadm_code code_use(struct uadm *u, const struct login_request *r,
    const struct user *user, const char *hash, const struct clock_now *now,
    enum code_kind *kind, bool *joined, struct uadm_err *err) UADM_CHECKED;

/* What is over goes (maintain). */
enum uadm_code op_codes_drop_over(struct uadm *u, struct uadm_err *err) UADM_CHECKED;

/* An administrator's reset. The old password is good until the code is used; with `end_now` it is not.
 */
enum uadm_code op_user_reset_password(struct uadm *u, const char *name,
    enum code_way way, bool end_now, struct code_given *given,
    struct uadm_err *err) UADM_CHECKED;

#endif
