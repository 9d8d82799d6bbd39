/*
 * private.h - what the files of store/ share and nobody else sees: the handle, and statements.
 */
#ifndef UADM_STORE_PRIVATE_H
#define UADM_STORE_PRIVATE_H

#include "libuadm/base/attempt.h"
#include "libuadm/base/cleanup.h"
#include "libuadm/store/db.h"

#include <sqlite3.h>

enum { STORE_STMTS = 64 };

struct store {
	sqlite3 *db;
	unsigned char audit_key[STORE_KEY_SIZE];
	int64_t busy_since; /* CLOCK_BOOTTIME ms of the wait that is on */
	bool lost;          /* a value for want of memory: nothing more is asked */
	bool own_key;       /* audit_key is the one that seals this store */
	/* No number from `gap_least` on is free below `gap_next`: looked up once, for many take one. */
	int64_t gap_least, gap_next;
	/* Prepared statements by the address of their SQL, which is a literal. */
	struct {
		const char *sql;
		sqlite3_stmt *h;
		bool busy;
	} cache[STORE_STMTS];
};

/* A statement in use. The first failure sticks; stmt_one(), stmt_row() and stmt_run() report
 * it. */
struct stmt {
	struct store *st;
	sqlite3_stmt *h;
	int rc;
	int slot; /* in the cache, or -1 */
};
#define STMT CLEANUP(stmt_done) struct stmt

/* `sql` is a string literal, for its address is the key of the cache. */
struct stmt stmt_make(struct store *st, const char *sql);
void stmt_text(
    struct stmt *q, const char *param, const char *value); /* NULL or "" -> NULL */
void stmt_int(struct stmt *q, const char *param, int64_t value);
void stmt_time(struct stmt *q, const char *param, int64_t value); /* 0 -> NULL */
void stmt_blob(struct stmt *q, const char *param, const void *data, size_t size);

/* Run to the end, or to the first row: UADM_NOT_FOUND (with a dull message) when none. */
enum uadm_code stmt_run(struct stmt *q, struct uadm_err *err) UADM_CHECKED;
enum uadm_code stmt_one(struct stmt *q, struct uadm_err *err) UADM_CHECKED;
/* Step: *more tells whether there is a row. */
enum uadm_code stmt_row(struct stmt *q, bool *more, struct uadm_err *err) UADM_CHECKED;
void stmt_done(struct stmt *q);

int64_t stmt_col_int(const struct stmt *q, int column); /* NULL is 0 */
/* Copies; a value that does not fit is cut, which the schema's CHECKs make impossible. */
void stmt_col_text(const struct stmt *q, int column, char *out, size_t size);
const char *stmt_col_peek(
    const struct stmt *q, int column); /* until the next step; "" for NULL */
const void *stmt_col_blob(const struct stmt *q, int column, size_t *size);

/* What an attempt `a` is to struct attempt_window, with the lockout `l` of its user beside it (or
 * NULLs): in flight, or a failure that counts. A lock that has run out takes the failures that led
 * to it along. */
#define ATTEMPT_FLIES "(a.deadline IS NOT NULL AND a.deadline > :now)"
#define ATTEMPT_COUNTS                                                                 \
	"(NOT " ATTEMPT_FLIES                                                          \
	" AND a.started > :since AND (a.local OR l.since IS NULL "                     \
	"OR l.since > :lock_over OR a.started > l.since))"
void stmt_window(struct stmt *q, const struct attempt_window *w);

/* Whoever goes takes the books on their guesses along; putting a past back must not (backup.c). */
#define ATTEMPT_OF_NOBODY                                                              \
	"CREATE TRIGGER attempt_of_nobody AFTER DELETE ON user BEGIN "                 \
	"DELETE FROM attempt WHERE uid = old.uid; DELETE FROM lockout WHERE uid = old.uid; END;"
/* ATTEMPT_STRANGER for SQL: rows of attempt and lockout from here on are no user's, and are right. */
#define STRANGERS_FROM "2147483648"

/* Rows changed by the last statement. */
int64_t store_changes(struct store *st);

/* Say what SQLite said, in our codes. */
enum uadm_code store_fail(struct store *st, int rc, struct uadm_err *err);

/* schema.c: make the schema (UADM_EXISTS when there is one) or bring an older one up to date.
 * Called with no transaction open. */
enum uadm_code schema_create(
    struct store *st, store_fill *fill, void *arg, struct uadm_err *err) UADM_CHECKED;
enum uadm_code schema_open(
    struct store *st, const char *dir, struct uadm_err *err) UADM_CHECKED;

/* What keeps the trail append-only, to the letter in which the schema has it. */
#define AUDIT_KEEP                                                                     \
	"CREATE TRIGGER audit_keep BEFORE DELETE ON audit "                            \
	"BEGIN SELECT raise(ABORT, 'the audit trail is append-only'); END;"
#define AUDIT_SAME                                                                     \
	"CREATE TRIGGER audit_same BEFORE UPDATE ON audit "                            \
	"BEGIN SELECT raise(ABORT, 'the audit trail is append-only'); END;"

/* log.c: the VFS to open the store with (NULL: SQLite's own), and how its log is kept. */
const char *log_vfs(void);
void log_keep(struct store *st);

/* audit_key.c: mark the trail as empty and the key as this store's, in the transaction that makes it. */
enum uadm_code audit_begin(struct store *st, struct uadm_err *err) UADM_CHECKED;
/* Set own_key. Called with no transaction open. */
enum uadm_code audit_know_key(struct store *st, struct uadm_err *err) UADM_CHECKED;

/* What leads from each version of the schema to the next: schema_steps.c. */
extern const char *const schema_steps[];
extern const size_t schema_step_count;

#endif
