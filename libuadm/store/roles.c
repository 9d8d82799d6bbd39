#include "libuadm/store/roles.h"

#include "libuadm/store/private.h"

#include <string.h>

#define SELECT_ROLE(members)                                                                  \
	"SELECT o.id, o.name, o.description, o.everything, o.shipped, o.created_at, " members \
	" FROM role o "
#define COUNTED                                                                        \
	"(SELECT count(*) FROM membership m WHERE m.role = o.id "                      \
	"AND m.state <> 'ended')"
/* Thousands are given a role one after the other, and each looks it up. */
#define NOT_COUNTED "0"

static enum uadm_code
read_role(struct store *st, const struct stmt *q, struct role *r, struct uadm_err *err)
{
	memset(r, 0, sizeof(*r));
	r->id = stmt_col_int(q, 0);
	stmt_col_text(q, 1, r->name, sizeof(r->name));
	stmt_col_text(q, 2, r->description, sizeof(r->description));
	r->everything = stmt_col_int(q, 3) != 0;
	r->shipped = stmt_col_int(q, 4) != 0;
	r->created_at = stmt_col_int(q, 5);
	return roles_rights(st, r->id, &r->rights, err);
}

enum uadm_code
roles_get(struct store *st, const char *name, struct role *r, struct uadm_err *err)
{
	STMT q = stmt_make(st, SELECT_ROLE(NOT_COUNTED) "WHERE o.name = :name");
	enum uadm_code c;

	stmt_text(&q, ":name", name);
	return (c = stmt_one(&q, err)) == UADM_OK ? read_role(st, &q, r, err) : c;
}

enum uadm_code
roles_get_id(struct store *st, int64_t id, struct role *r, struct uadm_err *err)
{
	STMT q = stmt_make(st, SELECT_ROLE(NOT_COUNTED) "WHERE o.id = :id");
	enum uadm_code c;

	stmt_int(&q, ":id", id);
	return (c = stmt_one(&q, err)) == UADM_OK ? read_role(st, &q, r, err) : c;
}

enum uadm_code
roles_count_members(struct store *st, int64_t id, int64_t *n, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "SELECT count(*) FROM membership m WHERE m.role = :id "
	    "AND m.state <> 'ended'");
	enum uadm_code c;

	stmt_int(&q, ":id", id);
	if ((c = stmt_one(&q, err)) == UADM_OK)
		*n = stmt_col_int(&q, 0);
	return c;
}

enum uadm_code
roles_rights(struct store *st, int64_t id, struct rights *rights, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "SELECT \"right\" FROM role_right WHERE role = :role UNION ALL "
	    "SELECT r.id FROM role o JOIN \"right\" r WHERE o.id = :role AND o.everything");
	enum uadm_code c;
	bool more;

	memset(rights, 0, sizeof(*rights));
	stmt_int(&q, ":role", id);
	while ((c = stmt_row(&q, &more, err)) == UADM_OK && more) {
		int64_t right = stmt_col_int(&q, 0);

		if (right > 0 && right <= RIGHTS_MOST)
			rights->bits[right / 64] |= UINT64_C(1) << (right % 64);
	}
	return c;
}

enum uadm_code
roles_each(struct store *st,
    enum uadm_code (*found)(void *, const struct role *, struct uadm_err *), void *arg,
    struct uadm_err *err)
{
	STMT q = stmt_make(st, SELECT_ROLE(COUNTED) "ORDER BY o.name");
	struct role r;
	enum uadm_code c;
	bool more;

	while ((c = stmt_row(&q, &more, err)) == UADM_OK && more)
		if ((c = read_role(st, &q, &r, err)) != UADM_OK ||
		    (c = found(arg, &r, err)) != UADM_OK)
			return c;
	return c;
}

enum uadm_code
roles_each_right(struct store *st, int64_t id,
    enum uadm_code (*found)(void *, const char *, struct uadm_err *), void *arg,
    struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "SELECT r.name FROM role_right x JOIN \"right\" r ON r.id = x.\"right\" "
	    "LEFT JOIN \"right\" s ON s.id = r.scope WHERE x.role = :role "
	    "ORDER BY coalesce(s.name, r.name), r.scope IS NOT NULL, r.name");
	enum uadm_code c;
	bool more;

	stmt_int(&q, ":role", id);
	while ((c = stmt_row(&q, &more, err)) == UADM_OK && more)
		if ((c = found(arg, stmt_col_peek(&q, 0), err)) != UADM_OK)
			return c;
	return c;
}

enum uadm_code
roles_insert(struct store *st, struct role *r, struct uadm_err *err)
{
	STMT next = stmt_make(st, "SELECT coalesce(max(id), 0) + 1 FROM role");
	STMT q = stmt_make(st,
	    "INSERT INTO role (id, name, description, everything, created_at) "
	    "VALUES (:id, :name, :description, 0, :created_at)");
	enum uadm_code c = stmt_one(&next, err);

	if (c != UADM_OK)
		return c;
	r->id = stmt_col_int(&next, 0);
	stmt_int(&q, ":id", r->id);
	stmt_text(&q, ":name", r->name);
	stmt_text(&q, ":description", r->description);
	stmt_int(&q, ":created_at", r->created_at);
	return stmt_run(&q, err);
}

enum uadm_code
roles_delete(struct store *st, int64_t id, struct uadm_err *err)
{
	STMT q = stmt_make(st, "DELETE FROM role WHERE id = :id");

	stmt_int(&q, ":id", id);
	return stmt_run(&q, err);
}

enum uadm_code
roles_set_right(struct store *st, int64_t role, int64_t right, bool held, bool *changed,
    struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    held ? "INSERT INTO role_right (role, \"right\") VALUES (:role, :right) "
		   "ON CONFLICT DO NOTHING"
		 : "DELETE FROM role_right WHERE role = :role AND \"right\" = :right");
	enum uadm_code c;

	stmt_int(&q, ":role", role);
	stmt_int(&q, ":right", right);
	c = stmt_run(&q, err);
	*changed = c == UADM_OK && store_changes(st) > 0;
	return c;
}

enum uadm_code
roles_uses(struct store *st, int64_t id, int64_t *memberships, int64_t *accounts,
    struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "SELECT count(*), (SELECT count(*) FROM account WHERE default_role = :role) "
	    "FROM membership WHERE (role = :role OR then_role = :role) AND state <> 'ended'");
	enum uadm_code c;

	stmt_int(&q, ":role", id);
	if ((c = stmt_one(&q, err)) != UADM_OK)
		return c;
	*memberships = stmt_col_int(&q, 0);
	*accounts = stmt_col_int(&q, 1);
	return c;
}

enum uadm_code
roles_describe(
    struct store *st, int64_t id, const char *description, struct uadm_err *err)
{
	STMT q =
	    stmt_make(st, "UPDATE role SET description = :description WHERE id = :id");

	stmt_text(&q, ":description", description);
	stmt_int(&q, ":id", id);
	return stmt_run(&q, err);
}

enum uadm_code
roles_forget_ended(struct store *st, int64_t id, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "UPDATE membership SET then_role = nullif(then_role, :role), role = CASE role "
	    "WHEN :role THEN (SELECT id FROM role WHERE shipped AND name = 'viewer') "
	    "ELSE role END "
	    "WHERE (role = :role OR then_role = :role) AND state = 'ended'");

	stmt_int(&q, ":role", id);
	return stmt_run(&q, err);
}
