/*
 * Threat: SQLite hands over a text that it had no memory for as NULL, and NULL is how the tables
 * say "none": a lock's boot, a kind, a policy would become another one. So such a NULL is told
 * from the other, and from then on every statement of this store fails.
 */
#include "libuadm/store/private.h"

#include <string.h>

#define BAD_DISK "is the disk full, read-only or broken?"

enum uadm_code
store_fail(struct store *st, int rc, struct uadm_err *err)
{
	const char *why = st->db != NULL ? sqlite3_errmsg(st->db) : sqlite3_errstr(rc);

	switch (rc & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		uadm_fail(
		    err, UADM_BUSY, "the store is busy: somebody else is changing it");
		return uadm_hint(err, "try again");
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		uadm_fail(err, UADM_UNAVAILABLE, "the store is damaged: %s", why);
		return uadm_hint(err,
		    "uadmctl store check tells more; uadmctl store restore puts a backup back");
	case SQLITE_FULL:
		uadm_fail(err, UADM_UNAVAILABLE, "no space left for the store");
		return uadm_hint(err, "nothing was changed; free some disk space");
	case SQLITE_READONLY:
		uadm_fail(
		    err, UADM_UNAVAILABLE, "the store cannot be written: %s", why);
		return uadm_hint(err, BAD_DISK);
	case SQLITE_CANTOPEN:
	case SQLITE_IOERR: /* which errno it was, SQLite forgets on its way back to us */
		uadm_fail(err, UADM_UNAVAILABLE, "the store does not work: %s", why);
		return uadm_hint(err, BAD_DISK);
	case SQLITE_CONSTRAINT:
		return uadm_fail(err, UADM_INVALID, "the store refuses it: %s", why);
	default:
		return uadm_fail(
		    err, UADM_UNAVAILABLE, "the store does not work: %s", why);
	}
}

static int
find_slot(struct store *st, const char *sql)
{
	for (int i = 0; i < STORE_STMTS; i++)
		if (st->cache[i].sql == sql || st->cache[i].sql == NULL)
			return st->cache[i].busy ? -1 : i;
	return -1;
}

struct stmt
stmt_make(struct store *st, const char *sql)
{
	struct stmt q = { .st = st, .slot = find_slot(st, sql) };

	if (q.slot >= 0 && st->cache[q.slot].h != NULL) {
		q.h = st->cache[q.slot].h;
	} else {
		q.rc = sqlite3_prepare_v3(st->db, sql, -1,
		    q.slot >= 0 ? SQLITE_PREPARE_PERSISTENT : 0, &q.h, NULL);
		if (q.rc == SQLITE_OK && q.slot >= 0) {
			st->cache[q.slot].sql = sql;
			st->cache[q.slot].h = q.h;
		} else if (q.slot >= 0) {
			q.slot = -1;
		}
	}
	if (q.slot >= 0)
		st->cache[q.slot].busy = true;
	return q;
}

void
stmt_done(struct stmt *q)
{
	if (q->slot >= 0 && q->h != NULL) {
		sqlite3_reset(q->h);
		sqlite3_clear_bindings(q->h);
		q->st->cache[q->slot].busy = false;
	} else {
		sqlite3_finalize(q->h);
	}
	q->h = NULL;
}

/* A name that is not in the SQL is our own bug: RANGE sticks and is reported. */
static int
param_index(struct stmt *q, const char *param)
{
	return sqlite3_bind_parameter_index(q->h, param);
}

void
stmt_text(struct stmt *q, const char *param, const char *value)
{
	if (q->rc == SQLITE_OK && value != NULL && *value != '\0')
		q->rc = sqlite3_bind_text(
		    q->h, param_index(q, param), value, -1, SQLITE_TRANSIENT);
	else if (q->rc == SQLITE_OK)
		q->rc = sqlite3_bind_null(q->h, param_index(q, param));
}

void
stmt_int(struct stmt *q, const char *param, int64_t value)
{
	if (q->rc == SQLITE_OK)
		q->rc = sqlite3_bind_int64(q->h, param_index(q, param), value);
}

void
stmt_time(struct stmt *q, const char *param, int64_t value)
{
	if (value != 0)
		stmt_int(q, param, value);
	else
		stmt_text(q, param, NULL);
}

void
stmt_window(struct stmt *q, const struct attempt_window *w)
{
	stmt_int(q, ":now", w->now);
	stmt_int(q, ":since", w->since);
	stmt_int(q, ":lock_over", w->lock_over);
}

void
stmt_blob(struct stmt *q, const char *param, const void *data, size_t size)
{
	if (q->rc == SQLITE_OK)
		q->rc = sqlite3_bind_blob(
		    q->h, param_index(q, param), data, (int)size, SQLITE_TRANSIENT);
}

enum uadm_code
stmt_row(struct stmt *q, bool *more, struct uadm_err *err)
{
	*more = false;
	if (q->st->lost)
		q->rc = SQLITE_NOMEM;
	if (q->rc == SQLITE_OK)
		q->rc = sqlite3_step(q->h);
	if (q->rc == SQLITE_DONE)
		return UADM_OK;
	if (q->rc != SQLITE_ROW)
		return store_fail(q->st, q->rc, err);
	q->rc = SQLITE_OK;
	*more = true;
	return UADM_OK;
}

enum uadm_code
stmt_run(struct stmt *q, struct uadm_err *err)
{
	enum uadm_code c;
	bool more;

	do {
		c = stmt_row(q, &more, err);
	} while (c == UADM_OK && more);
	return c;
}

enum uadm_code
stmt_one(struct stmt *q, struct uadm_err *err)
{
	bool more;
	enum uadm_code c = stmt_row(q, &more, err);

	if (c == UADM_OK && !more)
		return uadm_fail(err, UADM_NOT_FOUND, "no such entry");
	return c;
}

int64_t
stmt_col_int(const struct stmt *q, int column)
{
	return sqlite3_column_int64(q->h, column);
}

static void
note_lost(const struct stmt *q, int column, const void *value)
{
	if (value == NULL && sqlite3_column_type(q->h, column) != SQLITE_NULL)
		q->st->lost = true;
}

const char *
stmt_col_peek(const struct stmt *q, int column)
{
	const unsigned char *s = sqlite3_column_text(q->h, column);

	note_lost(q, column, s);
	return s == NULL ? "" : (const char *)s;
}

void
stmt_col_text(const struct stmt *q, int column, char *out, size_t size)
{
	const char *s = stmt_col_peek(q, column);
	size_t n = strnlen(s, size - 1);

	memcpy(out, s, n);
	out[n] = '\0';
}

const void *
stmt_col_blob(const struct stmt *q, int column, size_t *size)
{
	const void *p = sqlite3_column_blob(q->h, column);

	*size = p == NULL ? 0 : (size_t)sqlite3_column_bytes(q->h, column);
	if (p == NULL && sqlite3_column_bytes(q->h, column) > 0)
		q->st->lost = true;
	return p;
}

int64_t
store_changes(struct store *st)
{
	return sqlite3_changes64(st->db);
}
