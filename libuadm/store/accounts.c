/*
 * Threat: a group that sudoers trusts and that shows somebody who was revoked. So the rows of
 * `member` for the groups of accounts are made by triggers alone (schema_steps.c), and
 * accounts_check() compares them with what they are made from.
 */
#include "libuadm/store/accounts.h"

#include "libuadm/store/private.h"

#include <string.h>

#define SELECT_ACCOUNT(members)                                                        \
	"SELECT a.gid, g.name, g.description, g.created_at, a.default_role, o.name, "  \
	"a.require_acceptance, a.suspended_at, " members                               \
	" FROM account a JOIN \"group\" g ON g.gid = a.gid "                           \
	"JOIN role o ON o.id = a.default_role "
#define COUNTED                                                                        \
	"(SELECT count(*) FROM membership m WHERE m.account = a.gid "                  \
	"AND m.state <> 'ended')"
/* Thousands are put into an account one after the other, and each looks it up. */
#define NOT_COUNTED "0"

static void
read_account(const struct stmt *q, struct account *a)
{
	memset(a, 0, sizeof(*a));
	a->gid = (gid_t)stmt_col_int(q, 0);
	stmt_col_text(q, 1, a->name, sizeof(a->name));
	stmt_col_text(q, 2, a->description, sizeof(a->description));
	a->created_at = stmt_col_int(q, 3);
	a->default_role = stmt_col_int(q, 4);
	stmt_col_text(q, 5, a->default_role_name, sizeof(a->default_role_name));
	a->require_acceptance = stmt_col_int(q, 6) != 0;
	a->suspended_at = stmt_col_int(q, 7);
}

enum uadm_code
accounts_get(
    struct store *st, const char *name, struct account *a, struct uadm_err *err)
{
	STMT q = stmt_make(st, SELECT_ACCOUNT(NOT_COUNTED) "WHERE g.name = :name");
	enum uadm_code c;

	stmt_text(&q, ":name", name);
	if ((c = stmt_one(&q, err)) == UADM_OK)
		read_account(&q, a);
	return c;
}

enum uadm_code
accounts_get_gid(struct store *st, gid_t gid, struct account *a, struct uadm_err *err)
{
	STMT q = stmt_make(st, SELECT_ACCOUNT(NOT_COUNTED) "WHERE a.gid = :gid");
	enum uadm_code c;

	stmt_int(&q, ":gid", gid);
	if ((c = stmt_one(&q, err)) == UADM_OK)
		read_account(&q, a);
	return c;
}

enum uadm_code
accounts_count_members(struct store *st, gid_t gid, int64_t *n, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "SELECT count(*) FROM membership m WHERE m.account = :gid "
	    "AND m.state <> 'ended'");
	enum uadm_code c;

	stmt_int(&q, ":gid", gid);
	if ((c = stmt_one(&q, err)) == UADM_OK)
		*n = stmt_col_int(&q, 0);
	return c;
}

enum uadm_code
accounts_each(struct store *st,
    enum uadm_code (*found)(void *, const struct account *, struct uadm_err *),
    void *arg, struct uadm_err *err)
{
	STMT q = stmt_make(st, SELECT_ACCOUNT(COUNTED) "ORDER BY g.name");
	struct account a;
	enum uadm_code c;
	bool more;

	while ((c = stmt_row(&q, &more, err)) == UADM_OK && more) {
		read_account(&q, &a);
		if ((c = found(arg, &a, err)) != UADM_OK)
			return c;
	}
	return c;
}

enum uadm_code
accounts_one_has(struct store *st, const char *names, uid_t uid, int64_t now, bool *has,
    struct uadm_err *err)
{
	/* Names have no comma. */
	STMT q = stmt_make(st,
	    "SELECT 1 FROM membership m JOIN account a ON a.gid = m.account "
	    "JOIN \"group\" g ON g.gid = m.account WHERE m.uid = :uid AND m.state = 'active' "
	    "AND (m.ends_at IS NULL OR m.then_role IS NOT NULL OR m.ends_at > :now) "
	    "AND a.suspended_at IS NULL "
	    "AND instr(',' || :names || ',', ',' || g.name || ',') > 0 LIMIT 1");

	stmt_int(&q, ":uid", uid);
	stmt_int(&q, ":now", now);
	stmt_text(&q, ":names", names);
	return stmt_row(&q, has, err);
}

enum uadm_code
accounts_add_group(
    struct store *st, const struct account_group *g, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "INSERT INTO \"group\" (gid, name, created_at, account, role) "
	    "VALUES (:gid, :name, :created_at, :account, :role)");

	stmt_int(&q, ":gid", g->gid);
	stmt_text(&q, ":name", g->name);
	stmt_int(&q, ":created_at", g->created_at);
	stmt_int(&q, ":account", g->account);
	stmt_time(&q, ":role", g->role);
	return stmt_run(&q, err);
}

enum uadm_code
accounts_insert(struct store *st, const struct account *a, struct uadm_err *err)
{
	struct account_group g = {
		.gid = a->gid, .account = a->gid, .created_at = a->created_at
	};
	STMT q = stmt_make(st,
	    "INSERT INTO account (gid, default_role, require_acceptance) "
	    "VALUES (:gid, :role, :accept)");
	enum uadm_code c;

	memcpy(g.name, a->name, sizeof(g.name));
	if ((c = accounts_add_group(st, &g, err)) != UADM_OK)
		return c;
	stmt_int(&q, ":gid", a->gid);
	stmt_int(&q, ":role", a->default_role);
	stmt_int(&q, ":accept", a->require_acceptance);
	if ((c = stmt_run(&q, err)) != UADM_OK)
		return c;
	return accounts_update(st, a, err);
}

enum uadm_code
accounts_update(struct store *st, const struct account *a, struct uadm_err *err)
{
	STMT text = stmt_make(
	    st, "UPDATE \"group\" SET description = :description WHERE gid = :gid");
	STMT q = stmt_make(st,
	    "UPDATE account SET default_role = :role, require_acceptance = :accept, "
	    "suspended_at = :suspended WHERE gid = :gid");
	enum uadm_code c;

	stmt_int(&text, ":gid", a->gid);
	stmt_text(&text, ":description", a->description);
	if ((c = stmt_run(&text, err)) != UADM_OK)
		return c;
	stmt_int(&q, ":gid", a->gid);
	stmt_int(&q, ":role", a->default_role);
	stmt_int(&q, ":accept", a->require_acceptance);
	stmt_time(&q, ":suspended", a->suspended_at);
	return stmt_run(&q, err);
}

enum uadm_code
accounts_delete(struct store *st, gid_t gid, struct uadm_err *err)
{
	STMT groups =
	    stmt_make(st, "DELETE FROM \"group\" WHERE account = :gid AND gid <> :gid");
	STMT q = stmt_make(st, "DELETE FROM \"group\" WHERE gid = :gid");
	enum uadm_code c;

	stmt_int(&groups, ":gid", gid);
	stmt_int(&q, ":gid", gid);
	return (c = stmt_run(&groups, err)) == UADM_OK ? stmt_run(&q, err) : c;
}

enum uadm_code
accounts_delete_group(struct store *st, gid_t gid, struct uadm_err *err)
{
	STMT q = stmt_make(
	    st, "DELETE FROM \"group\" WHERE gid = :gid AND role IS NOT NULL");

	stmt_int(&q, ":gid", gid);
	return stmt_run(&q, err);
}

enum uadm_code
accounts_each_group(struct store *st, gid_t account, int64_t role,
    enum uadm_code (*found)(void *, const struct account_group *, struct uadm_err *),
    void *arg, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    account != 0 ? "SELECT gid, account, role, name, created_at FROM \"group\" "
			   "WHERE account = :account AND (:role = 0 OR role = :role)"
			 : "SELECT gid, account, role, name, created_at FROM \"group\" "
			   "WHERE account IS NOT NULL AND (:role = 0 OR role = :role)");
	struct account_group g = { 0 };
	enum uadm_code c;
	bool more;

	if (account != 0)
		stmt_int(&q, ":account", account);
	stmt_int(&q, ":role", role);
	while ((c = stmt_row(&q, &more, err)) == UADM_OK && more) {
		g.gid = (gid_t)stmt_col_int(&q, 0);
		g.account = (gid_t)stmt_col_int(&q, 1);
		g.role = stmt_col_int(&q, 2);
		stmt_col_text(&q, 3, g.name, sizeof(g.name));
		g.created_at = stmt_col_int(&q, 4);
		if ((c = found(arg, &g, err)) != UADM_OK)
			return c;
	}
	return c;
}

enum uadm_code
accounts_each_domain(struct store *st, gid_t account,
    enum uadm_code (*found)(void *, const char *, struct uadm_err *), void *arg,
    struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "SELECT domain FROM account_domain WHERE account = :account ORDER BY domain");
	enum uadm_code c;
	bool more;

	stmt_int(&q, ":account", account);
	while ((c = stmt_row(&q, &more, err)) == UADM_OK && more)
		if ((c = found(arg, stmt_col_peek(&q, 0), err)) != UADM_OK)
			return c;
	return c;
}

enum uadm_code
accounts_add_domain(
    struct store *st, gid_t account, const char *domain, struct uadm_err *err)
{
	STMT is = stmt_make(st,
	    "SELECT g.name FROM account_domain d JOIN \"group\" g ON g.gid = d.account "
	    "WHERE d.domain = :domain");
	STMT q = stmt_make(st, "INSERT INTO account_domain VALUES (:domain, :account)");
	enum uadm_code c;
	bool more;

	stmt_text(&is, ":domain", domain);
	if ((c = stmt_row(&is, &more, err)) != UADM_OK)
		return c;
	if (more)
		return uadm_fail(err, UADM_EXISTS,
		    "the domain %s belongs to the account \"%s\"", domain,
		    stmt_col_peek(&is, 0));
	stmt_text(&q, ":domain", domain);
	stmt_int(&q, ":account", account);
	return stmt_run(&q, err);
}

enum uadm_code
accounts_domain_owner(
    struct store *st, const char *domain, gid_t *gid, struct uadm_err *err)
{
	STMT q =
	    stmt_make(st, "SELECT account FROM account_domain WHERE domain = :domain");
	enum uadm_code c;
	bool more;

	stmt_text(&q, ":domain", domain);
	c = stmt_row(&q, &more, err);
	*gid = c == UADM_OK && more ? (gid_t)stmt_col_int(&q, 0) : 0;
	return c;
}

enum uadm_code
accounts_has_domains(struct store *st, gid_t account, bool *has, struct uadm_err *err)
{
	STMT q = stmt_make(
	    st, "SELECT 1 FROM account_domain WHERE account = :account LIMIT 1");

	stmt_int(&q, ":account", account);
	return stmt_row(&q, has, err);
}

enum uadm_code
accounts_drop_domains(struct store *st, gid_t account, struct uadm_err *err)
{
	STMT q = stmt_make(st, "DELETE FROM account_domain WHERE account = :account");

	stmt_int(&q, ":account", account);
	return stmt_run(&q, err);
}

enum uadm_code
accounts_principals(struct store *st, gid_t gid, int64_t *n, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "SELECT count(*) FROM membership WHERE account = :account AND principal = 1");
	enum uadm_code c;

	stmt_int(&q, ":account", gid);
	if ((c = stmt_one(&q, err)) == UADM_OK)
		*n = stmt_col_int(&q, 0);
	return c;
}

enum uadm_code
accounts_able(struct store *st, gid_t gid, int64_t now, int64_t most, int64_t *n,
    struct uadm_err *err)
{
	/* 1 is SCOPE_ADMIN. Whoever lacks it is passed over at the first look. */
	STMT q = stmt_make(st,
	    "SELECT count(*) FROM (SELECT 1 FROM membership m JOIN role o ON o.id = m.role "
	    "JOIN user u ON u.uid = m.uid JOIN membership pm ON pm.uid = m.uid AND pm.principal = 1 "
	    "JOIN account pa ON pa.gid = pm.account "
	    "WHERE m.account = :account AND m.ends_at IS NULL "
	    "AND NOT EXISTS (SELECT 1 FROM \"right\" r WHERE (r.id = 1 OR r.scope = 1) "
	    "AND NOT coalesce((SELECT x.allowed FROM membership_right x WHERE "
	    "x.account = m.account AND x.uid = m.uid AND x.\"right\" = r.id), "
	    "o.everything OR EXISTS (SELECT 1 FROM role_right h WHERE h.role = o.id "
	    "AND h.\"right\" = r.id))) "
	    "AND u.suspended_at IS NULL AND u.expires_at IS NULL "
	    "AND coalesce(u.valid_from, 0) <= :now "
	    "AND ((m.state = 'active' AND pm.state = 'active' "
	    "AND EXISTS (SELECT 1 FROM password p WHERE p.uid = m.uid)) "
	    "OR (m.state IN ('active', 'pending') AND pm.state IN ('active', 'pending') "
	    "AND EXISTS (SELECT 1 FROM invitation i WHERE i.uid = m.uid "
	    "AND i.account IN (m.account, 0)))) AND (pm.ends_at IS NULL OR pm.then_role IS NOT NULL) "
	    "AND (pa.gid = m.account OR pa.suspended_at IS NULL) LIMIT :most)");
	enum uadm_code c;

	stmt_int(&q, ":account", gid);
	stmt_int(&q, ":most", most);
	stmt_int(&q, ":now", now);
	if ((c = stmt_one(&q, err)) == UADM_OK)
		*n = stmt_col_int(&q, 0);
	return c;
}

enum uadm_code
accounts_each_of(struct store *st, uid_t uid, int64_t role,
    enum uadm_code (*found)(void *, gid_t, struct uadm_err *), void *arg,
    struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    uid != 0 ? "SELECT account FROM membership WHERE uid = :uid"
		: role != 0
		? "SELECT DISTINCT account FROM membership WHERE role = :role"
		: "SELECT gid FROM account");
	enum uadm_code c;
	bool more;

	if (uid != 0)
		stmt_int(&q, ":uid", uid);
	else if (role != 0)
		stmt_int(&q, ":role", role);
	while ((c = stmt_row(&q, &more, err)) == UADM_OK && more)
		if ((c = found(arg, (gid_t)stmt_col_int(&q, 0), err)) != UADM_OK)
			return c;
	return c;
}

enum uadm_code
accounts_check(struct store *st, void (*found)(void *, const char *), void *arg,
    struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "SELECT 'the group ' || g.name || ' shows the user ' || u.name || "
	    "', who is not to be seen in it' FROM member m JOIN \"group\" g ON g.gid = m.gid "
	    "JOIN user u ON u.uid = m.uid WHERE g.account IS NOT NULL "
	    "AND NOT EXISTS (SELECT 1 FROM account_pair p WHERE p.account = g.account "
	    "AND p.gid = m.gid AND p.uid = m.uid) "
	    "UNION ALL SELECT 'the group ' || g.name || ' does not show the user ' || u.name "
	    "FROM account_pair p JOIN \"group\" g ON g.gid = p.gid JOIN user u ON u.uid = p.uid "
	    "WHERE NOT EXISTS (SELECT 1 FROM member m WHERE m.gid = p.gid AND m.uid = p.uid) "
	    "UNION ALL SELECT 'the user ' || u.name || ' has memberships and no principal one' "
	    "FROM user u WHERE u.uid IN (SELECT uid FROM membership) AND u.uid NOT IN "
	    "(SELECT uid FROM membership WHERE principal = 1)");
	STMT groups = stmt_make(st,
	    "SELECT 'the account ' || g.name || ' has no group for the role ' || o.name "
	    "FROM account a JOIN \"group\" g ON g.gid = a.gid JOIN role o WHERE NOT EXISTS "
	    "(SELECT 1 FROM \"group\" x WHERE x.account = a.gid AND x.role = o.id)");
	enum uadm_code c;
	bool more;

	while ((c = stmt_row(&q, &more, err)) == UADM_OK && more)
		found(arg, stmt_col_peek(&q, 0));
	while (c == UADM_OK && (c = stmt_row(&groups, &more, err)) == UADM_OK && more)
		found(arg, stmt_col_peek(&groups, 0));
	return c;
}
