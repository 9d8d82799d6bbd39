#include "libuadm/policy/rights.h"

#include "libuadm/base/cleanup.h"

enum { WORDS = sizeof(((struct rights *)0)->bits) / sizeof(uint64_t) };

static bool
is_one(int64_t right)
{
	return right > 0 && right <= RIGHTS_MOST;
}

bool
rights_has(const struct rights *r, int64_t right)
{
	return is_one(right) && (r->bits[right / 64] >> (right % 64) & 1) != 0;
}

void
rights_add(struct rights *r, int64_t right)
{
	if (is_one(right))
		r->bits[right / 64] |= UINT64_C(1) << (right % 64);
}

void
rights_remove(struct rights *r, int64_t right)
{
	if (is_one(right))
		r->bits[right / 64] &= ~(UINT64_C(1) << (right % 64));
}

bool
rights_are_empty(const struct rights *r)
{
	return rights_within(r, &(struct rights){ { 0 } });
}

bool
rights_within(const struct rights *these, const struct rights *those)
{
	for (int i = 0; i < WORDS; i++)
		if ((these->bits[i] & ~those->bits[i]) != 0)
			return false;
	return true;
}

struct rights
rights_minus(const struct rights *these, const struct rights *those)
{
	struct rights r = { { 0 } };

	for (int i = 0; i < WORDS; i++)
		r.bits[i] = these->bits[i] & ~those->bits[i];
	return r;
}

struct rights
rights_union(const struct rights *these, const struct rights *those)
{
	struct rights r = { { 0 } };

	for (int i = 0; i < WORDS; i++)
		r.bits[i] = these->bits[i] | those->bits[i];
	return r;
}

struct rights
rights_common(const struct rights *these, const struct rights *those)
{
	struct rights r = { { 0 } };

	for (int i = 0; i < WORDS; i++)
		r.bits[i] = these->bits[i] & those->bits[i];
	return r;
}

struct rights
rights_working(const struct catalogue *cat, const struct rights *these)
{
	struct rights r = rights_common(these, &cat->all);

	for (int64_t right = 1; right <= RIGHTS_MOST; right++)
		if (rights_has(&r, right) && !rights_has(these, cat->scope[right]))
			rights_remove(&r, right);
	return r;
}

static struct rights
beside(const struct holding *h, const struct rights *of_role)
{
	struct rights r = rights_union(of_role, &h->allowed);

	return rights_minus(&r, &h->denied);
}

int64_t
rights_role_now(const struct holding *h, int64_t now)
{
	const struct member *m = &h->member;
	bool due = m->ends_at != 0 && (now <= 0 || now >= m->ends_at);

	if (m->state != MEMBER_ACTIVE || m->account_suspended)
		return 0;
	return due ? m->then_role : m->role;
}

struct rights
rights_now(const struct catalogue *cat, const struct holding *h, int64_t now)
{
	const struct member *m = &h->member;
	bool due = m->ends_at != 0 && (now <= 0 || now >= m->ends_at);
	struct rights held;

	if (m->state != MEMBER_ACTIVE || m->account_suspended ||
	    (due && m->then_role == 0))
		return (struct rights){ { 0 } };
	held = beside(h, due ? &h->of_then_role : &h->of_role);
	return rights_working(cat, &held);
}

struct rights
rights_potential(const struct catalogue *cat, const struct holding *h)
{
	struct rights both = rights_union(&h->of_role, &h->of_then_role);

	if (h->member.state == MEMBER_ENDED)
		return (struct rights){ { 0 } };
	both = beside(h, &both);
	return rights_common(&both, &cat->all);
}
