/*
 * homes.h - whose is the directory that a user is to have for a home?
 */
#ifndef UADM_OPS_HOMES_H
#define UADM_OPS_HOMES_H

#include "libuadm/ops/context.h"

/* Is it where uadm puts the home of who has this name? */
bool home_is_derived(const struct uadm *u, const struct user *user);

/* Somebody else's, of the store, of /etc/passwd or on the disk? For root a person is told, for everybody else
 * it is UADM_DENIED. The user's name and uid are set. */
enum uadm_code home_may_be(
    struct uadm *u, const struct user *user, struct uadm_err *err) UADM_CHECKED;

#endif
