/*
 * find.c - accounts, roles, scopes and rights by name; who mistypes one is told the nearest.
 */
#include "libuadm/base/names.h"
#include "libuadm/ops/accounts.h"
#include "libuadm/ops/batch.h"
#include "libuadm/policy/rights.h"
#include "libuadm/store/accounts.h"
#include "libuadm/store/rights.h"
#include "libuadm/store/roles.h"

#include <string.h>

struct guess {
	const char *wanted;
	char best[RIGHT_NAME_SIZE];
	size_t distance;
};

static void
consider(struct guess *g, const char *name)
{
	const size_t d = name_distance(g->wanted, name);

	if (d >= g->distance)
		return;
	g->distance = d;
	snprintf(g->best, sizeof(g->best), "%s", name);
}

static enum uadm_code
consider_account(void *arg, const struct account *a, struct uadm_err *err)
{
	(void)err;
	consider(arg, a->name);
	return UADM_OK;
}

static enum uadm_code
consider_role(void *arg, const struct role *r, struct uadm_err *err)
{
	(void)err;
	consider(arg, r->name);
	return UADM_OK;
}

static enum uadm_code
consider_right(void *arg, const struct right *r, struct uadm_err *err)
{
	(void)err;
	consider(arg, r->name);
	return UADM_OK;
}

static enum uadm_code
consider_scope(void *arg, const struct right *r, struct uadm_err *err)
{
	return r->scope == 0 ? consider_right(arg, r, err) : UADM_OK;
}

/* The names of accounts are groups, which anybody can list. */
static enum uadm_code
look_around(struct store *st, const char *what, struct guess *g, struct uadm_err *err)
{
	if (strcmp(what, "account") == 0)
		return accounts_each(st, consider_account, g, err);
	if (strcmp(what, "role") == 0)
		return roles_each(st, consider_role, g, err);
	return rights_each(
	    st, strcmp(what, "scope") == 0 ? consider_scope : consider_right, g, err);
}

static enum uadm_code
not_found(struct uadm *u, const char *what, const char *name, const char *list,
    struct uadm_err *err)
{
	struct guess g = { .wanted = name, .distance = name_distance_most(name) + 1 };
	struct uadm_err ignored;
	char shown[80];

	uadm_fail(err, UADM_NOT_FOUND, "no such %s: \"%s\"", what,
	    text_escape(shown, sizeof(shown), name));
	/* Not for each line of a long file, while logins wait. */
	if (strlen(name) < UADM_NAME_SIZE && !batch_is_open(u) &&
	    look_around(u->store, what, &g, &ignored) == UADM_OK && g.best[0] != '\0')
		return uadm_hint(err, "did you mean \"%s\"?", g.best);
	return uadm_hint(err, "uadmctl %s", list);
}

enum uadm_code
find_account(struct uadm *u, const char *name, struct account *a, struct uadm_err *err)
{
	enum uadm_code c = accounts_get(u->store, name, a, err);

	return c == UADM_NOT_FOUND ? not_found(u, "account", name, "account list", err)
				   : c;
}

enum uadm_code
find_role(struct uadm *u, const char *name, struct role *r, struct uadm_err *err)
{
	enum uadm_code c = roles_get(u->store, name, r, err);

	return c == UADM_NOT_FOUND ? not_found(u, "role", name, "role list", err) : c;
}

enum uadm_code
find_right(struct uadm *u, const char *name, struct right *r, struct uadm_err *err)
{
	enum uadm_code c = rights_get(u->store, name, r, err);

	return c == UADM_NOT_FOUND ? not_found(u, "right", name, "right list", err) : c;
}

enum uadm_code
find_scope(struct uadm *u, const char *name, struct right *r, struct uadm_err *err)
{
	enum uadm_code c = rights_get(u->store, name, r, err);

	if (c == UADM_NOT_FOUND)
		return not_found(u, "scope", name, "right list", err);
	return c == UADM_OK && r->scope != 0
	    ? uadm_fail(err, UADM_INVALID, "%s is a right and no scope", r->name)
	    : c;
}

enum uadm_code
find_rights(struct uadm *u, const char *const *names, size_t count, struct rights *sum,
    struct uadm_err *err)
{
	struct right r;
	enum uadm_code c = UADM_OK;

	*sum = (struct rights){ { 0 } };
	for (size_t i = 0; i < count && c == UADM_OK; i++)
		if ((c = find_right(u, names[i], &r, err)) == UADM_OK)
			rights_add(sum, r.id);
	return c;
}
