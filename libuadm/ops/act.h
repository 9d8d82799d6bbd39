/*
 * act.h - who acts, and may they? Each use case asks here within its transaction; the rule itself is
 * policy/delegation.h. Root may do everything (and is stopped by guard.h alone); `uadmctl --as USER`
 * makes root act with that user's rights and no more.
 */
#ifndef UADM_OPS_ACT_H
#define UADM_OPS_ACT_H

#include "libuadm/ops/context.h"
#include "libuadm/policy/delegation.h"

/* From here on act as this user, who must be able to log in: else UADM_DENIED. */
enum uadm_code op_act_as(
    struct uadm *u, const char *name, struct uadm_err *err) UADM_CHECKED;
bool act_is_root(const struct uadm *u);

struct act_on {
	enum act act;
	const struct user *target; /* NULL: it is about nobody */
	gid_t account;             /* 0: about none */
	struct rights given;
	const struct role *role, *then_role; /* likewise; NULL: none */
};
/* UADM_DENIED says why not. Within a transaction, for the facts are read from the store. */
enum uadm_code act_may(
    struct uadm *u, const struct act_on *on, struct uadm_err *err) UADM_CHECKED;
enum uadm_code act_on_user(struct uadm *u, enum act act, const struct user *target,
    struct uadm_err *err) UADM_CHECKED;
enum uadm_code act_in_account(
    struct uadm *u, enum act act, gid_t account, struct uadm_err *err) UADM_CHECKED;
/* Who sees a user in one account is told nothing of what they are in another. */
enum uadm_code act_sees_in(struct uadm *u, const struct user *user, gid_t account,
    struct uadm_err *err) UADM_CHECKED;
/* What only root does. */
enum uadm_code act_as_root(struct uadm *u, struct uadm_err *err) UADM_CHECKED;

/* All that the actor may pass on in this account. */
enum uadm_code act_grantable(
    struct uadm *u, gid_t account, struct rights *r, struct uadm_err *err) UADM_CHECKED;

/* May this user use this right (or scope) in that account, now? Whatever the answer, `why` is a
 * sentence about it. */
struct can_answer {
	bool can;
	const char *reason; /* a stable word */
	char user[UADM_NAME_SIZE], account[UADM_NAME_SIZE], right[RIGHT_NAME_SIZE];
	char why[200];
};
enum uadm_code op_can(struct uadm *u, const char *user, const char *right,
    const char *account, struct can_answer *a, struct uadm_err *err) UADM_CHECKED;

#endif
