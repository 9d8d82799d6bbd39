/*
 * digest.h - SHA-256 (FIPS 180-4) of a stream, and a keyed hash over a short text.
 */
#ifndef UADM_SECRETS_DIGEST_H
#define UADM_SECRETS_DIGEST_H

#include "libuadm/secrets/key.h"

#include <stddef.h>

enum { DIGEST_SIZE = 32, DIGEST_HEX_SIZE = 2 * DIGEST_SIZE + 1 };

struct digest {
	_Alignas(64) unsigned char state[192];
};

void digest_begin(struct digest *d);
void digest_add(struct digest *d, const void *data, size_t size);
/* As `sha256sum` prints it. */
void digest_end(struct digest *d, char hex[DIGEST_HEX_SIZE]);

/* Only who has the key can make it. */
void digest_keyed(const struct key *key, const char *text, char hex[DIGEST_HEX_SIZE]);
/* In constant time. */
bool digest_same(const char a[DIGEST_HEX_SIZE], const char b[DIGEST_HEX_SIZE]);

#endif
