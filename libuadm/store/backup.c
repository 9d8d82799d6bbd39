/*
 * Threat: time that goes back. A restored store that gave out a number again would hand files
 * to a stranger; one that forgot a suspension would let somebody in; one that forgot the trail
 * would hide who did that. So each table says below what becomes of it, and a test looks that
 * none is missing.
 */
#include "libuadm/store/backup.h"

#include "libuadm/store/private.h"

#include <string.h>

static enum uadm_code
run(struct store *st, const char *sql, const char *path, struct uadm_err *err)
{
	sqlite3_stmt *h = NULL;
	int rc = sqlite3_prepare_v2(st->db, sql, -1, &h, NULL);

	if (rc == SQLITE_OK && path != NULL)
		rc = sqlite3_bind_text(h, 1, path, -1, SQLITE_STATIC);
	while (rc == SQLITE_OK && (rc = sqlite3_step(h)) == SQLITE_ROW)
		rc = SQLITE_OK;
	sqlite3_finalize(h);
	return rc == SQLITE_DONE ? UADM_OK : store_fail(st, rc, err);
}

enum uadm_code
store_copy(struct store *st, const char *path, struct uadm_err *err)
{
	return run(st, "VACUUM INTO ?", path, err);
}

enum uadm_code
past_attach(struct store *st, const char *path, struct uadm_err *err)
{
	enum uadm_code c = run(st, "PRAGMA foreign_keys = OFF", NULL, err);

	return c == UADM_OK ? run(st, "ATTACH ? AS past", path, err) : c;
}

void
past_detach(struct store *st)
{
	sqlite3_exec(st->db, "DETACH past", NULL, NULL, NULL);
	sqlite3_exec(st->db, "PRAGMA foreign_keys = ON", NULL, NULL, NULL);
}

/* Rows are copied as they are: the tables must be ours to the letter, and a view in the place of
 * one, or a trigger on it, is somebody's work. */
static enum uadm_code
same_tables(struct store *st, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "SELECT name FROM past.sqlite_schema WHERE name NOT LIKE 'sqlite_%' "
	    "AND (type, name, sql) NOT IN (SELECT type, name, sql FROM main.sqlite_schema) "
	    "UNION ALL SELECT name FROM main.sqlite_schema WHERE name NOT LIKE 'sqlite_%' "
	    "AND (type, name, sql) NOT IN (SELECT type, name, sql FROM past.sqlite_schema)");
	enum uadm_code c;
	bool more;

	if ((c = stmt_row(&q, &more, err)) != UADM_OK || !more)
		return c;
	return uadm_fail(
	    err, UADM_INVALID, "the backup's tables are not those of uadm");
}

enum uadm_code
past_fits(struct store *st, enum past_fit *fit, struct uadm_err *err)
{
	/* The newest row of the past is a row of ours, by its keyed hash. */
	STMT q = stmt_make(st,
	    "SELECT EXISTS (SELECT 1 FROM past.audit p JOIN main.audit m "
	    "ON m.id = p.id AND m.mac = p.mac WHERE p.id = (SELECT max(id) FROM past.audit)), "
	    "NOT EXISTS (SELECT 1 FROM main.published)");
	enum uadm_code c;

	*fit = PAST_FOREIGN;
	if ((c = same_tables(st, err)) != UADM_OK)
		return c;
	c = stmt_one(&q, err);
	if (c == UADM_OK && stmt_col_int(&q, 0) != 0)
		*fit = PAST_OURS;
	else if (c == UADM_OK && stmt_col_int(&q, 1) != 0)
		*fit = PAST_INTO_EMPTY;
	return c;
}

/* Is the time of `m`, the user of now, shorter than that of the other? */
#define ENDS_EARLIER(other)                                                            \
	"(m.expires_at IS NOT NULL AND "                                               \
	"(" other ".expires_at IS NULL OR " other ".expires_at > m.expires_at))"
#define BEGINS_LATER(other)                                                            \
	"(m.valid_from IS NOT NULL AND "                                               \
	"(" other ".valid_from IS NULL OR " other ".valid_from < m.valid_from))"

enum uadm_code
past_changes(struct store *st,
    enum uadm_code (*found)(void *, enum past_change, const char *, struct uadm_err *),
    void *arg, struct uadm_err *err)
{
	/* Numbered as enum past_change is. */
	STMT q = stmt_make(st,
	    "SELECT 0 AS what, name FROM past.user WHERE :ours AND uid NOT IN "
	    "(SELECT uid FROM main.user) "
	    "UNION ALL SELECT 1, name FROM main.user WHERE uid NOT IN (SELECT uid FROM past.user) "
	    "UNION ALL SELECT 2, p.name FROM main.user m JOIN past.user p ON p.uid = m.uid "
	    "WHERE m.suspended_at IS NOT NULL AND p.suspended_at IS NULL "
	    "UNION ALL SELECT 3, u.name FROM main.password m JOIN past.user u ON u.uid = m.uid "
	    "LEFT JOIN past.password p ON p.uid = m.uid "
	    "WHERE p.verifier IS NOT m.verifier "
	    "UNION ALL SELECT 4, p.name FROM main.user m JOIN past.user p ON p.uid = m.uid "
	    "WHERE " ENDS_EARLIER("p") " OR " BEGINS_LATER(
		"p") " "
		     "UNION SELECT 5, u.name FROM past.membership p JOIN past.user u ON u.uid = p.uid "
		     "JOIN main.user n ON n.uid = p.uid "
		     "LEFT JOIN main.membership m ON m.account = p.account AND m.uid = p.uid "
		     "WHERE :ours AND p.state IN ('active', 'pending') AND (m.uid IS NULL "
		     "OR m.state IN ('suspended', 'ended') OR m.role <> p.role "
		     "OR m.then_role IS NOT p.then_role) ORDER BY what, name");
	enum past_fit fit;
	enum uadm_code c;
	bool more;

	if ((c = past_fits(st, &fit, err)) != UADM_OK)
		return c;
	stmt_int(&q, ":ours", fit == PAST_OURS);
	while ((c = stmt_row(&q, &more, err)) == UADM_OK && more)
		if ((c = found(arg, (enum past_change)stmt_col_int(&q, 0),
			 stmt_col_peek(&q, 1), err)) != UADM_OK)
			return c;
	return c;
}

#define PLACE(of)                                                                      \
	"(SELECT value FROM " of ".policy p WHERE (p.account, p.role, p.own, p.key) "  \
	"= (k.account, k.role, k.own, k.key))"
#define NAME(of, table, id, k)                                                         \
	"(SELECT n.name FROM " of ".\"" table "\" n WHERE n." id " = " k ")"

enum uadm_code
past_policy(struct store *st,
    enum uadm_code (*found)(void *, const struct past_setting *, struct uadm_err *),
    void *arg, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "SELECT coalesce(" NAME("past", "group", "gid", "x.account") ", " NAME(
		"main", "group", "gid",
		"x.account") ", ''), "
			     "coalesce(" NAME("past", "role", "id", "x.role") ", " NAME(
				 "main", "role", "id",
				 "x.role") ", ''), own, key, now, past FROM ("
					   "SELECT account, role, own, key, " PLACE("main") " AS now, " PLACE(
					       "past") " AS past FROM (SELECT account, role, own, key FROM main.policy "
						       "UNION SELECT account, role, own, key FROM past.policy) k) x "
						       "WHERE now IS NOT past ORDER BY account, role, key, own");
	enum uadm_code c;
	bool more;

	while ((c = stmt_row(&q, &more, err)) == UADM_OK && more) {
		const int64_t values[] = { stmt_col_int(&q, 4), stmt_col_int(&q, 5) };
		bool now = sqlite3_column_type(q.h, 4) != SQLITE_NULL;
		bool then = sqlite3_column_type(q.h, 5) != SQLITE_NULL;
		const struct past_setting s = { .account = stmt_col_peek(&q, 0),
			.role = stmt_col_peek(&q, 1),
			.own = stmt_col_int(&q, 2) != 0,
			.key = stmt_col_peek(&q, 3),
			.now = now ? &values[0] : NULL,
			.then = then ? &values[1] : NULL };

		if ((c = found(arg, &s, err)) != UADM_OK)
			return c;
	}
	return c;
}

/* What is as it was then. */
static const char *const put_back[] = {
	"DELETE FROM main.published",
	"INSERT INTO main.published SELECT * FROM past.published",
	"DROP TRIGGER main.attempt_of_nobody",
	"DELETE FROM main.contact",
	"INSERT INTO main.contact SELECT * FROM past.contact",
	"DELETE FROM main.user",
	"INSERT INTO main.user SELECT * FROM past.user",
	(ATTEMPT_OF_NOBODY),
	"DELETE FROM main.password",
	"INSERT INTO main.password SELECT * FROM past.password",
	"DELETE FROM main.old_password",
	"INSERT INTO main.old_password SELECT * FROM past.old_password",
	"DELETE FROM main.membership_right",
	"DELETE FROM main.membership",
	"DELETE FROM main.account_domain",
	"DELETE FROM main.account",
	"DELETE FROM main.role_right",
	"DELETE FROM main.role",
	"DELETE FROM main.\"right\"",
	"INSERT INTO main.\"right\" SELECT * FROM past.\"right\"",
	"INSERT INTO main.role SELECT * FROM past.role",
	"INSERT INTO main.role_right SELECT * FROM past.role_right",
	"DELETE FROM main.\"group\"",
	"INSERT INTO main.\"group\" SELECT * FROM past.\"group\"",
	"INSERT INTO main.account SELECT * FROM past.account",
	"INSERT INTO main.account_domain SELECT * FROM past.account_domain",
	"INSERT INTO main.membership SELECT * FROM past.membership",
	"INSERT INTO main.membership_right SELECT * FROM past.membership_right",
	/* Who was invited then is again; no code of any time comes back. */
	"DELETE FROM main.code",
	"DELETE FROM main.invitation",
	"INSERT INTO main.invitation SELECT * FROM past.invitation",
	"DELETE FROM main.tag",
	"INSERT INTO main.tag SELECT * FROM past.tag",
	/* What was reviewed since was reviewed; decisions of now beside those of then. */
	"INSERT OR IGNORE INTO main.review SELECT * FROM past.review",
	"INSERT OR IGNORE INTO main.review_item SELECT * FROM past.review_item",
	/* What was queued then may have been sent since: it is no more. Of now's mail what has a code goes,
	 * for codes are revoked. */
	("UPDATE main.letter SET state = 'dropped', code = NULL, claim = NULL, next = NULL, "
	 "error = 'a backup was put back', settled_at = created_at WHERE code IS NOT NULL"),
	"DELETE FROM main.member",
	"INSERT INTO main.member SELECT * FROM past.member",
	"DELETE FROM main.policy",
	"INSERT INTO main.policy SELECT * FROM past.policy",
	/* Who got in last is known better now. */
	"INSERT OR IGNORE INTO main.last_login SELECT * FROM past.last_login",
	"DELETE FROM main.proof",
	/* A second factor of now is the device that is in use; who has none gets back the one of then. No
	 * step before any that was taken. Its recovery codes come with it, see `factors_kept`. */
	"DELETE FROM main.factor WHERE uid NOT IN (SELECT uid FROM main.user)",
	"DELETE FROM main.recovery WHERE uid NOT IN (SELECT uid FROM main.user)",
	("INSERT INTO main.recovery SELECT * FROM past.recovery "
	 "WHERE uid NOT IN (SELECT uid FROM main.factor)"),
	"INSERT OR IGNORE INTO main.factor SELECT * FROM past.factor",
	("UPDATE main.factor SET last_step = max(factor.last_step, p.last_step) FROM past.factor p "
	 "WHERE p.uid = factor.uid"),
	"DELETE FROM main.factor_grace WHERE uid NOT IN (SELECT uid FROM main.user)",
	"INSERT OR IGNORE INTO main.factor_rule SELECT * FROM past.factor_rule",
	/* What was sent is for a login that is under way, and counted on another clock. */
	"DELETE FROM main.message",
	"DELETE FROM main.message_sent",
	/* What was counted for somebody who goes, goes; bucket and names that nobody has stay. */
	("DELETE FROM main.attempt WHERE uid NOT IN (SELECT uid FROM main.user) "
	 "AND uid < " STRANGERS_FROM),
	("DELETE FROM main.lockout WHERE uid NOT IN (SELECT uid FROM main.user) "
	 "AND uid < " STRANGERS_FROM),
	"DELETE FROM main.session WHERE uid NOT IN (SELECT uid FROM main.user)",
	"DELETE FROM main.last_login WHERE uid NOT IN (SELECT uid FROM main.user)",
	/* No number that was ever given is forgotten. */
	"INSERT OR IGNORE INTO main.number SELECT * FROM past.number",
	("UPDATE main.number SET released_at = NULL, "
	 "name = (SELECT name FROM main.published WHERE published.id = number.id) "
	 "WHERE id IN (SELECT id FROM main.published)"),
};

/* A lock that holds until somebody takes it off is no lock if losing a disk does; its time
 * starts again, for it was measured on the clock of another store. */
static const char *const into_empty[] = {
	"INSERT OR IGNORE INTO main.lockout SELECT uid, :steady, at FROM past.lockout "
	"WHERE uid IN (SELECT uid FROM main.user) OR uid >= " STRANGERS_FROM,
	"DROP TRIGGER main.audit_keep",
	"DELETE FROM main.audit",
	"INSERT INTO main.audit SELECT * FROM past.audit",
	AUDIT_KEEP,
	("UPDATE main.meta SET audit_id = (SELECT audit_id FROM past.meta), "
	 "audit_mac = (SELECT audit_mac FROM past.meta)"),
};

static enum uadm_code
run_all(struct store *st, const char *const *sql, size_t count, int64_t now,
    struct uadm_err *err)
{
	enum uadm_code c = UADM_OK;

	for (size_t i = 0; i < count && c == UADM_OK; i++) {
		sqlite3_stmt *h = NULL;
		int rc = sqlite3_prepare_v2(st->db, sql[i], -1, &h, NULL);

		if (rc == SQLITE_OK && sqlite3_bind_parameter_count(h) > 0)
			rc = sqlite3_bind_int64(h, 1, now);
		if (rc == SQLITE_OK)
			rc = sqlite3_step(h);
		sqlite3_finalize(h);
		c = rc == SQLITE_DONE ? UADM_OK : store_fail(st, rc, err);
	}
	return c;
}

static enum uadm_code
release_others(struct store *st, int64_t wall, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "UPDATE main.number SET released_at = :wall WHERE released_at IS NULL "
	    "AND id NOT IN (SELECT id FROM main.published)");

	stmt_int(&q, ":wall", wall);
	return stmt_run(&q, err);
}

static enum uadm_code
references_hold(struct store *st, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "SELECT \"table\" FROM pragma_foreign_key_check "
	    "WHERE \"table\" NOT IN ('attempt', 'lockout')");
	enum uadm_code c;
	bool more;

	if ((c = stmt_row(&q, &more, err)) != UADM_OK || !more)
		return c;
	return uadm_fail(err, UADM_INVALID,
	    "the backup does not hold together: a row of %s refers to nothing",
	    stmt_col_peek(&q, 0));
}

/* Whoever was refused before stays refused: `kept` is main.user as it was. */
static const char *const still_refused[] = {
	("UPDATE main.user SET suspended_at = coalesce(user.suspended_at, m.suspended_at), "
	 "keep_sessions = m.keep_sessions AND (user.suspended_at IS NULL OR "
	 "user.keep_sessions), "
	 "suspended_by_root = m.suspended_by_root OR "
	 "(user.suspended_at IS NOT NULL AND user.suspended_by_root) FROM temp.kept m "
	 "WHERE m.uid = user.uid AND m.suspended_at IS NOT NULL"),
	("UPDATE main.user SET expires_at = m.expires_at FROM temp.kept m "
	 "WHERE m.uid = user.uid AND " ENDS_EARLIER("user")),
	("UPDATE main.user SET valid_from = m.valid_from FROM temp.kept m "
	 "WHERE m.uid = user.uid AND " BEGINS_LATER("user")),
};

/* What memberships and roles were is in temp.kept_*: nobody gets back by this what they have lost since. Numbers
 * of rights and roles are given again, so all of this goes by names. */
#define KEPT_ROLE_HAS(kept, right)                                                     \
	"EXISTS (SELECT 1 FROM temp.kept_role_right h JOIN temp.kept_right n "         \
	"ON n.id = h.\"right\" WHERE h.role = " kept " AND n.name = " right ")"
#define ROLE_OF_NOW(now) "(SELECT s.past FROM temp.same_role s WHERE s.now = " now ")"
#define OF(row)                                                                        \
	"WHERE " row ".account = membership.account AND " row ".uid = membership.uid "
static const char *const still_less[] = {
	"DROP TABLE IF EXISTS temp.same_role",
	("CREATE TEMP TABLE same_role AS SELECT k.id AS now, o.id AS past "
	 "FROM temp.kept_role k JOIN main.role o ON o.name = k.name"),
	/* A role that holds less than it did: it went down for everybody who has it. */
	("DELETE FROM main.role_right WHERE EXISTS (SELECT 1 FROM temp.same_role s "
	 "JOIN temp.kept_role k ON k.id = s.now JOIN main.\"right\" r "
	 "ON r.id = role_right.\"right\" WHERE s.past = role_right.role AND NOT k.everything "
	 "AND NOT " KEPT_ROLE_HAS("k.id", "r.name") ")"),
	/* Which role of then is nothing that who has this one of now has not. One without rights is a group all the
	 * same, which somebody may trust. */
	"DROP TABLE IF EXISTS temp.fits",
	("CREATE TEMP TABLE fits AS SELECT o.id AS past, k.id AS now FROM main.role o "
	 "JOIN temp.kept_role k WHERE o.name = k.name OR (k.everything AND (o.everything "
	 "OR EXISTS (SELECT 1 FROM main.role_right x WHERE x.role = o.id))) OR (NOT o.everything "
	 "AND EXISTS (SELECT 1 FROM main.role_right x WHERE x.role = o.id) "
	 "AND NOT EXISTS (SELECT 1 FROM main.role_right x JOIN main.\"right\" r "
	 "ON r.id = x.\"right\" WHERE x.role = o.id AND NOT " KEPT_ROLE_HAS(
	     "k.id", "r.name") "))"),
	/* Where the role of then, or the one it would fall back to, is more than that, it stays as it is now. */
	"DROP TABLE IF EXISTS temp.stays",
	("CREATE TEMP TABLE stays AS SELECT m.* FROM main.membership p "
	 "JOIN temp.kept_membership m ON m.account = p.account AND m.uid = p.uid "
	 "WHERE NOT EXISTS (SELECT 1 FROM temp.fits f WHERE f.past = p.role AND f.now = m.role) "
	 "OR (p.then_role IS NOT NULL AND NOT EXISTS (SELECT 1 FROM temp.fits f "
	 "WHERE f.past = p.then_role AND f.now IN (m.role, m.then_role)))"),
	/* ... and where there was no such role then, a resume gives back what was. */
	("UPDATE main.membership SET state = 'suspended' WHERE state IN ('active', 'pending') "
	 "AND EXISTS (SELECT 1 FROM temp.stays m " OF(
	     "m") "AND m.role NOT IN "
		  "(SELECT now FROM temp.same_role))"),
	("UPDATE main.membership SET role = " ROLE_OF_NOW(
	    "m.role") ", ends_at = m.ends_at, "
		      "then_role = " ROLE_OF_NOW("m.then_role") " FROM temp.stays m " OF(
			  "m") "AND m.role IN (SELECT now FROM temp.same_role)"),
	("UPDATE main.membership SET ends_at = m.ends_at, then_role = " ROLE_OF_NOW(
	    "m.then_role") " FROM temp.kept_membership m " OF("m") "AND m.ends_at IS NOT NULL AND (membership.ends_at IS NULL "
								   "OR membership.ends_at > m.ends_at)"),
	("UPDATE main.membership SET state = m.state FROM temp.kept_membership m " OF(
	    "m") "AND ((m.state IN ('suspended', 'ended') AND membership.state <> 'ended') "
		 "OR (m.state = 'pending' AND membership.state = 'active'))"),
	("DELETE FROM main.membership_right WHERE allowed = 1 AND EXISTS "
	 "(SELECT 1 FROM temp.kept_membership m WHERE m.account = membership_right.account "
	 "AND m.uid = membership_right.uid) AND NOT EXISTS (SELECT 1 FROM temp.kept_membership_right k "
	 "JOIN temp.kept_right n ON n.id = k.\"right\" JOIN main.\"right\" r ON r.name = n.name "
	 "WHERE k.account = membership_right.account AND k.uid = membership_right.uid "
	 "AND r.id = membership_right.\"right\" AND k.allowed = 1)"),
	("INSERT OR REPLACE INTO main.membership_right SELECT k.account, k.uid, r.id, 0 "
	 "FROM temp.kept_membership_right k JOIN temp.kept_right n ON n.id = k.\"right\" "
	 "JOIN main.\"right\" r ON r.name = n.name "
	 "JOIN main.membership m ON m.account = k.account AND m.uid = k.uid "
	 "WHERE k.allowed = 0"),
	("UPDATE main.account SET suspended_at = coalesce(account.suspended_at, m.suspended_at) "
	 "FROM temp.kept_account m WHERE m.gid = account.gid AND m.suspended_at IS NOT NULL"),
};

/* Who was taken out of an account since: a resume gives it back. */
static const char *const gone_is_out[] = {
	("UPDATE main.membership SET state = 'suspended' WHERE state IN ('active', 'pending') "
	 "AND NOT EXISTS (SELECT 1 FROM temp.kept_membership m "
	 "WHERE m.account = membership.account AND m.uid = membership.uid)"),
	("UPDATE main.account SET suspended_at = coalesce(suspended_at, ?) "
	 "WHERE gid NOT IN (SELECT gid FROM temp.kept_account)"),
};

static const char *const keep[] = {
	"DROP TABLE IF EXISTS temp.kept",
	("CREATE TEMP TABLE kept AS SELECT uid, suspended_at, keep_sessions, suspended_by_root, valid_from, "
	 "expires_at FROM main.user"),
#define KEEP(table)                                                                    \
	"DROP TABLE IF EXISTS temp.kept_" table,                                       \
	    "CREATE TEMP TABLE kept_" table " AS SELECT * FROM main.\"" table "\""
	KEEP("factor"),
	KEEP("right"),
	KEEP("role"),
	KEEP("role_right"),
	KEEP("account"),
	KEEP("membership"),
	KEEP("membership_right"),
#undef KEEP
	"CREATE INDEX temp.kept_member ON kept_membership(account, uid)",
	"CREATE INDEX temp.kept_member_right ON kept_membership_right(account, uid)",
};

/* A user who was deleted since had no way in, however that came: a resume gives it back. */
static const char *const gone_is_suspended[] = {
	("UPDATE main.user SET suspended_at = coalesce(suspended_at, ?), "
	 "keep_sessions = 0, suspended_by_root = 1 WHERE uid NOT IN (SELECT uid FROM temp.kept)"),
};

/* Where nobody knows which codes were used since: none is taken from before this moment, and recovery codes
 * that come back are used up, unless the store that knew of their use is lost. */
static const char *const factors_kept[] = {
	("UPDATE main.factor SET last_step = max(last_step, ? / 30 + 1) "
	 "WHERE uid NOT IN (SELECT uid FROM temp.kept_factor)"),
};
static const char *const recovery_used[] = {
	("UPDATE main.recovery SET used_at = coalesce(used_at, ?) "
	 "WHERE uid NOT IN (SELECT uid FROM temp.kept_factor)"),
};

enum uadm_code
past_take(struct store *st, enum past_fit fit, int64_t steady, int64_t wall,
    struct uadm_err *err)
{
	enum uadm_code c;

	if ((c = run_all(st, keep, ARRAY_LEN(keep), 0, err)) != UADM_OK ||
	    (c = run_all(st, put_back, ARRAY_LEN(put_back), steady, err)) != UADM_OK ||
	    (c = run_all(st, still_refused, ARRAY_LEN(still_refused), 0, err)) !=
		UADM_OK ||
	    (c = run_all(st, factors_kept, ARRAY_LEN(factors_kept), wall, err)) !=
		UADM_OK ||
	    (fit == PAST_OURS &&
		((c = run_all(st, recovery_used, ARRAY_LEN(recovery_used), wall,
		      err)) != UADM_OK ||
		    (c = run_all(st, gone_is_suspended, ARRAY_LEN(gone_is_suspended),
			 wall, err)) != UADM_OK ||
		    (c = run_all(st, still_less, ARRAY_LEN(still_less), wall, err)) !=
			UADM_OK ||
		    (c = run_all(st, gone_is_out, ARRAY_LEN(gone_is_out), wall, err)) !=
			UADM_OK)) ||
	    (c = release_others(st, wall, err)) != UADM_OK ||
	    (fit == PAST_INTO_EMPTY &&
		(c = run_all(st, into_empty, ARRAY_LEN(into_empty), steady, err)) !=
		    UADM_OK))
		return c;
	return references_hold(st, err);
}
