/*
 * sqlite.c - libnss_sqlite.so.2: users in an SQLite database, read directly.
 *
 * A peer for the bench: what a lookup would cost without a published file. A read-only
 * connection for each thread, statements prepared once, the file mapped; the tables (peers.py)
 * have one index for each question and nothing else, and WAL as uadm's store has it.
 */
#include <errno.h>
#include <grp.h>
#include <nss.h>
#include <pwd.h>
#include <sqlite3.h>
#include <stddef.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

EXPORT enum nss_status _nss_sqlite_getpwnam_r(
    const char *name, struct passwd *pw, char *buf, size_t size, int *error);
EXPORT enum nss_status _nss_sqlite_getpwuid_r(
    uid_t uid, struct passwd *pw, char *buf, size_t size, int *error);
EXPORT enum nss_status _nss_sqlite_initgroups_dyn(const char *user, gid_t skip,
    long *used, long *size, gid_t **list, long limit, int *error);

enum { BY_NAME, BY_UID, GROUPS, STATEMENTS };

static const char *const sql[STATEMENTS] = {
	[BY_NAME] =
	    "SELECT uid, gid, name, gecos, home, shell FROM user WHERE name = ?",
	[BY_UID] = "SELECT uid, gid, name, gecos, home, shell FROM user WHERE uid = ?",
	[GROUPS] = "SELECT m.gid FROM user u JOIN member m ON m.uid = u.uid"
		   " WHERE u.name = ?",
};

static _Thread_local sqlite3_stmt *prepared[STATEMENTS];

static sqlite3_stmt *
statement(int which)
{
	static _Thread_local sqlite3 *db;

	if (db == NULL) {
		if (sqlite3_open_v2("/var/lib/misc/bench.sqlite", &db,
			SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
			return NULL;
		sqlite3_exec(db, "PRAGMA mmap_size = 2147418112", NULL, NULL, NULL);
	}
	if (prepared[which] == NULL)
		sqlite3_prepare_v3(db, sql[which], -1, SQLITE_PREPARE_PERSISTENT,
		    &prepared[which], NULL);
	return prepared[which];
}

/* One column behind the other; NULL when it does not fit. */
static char *
put(sqlite3_stmt *s, int column, char **buf, size_t *size)
{
	const unsigned char *text = sqlite3_column_text(s, column);
	size_t len = (size_t)sqlite3_column_bytes(s, column) + 1;
	char *at = *buf;

	if (len > *size)
		return NULL;
	memcpy(at, text, len);
	*buf += len;
	*size -= len;
	return at;
}

static enum nss_status
answer(sqlite3_stmt *s, struct passwd *pw, char *buf, size_t size, int *error)
{
	static char star[] = "*";
	int step = sqlite3_step(s);

	*error = ENOENT;
	if (step == SQLITE_ROW) {
		pw->pw_uid = (uid_t)sqlite3_column_int(s, 0);
		pw->pw_gid = (gid_t)sqlite3_column_int(s, 1);
		pw->pw_name = put(s, 2, &buf, &size);
		pw->pw_gecos = put(s, 3, &buf, &size);
		pw->pw_dir = put(s, 4, &buf, &size);
		pw->pw_shell = put(s, 5, &buf, &size);
		pw->pw_passwd = star;
	}
	sqlite3_reset(s);
	if (step != SQLITE_ROW)
		return step == SQLITE_DONE ? NSS_STATUS_NOTFOUND : NSS_STATUS_UNAVAIL;
	return pw->pw_shell == NULL ? NSS_STATUS_TRYAGAIN : NSS_STATUS_SUCCESS;
}

enum nss_status
_nss_sqlite_getpwnam_r(
    const char *name, struct passwd *pw, char *buf, size_t size, int *error)
{
	sqlite3_stmt *s = statement(BY_NAME);

	sqlite3_bind_text(s, 1, name, -1, SQLITE_STATIC);
	return answer(s, pw, buf, size, error);
}

enum nss_status
_nss_sqlite_getpwuid_r(uid_t uid, struct passwd *pw, char *buf, size_t size, int *error)
{
	sqlite3_stmt *s = statement(BY_UID);

	sqlite3_bind_int64(s, 1, uid);
	return answer(s, pw, buf, size, error);
}

enum nss_status
_nss_sqlite_initgroups_dyn(const char *user, gid_t skip, long *used, long *size,
    gid_t **list, long limit, int *error)
{
	sqlite3_stmt *s = statement(GROUPS);

	(void)skip, (void)limit; /* the bench has room for all */
	*error = ENOENT;
	sqlite3_bind_text(s, 1, user, -1, SQLITE_STATIC);
	while (sqlite3_step(s) == SQLITE_ROW && *used < *size)
		(*list)[(*used)++] = (gid_t)sqlite3_column_int(s, 0);
	sqlite3_reset(s);
	return NSS_STATUS_SUCCESS;
}
