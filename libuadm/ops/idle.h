/*
 * idle.h - rights that were given and do nothing, as a right does whose scope the member does not hold.
 */
#ifndef UADM_OPS_IDLE_H
#define UADM_OPS_IDLE_H

#include "libuadm/base/account.h"
#include "libuadm/base/user.h"
#include "libuadm/ops/context.h"

/* Within the change: whoever is there to be told is told of each of `which`. */
enum uadm_code idle_warn(struct uadm *u, const struct account *account,
    const struct user *user, const struct rights *which,
    struct uadm_err *err) UADM_CHECKED;

#endif
