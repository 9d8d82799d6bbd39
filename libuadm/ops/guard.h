/*
 * guard.h - an account keeps one able administrator (store/accounts.h says who that is), whoever acts:
 * root too. `--break-glass` is the way around it, and stands in the audit trail.
 *
 * Within the transaction of the change: guard_*() before it, guard_hold() after. Who had nobody
 * before may go on without.
 */
#ifndef UADM_OPS_GUARD_H
#define UADM_OPS_GUARD_H

#include "libuadm/base/account.h"
#include "libuadm/ops/context.h"

struct guard {
	struct guarded {
		gid_t account;
		int64_t able; /* 0, 1, or 2 for more */
	} * at;
	size_t count;
	int64_t now;
};
#define GUARD CLEANUP(guard_done) struct guard

/* Look after these: all accounts of a user; one account; those where somebody has the role (0 = all
 * there are). */
enum uadm_code guard_user(struct uadm *u, struct guard *g, uid_t uid, int64_t now,
    struct uadm_err *err) UADM_CHECKED;
enum uadm_code guard_account(struct uadm *u, struct guard *g, gid_t account,
    int64_t now, struct uadm_err *err) UADM_CHECKED;
enum uadm_code guard_role(struct uadm *u, struct guard *g, int64_t role, int64_t now,
    struct uadm_err *err) UADM_CHECKED;

/* UADM_INVALID names the accounts that would be left without one. Warns where one is left. */
enum uadm_code guard_hold(
    struct uadm *u, struct guard *g, struct uadm_err *err) UADM_CHECKED;
void guard_done(struct guard *g);

/* Accounts that have none already, however that came. */
enum uadm_code guard_each_unable(struct uadm *u, int64_t now,
    enum uadm_code (*found)(void *, const struct account *, struct uadm_err *),
    void *arg, struct uadm_err *err) UADM_CHECKED;

#endif
