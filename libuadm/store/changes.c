#include "libuadm/store/changes.h"

#include "libuadm/store/private.h"

enum uadm_code
changes_base(struct store *st, struct base *base, struct uadm_err *err)
{
	STMT q = stmt_make(
	    st, "SELECT base_seed IS NOT NULL, base_seed, base_settings FROM meta");
	enum uadm_code c = stmt_one(&q, err);

	*base = (struct base){ 0 };
	if (c != UADM_OK)
		return c;
	base->known = stmt_col_int(&q, 0) != 0;
	base->seed = (uint64_t)stmt_col_int(&q, 1);
	base->settings = (uint64_t)stmt_col_int(&q, 2);
	return UADM_OK;
}

enum uadm_code
changes_begin(struct store *st, const struct base *base, uint64_t generation,
    struct uadm_err *err)
{
	STMT q = stmt_make(
	    st, "UPDATE meta SET base_seed = :seed, base_settings = :settings");
	STMT drop =
	    stmt_make(st, "DELETE FROM changed WHERE generation <= :generation");
	enum uadm_code c;

	stmt_int(&q, ":seed", (int64_t)base->seed);
	stmt_int(&q, ":settings", (int64_t)base->settings);
	stmt_int(&drop, ":generation", (int64_t)generation);
	if ((c = stmt_run(&q, err)) != UADM_OK)
		return c;
	return stmt_run(&drop, err);
}

enum uadm_code
changes_count(
    struct store *st, uint64_t since, int64_t most, int64_t *n, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "SELECT count(*) FROM (SELECT 1 FROM changed WHERE generation > :since "
	    "LIMIT :most)");
	enum uadm_code c;

	stmt_int(&q, ":since", (int64_t)since);
	stmt_int(&q, ":most", most);
	if ((c = stmt_one(&q, err)) == UADM_OK)
		*n = stmt_col_int(&q, 0);
	return c;
}

enum uadm_code
changes_each(struct store *st, uint64_t since,
    enum uadm_code (*found)(void *, id_t, uint32_t, struct uadm_err *), void *arg,
    struct uadm_err *err)
{
	STMT q = stmt_make(
	    st, "SELECT id, stamp FROM changed WHERE generation > :since ORDER BY id");
	enum uadm_code c;
	bool more;

	stmt_int(&q, ":since", (int64_t)since);
	while ((c = stmt_row(&q, &more, err)) == UADM_OK && more)
		if ((c = found(arg, (id_t)stmt_col_int(&q, 0),
			 (uint32_t)stmt_col_int(&q, 1), err)) != UADM_OK)
			return c;
	return c;
}

/* Counted no further than is needed: a group may have everybody in it. */
enum uadm_code
changes_group(struct store *st, gid_t gid, int64_t most,
    enum uadm_code (*found)(void *, gid_t, const char *, bool, struct uadm_err *),
    void *arg, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "SELECT gid, name, :most > 0 AND EXISTS (SELECT 1 FROM member m "
	    "WHERE m.gid = g.gid LIMIT 1 OFFSET :most) FROM \"group\" g WHERE gid = :gid");
	enum uadm_code c;
	bool more;

	stmt_int(&q, ":gid", gid);
	stmt_int(&q, ":most", most);
	while ((c = stmt_row(&q, &more, err)) == UADM_OK && more)
		if ((c = found(arg, (gid_t)stmt_col_int(&q, 0), stmt_col_peek(&q, 1),
			 stmt_col_int(&q, 2) != 0, err)) != UADM_OK)
			return c;
	return c;
}

#define PAIRS                                                                          \
	"SELECT m.gid, g.name, m.uid, u.name FROM member m "                           \
	"CROSS JOIN user u ON u.uid = m.uid CROSS JOIN \"group\" g ON g.gid = m.gid "

static enum uadm_code
each_pair(struct stmt *q, pair_found *found, void *arg, struct uadm_err *err)
{
	enum uadm_code c;
	bool more;

	while ((c = stmt_row(q, &more, err)) == UADM_OK && more) {
		const struct pair p = { .gid = (gid_t)stmt_col_int(q, 0),
			.group = stmt_col_peek(q, 1),
			.uid = (uid_t)stmt_col_int(q, 2),
			.user = stmt_col_peek(q, 3) };

		if ((c = found(arg, &p, err)) != UADM_OK)
			return c;
	}
	return c;
}

enum uadm_code
changes_pairs_of_user(
    struct store *st, uid_t uid, pair_found *found, void *arg, struct uadm_err *err)
{
	STMT q = stmt_make(st, PAIRS "WHERE m.uid = :uid");

	stmt_int(&q, ":uid", uid);
	return each_pair(&q, found, arg, err);
}

enum uadm_code
changes_pairs_in_group(
    struct store *st, gid_t gid, pair_found *found, void *arg, struct uadm_err *err)
{
	STMT q = stmt_make(st, PAIRS "WHERE m.gid = :gid");

	stmt_int(&q, ":gid", gid);
	return each_pair(&q, found, arg, err);
}
