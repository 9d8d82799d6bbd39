/*
 * same.h - is somebody there already just as they were to be made? For who makes thousands and was
 * stopped on the way.
 */
#ifndef UADM_OPS_SAME_H
#define UADM_OPS_SAME_H

#include "libuadm/ops/users.h"

/* *there: what `add` has of the user is what the store has; what it leaves open may be anything. A
 * password that was to be set must be there, and may be another one by now. A time as far from now as
 * the user's was when they were made is the same. Then `add->user` becomes what is there.
 * UADM_EXISTS: the name is a user's who differs. */
enum uadm_code op_user_is_there(struct uadm *u, struct user_addition *add, bool *there,
    struct uadm_err *err) UADM_CHECKED;
/* The same of who is invited, whom the address tells: also who has accepted by now. *wanted as of
 * op_user_invite(). */
enum uadm_code op_invited_is_there(struct uadm *u, struct user_addition *add,
    char wanted[UADM_NAME_SIZE], bool *there, struct uadm_err *err) UADM_CHECKED;
enum uadm_code op_group_is_there(
    struct uadm *u, struct group *g, bool *there, struct uadm_err *err) UADM_CHECKED;

#endif
