/*
 * home.c - see home.h. The home is built in `.NAME.uadm-RANDOM` beside its place, root's and
 * 0700 and under flock(2), and renamed into place without replacing when it is complete.
 *
 * Threat: two logins at once; a crash, which leaves the directory beside it; somebody who put a
 * link or a directory of his own where the home belongs. The parent is root's alone, so what
 * lies in it was put there by root: a leftover is told from one that is being built by its lock.
 */
#include "libuadm/ops/home.h"

#include "libuadm/base/files.h"
#include "libuadm/base/paths.h"
#include "libuadm/ops/home_tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>

#define TEMP_MARK ".uadm-"

enum {
	TEMP_RANDOM = 16, /* hexadecimal digits */
	/* Between mkdir and flock a new one looks like a leftover: only old ones are. */
	LEFTOVER_SECS = 600,
};

struct place {
	const char *home; /* as given, for messages */
	char parent[PATH_MAX];
	const char *name;
	char temp[NAME_MAX + 1];
	uid_t uid;
	gid_t gid;
};

/* "/a/b" and nothing cleverer: no empty component, no `.` or `..`, no slash at the end. */
static bool
path_is_plain(const char *path)
{
	size_t len;

	if (path[0] != '/' || strlen(path) >= PATH_MAX)
		return false;
	for (const char *p = path; *p == '/'; p += 1 + len) {
		len = strcspn(p + 1, "/");
		if (len == 0 || (len == 1 && p[1] == '.') ||
		    (len == 2 && p[1] == '.' && p[2] == '.'))
			return false;
	}
	return true;
}

static enum uadm_code
place_set(struct place *p, const char *home, struct uadm_err *err)
{
	const char *slash = strrchr(home, '/');

	if (!path_is_plain(home))
		return uadm_fail(
		    err, UADM_INVALID, "not a plain absolute path: %s", home);
	p->home = home;
	p->name = slash + 1;
	snprintf(p->parent, sizeof(p->parent), "%.*s",
	    slash == home ? 1 : (int)(slash - home), home);
	if (strlen(p->name) + 1 + strlen(TEMP_MARK) + TEMP_RANDOM > NAME_MAX)
		return uadm_fail(
		    err, UADM_INVALID, "the last name is too long in %s", home);
	return UADM_OK;
}

static enum uadm_code
parent_open(const struct place *p, int *dir, struct uadm_err *err)
{
	enum uadm_code c = files_open_dir(p->parent, UADM_TRUSTED_UID, dir, err);

	if (c == UADM_NOT_FOUND)
		c = files_make_dir(p->parent, 0755, UADM_TRUSTED_UID, dir, err);
	return c;
}

/* UADM_NOT_FOUND: the place is free. UADM_OK: the home is there. */
static enum uadm_code
place_look(const struct place *p, int dir, struct uadm_err *err)
{
	struct stat st;

	// NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): place_set() has set it
	if (fstatat(dir, p->name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return uadm_fail(err,
		    errno == ENOENT ? UADM_NOT_FOUND : UADM_UNAVAILABLE,
		    "cannot look at %s: %m", p->home);
	if (!S_ISDIR(st.st_mode))
		return uadm_fail(err, UADM_EXISTS, "%s is there, but is %s", p->home,
		    S_ISLNK(st.st_mode) ? "a symbolic link" : "no directory");
	if (st.st_uid != p->uid)
		return uadm_fail(err, UADM_EXISTS, "%s is there, but belongs to uid %u",
		    p->home, (unsigned)st.st_uid);
	return UADM_OK;
}

static bool
is_temp_of(const struct place *p, const char *entry)
{
	size_t len = strlen(p->name);

	return entry[0] == '.' && strncmp(entry + 1, p->name, len) == 0 &&
	    strncmp(entry + 1 + len, TEMP_MARK, strlen(TEMP_MARK)) == 0 &&
	    strlen(entry) == 1 + len + strlen(TEMP_MARK) + TEMP_RANDOM &&
	    strspn(entry + 1 + len + strlen(TEMP_MARK), "0123456789abcdef") ==
	    TEMP_RANDOM;
}

/* Remove one leftover of this very home, if nobody is building in it. */
static void
leftover_remove(const struct place *p, int dir, const char *entry)
{
	CLEANUP(cleanup_fd)
	int fd = openat(dir, entry, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0 ||
	    (st.st_uid != UADM_TRUSTED_UID && st.st_uid != p->uid) ||
	    st.st_ctime > time(NULL) - LEFTOVER_SECS ||
	    flock(fd, LOCK_EX | LOCK_NB) != 0)
		return;
	home_tree_remove(dir, entry); /* what cannot be removed does no harm */
}

static void
leftovers_remove(const struct place *p, int dir)
{
	int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = copy >= 0 ? fdopendir(copy) : NULL;

	if (d == NULL && copy >= 0)
		close(copy);
	if (d == NULL)
		return;
	for (struct dirent *e = readdir(d); e != NULL; e = readdir(d))
		if (is_temp_of(p, e->d_name))
			leftover_remove(p, dir, e->d_name);
	closedir(d);
}

static enum uadm_code
temp_make(struct place *p, int dir, int *fd, struct uadm_err *err)
{
	unsigned char r[TEMP_RANDOM / 2];
	size_t used;

	if (getrandom(r, sizeof(r), 0) != (ssize_t)sizeof(r))
		return uadm_fail(err, UADM_UNAVAILABLE, "no random bytes: %m");
	used = (size_t)snprintf(p->temp, sizeof(p->temp), ".%s" TEMP_MARK, p->name);
	for (size_t i = 0; i < sizeof(r); i++)
		snprintf(p->temp + used + 2 * i, sizeof(p->temp) - used - 2 * i, "%02x",
		    r[i]);
	if (mkdirat(dir, p->temp, 0700) != 0) {
		p->temp[0] = '\0'; /* nothing of ours to remove */
		return uadm_fail(err, UADM_UNAVAILABLE,
		    "cannot make a directory in %s: %m", p->parent);
	}
	*fd = openat(dir, p->temp, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (*fd < 0 || flock(*fd, LOCK_EX | LOCK_NB) != 0)
		return uadm_fail(err, UADM_UNAVAILABLE, "cannot open %s: %m", p->temp);
	return UADM_OK;
}

static enum uadm_code
temp_fill(const struct place *p, int fd, const char *skel, struct uadm_err *err)
{
	CLEANUP(cleanup_fd) int from = -1;
	enum uadm_code c;

	if (skel == NULL)
		return UADM_OK;
	c = files_open_dir(skel, UADM_TRUSTED_UID, &from, err);
	if (c != UADM_OK)
		return c == UADM_NOT_FOUND ? UADM_OK : c;
	return home_tree_copy(from, fd, p->uid, p->gid, skel, err);
}

/* Where the file system cannot refuse to replace, plain rename(2) does nearly so: over a file
 * or a directory with something in it it fails as well. */
static int
rename_into_place(int dir, const char *from, const char *to)
{
	if (renameat2(dir, from, dir, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	return renameat(dir, from, dir, to);
}

/* The owner changes hands last of all: from then on the user could get in and plant things. */
static enum uadm_code
temp_publish(const struct place *p, int dir, int fd, mode_t mode, bool *made,
    struct uadm_err *err)
{
	if (fchown(fd, p->uid, p->gid) != 0 || fchmod(fd, mode & 0777) != 0 ||
	    fsync(fd) != 0)
		return uadm_fail(
		    err, UADM_UNAVAILABLE, "cannot hand over %s: %m", p->home);
	if (rename_into_place(dir, p->temp, p->name) == 0) {
		*made = true;
		return fsync(dir) == 0
		    ? UADM_OK
		    : uadm_fail(err, UADM_UNAVAILABLE, "cannot sync %s: %m", p->parent);
	}
	if (errno != EEXIST && errno != ENOTEMPTY && errno != ENOTDIR)
		return uadm_fail(
		    err, UADM_UNAVAILABLE, "cannot rename to %s: %m", p->home);
	return place_look(p, dir, err); /* another login was faster */
}

enum uadm_code
home_create(const char *home, uid_t uid, gid_t gid, const char *skel, mode_t mode,
    bool *made, struct uadm_err *err)
{
	struct place p = { .uid = uid, .gid = gid };
	CLEANUP(cleanup_fd) int dir = -1;
	CLEANUP(cleanup_fd) int fd = -1;
	enum uadm_code c;

	*made = false;
	if ((c = place_set(&p, home, err)) != UADM_OK ||
	    (c = parent_open(&p, &dir, err)) != UADM_OK)
		return c;
	if ((c = place_look(&p, dir, err)) != UADM_NOT_FOUND)
		return c;
	leftovers_remove(&p, dir);
	if ((c = temp_make(&p, dir, &fd, err)) == UADM_OK &&
	    (c = temp_fill(&p, fd, skel, err)) == UADM_OK)
		c = temp_publish(&p, dir, fd, mode, made, err);
	if (!*made && p.temp[0] != '\0')
		home_tree_remove(dir, p.temp); /* keeps the error that is told */
	return c;
}
