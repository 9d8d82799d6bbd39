/*
 * ids.h - a name and a number for somebody new, free in the store and on this host.
 */
#ifndef UADM_OPS_IDS_H
#define UADM_OPS_IDS_H

#include "libuadm/ops/context.h"
#include "libuadm/store/numbers.h"

/* UADM_EXISTS says who has the name. */
enum uadm_code take_name(
    struct uadm *u, const char *name, struct uadm_err *err) UADM_CHECKED;

/* *id 0: the next free one of the range; else it must be in the range and free. `what` is
 * "uid" or "gid". */
enum uadm_code take_id(struct uadm *u, enum number_kind kind, const char *what,
    id_t *id, struct uadm_err *err) UADM_CHECKED;

#endif
