#include "libuadm/store/rights.h"

#include "libuadm/store/private.h"

#include <string.h>

#define SELECT_RIGHT                                                                    \
	"SELECT r.id, r.scope, r.name, coalesce(s.name, ''), r.description, r.shipped " \
	"FROM \"right\" r LEFT JOIN \"right\" s ON s.id = r.scope "

static void
read_right(const struct stmt *q, struct right *r)
{
	memset(r, 0, sizeof(*r));
	r->id = stmt_col_int(q, 0);
	r->scope = stmt_col_int(q, 1);
	stmt_col_text(q, 2, r->name, sizeof(r->name));
	stmt_col_text(q, 3, r->scope_name, sizeof(r->scope_name));
	stmt_col_text(q, 4, r->description, sizeof(r->description));
	r->shipped = stmt_col_int(q, 5) != 0;
}

enum uadm_code
rights_catalogue(struct store *st, struct catalogue *cat, struct uadm_err *err)
{
	STMT q = stmt_make(st, "SELECT id, coalesce(scope, id) FROM \"right\"");
	enum uadm_code c;
	bool more;

	memset(cat, 0, sizeof(*cat));
	while ((c = stmt_row(&q, &more, err)) == UADM_OK && more) {
		int64_t id = stmt_col_int(&q, 0), scope = stmt_col_int(&q, 1);

		if (id <= 0 || id > RIGHTS_MOST || scope <= 0 || scope > RIGHTS_MOST)
			continue;
		cat->all.bits[id / 64] |= UINT64_C(1) << (id % 64);
		cat->scope[id] = (uint16_t)scope;
	}
	return c;
}

enum uadm_code
rights_get(struct store *st, const char *name, struct right *r, struct uadm_err *err)
{
	STMT q = stmt_make(st, SELECT_RIGHT "WHERE r.name = :name");
	enum uadm_code c;

	stmt_text(&q, ":name", name);
	if ((c = stmt_one(&q, err)) == UADM_OK)
		read_right(&q, r);
	return c;
}

enum uadm_code
rights_each(struct store *st,
    enum uadm_code (*found)(void *, const struct right *, struct uadm_err *), void *arg,
    struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    SELECT_RIGHT
	    "ORDER BY coalesce(s.name, r.name), r.scope IS NOT NULL, r.name");
	struct right r;
	enum uadm_code c;
	bool more;

	while ((c = stmt_row(&q, &more, err)) == UADM_OK && more) {
		read_right(&q, &r);
		if ((c = found(arg, &r, err)) != UADM_OK)
			return c;
	}
	return c;
}

/* The number of one that is gone may be another's now: nothing refers to it any more. */
static enum uadm_code
free_number(struct store *st, int64_t *id, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "SELECT min(n) FROM (SELECT 1 AS n UNION ALL SELECT id + 1 FROM \"right\") "
	    "WHERE n NOT IN (SELECT id FROM \"right\")");
	enum uadm_code c = stmt_one(&q, err);

	if (c != UADM_OK)
		return c;
	*id = stmt_col_int(&q, 0);
	return *id <= RIGHTS_MOST
	    ? UADM_OK
	    : uadm_fail(err, UADM_UNAVAILABLE,
		  "there are %d rights already, which is all there can be",
		  RIGHTS_MOST);
}

enum uadm_code
rights_insert(struct store *st, struct right *r, struct uadm_err *err)
{
	enum uadm_code c = free_number(st, &r->id, err);

	if (c != UADM_OK)
		return c;
	STMT q = stmt_make(st,
	    "INSERT INTO \"right\" (id, name, scope, description) "
	    "VALUES (:id, :name, :scope, :description)");
	stmt_int(&q, ":id", r->id);
	stmt_text(&q, ":name", r->name);
	stmt_time(&q, ":scope", r->scope);
	stmt_text(&q, ":description", r->description);
	return stmt_run(&q, err);
}

enum uadm_code
rights_delete(struct store *st, int64_t id, struct uadm_err *err)
{
	STMT q = stmt_make(st, "DELETE FROM \"right\" WHERE id = :id");

	stmt_int(&q, ":id", id);
	return stmt_run(&q, err);
}

enum uadm_code
rights_uses(struct store *st, int64_t id, int64_t *roles, int64_t *memberships,
    struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "SELECT (SELECT count(*) FROM role_right WHERE \"right\" = :id), "
	    "(SELECT count(*) FROM membership_right WHERE \"right\" = :id AND allowed = 1)");
	enum uadm_code c;

	stmt_int(&q, ":id", id);
	if ((c = stmt_one(&q, err)) != UADM_OK)
		return c;
	*roles = stmt_col_int(&q, 0);
	*memberships = stmt_col_int(&q, 1);
	return c;
}
