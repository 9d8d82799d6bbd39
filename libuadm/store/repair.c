#include "libuadm/store/repair.h"

#include "libuadm/store/private.h"

#define NOBODYS_BUT(table, but)                                                        \
	{                                                                              \
		"rows of " #table " that belong to nobody are removed",                \
		    "DELETE FROM " #table                                              \
		    " WHERE uid NOT IN (SELECT uid FROM user)" but                     \
	}
#define NOBODYS(table) NOBODYS_BUT(table, "")

/* In this order: numbers before the names that refer to them. */
static const struct {
	const char *what, *sql;
} repairs[] = {
	NOBODYS(password),
	NOBODYS(old_password),
	NOBODYS_BUT(attempt, " AND uid < " STRANGERS_FROM),
	NOBODYS_BUT(lockout, " AND uid < " STRANGERS_FROM),
	NOBODYS(proof),
	NOBODYS(session),
	NOBODYS(last_login),
	NOBODYS(tag),
	{ "contacts of users that are not there are taken off",
	    "UPDATE user SET contact = NULL WHERE contact IS NOT NULL "
	    "AND contact NOT IN (SELECT id FROM contact)" },
	{ "decisions of reviews that are not there are removed",
	    "DELETE FROM review_item WHERE review NOT IN (SELECT id FROM review)" },
	NOBODYS_BUT(membership, " OR account NOT IN (SELECT gid FROM account)"),
	{ "rights beside no membership are removed",
	    "DELETE FROM membership_right WHERE NOT EXISTS (SELECT 1 FROM membership m "
	    "WHERE m.account = membership_right.account AND m.uid = membership_right.uid)" },
	{ "the policy of no account, or of no role, is removed",
	    "DELETE FROM policy WHERE account <> 0 AND (account NOT IN (SELECT gid FROM account) "
	    "OR (role <> 0 AND role NOT IN (SELECT id FROM role)))" },
	{ "the oldest membership of who has no principal one becomes that",
	    "UPDATE membership SET principal = 1 WHERE uid NOT IN "
	    "(SELECT uid FROM membership WHERE principal = 1) AND account = "
	    "(SELECT account FROM membership o WHERE o.uid = membership.uid "
	    "ORDER BY o.since, o.account LIMIT 1)" },
	{ "who is not to be seen in the group of an account is taken out",
	    "DELETE FROM member WHERE gid IN (SELECT gid FROM \"group\" "
	    "WHERE account IS NOT NULL) AND NOT EXISTS (SELECT 1 FROM \"group\" g "
	    "JOIN account_pair p ON p.account = g.account AND p.gid = g.gid "
	    "WHERE g.gid = member.gid AND p.uid = member.uid)" },
	{ "who is to be seen in the group of an account is put in",
	    "INSERT INTO member (gid, uid) SELECT gid, uid FROM account_pair "
	    "WHERE true ON CONFLICT DO NOTHING" },
	{ "memberships of nobody, or in no group, are removed",
	    "DELETE FROM member WHERE uid NOT IN (SELECT uid FROM user) "
	    "OR gid NOT IN (SELECT gid FROM \"group\")" },
	{ "numbers of users are written down again",
	    "INSERT OR IGNORE INTO number (id, kind, name, given_at) "
	    "SELECT uid, 'user', name, created_at FROM user" },
	{ "numbers of groups are written down again",
	    "INSERT OR IGNORE INTO number (id, kind, name, given_at) "
	    "SELECT gid, 'group', name, created_at FROM \"group\"" },
	{ "numbers in use are no longer called free",
	    "UPDATE number SET released_at = NULL WHERE released_at IS NOT NULL AND id IN "
	    "(SELECT uid FROM user UNION ALL SELECT gid FROM \"group\")" },
	{ "names of nobody are removed",
	    "DELETE FROM published WHERE NOT EXISTS (SELECT 1 FROM user WHERE uid = id AND "
	    "user.name = published.name AND published.kind = 'user') AND NOT EXISTS "
	    "(SELECT 1 FROM \"group\" WHERE gid = id AND \"group\".name = published.name "
	    "AND published.kind = 'group')" },
	{ "names of users are published again",
	    "INSERT INTO published (name, kind, id) SELECT name, 'user', uid FROM user "
	    "WHERE uid NOT IN (SELECT id FROM published)" },
	{ "names of groups are published again",
	    "INSERT INTO published (name, kind, id) SELECT name, 'group', gid "
	    "FROM \"group\" WHERE gid NOT IN (SELECT id FROM published)" },
};

/* SQLite counts no rows for it: its own check says whether it was needed. */
static enum uadm_code
repair_indexes(struct store *st, void (*done)(void *, const char *, int64_t), void *arg,
    struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "SELECT count(*) FROM pragma_integrity_check "
	    "WHERE integrity_check LIKE '%index%'");
	STMT again = stmt_make(st, "REINDEX");
	enum uadm_code c = stmt_one(&q, err);
	int64_t broken = 0;

	if (c == UADM_OK)
		broken = stmt_col_int(&q, 0);
	stmt_done(&q);
	if (c != UADM_OK || broken == 0)
		return c;
	if ((c = stmt_run(&again, err)) == UADM_OK)
		done(arg, "indexes are made again", broken);
	return c;
}

enum uadm_code
store_repair(struct store *st, void (*done)(void *, const char *, int64_t), void *arg,
    struct uadm_err *err)
{
	enum uadm_code c = repair_indexes(st, done, arg, err);

	for (size_t i = 0; i < ARRAY_LEN(repairs) && c == UADM_OK; i++) {
		STMT q = stmt_make(st, repairs[i].sql);

		if ((c = stmt_run(&q, err)) == UADM_OK && store_changes(st) > 0)
			done(arg, repairs[i].what, store_changes(st));
	}
	return c;
}

enum uadm_code
store_check_ranges(struct store *st, int64_t uid_min, int64_t uid_max, int64_t gid_min,
    int64_t gid_max, void (*found)(void *, const char *), void *arg,
    struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "SELECT 'the uid ' || uid || ' of ' || name || ' is outside of ' || :umin || '..' "
	    "|| :umax FROM user WHERE uid NOT BETWEEN :umin AND :umax UNION ALL "
	    "SELECT 'the gid ' || gid || ' of ' || name || ' is outside of ' || :gmin || '..' "
	    "|| :gmax FROM \"group\" WHERE gid NOT BETWEEN :gmin AND :gmax");
	enum uadm_code c;
	bool more;

	stmt_int(&q, ":umin", uid_min);
	stmt_int(&q, ":umax", uid_max);
	stmt_int(&q, ":gmin", gid_min);
	stmt_int(&q, ":gmax", gid_max);
	while ((c = stmt_row(&q, &more, err)) == UADM_OK && more)
		found(arg, stmt_col_peek(&q, 0));
	return c;
}
