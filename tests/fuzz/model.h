/*
 * model.h - what the answers have to be, found by reading a file's records from first to last: no
 * table, no hash and no checksum has a say in it.
 */
#ifndef UADM_TESTS_FUZZ_MODEL_H
#define UADM_TESTS_FUZZ_MODEL_H

#include "tests/fuzz/fuzz.h"

/* One record. Its numbers are copies, and its texts are within the file. */
struct model_entry {
	struct directory_record r;
	int file;
	uint64_t next; /* where the one behind it stands */
	bool user;
	bool gone;
	const unsigned char *gids;
	const char *name;
	const char *members; /* of a group */
};

/* The record at `at`, or at the first one if that is 0. False: there is none, or none that holds
 * together. */
bool model_at(
    const struct fuzz_input *in, int file, uint64_t at, struct model_entry *e);

/* Who is found by a name or, that being NULL, an id; who is gone, too. Of a sound input. */
bool model_find(
    const struct fuzz_input *in, const char *name, uint32_t id, struct model_entry *e);

/* What a walk meets after *file and *at, which begin as 1 (0 without a base) and 0. */
bool model_next(const struct fuzz_input *in, bool groups, int *file, uint64_t *at,
    struct model_entry *e);

/* Are the members that a group should have there? */
bool model_members_whole(const struct model_entry *e);

/* Has any file a record of this name and id, wherever? Of any input. */
bool model_has(const struct fuzz_input *in, const char *name, uint32_t id);

#endif
