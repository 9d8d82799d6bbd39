/*
 * members.h - which user is in which account, with which role and rights. Groups follow from it by
 * the triggers of schema_steps.c. (Who is in which group is in groups.h and memberships.h.)
 */
#ifndef UADM_STORE_MEMBERS_H
#define UADM_STORE_MEMBERS_H

#include "libuadm/base/account.h"
#include "libuadm/store/db.h"

/* UADM_NOT_FOUND where the user never was in the account. */
enum uadm_code members_get(struct store *st, gid_t account, uid_t uid, struct member *m,
    struct uadm_err *err) UADM_CHECKED;
/* Was the user ever in any account? */
enum uadm_code members_any(
    struct store *st, uid_t uid, bool *any, struct uadm_err *err) UADM_CHECKED;

/* Of one account by user, or (uid not 0) of one user: the principal one, then by account; with an
 * account the principal one and this one. Without `ended` those that are over are passed over. */
struct member_filter {
	gid_t account;
	uid_t uid; /* 0: all in the account */
	bool ended;
};
enum uadm_code members_each(struct store *st, const struct member_filter *filter,
    enum uadm_code (*found)(void *arg, const struct member *m, struct uadm_err *err),
    void *arg, struct uadm_err *err) UADM_CHECKED;
/* Whose end has come. */
enum uadm_code members_each_due(struct store *st, int64_t now,
    enum uadm_code (*found)(void *arg, const struct member *m, struct uadm_err *err),
    void *arg, struct uadm_err *err) UADM_CHECKED;

/* The row as it is in *m, names apart. */
enum uadm_code members_insert(
    struct store *st, const struct member *m, struct uadm_err *err) UADM_CHECKED;
enum uadm_code members_update(
    struct store *st, const struct member *m, struct uadm_err *err) UADM_CHECKED;

/* This one is the principal one from now on, and no other. */
enum uadm_code members_set_principal(
    struct store *st, gid_t account, uid_t uid, struct uadm_err *err) UADM_CHECKED;

/* Beside the role: granted, denied, or as the role has it. */
enum member_right {
	MEMBER_RIGHT_OF_ROLE = 0,
	MEMBER_RIGHT_DENIED,
	MEMBER_RIGHT_GRANTED
};
enum uadm_code members_set_right(struct store *st, gid_t account, uid_t uid,
    int64_t right, enum member_right how, bool *changed,
    struct uadm_err *err) UADM_CHECKED;
enum uadm_code members_drop_rights(
    struct store *st, gid_t account, uid_t uid, struct uadm_err *err) UADM_CHECKED;
/* Their names. */
enum uadm_code members_each_right(struct store *st, gid_t account, uid_t uid,
    enum uadm_code (*found)(
	void *arg, const char *name, bool granted, struct uadm_err *err),
    void *arg, struct uadm_err *err) UADM_CHECKED;

/* What a user holds, in one account or (0) in all where it is not over, by account. */
enum uadm_code holdings_each(struct store *st, uid_t uid, gid_t account,
    enum uadm_code (*found)(void *arg, const struct holding *h, struct uadm_err *err),
    void *arg, struct uadm_err *err) UADM_CHECKED;

/* "pending", "active", "suspended", "ended". */
const char *member_state_word(enum member_state state);
/* MEMBER_ENDED for any other word. */
enum member_state member_state_of(const char *word);

#endif
