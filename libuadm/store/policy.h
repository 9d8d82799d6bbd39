/*
 * policy.h - the values of a policy that were set, by whom they are for and key: everybody, an account,
 * or a role in an account.
 */
#ifndef UADM_STORE_POLICY_H
#define UADM_STORE_POLICY_H

#include "libuadm/store/db.h"

enum { POLICY_OF_ALL = 0 };

struct policy_place {
	int64_t account; /* POLICY_OF_ALL, or its gid */
	int64_t role;    /* 0: whatever role */
	bool own;        /* set by who administers the account; else by root */
};
typedef enum uadm_code policy_found(void *arg, const struct policy_place *place,
    const char *key, int64_t value, struct uadm_err *err);

/* Those of everybody, or of an account and of this role in it. */
enum uadm_code policy_each(struct store *st, int64_t account, int64_t role,
    policy_found *found, void *arg, struct uadm_err *err) UADM_CHECKED;
/* The same of the principal account of a user and their role there: none for who has no such account,
 * and for a number that is nobody's, which costs as much. */
enum uadm_code policy_each_of(struct store *st, uid_t uid, int64_t now,
    policy_found *found, void *arg, struct uadm_err *err) UADM_CHECKED;
/* Those of all accounts. */
enum uadm_code policy_each_account(struct store *st, policy_found *found, void *arg,
    struct uadm_err *err) UADM_CHECKED;
enum uadm_code policy_keep(struct store *st, const struct policy_place *place,
    const char *key, int64_t value, struct uadm_err *err) UADM_CHECKED;
enum uadm_code policy_drop(struct store *st, const struct policy_place *place,
    const char *key, struct uadm_err *err) UADM_CHECKED;

#endif
