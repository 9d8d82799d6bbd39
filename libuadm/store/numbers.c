/*
 * Threat: a login named like a group that sudoers trusts, and files of somebody who left that
 * fall to whoever gets the uid next.
 */
#include "libuadm/store/numbers.h"

#include "libuadm/store/private.h"

static const char *const kinds[] = { [NUMBER_USER] = "user", [NUMBER_GROUP] = "group" };

static bool
is_never_ours(int64_t id)
{
	return id < 1000 || id == 65534 || id == 65535;
}

/* What a part that was rolled back has given again is found by the next process. */
static enum uadm_code
lowest_never_given(
    struct store *st, int64_t least, int64_t most, int64_t *id, struct uadm_err *err)
{
	STMT q = stmt_make(
	    st, "SELECT id FROM number WHERE id BETWEEN :least AND :most ORDER BY id");
	int64_t want =
	    st->gap_least == least && st->gap_next > least ? st->gap_next : least;
	enum uadm_code c;
	bool more;

	stmt_int(&q, ":least", want);
	stmt_int(&q, ":most", most);
	while ((c = stmt_row(&q, &more, err)) == UADM_OK && more) {
		while (is_never_ours(want))
			want++;
		if (stmt_col_int(&q, 0) > want)
			break;
		if (stmt_col_int(&q, 0) == want)
			want++;
	}
	while (is_never_ours(want))
		want++;
	if (c == UADM_OK) {
		st->gap_least = least;
		st->gap_next = want;
	}
	if (c == UADM_OK && want > most) {
		uadm_fail(err, UADM_UNAVAILABLE,
		    "every number from %lld to %lld has been given out",
		    (long long)least, (long long)most);
		return uadm_hint(err, "widen the range in [ids] of uadm.conf");
	}
	*id = want;
	return c;
}

enum uadm_code
numbers_highest(
    struct store *st, int64_t least, int64_t most, int64_t *id, struct uadm_err *err)
{
	STMT q = stmt_make(
	    st, "SELECT max(id) FROM number WHERE id BETWEEN :least AND :most");
	enum uadm_code c;

	stmt_int(&q, ":least", least);
	stmt_int(&q, ":most", most);
	if ((c = stmt_one(&q, err)) == UADM_OK)
		*id = stmt_col_int(&q, 0);
	return c;
}

enum uadm_code
numbers_bar(struct store *st, enum number_kind kind, int64_t id, int64_t now,
    struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "INSERT OR IGNORE INTO number (id, kind, name, given_at, released_at) "
	    "VALUES (:id, :kind, '', :now, :now)");

	stmt_int(&q, ":id", id);
	stmt_text(&q, ":kind", kinds[kind]);
	stmt_int(&q, ":now", now);
	return stmt_run(&q, err);
}

enum uadm_code
numbers_next(
    struct store *st, int64_t least, int64_t most, int64_t *id, struct uadm_err *err)
{
	enum uadm_code c = numbers_highest(st, least, most, id, err);

	if (c != UADM_OK)
		return c;
	*id = *id == 0 ? least : *id + 1;
	while (is_never_ours(*id))
		(*id)++;
	return *id <= most ? UADM_OK : lowest_never_given(st, least, most, id, err);
}

static enum uadm_code
name_is_free(struct store *st, const char *name, struct uadm_err *err)
{
	STMT q = stmt_make(st, "SELECT kind, id FROM published WHERE name = :name");
	enum uadm_code c;
	bool more;

	stmt_text(&q, ":name", name);
	if ((c = stmt_row(&q, &more, err)) != UADM_OK || !more)
		return c;
	return uadm_fail(err, UADM_EXISTS,
	    "the name \"%s\" belongs to a %s already (id %lld)", name,
	    stmt_col_peek(&q, 0), (long long)stmt_col_int(&q, 1));
}

enum uadm_code
number_is_free(struct store *st, int64_t id, struct uadm_err *err)
{
	STMT q =
	    stmt_make(st, "SELECT kind, name, released_at FROM number WHERE id = :id");
	enum uadm_code c;
	bool more;

	stmt_int(&q, ":id", id);
	if ((c = stmt_row(&q, &more, err)) != UADM_OK || !more)
		return c;
	if (stmt_col_int(&q, 2) == 0)
		return uadm_fail(err, UADM_EXISTS,
		    "the id %lld belongs to the %s \"%s\"", (long long)id,
		    stmt_col_peek(&q, 0), stmt_col_peek(&q, 1));
	uadm_fail(err, UADM_EXISTS, "the id %lld belonged to the %s \"%s\"",
	    (long long)id, stmt_col_peek(&q, 0), stmt_col_peek(&q, 1));
	return uadm_hint(err, "an id is never given twice: files may still carry it");
}

enum uadm_code
numbers_give(struct store *st, enum number_kind kind, int64_t id, const char *name,
    int64_t now, struct uadm_err *err)
{
	enum uadm_code c;

	if (is_never_ours(id) || id > 2147483646)
		return uadm_fail(err, UADM_INVALID,
		    "the id %lld is not one uadm can give", (long long)id);
	if ((c = name_is_free(st, name, err)) != UADM_OK ||
	    (c = number_is_free(st, id, err)) != UADM_OK)
		return c;
	STMT number = stmt_make(st,
	    "INSERT INTO number (id, kind, name, given_at) VALUES (:id, :kind, :name, :now)");
	stmt_int(&number, ":id", id);
	stmt_text(&number, ":kind", kinds[kind]);
	stmt_text(&number, ":name", name);
	stmt_int(&number, ":now", now);
	if ((c = stmt_run(&number, err)) != UADM_OK)
		return c;
	STMT q = stmt_make(
	    st, "INSERT INTO published (name, kind, id) VALUES (:name, :kind, :id)");
	stmt_text(&q, ":name", name);
	stmt_text(&q, ":kind", kinds[kind]);
	stmt_int(&q, ":id", id);
	return stmt_run(&q, err);
}

enum uadm_code
numbers_release(struct store *st, int64_t id, int64_t now, struct uadm_err *err)
{
	STMT q = stmt_make(st, "DELETE FROM published WHERE id = :id");
	enum uadm_code c;

	stmt_int(&q, ":id", id);
	if ((c = stmt_run(&q, err)) != UADM_OK)
		return c;
	STMT number =
	    stmt_make(st, "UPDATE number SET released_at = :now WHERE id = :id");
	stmt_int(&number, ":id", id);
	stmt_int(&number, ":now", now);
	return stmt_run(&number, err);
}

enum uadm_code
numbers_each_name(struct store *st, enum number_kind kind,
    void (*found)(void *arg, const char *name), void *arg, struct uadm_err *err)
{
	STMT q = stmt_make(st, "SELECT name FROM published WHERE kind = :kind");
	enum uadm_code c;
	bool more;

	stmt_text(&q, ":kind", kinds[kind]);
	while ((c = stmt_row(&q, &more, err)) == UADM_OK && more)
		found(arg, stmt_col_peek(&q, 0));
	return c;
}

enum uadm_code
number_was_users(struct store *st, int64_t id, char *name, size_t size, bool *was,
    struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "SELECT name FROM number WHERE id = :id AND kind = 'user' "
	    "AND released_at IS NOT NULL");
	enum uadm_code c;

	stmt_int(&q, ":id", id);
	if ((c = stmt_row(&q, was, err)) == UADM_OK && *was)
		stmt_col_text(&q, 0, name, size);
	return c;
}

enum uadm_code
number_who_left(struct store *st, const char *name, int64_t *id, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "SELECT id FROM number WHERE name = :name AND kind = 'user' "
	    "AND released_at IS NOT NULL ORDER BY released_at DESC, id DESC LIMIT 1");
	bool any = false;
	enum uadm_code c;

	*id = 0;
	stmt_text(&q, ":name", name);
	if ((c = stmt_row(&q, &any, err)) == UADM_OK && any)
		*id = stmt_col_int(&q, 0);
	return c;
}

enum uadm_code
number_last_left(struct store *st, const char *name, int64_t but_id, int64_t *left,
    struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "SELECT max(released_at) FROM number WHERE name = :name "
	    "AND released_at IS NOT NULL AND id <> :id");
	enum uadm_code c;

	stmt_text(&q, ":name", name);
	stmt_int(&q, ":id", but_id);
	if ((c = stmt_one(&q, err)) == UADM_OK)
		*left = stmt_col_int(&q, 0);
	return c;
}

enum uadm_code
number_was_groups(
    struct store *st, const char *name, int64_t *left, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "SELECT max(released_at) FROM number WHERE name = :name "
	    "AND released_at IS NOT NULL AND kind = 'group'");
	enum uadm_code c;

	stmt_text(&q, ":name", name);
	if ((c = stmt_one(&q, err)) == UADM_OK)
		*left = stmt_col_int(&q, 0);
	return c;
}

enum uadm_code
numbers_check(struct store *st, void (*found)(void *arg, const char *what), void *arg,
    struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "SELECT 'the ' || kind || ' ' || name || ' (' || id || ') is not published as such' "
	    "FROM (SELECT 'user' AS kind, name, uid AS id FROM user "
	    "UNION ALL SELECT 'group', name, gid FROM \"group\") AS o WHERE NOT EXISTS "
	    "(SELECT 1 FROM published p WHERE p.name = o.name AND p.id = o.id AND p.kind = o.kind) "
	    "UNION ALL SELECT 'the name ' || name || ' is published for nobody' FROM published p "
	    "WHERE NOT EXISTS (SELECT 1 FROM user WHERE uid = p.id AND name = p.name) "
	    "AND NOT EXISTS (SELECT 1 FROM \"group\" WHERE gid = p.id AND name = p.name)");
	enum uadm_code c;
	bool more;

	while ((c = stmt_row(&q, &more, err)) == UADM_OK && more)
		found(arg, stmt_col_peek(&q, 0));
	return c;
}
