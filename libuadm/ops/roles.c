#include "libuadm/ops/roles.h"

#include "libuadm/base/names.h"
#include "libuadm/ops/accounts.h"
#include "libuadm/ops/act.h"
#include "libuadm/ops/detail.h"
#include "libuadm/ops/guard.h"
#include "libuadm/ops/show.h"
#include "libuadm/policy/rights.h"
#include "libuadm/store/accounts.h"
#include "libuadm/store/members.h"
#include "libuadm/store/numbers.h"
#include "libuadm/store/rights.h"
#include "libuadm/store/roles.h"

#include <string.h>

static enum uadm_code
check_role_name(const char *name, struct uadm_err *err)
{
	char shown[80];

	if (name_is_valid(name) && strchr(name, '-') == NULL &&
	    strlen(name) <= UADM_NAME_SIZE - 3)
		return UADM_OK;
	return uadm_fail(err, UADM_INVALID,
	    "role \"%s\": a role's name is a lower-case letter, then letters, digits and _, "
	    "%d bytes at most, as it is the end of a group's",
	    text_escape(shown, sizeof(shown), name), UADM_NAME_SIZE - 3);
}

struct accounts {
	struct account *at;
	size_t count;
};

static enum uadm_code
keep_account(void *arg, const struct account *a, struct uadm_err *err)
{
	struct accounts *all = arg;

	if ((all->count & (all->count + 1)) == 0) {
		void *more =
		    reallocarray(all->at, 2 * all->count + 1, sizeof(*all->at));

		if (more == NULL)
			return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
		all->at = more;
	}
	all->at[all->count++] = *a;
	return UADM_OK;
}

/* Read first: what is made on the way must not be met again. */
static enum uadm_code
make_groups(struct uadm *u, const struct role *r, int64_t now, struct uadm_err *err)
{
	struct accounts all = { 0 };
	bool told = false;
	enum uadm_code c = accounts_each(u->store, keep_account, &all, err);

	for (size_t i = 0; i < all.count && c == UADM_OK; i++)
		c = account_group_make(u, &all.at[i], r->id, r->name, now, &told, err);
	free(all.at);
	return c;
}

static enum uadm_code
set_rights(struct uadm *u, const struct role *r, const char *const *rights,
    size_t count, bool held, bool *changed, struct uadm_err *err)
{
	struct right right;
	enum uadm_code c = UADM_OK;

	for (size_t i = 0; i < count && c == UADM_OK; i++) {
		bool one = false;

		if ((c = find_right(u, rights[i], &right, err)) == UADM_OK)
			c = roles_set_right(u->store, r->id, right.id, held, &one, err);
		*changed = *changed || one;
	}
	return c;
}

static void
say_rights(struct detail *d, const char *const *rights, size_t count)
{
	for (size_t i = 0; i < count; i++)
		detail_add(d, "rights", rights[i]);
}

enum uadm_code
op_role_add(struct uadm *u, const char *name, const char *description,
    const char *const *rights, size_t count, struct uadm_err *err)
{
	struct role r = { 0 }, there;
	struct uadm_err ignored;
	CHANGE ch = { 0 };
	DETAIL d = { 0 };
	bool changed = false;
	enum uadm_code c;

	if ((c = check_role_name(name, err)) != UADM_OK ||
	    (c = text_check("description", description, sizeof(r.description), err)) !=
		UADM_OK ||
	    (c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = act_as_root(u, err)) != UADM_OK)
		return c;
	if (roles_get(u->store, name, &there, &ignored) == UADM_OK)
		return uadm_fail(
		    err, UADM_EXISTS, "there is a role \"%s\" already", name);
	snprintf(r.name, sizeof(r.name), "%s", name);
	snprintf(r.description, sizeof(r.description), "%s", description);
	r.created_at = ch.now.wall;
	if ((c = roles_insert(u->store, &r, err)) != UADM_OK ||
	    (c = set_rights(u, &r, rights, count, true, &changed, err)) != UADM_OK ||
	    (c = make_groups(u, &r, ch.now.wall, err)) != UADM_OK)
		return c;
	say_rights(&d, rights, count);
	return detail_commit(&ch, u, "role.add", name, &d, true, err);
}

enum uadm_code
op_role_set(struct uadm *u, const char *name, const char *description, bool *changed,
    struct uadm_err *err)
{
	struct role r;
	CHANGE ch = { 0 };
	enum uadm_code c;

	*changed = false;
	if ((c = text_check("description", description, sizeof(r.description), err)) !=
		UADM_OK ||
	    (c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = find_role(u, name, &r, err)) != UADM_OK ||
	    (c = act_as_root(u, err)) != UADM_OK ||
	    strcmp(r.description, description) == 0 ||
	    (c = roles_describe(u->store, r.id, description, err)) != UADM_OK)
		return c;
	*changed = true;
	return change_commit(&ch, u, "role.set", r.name, "description", false, err);
}

struct releasing {
	struct uadm *u;
	gid_t *gids;
	size_t count;
	int64_t now;
};

static enum uadm_code
release(void *arg, const struct account_group *g, struct uadm_err *err)
{
	struct releasing *r = arg;

	if ((r->count & (r->count + 1)) == 0) {
		gid_t *more = reallocarray(r->gids, 2 * r->count + 1, sizeof(*more));

		if (more == NULL)
			return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
		r->gids = more;
	}
	r->gids[r->count++] = g->gid;
	return numbers_release(r->u->store, g->gid, r->now, err);
}

static enum uadm_code
drop_groups(struct uadm *u, int64_t role, int64_t now, struct uadm_err *err)
{
	struct releasing r = { .u = u, .now = now };
	enum uadm_code c = accounts_each_group(u->store, 0, role, release, &r, err);

	for (size_t i = 0; i < r.count && c == UADM_OK; i++)
		c = accounts_delete_group(u->store, r.gids[i], err);
	free(r.gids);
	return c;
}

enum uadm_code
op_role_delete(struct uadm *u, const char *name, struct uadm_err *err)
{
	struct role r;
	CHANGE ch = { 0 };
	int64_t memberships = 0, accounts = 0;
	enum uadm_code c;

	if ((c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = find_role(u, name, &r, err)) != UADM_OK ||
	    (c = act_as_root(u, err)) != UADM_OK ||
	    (c = roles_uses(u->store, r.id, &memberships, &accounts, err)) != UADM_OK)
		return c;
	if (r.shipped)
		return uadm_fail(err, UADM_INVALID,
		    "the role %s is shipped: it can be changed, not deleted", r.name);
	if (memberships > 0 || accounts > 0) {
		uadm_fail(err, UADM_INVALID,
		    "the role %s is that of %lld memberships and the default of %lld accounts",
		    r.name, (long long)memberships, (long long)accounts);
		return uadm_hint(err,
		    "give them another: uadmctl member role ACCOUNT USER... --role ROLE, uadmctl "
		    "account set ACCOUNT... --default-role ROLE");
	}
	if ((c = roles_forget_ended(u->store, r.id, err)) != UADM_OK ||
	    (c = drop_groups(u, r.id, ch.now.wall, err)) != UADM_OK ||
	    (c = roles_delete(u->store, r.id, err)) != UADM_OK)
		return c;
	return change_commit(&ch, u, "role.delete", r.name, NULL, true, err);
}

enum uadm_code
op_role_rights(struct uadm *u, const char *name, const char *const *rights,
    size_t count, bool held, bool *changed, struct uadm_err *err)
{
	struct role r;
	DETAIL d = { 0 };
	CHANGE ch = { 0 };
	GUARD g = { 0 };
	enum uadm_code c;

	*changed = false;
	if ((c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = find_role(u, name, &r, err)) != UADM_OK ||
	    (c = act_as_root(u, err)) != UADM_OK)
		return c;
	if (r.everything)
		return uadm_fail(err, UADM_INVALID,
		    "the role %s holds each right there is, and keeps it", r.name);
	if ((!held && (c = guard_role(u, &g, r.id, ch.now.wall, err)) != UADM_OK) ||
	    (c = set_rights(u, &r, rights, count, held, changed, err)) != UADM_OK ||
	    !*changed || (c = guard_hold(u, &g, err)) != UADM_OK)
		return c;
	say_rights(&d, rights, count);
	return detail_commit(
	    &ch, u, held ? "role.grant" : "role.deny", r.name, &d, false, err);
}

static enum uadm_code
check_right_name(const char *name, struct uadm_err *err)
{
	static const char letters[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	char rest[sizeof(letters) + 16], shown[80];
	size_t n = strlen(name);

	snprintf(rest, sizeof(rest), "%s_0123456789", letters);
	if (n > 0 && n < RIGHT_NAME_SIZE && strchr(letters, name[0]) != NULL &&
	    strspn(name, rest) == n)
		return UADM_OK;
	return uadm_fail(err, UADM_INVALID,
	    "right \"%s\": a letter, then letters, digits and _, %d bytes at most",
	    text_escape(shown, sizeof(shown), name), RIGHT_NAME_SIZE - 1);
}

enum uadm_code
op_right_add(struct uadm *u, const char *name, const char *scope,
    const char *description, struct uadm_err *err)
{
	struct right r = { 0 }, in = { 0 }, there;
	struct uadm_err ignored;
	char detail[80];
	CHANGE ch = { 0 };
	GUARD g = { 0 };
	enum uadm_code c;

	if ((c = check_right_name(name, err)) != UADM_OK ||
	    (c = text_check("description", description, sizeof(r.description), err)) !=
		UADM_OK ||
	    (c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = act_as_root(u, err)) != UADM_OK ||
	    (scope != NULL && (c = find_scope(u, scope, &in, err)) != UADM_OK))
		return c;
	if (rights_get(u->store, name, &there, &ignored) == UADM_OK)
		return uadm_fail(err, UADM_EXISTS, "there is a %s \"%s\" already",
		    there.scope == 0 ? "scope" : "right", there.name);
	snprintf(r.name, sizeof(r.name), "%s", name);
	snprintf(r.description, sizeof(r.description), "%s", description);
	r.scope = in.id;
	/* Whoever had all of Admin by name has not this one. */
	if ((in.id == SCOPE_ADMIN &&
		(c = guard_role(u, &g, 0, ch.now.wall, err)) != UADM_OK) ||
	    (c = rights_insert(u->store, &r, err)) != UADM_OK ||
	    (c = guard_hold(u, &g, err)) != UADM_OK)
		return c;
	snprintf(detail, sizeof(detail), "scope=%s", in.name);
	return change_commit(&ch, u, scope != NULL ? "right.add" : "scope.add", r.name,
	    scope != NULL ? detail : NULL, false, err);
}

struct counting {
	int64_t scope, count;
};

static enum uadm_code
count_of_scope(void *arg, const struct right *r, struct uadm_err *err)
{
	struct counting *k = arg;

	(void)err;
	k->count += r->scope == k->scope;
	return UADM_OK;
}

enum uadm_code
op_right_delete(struct uadm *u, const char *name, struct uadm_err *err)
{
	struct right r;
	struct counting k = { 0 };
	CHANGE ch = { 0 };
	enum uadm_code c;

	if ((c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = find_right(u, name, &r, err)) != UADM_OK ||
	    (c = act_as_root(u, err)) != UADM_OK)
		return c;
	k.scope = r.id;
	if (r.shipped)
		return uadm_fail(err, UADM_INVALID,
		    "%s is shipped, and what uadm itself asks for", r.name);
	if ((c = rights_each(u->store, count_of_scope, &k, err)) != UADM_OK)
		return c;
	if (r.scope == 0 && k.count > 0)
		return uadm_fail(err, UADM_INVALID,
		    "rights in the scope %s: %lld; delete these first", r.name,
		    (long long)k.count);
	if ((c = rights_delete(u->store, r.id, err)) != UADM_OK)
		return c;
	return change_commit(&ch, u, "right.delete", r.name, NULL, false, err);
}

struct role_listing {
	struct uadm *u;
	enum uadm_code (*found)(void *, const struct role_view *, struct uadm_err *);
	void *arg;
	struct role_view view;
};

static enum uadm_code
join_right(void *arg, const char *name, struct uadm_err *err)
{
	struct role_view *v = arg;
	size_t used = strlen(v->rights);

	(void)err;
	if (used + strlen(name) + 2 <= sizeof(v->rights))
		snprintf(v->rights + used, sizeof(v->rights) - used, "%s%s",
		    used > 0 ? "," : "", name);
	return UADM_OK;
}

static enum uadm_code
join_all(void *arg, const struct right *r, struct uadm_err *err)
{
	return join_right(arg, r->name, err);
}

static enum uadm_code
show_role(void *arg, const struct role *r, struct uadm_err *err)
{
	struct role_listing *l = arg;
	enum uadm_code c;

	l->view.role = *r;
	l->view.rights[0] = '\0';
	c = r->everything
	    ? rights_each(l->u->store, join_all, &l->view, err)
	    : roles_each_right(l->u->store, r->id, join_right, &l->view, err);
	return c == UADM_OK ? l->found(l->arg, &l->view, err) : c;
}

enum uadm_code
op_roles(struct uadm *u, const char *name,
    enum uadm_code (*found)(void *, const struct role_view *, struct uadm_err *),
    void *arg, struct uadm_err *err)
{
	struct role_listing l = { .u = u, .found = found, .arg = arg };
	struct role r;
	TXN t = { 0 };
	enum uadm_code c;

	if ((c = txn_read(&t, u->store, err)) != UADM_OK ||
	    (c = act_may(u, &(struct act_on){ .act = ACT_CATALOGUE_READ }, err)) !=
		UADM_OK)
		return c;
	if (name == NULL)
		return roles_each(u->store, show_role, &l, err);
	if ((c = find_role(u, name, &r, err)) != UADM_OK ||
	    (c = roles_count_members(u->store, r.id, &r.members, err)) != UADM_OK)
		return c;
	return show_role(&l, &r, err);
}

struct right_listing {
	enum uadm_code (*found)(void *, const struct right_view *, struct uadm_err *);
	void *arg;
	struct rights held, grantable;
};

static enum uadm_code
show_right(void *arg, const struct right *r, struct uadm_err *err)
{
	const struct right_listing *l = arg;
	const struct right_view v = { .right = *r,
		.held = rights_has(&l->held, r->id),
		.grantable = rights_has(&l->grantable, r->id) };

	return l->found(l->arg, &v, err);
}

static enum uadm_code
keep_holding(void *arg, const struct holding *h, struct uadm_err *err)
{
	(void)err;
	*(struct holding *)arg = *h;
	return UADM_OK;
}

/* Held and grantable side by side. */
static enum uadm_code
look_in(struct uadm *u, const char *account, const char *name, struct right_listing *l,
    struct uadm_err *err)
{
	struct holding h = { 0 };
	struct catalogue cat;
	struct clock_now now;
	struct account a;
	struct user user;
	enum uadm_code c;

	clock_read(&now);
	if ((c = find_account(u, account, &a, err)) != UADM_OK ||
	    (c = act_grantable(u, a.gid, &l->grantable, err)) != UADM_OK)
		return c;
	if (name == NULL && act_is_root(u)) {
		l->held = l->grantable;
		return UADM_OK;
	}
	if ((c = find_user(u, name != NULL ? name : u->acting.name, &user, err)) !=
		UADM_OK ||
	    (c = act_on_user(u, ACT_USER_READ, &user, err)) != UADM_OK ||
	    (c = act_sees_in(u, &user, a.gid, err)) != UADM_OK ||
	    (c = rights_catalogue(u->store, &cat, err)) != UADM_OK ||
	    (c = holdings_each(u->store, user.uid, a.gid, keep_holding, &h, err)) !=
		UADM_OK)
		return c;
	l->held = rights_now(&cat, &h, now.wall);
	return UADM_OK;
}

enum uadm_code
op_rights(struct uadm *u, const char *account, const char *user,
    enum uadm_code (*found)(void *, const struct right_view *, struct uadm_err *),
    void *arg, struct uadm_err *err)
{
	struct right_listing l = { .found = found, .arg = arg };
	TXN t = { 0 };
	enum uadm_code c;

	if ((c = txn_read(&t, u->store, err)) != UADM_OK ||
	    (c = act_may(u, &(struct act_on){ .act = ACT_CATALOGUE_READ }, err)) !=
		UADM_OK ||
	    (account != NULL && (c = look_in(u, account, user, &l, err)) != UADM_OK))
		return c;
	return rights_each(u->store, show_right, &l, err);
}
