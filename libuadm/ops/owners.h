/*
 * owners.h - who answers for service identities (F45), and what is left to nobody.
 */
#ifndef UADM_OPS_OWNERS_H
#define UADM_OPS_OWNERS_H

#include "libuadm/ops/context.h"

/* The service identities that `name` owns, as "backup,deploy"; cut before "..." where there are many. */
enum { OWNED_TEXT_SIZE = 400 };
enum uadm_code op_owned_by(struct uadm *u, const char *name, char out[OWNED_TEXT_SIZE],
    struct uadm_err *err) UADM_CHECKED;

/* Is the owner a user of this host? Within a transaction, or not. */
bool owner_is_there(struct uadm *u, const char *owner);

#endif
