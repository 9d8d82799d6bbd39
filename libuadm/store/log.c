/*
 * log.c - SQLite's write-ahead log, for processes that live for one or two commits.
 *
 * Each login and each uadmctl opens and closes the store, as a rule alone. Left to itself, SQLite
 * would write the log back into the file, sync and remove it at the end of each: so the log stays.
 * Who opens the store next reads it from its beginning to the last commit, and knows nothing of
 * what was written back; hence two things that a long-lived process need not do:
 *
 * - A log that was written back is begun anew by the next commit of the same process, and only of
 *   that. So there is one, which changes nothing: otherwise each further process would write the
 *   whole log back again, and the log would grow for ever.
 *
 * - SQLite syncs the directory at the first commit of each process, for it asks to have the log
 *   made if it is not there, and so cannot know that it was. Once a log has been begun anew, its
 *   header says so: it was synced under its name before. Then it is opened as what is there.
 */
#include "libuadm/store/private.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Every page is read again by who opens the store next; fewer would be written back too often. */
enum { FRAMES_MOST = 100 };

static sqlite3_vfs *real, ours;

/* Has the log at `path` been begun anew? Its header counts how often. */
static bool
is_begun_anew(const char *path)
{
	static const unsigned char magic[3] = { 0x37, 0x7f, 0x06 };
	static const unsigned char never[4];
	unsigned char head[16];
	CLEANUP(cleanup_fd)
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	return fd >= 0 && pread(fd, head, sizeof(head), 0) == (ssize_t)sizeof(head) &&
	    memcmp(head, magic, sizeof(magic)) == 0 &&
	    memcmp(head + 12, never, sizeof(never)) != 0;
}

static int
open_file(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *out)
{
	(void)vfs;
	if ((flags & SQLITE_OPEN_WAL) != 0 && is_begun_anew(path) &&
	    real->xOpen(real, path, file, flags & ~SQLITE_OPEN_CREATE, out) ==
		SQLITE_OK)
		return SQLITE_OK;
	return real->xOpen(real, path, file, flags, out);
}

const char *
log_vfs(void)
{
	static const char name[] = "uadm";

	if (real != NULL)
		return name;
	if ((real = sqlite3_vfs_find(NULL)) == NULL)
		return NULL;
	ours = *real;
	ours.zName = name;
	ours.xOpen = open_file;
	if (sqlite3_vfs_register(&ours, 0) == SQLITE_OK)
		return name;
	real = NULL;
	return NULL;
}

/* What was committed is, whatever becomes of this: it is never an error. */
static int
after_commit(void *arg, sqlite3 *db, const char *schema, int frames)
{
	int logged = 0, written = -1;

	(void)arg;
	if (frames >= FRAMES_MOST &&
	    sqlite3_wal_checkpoint_v2(db, schema, SQLITE_CHECKPOINT_PASSIVE, &logged,
		&written) == SQLITE_OK &&
	    written == logged)
		/* It is 0 already. A row that stays what it was would not be written. */
		sqlite3_exec(db, "PRAGMA application_id = 0", NULL, NULL, NULL);
	return SQLITE_OK;
}

void
log_keep(struct store *st)
{
	int on = 1;

	sqlite3_db_config(st->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_file_control(st->db, NULL, SQLITE_FCNTL_PERSIST_WAL, &on);
	sqlite3_wal_hook(st->db, after_commit, NULL);
}
