/*
 * lockout.h - how many guesses somebody gets.
 *
 * An attempt is reserved before its hash is computed, so that failures plus reservations in
 * flight never exceed the limit. Pure: the counts are passed in. All times are milliseconds of
 * the store's steady clock, which nobody can set.
 */
#ifndef UADM_POLICY_LOCKOUT_H
#define UADM_POLICY_LOCKOUT_H

#include "libuadm/base/policy.h"

#include <stdbool.h>

struct lockout_facts {
	bool locked;
	int64_t locked_at;       /* meaningful when locked */
	int64_t failures;        /* of the user within the interval */
	int64_t in_flight;       /* reservations whose deadline is still to come */
	int64_t source_failures; /* the same two, of this source against this user */
	int64_t source_in_flight;
	bool source_is_local;
	bool
	    source_is_none; /* neither a remote host nor a local uid: no limit of its own */
};

enum lockout_answer {
	LOCKOUT_LOCKED = 0, /* verify nothing, charge nobody, cost a dummy */
	LOCKOUT_SOURCE,     /* this source has had its guesses: the same treatment */
	LOCKOUT_WAIT,       /* others are being verified: ask again, holding nothing */
	LOCKOUT_ADMIT,
};

enum lockout_answer policy_lockout(
    const struct policy *p, const struct lockout_facts *f, int64_t now);

/* Is a lock that fell at `locked_at` still on? */
bool policy_lock_holds(const struct policy *p, int64_t locked_at, int64_t now);

/* From when on a failure counts, and when a lock ends; the latter is not asked where lock-time
 * is 0. */
int64_t policy_counts_since(const struct policy *p, int64_t now);
int64_t policy_lock_ends(const struct policy *p, int64_t locked_at);

/* Do this many failures lock? */
bool policy_lock_falls(const struct policy *p, int64_t failures);

#endif
