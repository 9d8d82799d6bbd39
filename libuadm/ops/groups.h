/*
 * groups.h - the use cases that change groups; as users.h says.
 */
#ifndef UADM_OPS_GROUPS_H
#define UADM_OPS_GROUPS_H

#include "libuadm/ops/context.h"

/* gid 0 = the next free one. Fills in *g. */
enum uadm_code op_group_add(
    struct uadm *u, struct group *g, struct uadm_err *err) UADM_CHECKED;
enum uadm_code op_group_delete(
    struct uadm *u, const char *name, struct uadm_err *err) UADM_CHECKED;
enum uadm_code op_group_add_member(struct uadm *u, const char *group, const char *user,
    bool *changed, struct uadm_err *err) UADM_CHECKED;
enum uadm_code op_group_remove_member(struct uadm *u, const char *group,
    const char *user, bool *changed, struct uadm_err *err) UADM_CHECKED;

/* UADM_INVALID for a group of an account: who is in that follows from memberships alone. */
enum uadm_code group_is_ordinary(
    struct uadm *u, const char *name, gid_t gid, struct uadm_err *err) UADM_CHECKED;

#endif
