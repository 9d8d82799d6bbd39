/*
 * Threat: a kill in the middle. What is half written holds password hashes, and nobody would ever
 * look for it. So whatever is made here is held by a lock for as long as somebody works on it,
 * and the next who makes one removes what nobody holds. Making, locking and looking around happen
 * under one lock, so that nothing new is taken for a leftover.
 */
#include "libuadm/ops/workdir.h"

#include "libuadm/base/files.h"
#include "libuadm/base/paths.h"
#include "libuadm/store/db.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#define DIR_PREFIX "work."

/* Remove what lies in a directory of ours, and it; nothing in it is a directory. */
static void
clear_dir(const char *path)
{
	CLEANUP(cleanup_fd)
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int again = dir < 0 ? -1 : fcntl(dir, F_DUPFD_CLOEXEC, 3);
	DIR *d = again < 0 ? NULL : fdopendir(again);
	const struct dirent *entry;

	if (d == NULL) {
		if (again >= 0)
			close(again);
		return;
	}
	while ((entry = readdir(d)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			unlinkat(dir, entry->d_name, 0);
	closedir(d);
	rmdir(path);
}

/* Call `remove` for each entry of `dir` that begins with `prefix` and goes on with a number. */
static void
each_numbered(int dir, const char *prefix, void (*remove)(int dir, const char *name))
{
	int again = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = again < 0 ? NULL : fdopendir(again);
	size_t n = strlen(prefix);
	const struct dirent *entry;

	if (d == NULL) {
		if (again >= 0)
			close(again);
		return; /* litter is no reason not to go on */
	}
	while ((entry = readdir(d)) != NULL) {
		const char *rest = entry->d_name + n;

		if (strncmp(entry->d_name, prefix, n) == 0 && *rest != '\0' &&
		    rest[strspn(rest, "0123456789")] == '\0')
			remove(dir, entry->d_name);
	}
	closedir(d);
}

static bool
is_held(int fd)
{
	return flock(fd, LOCK_EX | LOCK_NB) != 0;
}

static void
remove_dir(int dir, const char *name)
{
	CLEANUP(cleanup_fd)
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	char path[512];

	if (fd < 0 || is_held(fd))
		return;
	snprintf(path, sizeof(path), "%s/%s", UADM_STATE_DIR, name);
	clear_dir(path);
}

/* Somebody else's file of such a name is none of ours. */
static void
remove_file(int dir, const char *name)
{
	CLEANUP(cleanup_fd)
	int fd = openat(
	    dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_uid == geteuid() && !is_held(fd))
		unlinkat(dir, name, 0);
}

static enum uadm_code
lock_state(int *dir, struct uadm_err *err)
{
	enum uadm_code c =
	    files_make_dir(UADM_STATE_DIR, 0755, UADM_TRUSTED_UID, dir, err);

	if (c == UADM_OK && flock(*dir, LOCK_EX) != 0)
		c = uadm_fail(
		    err, UADM_UNAVAILABLE, "cannot lock %s: %m", UADM_STATE_DIR);
	return c;
}

enum uadm_code
workdir_make(struct workdir *w, struct uadm_err *err)
{
	CLEANUP(cleanup_fd) int lock = -1;
	char path[sizeof(w->path)];
	enum uadm_code c;

	*w = (struct workdir){ .fd = -1 };
	if ((c = lock_state(&lock, err)) != UADM_OK)
		return c;
	each_numbered(lock, DIR_PREFIX, remove_dir);
	snprintf(
	    path, sizeof(path), "%s/" DIR_PREFIX "%d", UADM_STATE_DIR, (int)getpid());
	if ((c = files_make_dir(path, 0700, UADM_TRUSTED_UID, &w->fd, err)) != UADM_OK)
		return c;
	snprintf(w->path, sizeof(w->path), "%s", path);
	return flock(w->fd, LOCK_EX | LOCK_NB) == 0
	    ? UADM_OK
	    : uadm_fail(err, UADM_UNAVAILABLE, "cannot lock %s: %m", path);
}

void
workdir_remove(struct workdir *w)
{
	if (w->path[0] == '\0')
		return;
	clear_dir(w->path);
	close(w->fd);
	*w = (struct workdir){ .fd = -1 };
}

static enum uadm_code
open_parent(const char *path, const char **name, int *dir, struct uadm_err *err)
{
	char parent[PATH_MAX], *slash;

	if (snprintf(parent, sizeof(parent), "%s", path) >= (int)sizeof(parent))
		return uadm_fail(err, UADM_INVALID, "the file name is too long");
	slash = strrchr(parent, '/');
	*name = slash == NULL ? path : path + (slash - parent) + 1;
	if (slash != NULL)
		slash[slash == parent] = '\0';
	*dir = open(slash == NULL ? "." : parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return *dir >= 0 ? UADM_OK
			 : uadm_fail(err, UADM_UNAVAILABLE, "cannot open %s: %m",
			       slash == NULL ? "." : parent);
}

struct identity {
	dev_t dev;
	ino_t ino;
};

static bool
identify(int dir, const char *name, struct identity *id)
{
	struct stat st;

	if (fstatat(dir, name, &st, 0) != 0)
		return false;
	*id = (struct identity){ st.st_dev, st.st_ino };
	return true;
}

static bool
is_same(const struct identity *a, const struct identity *b)
{
	return a->dev == b->dev && a->ino == b->ino;
}

/* Each by itself: what is mounted elsewhere has other parents there. */
static bool
is_ours(const struct identity *dir)
{
	static const char *const ours[] = { UADM_STATE_DIR, UADM_STORE_DIR,
		UADM_DIRECTORY_DIR, UADM_HOST_DIR, UADM_CONFIG_DIR };
	struct identity id;

	for (size_t i = 0; i < ARRAY_LEN(ours); i++)
		if (identify(AT_FDCWD, ours[i], &id) && is_same(&id, dir))
			return true;
	return false;
}

/* `*dir` becomes its parent. */
static bool
go_up(int *dir)
{
	int up = openat(*dir, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (up < 0)
		return false;
	close(*dir);
	*dir = up;
	return true;
}

enum uadm_code
work_place(const char *path, struct uadm_err *err)
{
	CLEANUP(cleanup_fd) int dir = -1;
	struct identity here, below = { 0 };
	const char *name;
	enum uadm_code c = open_parent(path, &name, &dir, err);

	if (c != UADM_OK)
		return c;
	for (;;) {
		if (!identify(dir, ".", &here))
			break;
		if (is_ours(&here)) {
			uadm_fail(
			    err, UADM_INVALID, "%s is in a directory of uadm's", path);
			return uadm_hint(
			    err, "put it elsewhere, apart from %s", UADM_KEY_FILE);
		}
		if (is_same(&here, &below))
			return UADM_OK; /* the root is its own parent */
		below = here;
		if (!go_up(&dir))
			break;
	}
	return uadm_fail(err, UADM_UNAVAILABLE, "cannot look above %s: %m", path);
}

enum uadm_code
work_partial(
    const char *path, char *partial, size_t size, int *fd, struct uadm_err *err)
{
	CLEANUP(cleanup_fd) int lock = -1;
	CLEANUP(cleanup_fd) int dir = -1;
	char prefix[NAME_MAX + 1];
	const char *name = path;
	enum uadm_code c;

	if ((c = open_parent(path, &name, &dir, err)) != UADM_OK)
		return c;
	if (snprintf(prefix, sizeof(prefix), "%s.partial.", name) >=
		(int)sizeof(prefix) ||
	    snprintf(partial, size, "%s.partial.%d", path, (int)getpid()) >= (int)size)
		return uadm_fail(err, UADM_INVALID, "the file name is too long");
	if ((c = lock_state(&lock, err)) != UADM_OK)
		return c;
	each_numbered(dir, prefix, remove_file);
	*fd = open(partial, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (*fd < 0)
		return uadm_fail(err, UADM_UNAVAILABLE, "cannot make %s: %m", partial);
	/* Where files cannot be locked, half ones stay; a whole one is made all the same. */
	(void)flock(*fd, LOCK_EX | LOCK_NB);
	return UADM_OK;
}
