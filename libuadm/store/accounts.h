/*
 * accounts.h - organisations that users belong to. Each is the group of its name, with one more
 * for each role; who is in it is in members.h.
 */
#ifndef UADM_STORE_ACCOUNTS_H
#define UADM_STORE_ACCOUNTS_H

#include "libuadm/base/account.h"
#include "libuadm/store/db.h"

/* UADM_NOT_FOUND without such an account. */
enum uadm_code accounts_get(struct store *st, const char *name, struct account *a,
    struct uadm_err *err) UADM_CHECKED;
enum uadm_code accounts_get_gid(
    struct store *st, gid_t gid, struct account *a, struct uadm_err *err) UADM_CHECKED;
/* Is the user in one of these (names, separated by ','), active, and the account not suspended?
 * `now`: an end that is due has come. */
enum uadm_code accounts_one_has(struct store *st, const char *names, uid_t uid,
    int64_t now, bool *has, struct uadm_err *err) UADM_CHECKED;

/* How many have not ended. a->members is for who shows it to fill in: each membership that is added looks
 * its account up, and would count all the others. */
enum uadm_code accounts_members(
    struct store *st, gid_t gid, int64_t *n, struct uadm_err *err) UADM_CHECKED;

/* Each by name. */
enum uadm_code accounts_each(struct store *st,
    enum uadm_code (*found)(void *arg, const struct account *a, struct uadm_err *err),
    void *arg, struct uadm_err *err) UADM_CHECKED;

/* The group of the account itself and the account, at once. */
enum uadm_code accounts_insert(
    struct store *st, const struct account *a, struct uadm_err *err) UADM_CHECKED;
/* Description, default role, require_acceptance, suspended_at. */
enum uadm_code accounts_update(
    struct store *st, const struct account *a, struct uadm_err *err) UADM_CHECKED;
/* With its groups and memberships. Their names and numbers are the caller's to release. */
enum uadm_code accounts_delete(
    struct store *st, gid_t gid, struct uadm_err *err) UADM_CHECKED;

/* The group ACCOUNT-ROLE. */
struct account_group {
	gid_t gid, account;
	int64_t role; /* 0: the account itself */
	char name[UADM_NAME_SIZE];
	int64_t created_at;
};
enum uadm_code accounts_add_group(
    struct store *st, const struct account_group *g, struct uadm_err *err) UADM_CHECKED;
enum uadm_code accounts_delete_group(
    struct store *st, gid_t gid, struct uadm_err *err) UADM_CHECKED;
/* Those of an account, or of a role (0 = any). */
enum uadm_code accounts_each_group(struct store *st, gid_t account, int64_t role,
    enum uadm_code (*found)(
	void *arg, const struct account_group *g, struct uadm_err *err),
    void *arg, struct uadm_err *err) UADM_CHECKED;

enum uadm_code accounts_each_domain(struct store *st, gid_t account,
    enum uadm_code (*found)(void *arg, const char *domain, struct uadm_err *err),
    void *arg, struct uadm_err *err) UADM_CHECKED;
/* UADM_EXISTS names the account that has the domain. */
enum uadm_code accounts_add_domain(struct store *st, gid_t account, const char *domain,
    struct uadm_err *err) UADM_CHECKED;
/* Whose it is, without regard to case; 0: nobody's. */
enum uadm_code accounts_domain_owner(struct store *st, const char *domain, gid_t *gid,
    struct uadm_err *err) UADM_CHECKED;
enum uadm_code accounts_has_domains(
    struct store *st, gid_t account, bool *has, struct uadm_err *err) UADM_CHECKED;
enum uadm_code accounts_drop_domains(
    struct store *st, gid_t account, struct uadm_err *err) UADM_CHECKED;

/* Whose principal account it is: how many. */
enum uadm_code accounts_principals(
    struct store *st, gid_t gid, int64_t *n, struct uadm_err *err) UADM_CHECKED;
/* Its able administrators, two at most: active without an end, holding all of the scope Admin, able
 * to log in with a credential that is set, now and as far as is known for ever. */
enum uadm_code accounts_able(struct store *st, gid_t gid, int64_t now, int64_t *n,
    struct uadm_err *err) UADM_CHECKED;
/* The accounts of a user (0 = any) where somebody has the role (0 = any). */
enum uadm_code accounts_each_of(struct store *st, uid_t uid, int64_t role,
    enum uadm_code (*found)(void *arg, gid_t account, struct uadm_err *err), void *arg,
    struct uadm_err *err) UADM_CHECKED;

/* Does every group of an account show whom it has to, is each account whole, and has each member a
 * principal account? */
enum uadm_code accounts_check(struct store *st,
    void (*found)(void *arg, const char *what), void *arg,
    struct uadm_err *err) UADM_CHECKED;

#endif
