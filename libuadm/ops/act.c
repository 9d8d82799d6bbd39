/*
 * Threat: an administrator of one account who gets at another, or above themselves, by a verb that
 * forgot to ask. So who acts is part of struct uadm, every use case asks, and the tests go
 * through all of them (S5).
 */
#include "libuadm/ops/act.h"

#include "libuadm/base/names.h"
#include "libuadm/ops/accounts.h"
#include "libuadm/ops/show.h"
#include "libuadm/policy/login.h"
#include "libuadm/policy/rights.h"
#include "libuadm/store/accounts.h"
#include "libuadm/store/groups.h"
#include "libuadm/store/members.h"
#include "libuadm/store/rights.h"

#include <string.h>

bool
act_is_root(const struct uadm *u)
{
	return u->acting.uid == 0;
}

enum uadm_code
op_act_as(struct uadm *u, const char *name, struct uadm_err *err)
{
	struct clock_now now;
	struct user user;
	char by[sizeof(u->actor)];
	const char *status;
	enum uadm_code c;

	if ((c = find_user(u, name, &user, err)) != UADM_OK)
		return c;
	clock_read(&now);
	status = policy_login_status(&user, false, now.wall);
	if (strcmp(status, "active") != 0)
		return uadm_fail(err, UADM_DENIED,
		    "\"%s\" is %s: who cannot log in cannot act either", user.name,
		    status);
	u->acting.uid = user.uid;
	memcpy(u->acting.name, user.name, sizeof(u->acting.name));
	memcpy(u->acting.time_zone, user.time_zone, sizeof(u->acting.time_zone));
	snprintf(by, sizeof(by), "%s", u->actor);
	snprintf(u->actor, sizeof(u->actor), "%s (by %.90s)", user.name, by);
	return UADM_OK;
}

/* Both sides of the question. The arrays are ours to free. */
struct facts {
	struct delegation_facts f;
	struct catalogue catalogue;
	struct standing *actor, *target;
	gid_t *actor_groups, *target_groups;
};

static void
facts_free(struct facts *x)
{
	free(x->actor);
	free(x->target);
	free(x->actor_groups);
	free(x->target_groups);
}

struct collecting {
	const struct catalogue *catalogue;
	struct standing *at;
	size_t count;
	int64_t now;
	bool potential;
};

static enum uadm_code
no_memory(struct uadm_err *err)
{
	return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
}

static enum uadm_code
collect(void *arg, const struct holding *h, struct uadm_err *err)
{
	struct collecting *k = arg;
	struct standing *s = &k->at[k->count];

	if ((k->count & (k->count + 1)) ==
	    0) { /* one below a power of two: it is full */
		s = reallocarray(k->at, 2 * k->count + 1, sizeof(*s));
		if (s == NULL)
			return no_memory(err);
		k->at = s;
		s += k->count;
	}
	const struct member *m = &h->member;

	*s = (struct standing){ .account = m->account,
		.rights = k->potential ? rights_potential(k->catalogue, h)
				       : rights_now(k->catalogue, h, k->now) };
	if (k->potential) {
		s->roles[0] =
		    (struct standing_role){ m->role, m->role_shipped, h->of_role };
		s->roles[1] = (struct standing_role){ m->then_role, m->then_shipped,
			h->of_then_role };
	} else {
		s->roles[0].id = rights_role_now(h, k->now);
	}
	k->count++;
	return UADM_OK;
}

/* In each account only where the act asks about others: an actor in a thousand of them would be read a
 * thousand times over by who goes through them. */
static enum uadm_code
read_standings(struct uadm *u, struct facts *x, uid_t uid, int64_t now, bool potential,
    struct standing **at, size_t *count, struct uadm_err *err)
{
	struct collecting k = {
		.catalogue = &x->catalogue, .now = now, .potential = potential
	};
	const bool local = policy_delegation_is_local(x->f.act);
	enum uadm_code c = local && x->f.account == 0
	    ? UADM_OK
	    : holdings_each(u->store, uid, local ? x->f.account : 0, collect, &k, err);

	*at = k.at;
	*count = k.count;
	return c;
}

struct gids {
	gid_t *at;
	size_t count;
};

static enum uadm_code
collect_gid(void *arg, gid_t gid, struct uadm_err *err)
{
	struct gids *g = arg;

	if ((g->count & (g->count + 1)) == 0) {
		gid_t *more = reallocarray(g->at, 2 * g->count + 1, sizeof(*more));

		if (more == NULL)
			return no_memory(err);
		g->at = more;
	}
	g->at[g->count++] = gid;
	return UADM_OK;
}

static enum uadm_code
read_groups(struct uadm *u, uid_t uid, gid_t **at, size_t *count, struct uadm_err *err)
{
	struct gids g = { 0 };
	enum uadm_code c = groups_each_ordinary_of(u->store, uid, collect_gid, &g, err);

	*at = g.at;
	*count = g.count;
	return c;
}

/* As they are within this transaction, the actor's own state included. */
static enum uadm_code
read_actor(struct uadm *u, struct facts *x, struct uadm_err *err)
{
	struct clock_now now;
	struct user actor;
	enum uadm_code c;

	clock_read(&now);
	if ((c = users_get_uid(u->store, u->acting.uid, &actor, err)) == UADM_NOT_FOUND)
		return UADM_OK; /* gone meanwhile: not able */
	if (c != UADM_OK ||
	    (c = rights_catalogue(u->store, &x->catalogue, err)) != UADM_OK ||
	    (c = read_standings(u, x, actor.uid, now.wall, false, &x->actor,
		 &x->f.actor_count, err)) != UADM_OK)
		return c;
	x->f.able = strcmp(policy_login_status(&actor, false, now.wall), "active") == 0;
	x->f.actor = x->actor;
	return UADM_OK;
}

static enum uadm_code
read_target(
    struct uadm *u, struct facts *x, const struct user *target, struct uadm_err *err)
{
	enum uadm_code c;

	if (target == NULL)
		return UADM_OK;
	x->f.has_target = true;
	x->f.is_self = target->uid == u->acting.uid;
	x->f.principal = target->account;
	if ((c = read_standings(u, x, target->uid, 0, true, &x->target,
		 &x->f.target_count, err)) != UADM_OK ||
	    (c = read_groups(u, target->uid, &x->target_groups,
		 &x->f.target_group_count, err)) != UADM_OK ||
	    (c = read_groups(u, u->acting.uid, &x->actor_groups,
		 &x->f.actor_group_count, err)) != UADM_OK)
		return c;
	x->f.target = x->target;
	x->f.target_groups = x->target_groups;
	x->f.actor_groups = x->actor_groups;
	return UADM_OK;
}

struct naming {
	int64_t id;
	char name[RIGHT_NAME_SIZE];
};

static enum uadm_code
keep_name(void *arg, const struct right *r, struct uadm_err *err)
{
	struct naming *n = arg;

	(void)err;
	if (r->id == n->id)
		memcpy(n->name, r->name, sizeof(n->name));
	return UADM_OK;
}

/* "bo may not: a right that it needs is not held (Any_User_Write in acme)". Accounts that somebody has not
 * named and is not in are not named to them. */
static enum uadm_code
say_denied(struct uadm *u, const struct act_on *on, const struct delegation_answer *a,
    struct uadm_err *err)
{
	struct naming n = { .id = a->right };
	struct account where = { .name = "another account" };
	char detail[120] = "";
	struct uadm_err ignored;
	struct member m;

	if ((on->account == a->account ||
		members_get(u->store, a->account, u->acting.uid, &m, &ignored) ==
		    UADM_OK) &&
	    accounts_get_gid(u->store, a->account, &where, &ignored) != UADM_OK)
		where.name[0] = '\0';
	if (a->right != 0 && rights_each(u->store, keep_name, &n, &ignored) == UADM_OK)
		snprintf(detail, sizeof(detail), " (%s in %s)", n.name, where.name);
	return uadm_fail(err, UADM_DENIED, "%s may not do that: %s%s", u->acting.name,
	    policy_delegation_text(a->reason), detail);
}

static struct standing_role
role_of(const struct role *r)
{
	return r != NULL ? (struct standing_role){ r->id, r->shipped, r->rights }
			 : (struct standing_role){ 0 };
}

enum uadm_code
act_may(struct uadm *u, const struct act_on *on, struct uadm_err *err)
{
	CLEANUP(facts_free)
	struct facts x = { .f = { .act = on->act,
			       .root = act_is_root(u),
			       .account = on->account,
			       .given = on->given,
			       .given_roles = {
				   role_of(on->role), role_of(on->then_role) } } };
	struct delegation_answer a;
	enum uadm_code c;

	x.f.catalogue = &x.catalogue;
	if (!x.f.root &&
	    ((c = read_actor(u, &x, err)) != UADM_OK ||
		(c = read_target(u, &x, on->target, err)) != UADM_OK))
		return c;
	a = policy_delegation(&x.f);
	return a.allowed ? UADM_OK : say_denied(u, on, &a, err);
}

enum uadm_code
act_on_user(
    struct uadm *u, enum act act, const struct user *target, struct uadm_err *err)
{
	return act_may(u, &(struct act_on){ .act = act, .target = target }, err);
}

enum uadm_code
act_in_account(struct uadm *u, enum act act, gid_t account, struct uadm_err *err)
{
	return act_may(u, &(struct act_on){ .act = act, .account = account }, err);
}

enum uadm_code
act_as_root(struct uadm *u, struct uadm_err *err)
{
	return act_may(u, &(struct act_on){ .act = ACT_ROOT }, err);
}

enum uadm_code
act_grantable(struct uadm *u, gid_t account, struct rights *r, struct uadm_err *err)
{
	CLEANUP(facts_free) struct facts x = { 0 };
	enum uadm_code c;

	*r = (struct rights){ { 0 } };
	if (act_is_root(u)) {
		c = rights_catalogue(u->store, &x.catalogue, err);
		*r = x.catalogue.all;
		return c;
	}
	x.f.account = account;
	c = read_actor(u, &x, err);
	for (size_t i = 0; c == UADM_OK && i < x.f.actor_count; i++)
		if (x.actor[i].account == account)
			*r = x.actor[i].rights;
	return c;
}

static enum uadm_code
keep_holding(void *arg, const struct holding *h, struct uadm_err *err)
{
	(void)err;
	*(struct holding *)arg = *h;
	return UADM_OK;
}

/* The first thing that stands in the way, in words. */
static void
judge(const struct catalogue *cat, const struct user *user, const struct holding *h,
    const struct right *r, int64_t now, struct can_answer *a)
{
	const char *status = policy_login_status(user, false, now);
	const struct rights held = rights_now(cat, h, now);
	const struct member *m = &h->member;
	bool there = m->account != 0, due = m->ends_at != 0 && m->ends_at <= now;
	const char *role = due && m->then_role != 0 ? m->then_role_name : m->role_name;

	/* What maintain has not carried out yet holds all the same. */
	due = due && m->then_role == 0;

	a->can = strcmp(status, "active") == 0 && rights_has(&held, r->id);
	a->reason = a->can                     ? "ok"
	    : strcmp(status, "active") != 0    ? status
	    : !there                           ? "no-member"
	    : h->member.account_suspended      ? "account-suspended"
	    : h->member.state != MEMBER_ACTIVE ? member_state_word(h->member.state)
	    : due                              ? member_state_word(MEMBER_ENDED)
	    : rights_are_empty(&held)          ? "no-rights"
					       : "lacks-right";
	if (a->can)
		snprintf(a->why, sizeof(a->why), "%s may %s in %s (%s)", a->user,
		    a->right, a->account, role);
	else if (strcmp(status, "active") != 0)
		snprintf(a->why, sizeof(a->why), "%s may do nothing: the user is %s",
		    a->user, status);
	else if (!there)
		snprintf(a->why, sizeof(a->why), "%s does not belong to %s", a->user,
		    a->account);
	else if (h->member.account_suspended)
		snprintf(
		    a->why, sizeof(a->why), "the account %s is suspended", a->account);
	else if (h->member.state != MEMBER_ACTIVE)
		snprintf(a->why, sizeof(a->why), "the membership of %s in %s is %s",
		    a->user, a->account, member_state_word(h->member.state));
	else if (due)
		snprintf(a->why, sizeof(a->why), "the membership of %s in %s has ended",
		    a->user, a->account);
	else
		snprintf(a->why, sizeof(a->why), "%s does not hold %s in %s (%s)",
		    a->user, a->right, a->account, role);
}

enum uadm_code
act_sees_in(
    struct uadm *u, const struct user *user, gid_t account, struct uadm_err *err)
{
	return user->uid == u->acting.uid
	    ? UADM_OK
	    : act_in_account(u, ACT_ACCOUNT_READ, account, err);
}

enum uadm_code
op_can(struct uadm *u, const char *name, const char *right, const char *account,
    struct can_answer *a, struct uadm_err *err)
{
	struct catalogue cat;
	struct holding h = { 0 };
	struct clock_now now;
	struct account acc;
	struct right r;
	struct user user;
	TXN t = { 0 };
	enum uadm_code c;

	*a = (struct can_answer){ .reason = "no-member" };
	clock_read(&now);
	if ((c = txn_read(&t, u->store, err)) != UADM_OK ||
	    (c = find_user(u, name, &user, err)) != UADM_OK ||
	    (c = act_on_user(u, ACT_USER_READ, &user, err)) != UADM_OK ||
	    (c = find_account(u, account, &acc, err)) != UADM_OK ||
	    (c = act_sees_in(u, &user, acc.gid, err)) != UADM_OK ||
	    (c = find_right(u, right, &r, err)) != UADM_OK ||
	    (c = rights_catalogue(u->store, &cat, err)) != UADM_OK ||
	    (c = holdings_each(u->store, user.uid, acc.gid, keep_holding, &h, err)) !=
		UADM_OK)
		return c;
	memcpy(a->user, user.name, sizeof(a->user));
	memcpy(a->account, acc.name, sizeof(a->account));
	memcpy(a->right, r.name, sizeof(a->right));
	judge(&cat, &user, &h, &r, now.wall, a);
	return UADM_OK;
}
