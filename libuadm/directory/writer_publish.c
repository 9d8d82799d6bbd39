/*
 * Put a new file in place, and tell those who have the old one.
 *
 * Order: write beside, fsync, mark the old file stale, rename, fsync the directory. A writer
 * that dies before the rename leaves the old file marked, which costs its readers a system call
 * for each lookup until the next publish, and no wrong answer; so there is no moment at which
 * readers could go on with a file that has been replaced.
 *
 * Threat: two writers. Whoever renames last decides what everybody sees, so it must be the one
 * that read the store last: directory_lock() is held from before the store is read, and a
 * sound file of a newer generation is not replaced in any case.
 *
 * A delta needs its base under its second name before it shows: the whole file in place is linked
 * to that, and the link is synced, before the rename. A base that nothing refers to is removed
 * after the rename was synced: until then a crash may bring back the entry that needs it. Whoever
 * has it mapped keeps it; who opened the old entry and finds no base looks at the entry again.
 *
 * The old file is written to (four bytes), so it is opened as carefully as by a reader, and it
 * has to be one of ours.
 */
#include "libuadm/directory/writer.h"

#include "libuadm/base/clock.h"
#include "libuadm/base/files.h"
#include "libuadm/directory/checksum.h"
#include "libuadm/directory/reader_file.h"
#include "libuadm/directory/writer_parts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <time.h>

#define FILE_NAME   "directory"
#define LOCK_NAME   ".lock"
#define TEMP_PREFIX ".directory."

enum { LOCK_WAIT_MS = 5000, LOCK_POLL_NS = 10000000 };

static enum uadm_code
lock_wait(int fd, const char *path, struct uadm_err *err)
{
	const struct timespec pause = { .tv_nsec = LOCK_POLL_NS };
	int64_t deadline = clock_boot_ms() + LOCK_WAIT_MS;

	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return uadm_fail(
			    err, UADM_UNAVAILABLE, "cannot lock %s: %m", path);
		if (clock_boot_ms() >= deadline) {
			uadm_fail(err, UADM_BUSY,
			    "%s is being published by another process", path);
			return uadm_hint(err, "try again");
		}
		nanosleep(&pause, NULL);
	}
	return UADM_OK;
}

enum uadm_code
directory_lock(const char *path, uid_t owner, int *lock_fd, struct uadm_err *err)
{
	CLEANUP(cleanup_fd) int dir = -1;
	CLEANUP(cleanup_fd) int fd = -1;
	enum uadm_code c;

	if ((c = files_make_dir(path, 0755, owner, &dir, err)) != UADM_OK)
		return c;
	fd = openat(dir, LOCK_NAME, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 && errno != EEXIST)
		return uadm_fail(
		    err, UADM_UNAVAILABLE, "cannot make a lock in %s: %m", path);
	if (fd < 0 &&
	    (c = files_open(
		 dir, LOCK_NAME, O_RDWR, 0600, owner, LOCK_NAME, &fd, err)) != UADM_OK)
		return c;
	if ((c = lock_wait(fd, path, err)) != UADM_OK)
		return c;
	*lock_fd = fd;
	fd = -1;
	return UADM_OK;
}

/* Only ever a hint to look again: failing is no error, for readers also look once a second. */
static void
present_mark(const struct present *p, uint32_t stale)
{
	if (p->markable &&
	    pwrite(p->fd, &stale, sizeof(stale), DIRECTORY_STALE_AT) !=
		(ssize_t)sizeof(stale))
		return;
}

/* What killed writers left, and bases that nothing refers to, by how they are called; but not
 * `keep`. The lock is held, so nobody is still at it. */
static void
leftovers_remove(int dir, const char *prefix, const char *keep)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (d == NULL) {
		if (fd >= 0)
			close(fd);
		return; /* litter is no reason not to publish */
	}
	while ((entry = readdir(d)) != NULL)
		if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0 &&
		    strcmp(entry->d_name, keep) != 0)
			unlinkat(dir, entry->d_name, 0);
	closedir(d);
}

static enum uadm_code
temp_write(int dir, const char *name, const struct image *image, struct uadm_err *err)
{
	CLEANUP(cleanup_fd)
	int fd = openat(
	    dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0 || !files_write_all(fd, image->bytes, image->size) ||
	    fchmod(fd, 0644) != 0 || fsync(fd) != 0)
		return uadm_fail(
		    err, UADM_UNAVAILABLE, "cannot write the new directory: %m");
	return UADM_OK;
}

static enum uadm_code
dir_sync(int dir, struct uadm_err *err)
{
	if (fsync(dir) != 0)
		return uadm_fail(
		    err, UADM_UNAVAILABLE, "cannot sync the directory's directory: %m");
	return UADM_OK;
}

static enum uadm_code
put_in_place(
    int dir, const struct image *image, const struct present *old, struct uadm_err *err)
{
	char temp[NAME_MAX];
	enum uadm_code c;

	snprintf(temp, sizeof(temp), TEMP_PREFIX "%d", (int)getpid());
	if ((c = temp_write(dir, temp, image, err)) != UADM_OK) {
		unlinkat(dir, temp, 0);
		return c;
	}
	present_mark(old, 1);
	if (renameat(dir, temp, dir, FILE_NAME) != 0) {
		uadm_fail(err, UADM_UNAVAILABLE, "cannot replace the directory: %m");
		present_mark(old, 0);
		unlinkat(dir, temp, 0);
		return err->code;
	}
	return dir_sync(dir, err);
}

enum uadm_code
directory_publish(struct directory_writer *w, const char *path, uid_t owner,
    uint64_t generation, struct uadm_err *err)
{
	CLEANUP(cleanup_fd) int dir = -1;
	CLEANUP(present_done) struct present old = { .fd = -1 };
	struct image image = { 0 };
	enum uadm_code c;

	if ((c = files_open_dir(path, owner, &dir, err)) != UADM_OK)
		return c;
	leftovers_remove(dir, TEMP_PREFIX, "");
	/* Something that is not a file of ours, or not safe, is replaced like no file. */
	if (present_look(dir, FILE_NAME, O_RDWR, owner, &old, err) == UADM_OK &&
	    old.sound && old.head.generation > generation &&
	    present_sound(dir, owner, &old))
		return uadm_fail(err, UADM_INVALID,
		    "generation %llu is published, which is newer than %llu",
		    (unsigned long long)old.head.generation,
		    (unsigned long long)generation);
	if ((c = image_build(w, generation, NULL, &image, err)) == UADM_OK &&
	    (c = put_in_place(dir, &image, &old, err)) == UADM_OK)
		leftovers_remove(dir, DIRECTORY_BASE_PREFIX, "");
	free(image.bytes);
	return c;
}

/* Give the whole file in place its second name, which has to last longer than the first. *kept is
 * false where that cannot be: not every file system has links. */
static enum uadm_code
base_keep(int dir, const char *name, bool *kept, struct uadm_err *err)
{
	unlinkat(dir, name, 0); /* it may be a killed writer's */
	*kept = linkat(dir, FILE_NAME, dir, name, 0) == 0;
	return *kept ? dir_sync(dir, err) : UADM_OK;
}

enum uadm_code
directory_publish_delta(struct directory_writer *w, const char *path, uid_t owner,
    uint64_t generation, const struct directory_state *was, bool *fits,
    struct uadm_err *err)
{
	CLEANUP(cleanup_fd) int dir = -1;
	CLEANUP(present_done) struct present old = { .fd = -1 };
	char base_name[DIRECTORY_BASE_SIZE];
	struct directory_header base;
	struct image image = { 0 };
	enum uadm_code c;

	*fits = false;
	if ((c = files_open_dir(path, owner, &dir, err)) != UADM_OK ||
	    (c = delta_prepare(w, was, fits, &base, err)) != UADM_OK || !*fits)
		return c;
	leftovers_remove(dir, TEMP_PREFIX, "");
	*fits = present_look(dir, FILE_NAME, O_RDWR, owner, &old, err) == UADM_OK &&
	    old.sound && old.head.generation == was->generation &&
	    was->generation <= generation &&
	    (old.head.delta == 0 ? old.head.crc == base.crc
				 : directory_is_base_of(&old.head, &base));
	if (!*fits)
		return UADM_OK;
	directory_base_name(base.seed[0], base_name);
	if ((c = image_build(w, generation, &base, &image, err)) == UADM_OK &&
	    old.head.delta == 0)
		c = base_keep(dir, base_name, fits, err);
	if (c == UADM_OK && *fits &&
	    (c = put_in_place(dir, &image, &old, err)) == UADM_OK)
		leftovers_remove(dir, DIRECTORY_BASE_PREFIX, base_name);
	free(image.bytes);
	return c;
}
