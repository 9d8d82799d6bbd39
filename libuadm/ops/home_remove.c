/*
 * home_remove.c - see home_remove.h.
 *
 * Threat: root removes a tree that somebody else has made: by a link in it, a directory that is put in
 * another's place meanwhile, a mount, root would be led to what is none of theirs. So it is not root that
 * removes: a child becomes the user for good, with no group and no capability, and the kernel says what
 * they may remove. It follows no link and stays on the file system. What is left for root is the
 * directory itself, if it is empty and in one that root alone may write.
 */
#include "libuadm/ops/home_remove.h"

#include "libuadm/base/cleanup.h"
#include "libuadm/base/files.h"
#include "libuadm/base/paths.h"
#include "libuadm/ops/process_kill.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum { DEPTH_MOST = 200, PASSES_MOST = 100, LIFTS_TRIED = 100 };

static bool remove_below(int dir, dev_t dev, int depth);

static int
open_below(int dir, const char *name)
{
	int fd = openat(
	    dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);

	/* One's own may be shut, and opened again; of another's it fails. */
	if (fd < 0 && errno == EACCES && fchmodat(dir, name, 0700, 0) == 0)
		fd = openat(dir, name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	return fd;
}

/* What is deeper than there are descriptors for goes to the top, where the next pass has it. */
static bool
lift(int dir, const char *name)
{
	static unsigned count;
	char to[40];

	for (int i = 0; i < LIFTS_TRIED; i++) {
		snprintf(to, sizeof(to), ".uadm-removed-%u", count++);
		if (syscall(SYS_renameat2, dir, name, STDIN_FILENO, to,
			RENAME_NOREPLACE) == 0)
			return true;
		if (errno != EEXIST)
			return false;
	}
	return false;
}

static bool
remove_entry(int dir, const char *name, dev_t dev, int depth)
{
	struct stat st;
	CLEANUP(cleanup_fd) int fd = -1;

	if (unlinkat(dir, name, 0) == 0)
		return true;
	if (errno != EISDIR && errno != EPERM)
		return false;
	fd = open_below(dir, name);
	if (fd < 0 || fstat(fd, &st) != 0 || st.st_dev != dev)
		return false;
	if (depth >= DEPTH_MOST)
		return unlinkat(dir, name, AT_REMOVEDIR) == 0 || lift(dir, name);
	return remove_below(fd, dev, depth + 1) &&
	    unlinkat(dir, name, AT_REMOVEDIR) == 0;
}

/* One time over what is there: how many went, how many stay. */
static void
pass(int dir, DIR *d, dev_t dev, int depth, size_t *gone, size_t *left)
{
	*gone = *left = 0;
	rewinddir(d);
	for (struct dirent *e; (e = readdir(d)) != NULL;) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (remove_entry(dir, e->d_name, dev, depth))
			++*gone;
		else
			++*left;
	}
}

/* All that can be; false: something is left. A directory may not show what is in it while entries of it go:
 * so again until nothing more does. */
static bool
remove_below(int dir, dev_t dev, int depth)
{
	size_t gone = 0, left = 0;
	struct stat st;
	DIR *d;
	int copy;

	/* Without the right to write nothing goes; to one's own it can be had back. And nobody else is to put
	 * in what is taken out, which would have no end: whoever has it open is refused then as well. */
	if (fstat(dir, &st) == 0 && (st.st_mode & 07777) != 0700 &&
	    fchmod(dir, 0700) != 0 && (st.st_mode & 0700) != 0700)
		return false;
	copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (copy < 0 || (d = fdopendir(copy)) == NULL) {
		cleanup_fd(&copy);
		return false;
	}
	for (int i = 0; i == 0 || (gone > 0 && i < PASSES_MOST); i++)
		pass(dir, d, dev, depth, &gone, &left);
	closedir(d);
	return left == 0;
}

/* 0: it is empty. It belongs to the user while it runs: so nothing else is open in it. */
static int
empty_as_user(int home, dev_t dev, uid_t uid)
{
	prctl(PR_SET_DUMPABLE, 0);
	if (dup2(home, STDIN_FILENO) != STDIN_FILENO ||
	    syscall(SYS_close_range, STDIN_FILENO + 1, ~0U, 0) != 0 ||
	    !process_become(uid))
		return 2;
	prctl(PR_SET_DUMPABLE, 0); /* fs.suid_dumpable may have made it so again */
	return remove_below(STDIN_FILENO, dev, 0) ? 0 : 1;
}

static enum uadm_code
empty(int home, dev_t dev, uid_t uid, const char *shown, struct uadm_err *err)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		_exit(empty_as_user(home, dev, uid));
	if (pid > 0)
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	if (pid < 0 || !WIFEXITED(status) || WEXITSTATUS(status) > 1)
		return uadm_fail(err, UADM_UNAVAILABLE,
		    "cannot remove %s: nothing can be done as its user", shown);
	if (WEXITSTATUS(status) == 0)
		return UADM_OK;
	uadm_fail(err, UADM_BUSY,
	    "%s is not empty: what is in it is not the user's to remove", shown);
	return uadm_hint(err, "look at what is left, then: rm -r %s", shown);
}

static const char *
last_of(const char *home)
{
	const char *slash = strrchr(home, '/');

	return slash == NULL ? home : slash + 1;
}

/* The directory above, where nobody but root can put something in its place. */
static enum uadm_code
open_parent(const char *home, int *dir, struct uadm_err *err)
{
	const char *slash = strrchr(home, '/');
	char parent[PATH_MAX];

	if (slash == NULL || home[0] != '/' || slash == home || slash[1] == '\0' ||
	    strlen(home) >= sizeof(parent))
		return uadm_fail(err, UADM_DENIED, "%s is no home of a user", home);
	snprintf(parent, sizeof(parent), "%.*s", (int)(slash - home), home);
	return files_open_dir(parent, UADM_TRUSTED_UID, dir, err);
}

static bool
is_theirs(int dir, const char *name, uid_t uid, struct stat *st)
{
	return uid != 0 && fstatat(dir, name, st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISDIR(st->st_mode) && st->st_uid == uid;
}

bool
home_is_theirs(const char *home, uid_t uid)
{
	CLEANUP(cleanup_fd) int dir = -1;
	struct uadm_err ignored;
	const char *name = last_of(home);
	struct stat st;

	return open_parent(home, &dir, &ignored) == UADM_OK &&
	    is_theirs(dir, name, uid, &st);
}

enum uadm_code
home_remove(const char *home, uid_t uid, struct uadm_err *err)
{
	CLEANUP(cleanup_fd) int dir = -1;
	CLEANUP(cleanup_fd) int fd = -1;
	struct stat above, st, now;
	const char *name = last_of(home);
	enum uadm_code c = open_parent(home, &dir, err);

	if (c != UADM_OK)
		return c;
	if (!is_theirs(dir, name, uid, &st) || fstat(dir, &above) != 0)
		return uadm_fail(
		    err, UADM_DENIED, "%s is no directory of the user's", home);
	if (above.st_dev != st.st_dev)
		return uadm_fail(
		    err, UADM_DENIED, "%s is a file system of its own", home);
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &now) != 0 || now.st_ino != st.st_ino ||
	    now.st_dev != st.st_dev)
		return uadm_fail(err, UADM_DENIED, "%s is being changed", home);
	if ((c = empty(fd, st.st_dev, uid, home, err)) != UADM_OK)
		return c;
	if (unlinkat(dir, name, AT_REMOVEDIR) != 0)
		return uadm_fail(err, UADM_BUSY, "cannot remove %s: %m", home);
	return UADM_OK;
}
