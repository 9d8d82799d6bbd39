/*
 * libcrypt.h - one check by crypt(3), for hashes that another system made.
 */
#ifndef UADM_SECRETS_LIBCRYPT_H
#define UADM_SECRETS_LIBCRYPT_H

#include "libuadm/base/error.h"
#include "libuadm/base/user.h"
#include "libuadm/secrets/secret.h"

/* Does `pw` make this hash? `v` is one of those that crypthash_is_foreign(). UADM_UNAVAILABLE
 * when there is no libcrypt or no memory, UADM_INVALID when it cannot work with such a hash;
 * then *match is false and nothing was verified. */
enum uadm_code libcrypt_check(const struct verifier *v, const struct secret *pw,
    bool *match, struct uadm_err *err) UADM_CHECKED;

#endif
