/*
 * schema.c - a store gets its tables, or is brought to the ones of today (schema_steps.c).
 *
 * `PRAGMA user_version` numbers the schema.
 */
#include "libuadm/store/private.h"

#include <string.h>

int
store_schema_version(void)
{
	return (int)schema_step_count;
}

static enum uadm_code
read_version(struct store *st, int *version, struct uadm_err *err)
{
	STMT q = stmt_make(st, "PRAGMA user_version");
	enum uadm_code c = stmt_one(&q, err);

	if (c == UADM_OK)
		*version = (int)stmt_col_int(&q, 0);
	return c;
}

static enum uadm_code
apply(struct store *st, int from, struct uadm_err *err)
{
	char sql[64];
	int rc = SQLITE_OK;

	for (size_t i = (size_t)from; i < schema_step_count && rc == SQLITE_OK; i++)
		rc = sqlite3_exec(st->db, schema_steps[i], NULL, NULL, NULL);
	snprintf(sql, sizeof(sql), "PRAGMA user_version = %d", store_schema_version());
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(st->db, sql, NULL, NULL, NULL);
	return rc == SQLITE_OK ? UADM_OK : store_fail(st, rc, err);
}

enum uadm_code
schema_create(struct store *st, store_fill *fill, void *arg, struct uadm_err *err)
{
	TXN t = { 0 };
	int version = 0;
	enum uadm_code c;

	if ((c = txn_begin(&t, st, err)) != UADM_OK ||
	    (c = read_version(st, &version, err)) != UADM_OK)
		return c;
	if (version != 0)
		return uadm_fail(err, UADM_EXISTS, "there is a schema already");
	if ((c = apply(st, 0, err)) != UADM_OK ||
	    (c = audit_begin(st, err)) != UADM_OK ||
	    (fill != NULL && (c = fill(st, arg, err)) != UADM_OK))
		return c;
	return txn_commit(&t, err);
}

/* A copy of the old store beside it, made by SQLite: whole or not there under that name. */
static enum uadm_code
keep_copy(struct store *st, const char *dir, int version, struct uadm_err *err)
{
	char path[512], partial[528];
	int rc;

	snprintf(path, sizeof(path), "%s/before-schema-%d.db", dir, version + 1);
	snprintf(partial, sizeof(partial), "%s.partial", path);
	unlink(partial);
	sqlite3_stmt *h = NULL;
	rc = sqlite3_prepare_v2(st->db, "VACUUM INTO ?", -1, &h, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_text(h, 1, partial, -1, SQLITE_STATIC);
	if (rc == SQLITE_OK && (rc = sqlite3_step(h)) == SQLITE_DONE)
		rc = SQLITE_OK;
	sqlite3_finalize(h);
	if (rc != SQLITE_OK)
		return store_fail(st, rc, err);
	if (rename(partial, path) != 0)
		return uadm_fail(err, UADM_UNAVAILABLE, "cannot make %s: %m", path);
	return UADM_OK;
}

static enum uadm_code
upgrade(struct store *st, const char *dir, struct uadm_err *err)
{
	TXN t = { 0 };
	int version = 0;
	enum uadm_code c;

	/* Only who holds the write lock looks again and upgrades. */
	if ((c = read_version(st, &version, err)) != UADM_OK ||
	    (c = keep_copy(st, dir, version, err)) != UADM_OK ||
	    (c = txn_begin(&t, st, err)) != UADM_OK ||
	    (c = read_version(st, &version, err)) != UADM_OK)
		return c;
	if (version < store_schema_version() &&
	    (c = apply(st, version, err)) != UADM_OK)
		return c;
	return txn_commit(&t, err);
}

enum uadm_code
schema_open(struct store *st, const char *dir, struct uadm_err *err)
{
	int version = 0;
	enum uadm_code c = read_version(st, &version, err);

	if (c != UADM_OK)
		return c;
	if (version == 0) {
		uadm_fail(err, UADM_UNAVAILABLE,
		    "%s/uadm.db is empty: it was never finished", dir);
		return uadm_hint(err, "finish it: uadmctl store init");
	}
	if (version > store_schema_version()) {
		uadm_fail(err, UADM_UNAVAILABLE,
		    "the store has schema %d, this uadm knows %d", version,
		    store_schema_version());
		return uadm_hint(
		    err, "a newer uadm has upgraded it: install that version");
	}
	return version < store_schema_version() ? upgrade(st, dir, err) : UADM_OK;
}
