/*
 * maintain.c - what is due each minute: end what is run by who may not, forget the guesses at
 * strangers that count no more, and put sessions on record that died; see ending.h.
 */
#include "libuadm/base/number.h"
#include "libuadm/ops/codes.h"
#include "libuadm/ops/ending.h"
#include "libuadm/ops/members.h"
#include "libuadm/ops/sessions.h"
#include "libuadm/policy/ending.h"
#include "libuadm/policy/lockout.h"
#include "libuadm/policy/login.h"
#include "libuadm/store/attempts.h"
#include "libuadm/store/numbers.h"
#include "libuadm/store/users.h"

#include <pwd.h>

static bool
is_added(const struct ending *e, uid_t uid)
{
	for (size_t i = 0; i < e->count; i++)
		if (e->users[i].uid == uid)
			return true;
	return false;
}

/* Whoever runs something, or has a session open, and may not: also one who was deleted, if the
 * uid is not somebody else's by now. */
static enum uadm_code
add_if_over(
    struct uadm *u, struct ending *e, uid_t uid, int64_t now, struct uadm_err *err)
{
	struct user user = { .uid = uid };
	bool left = false;
	enum uadm_code c;

	if (is_added(e, uid))
		return UADM_OK;
	if ((c = users_get_uid(u->store, uid, &user, err)) == UADM_OK)
		return policy_user_may_run(&user, now)
		    ? UADM_OK
		    : ending_add(u, e, &user, policy_login_status(&user, false, now),
			  false, err);
	if (c != UADM_NOT_FOUND)
		return c;
	if ((c = number_was_users(
		 u->store, uid, user.name, sizeof(user.name), &left, err)) != UADM_OK ||
	    !left || getpwuid(uid) != NULL)
		return c;
	return ending_add(u, e, &user, "deleted", false, err);
}

/* A number, the name of a user, or of the last one who had it and left. 0: nobody's of ours. */
static enum uadm_code
owner_of_line(struct uadm *u, const char *owner, uid_t *uid, struct uadm_err *err)
{
	int64_t number = 0;
	struct user user;
	enum uadm_code c;

	*uid = 0;
	if (number_parse(owner, 0, UINT32_MAX, &number)) {
		*uid = (uid_t)number;
		return UADM_OK;
	}
	if ((c = users_get(u->store, owner, &user, err)) == UADM_OK)
		*uid = user.uid;
	else if (c == UADM_NOT_FOUND &&
	    (c = number_who_left(u->store, owner, &number, err)) == UADM_OK)
		*uid = (uid_t)number;
	return c;
}

/* Whose subordinate uid it may be; op_end() looks closer. Nobody has to run as the user for it. */
static enum uadm_code
add_owners(struct uadm *u, struct ending *e, struct subuids *s, uid_t id, int64_t now,
    struct uadm_err *err)
{
	enum uadm_code c = UADM_OK;

	for (size_t i = 0; i < s->count && c == UADM_OK; i++) {
		struct subuid_range *r = &s->ranges[i];

		if (!subuid_is_in(r, id))
			continue;
		if (r->uid == SUBUID_OTHERS &&
		    (c = owner_of_line(u, r->owner, &r->uid, err)) != UADM_OK)
			break;
		if (r->uid != 0 && r->uid != SUBUID_OTHERS)
			c = add_if_over(u, e, r->uid, now, err);
	}
	return c;
}

/* Guesses at nobody's names that count no more: a user's go with the next guess at that user. */
static enum uadm_code
forget_strangers(struct uadm *u, struct uadm_err *err)
{
	struct attempt_window w;
	CHANGE ch = { 0 };
	int64_t steady;
	bool any = false;
	enum uadm_code c;

	if (u->dry_run)
		return UADM_OK;
	if ((c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = store_steady(u->store, &ch.now, &steady, err)) != UADM_OK)
		return c;
	w = policy_strangers_window(&u->policy, steady);
	c = attempts_drop_old_strangers(u->store, &w, &any, err);
	/* Each minute, for ever: an idle host's disk is left alone. */
	return c == UADM_OK && any ? txn_commit(&ch.txn, err) : c;
}

static enum uadm_code
end_who_may_not_run(struct uadm *u, struct ending *e, struct uadm_err *err)
{
	CLEANUP(cleanup_free) uid_t *uids = NULL;
	SUBUIDS subuids = { 0 };
	struct clock_now now;
	size_t count = 0;
	enum uadm_code c;

	clock_read(&now);
	if ((c = processes_uids(&uids, &count, err)) == UADM_OK)
		c = subuids_read(&subuids, err);
	for (size_t i = 0; i < count && c == UADM_OK; i++)
		if ((c = add_if_over(u, e, uids[i], now.wall, err)) == UADM_OK)
			c = add_owners(u, e, &subuids, uids[i], now.wall, err);
	return c != UADM_OK || e->count == 0 ? c : op_end(u, e, err);
}

/* The end comes first: a store that cannot be written to must keep nobody running. Whether an end
 * that is due has been written down makes no difference to that. */
enum uadm_code
op_maintain(struct uadm *u, struct ending *e, struct uadm_err *err)
{
	int64_t ended;
	enum uadm_code c = end_who_may_not_run(u, e, err);

	if (c != UADM_OK || (c = op_members_end_due(u, &ended, err)) != UADM_OK)
		return c;
	if ((c = op_codes_drop_over(u, err)) != UADM_OK ||
	    (c = forget_strangers(u, err)) != UADM_OK)
		return c;
	return op_sessions_tidy(u, err);
}
