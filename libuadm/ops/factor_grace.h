/*
 * factor_grace.h - who comes under a rule that requires a second factor of them has time to set one up.
 */
#ifndef UADM_OPS_FACTOR_GRACE_H
#define UADM_OPS_FACTOR_GRACE_H

#include "libuadm/ops/context.h"

/* What is required of a user. */
struct factor_required {
	int64_t by_root, in_all;
};
/* In their principal account for a role there. */
enum uadm_code factor_required_of(struct uadm *u, gid_t account, int64_t role,
    struct factor_required *r, struct uadm_err *err) UADM_CHECKED;
/* Of a user as they are now. */
enum uadm_code factor_required(struct uadm *u, uid_t uid, struct factor_required *r,
    struct uadm_err *err) UADM_CHECKED;
/* After a change of their role or account: where it is more than it was. `again`: it is root who makes it,
 * and not on behalf of anybody. */
enum uadm_code factor_grace_of_change(struct uadm *u, uid_t uid,
    const struct factor_required *was, bool again, int64_t wall,
    struct uadm_err *err) UADM_CHECKED;

#endif
