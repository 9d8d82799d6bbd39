/*
 * Threat: a hash decides what every login attempt costs us, and whoever gave it to us may have
 * taken it from anywhere. So what is taken is spelled out to the last character, with bounds on
 * memory and rounds, and asked again each time it is used: a hash that is not whole, of a kind
 * nobody should use any more (DES, MD5), locked ("!", "*") or too dear is no hash at all.
 */
#include "libuadm/secrets/crypthash.h"

#include "libuadm/base/cleanup.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Both alphabets of base 64 in the order of their values: crypt(3)'s, and argon2's. */
static const char crypt64[] =
    "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
static const char argon64[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static bool
take(const char **p, const char *word)
{
	size_t n = strlen(word);

	if (strncmp(*p, word, n) != 0)
		return false;
	*p += n;
	return true;
}

/* A decimal number as a program writes it: no sign, no leading zero. */
static bool
take_number(const char **p, uint64_t least, uint64_t most)
{
	uint64_t n = 0;
	size_t digits = strspn(*p, "0123456789");

	if (digits == 0 || digits > 10 || **p == '0')
		return false;
	for (; digits > 0; digits--)
		n = 10 * n + (uint64_t)(*(*p)++ - '0');
	return n >= least && n <= most;
}

static int
crypt64_value(char c)
{
	const char *at = c == '\0' ? NULL : strchr(crypt64, c);

	return at == NULL ? -1 : (int)(at - crypt64);
}

/* The digest: so many characters, the last of which has only so many values, and no more. One
 * that breaks this was cut or mistyped, and would never match. */
static bool
is_digest(const char *p, size_t count, int last_values)
{
	return strspn(p, crypt64) == count && p[count] == '\0' &&
	    crypt64_value(p[count - 1]) < last_values;
}

/* crypt(5) lets a salt be almost anything; libcrypt refuses what shadow(5) has a meaning for. */
static size_t
salt_length(const char *p)
{
	size_t n = 0;

	while (p[n] > ' ' && p[n] < 0x7f && strchr("$:;*!\\", p[n]) == NULL)
		n++;
	return n;
}

static bool
is_sha(const char *p, size_t count, int last_values)
{
	size_t n;

	if (take(&p, "rounds=") &&
	    (!take_number(&p, CRYPTHASH_ROUNDS_MIN, CRYPTHASH_ROUNDS_MAX) ||
		!take(&p, "$")))
		return false;
	n = salt_length(p);
	return n >= 1 && n <= 16 && p[n] == '$' &&
	    is_digest(p + n + 1, count, last_values);
}

/* yescrypt's own form of a number: the first character tells how many follow. */
static bool
take_yescrypt_number(const char **p, uint64_t least, uint64_t *out)
{
	int value = crypt64_value(**p), start = 0, end = 47, more = 0;
	uint64_t n = 0;

	if (value < 0)
		return false;
	while (value > end) {
		n += (uint64_t)(end + 1 - start) << (6 * more);
		start = end + 1;
		end = start + (62 - end) / 2;
		more++;
	}
	n += (uint64_t)(value - start) << (6 * more);
	for ((*p)++; more-- > 0; (*p)++) {
		if ((value = crypt64_value(**p)) < 0)
			return false;
		n += (uint64_t)value << (6 * more);
	}
	*out = n + least;
	return true;
}

/* What crypt_gensalt(3) makes: flavour 'j', N and r, and passes at most (no second thread, no
 * ROM, no upgrade). */
static bool
is_yescrypt(const char *p)
{
	uint64_t log2_n, r, have, passes;
	size_t n;

	if (!take(&p, "j") || !take_yescrypt_number(&p, 1, &log2_n) ||
	    !take_yescrypt_number(&p, 1, &r))
		return false;
	if (log2_n > 20 || r > 1 << 20 ||
	    (r << log2_n) * 128 > (uint64_t)CRYPTHASH_KIB_MAX * 1024)
		return false;
	if (*p != '$' &&
	    (!take_yescrypt_number(&p, 1, &have) || have != 2 ||
		!take_yescrypt_number(&p, 1, &passes) || passes > 2))
		return false;
	if (!take(&p, "$"))
		return false;
	n = strspn(p, crypt64);
	return n >= 1 && n <= 86 && p[n] == '$' && is_digest(p + n + 1, 43, 16);
}

static uint64_t
higher(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* As libsodium writes it: 16 bytes of salt, 32 of hash. */
static bool
is_argon2id(const char *p, uint64_t kib, uint64_t passes)
{
	return take(&p, "v=19$m=") &&
	    take_number(&p, 8, higher(kib, CRYPTHASH_KIB_MAX)) && take(&p, ",t=") &&
	    take_number(&p, 1, higher(passes, CRYPTHASH_PASSES_MAX)) &&
	    take(&p, ",p=1$") && strspn(p, argon64) == 22 && p[22] == '$' &&
	    strspn(p + 23, argon64) == 43 && p[23 + 43] == '\0';
}

static const struct {
	const char *text;
	enum crypthash_kind kind;
} starts[] = { { "$y$", CRYPTHASH_YESCRYPT }, { "$6$", CRYPTHASH_SHA512 },
	{ "$5$", CRYPTHASH_SHA256 }, { "$argon2id$", CRYPTHASH_ARGON2ID } };

enum crypthash_kind
crypthash_kind(const char *text, size_t host_kib, unsigned long long host_passes)
{
	const char *p = text;

	if (take(&p, "$y$"))
		return is_yescrypt(p) ? CRYPTHASH_YESCRYPT : CRYPTHASH_NONE;
	/* 512 bits are 85 characters and 2 bits, 256 are 42 and 4. */
	if (take(&p, "$6$"))
		return is_sha(p, 86, 4) ? CRYPTHASH_SHA512 : CRYPTHASH_NONE;
	if (take(&p, "$5$"))
		return is_sha(p, 43, 16) ? CRYPTHASH_SHA256 : CRYPTHASH_NONE;
	if (take(&p, "$argon2id$"))
		return is_argon2id(p, host_kib, host_passes) ? CRYPTHASH_ARGON2ID
							     : CRYPTHASH_NONE;
	return CRYPTHASH_NONE;
}

enum crypthash_kind
crypthash_kind_of_start(const char *text)
{
	for (size_t i = 0; i < ARRAY_LEN(starts); i++)
		if (strncmp(text, starts[i].text, strlen(starts[i].text)) == 0)
			return starts[i].kind;
	return CRYPTHASH_NONE;
}

static bool
number_at(const char *p, uint64_t *n)
{
	size_t digits = strspn(p, "0123456789");

	*n = digits >= 1 && digits <= 18 ? strtoull(p, NULL, 10) : 0;
	return *n != 0;
}

/* "" when it is not the cost. */
static void
sha_cost(const char *p, char out[CRYPTHASH_WHY_SIZE])
{
	uint64_t rounds;

	if (take(&p, "rounds=") && number_at(p, &rounds) &&
	    (rounds < CRYPTHASH_ROUNDS_MIN || rounds > CRYPTHASH_ROUNDS_MAX))
		snprintf(out, CRYPTHASH_WHY_SIZE,
		    "the hash has %llu rounds, which is not from %d to %d",
		    (unsigned long long)rounds, CRYPTHASH_ROUNDS_MIN,
		    CRYPTHASH_ROUNDS_MAX);
}

static void
yescrypt_cost(const char *p, char out[CRYPTHASH_WHY_SIZE])
{
	uint64_t log2_n, r;

	if (take(&p, "j") && take_yescrypt_number(&p, 1, &log2_n) &&
	    take_yescrypt_number(&p, 1, &r) && log2_n <= 30 && r <= 1 << 20 &&
	    (r << log2_n) / 8 > CRYPTHASH_KIB_MAX)
		snprintf(out, CRYPTHASH_WHY_SIZE,
		    "the hash takes %llu KiB of memory, more than %d",
		    (unsigned long long)(r << log2_n) / 8, CRYPTHASH_KIB_MAX);
}

static void
argon2id_cost(
    const char *p, uint64_t kib, uint64_t passes, char out[CRYPTHASH_WHY_SIZE])
{
	uint64_t m, t;

	kib = higher(kib, CRYPTHASH_KIB_MAX);
	passes = higher(passes, CRYPTHASH_PASSES_MAX);
	if (!take(&p, "v=19$m=") || !number_at(p, &m))
		return;
	p += strspn(p, "0123456789");
	if (m > kib)
		snprintf(out, CRYPTHASH_WHY_SIZE,
		    "the hash takes %llu KiB of memory, more than %llu",
		    (unsigned long long)m, (unsigned long long)kib);
	else if (take(&p, ",t=") && number_at(p, &t) && t > passes)
		snprintf(out, CRYPTHASH_WHY_SIZE,
		    "the hash takes %llu passes, more than %llu", (unsigned long long)t,
		    (unsigned long long)passes);
}

char *
crypthash_why_not(const char *text, size_t host_kib, unsigned long long host_passes,
    char out[CRYPTHASH_WHY_SIZE])
{
	enum crypthash_kind kind = crypthash_kind_of_start(text);
	const char *rest = text;

	for (size_t i = 0; i < ARRAY_LEN(starts); i++)
		if (starts[i].kind == kind)
			rest = text + strlen(starts[i].text);
	*out = '\0';
	if (strchr(text, ':') != NULL)
		snprintf(out, CRYPTHASH_WHY_SIZE,
		    "that is more than a hash: of a line of shadow(5) give the second "
		    "field alone");
	else if (*text == '!' || *text == '*')
		snprintf(out, CRYPTHASH_WHY_SIZE,
		    "the hash is locked (it begins with ! or *): no password matches it");
	else if (kind == CRYPTHASH_NONE)
		snprintf(out, CRYPTHASH_WHY_SIZE,
		    *text == '\0' ? "there is no hash"
				  : "a hash of that kind is not taken");
	else if (kind == CRYPTHASH_YESCRYPT)
		yescrypt_cost(rest, out);
	else if (kind == CRYPTHASH_ARGON2ID)
		argon2id_cost(rest, host_kib, host_passes, out);
	else
		sha_cost(rest, out);
	if (*out == '\0')
		snprintf(out, CRYPTHASH_WHY_SIZE,
		    "the hash is not whole, or not of the form that %s has",
		    crypthash_name(kind));
	return out;
}

bool
crypthash_is_foreign(const char *text)
{
	switch (crypthash_kind(text, 0, 0)) {
	case CRYPTHASH_YESCRYPT:
	case CRYPTHASH_SHA512:
	case CRYPTHASH_SHA256:
		return true;
	case CRYPTHASH_ARGON2ID:
	case CRYPTHASH_NONE:
		break;
	}
	return false;
}

const char *
crypthash_name(enum crypthash_kind kind)
{
	static const char *const names[] = {
		[CRYPTHASH_NONE] = "none",
		[CRYPTHASH_YESCRYPT] = "yescrypt",
		[CRYPTHASH_SHA512] = "SHA-512",
		[CRYPTHASH_SHA256] = "SHA-256",
		[CRYPTHASH_ARGON2ID] = "argon2id",
	};

	return (size_t)kind < ARRAY_LEN(names) ? names[kind] : names[CRYPTHASH_NONE];
}
