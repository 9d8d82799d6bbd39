/*
 * old_passwords.h - the verifiers that were somebody's before the current one.
 */
#ifndef UADM_STORE_OLD_PASSWORDS_H
#define UADM_STORE_OLD_PASSWORDS_H

#include "libuadm/base/user.h"
#include "libuadm/store/db.h"

/* Put `v` on top of the pile, and leave the newest `keep` of it. */
enum uadm_code old_passwords_push(struct store *st, uid_t uid, const struct verifier *v,
    int64_t keep, int64_t now, struct uadm_err *err) UADM_CHECKED;

/* The newest `most` of them, newest first, into `out`. */
enum uadm_code old_passwords_get(struct store *st, uid_t uid, int64_t most,
    struct verifier *out, int64_t *count, struct uadm_err *err) UADM_CHECKED;

#endif
