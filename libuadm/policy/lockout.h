/*
 * lockout.h - how many guesses somebody gets.
 *
 * An attempt is reserved before its hash is computed, so that failures plus reservations in
 * flight never exceed the limit. Who is on this host is limited by its source alone: its failures
 * neither lock a user nor bring a lock nearer. Pure: the counts are passed in. All times are
 * milliseconds of the store's steady clock, which nobody can set.
 */
#ifndef UADM_POLICY_LOCKOUT_H
#define UADM_POLICY_LOCKOUT_H

#include "libuadm/base/attempt.h"
#include "libuadm/base/policy.h"

#include <stdbool.h>

enum lockout_source {
	LOCKOUT_FROM_CONSOLE = 0, /* root's own: no limit but the user's */
	LOCKOUT_FROM_HERE,        /* a local user, or this host over its own network */
	LOCKOUT_FROM_AFAR,
};

struct lockout_facts {
	bool locked;
	int64_t locked_at; /* meaningful when locked */
	int64_t failures;  /* of the user within the interval, none from here */
	int64_t in_flight; /* reservations whose deadline is still to come, likewise */
	int64_t source_failures; /* the same two, of this source against this user */
	int64_t source_in_flight;
	enum lockout_source source;
};

enum lockout_answer {
	LOCKOUT_LOCKED = 0, /* verify nothing, charge nobody, cost a dummy */
	LOCKOUT_SOURCE,     /* this source has had its guesses: the same treatment */
	LOCKOUT_WAIT,       /* others are being verified: ask again, holding nothing */
	LOCKOUT_ADMIT,
};

enum lockout_answer policy_lockout(
    const struct policy *p, const struct lockout_facts *f, int64_t now);

/* Which attempts count at `now`. */
struct attempt_window policy_lockout_window(const struct policy *p, int64_t now);

/* The same for names that are nobody's, when `maintain` forgets them. Nobody can take off a lock of
 * theirs, so one that is to hold until somebody does goes with the failures that led to it. */
struct attempt_window policy_strangers_window(const struct policy *p, int64_t now);

/* For who looks at many at once: what counts by `p` counts by *widest from then on. */
void policy_lockout_widen(struct policy *widest, const struct policy *p);

/* Is a lock that fell at `locked_at` still on? */
bool policy_lock_holds(const struct policy *p, int64_t locked_at, int64_t now);

/* When a lock ends, and when a failure no longer counts. The former is not asked where lock-time
 * is 0. */
int64_t policy_lock_ends(const struct policy *p, int64_t locked_at);
int64_t policy_failure_ends(const struct policy *p, int64_t started);

/* Do this many failures lock? And how many block a source? */
bool policy_lock_falls(const struct policy *p, int64_t failures);
int64_t policy_source_limit(const struct policy *p, enum lockout_source source);

#endif
