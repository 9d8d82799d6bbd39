#include "libuadm/ops/groups.h"

#include "libuadm/base/names.h"
#include "libuadm/ops/act.h"
#include "libuadm/ops/ids.h"
#include "libuadm/ops/show.h"
#include "libuadm/store/accounts.h"
#include "libuadm/store/groups.h"

#include <string.h>

enum uadm_code
group_is_ordinary(struct uadm *u, const char *name, gid_t gid, struct uadm_err *err)
{
	struct account a;
	gid_t account = 0;
	enum uadm_code c = groups_account(u->store, gid, &account, err);

	if (c != UADM_OK || account == 0)
		return c;
	if ((c = accounts_get_gid(u->store, account, &a, err)) != UADM_OK)
		return c;
	uadm_fail(err, UADM_INVALID, "the group %s shows members of the account %s",
	    name, a.name);
	return uadm_hint(err,
	    "uadmctl member add %s USER, or member role, member revoke: the group follows",
	    a.name);
}

enum uadm_code
op_group_add(struct uadm *u, struct group *g, struct uadm_err *err)
{
	CHANGE ch = { 0 };
	char detail[80];
	id_t id = g->gid;
	enum uadm_code c;

	if ((c = name_check("name", g->name, err)) != UADM_OK ||
	    (c = text_check("description", g->description, sizeof(g->description),
		 err)) != UADM_OK ||
	    (c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = act_as_root(u, err)) != UADM_OK ||
	    (c = take_group_name(u, g->name, NULL, err)) != UADM_OK ||
	    (c = take_id(u, NUMBER_GROUP, "gid", &id, err)) != UADM_OK)
		return c;
	g->gid = (gid_t)id;
	g->created_at = ch.now.wall;
	if ((c = numbers_give(u->store, NUMBER_GROUP, id, g->name, ch.now.wall, err)) !=
		UADM_OK ||
	    (c = groups_insert(u->store, g, err)) != UADM_OK)
		return c;
	snprintf(detail, sizeof(detail), "gid=%u", (unsigned)g->gid);
	return change_commit(&ch, u, "group.add", g->name, detail, true, err);
}

enum uadm_code
op_group_delete(struct uadm *u, const char *name, struct uadm_err *err)
{
	CHANGE ch = { 0 };
	struct group g;
	char detail[80];
	enum uadm_code c;

	if ((c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = act_as_root(u, err)) != UADM_OK ||
	    (c = find_group(u, name, &g, err)) != UADM_OK ||
	    (c = group_is_ordinary(u, g.name, g.gid, err)) != UADM_OK ||
	    (c = groups_delete(u->store, g.gid, err)) != UADM_OK ||
	    (c = numbers_release(u->store, g.gid, ch.now.wall, err)) != UADM_OK)
		return c;
	snprintf(detail, sizeof(detail), "gid=%u members=%lld", (unsigned)g.gid,
	    (long long)g.members);
	return change_commit(&ch, u, "group.delete", name, detail, true, err);
}

static enum uadm_code
change_member(struct uadm *u, const char *group, const char *name, bool in,
    bool *changed, struct uadm_err *err)
{
	CHANGE ch = { 0 };
	struct user user;
	char detail[80];
	gid_t gid = 0;
	enum uadm_code c;

	*changed = false;
	if ((c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = act_as_root(u, err)) != UADM_OK ||
	    (c = find_gid(u, group, &gid, err)) != UADM_OK ||
	    (c = group_is_ordinary(u, group, gid, err)) != UADM_OK ||
	    (c = find_user(u, name, &user, err)) != UADM_OK)
		return c;
	c = in ? groups_add_member(u->store, gid, user.uid, changed, err)
	       : groups_remove_member(u->store, gid, user.uid, changed, err);
	if (c != UADM_OK || !*changed)
		return c;
	snprintf(detail, sizeof(detail), "user=%s", user.name);
	return change_commit(&ch, u, in ? "group.add-member" : "group.remove-member",
	    group, detail, true, err);
}

enum uadm_code
op_group_add_member(struct uadm *u, const char *group, const char *user, bool *changed,
    struct uadm_err *err)
{
	return change_member(u, group, user, true, changed, err);
}

enum uadm_code
op_group_remove_member(struct uadm *u, const char *group, const char *user,
    bool *changed, struct uadm_err *err)
{
	return change_member(u, group, user, false, changed, err);
}
