#include "libuadm/store/reviews.h"

#include "libuadm/store/private.h"

#include <string.h>

/* A decision in an open review is about what it was made of: who has another role by now, or is back, is undecided. */
#define OPEN_MEMBER                                                                    \
	"LEFT JOIN user u ON u.uid = i.uid AND u.name = i.name "                       \
	"LEFT JOIN membership m ON m.account = r.account AND m.uid = u.uid "           \
	"AND m.state <> 'ended' AND r.finished_at IS NULL LEFT JOIN role o ON o.id = m.role "
#define IS_STALE "(m.uid IS NOT NULL AND (i.decision = 'revoke' OR i.role <> o.name))"

#define COUNT(what) "(SELECT count(*) FROM review_item i WHERE i.review = r.id" what ")"
#define SELECT_REVIEW                                                                        \
	"SELECT r.id, r.account, r.name, r.started_at, r.started_by, r.finished_at, "        \
	"r.finished_by, " COUNT("") ", " COUNT(" AND i.decision = 'keep'") ", " COUNT(       \
	    " AND i.decision = 'revoke'") ", "                                               \
					  "(SELECT count(*) FROM review_item i " OPEN_MEMBER \
					  "WHERE i.review = r.id AND m.uid IS NOT NULL "     \
					  "AND (i.decision IS NULL OR " IS_STALE             \
					  ")) FROM review r "

static void
read_review(const struct stmt *q, struct review *r)
{
	memset(r, 0, sizeof(*r));
	r->id = stmt_col_int(q, 0);
	r->account = (gid_t)stmt_col_int(q, 1);
	stmt_col_text(q, 2, r->name, sizeof(r->name));
	r->started_at = stmt_col_int(q, 3);
	stmt_col_text(q, 4, r->started_by, sizeof(r->started_by));
	r->finished_at = stmt_col_int(q, 5);
	stmt_col_text(q, 6, r->finished_by, sizeof(r->finished_by));
	r->users = stmt_col_int(q, 7);
	r->kept = stmt_col_int(q, 8);
	r->revoked = stmt_col_int(q, 9);
	r->open = stmt_col_int(q, 10);
}

enum uadm_code
reviews_newest(struct store *st, gid_t account, struct review *r, struct uadm_err *err)
{
	STMT q = stmt_make(
	    st, SELECT_REVIEW "WHERE r.account = :account ORDER BY r.id DESC LIMIT 1");
	enum uadm_code c;

	stmt_int(&q, ":account", account);
	if ((c = stmt_one(&q, err)) == UADM_OK)
		read_review(&q, r);
	return c;
}

enum uadm_code
reviews_get(
    struct store *st, gid_t account, int64_t id, struct review *r, struct uadm_err *err)
{
	STMT q =
	    stmt_make(st, SELECT_REVIEW "WHERE r.account = :account AND r.id = :id");
	enum uadm_code c;

	stmt_int(&q, ":account", account);
	stmt_int(&q, ":id", id);
	if ((c = stmt_one(&q, err)) == UADM_OK)
		read_review(&q, r);
	return c;
}

enum uadm_code
reviews_each(struct store *st, gid_t account,
    enum uadm_code (*found)(void *, const struct review *, struct uadm_err *),
    void *arg, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    SELECT_REVIEW "WHERE :account = 0 OR r.account = :account ORDER BY r.id");
	struct review r;
	enum uadm_code c;
	bool more;

	stmt_int(&q, ":account", account);
	while ((c = stmt_row(&q, &more, err)) == UADM_OK && more) {
		read_review(&q, &r);
		if ((c = found(arg, &r, err)) != UADM_OK)
			return c;
	}
	return c;
}

enum uadm_code
reviews_insert(struct store *st, struct review *r, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "INSERT INTO review (account, name, started_at, started_by) "
	    "VALUES (:account, :name, :at, :by) RETURNING id");
	enum uadm_code c;

	stmt_int(&q, ":account", r->account);
	stmt_text(&q, ":name", r->name);
	stmt_int(&q, ":at", r->started_at);
	stmt_text(&q, ":by", r->started_by);
	if ((c = stmt_one(&q, err)) == UADM_OK)
		r->id = stmt_col_int(&q, 0);
	return c;
}

enum uadm_code
reviews_finish(struct store *st, const struct review *r, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "UPDATE review SET finished_at = :at, finished_by = :by WHERE id = :id");

	stmt_int(&q, ":id", r->id);
	stmt_int(&q, ":at", r->finished_at);
	stmt_text(&q, ":by", r->finished_by);
	return stmt_run(&q, err);
}

#define UNLESS_STALE(column) "CASE WHEN " IS_STALE " THEN NULL ELSE " column " END"
#define SELECT_ITEM                                                                                                                           \
	"SELECT i.review, i.uid, i.name, i.role, i.state, i.status, i.contact, i.last_login, " UNLESS_STALE(                                  \
	    "i.decision") ", " UNLESS_STALE("i.decided_at") ", " UNLESS_STALE("i.decided_by") ", coalesce(o.name, '') FROM review_item i "    \
											      "JOIN review r ON r.id = i.review " OPEN_MEMBER \
											      "WHERE i.review = :review "

static void
read_item(const struct stmt *q, struct review_item *i)
{
	memset(i, 0, sizeof(*i));
	i->review = stmt_col_int(q, 0);
	i->uid = (uid_t)stmt_col_int(q, 1);
	stmt_col_text(q, 2, i->name, sizeof(i->name));
	stmt_col_text(q, 3, i->role, sizeof(i->role));
	stmt_col_text(q, 4, i->state, sizeof(i->state));
	stmt_col_text(q, 5, i->status, sizeof(i->status));
	stmt_col_text(q, 6, i->contact, sizeof(i->contact));
	i->last_login = stmt_col_int(q, 7);
	stmt_col_text(q, 8, i->decision, sizeof(i->decision));
	i->decided_at = stmt_col_int(q, 9);
	stmt_col_text(q, 10, i->decided_by, sizeof(i->decided_by));
	stmt_col_text(q, 11, i->role_now, sizeof(i->role_now));
}

enum uadm_code
review_items_each(struct store *st, int64_t review,
    enum uadm_code (*found)(void *, const struct review_item *, struct uadm_err *),
    void *arg, struct uadm_err *err)
{
	STMT q = stmt_make(st, SELECT_ITEM "ORDER BY i.name");
	struct review_item i;
	enum uadm_code c;
	bool more;

	stmt_int(&q, ":review", review);
	while ((c = stmt_row(&q, &more, err)) == UADM_OK && more) {
		read_item(&q, &i);
		if ((c = found(arg, &i, err)) != UADM_OK)
			return c;
	}
	return c;
}

enum uadm_code
review_items_get(struct store *st, int64_t review, uid_t uid, const char *name,
    struct review_item *i, struct uadm_err *err)
{
	STMT q = stmt_make(st, SELECT_ITEM "AND i.uid = :uid AND i.name = :name");
	enum uadm_code c;

	stmt_int(&q, ":review", review);
	stmt_int(&q, ":uid", uid);
	stmt_text(&q, ":name", name);
	if ((c = stmt_one(&q, err)) == UADM_OK)
		read_item(&q, i);
	return c;
}

enum uadm_code
review_items_write(struct store *st, const struct review_item *i, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "INSERT INTO review_item (review, uid, name, role, state, status, contact, "
	    "last_login, decision, decided_at, decided_by) VALUES (:review, :uid, :name, :role, "
	    ":state, :status, :contact, :last_login, :decision, :at, :by) "
	    "ON CONFLICT DO UPDATE SET role = excluded.role, state = excluded.state, "
	    "status = excluded.status, decision = excluded.decision, "
	    "decided_at = excluded.decided_at, decided_by = excluded.decided_by");

	stmt_int(&q, ":review", i->review);
	stmt_int(&q, ":uid", i->uid);
	stmt_text(&q, ":name", i->name);
	stmt_text(&q, ":role", i->role);
	stmt_text(&q, ":state", i->state);
	stmt_text(&q, ":status", i->status);
	stmt_text(&q, ":contact", i->contact);
	stmt_time(&q, ":last_login", i->last_login);
	stmt_text(&q, ":decision", i->decision);
	stmt_time(&q, ":at", i->decided_at);
	stmt_text(&q, ":by", i->decided_by);
	return stmt_run(&q, err);
}
