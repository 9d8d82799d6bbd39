#include "libuadm/secrets/code.h"

#include <sodium.h>
#include <string.h>

/* Douglas Crockford's: no I, L, O and U. */
static const char symbols[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

_Static_assert(sizeof(symbols) - 1 == 32, "five bits each");
_Static_assert(CODE_SYMBOLS * 5 >= 100, "a code has a hundred bits");

static void
make(char out[CODE_SIZE], bool small)
{
	unsigned char random[CODE_SYMBOLS];
	size_t n = 0;

	randombytes_buf(random, sizeof(random));
	for (size_t i = 0; i < CODE_SYMBOLS; i++) {
		char c = symbols[random[i] % 32]; /* 256 is a multiple of it */

		if (i > 0 && i % CODE_GROUP == 0)
			out[n++] = '-';
		out[n++] = small && c >= 'A' ? (char)(c - 'A' + 'a') : c;
	}
	out[n] = '\0';
	sodium_memzero(random, sizeof(random));
}

void
code_make(char out[CODE_SIZE])
{
	make(out, false);
}

void
code_make_password(char out[CODE_SIZE])
{
	make(out, true);
}

/* The symbol that is meant; '\0': none. */
static char
meant(char c)
{
	if (c >= 'a' && c <= 'z')
		c = (char)(c - 'a' + 'A');
	if (c == 'O')
		return '0';
	if (c == 'I' || c == 'L')
		return '1';
	return c != '\0' && strchr(symbols, c) != NULL ? c : '\0';
}

bool
code_parse(const struct secret *typed, char out[CODE_SIZE])
{
	size_t n = 0, symbol_count = 0;

	for (size_t i = 0; i < typed->length; i++) {
		char c = typed->text[i];

		if (c == '-' || c == ' ' || c == '\t')
			continue;
		if (symbol_count == CODE_SYMBOLS || (c = meant(c)) == '\0')
			return false;
		if (symbol_count > 0 && symbol_count % CODE_GROUP == 0)
			out[n++] = '-';
		out[n++] = c;
		symbol_count++;
	}
	out[n] = '\0';
	return symbol_count == CODE_SYMBOLS;
}

void
code_hash(const struct key *key, uid_t uid, const char code[CODE_SIZE],
    char hex[DIGEST_HEX_SIZE])
{
	char text[CODE_SIZE + 16];

	snprintf(text, sizeof(text), "%u %s", (unsigned)uid, code);
	digest_keyed(key, text, hex);
	sodium_memzero(text, sizeof(text));
}
