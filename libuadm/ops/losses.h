/*
 * losses.h - how many lose what by a change that is not about one user: told before it is done. Single
 * reads, so within a batch as well.
 */
#ifndef UADM_OPS_LOSSES_H
#define UADM_OPS_LOSSES_H

#include "libuadm/ops/context.h"

/* By a suspension of the account: who can no longer log in, and whose membership counts for nothing. */
enum uadm_code op_account_losses(struct uadm *u, const char *account, int64_t *logins,
    int64_t *members, struct uadm_err *err) UADM_CHECKED;
/* Who has the role, in whatever account. */
enum uadm_code op_role_members(struct uadm *u, const char *role, int64_t *members,
    struct uadm_err *err) UADM_CHECKED;
/* What holds the right by name. */
enum uadm_code op_right_losses(struct uadm *u, const char *right, int64_t *roles,
    int64_t *members, struct uadm_err *err) UADM_CHECKED;

#endif
