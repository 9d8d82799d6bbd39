/*
 * libcrypt is opened when a hash needs it, and not linked: linked, it makes each start of uadmd
 * 57 us slower (1.15 to 1.21 ms on a slow machine of 2026), there are four in
 * one login, and a host without imported hashes never needs it.
 *
 * Threat: crypt(3) tells a failure by a text that could be taken for a hash ("*0", "*1"). What is
 * not a hash of the same setting and length verified nothing, which is neither a match nor a
 * wrong password.
 */
#include "libuadm/secrets/libcrypt.h"

#include <crypt.h>
#include <dlfcn.h>
#include <errno.h>
#include <sodium.h>
#include <string.h>

_Static_assert((int)SECRET_PASSWORD_MAX < CRYPT_MAX_PASSPHRASE_SIZE,
    "the longest password is one that crypt(3) takes");
_Static_assert((int)UADM_VERIFIER_SIZE <= CRYPT_OUTPUT_SIZE, "what crypt(3) can hold");

typedef char *crypt_function(const char *, const char *, struct crypt_data *);

/* NULL: *err says why not. */
static crypt_function *
load(struct uadm_err *err)
{
	/* Twice is no work: it is counted, and stays. */
	void *lib = dlopen("libcrypt.so.1", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	crypt_function *run = NULL;

	if (lib != NULL)
		*(void **)&run = dlsym(lib, "crypt_r");
	if (run == NULL)
		uadm_fail(err, UADM_UNAVAILABLE, "libcrypt.so.1 cannot be loaded: %s",
		    dlerror());
	return run;
}

/* As long as the hash, and the same up to the digest. */
static bool
is_made_of(const char *made, const struct verifier *v)
{
	size_t setting = (size_t)(strrchr(v->text, '$') - v->text) + 1;

	return made != NULL && strncmp(made, v->text, setting) == 0 &&
	    strlen(made) == strlen(v->text);
}

enum uadm_code
libcrypt_check(const struct verifier *v, const struct secret *pw, bool *match,
    struct uadm_err *err)
{
	crypt_function *run;
	struct crypt_data *data;
	const char *made;
	enum uadm_code c = UADM_OK;

	*match = false;
	if ((run = load(err)) == NULL)
		return err->code;
	/* 32 KiB in which the password is left lying about. */
	if ((data = sodium_malloc(sizeof(*data))) == NULL)
		return uadm_fail(
		    err, UADM_UNAVAILABLE, "no memory to check a password");
	memset(data, 0, sizeof(*data));
	errno = 0;
	made = run(pw->text, v->text, data);
	if (is_made_of(made, v))
		*match = sodium_memcmp(made, v->text, strlen(v->text)) == 0;
	else
		c = uadm_fail(err, errno == EINVAL ? UADM_INVALID : UADM_UNAVAILABLE,
		    "libcrypt cannot check a password: %m");
	sodium_free(data);
	return c;
}
