/*
 * user_state.c - users who are suspended, resumed, unlocked and deleted (users.h).
 */
#include "libuadm/ops/users.h"

#include "libuadm/ops/act.h"
#include "libuadm/ops/guard.h"
#include "libuadm/ops/letters.h"
#include "libuadm/ops/show.h"
#include "libuadm/store/attempts.h"
#include "libuadm/store/numbers.h"
#include "libuadm/store/users.h"

static enum uadm_code
only_root_resumes(const struct user *user, struct uadm_err *err)
{
	uadm_fail(err, UADM_DENIED, "%s was suspended by root", user->name);
	return uadm_hint(err, "nobody else resumes them");
}

/* Suspended or not: the same but for the sign. */
static enum uadm_code
set_suspended(struct uadm *u, const char *name, bool suspended, bool keep_sessions,
    bool *changed, struct uadm_err *err)
{
	struct user user;
	CHANGE ch = { 0 };
	GUARD g = { 0 };
	enum uadm_code c;
	bool was, by_root;

	*changed = false;
	if ((c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = find_user(u, name, &user, err)) != UADM_OK ||
	    (c = act_on_user(u, suspended ? ACT_USER_SUSPEND : ACT_USER_RESUME, &user,
		 err)) != UADM_OK)
		return c;
	was = user.suspended_at != 0;
	if (was && !suspended && user.suspended_by_root && !act_is_root(u))
		return only_root_resumes(&user, err);
	by_root = suspended && (user.suspended_by_root || act_is_root(u));
	if (was == suspended && user.keep_sessions == keep_sessions &&
	    user.suspended_by_root == by_root)
		return UADM_OK;
	if (!suspended)
		user.suspended_at = 0;
	else if (user.suspended_at == 0)
		user.suspended_at = ch.now.wall;
	user.keep_sessions = keep_sessions;
	user.suspended_by_root = by_root;
	if ((c = guard_user(u, &g, user.uid, ch.now.wall, err)) != UADM_OK ||
	    (c = users_update(u->store, &user, err)) != UADM_OK ||
	    (c = guard_hold(u, &g, err)) != UADM_OK ||
	    (suspended && !was &&
		(c = letters_tell(u, &user, "suspended", err)) != UADM_OK))
		return c;
	*changed = true;
	return change_commit(&ch, u, suspended ? "user.suspend" : "user.resume", name,
	    keep_sessions ? "keep_sessions=yes" : NULL, false, err);
}

enum uadm_code
op_user_suspend(struct uadm *u, const char *name, bool keep_sessions, bool *changed,
    struct uadm_err *err)
{
	return set_suspended(u, name, true, keep_sessions, changed, err);
}

enum uadm_code
op_user_resume(struct uadm *u, const char *name, bool *changed, struct uadm_err *err)
{
	return set_suspended(u, name, false, false, changed, err);
}

enum uadm_code
op_user_unlock(struct uadm *u, const char *name, bool *changed, struct uadm_err *err)
{
	struct attempt_window all = { .since = INT64_MIN, .lock_over = INT64_MIN };
	struct attempt_counts n;
	struct user user;
	char detail[80];
	CHANGE ch = { 0 };
	enum uadm_code c;

	*changed = false;
	if ((c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = find_user(u, name, &user, err)) != UADM_OK ||
	    (c = act_on_user(u, ACT_USER_UNLOCK, &user, err)) != UADM_OK ||
	    (c = store_steady_keep(u->store, &ch.now, &all.now, err)) != UADM_OK ||
	    (c = attempts_count(u->store, user.uid, NULL, &all, &n, err)) != UADM_OK)
		return c;
	if (!n.lock_set && n.all_failures == 0)
		return UADM_OK;
	*changed = true;
	if ((c = attempts_clear(u->store, user.uid, all.now, err)) != UADM_OK)
		return c;
	snprintf(detail, sizeof(detail), "failures=%lld locked=%s",
	    (long long)n.all_failures, n.lock_set ? "yes" : "no");
	return change_commit(&ch, u, "user.unlock", name, detail, false, err);
}

enum uadm_code
op_user_delete_along(
    struct uadm *u, const char *name, const char *along, struct uadm_err *err)
{
	struct user user;
	char detail[1200];
	CHANGE ch = { 0 };
	GUARD g = { 0 };
	enum uadm_code c;

	if ((c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = find_user(u, name, &user, err)) != UADM_OK ||
	    (c = act_on_user(u, ACT_USER_DELETE, &user, err)) != UADM_OK ||
	    (c = guard_user(u, &g, user.uid, ch.now.wall, err)) != UADM_OK ||
	    (c = users_delete(u->store, user.uid, err)) != UADM_OK ||
	    (c = guard_hold(u, &g, err)) != UADM_OK ||
	    (c = numbers_release(u->store, user.uid, ch.now.wall, err)) != UADM_OK ||
	    (c = letters_withdraw(u, user.uid, NULL, err)) != UADM_OK ||
	    (c = letters_tell(u, &user, "deleted", err)) != UADM_OK)
		return c;
	snprintf(detail, sizeof(detail), "uid=%u%s", (unsigned)user.uid, along);
	return change_commit(&ch, u, "user.delete", name, detail, true, err);
}

enum uadm_code
op_user_delete(struct uadm *u, const char *name, struct uadm_err *err)
{
	return op_user_delete_along(u, name, "", err);
}
