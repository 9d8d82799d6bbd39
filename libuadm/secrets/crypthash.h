/*
 * crypthash.h - which password hashes of other systems are taken. Pure: text in, kind out.
 */
#ifndef UADM_SECRETS_CRYPTHASH_H
#define UADM_SECRETS_CRYPTHASH_H

#include <stdbool.h>
#include <stddef.h>

enum crypthash_kind {
	CRYPTHASH_NONE = 0, /* not taken, and so is a cleared one */
	CRYPTHASH_YESCRYPT,
	CRYPTHASH_SHA512,
	CRYPTHASH_SHA256,
	CRYPTHASH_ARGON2ID,
};

enum {
	CRYPTHASH_ROUNDS_MIN =
	    1000, /* of SHA-512 and SHA-256; without a number it is 5000 */
	CRYPTHASH_ROUNDS_MAX = 1000000,
	CRYPTHASH_KIB_MAX =
	    64 * 1024, /* of yescrypt; of argon2id where the host's is less */
	CRYPTHASH_PASSES_MAX = 16, /* of argon2id, likewise */
};

/* The kind of a whole hash, NUL-ended, whose cost is within bounds. For argon2id, which the host
 * itself makes, these are the host's own memory and passes where they are higher. */
enum crypthash_kind crypthash_kind(
    const char *text, size_t host_kib, unsigned long long host_passes);

/* Why it is not taken, by the first cause there is; nothing of the hash but a number of its cost is in
 * it. Returns `out`. */
enum { CRYPTHASH_WHY_SIZE = 160 };
char *crypthash_why_not(const char *text, size_t host_kib,
    unsigned long long host_passes, char out[CRYPTHASH_WHY_SIZE]);

/* Is it one that crypt(3) checks? */
bool crypthash_is_foreign(const char *text);

/* "yescrypt", "SHA-512", ... */
const char *crypthash_name(enum crypthash_kind kind);

/* The kind by how a hash begins: ten characters are enough. */
enum crypthash_kind crypthash_kind_of_start(const char *text);

#endif
