/*
 * restore.c - a past put back: into the store that is there, or into a new one.
 */
#include "libuadm/base/paths.h"
#include "libuadm/base/times.h"
#include "libuadm/ops/backup.h"
#include "libuadm/ops/guard.h"
#include "libuadm/ops/policy.h"
#include "libuadm/store/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

enum { NAMES_TRIED = 100 };

static enum uadm_code
attach(struct uadm *u, const struct backup *b, struct uadm_err *err)
{
	char path[600];

	snprintf(path, sizeof(path), "%s/uadm.db", b->work.path);
	return past_attach(u->store, path, err);
}

static enum uadm_code
check_fit(
    struct uadm *u, const struct backup *b, enum past_fit *fit, struct uadm_err *err)
{
	enum uadm_code c = past_fits(u->store, fit, err);

	if (c != UADM_OK || *fit != PAST_FOREIGN)
		return c;
	uadm_fail(err, UADM_INVALID,
	    "the store here is not a continuation of the one in the backup (of %s)",
	    b->manifest.host);
	return uadm_hint(err, "to give it up, move %s away and restore into a new one",
	    UADM_STORE_DIR);
}

enum uadm_code
op_backup_look(struct uadm *u, struct backup *b,
    enum uadm_code (*found)(void *, enum past_change, const char *, struct uadm_err *),
    void *arg, struct uadm_err *err)
{
	TXN t = { 0 };
	enum past_fit fit;
	enum uadm_code c = attach(u, b, err);

	/* Whoever another store had was never deleted here: of a foreign past nothing is said. */
	if (c == UADM_OK && (c = txn_read(&t, u->store, err)) == UADM_OK &&
	    (c = check_fit(u, b, &fit, err)) == UADM_OK)
		c = past_changes(u->store, found, arg, err);
	txn_done(&t);
	past_detach(u->store);
	return c;
}

struct policy_look {
	enum uadm_code (*found)(void *, const struct setting *,
	    const struct past_setting *, struct uadm_err *);
	void *arg;
};

static enum uadm_code
look_setting(void *arg, const struct past_setting *found, struct uadm_err *err)
{
	const struct policy_look *look = arg;
	const struct setting *s = setting_find(found->key);
	struct past_setting shown = *found;

	/* What we do not know, op_policy_load() refuses. */
	if (s == NULL)
		return UADM_OK;
	if (found->account[0] == '\0') {
		shown.now = found->now != NULL ? found->now : &s->shipped;
		shown.then = found->then != NULL ? found->then : &s->shipped;
	}
	return shown.now != NULL && shown.then != NULL && *shown.now == *shown.then
	    ? UADM_OK
	    : look->found(look->arg, s, &shown, err);
}

enum uadm_code
op_backup_look_policy(struct uadm *u, struct backup *b,
    enum uadm_code (*found)(
	void *, const struct setting *, const struct past_setting *, struct uadm_err *),
    void *arg, struct uadm_err *err)
{
	struct policy_look look = { found, arg };
	TXN t = { 0 };
	enum uadm_code c = attach(u, b, err);

	if (c == UADM_OK && (c = txn_read(&t, u->store, err)) == UADM_OK)
		c = past_policy(u->store, look_setting, &look, err);
	txn_done(&t);
	past_detach(u->store);
	return c;
}

static enum uadm_code
take(struct uadm *u, struct backup *b,
    enum uadm_code (*unable)(void *, const struct account *, struct uadm_err *),
    void *arg, struct uadm_err *err)
{
	CHANGE ch = { 0 };
	struct audit_verdict v;
	char detail[200], made[TIME_SIZE];
	enum past_fit fit;
	int64_t steady;
	enum uadm_code c;

	if ((c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = store_steady_keep(u->store, &ch.now, &steady, err)) != UADM_OK ||
	    (c = check_fit(u, b, &fit, err)) != UADM_OK ||
	    (c = past_take(u->store, fit, steady, ch.now.wall, err)) != UADM_OK ||
	    (c = guard_each_unable(u, ch.now.wall, unable, arg, err)) != UADM_OK)
		return c;
	if (fit == PAST_INTO_EMPTY && b->other_key &&
	    (c = audit_reseal(u->store, u->actor, true, ch.now.wall, &v, err)) !=
		UADM_OK)
		return c;
	snprintf(detail, sizeof(detail), "made=%s users=%lld groups=%lld%s%s",
	    time_utc(b->manifest.made_at, made), (long long)b->manifest.users,
	    (long long)b->manifest.groups, b->other_key ? " key=other" : "",
	    b->trail_whole || b->other_key ? "" : " trail=broken");
	return change_commit(&ch, u, "store.restore", NULL, detail, true, err);
}

enum uadm_code
op_store_restore(struct uadm *u, struct backup *b,
    enum uadm_code (*unable)(void *, const struct account *, struct uadm_err *),
    void *arg, struct uadm_err *err)
{
	struct policy policy;
	enum uadm_code c;

	store_close(&b->past);
	if ((c = attach(u, b, err)) == UADM_OK)
		c = take(u, b, unable, arg, err);
	past_detach(u->store);
	if (c == UADM_OK && (c = op_policy_load(u, &policy, err)) == UADM_OK)
		u->policy = policy;
	return c;
}

/* Under a name that says when. */
static enum uadm_code
move_aside(char *aside, size_t size, struct uadm_err *err)
{
	struct clock_now now;

	clock_read(&now);
	for (int n = 0; n < NAMES_TRIED; n++) {
		snprintf(aside, size, "%s.damaged-%lld", UADM_STORE_DIR,
		    (long long)now.wall + n);
		if (renameat2(AT_FDCWD, UADM_STORE_DIR, AT_FDCWD, aside,
			RENAME_NOREPLACE) == 0)
			return UADM_OK;
		if (errno != EEXIST)
			break;
	}
	return uadm_fail(
	    err, UADM_UNAVAILABLE, "cannot move %s aside: %m", UADM_STORE_DIR);
}

enum uadm_code
op_restore_place(
    struct uadm *u, bool set_aside, char *aside, size_t size, struct uadm_err *err)
{
	bool there = access(UADM_STORE_FILE, F_OK) == 0, made;
	enum uadm_code c;

	aside[0] = '\0';
	if (u->store != NULL)
		return UADM_OK;
	/* A store that was never finished, as a kill in here leaves it, is finished now. */
	if ((c = op_store_init(u, &made, err)) == UADM_OK || !there)
		return c;
	/* A store whose key is another is sound: its own hint costs nothing of it. */
	if (!set_aside && u->other_key)
		return c;
	if (!set_aside)
		return uadm_hint(err,
		    "--set-aside keeps it under another name and restores into a new one");
	if ((c = move_aside(aside, size, err)) != UADM_OK)
		return c;
	return op_store_init(u, &made, err);
}
