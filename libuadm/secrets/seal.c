/*
 * Threat: a copy of the store (a backup, a stolen disk) shows what is sealed in it. The key lies in
 * another file, which is in no backup; each sealing has a random nonce of 192 bits, and what was
 * changed does not open.
 */
#include "libuadm/secrets/seal.h"

#include <sodium.h>
#include <string.h>

_Static_assert(SEAL_EXTRA == crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES,
    "a nonce and a tag");
_Static_assert(KEY_SIZE == crypto_secretbox_KEYBYTES, "a key seals");

void
seal_close(const struct key *key, const void *text, size_t size, unsigned char *out)
{
	randombytes_buf(out, crypto_secretbox_NONCEBYTES);
	crypto_secretbox_easy(
	    out + crypto_secretbox_NONCEBYTES, text, size, out, key->bytes);
}

enum uadm_code
seal_open(const struct key *key, const unsigned char *sealed, size_t size, void *out,
    struct uadm_err *err)
{
	if (size < SEAL_EXTRA ||
	    crypto_secretbox_open_easy(out, sealed + crypto_secretbox_NONCEBYTES,
		size - crypto_secretbox_NONCEBYTES, sealed, key->bytes) != 0)
		return uadm_fail(err, UADM_UNAVAILABLE,
		    "it was sealed with another key, or has been changed");
	return UADM_OK;
}
