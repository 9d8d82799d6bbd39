/*
 * Threat: six digits are a million, so a hash of them without a key could be tried out by whoever
 * has a copy of the store. With the key, which is in no copy, it tells nothing.
 */
#include "libuadm/secrets/passcode.h"

#include <sodium.h>
#include <string.h>

static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";

enum { RECOVERY_LETTERS = 10, RECOVERY_HALF = 5 };

void
passcode_make(char out[PASSCODE_SIZE])
{
	snprintf(out, PASSCODE_SIZE, "%06u", (unsigned)randombytes_uniform(1000000));
}

void
recovery_make(char out[RECOVERY_SIZE])
{
	size_t n = 0;

	for (int i = 0; i < RECOVERY_LETTERS; i++) {
		if (i == RECOVERY_HALF)
			out[n++] = '-';
		out[n++] = letters[randombytes_uniform(sizeof(letters) - 1)];
	}
	out[n] = '\0';
}

enum passcode_kind
passcode_read(const char *typed, char out[PASSCODE_TYPED])
{
	size_t n = 0;

	for (; *typed != '\0' && n < PASSCODE_TYPED - 1; typed++)
		if (*typed != ' ' && *typed != '-')
			out[n++] =
			    (char)(*typed >= 'A' && *typed <= 'Z' ? *typed - 'A' + 'a'
								  : *typed);
	out[n] = '\0';
	if (*typed == '\0' && n == PASSCODE_SIZE - 1 && strspn(out, "0123456789") == n)
		return PASSCODE_DIGITS;
	if (*typed == '\0' && n == RECOVERY_LETTERS && strspn(out, letters) == n)
		return PASSCODE_RECOVERY;
	sodium_memzero(out, PASSCODE_TYPED);
	return PASSCODE_NONE;
}

void
passcode_hash(const struct key *key, const char *use, int64_t uid, const char *code,
    char hex[DIGEST_HEX_SIZE])
{
	char text[PASSCODE_TYPED + 60];

	snprintf(text, sizeof(text), "%s %lld %s", use, (long long)uid, code);
	digest_keyed(key, text, hex);
	sodium_memzero(text, sizeof(text));
}
