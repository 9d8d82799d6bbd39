#include "libuadm/base/files.h"

#include "libuadm/base/clock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

/* Is this directory safe to pass through? `last` ones must not be sticky either. */
static enum uadm_code
dir_trusted(int fd, uid_t owner, bool last, const char *shown, struct uadm_err *err)
{
	struct stat st;
	bool sticky;

	if (fstat(fd, &st) != 0)
		return uadm_fail(err, UADM_UNAVAILABLE, "cannot look at %s: %m", shown);
	sticky = !last && (st.st_mode & S_ISVTX) != 0 && st.st_uid == 0;
	if (st.st_uid != 0 && st.st_uid != owner) {
		uadm_fail(err, UADM_UNAVAILABLE, "%s belongs to uid %u, not to root",
		    shown, (unsigned)st.st_uid);
		return uadm_hint(err, "chown root: %s", shown);
	}
	if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0 && !sticky) {
		uadm_fail(err, UADM_UNAVAILABLE, "%s is writable by others (mode %04o)",
		    shown, (unsigned)st.st_mode & 07777);
		return uadm_hint(err, "chmod go-w %s", shown);
	}
	return UADM_OK;
}

/* Open `name` in *dir as the next directory of the walk, which then stands in *dir. */
static enum uadm_code
dir_enter(int *dir, const char *name, const char *shown, struct uadm_err *err)
{
	int next = openat(*dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (next < 0 && errno == ENOENT)
		return uadm_fail(err, UADM_NOT_FOUND, "%s does not exist", shown);
	if (next < 0 && (errno == ELOOP || errno == ENOTDIR)) {
		uadm_fail(err, UADM_UNAVAILABLE, "%s is not a directory", shown);
		return uadm_hint(
		    err, "symbolic links are not followed here; a bind mount works");
	}
	if (next < 0)
		return uadm_fail(err, UADM_UNAVAILABLE, "cannot open %s: %m", shown);
	close(*dir);
	*dir = next;
	return UADM_OK;
}

static enum uadm_code
dir_walk(const char *path, mode_t make, uid_t owner, int *out, struct uadm_err *err)
{
	CLEANUP(cleanup_fd) int dir = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char shown[PATH_MAX], *slash;
	size_t used = 0;
	enum uadm_code c;

	if (path[0] != '/' || strlen(path) >= sizeof(shown))
		return uadm_fail(err, UADM_INVALID, "not an absolute path: %s", path);
	snprintf(shown, sizeof(shown), "%s", path);
	if (dir < 0)
		return uadm_fail(err, UADM_UNAVAILABLE, "cannot open /: %m");
	if ((c = dir_trusted(dir, owner, false, "/", err)) != UADM_OK)
		return c;
	while (path[used] != '\0') {
		size_t from = used + 1, len = strcspn(path + from, "/");
		char name[NAME_MAX + 1];
		bool last = path[from + len] == '\0';

		used = from + len;
		if (len == 0)
			continue;
		if (len > NAME_MAX)
			return uadm_fail(
			    err, UADM_INVALID, "a name is too long in %s", path);
		memcpy(name, path + from, len);
		name[len] = '\0';
		if ((slash = strchr(shown + from, '/')) != NULL)
			*slash = '\0';
		if (make != 0 && mkdirat(dir, name, last ? make : 0755) != 0 &&
		    errno != EEXIST)
			return uadm_fail(
			    err, UADM_UNAVAILABLE, "cannot make %s: %m", shown);
		if ((c = dir_enter(&dir, name, shown, err)) != UADM_OK ||
		    (c = dir_trusted(dir, owner, last, shown, err)) != UADM_OK)
			return c;
		if (slash != NULL)
			*slash = '/';
	}
	*out = dir;
	dir = -1;
	return UADM_OK;
}

enum uadm_code
files_open_dir(const char *path, uid_t owner, int *fd, struct uadm_err *err)
{
	return dir_walk(path, 0, owner, fd, err);
}

enum uadm_code
files_make_dir(
    const char *path, mode_t mode, uid_t owner, int *fd, struct uadm_err *err)
{
	mode_t mask = umask(0);
	enum uadm_code c = dir_walk(path, mode, owner, fd, err);
	struct stat st;

	umask(mask);
	if (c != UADM_OK)
		return c;
	if (fstat(*fd, &st) == 0 && (st.st_mode & 07777 & ~mode) == 0)
		return UADM_OK;
	close(*fd);
	*fd = -1;
	uadm_fail(err, UADM_UNAVAILABLE, "%s has mode %04o, which is more than %04o",
	    path, (unsigned)st.st_mode & 07777, (unsigned)mode);
	return uadm_hint(err, "chmod %04o %s", (unsigned)mode, path);
}

enum uadm_code
files_open(int dir, const char *name, int flags, mode_t mode, uid_t owner,
    const char *shown, int *fd, struct uadm_err *err)
{
	CLEANUP(cleanup_fd)
	int f =
	    openat(dir, name, flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (f < 0 && errno == ENOENT)
		return uadm_fail(err, UADM_NOT_FOUND, "%s does not exist", shown);
	if (f < 0 && errno == ELOOP)
		return uadm_fail(err, UADM_UNAVAILABLE, "%s is a symbolic link", shown);
	if (f < 0 || fstat(f, &st) != 0)
		return uadm_fail(err, UADM_UNAVAILABLE, "cannot open %s: %m", shown);
	if (!S_ISREG(st.st_mode))
		return uadm_fail(
		    err, UADM_UNAVAILABLE, "%s is not a regular file", shown);
	if (st.st_uid != 0 && st.st_uid != owner) {
		uadm_fail(err, UADM_UNAVAILABLE, "%s belongs to uid %u, not to root",
		    shown, (unsigned)st.st_uid);
		return uadm_hint(err, "chown root: %s", shown);
	}
	if ((st.st_mode & 07777 & ~mode) != 0) {
		uadm_fail(err, UADM_UNAVAILABLE,
		    "%s has mode %04o, which is more than %04o", shown,
		    (unsigned)st.st_mode & 07777, (unsigned)mode);
		return uadm_hint(err, "chmod %04o %s", (unsigned)mode, shown);
	}
	*fd = f;
	f = -1; /* the caller's now */
	return UADM_OK;
}

bool
files_write_all(int fd, const void *data, size_t size)
{
	const char *p = data;

	while (size > 0) {
		ssize_t n = write(fd, p, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		p += n;
		size -= (size_t)n;
	}
	return true;
}

/* What killed callers left: `.name.PID.TIME`. */
static bool
is_leftover(const char *entry, const char *name)
{
	size_t n = strlen(name), pid, when;

	if (entry[0] != '.' || strncmp(entry + 1, name, n) != 0 || entry[1 + n] != '.')
		return false;
	entry += 2 + n;
	pid = strspn(entry, "0123456789");
	if (pid == 0 || entry[pid] != '.')
		return false;
	when = strspn(entry + pid + 1, "0123456789abcdef");
	return when > 0 && entry[pid + 1 + when] == '\0';
}

static void
leftovers_remove(int dir, const char *name)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (d == NULL) {
		if (fd >= 0)
			close(fd);
		return; /* litter is no reason not to write */
	}
	while ((entry = readdir(d)) != NULL)
		if (is_leftover(entry->d_name, name))
			unlinkat(dir, entry->d_name, 0);
	closedir(d);
}

static enum uadm_code
replace_failed(int dir, const char *temp, const char *shown, struct uadm_err *err)
{
	uadm_fail(err, UADM_UNAVAILABLE, "cannot write %s: %m", shown);
	unlinkat(dir, temp, 0);
	return err->code;
}

enum uadm_code
files_replace(int dir, const char *name, const void *data, size_t size, mode_t mode,
    const char *shown, struct uadm_err *err)
{
	CLEANUP(cleanup_fd) int fd = -1;
	char temp[NAME_MAX + 1];

	if (snprintf(temp, sizeof(temp), ".%s.%d.%llx", name, (int)getpid(),
		(unsigned long long)clock_boot_ms()) >= (int)sizeof(temp))
		return uadm_fail(err, UADM_INVALID, "name too long: %s", name);
	leftovers_remove(dir, name);
	fd = openat(
	    dir, temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 || !files_write_all(fd, data, size) || fchmod(fd, mode) != 0 ||
	    fsync(fd) != 0 || renameat(dir, temp, dir, name) != 0)
		return replace_failed(dir, temp, shown, err);
	if (fsync(dir) != 0)
		return uadm_fail(err, UADM_UNAVAILABLE,
		    "cannot sync the directory of %s: %m", shown);
	return UADM_OK;
}

enum uadm_code
files_read(int fd, size_t cap, const char *shown, char **data, size_t *size,
    struct uadm_err *err)
{
	CLEANUP(cleanup_free) char *buf = malloc(cap + 1);
	size_t used = 0;
	ssize_t n;

	if (buf == NULL)
		return uadm_fail(
		    err, UADM_UNAVAILABLE, "out of memory reading %s", shown);
	while (used <= cap && (n = read(fd, buf + used, cap + 1 - used)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return uadm_fail(
			    err, UADM_UNAVAILABLE, "cannot read %s: %m", shown);
		used += (size_t)n;
	}
	if (used > cap)
		return uadm_fail(
		    err, UADM_INVALID, "%s is larger than %zu bytes", shown, cap);
	buf[used] = '\0';
	*data = buf;
	*size = used;
	buf = NULL;
	return UADM_OK;
}
