/*
 * Threat: the time an answer takes tells whether a name exists. So there is exactly one full
 * argon2id in every check, whatever is known about the user; and where some users have a hash
 * that another system made, one of those as well (pwhash_even()). A verifier of ours that was made
 * when hashes were set to cost less is paid up to what they cost now. One that costs more than what
 * is configured takes its own time until its user's next login.
 */
#include "libuadm/secrets/pwhash.h"

#include "libuadm/secrets/crypthash.h"
#include "libuadm/secrets/libcrypt.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

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

/* What the verifier itself asks for: "$argon2id$v=19$m=65536,t=2,p=1$...", m in KiB. */
static struct pwhash_cost
cost_of(const struct verifier *v)
{
	const char *m = strstr(v->text, "$m="), *t = strstr(v->text, ",t=");

	return (
	    struct pwhash_cost){ .opslimit = t == NULL ? 0 : strtoul(t + 3, NULL, 10),
		.memlimit = (m == NULL ? 0 : strtoul(m + 3, NULL, 10)) * 1024 };
}

/* The time of argon2id goes with memory times passes. So of a cheaper verifier the rest is paid in
 * passes of the configured number over as much memory as is left. */
static enum uadm_code
pay_rest(const struct secret *pw, const struct pwhash_cost *paid,
    struct pwhash_cost cost, struct uadm_err *err)
{
	uint64_t whole = (uint64_t)cost.memlimit * cost.opslimit;
	uint64_t part = (uint64_t)paid->memlimit * paid->opslimit;

	if (part >= whole)
		return UADM_OK;
	cost.memlimit = (size_t)((whole - part) / cost.opslimit);
	return cost.memlimit < crypto_pwhash_MEMLIMIT_MIN ? UADM_OK
							  : pay(pw, cost, err);
}

/* libsodium tells a hash that it had no memory for from a wrong password in no way, and a limit
 * on our memory must not become a failed login. */
static bool
memory_is_there(size_t bytes)
{
	void *p = mmap(NULL, bytes + (1 << 20), PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return false;
	munmap(p, bytes + (1 << 20));
	return true;
}

static bool
is_foreign(const struct verifier *v)
{
	return v != NULL && memchr(v->text, '\0', sizeof(v->text)) != NULL &&
	    crypthash_is_foreign(v->text);
}

static enum uadm_code
check_foreign(const struct verifier *v, const struct secret *pw,
    struct pwhash_cost cost, enum pwhash_answer *answer, struct uadm_err *err)
{
	bool match;

	if (libcrypt_check(v, pw, &match, err) != UADM_OK)
		return err->code = UADM_UNAVAILABLE;
	if (pay(pw, cost, err) != UADM_OK)
		return err->code;
	if (match)
		*answer = PWHASH_MATCH_OLD;
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
	struct pwhash_cost its_own;
	bool match;

	*answer = PWHASH_MISMATCH;
	if (is_foreign(v))
		return check_foreign(v, pw, cost, answer, err);
	if (other < 0)
		return pay(pw, cost, err);
	its_own = cost_of(v);
	/* What may fail comes first: who hears of a failure takes the charge back. */
	if (other > 0 && pay_rest(pw, &its_own, cost, err) != UADM_OK)
		return err->code;
	if (!memory_is_there(its_own.memlimit))
		return uadm_fail(err, UADM_UNAVAILABLE, "no memory to hash a password");
	match = crypto_pwhash_str_verify(v->text, pw->text, pw->length) == 0;
	if (match)
		*answer = other > 0 ? PWHASH_MATCH_OLD : PWHASH_MATCH;
	return UADM_OK;
}

void
pwhash_even(
    const struct verifier *v, const struct verifier *other, const struct secret *pw)
{
	struct uadm_err ignored;
	bool whatever;

	/* Where libcrypt is broken the others still get in. */
	if (!is_foreign(v) && is_foreign(other) &&
	    libcrypt_check(other, pw, &whatever, &ignored) != UADM_OK)
		return;
}

/* For what the shape of a hash does not show: a salt of odd bits, a setting that the host's
 * libcrypt was built without. */
static bool
can_be_checked(const struct verifier *v, struct uadm_err *err)
{
	CLEANUP(secret_wipe) struct secret any = { 0 };
	bool whatever;

	if (!is_foreign(v))
		return crypto_pwhash_str_needs_rehash(v->text, 1, 8 << 20) >= 0;
	return secret_new(&any, err) == UADM_OK &&
	    secret_set(&any, "any", 3, err) == UADM_OK &&
	    libcrypt_check(v, &any, &whatever, err) == UADM_OK;
}

enum uadm_code
pwhash_import(struct verifier *v, const struct secret *hash, struct pwhash_cost cost,
    const char **kind, struct uadm_err *err)
{
	enum crypthash_kind k = CRYPTHASH_NONE;
	char why[CRYPTHASH_WHY_SIZE];

	memset(v, 0, sizeof(*v));
	err->code = UADM_OK;
	if (hash->length < sizeof(v->text))
		k = crypthash_kind(hash->text, cost.memlimit / 1024, cost.opslimit);
	if (k != CRYPTHASH_NONE) {
		memcpy(v->text, hash->text, hash->length);
		if (!can_be_checked(v, err))
			k = CRYPTHASH_NONE;
	}
	*kind = crypthash_name(k);
	if (k != CRYPTHASH_NONE)
		return UADM_OK;
	sodium_memzero(v, sizeof(*v));
	if (err->code == UADM_UNAVAILABLE)
		return err->code;
	uadm_fail(err, UADM_INVALID, "%s",
	    crypthash_why_not(hash->text, cost.memlimit / 1024, cost.opslimit, why));
	return uadm_hint(err,
	    "taken are yescrypt ($y$) and argon2id ($argon2id$, as libsodium writes it) of "
	    "up to %d MiB, SHA-512 ($6$) and SHA-256 ($5$) of %d to %d rounds",
	    CRYPTHASH_KIB_MAX / 1024, CRYPTHASH_ROUNDS_MIN, CRYPTHASH_ROUNDS_MAX);
}
