/*
 * Threat: a list of addresses tried on us, to learn who works for whom. So whose an address is is told to
 * those alone who see users: of the account that the verb is about, or that very one. For anybody else
 * an address that is somebody's and one that is nobody's are the same. (An address is one user's: the
 * store sees to that.)
 */
#include "libuadm/ops/person.h"

#include "libuadm/base/names.h"
#include "libuadm/ops/accounts.h"
#include "libuadm/ops/act.h"
#include "libuadm/ops/domains.h"
#include "libuadm/ops/show.h"
#include "libuadm/store/users.h"

#include <string.h>

static enum uadm_code
nobody(const char *address, struct uadm_err *err)
{
	char shown[80];

	return uadm_fail(err, UADM_NOT_FOUND, "nobody has the e-mail address \"%s\"",
	    text_escape(shown, sizeof(shown), address));
}

static enum uadm_code
by_address(struct uadm *u, const char *address, struct user *user, struct uadm_err *err)
{
	enum uadm_code c = users_get_email(u->store, address, user, err);

	if (c == UADM_OK)
		c = act_on_user(u, ACT_USER_READ, user, err);
	if (c != UADM_NOT_FOUND && c != UADM_DENIED)
		return c;
	nobody(address, err);
	return uadm_hint(err, "uadmctl user list -o name,email");
}

enum uadm_code
find_person(struct uadm *u, const char *account, const char *role, const char *who,
    struct user *user, struct uadm_err *err)
{
	struct account a;
	enum uadm_code c;

	if (strchr(who, '@') == NULL)
		return find_user(u, who, user, err);
	if (account == NULL)
		return by_address(u, who, user, err);
	if ((c = find_account(u, account, &a, err)) != UADM_OK ||
	    (c = act_in_account(u, ACT_ACCOUNT_READ, a.gid, err)) != UADM_OK)
		return c;
	c = users_get_email(u->store, who, user, err);
	if (c != UADM_NOT_FOUND)
		return c;
	/* Foreign: that says where to make them first. An unknown one is for `user add` to ask about. */
	if ((c = domain_may_join(u, account, role, who, true, err)) != UADM_OK)
		return c;
	nobody(who, err);
	return uadm_hint(err, "uadmctl user add NAME --email ADDRESS --account %s%s%s",
	    a.name, role != NULL ? " --role " : "", role != NULL ? role : "");
}
