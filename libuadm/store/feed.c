/*
 * feed.c - all rows of a table, to a callback from within SQLite.
 *
 * For what reads everybody: there stepping costs more than reading. An aggregate function is called
 * for each row without leaving the virtual machine in between.
 *
 * Threat: as in stmt.c, a text that there was no memory for must not pass for none.
 */
#include "libuadm/store/feed.h"

#include <string.h>

struct feed {
	feed_found *found;
	void *arg;
	struct uadm_err *err;
	enum uadm_code c;
};

static void
feed_step(sqlite3_context *x, int columns, sqlite3_value **row)
{
	struct feed *f = sqlite3_user_data(x);

	(void)columns;
	if (f->c == UADM_OK)
		f->c = f->found(f->arg, row, f->err);
	if (f->c != UADM_OK)
		sqlite3_result_error(x, "stopped", -1);
}

static void
feed_end(sqlite3_context *x)
{
	(void)x;
}

enum uadm_code
feed_text(sqlite3_value *value, char *out, size_t size, struct uadm_err *err)
{
	const char *s = (const char *)sqlite3_value_text(value);
	size_t n;

	if (s == NULL && sqlite3_value_type(value) != SQLITE_NULL)
		return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
	n = s == NULL ? 0 : strnlen(s, size - 1);
	memcpy(out, s == NULL ? "" : s, n);
	out[n] = '\0';
	return UADM_OK;
}

enum uadm_code
feed_rows(struct store *st, const char *sql, int columns, feed_found *found, void *arg,
    struct uadm_err *err)
{
	struct feed f = { .found = found, .arg = arg, .err = err };
	sqlite3_stmt *h = NULL;
	int rc;

	rc = sqlite3_create_function_v2(st->db, "feed", columns,
	    SQLITE_UTF8 | SQLITE_DIRECTONLY, &f, NULL, feed_step, feed_end, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_prepare_v2(st->db, sql, -1, &h, NULL);
	while (rc == SQLITE_OK && (rc = sqlite3_step(h)) == SQLITE_ROW)
		rc = SQLITE_OK;
	if (f.c == UADM_OK && rc != SQLITE_DONE)
		f.c = store_fail(st, rc, err);
	sqlite3_finalize(h);
	sqlite3_create_function_v2(
	    st->db, "feed", columns, SQLITE_UTF8, NULL, NULL, NULL, NULL, NULL);
	return f.c;
}
