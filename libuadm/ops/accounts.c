/*
 * Threat: a name that becomes a group which sudoers trusts. So an account takes its own name and that
 * of each ACCOUNT-ROLE at once, where no user, group or other source of this host has it.
 */
#include "libuadm/ops/accounts.h"

#include "libuadm/base/names.h"
#include "libuadm/ops/act.h"
#include "libuadm/ops/detail.h"
#include "libuadm/ops/guard.h"
#include "libuadm/ops/ids.h"
#include "libuadm/store/accounts.h"
#include "libuadm/store/members.h"
#include "libuadm/store/rights.h"
#include "libuadm/store/roles.h"

#include <string.h>

enum uadm_code
account_group_name(
    const char *account, const char *role, char *out, struct uadm_err *err)
{
	if (strlen(account) + 1 + strlen(role) < UADM_NAME_SIZE) {
		snprintf(out, UADM_NAME_SIZE, "%s-%s", account, role);
		return UADM_OK;
	}
	uadm_fail(err, UADM_INVALID,
	    "the group %s-%s would have a name of more than %d bytes", account, role,
	    UADM_NAME_SIZE - 1);
	return uadm_hint(err, "a shorter name, for the account or the role");
}

/* A name and number of the store's and the host's, given to a group of an account. */
static enum uadm_code
take_group(struct uadm *u, const char *name, int64_t now, bool *told, gid_t *gid,
    struct uadm_err *err)
{
	enum uadm_code c;
	id_t id = 0;

	if ((c = name_check("name", name, err)) != UADM_OK ||
	    (c = take_group_name(u, name, told, err)) != UADM_OK ||
	    (c = take_id(u, NUMBER_GROUP, "gid", &id, err)) != UADM_OK ||
	    (c = numbers_give(u->store, NUMBER_GROUP, id, name, now, err)) != UADM_OK)
		return c;
	*gid = (gid_t)id;
	return UADM_OK;
}

enum uadm_code
account_group_make(struct uadm *u, const struct account *a, int64_t role,
    const char *role_name, int64_t now, bool *told, struct uadm_err *err)
{
	struct account_group g = { .account = a->gid, .role = role, .created_at = now };
	enum uadm_code c;

	if ((c = account_group_name(a->name, role_name, g.name, err)) != UADM_OK ||
	    (c = take_group(u, g.name, now, told, &g.gid, err)) != UADM_OK)
		return c;
	return accounts_add_group(u->store, &g, err);
}

struct making {
	struct uadm *u;
	const struct account *account;
	int64_t now;
	bool *told;
};

static enum uadm_code
make_group(void *arg, const struct role *r, struct uadm_err *err)
{
	const struct making *m = arg;

	return account_group_make(
	    m->u, m->account, r->id, r->name, m->now, m->told, err);
}

static bool
is_domain(const char *text)
{
	bool label = false, dot = false;

	for (const char *p = text; *p != '\0'; p++) {
		bool letter = (*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9');

		if (*p == '.') {
			if (!label)
				return false;
			dot = true;
			label = false;
		} else if (letter || (*p == '-' && label)) {
			label = true;
		} else {
			return false;
		}
	}
	return dot && label && strlen(text) <= 253;
}

static enum uadm_code
set_domains(struct uadm *u, gid_t account, const char *domains, struct uadm_err *err)
{
	enum uadm_code c = accounts_drop_domains(u->store, account, err);

	for (const char *p = domains; c == UADM_OK && *p != '\0';) {
		size_t n = strcspn(p, ",");
		char one[256], shown[80];

		snprintf(one, sizeof(one), "%.*s", (int)(n < 255 ? n : 255), p);
		for (char *l = one; *l != '\0'; l++)
			*l = *l >= 'A' && *l <= 'Z' ? (char)(*l - 'A' + 'a') : *l;
		if (!is_domain(one))
			return uadm_fail(err, UADM_INVALID,
			    "domain \"%s\" is none: letters, digits, - and dots, as example.org",
			    text_escape(shown, sizeof(shown), one));
		c = accounts_add_domain(u->store, account, one, err);
		p += n + (p[n] != '\0');
	}
	return c;
}

static enum uadm_code
apply(struct uadm *u, const struct account_change *set, struct account *a,
    struct role *r, struct uadm_err *err)
{
	enum uadm_code c;

	if (set->description != NULL) {
		if ((c = text_check("description", set->description,
			 sizeof(a->description), err)) != UADM_OK)
			return c;
		snprintf(
		    a->description, sizeof(a->description), "%s", set->description);
	}
	if (set->require_acceptance >= 0)
		a->require_acceptance = set->require_acceptance > 0;
	if (set->default_role == NULL)
		return UADM_OK;
	if ((c = find_role(u, set->default_role, r, err)) != UADM_OK)
		return c;
	a->default_role = r->id;
	memcpy(a->default_role_name, r->name, sizeof(a->default_role_name));
	return UADM_OK;
}

enum uadm_code
op_account_add(struct uadm *u, const char *name, const struct account_change *set,
    struct account *a, struct uadm_err *err)
{
	struct account_change all = *set;
	struct role r;
	CHANGE ch = { 0 };
	char detail[120];
	bool told = false;
	enum uadm_code c;

	*a = (struct account){ 0 };
	if (all.default_role == NULL)
		all.default_role = "administrator";
	if ((c = name_check("name", name, err)) != UADM_OK ||
	    (c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = act_as_root(u, err)) != UADM_OK ||
	    (c = apply(u, &all, a, &r, err)) != UADM_OK)
		return c;
	snprintf(a->name, sizeof(a->name), "%s", name);
	a->created_at = ch.now.wall;
	if ((c = take_group(u, a->name, ch.now.wall, &told, &a->gid, err)) != UADM_OK ||
	    (c = accounts_insert(u->store, a, err)) != UADM_OK ||
	    (c = roles_each(u->store, make_group,
		 &(struct making){ u, a, ch.now.wall, &told }, err)) != UADM_OK ||
	    (set->domains != NULL &&
		(c = set_domains(u, a->gid, set->domains, err)) != UADM_OK))
		return c;
	snprintf(detail, sizeof(detail), "gid=%u default_role=%s", (unsigned)a->gid,
	    a->default_role_name);
	return change_commit(&ch, u, "account.add", a->name, detail, true, err);
}

static enum uadm_code
put_domain(void *arg, const char *domain, struct uadm_err *err)
{
	FILE *out = arg;

	(void)err;
	fprintf(out, "%s%s", ftell(out) > 0 ? "," : "", domain);
	return UADM_OK;
}

/* Freed by the caller. */
static enum uadm_code
domains_of(struct uadm *u, gid_t gid, char **text, struct uadm_err *err)
{
	size_t size;
	FILE *out = open_memstream(text, &size);
	enum uadm_code c = UADM_OK;

	if (out != NULL)
		c = accounts_each_domain(u->store, gid, put_domain, out, err);
	if (out == NULL || fclose(out) != 0)
		return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
	return c;
}

static enum uadm_code
say_domain(void *arg, const char *domain, struct uadm_err *err)
{
	(void)err;
	detail_add(arg, "domains", domain);
	return UADM_OK;
}

/* All of it, so that two of these are the same where nothing has changed. */
static enum uadm_code
describe(
    struct uadm *u, const struct account *a, struct detail *d, struct uadm_err *err)
{
	detail_add(d, "description", a->description);
	detail_add(d, "default_role", a->default_role_name);
	detail_add(d, "require_acceptance", a->require_acceptance ? "yes" : "no");
	return accounts_each_domain(u->store, a->gid, say_domain, d, err);
}

enum uadm_code
op_account_set(struct uadm *u, const char *name, const struct account_change *set,
    bool *changed, struct uadm_err *err)
{
	DETAIL before = { 0 };
	DETAIL d = { 0 };
	struct account a, was;
	struct role r = { 0 };
	struct act_on on = { .act = ACT_ACCOUNT_SET };
	CHANGE ch = { 0 };
	enum uadm_code c;

	*changed = false;
	if ((c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = find_account(u, name, &a, err)) != UADM_OK)
		return c;
	was = a;
	on.account = a.gid;
	/* Before anything is told of what would come of it; then the default role with the cap. */
	if ((c = act_may(u, &on, err)) != UADM_OK ||
	    (set->domains != NULL &&
		(c = act_in_account(u, ACT_ACCOUNT_DOMAIN, a.gid, err)) != UADM_OK) ||
	    (c = apply(u, set, &a, &r, err)) != UADM_OK)
		return c;
	on.given = r.rights;
	on.role = &r;
	if ((c = act_may(u, &on, err)) != UADM_OK ||
	    (c = describe(u, &was, &before, err)) != UADM_OK ||
	    (set->domains != NULL &&
		(c = set_domains(u, a.gid, set->domains, err)) != UADM_OK) ||
	    (c = describe(u, &a, &d, err)) != UADM_OK)
		return c;
	if (detail_same(&before, &d))
		return UADM_OK;
	*changed = true;
	if ((c = accounts_update(u->store, &a, err)) != UADM_OK)
		return c;
	return detail_commit(&ch, u, "account.set", a.name, &d, false, err);
}

enum uadm_code
op_account_suspend(struct uadm *u, const char *name, bool suspended, bool *changed,
    struct uadm_err *err)
{
	struct account a;
	CHANGE ch = { 0 };
	GUARD g = { 0 };
	enum uadm_code c;

	*changed = false;
	if ((c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = find_account(u, name, &a, err)) != UADM_OK ||
	    (c = act_as_root(u, err)) != UADM_OK)
		return c;
	if ((a.suspended_at != 0) == suspended)
		return UADM_OK;
	*changed = true;
	a.suspended_at = suspended ? ch.now.wall : 0;
	/* Who administers another account may belong to this one before all others. */
	if ((c = guard_role(u, &g, 0, ch.now.wall, err)) != UADM_OK ||
	    (c = accounts_update(u->store, &a, err)) != UADM_OK ||
	    (c = guard_hold(u, &g, err)) != UADM_OK)
		return c;
	return change_commit(&ch, u, suspended ? "account.suspend" : "account.resume",
	    a.name, NULL, true, err);
}

static enum uadm_code
release(void *arg, const struct account_group *g, struct uadm_err *err)
{
	const struct making *m = arg;

	return numbers_release(m->u->store, g->gid, m->now, err);
}

enum uadm_code
op_account_count(struct uadm *u, struct account *a, struct uadm_err *err)
{
	return accounts_count_members(u->store, a->gid, &a->members, err);
}

enum uadm_code
op_account_delete(struct uadm *u, const char *name, struct uadm_err *err)
{
	struct account a;
	CHANGE ch = { 0 };
	char detail[80];
	int64_t principals = 0;
	enum uadm_code c;

	if ((c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = find_account(u, name, &a, err)) != UADM_OK ||
	    (c = act_as_root(u, err)) != UADM_OK ||
	    (c = op_account_count(u, &a, err)) != UADM_OK ||
	    (c = accounts_principals(u->store, a.gid, &principals, err)) != UADM_OK)
		return c;
	if (principals > 0) {
		uadm_fail(err, UADM_INVALID,
		    "%s is the principal account of %lld user%s", a.name,
		    (long long)principals, principals == 1 ? "" : "s");
		return uadm_hint(err,
		    "uadmctl account suspend %s keeps them all out; to be rid of it: uadmctl user "
		    "transfer USER --to ACCOUNT, or delete them (uadmctl user list --account %s)",
		    a.name, a.name);
	}
	if ((c = accounts_each_group(u->store, a.gid, 0, release,
		 &(struct making){ u, &a, ch.now.wall, NULL }, err)) != UADM_OK ||
	    (c = accounts_delete(u->store, a.gid, err)) != UADM_OK)
		return c;
	snprintf(detail, sizeof(detail), "gid=%u members=%lld", (unsigned)a.gid,
	    (long long)a.members);
	return change_commit(&ch, u, "account.delete", a.name, detail, true, err);
}

struct listing {
	struct uadm *u;
	enum uadm_code (*found)(void *, const struct account_view *, struct uadm_err *);
	void *arg;
	int64_t now;
	bool all; /* also say of one that may not be seen that it may not */
	struct account_view view;
};

static enum uadm_code
show(void *arg, const struct account *a, struct uadm_err *err)
{
	CLEANUP(cleanup_free) char *domains = NULL;
	struct listing *l = arg;
	enum uadm_code c = act_in_account(l->u, ACT_ACCOUNT_READ, a->gid, err);

	if (c == UADM_DENIED && !l->all)
		return UADM_OK;
	if (c != UADM_OK)
		return c;
	l->view.account = *a;
	if ((c = accounts_able(l->u->store, a->gid, l->now, -1, &l->view.administrators,
		 err)) != UADM_OK)
		return c;
	if ((c = domains_of(l->u, a->gid, &domains, err)) != UADM_OK)
		return c;
	l->view.domains = domains;
	return l->found(l->arg, &l->view, err);
}

enum uadm_code
op_accounts(struct uadm *u, const char *name,
    enum uadm_code (*found)(void *, const struct account_view *, struct uadm_err *),
    void *arg, struct uadm_err *err)
{
	struct listing l = { .u = u, .found = found, .arg = arg, .all = name != NULL };
	struct clock_now now;
	struct account a;
	TXN t = { 0 };
	enum uadm_code c;

	clock_read(&now);
	l.now = now.wall;
	if ((c = txn_read(&t, u->store, err)) != UADM_OK)
		return c;
	if (name == NULL)
		return accounts_each(u->store, show, &l, err);
	if ((c = find_account(u, name, &a, err)) != UADM_OK ||
	    (c = op_account_count(u, &a, err)) != UADM_OK)
		return c;
	return show(&l, &a, err);
}
