/*
 * liboath is opened when a code is to be checked, and not linked: see libcrypt.c.
 *
 * Threat: a code is a million to one by itself, so how often one may be guessed is the login's to
 * bound (ops/prove.c), and that none is taken twice the store's (store/factors.c).
 */
#include "libuadm/secrets/totp.h"

#include <dlfcn.h>
#include <liboath/oath.h>
#include <sodium.h>
#include <string.h>

typedef int hotp_function(
    const char *, size_t, uint64_t, unsigned, bool, size_t, char *);

/* NULL: *err says why not. */
static hotp_function *
load(struct uadm_err *err)
{
	void *lib = dlopen("liboath.so.0", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	hotp_function *run = NULL;

	if (lib != NULL)
		*(void **)&run = dlsym(lib, "oath_hotp_generate");
	if (run == NULL)
		uadm_fail(err, UADM_UNAVAILABLE, "liboath.so.0 cannot be loaded: %s",
		    dlerror());
	return run;
}

void
totp_make(struct totp *t)
{
	randombytes_buf(t->secret, sizeof(t->secret));
}

void
totp_wipe(struct totp *t)
{
	sodium_memzero(t->secret, sizeof(t->secret));
}

_Static_assert(TOTP_SECRET_SIZE % 5 == 0, "base32 without padding");
_Static_assert(TOTP_TEXT_SIZE == TOTP_SECRET_SIZE / 5 * 8 + 1, "and its NUL");

void
totp_text(const struct totp *t, char out[TOTP_TEXT_SIZE])
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	unsigned bits = 0, held = 0;
	size_t n = 0;

	for (size_t i = 0; i < sizeof(t->secret); i++) {
		held = held << 8 | t->secret[i];
		for (bits += 8; bits >= 5; bits -= 5)
			out[n++] = letters[held >> (bits - 5) & 31];
	}
	out[n] = '\0';
	sodium_memzero(&held, sizeof(held));
}

/* Percent-encoded but for what stands for itself in every part of a URI. */
static void
put_part(char *out, size_t size, const char *text)
{
	static const char plain[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	    "0123456789-._~";
	size_t used = 0;

	for (out[0] = '\0'; *text != '\0' && used + 4 <= size; text++)
		used += (size_t)snprintf(out + used, size - used,
		    strchr(plain, *text) != NULL ? "%c" : "%%%02X",
		    (unsigned char)*text);
}

void
totp_uri(
    const struct totp *t, const char *issuer, const char *name, char out[TOTP_URI_SIZE])
{
	char text[TOTP_TEXT_SIZE], host[80], user[100];

	put_part(host, sizeof(host), issuer);
	put_part(user, sizeof(user), name);
	totp_text(t, text);
	snprintf(out, TOTP_URI_SIZE, "otpauth://totp/%s:%s?secret=%s&issuer=%s", host,
	    user, text, host);
	sodium_memzero(text, sizeof(text));
}

int64_t
totp_step(int64_t wall)
{
	return wall / TOTP_STEP_SECS;
}

static enum uadm_code
make(hotp_function *hotp, const struct totp *t, int64_t step, char out[TOTP_DIGITS + 1],
    struct uadm_err *err)
{
	int rc = hotp((const char *)t->secret, sizeof(t->secret), (uint64_t)step,
	    TOTP_DIGITS, false, OATH_HOTP_DYNAMIC_TRUNCATION, out);

	return rc == OATH_OK ? UADM_OK
			     : uadm_fail(err, UADM_UNAVAILABLE,
				   "liboath cannot make a code: error %d", rc);
}

enum uadm_code
totp_code(
    const struct totp *t, int64_t step, char out[TOTP_DIGITS + 1], struct uadm_err *err)
{
	hotp_function *hotp = load(err);

	return hotp == NULL ? err->code : make(hotp, t, step, out, err);
}

enum uadm_code
totp_find(const struct totp *t, int64_t wall, const char *code, int64_t *step,
    struct uadm_err *err)
{
	char wanted[TOTP_DIGITS + 1] = "", is[TOTP_DIGITS + 1];
	hotp_function *hotp = load(err);
	const int64_t now = totp_step(wall);
	enum uadm_code c = UADM_OK;

	*step = 0;
	if (hotp == NULL)
		return err->code;
	/* What is no code costs as much as one. */
	if (strlen(code) == TOTP_DIGITS)
		memcpy(wanted, code, sizeof(wanted));
	for (int64_t s = now - TOTP_AROUND; s <= now + TOTP_AROUND; s++) {
		if (s <= 0)
			continue;
		if ((c = make(hotp, t, s, is, err)) != UADM_OK)
			break;
		if (sodium_memcmp(is, wanted, sizeof(is)) == 0)
			*step = s;
	}
	sodium_memzero(is, sizeof(is));
	sodium_memzero(wanted, sizeof(wanted));
	if (c != UADM_OK)
		*step = 0;
	return c;
}
