/*
 * passcode.h - short codes that people type: the six digits of a message, and recovery codes. What is
 * kept of them is a keyed hash.
 */
#ifndef UADM_SECRETS_PASSCODE_H
#define UADM_SECRETS_PASSCODE_H

#include "libuadm/secrets/digest.h"

enum {
	PASSCODE_SIZE = 7,  /* "123456" */
	RECOVERY_SIZE = 12, /* "abcde-fghij": 50 bits */
	PASSCODE_TYPED = 32,
};

enum passcode_kind { PASSCODE_NONE = 0, PASSCODE_DIGITS, PASSCODE_RECOVERY };

void passcode_make(char out[PASSCODE_SIZE]);
void recovery_make(char out[RECOVERY_SIZE]);

/* What somebody typed, as it was made: spaces and hyphens do not count, nor does case. PASSCODE_NONE
 * (out = ""): it can be no code. */
enum passcode_kind passcode_read(const char *typed, char out[PASSCODE_TYPED]);

/* Of a code that is for this user and this use. `key` is derived for KEY_CODES. */
void passcode_hash(const struct key *key, const char *use, int64_t uid,
    const char *code, char hex[DIGEST_HEX_SIZE]);

#endif
