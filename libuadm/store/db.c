/*
 * Threat: who can write the store decides who gets in, and who can read it has every hash to
 * guess at. So it is 0600 in a 0700 directory of root's, reached without following a link
 * (files.h), opened by root only. Who can hold a lock on it can keep failures from being
 * counted: waits are bounded and a login that cannot write is refused.
 */
#include "libuadm/store/private.h"

#include "libuadm/base/files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

enum { BUSY_MOST_MS = 5000 };

/* Wait for the lock in small steps up to a bound in boot time, which nobody can move. */
static int
busy_wait(void *arg, int tries)
{
	struct store *st = arg;
	int64_t now = clock_boot_ms();

	if (tries == 0)
		st->busy_since = now;
	if (now - st->busy_since >= BUSY_MOST_MS)
		return 0;
	usleep(tries < 10 ? 1000 : 5000);
	return 1;
}

static enum uadm_code
run_sql(struct store *st, const char *sql, struct uadm_err *err)
{
	int rc = sqlite3_exec(st->db, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? UADM_OK : store_fail(st, rc, err);
}

static enum uadm_code
open_file(struct store *st, const char *dir, struct uadm_err *err)
{
	char path[512];
	int rc;

	snprintf(path, sizeof(path), "%s/uadm.db", dir);
	rc = sqlite3_open_v2(path, &st->db,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW |
		SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE,
	    log_vfs());
	if (rc != SQLITE_OK)
		return store_fail(st, rc, err);
	sqlite3_busy_handler(st->db, busy_wait, st);
	sqlite3_db_config(st->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(st->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	log_keep(st);
	return run_sql(st,
	    "PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;"
	    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
	    "PRAGMA cell_size_check = ON; PRAGMA secure_delete = ON;",
	    err);
}

static struct store *
store_new(const struct store_place *place)
{
	struct store *st = calloc(1, sizeof(*st));

	if (st != NULL)
		memcpy(st->audit_key, place->audit_key, sizeof(st->audit_key));
	return st;
}

void
store_close(struct store **st)
{
	if (*st == NULL)
		return;
	for (int i = 0; i < STORE_STMTS; i++)
		sqlite3_finalize((*st)->cache[i].h);
	sqlite3_close((*st)->db);
	explicit_bzero(*st, sizeof(**st));
	free(*st);
	*st = NULL;
}

enum uadm_code
store_create(
    const struct store_place *place, store_fill *fill, void *arg, struct uadm_err *err)
{
	CLEANUP(cleanup_fd) int dir = -1;
	CLEANUP(cleanup_fd) int file = -1;
	CLEANUP(store_close) struct store *st = store_new(place);
	enum uadm_code c;

	if (st == NULL)
		return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
	if ((c = files_make_dir(place->dir, 0700, place->owner, &dir, err)) != UADM_OK)
		return c;
	/* A file without a schema is what a crash in here leaves: it is finished now. One that is
	 * there is not opened, for the reason in store_open(). */
	file = openat(dir, "uadm.db", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (file < 0 && errno != EEXIST)
		return uadm_fail(
		    err, UADM_UNAVAILABLE, "cannot make %s/uadm.db: %m", place->dir);
	if ((c = open_file(st, place->dir, err)) != UADM_OK ||
	    (c = schema_create(st, fill, arg, err)) == UADM_EXISTS)
		return c == UADM_EXISTS
		    ? uadm_fail(err, c, "there is a store in %s already", place->dir)
		    : c;
	if (c == UADM_OK && fsync(dir) != 0)
		c = uadm_fail(err, UADM_UNAVAILABLE, "cannot sync %s: %m", place->dir);
	return c;
}

static enum uadm_code
no_store(const struct store_place *place, struct uadm_err *err)
{
	uadm_fail(err, UADM_NOT_FOUND, "there is no store in %s", place->dir);
	return uadm_hint(err, "make one: uadmctl store init");
}

enum uadm_code
store_open(const struct store_place *place, struct store **out, struct uadm_err *err)
{
	CLEANUP(cleanup_fd) int dir = -1;
	CLEANUP(cleanup_fd) int file = -1;
	CLEANUP(store_close) struct store *st = NULL;
	struct stat info;
	char shown[512];
	enum uadm_code c;

	snprintf(shown, sizeof(shown), "%s/uadm.db", place->dir);
	if ((c = files_open_dir(place->dir, place->owner, &dir, err)) == UADM_NOT_FOUND)
		return no_store(place, err);
	if (c != UADM_OK)
		return c;
	if (fstat(dir, &info) != 0 || (info.st_mode & 077) != 0) {
		uadm_fail(err, UADM_UNAVAILABLE, "%s is open to others (mode %04o)",
		    place->dir, (unsigned)info.st_mode & 07777);
		return uadm_hint(err, "chmod 0700 %s", place->dir);
	}
	/* Looked at, not opened: closing a descriptor of the file would drop the POSIX locks of
	 * every SQLite connection of this process, and who closes last deletes the WAL. */
	c = files_open(dir, "uadm.db", O_PATH, 0600, place->owner, shown, &file, err);
	if (c == UADM_NOT_FOUND)
		return no_store(place, err);
	if (c != UADM_OK)
		return c;
	if ((st = store_new(place)) == NULL)
		return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
	if ((c = open_file(st, place->dir, err)) != UADM_OK ||
	    (c = schema_open(st, place->dir, err)) != UADM_OK ||
	    (c = audit_know_key(st, err)) != UADM_OK)
		return c;
	*out = st;
	st = NULL;
	return UADM_OK;
}

enum uadm_code
txn_begin(struct txn *t, struct store *st, struct uadm_err *err)
{
	STMT q = stmt_make(st, "BEGIN IMMEDIATE");
	enum uadm_code c = stmt_run(&q, err);

	if (c == UADM_OK)
		t->st = st;
	return c;
}

enum uadm_code
txn_begin_part(struct txn *t, struct store *st, struct uadm_err *err)
{
	enum uadm_code c;

	/* Outside of a transaction it would be one of its own, and its end a commit. */
	if (sqlite3_get_autocommit(st->db) != 0)
		return uadm_fail(
		    err, UADM_UNAVAILABLE, "what was to be written together is lost");
	STMT q = stmt_make(st, "SAVEPOINT part");
	if ((c = stmt_run(&q, err)) == UADM_OK)
		*t = (struct txn){ .st = st, .part = true };
	return c;
}

bool
txn_is_open(const struct txn *t)
{
	return t->st != NULL && sqlite3_get_autocommit(t->st->db) == 0;
}

enum uadm_code
txn_read(struct txn *t, struct store *st, struct uadm_err *err)
{
	STMT q = stmt_make(st, "BEGIN DEFERRED");
	enum uadm_code c = stmt_run(&q, err);

	if (c == UADM_OK)
		t->st = st;
	return c;
}

enum uadm_code
txn_commit(struct txn *t, struct uadm_err *err)
{
	STMT q = stmt_make(t->st, t->part ? "RELEASE part" : "COMMIT");
	enum uadm_code c = stmt_run(&q, err);

	if (c == UADM_OK)
		t->st = NULL;
	return c;
}

void
txn_done(struct txn *t)
{
	if (t->st != NULL && sqlite3_get_autocommit(t->st->db) == 0)
		sqlite3_exec(t->st->db,
		    t->part ? "ROLLBACK TO part; RELEASE part" : "ROLLBACK", NULL, NULL,
		    NULL);
	t->st = NULL;
}

enum uadm_code
store_generation(
    struct store *st, uint64_t *generation, uint32_t *mark, struct uadm_err *err)
{
	STMT q = stmt_make(st, "SELECT generation, mark FROM meta");
	enum uadm_code c = stmt_one(&q, err);

	if (c != UADM_OK)
		return c;
	*generation = (uint64_t)stmt_col_int(&q, 0);
	if (mark != NULL)
		*mark = (uint32_t)stmt_col_int(&q, 1);
	return UADM_OK;
}

#define NEW_MARK "mark = random() & 4294967295"

enum uadm_code
store_bump_generation(struct store *st, struct uadm_err *err)
{
	STMT q =
	    stmt_make(st, "UPDATE meta SET generation = generation + 1, " NEW_MARK);

	return stmt_run(&q, err);
}

enum uadm_code
store_raise_generation(struct store *st, uint64_t least, struct uadm_err *err)
{
	STMT q = stmt_make(
	    st, "UPDATE meta SET generation = max(generation, :least), " NEW_MARK);

	stmt_int(&q, ":least", (int64_t)least);
	return stmt_run(&q, err);
}

struct steady {
	char boot_id[37];
	int64_t offset; /* steady - boot time, in this boot */
	int64_t last;   /* what was recorded last */
};

static enum uadm_code
steady_read(struct store *st, const struct clock_now *now, struct steady *s,
    int64_t *ms, struct uadm_err *err)
{
	STMT q = stmt_make(st, "SELECT boot_id, steady_offset, steady_last FROM meta");
	enum uadm_code c = stmt_one(&q, err);

	if (c != UADM_OK)
		return c;
	/* Taken for a new boot, it would add this one's time once more: locks would run out. */
	if (now->boot_id[0] == '\0')
		return uadm_fail(
		    err, UADM_UNAVAILABLE, "this boot's id cannot be read");
	stmt_col_text(&q, 0, s->boot_id, sizeof(s->boot_id));
	s->offset = stmt_col_int(&q, 1);
	s->last = stmt_col_int(&q, 2);
	if (strcmp(s->boot_id, now->boot_id) != 0)
		s->offset =
		    s->last; /* a new boot: its time is added to what there was */
	*ms = s->offset + now->boot_ms;
	if (*ms < s->last)
		*ms = s->last;
	return UADM_OK;
}

enum uadm_code
store_steady(
    struct store *st, const struct clock_now *now, int64_t *ms, struct uadm_err *err)
{
	struct steady s = { 0 };

	return steady_read(st, now, &s, ms, err);
}

enum uadm_code
store_steady_keep(
    struct store *st, const struct clock_now *now, int64_t *ms, struct uadm_err *err)
{
	struct steady s = { 0 };
	enum uadm_code c = steady_read(st, now, &s, ms, err);

	if (c != UADM_OK)
		return c;
	STMT q = stmt_make(st,
	    "UPDATE meta SET boot_id = :boot, steady_offset = :offset, steady_last = :last");
	stmt_text(&q, ":boot", now->boot_id);
	stmt_int(&q, ":offset", s.offset);
	stmt_int(&q, ":last", *ms);
	return stmt_run(&q, err);
}

enum uadm_code
store_check_file(struct store *st, void (*found)(void *arg, const char *what),
    void *arg, struct uadm_err *err)
{
	static const char *const checks[] = { "PRAGMA integrity_check",
		"SELECT 'a row of ' || \"table\" || ' refers to a missing ' || parent "
		"FROM pragma_foreign_key_check WHERE \"table\" NOT IN ('attempt', 'lockout')",
		"SELECT 'a row of ' || kind || ' refers to a missing user' FROM "
		"(SELECT 'attempt' AS kind, uid FROM attempt "
		"UNION ALL SELECT 'lockout', uid FROM lockout) "
		"WHERE uid < " STRANGERS_FROM " AND uid NOT IN (SELECT uid FROM user)",
		"SELECT 'a row of policy refers to a missing account or role' FROM policy "
		"WHERE account <> 0 AND (account NOT IN (SELECT gid FROM account) "
		"OR (role <> 0 AND role NOT IN (SELECT id FROM role)))" };

	for (size_t i = 0; i < ARRAY_LEN(checks); i++) {
		STMT q = stmt_make(st, checks[i]);
		enum uadm_code c;
		bool more;

		while ((c = stmt_row(&q, &more, err)) == UADM_OK && more)
			if (strcmp(stmt_col_peek(&q, 0), "ok") != 0)
				found(arg, stmt_col_peek(&q, 0));
		if (c != UADM_OK)
			return c;
	}
	return UADM_OK;
}
