/*
 * pwhash.h - make and check password verifiers (argon2id, RFC 9106, through libsodium), and
 * check those that another system made (crypt(3)) until the user's next login replaces them.
 * Nothing here touches a file, the clock or the log.
 */
#ifndef UADM_SECRETS_PWHASH_H
#define UADM_SECRETS_PWHASH_H

#include "libuadm/base/error.h"
#include "libuadm/base/user.h"
#include "libuadm/secrets/secret.h"

/* Passes and bytes of memory, as crypto_pwhash() takes them. */
struct pwhash_cost {
	unsigned long long opslimit;
	size_t memlimit;
};

enum pwhash_answer {
	PWHASH_MISMATCH = 0, /* zero refuses, and so does a cleared struct */
	PWHASH_MATCH,
	PWHASH_MATCH_OLD, /* right password, other cost: store a new verifier */
};

enum uadm_code pwhash_make(struct verifier *v, const struct secret *pw,
    struct pwhash_cost cost, struct uadm_err *err) UADM_CHECKED;

/* A NULL `v` (no such user) costs a real check and never matches; so does a verifier of a kind
 * that is not taken. One of lower cost, or of another system's, is charged a full one on top, so
 * that the time tells nothing. *answer is PWHASH_MISMATCH unless UADM_OK is returned. */
enum uadm_code pwhash_check(const struct verifier *v, const struct secret *pw,
    struct pwhash_cost cost, enum pwhash_answer *answer,
    struct uadm_err *err) UADM_CHECKED;

/* Before pwhash_check() of `v`: where `other`, anybody's in the store, is another system's and `v`
 * is not, pay for a check of `other` too. Then those whose hash was imported take no longer than
 * everybody else. Both may be NULL. */
void pwhash_even(
    const struct verifier *v, const struct verifier *other, const struct secret *pw);

/* Take a hash that another system made: UADM_INVALID unless it is whole, of a kind and cost that
 * are taken, and can be checked here. *kind is its name. Never says the hash. */
enum uadm_code pwhash_import(struct verifier *v, const struct secret *hash,
    struct pwhash_cost cost, const char **kind, struct uadm_err *err) UADM_CHECKED;

#endif
