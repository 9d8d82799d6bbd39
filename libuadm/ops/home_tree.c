/*
 * home_tree.c - see home_tree.h.
 *
 * Threat: whoever can put a name into the skeleton could have root read /etc/shadow for them
 * (a link, also a hard one) or hang it (a FIFO); whoever owns a directory that root removes
 * could point root elsewhere in the middle. So everything goes through descriptors, no link
 * is followed, every directory and file of the skeleton must be root's alone, and depth and
 * count have an end.
 */
#include "libuadm/ops/home_tree.h"

#include "libuadm/base/files.h"
#include "libuadm/base/paths.h"
#include "libuadm/ops/home.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

enum {
	REMOVE_DEPTH_MAX = 128, /* what an owner may have put into a leftover */
};

struct copy {
	uid_t uid;
	gid_t gid;
	unsigned left; /* entries that may still come */
	unsigned depth;
	const char *shown;
	struct uadm_err *err;
};

static void
cleanup_dir(DIR **d)
{
	if (*d != NULL)
		closedir(*d);
}

/* A stream over a directory whose descriptor the caller keeps. */
static DIR *
dir_stream(int fd)
{
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = copy >= 0 ? fdopendir(copy) : NULL;

	if (d == NULL && copy >= 0)
		close(copy);
	return d;
}

/* The next entry but `.` and `..`; NULL at the end (errno 0) or on failure. */
static const char *
dir_next(DIR *d)
{
	struct dirent *e;

	do {
		errno = 0;
		e = readdir(d);
	} while (
	    e != NULL && (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0));
	return e != NULL ? e->d_name : NULL;
}

static enum uadm_code
copy_failed(struct copy *c, const char *name)
{
	if (errno == ENOSPC || errno == EDQUOT)
		return uadm_fail(c->err, UADM_UNAVAILABLE, "no room for the home: %m");
	return uadm_fail(
	    c->err, UADM_UNAVAILABLE, "cannot copy %s from %s: %m", name, c->shown);
}

/* What others can write must not become what a new user runs. */
static enum uadm_code
source_trusted(struct copy *c, const char *name, const struct stat *st)
{
	if ((st->st_uid == 0 || st->st_uid == UADM_TRUSTED_UID) &&
	    (st->st_mode & (S_IWGRP | S_IWOTH)) == 0)
		return UADM_OK;
	uadm_fail(c->err, UADM_UNAVAILABLE,
	    "%s in %s is not root's alone (uid %u, mode %04o)", name, c->shown,
	    (unsigned)st->st_uid, (unsigned)st->st_mode & 07777);
	return uadm_hint(c->err, "chown root and chmod go-w what lies in %s", c->shown);
}

static bool
bytes_copy(int from, int to)
{
	char buf[32768];
	ssize_t n;

	while ((n = read(from, buf, sizeof(buf))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || !files_write_all(to, buf, (size_t)n))
			return false;
	}
	return true;
}

/* Owner first: chown(2) may clear bits, and until then the file is root's. */
static bool
finish(const struct copy *c, int fd, const struct stat *st)
{
	const struct timespec times[2] = { st->st_mtim, st->st_mtim };

	return fchown(fd, c->uid, c->gid) == 0 && fchmod(fd, st->st_mode & 0777) == 0 &&
	    futimens(fd, times) == 0 && fsync(fd) == 0;
}

static enum uadm_code
copy_file(struct copy *c, int from, int to, const char *name)
{
	CLEANUP(cleanup_fd)
	int in = openat(
	    from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	CLEANUP(cleanup_fd) int out = -1;
	struct stat st;
	enum uadm_code code;

	if (in < 0 || fstat(in, &st) != 0)
		return copy_failed(c, name);
	if (!S_ISREG(st.st_mode))
		return UADM_OK; /* exchanged since it was looked at: as any device */
	if ((code = source_trusted(c, name, &st)) != UADM_OK)
		return code;
	out = openat(
	    to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (out < 0 || !bytes_copy(in, out) || !finish(c, out, &st))
		return copy_failed(c, name);
	return UADM_OK;
}

static enum uadm_code
copy_link(struct copy *c, int from, int to, const char *name, const struct stat *st)
{
	const struct timespec times[2] = { st->st_mtim, st->st_mtim };
	char target[PATH_MAX];
	ssize_t n = readlinkat(from, name, target, sizeof(target) - 1);

	if (n < 0)
		return copy_failed(c, name);
	target[n] = '\0';
	if (symlinkat(target, to, name) != 0 ||
	    fchownat(to, name, c->uid, c->gid, AT_SYMLINK_NOFOLLOW) != 0 ||
	    utimensat(to, name, times, AT_SYMLINK_NOFOLLOW) != 0)
		return copy_failed(c, name);
	return UADM_OK;
}

static enum uadm_code copy_entries(struct copy *c, int from, int to);

static enum uadm_code
copy_directory(struct copy *c, int from, int to, const char *name)
{
	CLEANUP(cleanup_fd)
	int in = openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	CLEANUP(cleanup_fd) int out = -1;
	struct stat st;
	enum uadm_code code;

	if (in < 0 || fstat(in, &st) != 0)
		return copy_failed(c, name);
	if ((code = source_trusted(c, name, &st)) != UADM_OK)
		return code;
	if (mkdirat(to, name, 0700) != 0 ||
	    (out = openat(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) <
		0)
		return copy_failed(c, name);
	if (++c->depth > HOME_DEPTH_MAX)
		return uadm_fail(c->err, UADM_UNAVAILABLE,
		    "%s has directories deeper than %d", c->shown, HOME_DEPTH_MAX);
	if ((code = copy_entries(c, in, out)) != UADM_OK)
		return code;
	c->depth--;
	return finish(c, out, &st) ? UADM_OK : copy_failed(c, name);
}

static enum uadm_code
copy_entry(struct copy *c, int from, int to, const char *name)
{
	struct stat st;

	if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ? UADM_OK : copy_failed(c, name);
	if (c->left-- == 0)
		return uadm_fail(c->err, UADM_UNAVAILABLE,
		    "%s has more than %d entries", c->shown, HOME_ENTRIES_MAX);
	if (S_ISREG(st.st_mode))
		return copy_file(c, from, to, name);
	if (S_ISDIR(st.st_mode))
		return copy_directory(c, from, to, name);
	if (S_ISLNK(st.st_mode))
		return copy_link(c, from, to, name, &st);
	return UADM_OK; /* sockets, devices and FIFOs don't belong to a person */
}

static enum uadm_code
copy_entries(struct copy *c, int from, int to)
{
	CLEANUP(cleanup_dir) DIR *d = dir_stream(from);
	enum uadm_code code;
	const char *name;

	if (d == NULL)
		return copy_failed(c, "the directory");
	while ((name = dir_next(d)) != NULL)
		if ((code = copy_entry(c, from, to, name)) != UADM_OK)
			return code;
	return errno == 0 ? UADM_OK : copy_failed(c, "the directory");
}

enum uadm_code
home_tree_copy(
    int from, int to, uid_t uid, gid_t gid, const char *shown, struct uadm_err *err)
{
	struct copy c = { .uid = uid,
		.gid = gid,
		.left = HOME_ENTRIES_MAX,
		.shown = shown,
		.err = err };

	return copy_entries(&c, from, to);
}

static int
remove_below(int dir, const char *name, dev_t dev, unsigned depth)
{
	CLEANUP(cleanup_fd)
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	CLEANUP(cleanup_dir) DIR *d = NULL;
	const char *entry;
	struct stat st;

	if (fd < 0 && (errno == ENOTDIR || errno == ELOOP))
		return unlinkat(dir, name, 0);
	if (fd < 0 || fstat(fd, &st) != 0)
		return -1;
	errno = depth == 0 ? ELOOP : EXDEV;
	if (depth == 0 || st.st_dev != dev)
		return -1;
	if ((d = dir_stream(fd)) == NULL)
		return -1;
	while ((entry = dir_next(d)) != NULL)
		if (unlinkat(fd, entry, 0) != 0 &&
		    (errno != EISDIR || remove_below(fd, entry, dev, depth - 1) != 0))
			return -1;
	return errno == 0 ? unlinkat(dir, name, AT_REMOVEDIR) : -1;
}

int
home_tree_remove(int dir, const char *name)
{
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return -1;
	return remove_below(dir, name, st.st_dev, REMOVE_DEPTH_MAX);
}
