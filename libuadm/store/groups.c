#include "libuadm/store/groups.h"

#include "libuadm/store/feed.h"

#include <string.h>

#define SELECT_GROUP                                                                   \
	"SELECT g.gid, g.name, g.description, g.created_at, "                          \
	"(SELECT count(*) FROM member m WHERE m.gid = g.gid) AS members, g.account "   \
	"FROM \"group\" g "

static void
read_group(const struct stmt *q, struct group *g)
{
	memset(g, 0, sizeof(*g));
	g->gid = (gid_t)stmt_col_int(q, 0);
	stmt_col_text(q, 1, g->name, sizeof(g->name));
	stmt_col_text(q, 2, g->description, sizeof(g->description));
	g->created_at = stmt_col_int(q, 3);
	g->members = stmt_col_int(q, 4);
	g->account = (gid_t)stmt_col_int(q, 5);
}

enum uadm_code
groups_get(struct store *st, const char *name, struct group *g, struct uadm_err *err)
{
	STMT q = stmt_make(st, SELECT_GROUP "WHERE g.name = :name");
	enum uadm_code c;

	stmt_text(&q, ":name", name);
	if ((c = stmt_one(&q, err)) == UADM_OK)
		read_group(&q, g);
	return c;
}

enum uadm_code
groups_gid(struct store *st, const char *name, gid_t *gid, struct uadm_err *err)
{
	STMT q = stmt_make(st, "SELECT gid FROM \"group\" WHERE name = :name");
	enum uadm_code c;

	stmt_text(&q, ":name", name);
	if ((c = stmt_one(&q, err)) == UADM_OK)
		*gid = (gid_t)stmt_col_int(&q, 0);
	return c;
}

enum uadm_code
groups_account(struct store *st, gid_t gid, gid_t *account, struct uadm_err *err)
{
	STMT q = stmt_make(st, "SELECT account FROM \"group\" WHERE gid = :gid");
	enum uadm_code c;

	stmt_int(&q, ":gid", gid);
	if ((c = stmt_one(&q, err)) == UADM_OK)
		*account = (gid_t)stmt_col_int(&q, 0);
	return c;
}

enum uadm_code
groups_each_ordinary_of(struct store *st, uid_t uid,
    enum uadm_code (*found)(void *, gid_t, struct uadm_err *), void *arg,
    struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "SELECT m.gid FROM member m JOIN \"group\" g ON g.gid = m.gid "
	    "WHERE m.uid = :uid AND g.account IS NULL ORDER BY m.gid");
	enum uadm_code c;
	bool more;

	stmt_int(&q, ":uid", uid);
	while ((c = stmt_row(&q, &more, err)) == UADM_OK && more)
		if ((c = found(arg, (gid_t)stmt_col_int(&q, 0), err)) != UADM_OK)
			return c;
	return c;
}

enum uadm_code
groups_has_member(
    struct store *st, gid_t gid, uid_t uid, bool *is, struct uadm_err *err)
{
	STMT q = stmt_make(st, "SELECT 1 FROM member WHERE gid = :gid AND uid = :uid");

	stmt_int(&q, ":gid", gid);
	stmt_int(&q, ":uid", uid);
	return stmt_row(&q, is, err);
}

enum uadm_code
groups_name(struct store *st, gid_t gid, char *name, struct uadm_err *err)
{
	STMT q = stmt_make(st, "SELECT name FROM \"group\" WHERE gid = :gid");
	enum uadm_code c;

	stmt_int(&q, ":gid", gid);
	if ((c = stmt_one(&q, err)) == UADM_OK)
		stmt_col_text(&q, 0, name, UADM_NAME_SIZE);
	return c;
}

enum uadm_code
groups_each_of(struct store *st, uid_t uid,
    enum uadm_code (*found)(void *, const char *, struct uadm_err *), void *arg,
    struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "SELECT g.name FROM member m JOIN \"group\" g ON g.gid = m.gid "
	    "WHERE m.uid = :uid ORDER BY g.name");
	enum uadm_code c;
	bool more;

	stmt_int(&q, ":uid", uid);
	while ((c = stmt_row(&q, &more, err)) == UADM_OK && more)
		if ((c = found(arg, stmt_col_peek(&q, 0), err)) != UADM_OK)
			return c;
	return c;
}

enum uadm_code
groups_insert(struct store *st, const struct group *g, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "INSERT INTO \"group\" (gid, name, description, created_at) "
	    "VALUES (:gid, :name, :description, :created_at)");

	stmt_int(&q, ":gid", g->gid);
	stmt_text(&q, ":name", g->name);
	stmt_text(&q, ":description", g->description);
	stmt_int(&q, ":created_at", g->created_at);
	return stmt_run(&q, err);
}

enum uadm_code
groups_delete(struct store *st, gid_t gid, struct uadm_err *err)
{
	STMT q = stmt_make(st, "DELETE FROM \"group\" WHERE gid = :gid");

	stmt_int(&q, ":gid", gid);
	return stmt_run(&q, err);
}

static enum uadm_code
change_member(struct store *st, const char *sql, gid_t gid, uid_t uid, bool *changed,
    struct uadm_err *err)
{
	STMT q = stmt_make(st, sql);
	enum uadm_code c;

	stmt_int(&q, ":gid", gid);
	stmt_int(&q, ":uid", uid);
	c = stmt_run(&q, err);
	*changed = c == UADM_OK && store_changes(st) > 0;
	return c;
}

enum uadm_code
groups_add_member(
    struct store *st, gid_t gid, uid_t uid, bool *changed, struct uadm_err *err)
{
	return change_member(st,
	    "INSERT INTO member (gid, uid) VALUES (:gid, :uid) ON CONFLICT DO NOTHING",
	    gid, uid, changed, err);
}

enum uadm_code
groups_remove_member(
    struct store *st, gid_t gid, uid_t uid, bool *changed, struct uadm_err *err)
{
	return change_member(st, "DELETE FROM member WHERE gid = :gid AND uid = :uid",
	    gid, uid, changed, err);
}

#define BY_NAME SELECT_GROUP "ORDER BY g.name LIMIT :most"
#define BY_SIZE SELECT_GROUP "ORDER BY members DESC, g.name LIMIT :most"

enum uadm_code
groups_each(struct store *st, int64_t most,
    enum uadm_code (*found)(void *, const struct group *, struct uadm_err *), void *arg,
    struct uadm_err *err)
{
	STMT q = stmt_make(st, most > 0 ? BY_SIZE : BY_NAME);
	struct group g;
	enum uadm_code c;
	bool more;

	stmt_int(&q, ":most", most > 0 ? most : -1);
	while ((c = stmt_row(&q, &more, err)) == UADM_OK && more) {
		read_group(&q, &g);
		if ((c = found(arg, &g, err)) != UADM_OK)
			return c;
	}
	return c;
}

enum uadm_code
groups_each_member(struct store *st, gid_t gid,
    enum uadm_code (*found)(void *, const char *, struct uadm_err *), void *arg,
    struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "SELECT u.name FROM member m JOIN user u ON u.uid = m.uid WHERE m.gid = :gid "
	    "ORDER BY u.name");
	enum uadm_code c;
	bool more;

	stmt_int(&q, ":gid", gid);
	while ((c = stmt_row(&q, &more, err)) == UADM_OK && more)
		if ((c = found(arg, stmt_col_peek(&q, 0), err)) != UADM_OK)
			return c;
	return c;
}

enum uadm_code
groups_each_published(struct store *st,
    enum uadm_code (*found)(void *, gid_t, const char *, struct uadm_err *), void *arg,
    struct uadm_err *err)
{
	STMT q = stmt_make(st, "SELECT gid, name FROM \"group\" ORDER BY gid");
	enum uadm_code c;
	bool more;

	while ((c = stmt_row(&q, &more, err)) == UADM_OK && more)
		if ((c = found(arg, (gid_t)stmt_col_int(&q, 0), stmt_col_peek(&q, 1),
			 err)) != UADM_OK)
			return c;
	return c;
}

struct pairs {
	enum uadm_code (*found)(void *, gid_t, uid_t, struct uadm_err *);
	void *arg;
};

static enum uadm_code
feed_pair(void *arg, sqlite3_value **row, struct uadm_err *err)
{
	const struct pairs *p = arg;

	return p->found(p->arg, (gid_t)sqlite3_value_int64(row[0]),
	    (uid_t)sqlite3_value_int64(row[1]), err);
}

/* In the order in which the writer wants them, which is that of the index. */
enum uadm_code
groups_each_pair(struct store *st,
    enum uadm_code (*found)(void *, gid_t, uid_t, struct uadm_err *), void *arg,
    struct uadm_err *err)
{
	struct pairs p = { found, arg };

	return feed_rows(st,
	    "SELECT feed(gid, uid) FROM member INDEXED BY member_of_user", 2, feed_pair,
	    &p, err);
}
