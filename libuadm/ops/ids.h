/*
 * ids.h - a name and a number for somebody new, free in the store and on this host.
 */
#ifndef UADM_OPS_IDS_H
#define UADM_OPS_IDS_H

#include "libuadm/ops/context.h"
#include "libuadm/store/numbers.h"

/* May this name be given (taken.c)? UADM_EXISTS says who has it, or that it was a group's: that is for no user
 * but with `reuse`, which is root's to say. */
enum uadm_code take_user_name(
    struct uadm *u, const char *name, bool reuse, struct uadm_err *err) UADM_CHECKED;
/* Of a group that had the name before a person is told, unless *told; NULL: each time. */
enum uadm_code take_group_name(
    struct uadm *u, const char *name, bool *told, struct uadm_err *err) UADM_CHECKED;

/* *id 0: the next free one of the range; else it must be in the range and free. `what` is
 * "uid" or "gid". */
enum uadm_code take_id(struct uadm *u, enum number_kind kind, const char *what,
    id_t *id, struct uadm_err *err) UADM_CHECKED;

#endif
