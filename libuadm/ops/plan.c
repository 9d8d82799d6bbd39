#include "libuadm/ops/plan.h"

#include "libuadm/base/names.h"

#include "libuadm/ops/act.h"
#include "libuadm/ops/show.h"
#include "libuadm/policy/rights.h"
#include "libuadm/store/groups.h"
#include "libuadm/store/members.h"
#include "libuadm/store/rights.h"
#include "libuadm/store/sessions.h"

#include <stdlib.h>
#include <string.h>

struct looking {
	struct uadm *u;
	FILE *groups, *accounts, *rights;
	struct catalogue cat;
	const struct holding *holding; /* whose rights are being written */
	struct rights held;
	int64_t now;
};

static enum uadm_code
put_group(void *arg, const char *name, struct uadm_err *err)
{
	(void)err;
	fprintf(((struct looking *)arg)->groups, "%s,", name);
	return UADM_OK;
}

static enum uadm_code
put_right(void *arg, const struct right *r, struct uadm_err *err)
{
	struct looking *l = arg;

	(void)err;
	if (rights_has(&l->held, r->id))
		fprintf(l->rights, "%s:%s,", l->holding->member.account_name, r->name);
	return UADM_OK;
}

/* Of accounts that the actor sees nothing of nothing is told. */
static enum uadm_code
put_account(void *arg, const struct holding *h, struct uadm_err *err)
{
	struct looking *l = arg;
	enum uadm_code c =
	    act_in_account(l->u, ACT_ACCOUNT_READ, h->member.account, err);

	if (c != UADM_OK)
		return c == UADM_DENIED ? UADM_OK : c;
	fprintf(l->accounts, "%s,", h->member.account_name);
	l->holding = h;
	l->held = rights_now(&l->cat, h, l->now);
	return rights_each(l->u->store, put_right, l, err);
}

static enum uadm_code
look(struct looking *l, uid_t uid, bool *login, struct uadm_err *err)
{
	struct clock_now now;
	struct user user;
	enum uadm_code c;

	clock_read(&now);
	l->now = now.wall;
	*login = false;
	c = users_get_uid(l->u->store, uid, &user, err);
	if (c != UADM_OK)
		return c == UADM_NOT_FOUND ? UADM_OK : c; /* deleted: nothing is left */
	*login = strcmp(policy_login_status(&user, false, l->now), "active") == 0;
	if ((c = rights_catalogue(l->u->store, &l->cat, err)) != UADM_OK ||
	    (c = groups_each_of(l->u->store, uid, put_group, l, err)) != UADM_OK)
		return c;
	return holdings_each(l->u->store, uid, 0, put_account, l, err);
}

static void
facts_free(struct plan_facts *f)
{
	free(f->groups);
	free(f->accounts);
	free(f->rights);
	*f = (struct plan_facts){ 0 };
}

static enum uadm_code
read_facts(struct uadm *u, uid_t uid, struct plan_facts *f, struct uadm_err *err)
{
	size_t sizes[3];
	struct looking l = { .u = u,
		.groups = open_memstream(&f->groups, &sizes[0]),
		.accounts = open_memstream(&f->accounts, &sizes[1]),
		.rights = open_memstream(&f->rights, &sizes[2]) };
	FILE *const all[] = { l.groups, l.accounts, l.rights };
	bool lost = false;
	enum uadm_code c = UADM_OK;

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		lost = lost || all[i] == NULL;
	if (!lost)
		c = look(&l, uid, &f->login, err);
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		lost = all[i] == NULL || fclose(all[i]) != 0 || lost;
	return c == UADM_OK && lost ? uadm_fail(err, UADM_UNAVAILABLE, "out of memory")
				    : c;
}

/* What the first list has and the second has not. Each word of theirs ends in ','. */
static void
differ(const char *these, const char *those, char out[PLAN_LIST_SIZE])
{
	size_t used = 0;

	for (const char *p = these; *p != '\0'; p += strcspn(p, ",") + 1) {
		const size_t len = strcspn(p, ",");

		if (list_has(those, p, len))
			continue;
		if (used + len + sizeof(",...") + 1 > PLAN_LIST_SIZE) {
			snprintf(out + used, PLAN_LIST_SIZE - used, ",...");
			return;
		}
		used += (size_t)snprintf(out + used, PLAN_LIST_SIZE - used, "%s%.*s",
		    used > 0 ? "," : "", (int)len, p);
	}
}

static enum uadm_code
count_session(void *arg, const struct session *s, struct uadm_err *err)
{
	(void)s;
	(void)err;
	++*(int64_t *)arg;
	return UADM_OK;
}

enum uadm_code
plan_begin(struct planning *p, struct uadm *u, const char *name, struct uadm_err *err)
{
	struct user user;
	enum uadm_code c;

	*p = (struct planning){ .was_dry = u->dry_run, .was_warn = u->warn };
	if ((c = find_user(u, name, &user, err)) != UADM_OK ||
	    (c = read_facts(u, user.uid, &p->before, err)) != UADM_OK ||
	    (c = sessions_each_lone_leader(
		 u->store, user.uid, count_session, &p->plan.sessions, err)) != UADM_OK)
		return c;
	p->u = u;
	p->uid = user.uid;
	u->planning = p;
	u->dry_run = true;
	u->warn = NULL; /* it is said when it is done */
	return UADM_OK;
}

enum uadm_code
plan_look(struct uadm *u, struct uadm_err *err)
{
	CLEANUP(facts_free) struct plan_facts after = { 0 };
	struct planning *p = u->planning;
	struct plan *plan;
	enum uadm_code c;

	if (p == NULL)
		return UADM_OK;
	if ((c = read_facts(u, p->uid, &after, err)) != UADM_OK)
		return c;
	plan = &p->plan;
	plan->any = true;
	differ(p->before.accounts, after.accounts, plan->accounts_left);
	differ(p->before.groups, after.groups, plan->groups_lost);
	differ(after.groups, p->before.groups, plan->groups_gained);
	differ(p->before.rights, after.rights, plan->rights_lost);
	differ(after.rights, p->before.rights, plan->rights_gained);
	plan->login_lost = p->before.login && !after.login;
	return UADM_OK;
}

void
plan_done(struct planning *p)
{
	if (p->u != NULL) {
		p->u->planning = NULL;
		p->u->dry_run = p->was_dry;
		p->u->warn = p->was_warn;
	}
	p->u = NULL;
	facts_free(&p->before);
}
