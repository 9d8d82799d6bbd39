/*
 * user_there.h - somebody who is to be made and is there already: told so, with what to do instead.
 */
#ifndef UADM_OPS_USER_THERE_H
#define UADM_OPS_USER_THERE_H

#include "libuadm/ops/users.h"

/* Within the change that makes the user: the name is taken, the row written. UADM_EXISTS with a hint. */
enum uadm_code user_take_name(
    struct uadm *u, const struct user_addition *add, struct uadm_err *err) UADM_CHECKED;
enum uadm_code user_insert(
    struct uadm *u, const struct user_addition *add, struct uadm_err *err) UADM_CHECKED;

#endif
