/*
 * The inputs of tests/fuzz/corpus, replayed (N3, N5): `make fuzz` finds new ones, here those it kept
 * go through the same checks in every build. And the checks' own check: they reach what they should,
 * and files of the real writer are to them what they are to everybody.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants these before it */
#include <cmocka.h>

#include "libuadm/base/error.h"
#include "libuadm/base/files.h"
#include "libuadm/directory/writer_parts.h"
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#define CORPUS "tests/fuzz/corpus/"

enum {
	INPUT_MAX = 1 << 16,
	USERS = 12,
	GROUPS = 3,
	FIRST_UID = 2000,
	FIRST_GID = 5000
};

static const struct {
	enum outcome outcome;
	const char *label;
} outcomes[] = {
	{ GOT_FOUND, "somebody is found" },
	{ GOT_NOT_FOUND, "nobody is found" },
	{ GOT_DAMAGED, "a file is damaged" },
	{ GOT_TOO_SMALL, "a buffer is too small" },
	{ GOT_IN_DELTA, "the answer is the delta's" },
	{ GOT_IN_BASE, "the answer is the base's" },
	{ GOT_GONE, "the delta says that somebody is gone" },
	{ GOT_BY_READING, "a file that cannot be mapped is read" },
	{ GOT_MEMBERS, "a group has members" },
	{ GOT_MEMBERSHIPS, "a user has groups" },
	{ GOT_WALKED, "a walk meets somebody" },
};

static void
replay(const char *name, const uint8_t *data, size_t size, unsigned seen[OUTCOMES])
{
	const char *wrong = fuzz_run(data, size, seen);

	if (wrong != NULL)
		fail_msg("%s: %s", name, wrong);
}

static size_t
input_read(const char *name, uint8_t *into)
{
	char path[512];
	size_t size;
	FILE *f;

	snprintf(path, sizeof(path), CORPUS "%s", name);
	if ((f = fopen(path, "re")) == NULL)
		fail_msg("%s: cannot be read", path);
	size = fread(into, 1, INPUT_MAX, f);
	fclose(f);
	return size;
}

static void
test_N3_corpus(void **state)
{
	DIR *d = opendir(CORPUS);
	static uint8_t data[INPUT_MAX];
	unsigned seen[OUTCOMES] = { 0 }, inputs = 0;
	const struct dirent *e;

	(void)state;
	assert_non_null(d);
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		replay(e->d_name, data, input_read(e->d_name, data), seen);
		inputs++;
	}
	closedir(d);
	assert_true(inputs > 0);
	assert_int_equal(ARRAY_LEN(outcomes), OUTCOMES);
	for (size_t i = 0; i < ARRAY_LEN(outcomes); i++) {
		print_message(
		    "%u times %s\n", seen[outcomes[i].outcome], outcomes[i].label);
		if (seen[outcomes[i].outcome] == 0)
			fail_msg("never: %s", outcomes[i].label);
	}
}

/* ---- the writer's files ---- */

static void
ok(enum uadm_code c, const struct uadm_err *err)
{
	if (c != UADM_OK)
		fail_msg("%s", err->msg);
}

static void
user_add(struct directory_writer *w, unsigned i, const char *gecos)
{
	char name[32], home[64];
	struct directory_user u = { name, FIRST_UID + i, gecos, home, "/bin/sh" };
	struct uadm_err err;

	snprintf(name, sizeof(name), "user%u", i);
	snprintf(home, sizeof(home), "/home/user%u", i);
	ok(directory_add_user(w, &u, &err), &err);
	ok(directory_add_member(w, FIRST_GID + i % GROUPS, FIRST_UID + i, &err), &err);
}

static void
groups_add(struct directory_writer *w)
{
	struct uadm_err err;
	char name[32];

	for (unsigned g = 0; g < GROUPS; g++) {
		snprintf(name, sizeof(name), "group%u", g);
		ok(directory_add_group(w, name, FIRST_GID + g, &err), &err);
	}
}

static struct fuzz_file
built(struct directory_writer *w, const struct directory_header *base)
{
	struct image image = { 0 };
	struct uadm_err err;

	ok(image_build(w, 1 + (base != NULL), base, &image, &err), &err);
	return (struct fuzz_file){ image.bytes, image.size };
}

static struct fuzz_file
base_built(void)
{
	CLEANUP(directory_writer_free) struct directory_writer *w = NULL;
	struct uadm_err err;

	ok(directory_writer_new(&w, &err), &err);
	groups_add(w);
	for (unsigned i = 0; i < USERS; i++)
		user_add(w, i, "from the base");
	return built(w, NULL);
}

/* User 1 is another one, user 2 has gone, one is new. The base has to be in place. */
static struct fuzz_file
delta_built(const struct fuzz_file *base)
{
	const struct directory_header *h = (const void *)base->bytes;
	struct directory_state was = { .generation = h->generation,
		.base_generation = h->generation,
		.base_seed = h->seed[0],
		.base_entries = h->users + h->groups };
	CLEANUP(directory_writer_free) struct directory_writer *w = NULL;
	struct fuzz_input in = { .shown = { *base } };
	struct directory_header head;
	struct fuzz_file delta;
	struct uadm_err err;
	bool fits = false;

	ok(directory_writer_new(&w, &err), &err);
	groups_add(w);
	user_add(w, 1, "from the delta");
	user_add(w, USERS, "new in the delta");
	ok(directory_add_gone(w, FIRST_UID + 2, &err), &err);
	memory_put(&in, 0);
	ok(delta_prepare(w, &was, &fits, &head, &err), &err);
	memory_clear();
	assert_true(fits);
	delta = built(w, h);
	return delta;
}

/* As an input that has it so. */
static size_t
encode(uint8_t *into, const struct fuzz_file files[2], enum care care)
{
	struct fuzz_plan plan = { .flags = FUZZ_TWO | FUZZ_READ_ENTRY | FUZZ_READ_BASE,
		.care = { care, care } };
	uint8_t *to = into + sizeof(plan);

	for (int n = 0; n < 2; n++) {
		size_t body = files[n].size - DIRECTORY_BODY_AT;

		plan.body[n] = (uint16_t)body;
		memcpy(to, files[n].bytes, sizeof(struct directory_header));
		to += sizeof(struct directory_header);
		memcpy(to, files[n].bytes + DIRECTORY_STALE_AT, sizeof(uint32_t));
		to += sizeof(uint32_t);
		memcpy(to, files[n].bytes + DIRECTORY_BODY_AT, body);
		to += body;
	}
	memcpy(into, &plan, sizeof(plan));
	return (size_t)(to - into);
}

/* What puts sums right leaves alone what is right, so it is the writer's arithmetic. */
static void
check_unchanged(
    const uint8_t *data, size_t size, const struct fuzz_file files[2], enum care care)
{
	struct fuzz_input in;

	fuzz_input_make(&in, data, size);
	for (int n = 0; n < 2; n++) {
		assert_int_equal(in.file[n].size, files[n].size);
		if (memcmp(in.file[n].bytes, files[n].bytes, files[n].size) != 0)
			fail_msg("care %d changes file %d", (int)care, n);
	}
	fuzz_input_free(&in);
}

static void
test_N1_files_of_the_writer(void **state)
{
	struct fuzz_file files[2] = { [1] = base_built() };
	static uint8_t data[INPUT_MAX];

	(void)state;
	files[0] = delta_built(&files[1]);
	for (enum care care = CARE_NONE; care <= CARE_BOUNDS; care++) {
		size_t size = encode(data, files, care);
		unsigned seen[OUTCOMES] = { 0 };

		check_unchanged(data, size, files, care);
		replay("the writer's", data, size, seen);
		assert_int_equal(seen[GOT_DAMAGED], 0);
		/* Of 12 and 3 in the base, and the delta's: each by name and id, as a user (not
		 * the groups) and as a group, mapped and read. */
		assert_true(seen[GOT_FOUND] >= 2 * 2 * (2 * USERS + GROUPS));
	}
	free(files[0].bytes);
	free(files[1].bytes);
}

/* More members than bytes for their names: damaged, and not a buffer that is never large enough. */
static void
test_N5_no_group_asks_for_ever(void **state)
{
	struct fuzz_file files[2] = { [1] = base_built() };
	static uint8_t data[INPUT_MAX];
	struct directory_header *h = (void *)files[1].bytes;
	struct directory_record *r = (void *)(files[1].bytes + h->groups_at);
	static const uint32_t counts[] = { UINT32_MAX, 1u << 20, 1000 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
		unsigned seen[OUTCOMES] = { 0 };

		assert_true(r->members_size < 1000);
		r->count = counts[i];
		files[0] = files[1];
		replay(
		    "a group of too many", data, encode(data, files, CARE_SUMS), seen);
		assert_true(seen[GOT_DAMAGED] > 0);
	}
	free(files[1].bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_N3_corpus),
		cmocka_unit_test(test_N1_files_of_the_writer),
		cmocka_unit_test(test_N5_no_group_asks_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
