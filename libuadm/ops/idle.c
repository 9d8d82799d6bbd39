/*
 * idle.c - see idle.h.
 */
#include "libuadm/ops/idle.h"

#include "libuadm/policy/rights.h"
#include "libuadm/store/members.h"
#include "libuadm/store/rights.h"

struct idle {
	struct uadm *u;
	const struct account *account;
	const struct user *user;
	const struct rights *which;
	struct rights held, working;
};

static enum uadm_code
keep_held(void *arg, const struct holding *h, struct uadm_err *err)
{
	struct idle *i = arg;
	struct catalogue catalogue;
	enum uadm_code c = rights_catalogue(i->u->store, &catalogue, err);

	if (c != UADM_OK)
		return c;
	i->held = rights_potential(&catalogue, h);
	i->working = rights_working(&catalogue, &i->held);
	return UADM_OK;
}

static enum uadm_code
tell(void *arg, const struct right *r, struct uadm_err *err)
{
	const struct idle *i = arg;
	char text[400];

	(void)err;
	if (!rights_has(i->which, r->id) || !rights_has(&i->held, r->id) ||
	    rights_has(&i->working, r->id))
		return UADM_OK;
	snprintf(text, sizeof(text),
	    "%s does nothing without its scope: uadmctl member grant %s %s --scope %s",
	    r->name, i->account->name, i->user->name, r->scope_name);
	i->u->warn(text);
	return UADM_OK;
}

enum uadm_code
idle_warn(struct uadm *u, const struct account *account, const struct user *user,
    const struct rights *which, struct uadm_err *err)
{
	struct idle i = { .u = u, .account = account, .user = user, .which = which };
	enum uadm_code c;

	if (u->warn == NULL)
		return UADM_OK;
	if ((c = holdings_each(
		 u->store, user->uid, account->gid, keep_held, &i, err)) != UADM_OK)
		return c;
	return rights_each(u->store, tell, &i, err);
}
