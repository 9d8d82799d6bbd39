/*
 * writing.h - what the programs that test the writer share.
 */
#ifndef UADM_TESTS_DIRECTORY_WRITING_H
#define UADM_TESTS_DIRECTORY_WRITING_H

#include "libuadm/directory/writer.h"

#include "tests/unit/directory/fixture.h"

static struct uadm_err err;

static inline enum uadm_code
add_user(struct directory_writer *w, const char *name, uid_t uid)
{
	return directory_add_user(w,
	    &(struct directory_user){ name, uid, "Jo", "/home/jo", "/bin/sh" }, &err);
}

static inline enum uadm_code
publish(struct directory_writer *w, uint64_t generation)
{
	return directory_publish(w, UADM_DIRECTORY_DIR, geteuid(), generation, &err);
}

static inline uint64_t
published_generation(void)
{
	uint64_t generation = 0;

	fixture_ok(
	    directory_generation(UADM_DIRECTORY_DIR, geteuid(), &generation, &err),
	    &err);
	return generation;
}

static inline int
clear(void **state)
{
	(void)state;
	fixture_clear();
	return 0;
}

/* Files that a writer which was killed has left. */
static inline unsigned
leftovers(void)
{
	DIR *d = opendir(UADM_DIRECTORY_DIR);
	const struct dirent *e;
	unsigned n = 0;

	while ((e = readdir(d)) != NULL)
		n += strncmp(e->d_name, ".directory.", 11) == 0;
	closedir(d);
	return n;
}

#endif
