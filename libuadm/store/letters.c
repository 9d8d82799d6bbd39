#include "libuadm/store/letters.h"

#include "libuadm/store/private.h"

#include <string.h>

void
letter_row_wipe(struct letter_row *r)
{
	if (r->body != NULL)
		explicit_bzero(r->body, strlen(r->body));
	free(r->body);
	explicit_bzero(r, sizeof(*r));
}

#define SELECT_LETTER                                                                  \
	"SELECT id, kind, language, uid, name, recipient, subject, message_id, "       \
	"expires_at, state, tries, queued, next, error, created_at, settled_at"

static void
read_row(const struct stmt *q, struct letter_row *r)
{
	memset(r, 0, sizeof(*r));
	r->id = stmt_col_int(q, 0);
	stmt_col_text(q, 1, r->kind, sizeof(r->kind));
	stmt_col_text(q, 2, r->language, sizeof(r->language));
	r->uid = (uid_t)stmt_col_int(q, 3);
	stmt_col_text(q, 4, r->name, sizeof(r->name));
	stmt_col_text(q, 5, r->recipient, sizeof(r->recipient));
	stmt_col_text(q, 6, r->subject, sizeof(r->subject));
	stmt_col_text(q, 7, r->message_id, sizeof(r->message_id));
	r->expires_at = stmt_col_int(q, 8);
	stmt_col_text(q, 9, r->state, sizeof(r->state));
	r->tries = stmt_col_int(q, 10);
	r->queued = stmt_col_int(q, 11);
	r->next = stmt_col_int(q, 12);
	stmt_col_text(q, 13, r->error, sizeof(r->error));
	r->created_at = stmt_col_int(q, 14);
	r->settled_at = stmt_col_int(q, 15);
}

enum uadm_code
letters_insert(struct store *st, struct letter_row *r, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "INSERT INTO letter (kind, language, uid, name, recipient, subject, body, "
	    "message_id, code, expires_at, state, queued, next, created_at) VALUES (:kind, "
	    ":language, :uid, :name, :recipient, :subject, :body, :message_id, :code, "
	    ":expires_at, 'queued', :queued, :next, :created_at) RETURNING id");
	enum uadm_code c;

	stmt_text(&q, ":kind", r->kind);
	stmt_text(&q, ":language", r->language);
	stmt_int(&q, ":uid", r->uid);
	stmt_text(&q, ":name", r->name);
	stmt_text(&q, ":recipient", r->recipient);
	stmt_text(&q, ":subject", r->subject);
	stmt_text(&q, ":body", r->body);
	stmt_text(&q, ":message_id", r->message_id);
	if (r->code_size > 0)
		stmt_blob(&q, ":code", r->code, r->code_size);
	stmt_time(&q, ":expires_at", r->expires_at);
	stmt_int(&q, ":queued", r->queued);
	stmt_int(&q, ":next", r->next);
	stmt_int(&q, ":created_at", r->created_at);
	if ((c = stmt_one(&q, err)) == UADM_OK)
		r->id = stmt_col_int(&q, 0);
	return c;
}

enum uadm_code
letters_get(struct store *st, int64_t id, struct letter_row *r, struct uadm_err *err)
{
	STMT q = stmt_make(st, SELECT_LETTER ", body, code FROM letter WHERE id = :id");
	const void *code;
	enum uadm_code c;
	size_t size;

	stmt_int(&q, ":id", id);
	if ((c = stmt_one(&q, err)) != UADM_OK)
		return c;
	read_row(&q, r);
	code = stmt_col_blob(&q, 17, &size);
	if (size > sizeof(r->code))
		return uadm_fail(
		    err, UADM_UNAVAILABLE, "mail %lld is damaged", (long long)id);
	if (code != NULL)
		memcpy(r->code, code, size);
	r->code_size = size;
	if ((r->body = strdup(stmt_col_peek(&q, 16))) == NULL)
		return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
	return UADM_OK;
}

enum uadm_code
letters_each(struct store *st, const char *state,
    enum uadm_code (*found)(void *, const struct letter_row *, struct uadm_err *),
    void *arg, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    SELECT_LETTER
	    " FROM letter WHERE :state IS NULL OR state = :state ORDER BY id");
	struct letter_row r;
	enum uadm_code c;
	bool more;

	stmt_text(&q, ":state", state);
	while ((c = stmt_row(&q, &more, err)) == UADM_OK && more) {
		read_row(&q, &r);
		if ((c = found(arg, &r, err)) != UADM_OK)
			return c;
	}
	return c;
}

enum uadm_code
letters_due(struct store *st, int64_t now, bool *due, struct uadm_err *err)
{
	STMT q =
	    stmt_make(st, "SELECT EXISTS (SELECT 1 FROM letter WHERE next <= :now)");
	enum uadm_code c;

	stmt_int(&q, ":now", now);
	if ((c = stmt_one(&q, err)) == UADM_OK)
		*due = stmt_col_int(&q, 0) != 0;
	return c;
}

enum uadm_code
letters_claim(struct store *st, enum letters_order order, int64_t claim, int64_t now,
    int64_t until, int64_t *id, struct uadm_err *err)
{
#define CLAIM(order)                                                                   \
	"UPDATE letter SET state = 'sending', claim = :claim, next = :until, "         \
	"tries = tries + 1 WHERE id = (SELECT id FROM letter WHERE next <= :now "      \
	"ORDER BY " order " LIMIT 1) RETURNING id"
	static const char *const sql[] = { [LETTERS_OLDEST] = CLAIM("next, id"),
		[LETTERS_NEWEST] = CLAIM("id DESC"),
		[LETTERS_ANY] = CLAIM("random()") };
#undef CLAIM
	STMT q = stmt_make(st, sql[order]);
	enum uadm_code c;

	stmt_int(&q, ":claim", claim);
	stmt_int(&q, ":now", now);
	stmt_int(&q, ":until", until);
	if ((c = stmt_one(&q, err)) == UADM_OK)
		*id = stmt_col_int(&q, 0);
	return c;
}

enum uadm_code
letters_settle(struct store *st, const struct letter_row *r, int64_t claim,
    int64_t wall, bool *held, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "UPDATE letter SET state = :state, claim = NULL, next = :next, error = :error, "
	    "tries = :tries, queued = :queued, "
	    "code = CASE WHEN :state IN ('sent', 'dropped') THEN NULL ELSE code END, "
	    "settled_at = CASE WHEN :state = 'queued' THEN NULL ELSE :wall END "
	    "WHERE id = :id AND (:claim = 0 OR claim = :claim)");
	enum uadm_code c;

	stmt_int(&q, ":id", r->id);
	stmt_int(&q, ":claim", claim);
	stmt_text(&q, ":state", r->state);
	stmt_text(&q, ":error", r->error);
	stmt_int(&q, ":tries", r->tries);
	stmt_int(&q, ":queued", r->queued);
	stmt_int(&q, ":wall", wall);
	/* 0 is a time on this clock: that of a host that has just come up for the first time. */
	if (strcmp(r->state, "queued") == 0)
		stmt_int(&q, ":next", r->next);
	if ((c = stmt_run(&q, err)) == UADM_OK)
		*held = store_changes(st) > 0;
	return c;
}

enum uadm_code
letters_withdraw_of(struct store *st, uid_t uid, const char *kind, const char *why,
    int64_t wall, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "UPDATE letter SET state = 'dropped', code = NULL, claim = NULL, next = NULL, "
	    "error = :why, settled_at = :wall WHERE uid = :uid AND code IS NOT NULL "
	    "AND (:kind IS NULL OR kind = :kind)");

	stmt_int(&q, ":uid", uid);
	stmt_text(&q, ":kind", kind);
	stmt_text(&q, ":why", why);
	stmt_int(&q, ":wall", wall);
	return stmt_run(&q, err);
}

#define IS_WORTHLESS "code IS NOT NULL AND expires_at <= :wall"
#define IS_OLD       "settled_at < :before"

enum uadm_code
letters_any_to_tidy(struct store *st, int64_t wall, int64_t forget_before, bool *any,
    struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "SELECT EXISTS (SELECT 1 FROM letter WHERE " IS_WORTHLESS
	    ") OR EXISTS (SELECT 1 FROM letter WHERE " IS_OLD ")");
	enum uadm_code c;

	stmt_int(&q, ":wall", wall);
	stmt_int(&q, ":before", forget_before);
	if ((c = stmt_one(&q, err)) == UADM_OK)
		*any = stmt_col_int(&q, 0) != 0;
	return c;
}

enum uadm_code
letters_tidy(struct store *st, int64_t wall, int64_t forget_before, bool *any,
    struct uadm_err *err)
{
	STMT worthless = stmt_make(st,
	    "UPDATE letter SET state = 'dropped', code = NULL, claim = NULL, next = NULL, "
	    "error = 'what it is about is over', settled_at = :wall WHERE " IS_WORTHLESS);
	enum uadm_code c;

	stmt_int(&worthless, ":wall", wall);
	if ((c = stmt_run(&worthless, err)) != UADM_OK)
		return c;
	*any = store_changes(st) > 0;
	STMT old = stmt_make(st, "DELETE FROM letter WHERE " IS_OLD);
	stmt_int(&old, ":before", forget_before);
	if ((c = stmt_run(&old, err)) == UADM_OK)
		*any = *any || store_changes(st) > 0;
	return c;
}

enum uadm_code
letters_count(struct store *st, struct letter_counts *n, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "SELECT count(*) FILTER (WHERE next IS NOT NULL), "
	    "count(*) FILTER (WHERE state = 'failed'), "
	    "min(created_at) FILTER (WHERE next IS NOT NULL), (SELECT error FROM letter "
	    "WHERE error IS NOT NULL AND state <> 'dropped' ORDER BY id DESC LIMIT 1) "
	    "FROM letter");
	enum uadm_code c = stmt_one(&q, err);

	if (c != UADM_OK)
		return c;
	n->waiting = stmt_col_int(&q, 0);
	n->failed = stmt_col_int(&q, 1);
	n->oldest = stmt_col_int(&q, 2);
	stmt_col_text(&q, 3, n->error, sizeof(n->error));
	return UADM_OK;
}
