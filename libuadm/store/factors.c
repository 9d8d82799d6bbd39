/*
 * Threat: a code that works twice. Whoever reads it over a shoulder is a second later, and a clock
 * that is set back brings old codes back. So a step is taken by one UPDATE with its condition in it,
 * of which one of any number succeeds, and the highest step that was taken only grows.
 */
#include "libuadm/store/factors.h"

#include "libuadm/store/private.h"

#include <string.h>

static void
fill(const struct stmt *q, struct factor *f)
{
	const void *sealed;

	*f = (struct factor){ .uid = (uid_t)stmt_col_int(q, 0),
		.last_step = stmt_col_int(q, 2),
		.created_at = stmt_col_int(q, 3),
		.confirmed_at = stmt_col_int(q, 4),
		.recovery_left = stmt_col_int(q, 5) };
	stmt_col_text(q, 6, f->name, sizeof(f->name));
	sealed = stmt_col_blob(q, 1, &f->sealed_size);
	/* One of another length is no secret of ours, and does not open. */
	if (sealed == NULL || f->sealed_size > sizeof(f->sealed))
		f->sealed_size = 0;
	else
		memcpy(f->sealed, sealed, f->sealed_size);
}

enum uadm_code
factors_each(struct store *st, uid_t uid,
    enum uadm_code (*found)(void *, const struct factor *, struct uadm_err *),
    void *arg, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "SELECT f.uid, f.secret, f.last_step, f.created_at, f.confirmed_at, "
	    "(SELECT count(*) FROM recovery r WHERE r.uid = f.uid AND r.used_at IS NULL), u.name "
	    "FROM factor f JOIN user u ON u.uid = f.uid WHERE :uid = 0 OR f.uid = :uid "
	    "ORDER BY u.name");
	struct factor f;
	enum uadm_code c;
	bool more;

	stmt_int(&q, ":uid", uid);
	while ((c = stmt_row(&q, &more, err)) == UADM_OK && more) {
		fill(&q, &f);
		if ((c = found(arg, &f, err)) != UADM_OK)
			return c;
	}
	return c;
}

enum uadm_code
factors_get(struct store *st, uid_t uid, struct factor *f, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "SELECT uid, secret, last_step, created_at, confirmed_at, "
	    "(SELECT count(*) FROM recovery r WHERE r.uid = factor.uid AND r.used_at IS NULL), '' "
	    "FROM factor WHERE uid = :uid");
	enum uadm_code c;

	*f = (struct factor){ 0 };
	stmt_int(&q, ":uid", uid);
	if ((c = stmt_one(&q, err)) == UADM_OK)
		fill(&q, f);
	return c;
}

enum uadm_code
factors_drop(struct store *st, uid_t uid, struct uadm_err *err)
{
	STMT q = stmt_make(st, "DELETE FROM factor WHERE uid = :uid");

	stmt_int(&q, ":uid", uid);
	return stmt_run(&q, err);
}

enum uadm_code
factors_put(struct store *st, const struct factor *f, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "INSERT INTO factor (uid, secret, last_step, created_at, confirmed_at) "
	    "VALUES (:uid, :secret, :step, :created, :confirmed)");
	enum uadm_code c = factors_drop(st, f->uid, err);

	if (c != UADM_OK)
		return c;
	stmt_int(&q, ":uid", f->uid);
	stmt_blob(&q, ":secret", f->sealed, f->sealed_size);
	stmt_int(&q, ":step", f->last_step);
	stmt_int(&q, ":created", f->created_at);
	stmt_time(&q, ":confirmed", f->confirmed_at);
	return stmt_run(&q, err);
}

static enum uadm_code
run_once(struct store *st, struct stmt *q, bool *taken, struct uadm_err *err)
{
	enum uadm_code c = stmt_run(q, err);

	*taken = c == UADM_OK && store_changes(st) == 1;
	return c;
}

enum uadm_code
factors_take_step(struct store *st, uid_t uid, int64_t step, int64_t now, bool *taken,
    struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "UPDATE factor SET last_step = :step, "
	    "confirmed_at = coalesce(confirmed_at, :now) "
	    "WHERE uid = :uid AND last_step < :step");

	stmt_int(&q, ":uid", uid);
	stmt_int(&q, ":step", step);
	stmt_int(&q, ":now", now);
	return run_once(st, &q, taken, err);
}

enum uadm_code
recovery_put(struct store *st, uid_t uid, const char *hash, struct uadm_err *err)
{
	STMT q = stmt_make(st, "INSERT INTO recovery (uid, hash) VALUES (:uid, :hash)");

	stmt_int(&q, ":uid", uid);
	stmt_text(&q, ":hash", hash);
	return stmt_run(&q, err);
}

enum uadm_code
recovery_drop(struct store *st, uid_t uid, struct uadm_err *err)
{
	STMT q = stmt_make(st, "DELETE FROM recovery WHERE uid = :uid");

	stmt_int(&q, ":uid", uid);
	return stmt_run(&q, err);
}

enum uadm_code
recovery_take(struct store *st, uid_t uid, const char *hash, int64_t now, bool *taken,
    struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "UPDATE recovery SET used_at = :now "
	    "WHERE uid = :uid AND hash = :hash AND used_at IS NULL");

	stmt_int(&q, ":uid", uid);
	stmt_text(&q, ":hash", hash);
	stmt_int(&q, ":now", now);
	return run_once(st, &q, taken, err);
}

enum uadm_code
factors_may_be_due(struct store *st, bool *may, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "SELECT EXISTS (SELECT 1 FROM factor) OR EXISTS (SELECT 1 FROM policy "
	    "WHERE key = 'require-factor' AND value <> 0)");
	enum uadm_code c = stmt_one(&q, err);

	*may = c != UADM_OK || stmt_col_int(&q, 0) != 0;
	return c;
}

enum uadm_code
factors_since(
    struct store *st, uid_t uid, struct factor_since *since, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "SELECT max(user.created_at, "
	    "coalesce((SELECT max(since) FROM factor_rule r WHERE r.account IN (0, m.account)), 0), "
	    "coalesce(g.since, 0)), max(coalesce(g.own_since, 0), "
	    "coalesce((SELECT own_since FROM factor_rule r WHERE r.account = m.account), 0)) "
	    "FROM user LEFT JOIN membership m ON m.uid = user.uid AND m.principal = 1 "
	    "LEFT JOIN factor_grace g ON g.uid = user.uid WHERE user.uid = :uid");
	enum uadm_code c;

	stmt_int(&q, ":uid", uid);
	*since = (struct factor_since){ 0 };
	if ((c = stmt_one(&q, err)) == UADM_OK) {
		since->root = stmt_col_int(&q, 0);
		since->own = stmt_col_int(&q, 1);
	}
	return c == UADM_NOT_FOUND ? UADM_OK : c;
}

enum uadm_code
factors_rule_made(
    struct store *st, int64_t account, bool own, int64_t now, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "INSERT INTO factor_rule (account, since, own_since) "
	    "VALUES (:account, iif(:own, 0, :now), iif(:own, :now, 0)) "
	    "ON CONFLICT (account) DO UPDATE SET since = max(since, excluded.since), "
	    "own_since = max(own_since, excluded.own_since)");

	stmt_int(&q, ":account", account);
	stmt_int(&q, ":own", own);
	stmt_int(&q, ":now", now);
	return stmt_run(&q, err);
}

enum uadm_code
factors_grace_begins(struct store *st, uid_t uid, enum factor_grace which, int64_t now,
    struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "INSERT INTO factor_grace (uid, since, own_since) "
	    "VALUES (:uid, iif(:own, 0, :now), iif(:own, :now, 0)) "
	    "ON CONFLICT (uid) DO UPDATE SET "
	    "since = iif(:own OR (:once AND since <> 0), since, :now), "
	    "own_since = iif(:own, :now, own_since)");

	stmt_int(&q, ":uid", uid);
	stmt_int(&q, ":own", which == FACTOR_GRACE_OWN);
	stmt_int(&q, ":once", which == FACTOR_GRACE_ONCE);
	stmt_int(&q, ":now", now);
	return stmt_run(&q, err);
}
