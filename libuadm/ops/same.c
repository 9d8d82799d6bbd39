#include "libuadm/ops/same.h"

#include "libuadm/base/names.h"
#include "libuadm/ops/accounts.h"
#include "libuadm/ops/act.h"
#include "libuadm/ops/invites.h"
#include "libuadm/store/groups.h"
#include "libuadm/store/members.h"
#include "libuadm/store/users.h"

#include <string.h>

enum { SLACK_SECS = 5 };

static enum uadm_code
differs(const char *what, const char *is, const char *wanted, struct uadm_err *err)
{
	char is_shown[120], wanted_shown[120];

	return uadm_fail(err, UADM_EXISTS,
	    "is there already, with %s \"%s\" and not \"%s\"", what,
	    text_escape(is_shown, sizeof(is_shown), is),
	    text_escape(wanted_shown, sizeof(wanted_shown), wanted));
}

/* "+30d" was another day when the user was made. */
static bool
is_as_far(const struct field *f, const struct user *is, const struct user *wanted,
    int64_t now)
{
	int64_t a, b, apart;

	if (f->type != FIELD_TIME)
		return false;
	memcpy(&a, (const char *)is + f->offset, sizeof(a));
	memcpy(&b, (const char *)wanted + f->offset, sizeof(b));
	apart = (b - now) - (a - is->created_at);
	return a != 0 && apart >= -SLACK_SECS && apart <= SLACK_SECS;
}

static enum uadm_code
compare_fields(const struct user *is, const struct user *wanted, struct uadm_err *err)
{
	struct clock_now now;

	clock_read(&now);
	for (size_t i = 0; i < user_field_count; i++) {
		const struct field *f = &user_fields[i];
		char a[UADM_DISPLAY_SIZE], b[UADM_DISPLAY_SIZE];

		field_text(wanted, f, b, sizeof(b));
		field_text(is, f, a, sizeof(a));
		/* Nobody else can have an address that differs by its case alone. */
		if (*b != '\0' &&
		    (f->type == FIELD_EMAIL ? strcasecmp : strcmp)(a, b) != 0 &&
		    !is_as_far(f, is, wanted, now.wall))
			return differs(f->name, a, b, err);
	}
	return UADM_OK;
}

static enum uadm_code
compare_uid(const struct user *is, const struct user *wanted, struct uadm_err *err)
{
	static const char *const kinds[] = {
		[USER_PERSON] = "person", [USER_SERVICE] = "service"
	};
	char a[24], b[24];

	snprintf(a, sizeof(a), "%u", (unsigned)is->uid);
	snprintf(b, sizeof(b), "%u", (unsigned)wanted->uid);
	if (wanted->uid != 0 && wanted->uid != is->uid)
		return differs("uid", a, b, err);
	if (wanted->kind != is->kind)
		return differs("kind", kinds[is->kind], kinds[wanted->kind], err);
	return UADM_OK;
}

static enum uadm_code
compare_groups(struct uadm *u, const struct user *is, const struct user_addition *add,
    struct uadm_err *err)
{
	char shown[80];
	enum uadm_code c;

	for (size_t i = 0; i < add->group_count; i++) {
		bool in = false;
		gid_t gid;

		c = groups_gid(u->store, add->groups[i], &gid, err);
		if (c == UADM_OK)
			c = groups_has_member(u->store, gid, is->uid, &in, err);
		if (c != UADM_OK && c != UADM_NOT_FOUND)
			return c;
		if (!in)
			return uadm_fail(err, UADM_EXISTS,
			    "is there already, and not in the group \"%s\"",
			    text_escape(shown, sizeof(shown), add->groups[i]));
	}
	return UADM_OK;
}

static enum uadm_code
compare_accounts(struct uadm *u, const struct user *is, const struct user_addition *add,
    struct uadm_err *err)
{
	struct account a;
	enum uadm_code c = UADM_OK;

	for (size_t i = 0; i < add->account_count && c == UADM_OK; i++) {
		struct member_addition *wanted = &add->accounts[i];

		if ((c = find_account(u, wanted->account, &a, err)) != UADM_OK)
			return c;
		c = members_get(u->store, a.gid, is->uid, &wanted->member, err);
		if (c == UADM_NOT_FOUND || wanted->member.state == MEMBER_ENDED)
			return uadm_fail(err, UADM_EXISTS,
			    "is there already, and not in the account \"%s\"", a.name);
		if (c == UADM_OK && wanted->role != NULL &&
		    strcmp(wanted->member.role_name, wanted->role) != 0)
			return differs(
			    "role", wanted->member.role_name, wanted->role, err);
	}
	return c;
}

enum uadm_code
op_user_is_there(
    struct uadm *u, struct user_addition *add, bool *there, struct uadm_err *err)
{
	struct user is;
	enum uadm_code c = users_get(u->store, add->user.name, &is, err);

	*there = false;
	if (c == UADM_NOT_FOUND)
		return UADM_OK;
	if (c != UADM_OK || (c = act_on_user(u, ACT_USER_READ, &is, err)) != UADM_OK ||
	    (c = compare_uid(&is, &add->user, err)) != UADM_OK ||
	    (c = compare_fields(&is, &add->user, err)) != UADM_OK ||
	    (c = compare_groups(u, &is, add, err)) != UADM_OK ||
	    (c = compare_accounts(u, &is, add, err)) != UADM_OK)
		return c;
	if ((add->hash != NULL || add->password != NULL) && !is.password_set)
		return uadm_fail(
		    err, UADM_EXISTS, "is there already, and has no password");
	add->user = is;
	*there = true;
	return UADM_OK;
}

enum uadm_code
op_invited_is_there(struct uadm *u, struct user_addition *add,
    char wanted[UADM_NAME_SIZE], bool *there, struct uadm_err *err)
{
	char name[UADM_NAME_SIZE];
	struct uadm_err ignored;
	struct user is;
	enum uadm_code c = users_get_email(u->store, add->user.email, &is, err);

	*there = false;
	if (c != UADM_OK)
		return c == UADM_NOT_FOUND ? UADM_OK : c;
	/* Whose an address is is told to nobody else: who invites is answered as without this. */
	if (act_on_user(u, ACT_USER_READ, &is, &ignored) != UADM_OK)
		return UADM_OK;
	memcpy(name, add->user.name, sizeof(name));
	if (name[0] != '\0' && strcmp(name, is.name) != 0)
		return differs("name", is.name, name, err);
	memcpy(add->user.name, is.name, sizeof(add->user.name));
	if ((c = op_user_is_there(u, add, there, err)) != UADM_OK)
		return c;
	if (name[0] != '\0')
		memcpy(wanted, name, sizeof(name));
	else
		invite_name(is.email, wanted);
	return UADM_OK;
}

enum uadm_code
op_group_is_there(struct uadm *u, struct group *g, bool *there, struct uadm_err *err)
{
	struct group is;
	enum uadm_code c = groups_get(u->store, g->name, &is, err);
	char a[24], b[24];

	*there = false;
	if (c == UADM_NOT_FOUND)
		return UADM_OK;
	if (c != UADM_OK)
		return c;
	snprintf(a, sizeof(a), "%u", (unsigned)is.gid);
	snprintf(b, sizeof(b), "%u", (unsigned)g->gid);
	if (g->gid != 0 && g->gid != is.gid)
		return differs("gid", a, b, err);
	if (g->description[0] != '\0' && strcmp(g->description, is.description) != 0)
		return differs("description", is.description, g->description, err);
	*g = is;
	*there = true;
	return UADM_OK;
}
