/*
 * pwhash.h - make and check password verifiers (argon2id, RFC 9106, through libsodium).
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

/* A NULL `v` (no such user) costs a real check and never matches; so does a verifier that is no
 * argon2id one. A verifier of lower cost is charged a full one on top, so that the time tells
 * nothing. *answer is PWHASH_MISMATCH unless UADM_OK is returned. */
enum uadm_code pwhash_check(const struct verifier *v, const struct secret *pw,
    struct pwhash_cost cost, enum pwhash_answer *answer,
    struct uadm_err *err) UADM_CHECKED;

#endif
