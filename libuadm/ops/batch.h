/*
 * batch.h - many changes in one transaction, for who makes thousands: what takes time is making a
 * transaction durable, and that is done once for all of them.
 *
 * Each change is a part of its own, with its audit row: one that fails leaves nothing, and the
 * others stay. None is done before batch_end() has said so. As long as a batch is open every login
 * waits for it: end it when batch_is_due(), and before waiting for anything.
 */
#ifndef UADM_OPS_BATCH_H
#define UADM_OPS_BATCH_H

#include "libuadm/ops/context.h"

/* For change_begin(): open the batch unless it is. */
enum uadm_code batch_begin(struct uadm *u, struct uadm_err *err) UADM_CHECKED;

bool batch_is_open(const struct uadm *u);
/* It has kept others waiting for long enough, or was lost on the way: batch_end() tells. */
bool batch_is_due(const struct uadm *u);

/* Commit what there is, and let logins by that have waited. On a dry run: roll back. Not UADM_OK:
 * nothing of it was done, however the parts went. Without an open batch it does nothing. */
enum uadm_code batch_end(struct uadm *u, struct uadm_err *err) UADM_CHECKED;

/* Roll back what has not been committed. */
void batch_drop(struct uadm *u);

#endif
