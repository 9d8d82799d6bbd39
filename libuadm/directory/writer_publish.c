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

/* The file in place, looked at from the outside. */
struct present {
	int fd; /* -1: there is none */
	off_t size;
	struct directory_header head;
	bool sound;    /* the header is, and of our version */
	bool markable; /* has a stale word: in every version at the same place */
};

static void
present_done(struct present *p)
{
	if (p->fd >= 0)
		close(p->fd);
}

/* UADM_OK also when there is no file, or one that is not ours. */
static enum uadm_code
present_look(int dir, int flags, uid_t owner, struct present *p, struct uadm_err *err)
{
	enum uadm_code c =
	    files_open(dir, FILE_NAME, flags, 0644, owner, FILE_NAME, &p->fd, err);
	struct stat st;

	if (c == UADM_NOT_FOUND)
		return UADM_OK;
	if (c != UADM_OK)
		return c;
	p->markable = fstat(p->fd, &st) == 0 && st.st_size >= DIRECTORY_BODY_AT &&
	    pread(p->fd, &p->head, sizeof(p->head), 0) == (ssize_t)sizeof(p->head) &&
	    memcmp(p->head.magic, DIRECTORY_MAGIC, sizeof(p->head.magic)) == 0;
	p->sound =
	    p->markable && directory_header_sound(&p->head, (uint64_t)st.st_size);
	p->size = st.st_size;
	return UADM_OK;
}

/* Read in pieces: a disk error is an error here, and not the SIGBUS of a mapping. */
static bool
present_sound(const struct present *p)
{
	CLEANUP(cleanup_free) unsigned char *piece = malloc(1 << 20);
	off_t at = DIRECTORY_BODY_AT;
	uint32_t crc = 0;
	ssize_t n = 0;

	if (!p->sound || piece == NULL)
		return false;
	while (at < p->size && (n = pread(p->fd, piece, 1 << 20, at)) > 0) {
		crc = crc32c(crc, piece, (size_t)n);
		at += n;
	}
	return at == p->size && crc == p->head.body_crc;
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

static bool
present_header_sound(const struct present *p)
{
	return p->sound;
}

static enum uadm_code
generation_read(const char *path, uid_t owner, bool (*sound)(const struct present *),
    uint64_t *generation, struct uadm_err *err)
{
	CLEANUP(cleanup_fd) int dir = -1;
	CLEANUP(present_done) struct present p = { .fd = -1 };
	enum uadm_code c;

	if ((c = files_open_dir(path, owner, &dir, err)) != UADM_OK ||
	    (c = present_look(dir, O_RDONLY, owner, &p, err)) != UADM_OK)
		return c;
	if (p.fd < 0)
		return uadm_fail(
		    err, UADM_NOT_FOUND, "nothing is published in %s yet", path);
	if (!sound(&p))
		return uadm_fail(
		    err, UADM_UNAVAILABLE, "the published file in %s is damaged", path);
	*generation = p.head.generation;
	return UADM_OK;
}

enum uadm_code
directory_generation(
    const char *path, uid_t owner, uint64_t *generation, struct uadm_err *err)
{
	return generation_read(path, owner, present_sound, generation, err);
}

enum uadm_code
directory_header_generation(
    const char *path, uid_t owner, uint64_t *generation, struct uadm_err *err)
{
	return generation_read(path, owner, present_header_sound, generation, err);
}

/* What killed writers left. The lock is held, so nobody is still at it. */
static void
leftovers_remove(int dir)
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
		if (strncmp(entry->d_name, TEMP_PREFIX, strlen(TEMP_PREFIX)) == 0)
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
	if (fsync(dir) != 0)
		return uadm_fail(
		    err, UADM_UNAVAILABLE, "cannot sync the directory's directory: %m");
	return UADM_OK;
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
	leftovers_remove(dir);
	/* Something that is not a file of ours, or not safe, is replaced like no file. */
	if (present_look(dir, O_RDWR, owner, &old, err) == UADM_OK && old.sound &&
	    old.head.generation > generation && present_sound(&old))
		return uadm_fail(err, UADM_INVALID,
		    "generation %llu is published, which is newer than %llu",
		    (unsigned long long)old.head.generation,
		    (unsigned long long)generation);
	if ((c = image_build(w, generation, &image, err)) == UADM_OK)
		c = put_in_place(dir, &image, &old, err);
	free(image.bytes);
	return c;
}
