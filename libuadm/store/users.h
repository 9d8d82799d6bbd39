/*
 * users.h - the table of users and their password verifiers.
 */
#ifndef UADM_STORE_USERS_H
#define UADM_STORE_USERS_H

#include "libuadm/base/attempt.h"
#include "libuadm/base/user.h"
#include "libuadm/store/db.h"

/* UADM_NOT_FOUND without such a user. */
enum uadm_code users_get(struct store *st, const char *name, struct user *u,
    struct uadm_err *err) UADM_CHECKED;
enum uadm_code users_get_uid(
    struct store *st, uid_t uid, struct user *u, struct uadm_err *err) UADM_CHECKED;
enum uadm_code users_get_email(struct store *st, const char *email, struct user *u,
    struct uadm_err *err) UADM_CHECKED;

/* Somebody but `uid` whose home this is, or (below) lies in it. */
enum uadm_code users_home_is(struct store *st, const char *home, uid_t uid,
    char name[UADM_NAME_SIZE], bool *has, struct uadm_err *err) UADM_CHECKED;
enum uadm_code users_home_below(struct store *st, const char *home, uid_t uid,
    char name[UADM_NAME_SIZE], bool *has, struct uadm_err *err) UADM_CHECKED;

/* The name and number must have been given (numbers.h). The e-mail must be free: UADM_EXISTS
 * names who has it. */
enum uadm_code users_insert(
    struct store *st, const struct user *u, struct uadm_err *err) UADM_CHECKED;
/* Every column but uid, name, kind, created_at, and the password's. */
enum uadm_code users_update(
    struct store *st, const struct user *u, struct uadm_err *err) UADM_CHECKED;
/* The row, and with it the password, attempts, sessions and memberships. */
enum uadm_code users_delete(
    struct store *st, uid_t uid, struct uadm_err *err) UADM_CHECKED;

/* Everything a list shows of a user, in one row. */
struct user_row {
	struct user user;
	/* Names joined with ',', sorted: all of them. There as long as the row is being told of. */
	const char *groups;
	int64_t group_count;
	const char *tags; /* likewise */
	bool lock_set;    /* a lock fell at `lock_since` (steady ms); ask the policy */
	int64_t lock_since;
	int64_t failures;      /* that count, whatever their source */
	int64_t lock_failures; /* those of them that count towards a lock */
	int64_t last_login;    /* Unix seconds, 0 = never */
	char verifier_kind
	    [16]; /* how the verifier begins, and nothing that is secret of it */
};

struct user_filter {
	const char *name;             /* only this one */
	const char *group;            /* members of this group */
	const char *account;          /* those who belong to this account */
	const char *kind;             /* "person", "service" */
	const char *tag;              /* those who have it */
	struct attempt_window window; /* which failures count */
	bool
	    bare; /* leave out groups, tags and `failures`: for who does not show them */
};

/* Call `found` for each user, by name. It stops the walk by returning anything but UADM_OK. */
enum uadm_code users_each(struct store *st, const struct user_filter *filter,
    enum uadm_code (*found)(
	void *arg, const struct user_row *row, struct uadm_err *err),
    void *arg, struct uadm_err *err) UADM_CHECKED;

/* The names of those that `owner` owns, by name. */
enum uadm_code users_each_owned(struct store *st, const char *owner,
    enum uadm_code (*found)(void *arg, const char *name, struct uadm_err *err),
    void *arg, struct uadm_err *err) UADM_CHECKED;

/* By uid, what gets published of each: uid, name, the parts of the display name, home and shell.
 * The rest of `u` is zero. */
enum uadm_code users_each_published(struct store *st,
    enum uadm_code (*found)(void *arg, const struct user *u, struct uadm_err *err),
    void *arg, struct uadm_err *err) UADM_CHECKED;

/* The same of this one, if there is one. */
enum uadm_code users_published(struct store *st, uid_t uid,
    enum uadm_code (*found)(void *arg, const struct user *u, struct uadm_err *err),
    void *arg, struct uadm_err *err) UADM_CHECKED;

enum uadm_code users_count(
    struct store *st, int64_t *n, struct uadm_err *err) UADM_CHECKED;

/* *found is false when no password is set. */
enum uadm_code users_verifier(struct store *st, uid_t uid, struct verifier *v,
    bool *found, struct uadm_err *err) UADM_CHECKED;
/* The first one in the store that another system made, whoever's it is. */
enum uadm_code users_imported_verifier(struct store *st, struct verifier *v,
    bool *found, struct uadm_err *err) UADM_CHECKED;
enum uadm_code users_count_imported(
    struct store *st, int64_t *n, struct uadm_err *err) UADM_CHECKED;
enum uadm_code users_set_verifier(struct store *st, uid_t uid, const struct verifier *v,
    int64_t now, struct uadm_err *err) UADM_CHECKED;
/* There is none any more. */
enum uadm_code users_drop_verifier(
    struct store *st, uid_t uid, struct uadm_err *err) UADM_CHECKED;
/* The password is not the user's own, and good until then: `until` by the wall clock, `steady` by
 * store_steady(). */
enum uadm_code users_set_temporary(struct store *st, uid_t uid, int64_t until,
    int64_t steady, struct uadm_err *err) UADM_CHECKED;
/* Only if the verifier is still `was`: a password that was changed meanwhile wins. */
enum uadm_code users_swap_verifier(struct store *st, uid_t uid,
    const struct verifier *was, const struct verifier *v, bool *swapped,
    struct uadm_err *err) UADM_CHECKED;

/* When and how somebody last got in, and the failures since. */
struct last_login {
	int64_t at;
	char service[UADM_TEXT_SIZE];
	char source[256];
	int64_t failures;
};
enum uadm_code users_last_login(struct store *st, uid_t uid, struct last_login *l,
    struct uadm_err *err) UADM_CHECKED;
enum uadm_code users_set_last_login(struct store *st, uid_t uid, int64_t at,
    const char *service, const char *source, struct uadm_err *err) UADM_CHECKED;
/* `factor`: of a code, after the right password. */
enum uadm_code users_count_failure(
    struct store *st, uid_t uid, bool factor, struct uadm_err *err) UADM_CHECKED;

#endif
