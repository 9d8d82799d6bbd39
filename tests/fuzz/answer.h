/*
 * answer.h - one lookup at a time, and all that is wrong with its answer.
 */
#ifndef UADM_TESTS_FUZZ_ANSWER_H
#define UADM_TESTS_FUZZ_ANSWER_H

#include "tests/fuzz/fuzz.h"

#include <nss.h>
#include <pwd.h>
#include <sys/types.h>

/* What is going on, in a program that does one thing at a time. */
struct run {
	const struct fuzz_input *in;
	unsigned *outcomes;
	const char *wrong; /* the first thing that was */
	uint32_t digest;   /* of all answers */
	bool reading;      /* something is not mapped */
	struct {
		int file;
		uint64_t at;
	} walk[2]; /* of users, of groups: the model's place */
};

extern struct run run;

void want(bool good, const char *otherwise);

/* `size` is that of the first buffer. */
void look_up(bool group, const char *name, uint32_t id, size_t size);
void memberships(const char *name, gid_t skip, long size, long limit);

void walk_start(bool group);
void walk_end(bool group);
/* False: the walk is over. */
bool walk_step(bool group, size_t size);

#endif
