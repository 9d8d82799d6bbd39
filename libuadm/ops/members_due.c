/*
 * members_due.c - carry out the ends that are due; see members.h. Logins and rights do not wait for it:
 * they look at the clock themselves.
 */
#include "libuadm/ops/members.h"

#include "libuadm/ops/factor_grace.h"
#include "libuadm/store/members.h"

struct due {
	struct member *at;
	size_t count;
};

static enum uadm_code
keep_due(void *arg, const struct member *m, struct uadm_err *err)
{
	struct due *d = arg;

	if ((d->count & (d->count + 1)) == 0) {
		void *more = reallocarray(d->at, 2 * d->count + 1, sizeof(*d->at));

		if (more == NULL)
			return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
		d->at = more;
	}
	d->at[d->count++] = *m;
	return UADM_OK;
}

/* What the new role requires counts already: it did from the moment on that was set. */
static enum uadm_code
fall_back(struct uadm *u, struct member *m, int64_t now, struct uadm_err *err)
{
	struct factor_required was;
	enum uadm_code c = factor_required_of(u, m->account, m->role, &was, err);

	m->role = m->then_role;
	m->ends_at = m->then_role = 0;
	if (c != UADM_OK || (c = members_update(u->store, m, err)) != UADM_OK ||
	    !m->principal)
		return c;
	return factor_grace_of_change(u, m->uid, &was, false, now, err);
}

static enum uadm_code
end(struct uadm *u, struct member *m, struct uadm_err *err)
{
	enum uadm_code c = members_drop_rights(u->store, m->account, m->uid, err);

	m->state = MEMBER_ENDED;
	m->ends_at = 0;
	return c == UADM_OK ? members_update(u->store, m, err) : c;
}

static enum uadm_code
end_one(struct uadm *u, struct member *m, int64_t now, struct uadm_err *err)
{
	bool falls_back = m->then_role != 0;
	CHANGE ch = { 0 };
	char detail[200];
	enum uadm_code c;

	if ((c = change_begin(&ch, u, err)) != UADM_OK)
		return c;
	/* Somebody else may have done it, or have given more time. */
	if ((c = members_get(u->store, m->account, m->uid, m, err)) == UADM_NOT_FOUND ||
	    (c == UADM_OK && (m->ends_at == 0 || m->ends_at > now)))
		return UADM_OK;
	if (c != UADM_OK)
		return c;
	falls_back = m->then_role != 0;
	snprintf(detail, sizeof(detail), "account=%s role=%s%s%s", m->account_name,
	    m->role_name, falls_back ? " then=" : "", m->then_role_name);
	c = falls_back ? fall_back(u, m, now, err) : end(u, m, err);
	if (c != UADM_OK)
		return c;
	return change_commit(&ch, u, falls_back ? "member.fall-back" : "member.end",
	    m->user_name, detail, true, err);
}

/* A change each, so that logins wait for none of it for long. */
enum uadm_code
op_members_end_due(struct uadm *u, int64_t *count, struct uadm_err *err)
{
	struct clock_now now;
	struct due d = { 0 };
	enum uadm_code c;

	clock_read(&now);
	c = members_each_due(u->store, now.wall, keep_due, &d, err);
	for (size_t i = 0; i < d.count && c == UADM_OK; i++)
		c = end_one(u, &d.at[i], now.wall, err);
	*count = (int64_t)d.count;
	free(d.at);
	return c;
}
