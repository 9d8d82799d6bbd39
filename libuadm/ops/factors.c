/*
 * Threat: whoever sets up the second factor of somebody can be that somebody as soon as they know the
 * password, and whoever takes it away leaves the password alone. So both are delegated as passwords are,
 * to nobody for themselves, and one that works is never replaced: it has to be taken away first, which the
 * trail shows.
 */
#include "libuadm/ops/factors.h"

#include "libuadm/ops/act.h"
#include "libuadm/ops/show.h"
#include "libuadm/store/factors.h"

#include <string.h>

static const char *
state_of(const struct factor *f)
{
	CLEANUP(totp_wipe) struct totp t = { 0 };
	struct uadm_err ignored;

	if (factor_open(f, &t, &ignored) != UADM_OK)
		return "lost";
	return f->confirmed_at != 0 ? "confirmed" : "pending";
}

static bool
is_lost(const struct factor *f)
{
	return strcmp(state_of(f), "lost") == 0;
}

struct showing {
	enum uadm_code (*found)(void *, const struct factor_view *, struct uadm_err *);
	void *arg;
};

static enum uadm_code
show(void *arg, const struct factor *f, struct uadm_err *err)
{
	const struct showing *s = arg;
	struct factor_view v = { .state = state_of(f),
		.created_at = f->created_at,
		.confirmed_at = f->confirmed_at,
		.recovery_left = f->recovery_left };

	snprintf(v.name, sizeof(v.name), "%s", f->name);
	return s->found(s->arg, &v, err);
}

enum uadm_code
op_factors(struct uadm *u, const char *name,
    enum uadm_code (*found)(void *, const struct factor_view *, struct uadm_err *),
    void *arg, struct uadm_err *err)
{
	struct showing s = { found, arg };
	struct user user = { 0 };
	TXN t = { 0 };
	enum uadm_code c;

	if ((c = txn_read(&t, u->store, err)) != UADM_OK)
		return c;
	if (name == NULL)
		c = act_as_root(u, err);
	else if ((c = find_user(u, name, &user, err)) == UADM_OK)
		c = act_on_user(u, ACT_USER_READ, &user, err);
	return c == UADM_OK ? factors_each(u->store, user.uid, show, &s, err) : c;
}

/* Within a transaction. */
static enum uadm_code
may_enroll(struct uadm *u, const char *name, struct user *user, struct uadm_err *err)
{
	struct factor f;
	enum uadm_code c;

	if ((c = find_user(u, name, user, err)) != UADM_OK ||
	    (c = act_on_user(u, ACT_FACTOR_ENROLL, user, err)) != UADM_OK)
		return c;
	if (user->kind == USER_SERVICE)
		return uadm_fail(err, UADM_INVALID,
		    "\"%s\" is a service identity, which has no password and no code",
		    user->name);
	if ((c = factors_get(u->store, user->uid, &f, err)) != UADM_OK)
		return c == UADM_NOT_FOUND ? UADM_OK : c;
	if (f.confirmed_at == 0)
		return UADM_OK;
	if (is_lost(&f)) {
		uadm_fail(err, UADM_EXISTS,
		    "\"%s\" has a second factor whose secret is lost", user->name);
		return uadm_hint(err, "uadmctl factor remove %s", user->name);
	}
	uadm_fail(err, UADM_EXISTS, "\"%s\" has a second factor", user->name);
	return uadm_hint(err,
	    "for a new device: uadmctl factor remove %s; for new recovery codes: uadmctl factor "
	    "recovery %s",
	    user->name, user->name);
}

enum uadm_code
op_factor_may_enroll(
    struct uadm *u, const char *name, struct user *user, struct uadm_err *err)
{
	TXN t = { 0 };
	enum uadm_code c = txn_read(&t, u->store, err);

	return c == UADM_OK ? may_enroll(u, name, user, err) : c;
}

enum uadm_code
op_factor_enroll(struct uadm *u, const char *name, const struct totp *t, int64_t step,
    const char (*recovery)[RECOVERY_SIZE], struct uadm_err *err)
{
	struct user user;
	CHANGE ch = { 0 };
	enum uadm_code c;

	if ((c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = may_enroll(u, name, &user, err)) != UADM_OK ||
	    (c = factor_store(u, user.uid, t, step, recovery, ch.now.wall, step != 0,
		 err)) != UADM_OK)
		return c;
	return change_commit(&ch, u, "factor.enroll", user.name,
	    step != 0 ? "kind=totp" : "kind=totp pending=yes", false, err);
}

/* Within a transaction: the user, and the factor there is. UADM_OK with *there false where there is none. */
static enum uadm_code
look_up(struct uadm *u, enum act act, const char *name, struct user *user,
    struct factor *f, bool *there, struct uadm_err *err)
{
	enum uadm_code c;

	*there = false;
	if ((c = find_user(u, name, user, err)) != UADM_OK ||
	    (c = act_on_user(u, act, user, err)) != UADM_OK)
		return c;
	c = factors_get(u->store, user->uid, f, err);
	*there = c == UADM_OK;
	return c == UADM_NOT_FOUND ? UADM_OK : c;
}

static enum uadm_code
look_up_to_renew(struct uadm *u, const char *name, struct user *user, struct factor *f,
    struct uadm_err *err)
{
	bool there;
	enum uadm_code c = look_up(u, ACT_FACTOR_ENROLL, name, user, f, &there, err);

	if (c != UADM_OK || there)
		return c;
	uadm_fail(err, UADM_NOT_FOUND, "\"%s\" has no second factor", user->name);
	return uadm_hint(err, "uadmctl factor enroll %s", user->name);
}

enum uadm_code
op_factor_may_remove(
    struct uadm *u, const char *name, bool *there, struct uadm_err *err)
{
	struct factor f;
	struct user user;
	TXN t = { 0 };
	enum uadm_code c = txn_read(&t, u->store, err);

	return c == UADM_OK ? look_up(u, ACT_FACTOR_REMOVE, name, &user, &f, there, err)
			    : c;
}

enum uadm_code
op_factor_may_renew(
    struct uadm *u, const char *name, int64_t *left, struct uadm_err *err)
{
	struct factor f = { 0 };
	struct user user;
	TXN t = { 0 };
	enum uadm_code c = txn_read(&t, u->store, err);

	if (c == UADM_OK)
		c = look_up_to_renew(u, name, &user, &f, err);
	*left = f.recovery_left;
	return c;
}

enum uadm_code
op_factor_remove(struct uadm *u, const char *name, bool *changed, struct uadm_err *err)
{
	struct factor f;
	struct user user;
	CHANGE ch = { 0 };
	enum uadm_code c;

	*changed = false;
	if ((c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = look_up(u, ACT_FACTOR_REMOVE, name, &user, &f, changed, err)) !=
		UADM_OK ||
	    !*changed)
		return c;
	/* What was handed out and never used was none to lose. */
	if ((c = factors_drop(u->store, user.uid, err)) != UADM_OK ||
	    (f.confirmed_at != 0 &&
		(c = factors_grace_begins(u->store, user.uid, FACTOR_GRACE_AGAIN,
		     ch.now.wall, err)) != UADM_OK))
		return c;
	return change_commit(
	    &ch, u, "factor.remove", user.name, "kind=totp", false, err);
}

enum uadm_code
op_factor_recovery(struct uadm *u, const char *name,
    const char (*recovery)[RECOVERY_SIZE], struct uadm_err *err)
{
	struct factor f;
	struct user user;
	CHANGE ch = { 0 };
	enum uadm_code c;

	if ((c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = look_up_to_renew(u, name, &user, &f, err)) != UADM_OK ||
	    (c = factor_store_recovery(u, user.uid, recovery, err)) != UADM_OK)
		return c;
	return change_commit(&ch, u, "factor.recovery", user.name, NULL, false, err);
}

struct checking {
	void (*found)(void *, const char *, const char *);
	void *arg;
};

static enum uadm_code
check_one(void *arg, const struct factor *f, struct uadm_err *err)
{
	const struct checking *k = arg;
	char what[140], mend[140];

	(void)err;
	if (!is_lost(f))
		return UADM_OK;
	snprintf(what, sizeof(what),
	    "the second factor of %s was sealed with another key, or is damaged",
	    f->name);
	snprintf(mend, sizeof(mend), "uadmctl factor remove %s", f->name);
	k->found(k->arg, what, mend);
	return UADM_OK;
}

enum uadm_code
factors_check(struct uadm *u, void (*found)(void *, const char *, const char *),
    void *arg, struct uadm_err *err)
{
	struct checking k = { found, arg };

	return factors_each(u->store, 0, check_one, &k, err);
}

static void
count_lost(void *arg, const char *what, const char *mend)
{
	(void)what;
	(void)mend;
	++*(int64_t *)arg;
}

enum uadm_code
op_factors_lost(struct uadm *u, int64_t *lost, struct uadm_err *err)
{
	TXN t = { 0 };
	enum uadm_code c = txn_read(&t, u->store, err);

	*lost = 0;
	return c == UADM_OK ? factors_check(u, count_lost, lost, err) : c;
}

enum uadm_code
op_factor_is_lost(struct uadm *u, uid_t uid, bool *lost, struct uadm_err *err)
{
	struct factor f;
	enum uadm_code c = factors_get(u->store, uid, &f, err);

	*lost = c == UADM_OK && is_lost(&f);
	return c == UADM_NOT_FOUND ? UADM_OK : c;
}
