/*
 * Threat: an account that nobody can administer any more, by an accident (the last one is removed,
 * demoted, suspended, left to expire) or by two who remove each other at once. So the count is
 * taken within the transaction that changes it.
 */
#include "libuadm/ops/guard.h"

#include "libuadm/base/names.h"
#include "libuadm/ops/act.h"
#include "libuadm/ops/plan.h"
#include "libuadm/store/accounts.h"

#include <string.h>

void
guard_done(struct guard *g)
{
	free(g->at);
	*g = (struct guard){ 0 };
}

static enum uadm_code
add(void *arg, gid_t account, struct uadm_err *err)
{
	struct guard *g = arg;

	if ((g->count & (g->count + 1)) ==
	    0) { /* one below a power of two: it is full */
		void *more = reallocarray(g->at, 2 * g->count + 1, sizeof(*g->at));

		if (more == NULL)
			return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
		g->at = more;
	}
	g->at[g->count++] = (struct guarded){ .account = account };
	return UADM_OK;
}

static enum uadm_code
look(struct uadm *u, struct guard *g, int64_t now, struct uadm_err *err)
{
	enum uadm_code c = UADM_OK;

	g->now = now;
	for (size_t i = 0; i < g->count && c == UADM_OK; i++)
		c = accounts_able(
		    u->store, g->at[i].account, now, 2, &g->at[i].able, err);
	return c;
}

enum uadm_code
guard_user(
    struct uadm *u, struct guard *g, uid_t uid, int64_t now, struct uadm_err *err)
{
	enum uadm_code c = accounts_each_of(u->store, uid, 0, add, g, err);

	return c == UADM_OK ? look(u, g, now, err) : c;
}

enum uadm_code
guard_account(
    struct uadm *u, struct guard *g, gid_t account, int64_t now, struct uadm_err *err)
{
	enum uadm_code c = add(g, account, err);

	return c == UADM_OK ? look(u, g, now, err) : c;
}

enum uadm_code
guard_role(
    struct uadm *u, struct guard *g, int64_t role, int64_t now, struct uadm_err *err)
{
	enum uadm_code c = accounts_each_of(u->store, 0, role, add, g, err);

	return c == UADM_OK ? look(u, g, now, err) : c;
}

#define UNSEEN "an account that you do not see"

/* "acme, beta, ...": as many as fit. What somebody has elsewhere is not told to who only sees them here. */
static enum uadm_code
add_name(struct uadm *u, gid_t gid, char *out, size_t size, struct uadm_err *err)
{
	struct account a;
	const char *name = a.name;
	enum uadm_code c = accounts_get_gid(u->store, gid, &a, err);
	size_t used = strlen(out);

	if (c == UADM_OK &&
	    (c = act_in_account(u, ACT_ACCOUNT_READ, gid, err)) == UADM_DENIED) {
		name = UNSEEN;
		c = UADM_OK;
	}
	if (c != UADM_OK || list_has(out, name, strlen(name)))
		return c;
	if (used + strlen(name) + 8 < size)
		snprintf(out + used, size - used, "%s%s", used > 0 ? "," : "", name);
	else if (used + 5 < size && strstr(out, "...") == NULL)
		memcpy(out + used, ",...", sizeof(",..."));
	return UADM_OK;
}

static void
warn(const struct uadm *u, const char *names)
{
	char text[300];

	if (u->warn == NULL || *names == '\0')
		return;
	snprintf(text, sizeof(text), "%s: one able administrator is left", names);
	u->warn(text);
}

enum uadm_code
guard_hold(struct uadm *u, struct guard *g, struct uadm_err *err)
{
	char none[sizeof(u->glass)] = "", one[200] = "";
	enum uadm_code c = UADM_OK;

	for (size_t i = 0; i < g->count && c == UADM_OK; i++) {
		const struct guarded *a = &g->at[i];
		int64_t able;

		if (a->able == 0 ||
		    (c = accounts_able(u->store, a->account, g->now, 2, &able, err)) !=
			UADM_OK)
			continue;
		if (able == 0)
			c = add_name(u, a->account, none, sizeof(none), err);
		else if (able == 1 && a->able > 1)
			c = add_name(u, a->account, one, sizeof(one), err);
	}
	if (c != UADM_OK)
		return c;
	if (*none != '\0' && !u->break_glass) {
		uadm_fail(err, UADM_INVALID,
		    "%s would be left without an able administrator", none);
		return strstr(none, UNSEEN) != NULL
		    ? uadm_hint(err, "that is for root to decide")
		    : uadm_hint(err,
			  "make somebody else one first (with a password set, and no end); or, if it has "
			  "to be: --break-glass");
	}
	memcpy(u->glass, none, sizeof(u->glass));
	if (u->planning != NULL) {
		memcpy(u->planning->plan.no_administrator, none, sizeof(none));
		memcpy(u->planning->plan.one_administrator, one, sizeof(one));
	}
	warn(u, one);
	return UADM_OK;
}

struct unable {
	struct uadm *u;
	int64_t now;
	enum uadm_code (*found)(void *, const struct account *, struct uadm_err *);
	void *arg;
};

static enum uadm_code
look_for_able(void *arg, const struct account *a, struct uadm_err *err)
{
	const struct unable *x = arg;
	int64_t able = 0;
	enum uadm_code c = accounts_able(x->u->store, a->gid, x->now, 1, &able, err);

	return c == UADM_OK && able == 0 ? x->found(x->arg, a, err) : c;
}

enum uadm_code
guard_each_unable(struct uadm *u, int64_t now,
    enum uadm_code (*found)(void *, const struct account *, struct uadm_err *),
    void *arg, struct uadm_err *err)
{
	return accounts_each(
	    u->store, look_for_able, &(struct unable){ u, now, found, arg }, err);
}
