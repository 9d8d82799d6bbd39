/*
 * Threat: the time an answer takes tells whether a name exists. So there is exactly one full
 * argon2id in every check, whatever is known about the user.
 */
#include "libuadm/secrets/pwhash.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

_Static_assert(UADM_VERIFIER_SIZE >= crypto_pwhash_STRBYTES, "a verifier must fit");

enum uadm_code
pwhash_make(struct verifier *v, const struct secret *pw, struct pwhash_cost cost,
    struct uadm_err *err)
{
	memset(v, 0, sizeof(*v));
	if (pw->length == 0 || pw->length > SECRET_PASSWORD_MAX)
		return uadm_fail(
		    err, UADM_INTERNAL, "a password of %zu bytes", pw->length);
	if (crypto_pwhash_str_alg(v->text, pw->text, pw->length, cost.opslimit,
		cost.memlimit, crypto_pwhash_ALG_ARGON2ID13) != 0)
		return uadm_fail(err, UADM_UNAVAILABLE, "no memory to hash a password");
	return UADM_OK;
}

/* What an honest check costs, for those who have nothing to check against. */
static enum uadm_code
pay(const struct secret *pw, struct pwhash_cost cost, struct uadm_err *err)
{
	unsigned char salt[crypto_pwhash_SALTBYTES], out[32];

	randombytes_buf(salt, sizeof(salt));
	if (crypto_pwhash(out, sizeof(out), pw->text, pw->length, salt, cost.opslimit,
		cost.memlimit, crypto_pwhash_ALG_ARGON2ID13) != 0)
		return uadm_fail(err, UADM_UNAVAILABLE, "no memory to hash a password");
	sodium_memzero(out, sizeof(out));
	return UADM_OK;
}

enum uadm_code
pwhash_check(const struct verifier *v, const struct secret *pw, struct pwhash_cost cost,
    enum pwhash_answer *answer, struct uadm_err *err)
{
	bool ours = v != NULL && strncmp(v->text, "$argon2id$", 10) == 0 &&
	    memchr(v->text, '\0', sizeof(v->text)) != NULL;
	int other = ours
	    ? crypto_pwhash_str_needs_rehash(v->text, cost.opslimit, cost.memlimit)
	    : -1;
	bool match;

	*answer = PWHASH_MISMATCH;
	if (other < 0)
		return pay(pw, cost, err);
	errno = 0;
	match = crypto_pwhash_str_verify(v->text, pw->text, pw->length) == 0;
	/* libsodium says EINVAL for another password; all else kept it from looking. */
	if (!match && errno != EINVAL)
		return uadm_fail(err, UADM_UNAVAILABLE, "no memory to hash a password");
	if (other > 0 && pay(pw, cost, err) != UADM_OK)
		return err->code;
	if (match)
		*answer = other > 0 ? PWHASH_MATCH_OLD : PWHASH_MATCH;
	return UADM_OK;
}
