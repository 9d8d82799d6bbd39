#include "libuadm/ops/losses.h"

#include "libuadm/ops/accounts.h"
#include "libuadm/policy/login.h"
#include "libuadm/store/members.h"
#include "libuadm/store/rights.h"
#include "libuadm/store/roles.h"
#include "libuadm/store/users.h"

#include <string.h>

struct counting {
	struct uadm *u;
	int64_t now, logins, members;
};

static enum uadm_code
count(void *arg, const struct member *m, struct uadm_err *err)
{
	struct counting *k = arg;
	struct user user;
	enum uadm_code c;

	if (m->state != MEMBER_ACTIVE || m->account_suspended)
		return UADM_OK;
	k->members++;
	if (!m->principal)
		return UADM_OK;
	if ((c = users_get_uid(k->u->store, m->uid, &user, err)) != UADM_OK)
		return c;
	k->logins += strcmp(policy_login_status(&user, false, k->now), "active") == 0;
	return UADM_OK;
}

enum uadm_code
op_account_losses(struct uadm *u, const char *account, int64_t *logins,
    int64_t *members, struct uadm_err *err)
{
	struct counting k = { .u = u };
	struct clock_now now;
	struct account a;
	enum uadm_code c;

	clock_read(&now);
	k.now = now.wall;
	if ((c = find_account(u, account, &a, err)) == UADM_OK)
		c = members_each(u->store, &(struct member_filter){ .account = a.gid },
		    count, &k, err);
	*logins = k.logins;
	*members = k.members;
	return c;
}

enum uadm_code
op_role_members(
    struct uadm *u, const char *role, int64_t *members, struct uadm_err *err)
{
	struct role r = { 0 };
	enum uadm_code c = find_role(u, role, &r, err);

	*members = 0;
	return c == UADM_OK ? roles_count_members(u->store, r.id, members, err) : c;
}

enum uadm_code
op_right_losses(struct uadm *u, const char *right, int64_t *roles, int64_t *members,
    struct uadm_err *err)
{
	struct right r;
	enum uadm_code c = find_right(u, right, &r, err);

	*roles = *members = 0;
	return c == UADM_OK ? rights_uses(u->store, r.id, roles, members, err) : c;
}
