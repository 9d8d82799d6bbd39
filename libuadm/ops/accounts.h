/*
 * accounts.h - the use cases of accounts, and what others find them by; as users.h says.
 */
#ifndef UADM_OPS_ACCOUNTS_H
#define UADM_OPS_ACCOUNTS_H

#include "libuadm/base/account.h"
#include "libuadm/ops/context.h"

/* find.c: by name, or UADM_NOT_FOUND and where to look. */
enum uadm_code find_account(struct uadm *u, const char *name, struct account *a,
    struct uadm_err *err) UADM_CHECKED;
enum uadm_code find_role(struct uadm *u, const char *name, struct role *r,
    struct uadm_err *err) UADM_CHECKED;
enum uadm_code find_right(struct uadm *u, const char *name, struct right *r,
    struct uadm_err *err) UADM_CHECKED;
enum uadm_code find_scope(struct uadm *u, const char *name, struct right *r,
    struct uadm_err *err) UADM_CHECKED;
/* All of them, or the first that is not there. */
enum uadm_code find_rights(struct uadm *u, const char *const *names, size_t count,
    struct rights *sum, struct uadm_err *err) UADM_CHECKED;

/* What is to be set of one; NULL or -1: as it is. */
struct account_change {
	const char *description;
	const char *default_role;
	const char *domains; /* separated by ','; "" for none */
	int require_acceptance;
};

/* Makes the group of its name and one for each role: all these names must be free. Fills in *a. */
enum uadm_code op_account_add(struct uadm *u, const char *name,
    const struct account_change *set, struct account *a,
    struct uadm_err *err) UADM_CHECKED;
enum uadm_code op_account_set(struct uadm *u, const char *name,
    const struct account_change *set, bool *changed, struct uadm_err *err) UADM_CHECKED;
/* None of its members is one then, in groups and rights; who has it as the principal one cannot log
 * in. */
enum uadm_code op_account_suspend(struct uadm *u, const char *name, bool suspended,
    bool *changed, struct uadm_err *err) UADM_CHECKED;
/* Refused while it is anybody's principal account: who has no account logs in by their own state. */
enum uadm_code op_account_delete(
    struct uadm *u, const char *name, struct uadm_err *err) UADM_CHECKED;

/* Those that the actor may see, by name. `domains` is separated by ','. */
struct account_view {
	struct account account;
	const char *domains;    /* all; while it is being told of */
	int64_t administrators; /* able ones */
};
enum uadm_code op_accounts(struct uadm *u, const char *name,
    enum uadm_code (*found)(
	void *arg, const struct account_view *v, struct uadm_err *err),
    void *arg, struct uadm_err *err) UADM_CHECKED;

/* ACCOUNT-ROLE for the group that shows the members with this role; UADM_INVALID where that is too
 * long for a name. */
enum uadm_code account_group_name(const char *account, const char *role, char *out,
    struct uadm_err *err) UADM_CHECKED;
/* Make it. Within a transaction. *told: as with take_group_name() (ids.h). */
enum uadm_code account_group_make(struct uadm *u, const struct account *a, int64_t role,
    const char *role_name, int64_t now, bool *told, struct uadm_err *err) UADM_CHECKED;

/* Fill in how many members it has: find_account() does not count them. */
enum uadm_code op_account_count(
    struct uadm *u, struct account *a, struct uadm_err *err) UADM_CHECKED;

#endif
