/*
 * lockout.h - how many guesses somebody gets.
 *
 * An attempt is reserved before its hash is computed, so that failures plus reservations in
 * flight never exceed the limit. Pure: the counts are passed in. All times are milliseconds of
 * the store's steady clock, which nobody can set.
 */
#ifndef UADM_POLICY_LOCKOUT_H
#define UADM_POLICY_LOCKOUT_H

#include <stdbool.h>
#include <stdint.h>

struct lockout_policy {
	int64_t deny;         /* failures within `interval` that lock */
	int64_t interval_ms;  /* how long a failure counts */
	int64_t lock_ms;      /* how long a lock holds; 0 = until reset */
	int64_t source_limit; /* failures one remote source gets against one user */
	int64_t
	    local_source_limit; /* the same for one local uid: below `deny`, so that wrong
				     * passwords to su(1) never lock the user out */
};

/* 5 failures within 15 minutes lock for 15 minutes. */
struct lockout_policy lockout_defaults(void);

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
    const struct lockout_policy *p, const struct lockout_facts *f, int64_t now);

/* Is a lock that fell at `locked_at` still on? */
bool policy_lock_holds(const struct lockout_policy *p, int64_t locked_at, int64_t now);

/* Do this many failures lock? */
bool policy_lock_falls(const struct lockout_policy *p, int64_t failures);

#endif
