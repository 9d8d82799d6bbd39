/*
 * home_remove.h - take away the home of a user who is gone.
 */
#ifndef UADM_OPS_HOME_REMOVE_H
#define UADM_OPS_HOME_REMOVE_H

#include "libuadm/base/error.h"

#include <stdbool.h>
#include <sys/types.h>

/* Is there a directory that belongs to this uid, itself and not by a link? */
bool home_is_theirs(const char *home, uid_t uid);

/* Remove it with what the user could have removed. UADM_DENIED: it is not theirs. UADM_BUSY: something
 * in it is not, and stays with what is above it. */
enum uadm_code home_remove(
    const char *home, uid_t uid, struct uadm_err *err) UADM_CHECKED;

#endif
