/*
 * Threat: with the key an audit trail can be forged. The file is root's alone (0600), reached
 * without following a link, and made in one step: a crash leaves no key or a whole one.
 */
#include "libuadm/secrets/key.h"

#include "libuadm/base/files.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>

_Static_assert(KEY_SIZE == crypto_kdf_KEYBYTES, "the key is a kdf key");
_Static_assert(KEY_SIZE >= crypto_shorthash_KEYBYTES, "and keys a short hash");

enum uadm_code
key_make(
    const char *dir, const char *name, uid_t owner, bool *made, struct uadm_err *err)
{
	CLEANUP(cleanup_fd) int fd = -1;
	CLEANUP(key_wipe) struct key key;
	enum uadm_code c;

	*made = false;
	if ((c = files_make_dir(dir, 0755, owner, &fd, err)) != UADM_OK)
		return c;
	if (faccessat(fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return UADM_OK;
	if (errno != ENOENT)
		return uadm_fail(
		    err, UADM_UNAVAILABLE, "cannot look for %s/%s: %m", dir, name);
	randombytes_buf(key.bytes, sizeof(key.bytes));
	c = files_replace(fd, name, key.bytes, sizeof(key.bytes), 0600, name, err);
	*made = c == UADM_OK;
	return c;
}

enum uadm_code
key_load(const char *dir, const char *name, uid_t owner, struct key *out,
    struct uadm_err *err)
{
	CLEANUP(cleanup_fd) int fd = -1;
	CLEANUP(cleanup_fd) int file = -1;
	char shown[256], extra;
	enum uadm_code c;

	snprintf(shown, sizeof(shown), "%s/%s", dir, name);
	if ((c = files_open_dir(dir, owner, &fd, err)) != UADM_OK ||
	    (c = files_open(fd, name, O_RDONLY, 0600, owner, shown, &file, err)) !=
		UADM_OK)
		return c;
	if (read(file, out->bytes, sizeof(out->bytes)) != (ssize_t)sizeof(out->bytes) ||
	    read(file, &extra, 1) != 0)
		return uadm_fail(err, UADM_UNAVAILABLE, "%s is not a key of %d bytes",
		    shown, KEY_SIZE);
	return UADM_OK;
}

void
key_derive(const struct key *key, enum key_purpose purpose, struct key *out)
{
	crypto_kdf_derive_from_key(
	    out->bytes, sizeof(out->bytes), (uint64_t)purpose, "uadmkeys", key->bytes);
}

void
key_wipe(struct key *key)
{
	sodium_memzero(key->bytes, sizeof(key->bytes));
}

uint32_t
key_bucket(const struct key *key, const char *text, uint32_t buckets)
{
	unsigned char hash[crypto_shorthash_BYTES];
	uint64_t n;

	crypto_shorthash(hash, (const unsigned char *)text, strlen(text), key->bytes);
	memcpy(&n, hash, sizeof(n));
	return (uint32_t)(n % buckets);
}
