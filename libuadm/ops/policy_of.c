/*
 * Threat: an account that has a policy of its own, and a way in that asks for the host's. So nothing
 * but this reads it, and tests/layers looks that nothing else judges by u->policy.
 *
 * Threat: answers that tell. A guess at nobody's name asks the store for as much as one at a user.
 *
 * Values that nobody of ours wrote, or that do not fit each other, let none of the account's users in.
 */
#include "libuadm/ops/policy_of.h"

#include "libuadm/base/names.h"
#include "libuadm/policy/lockout.h"
#include "libuadm/store/accounts.h"
#include "libuadm/store/policy.h"

#include <stdlib.h>
#include <string.h>

static enum uadm_code
unknown_key(const char *key, struct uadm_err *err)
{
	char shown[60];

	return uadm_fail(err, UADM_UNAVAILABLE, "the policy has an unknown key: \"%s\"",
	    text_escape(shown, sizeof(shown), key));
}

struct laying {
	struct policy_layers *layers;
	gid_t account; /* whose the values are, when there are any */
};

static enum uadm_code
lay(void *arg, const struct policy_place *place, const char *key, int64_t value,
    struct uadm_err *err)
{
	struct laying *l = arg;
	const struct setting *s = setting_find(key);
	enum policy_layer layer = place->role == 0
	    ? (place->own ? POLICY_ACCOUNT_OWN : POLICY_ACCOUNT)
	    : (place->own ? POLICY_ROLE_OWN : POLICY_ROLE);

	l->account = (gid_t)place->account;
	if (s == NULL)
		return unknown_key(key, err);
	return policy_layer_put(l->layers, layer, s, value, err);
}

/* Whatever is wrong with it, it is the administrator's to mend. */
static enum uadm_code
blame(struct uadm *u, gid_t account, struct uadm_err *err)
{
	struct account a = { 0 };
	struct uadm_err ignored;
	char why[200];

	if (account == 0 || err->code == UADM_BUSY ||
	    accounts_get_gid(u->store, account, &a, &ignored) != UADM_OK)
		return err->code;
	snprintf(why, sizeof(why), "%.199s", err->msg);
	uadm_fail(
	    err, UADM_UNAVAILABLE, "the policy of the account %s: %s", a.name, why);
	return uadm_hint(err, "uadmctl policy unset --account %s KEY", a.name);
}

static enum uadm_code
lay_all(struct uadm *u, const struct laying *l, struct policy *p, enum uadm_code c,
    struct uadm_err *err)
{
	*p = u->policy;
	if (c == UADM_OK && l->account != 0) {
		*p = policy_laid(l->layers);
		c = policy_check(p, err);
	}
	return c == UADM_OK ? c : blame(u, l->account, err);
}

enum uadm_code
op_policies_of_uid(struct uadm *u, uid_t uid, struct policy *p, struct policy *floor,
    struct uadm_err *err)
{
	struct policy_layers layers = { .host = u->policy };
	struct laying l = { .layers = &layers };
	struct clock_now now;
	enum uadm_code c;

	clock_read(&now);
	c = policy_each_of(u->store, uid, now.wall, lay, &l, err);
	*floor = policy_floor(&layers);
	return lay_all(u, &l, p, c, err);
}

enum uadm_code
op_policy_of_uid(struct uadm *u, uid_t uid, struct policy *p, struct uadm_err *err)
{
	struct policy floor;

	return op_policies_of_uid(u, uid, p, &floor, err);
}

enum uadm_code
op_policy_layers(struct uadm *u, gid_t account, int64_t role, struct policy_layers *l,
    struct uadm_err *err)
{
	struct laying laying = { .layers = l };
	enum uadm_code c;

	*l = (struct policy_layers){ .host = u->policy };
	if (account == 0)
		return UADM_OK;
	c = policy_each(u->store, account, role, lay, &laying, err);
	return c == UADM_OK ? c : blame(u, account, err);
}

enum uadm_code
op_policy_in(
    struct uadm *u, gid_t account, int64_t role, struct policy *p, struct uadm_err *err)
{
	struct policy_layers layers;
	const struct laying l = { .layers = &layers, .account = account };
	enum uadm_code c = op_policy_layers(u, account, role, &layers, err);

	return c == UADM_OK ? lay_all(u, &l, p, c, err) : c;
}

int64_t
user_role_now(const struct user *user)
{
	struct clock_now now;

	clock_read(&now);
	return user->then_role != 0 && user->then_at <= now.wall ? user->then_role
								 : user->member_role;
}

enum uadm_code
op_policy_of(
    struct uadm *u, const struct user *user, struct policy *p, struct uadm_err *err)
{
	return op_policy_in(u, user->account, user_role_now(user), p, err);
}

void
policies_free(struct policies *all)
{
	free(all->at);
	*all = (struct policies){ NULL, 0, 0 };
}

static int
order(gid_t account, int64_t role, const struct policies_entry *e)
{
	if (account != e->account)
		return account < e->account ? -1 : 1;
	return role < e->role ? -1 : role > e->role;
}

static enum uadm_code
insert(struct policies *all, size_t at, const struct policies_entry *e,
    struct uadm_err *err)
{
	if (all->count == all->room) {
		size_t room = 2 * all->room + 8;
		void *more = reallocarray(all->at, room, sizeof(*all->at));

		if (more == NULL)
			return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
		all->at = more;
		all->room = room;
	}
	memmove(&all->at[at + 1], &all->at[at], (all->count - at) * sizeof(*all->at));
	all->at[at] = *e;
	all->count++;
	return UADM_OK;
}

enum uadm_code
policies_get(struct uadm *u, struct policies *all, const struct user *user,
    const struct policy **p, struct uadm_err *err)
{
	struct policies_entry e = { .account = user->account,
		.role = user_role_now(user) };
	size_t low = 0, high = all->count;
	enum uadm_code c;

	*p = &u->policy;
	if (user->account == 0)
		return UADM_OK;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int o = order(e.account, e.role, &all->at[middle]);

		if (o == 0) {
			*p = &all->at[middle].policy;
			return UADM_OK;
		}
		if (o < 0)
			high = middle;
		else
			low = middle + 1;
	}
	if ((c = op_policy_in(u, e.account, e.role, &e.policy, err)) != UADM_OK ||
	    (c = insert(all, low, &e, err)) != UADM_OK)
		return c;
	*p = &all->at[low].policy;
	return UADM_OK;
}

static enum uadm_code
widen(void *arg, const struct policy_place *place, const char *key, int64_t value,
    struct uadm_err *err)
{
	struct policy *widest = arg, one = *widest;
	const struct setting *s = setting_find(key);

	(void)place;
	/* What cannot be is told when it is that account's turn. */
	if (s != NULL && policy_put(&one, s, value, err) == UADM_OK)
		policy_lockout_widen(widest, &one);
	return UADM_OK;
}

enum uadm_code
op_policy_widest(struct uadm *u, struct policy *p, struct uadm_err *err)
{
	*p = u->policy;
	return policy_each_account(u->store, widen, p, err);
}
