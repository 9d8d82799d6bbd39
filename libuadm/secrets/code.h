/*
 * code.h - one-time codes: 100 random bits that a person types, as Crockford's base 32 in groups
 * ("7K3M9-QX2TV-..."). Case, '-' and spaces do not matter, and O, I and L are read as 0, 1 and 1.
 *
 * Only a keyed hash is kept: who reads the store has no code, and who writes to it without the key
 * can make none, nor give one user's to another.
 */
#ifndef UADM_SECRETS_CODE_H
#define UADM_SECRETS_CODE_H

#include "libuadm/secrets/digest.h"
#include "libuadm/secrets/secret.h"

#include <sys/types.h>

enum {
	CODE_SYMBOLS = 20, /* of 5 bits each */
	CODE_GROUP = 5,
	CODE_SIZE = CODE_SYMBOLS + CODE_SYMBOLS / CODE_GROUP, /* with '-' and NUL */
};

/* A new one, as it is shown. */
void code_make(char out[CODE_SIZE]);
/* The same in small letters, for where it is a password and case matters. */
void code_make_password(char out[CODE_SIZE]);

/* Is this text a code, right or wrong? `out` gets the form that code_make() gives it. */
bool code_parse(const struct secret *typed, char out[CODE_SIZE]);

/* What is kept of a user's code. `key` is the one for KEY_CODES. */
void code_hash(const struct key *key, uid_t uid, const char code[CODE_SIZE],
    char hex[DIGEST_HEX_SIZE]);

#endif
