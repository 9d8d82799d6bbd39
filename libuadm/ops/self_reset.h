/*
 * self_reset.h - users who ask for a one-time code at the login screen (policy/code.h says who).
 */
#ifndef UADM_OPS_SELF_RESET_H
#define UADM_OPS_SELF_RESET_H

#include "libuadm/ops/login.h"

/* For anybody: does the policy have it, and is there a mailer? */
bool op_self_reset_is_on(const struct uadm *u);

/* `user` NULL: nobody's name. Charged like a wrong password unless the address is right. *outcome is
 * for the log alone. */
enum uadm_code op_self_reset(struct uadm *u, const struct login_request *r,
    const struct user *user, const char *email, const char **outcome,
    struct uadm_err *err) UADM_CHECKED;

#endif
