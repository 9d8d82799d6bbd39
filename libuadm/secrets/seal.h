/*
 * seal.h - what has to be read again (a mail not sent yet, the secret of a second factor) is kept
 * encrypted: crypto_secretbox (XSalsa20-Poly1305), whose key never lies in the store.
 */
#ifndef UADM_SECRETS_SEAL_H
#define UADM_SECRETS_SEAL_H

#include "libuadm/base/error.h"
#include "libuadm/secrets/key.h"

#include <stddef.h>

enum { SEAL_EXTRA = 24 + 16 }; /* a nonce before and a tag within what is sealed */

/* Writes `size` + SEAL_EXTRA bytes to `out`. `key` is derived for KEY_SEAL. */
void seal_close(
    const struct key *key, const void *text, size_t size, unsigned char *out);

/* Writes `size` - SEAL_EXTRA bytes to `out`; `size` is that of what is sealed. UADM_UNAVAILABLE:
 * it was sealed with another key, or changed since. */
enum uadm_code seal_open(const struct key *key, const unsigned char *sealed,
    size_t size, void *out, struct uadm_err *err) UADM_CHECKED;

#endif
