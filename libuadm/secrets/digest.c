#include "libuadm/secrets/digest.h"

#include <sodium.h>
#include <string.h>

_Static_assert(sizeof(crypto_hash_sha256_state) <= sizeof(struct digest), "it fits");
_Static_assert(DIGEST_SIZE == crypto_hash_sha256_BYTES, "SHA-256 has 32 bytes");

static crypto_hash_sha256_state *
state_of(struct digest *d)
{
	return (crypto_hash_sha256_state *)(void *)d->state;
}

void
digest_begin(struct digest *d)
{
	crypto_hash_sha256_init(state_of(d));
}

void
digest_add(struct digest *d, const void *data, size_t size)
{
	crypto_hash_sha256_update(state_of(d), data, size);
}

void
digest_end(struct digest *d, char hex[DIGEST_HEX_SIZE])
{
	unsigned char hash[DIGEST_SIZE];

	crypto_hash_sha256_final(state_of(d), hash);
	sodium_bin2hex(hex, DIGEST_HEX_SIZE, hash, sizeof(hash));
}

void
digest_keyed(const struct key *key, const char *text, char hex[DIGEST_HEX_SIZE])
{
	unsigned char hash[DIGEST_SIZE];

	crypto_generichash(hash, sizeof(hash), (const unsigned char *)text,
	    strlen(text), key->bytes, sizeof(key->bytes));
	sodium_bin2hex(hex, DIGEST_HEX_SIZE, hash, sizeof(hash));
}

bool
digest_same(const char a[DIGEST_HEX_SIZE], const char b[DIGEST_HEX_SIZE])
{
	return sodium_memcmp(a, b, DIGEST_HEX_SIZE) == 0;
}
