/*
 * transfer.c - another account becomes the principal one; see members.h.
 *
 * Threat: the principal account keeps a user out, and a transfer lets them in by another one. So who is
 * out there is root's alone to transfer.
 */
#include "libuadm/ops/members.h"

#include "libuadm/ops/accounts.h"
#include "libuadm/ops/act.h"
#include "libuadm/ops/factor_grace.h"
#include "libuadm/ops/guard.h"
#include "libuadm/ops/person.h"
#include "libuadm/store/accounts.h"
#include "libuadm/store/members.h"

#include <string.h>

static enum uadm_code
check_there(struct uadm *u, const struct user *user, const struct account *to,
    struct uadm_err *err)
{
	struct member m = { 0 };
	enum uadm_code c = members_get(u->store, to->gid, user->uid, &m, err);

	if (c != UADM_OK && c != UADM_NOT_FOUND)
		return c;
	if (c == UADM_NOT_FOUND || m.state == MEMBER_ENDED) {
		uadm_fail(err, UADM_NOT_FOUND, "%s does not belong to %s", user->name,
		    to->name);
		return uadm_hint(err, "uadmctl member add %s %s", to->name, user->name);
	}
	if (m.state == MEMBER_ACTIVE && to->suspended_at == 0)
		return UADM_OK;
	uadm_fail(err, UADM_INVALID,
	    "%s would be kept out: %s is not active in %s, or that is suspended",
	    user->name, user->name, to->name);
	return uadm_hint(err, "uadmctl member resume %s %s", to->name, user->name);
}

static enum uadm_code
check_here(struct uadm *u, const struct user *user, struct uadm_err *err)
{
	if (act_is_root(u) ||
	    (user->member == MEMBER_ACTIVE && !user->account_suspended))
		return UADM_OK;
	return uadm_fail(err, UADM_DENIED,
	    "%s is kept out by the principal account: only root transfers them",
	    user->name);
}

enum uadm_code
op_user_transfer(struct uadm *u, const char *name, const char *account,
    char was[UADM_NAME_SIZE], bool *changed, struct uadm_err *err)
{
	struct account to, from = { 0 };
	struct factor_required required;
	char detail[120];
	struct user user;
	CHANGE ch = { 0 };
	GUARD g = { 0 };
	enum uadm_code c;

	*changed = false;
	if ((c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = find_person(u, NULL, NULL, name, &user, err)) != UADM_OK ||
	    (c = find_account(u, account, &to, err)) != UADM_OK ||
	    (c = act_on_user(u, ACT_USER_TRANSFER, &user, err)) != UADM_OK ||
	    (c = act_in_account(u, ACT_USER_ADD, to.gid, err)) != UADM_OK)
		return c;
	memcpy(was, to.name, sizeof(to.name));
	if (user.account == to.gid)
		return UADM_OK;
	if ((c = check_there(u, &user, &to, err)) != UADM_OK ||
	    (c = check_here(u, &user, err)) != UADM_OK ||
	    (c = accounts_get_gid(u->store, user.account, &from, err)) != UADM_OK ||
	    (c = guard_user(u, &g, user.uid, ch.now.wall, err)) != UADM_OK ||
	    (c = factor_required(u, user.uid, &required, err)) != UADM_OK ||
	    (c = members_set_principal(u->store, to.gid, user.uid, err)) != UADM_OK ||
	    (c = factor_grace_of_change(u, user.uid, &required, act_is_root(u),
		 ch.now.wall, err)) != UADM_OK ||
	    (c = guard_hold(u, &g, err)) != UADM_OK)
		return c;
	*changed = true;
	memcpy(was, from.name, sizeof(from.name));
	snprintf(detail, sizeof(detail), "from=%s to=%s", from.name, to.name);
	return change_commit(&ch, u, "user.transfer", user.name, detail, false, err);
}
