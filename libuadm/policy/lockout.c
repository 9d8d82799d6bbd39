#include "libuadm/policy/lockout.h"

struct attempt_window
policy_lockout_window(const struct policy *p, int64_t now)
{
	return (struct attempt_window){ .now = now,
		.since = now - p->interval * 1000,
		.lock_over =
		    p->lock_time == 0 ? INT64_MIN : now - p->lock_time * 1000 };
}

struct attempt_window
policy_strangers_window(const struct policy *p, int64_t now)
{
	struct attempt_window w = policy_lockout_window(p, now);

	if (p->lock_time == 0)
		w.lock_over = w.since;
	return w;
}

void
policy_lockout_widen(struct policy *widest, const struct policy *p)
{
	if (p->interval > widest->interval)
		widest->interval = p->interval;
	if (widest->lock_time != 0 &&
	    (p->lock_time == 0 || p->lock_time > widest->lock_time))
		widest->lock_time = p->lock_time;
}

int64_t
policy_lock_ends(const struct policy *p, int64_t locked_at)
{
	return locked_at + p->lock_time * 1000;
}

int64_t
policy_failure_ends(const struct policy *p, int64_t started)
{
	return started + p->interval * 1000;
}

bool
policy_lock_holds(const struct policy *p, int64_t locked_at, int64_t now)
{
	return locked_at > policy_lockout_window(p, now).lock_over;
}

bool
policy_lock_falls(const struct policy *p, int64_t failures)
{
	return failures >= p->deny;
}

int64_t
policy_source_limit(const struct policy *p, enum lockout_source source)
{
	switch (source) {
	case LOCKOUT_FROM_HERE:
		return p->local_source_limit;
	case LOCKOUT_FROM_AFAR:
		return p->source_limit;
	case LOCKOUT_FROM_CONSOLE:
		break;
	}
	return p->deny;
}

enum lockout_answer
policy_lockout(const struct policy *p, const struct lockout_facts *f, int64_t now)
{
	int64_t limit = policy_source_limit(p, f->source);

	if (f->locked && policy_lock_holds(p, f->locked_at, now))
		return LOCKOUT_LOCKED;
	if (policy_lock_falls(p, f->failures))
		return LOCKOUT_LOCKED;
	if (f->source_failures >= limit)
		return LOCKOUT_SOURCE;
	if (f->source_failures + f->source_in_flight >= limit)
		return LOCKOUT_WAIT;
	/* From here no failure becomes one of the user's, so there is none to wait for. */
	if (f->source != LOCKOUT_FROM_HERE && f->failures + f->in_flight >= p->deny)
		return LOCKOUT_WAIT;
	return LOCKOUT_ADMIT;
}
