#include "libuadm/policy/lockout.h"

int64_t
policy_counts_since(const struct policy *p, int64_t now)
{
	return now - p->interval * 1000;
}

int64_t
policy_lock_ends(const struct policy *p, int64_t locked_at)
{
	return locked_at + p->lock_time * 1000;
}

bool
policy_lock_holds(const struct policy *p, int64_t locked_at, int64_t now)
{
	return p->lock_time == 0 || now < policy_lock_ends(p, locked_at);
}

bool
policy_lock_falls(const struct policy *p, int64_t failures)
{
	return failures >= p->deny;
}

static int64_t
source_limit(const struct policy *p, const struct lockout_facts *f)
{
	if (f->source_is_none)
		return p->deny;
	return f->source_is_local ? p->local_source_limit : p->source_limit;
}

enum lockout_answer
policy_lockout(const struct policy *p, const struct lockout_facts *f, int64_t now)
{
	int64_t limit = source_limit(p, f);

	if (f->locked && policy_lock_holds(p, f->locked_at, now))
		return LOCKOUT_LOCKED;
	if (f->failures >= p->deny)
		return LOCKOUT_LOCKED;
	if (f->source_failures >= limit)
		return LOCKOUT_SOURCE;
	if (f->failures + f->in_flight >= p->deny ||
	    f->source_failures + f->source_in_flight >= limit)
		return LOCKOUT_WAIT;
	return LOCKOUT_ADMIT;
}
