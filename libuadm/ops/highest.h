/*
 * highest.h - the highest uid and gid ever given, kept beside the store: a store that is lost, or
 * put back from a backup, must not give a number to somebody whose files another one owned.
 */
#ifndef UADM_OPS_HIGHEST_H
#define UADM_OPS_HIGHEST_H

#include "libuadm/ops/context.h"

/* Write them down if they have grown. */
enum uadm_code highest_keep(struct uadm *u, struct uadm_err *err) UADM_CHECKED;
/* In a new store: begin behind them. Within a transaction. */
enum uadm_code highest_bar(
    struct uadm *u, int64_t now, struct uadm_err *err) UADM_CHECKED;

#endif
