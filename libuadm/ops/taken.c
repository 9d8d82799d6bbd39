/*
 * taken.c - may this name be given to somebody new?
 *
 * Threat: sudoers, sshd_config and files on other hosts trust names, and go on doing so when who had
 * the name is gone. So what was ever a group's is no user's, but by root's word: whoever may add users
 * in one account would choose to be trusted. And a user named ACCOUNT-... would keep a role of that name
 * from the whole host.
 */
#include "libuadm/base/names.h"
#include "libuadm/base/times.h"
#include "libuadm/ops/act.h"
#include "libuadm/ops/ids.h"
#include "libuadm/ops/local.h"
#include "libuadm/store/accounts.h"
#include "libuadm/store/groups.h"
#include "libuadm/store/users.h"

#include <string.h>

static enum uadm_code
say_user(const char *name, bool for_group, struct uadm_err *err)
{
	if (!for_group)
		return uadm_fail(
		    err, UADM_EXISTS, "there is a user \"%s\" already", name);
	uadm_fail(err, UADM_EXISTS,
	    "there is a user \"%s\" already, and with them a group of that name", name);
	return uadm_hint(err,
	    "users keep their names: choose another one; or, if that user can go: uadmctl user "
	    "delete %s",
	    name);
}

/* What it is that has the name: an account, what shows a role in one, or a group. */
static enum uadm_code
say_group(struct uadm *u, const char *name, gid_t gid, struct uadm_err *err)
{
	struct uadm_err ignored;
	struct account a;
	gid_t account = 0;

	if (groups_account(u->store, gid, &account, &ignored) != UADM_OK ||
	    account == 0 ||
	    accounts_get_gid(u->store, account, &a, &ignored) != UADM_OK)
		return uadm_fail(
		    err, UADM_EXISTS, "there is a group \"%s\" already", name);
	if (account == gid)
		return uadm_fail(
		    err, UADM_EXISTS, "there is an account \"%s\" already", name);
	return uadm_fail(err, UADM_EXISTS,
	    "there is a group \"%s\" already: it shows who is %s in the account %s",
	    name, name + strlen(a.name) + 1, a.name);
}

static enum uadm_code
is_taken(struct uadm *u, const char *name, bool for_group, struct uadm_err *err)
{
	const char *source;
	struct uadm_err ignored;
	struct user user;
	gid_t gid;

	/* What is in the store is found on the host as well: ask the store first. */
	if (users_get(u->store, name, &user, &ignored) == UADM_OK)
		return say_user(name, for_group, err);
	if (groups_gid(u->store, name, &gid, &ignored) == UADM_OK)
		return say_group(u, name, gid, err);
	if (!host_knows_name(name, &source))
		return UADM_OK;
	uadm_fail(err, UADM_EXISTS,
	    "the name \"%s\" belongs to a %s of this host already", name, source);
	return local_has_user(name) && !for_group
	    ? uadm_hint(err,
		  "to move a local user here: keep the hash of `getent shadow %s`, "
		  "`userdel %s`, then add the user with --hash-stdin (EXAMPLES in "
		  "uadmctl(8))",
		  name, name)
	    : err->code;
}

/* The first half of ACCOUNT-ROLE is the account's. */
static enum uadm_code
is_of_account(struct uadm *u, const char *name, struct uadm_err *err)
{
	char text[200], first[UADM_NAME_SIZE];
	struct account a;

	for (const char *dash = strchr(name, '-'); dash != NULL;
	     dash = strchr(dash + 1, '-')) {
		enum uadm_code c;

		snprintf(first, sizeof(first), "%.*s", (int)(dash - name), name);
		if ((c = accounts_get(u->store, first, &a, err)) == UADM_NOT_FOUND)
			continue;
		if (c != UADM_OK)
			return c;
		if (!act_is_root(u)) {
			uadm_fail(err, UADM_DENIED,
			    "%s may not do that: names that begin with %s- are kept for the groups "
			    "of the account %s",
			    u->acting.name, a.name, a.name);
			return uadm_hint(err, "choose another name");
		}
		snprintf(text, sizeof(text),
		    "%s: as long as a user has this name there can be no role \"%s\", for its group "
		    "in the account %s would have it",
		    name, dash + 1, a.name);
		if (u->warn != NULL)
			u->warn(text);
	}
	return UADM_OK;
}

enum uadm_code
take_user_name(struct uadm *u, const char *name, bool reuse, struct uadm_err *err)
{
	int64_t left = 0;
	enum uadm_code c;

	if ((c = is_taken(u, name, false, err)) != UADM_OK ||
	    (c = is_of_account(u, name, err)) != UADM_OK ||
	    (c = number_was_groups(u->store, name, &left, err)) != UADM_OK)
		return c;
	if (left == 0 || (reuse && act_is_root(u)))
		return UADM_OK;
	uadm_fail(err, UADM_EXISTS,
	    "the name \"%s\" was a group's: what still trusts that group (sudoers, another host) "
	    "would trust this user",
	    name);
	return uadm_hint(err,
	    "choose another name; %s--reuse-name takes it all the same",
	    act_is_root(u) ? "" : "root's ");
}

enum uadm_code
take_group_name(struct uadm *u, const char *name, bool *told, struct uadm_err *err)
{
	char text[300], when[TIME_SIZE];
	int64_t left = 0;
	enum uadm_code c;

	if ((c = is_taken(u, name, true, err)) != UADM_OK ||
	    (c = number_was_groups(u->store, name, &left, err)) != UADM_OK)
		return c;
	if (left == 0 || u->warn == NULL || (told != NULL && *told))
		return UADM_OK;
	snprintf(text, sizeof(text),
	    "%s: a group had this name until %s: what still trusts it (sudoers, another host) trusts "
	    "this one",
	    name, time_local(left, when));
	u->warn(text);
	if (told != NULL)
		*told = true;
	return UADM_OK;
}
