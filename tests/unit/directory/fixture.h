/*
 * fixture.h - a published file with known content, below the test build's root.
 *
 * Every test program that publishes there takes fixture_lock() first, since they may run side by
 * side. User i of version v has uid FIRST_UID + i and v in each of its texts, so that an answer
 * put together from two versions shows.
 */
#ifndef UADM_TESTS_DIRECTORY_FIXTURE_H
#define UADM_TESTS_DIRECTORY_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants these before it */
#include <cmocka.h>

#include "libuadm/base/files.h"
#include "libuadm/base/paths.h"
#include "libuadm/directory/format.h"
#include "libuadm/directory/writer.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

enum { FIRST_UID = 20000, FIRST_GID = 40000, GROUPS_EACH = 5 };

struct fixture {
	unsigned users;
	unsigned groups; /* more than GROUPS_EACH */
	unsigned version;
	size_t max_members;
	/* As a delta has left it: the first `changed` users are of the version `newer`. */
	unsigned changed;
	unsigned newer;
};

static inline unsigned
fixture_version(const struct fixture *f, unsigned user)
{
	return user < f->changed ? f->newer : f->version;
}

static inline void
fixture_ok(enum uadm_code c, const struct uadm_err *err)
{
	if (c != UADM_OK)
		fail_msg("%s", err->msg);
}

/* For the rest of the program's life. */
static inline int
fixture_lock(void **state)
{
	struct uadm_err err;
	int dir, fd;

	(void)state;
	fixture_ok(
	    files_make_dir(UADM_DIRECTORY_DIR, 0755, geteuid(), &dir, &err), &err);
	close(dir);
	fd = open(UADM_TEST_ROOT "/.fixture", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	return fd < 0 ? -1 : flock(fd, LOCK_EX);
}

static inline void
fixture_mark(uint32_t stale)
{
	int fd =
	    open(UADM_DIRECTORY_FILE, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return;
	if (pwrite(fd, &stale, sizeof(stale), DIRECTORY_STALE_AT) != sizeof(stale))
		fail_msg("cannot mark the file");
	close(fd);
}

/* Remove what is in place, and let those know who have it mapped. */
static inline void
fixture_clear(void)
{
	struct stat st;

	if (lstat(UADM_DIRECTORY_FILE, &st) != 0)
		return;
	if (S_ISREG(st.st_mode))
		fixture_mark(1);
	if (S_ISDIR(st.st_mode))
		rmdir(UADM_DIRECTORY_FILE);
	else
		unlink(UADM_DIRECTORY_FILE);
}

/* Put any bytes in place as a publish does, but for the fsyncs. */
static inline void
fixture_put_file(const char *path, const void *bytes, size_t size, bool mark)
{
	const char *temp = UADM_DIRECTORY_DIR "/.directory.fixture";
	int fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || !files_write_all(fd, bytes, size) || fchmod(fd, 0644) != 0)
		fail_msg("cannot write the fixture");
	close(fd);
	if (mark)
		fixture_mark(1);
	if (rename(temp, path) != 0)
		fail_msg("cannot rename the fixture");
}

static inline void
fixture_put(const void *bytes, size_t size, bool mark)
{
	fixture_put_file(UADM_DIRECTORY_FILE, bytes, size, mark);
}

static inline unsigned char *
fixture_read_file(const char *path, size_t *size)
{
	unsigned char *bytes;
	struct stat st = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) != 0 || st.st_size <= 0)
		fail_msg("nothing is published");
	*size = (size_t)st.st_size;
	bytes = malloc(*size);
	if (bytes == NULL || read(fd, bytes, *size) != st.st_size)
		fail_msg("cannot read what is published");
	close(fd);
	return bytes;
}

static inline unsigned char *
fixture_read(size_t *size)
{
	return fixture_read_file(UADM_DIRECTORY_FILE, size);
}

static inline unsigned
fixture_group_of(const struct fixture *f, unsigned user, unsigned k)
{
	return (user * 7 + k) % f->groups;
}

static inline void
fixture_user_add(struct directory_writer *w, const struct fixture *f, unsigned i)
{
	char name[32], gecos[64], home[64], shell[32];
	struct directory_user u = { name, FIRST_UID + i, gecos, home, shell };
	struct uadm_err err;

	snprintf(name, sizeof(name), "user%u", i);
	snprintf(gecos, sizeof(gecos), "Jörg Nr %u v%u", i, fixture_version(f, i));
	snprintf(home, sizeof(home), "/home/user%u/v%u", i, fixture_version(f, i));
	snprintf(shell, sizeof(shell), "/bin/sh%u", fixture_version(f, i));
	fixture_ok(directory_add_user(w, &u, &err), &err);
}

static inline struct directory_writer *
fixture_writer(const struct fixture *f)
{
	struct directory_writer *w;
	struct uadm_err err;
	char name[32];

	fixture_ok(directory_writer_new(&w, &err), &err);
	directory_limit_members(w, f->max_members);
	for (unsigned g = 0; g < f->groups; g++) {
		snprintf(name, sizeof(name), "group-%u", g);
		fixture_ok(directory_add_group(w, name, FIRST_GID + g, &err), &err);
	}
	for (unsigned i = f->users; i-- > 0;)
		fixture_user_add(w, f, i);
	for (unsigned i = 0; i < f->users; i++)
		for (unsigned k = 0; k < GROUPS_EACH; k++)
			fixture_ok(directory_add_member(w,
				       FIRST_GID + fixture_group_of(f, i, k),
				       FIRST_UID + i, &err),
			    &err);
	return w;
}

/* Publish as generation `version`, which may be lower than the one in place. */
static inline void
fixture_publish(const struct fixture *f)
{
	CLEANUP(directory_writer_free) struct directory_writer *w = fixture_writer(f);
	uint64_t generation;
	struct uadm_err err;

	if (directory_generation(UADM_DIRECTORY_DIR, geteuid(), &generation, &err) ==
		UADM_OK &&
	    generation > f->version)
		fixture_clear();
	fixture_ok(
	    directory_publish(w, UADM_DIRECTORY_DIR, geteuid(), f->version, &err),
	    &err);
}

static inline struct directory_state
fixture_state(void)
{
	struct directory_state state;
	struct uadm_err err;

	fixture_ok(directory_state(UADM_DIRECTORY_DIR, geteuid(), &state, &err), &err);
	return state;
}

/* What has become of `base`, which is the base in place: its first users changed, more or fewer of
 * them at the end. Groups change with who is in them. */
static inline struct directory_writer *
fixture_delta_writer(const struct fixture *base, const struct fixture *now)
{
	bool regrouped = base->users != now->users;
	struct directory_writer *w;
	struct uadm_err err;
	char name[32];

	fixture_ok(directory_writer_new(&w, &err), &err);
	directory_limit_members(w, now->max_members);
	for (unsigned g = 0; g < now->groups; g++) {
		snprintf(name, sizeof(name), "group-%u", g);
		fixture_ok((regrouped ? directory_add_group : directory_mention_group)(
			       w, name, FIRST_GID + g, &err),
		    &err);
	}
	for (unsigned i = 0; i < now->users; i++) {
		bool changed = i < now->changed || i >= base->users;

		snprintf(name, sizeof(name), "user%u", i);
		if (changed)
			fixture_user_add(w, now, i);
		else if (regrouped)
			fixture_ok(
			    directory_mention_user(w, name, FIRST_UID + i, &err), &err);
		for (unsigned k = 0; (changed || regrouped) && k < GROUPS_EACH; k++)
			fixture_ok(directory_add_member(w,
				       FIRST_GID + fixture_group_of(now, i, k),
				       FIRST_UID + i, &err),
			    &err);
	}
	for (unsigned i = now->users; i < base->users; i++)
		fixture_ok(directory_add_gone(w, FIRST_UID + i, &err), &err);
	return w;
}

/* Publish what was added as a delta. False: it does not fit what is in place. */
static inline bool
fixture_put_delta(struct directory_writer *w, uint64_t generation)
{
	struct directory_state was = fixture_state();
	struct uadm_err err;
	bool fits = false;

	fixture_ok(directory_publish_delta(
		       w, UADM_DIRECTORY_DIR, geteuid(), generation, &was, &fits, &err),
	    &err);
	return fits;
}

static inline void
fixture_delta(
    const struct fixture *base, const struct fixture *now, uint64_t generation)
{
	CLEANUP(directory_writer_free)
	struct directory_writer *w = fixture_delta_writer(base, now);

	if (!fixture_put_delta(w, generation))
		fail_msg("the delta does not fit its base");
}

/* The base in place, by its path. */
static inline const char *
fixture_base_path(void)
{
	static char path[sizeof(UADM_DIRECTORY_DIR "/") + DIRECTORY_BASE_SIZE];
	char name[DIRECTORY_BASE_SIZE];

	snprintf(path, sizeof(path), UADM_DIRECTORY_DIR "/%s",
	    directory_base_name(fixture_state().base_seed, name));
	return path;
}

/* Files there whose names begin so. */
static inline unsigned
fixture_files(const char *prefix)
{
	DIR *d = opendir(UADM_DIRECTORY_DIR);
	const struct dirent *e;
	unsigned n = 0;

	while (d != NULL && (e = readdir(d)) != NULL)
		n += strncmp(e->d_name, prefix, strlen(prefix)) == 0;
	if (d != NULL)
		closedir(d);
	return n;
}

static inline double
fixture_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static inline void
fixture_pause_ms(long ms)
{
	struct timespec ts = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&ts, NULL);
}

/* How often this process has the published file mapped, replaced states of it included. */
static inline unsigned
fixture_mappings(void)
{
	FILE *f = fopen("/proc/self/maps", "re");
	unsigned n = 0;
	char line[4096];

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		n += strstr(line, UADM_DIRECTORY_DIR "/") != NULL;
	if (f != NULL)
		fclose(f);
	return n;
}

static inline unsigned
fixture_descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	unsigned n = 0;

	while (d != NULL && readdir(d) != NULL)
		n++;
	if (d != NULL)
		closedir(d);
	return n;
}

#endif
