/*
 * homes.h - whose a directory is, by the store.
 */
#ifndef UADM_STORE_HOMES_H
#define UADM_STORE_HOMES_H

#include "libuadm/base/user.h"
#include "libuadm/store/db.h"

/* Another user who has this home, or one below it: *name is empty when there is none. */
enum uadm_code homes_of_others(struct store *st, const char *home, uid_t uid,
    char name[UADM_NAME_SIZE], struct uadm_err *err) UADM_CHECKED;

#endif
