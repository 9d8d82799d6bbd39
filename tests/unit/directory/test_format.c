/*
 * The file's own defences: names chosen to collide (N6), and numbers that only a hostile or broken
 * writer would put there under right checksums.
 */
#include "libuadm/directory/format.h"

#include "libuadm/directory/checksum.h"
#include "libuadm/directory/hash.h"
#include "libuadm/directory/reader.h"
#include "tests/unit/directory/fixture.h"

static int
clear(void **state)
{
	(void)state;
	fixture_clear();
	return 0;
}

/* ---- N6 ---- */

/* How many buckets in a row an entry went past. */
static unsigned
longest_run(const unsigned char *bytes)
{
	const struct directory_header *h = (const void *)bytes;
	const struct directory_bucket *b = (const void *)(bytes + DIRECTORY_BODY_AT);
	unsigned run = 0, longest = 0;

	for (uint32_t i = 0; i < 2 * h->buckets; i++) {
		run = b[i].more ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	return longest;
}

/* Publish `count` users whose names all met in one bucket of the file in place. */
static void
publish_colliding(const unsigned char *bytes, unsigned count)
{
	const struct directory_header *h = (const void *)bytes;
	CLEANUP(directory_writer_free) struct directory_writer *w = NULL;
	struct directory_user u = { .gecos = "", .home = "/", .shell = "/bin/sh" };
	struct uadm_err err;
	char name[32];

	fixture_ok(directory_writer_new(&w, &err), &err);
	u.name = name;
	for (unsigned i = 0, n = 0; n < count; i++) {
		snprintf(name, sizeof(name), "u%u", i);
		if (directory_bucket_of(
			h, directory_hash(h->seed, name, strlen(name))) != 0)
			continue;
		u.uid = FIRST_UID + n++;
		fixture_ok(directory_add_user(w, &u, &err), &err);
	}
	fixture_ok(directory_publish(w, UADM_DIRECTORY_DIR, geteuid(), 2, &err), &err);
}

static void
test_N6_chosen_names_do_not_collide(void **state)
{
	struct fixture f = { .users = 1000, .groups = 10, .version = 1 };
	CLEANUP(cleanup_free) unsigned char *first = NULL;
	CLEANUP(cleanup_free) unsigned char *second = NULL;
	size_t size;

	(void)state;
	fixture_publish(&f);
	first = fixture_read(&size);
	publish_colliding(first, 1000);
	second = fixture_read(&size);
	assert_memory_not_equal(((struct directory_header *)first)->seed,
	    ((struct directory_header *)second)->seed, 16);
	/* By chance a run has 3 or 4; with the first file's seed it would be 140. */
	assert_in_range(longest_run(second), 0, 12);
}

/* The base's seed can be read by everybody: names that would meet by it do not in a delta. */
static void
test_N6_nor_in_a_delta(void **state)
{
	struct fixture f = { .users = 1000, .groups = 10, .version = 1 };
	CLEANUP(directory_writer_free) struct directory_writer *w = NULL;
	CLEANUP(cleanup_free) unsigned char *base = NULL;
	CLEANUP(cleanup_free) unsigned char *delta = NULL;
	struct directory_user u = { .gecos = "", .home = "/", .shell = "/bin/sh" };
	const struct directory_header *h;
	struct uadm_err err;
	char name[32];
	size_t size;

	(void)state;
	fixture_publish(&f);
	base = fixture_read(&size);
	h = (const void *)base;
	fixture_ok(directory_writer_new(&w, &err), &err);
	u.name = name;
	for (unsigned i = 0, n = 0; n < 1000; i++) {
		snprintf(name, sizeof(name), "u%u", i);
		if (directory_bucket_of(
			h, directory_hash(h->seed, name, strlen(name))) != 0)
			continue;
		u.uid = FIRST_UID + f.users + n++;
		fixture_ok(directory_add_user(w, &u, &err), &err);
	}
	assert_true(fixture_put_delta(w, 2));
	delta = fixture_read(&size);
	assert_in_range(longest_run(delta), 0, 12);
}

/* ---- bounds, with right checksums ---- */

struct field {
	const char *label;
	size_t at;
	size_t size;
};

#define FIELD(type, member)                                                            \
	{                                                                              \
#member, offsetof(struct type, member),                                \
		    sizeof(((struct type *)0)->member)                                 \
	}

static const uint64_t extremes[] = { 0, 1, 2, 7, 8, 9, 31, 32, 255, 256, 4095, 4096,
	4104, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffff0,
	0xffffffff, 0x100000000, 0x7fffffffffffffff, 0x8000000000000000,
	0xfffffffffffffff8, 0xffffffffffffffff };

static volatile uint32_t sink; /* so that the compiler keeps the reading */

/* Read all that an answer points to: outside of the mapping this would be a crash. */
static uint32_t
touch(const struct directory_entry *e)
{
	uint32_t crc = crc32c(0, e->name, e->name_len);

	if (!e->user)
		return crc32c(crc, e->members, e->members_size);
	crc = crc32c(crc, e->gids, e->gid_count * sizeof(uint32_t));
	crc = crc32c(crc, e->gecos, e->gecos_len);
	crc = crc32c(crc, e->home, e->home_len);
	return crc32c(crc, e->shell, e->shell_len);
}

/* Look up and walk through everything; an answer must be to what was asked. */
static void
look_at_everything(const char *label, uint64_t value)
{
	struct directory_view v;
	struct directory_entry e;
	uint64_t offset = 0;
	char name[32];

	if (directory_open(&v) != 0)
		return;
	for (unsigned i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "user%u", i);
		if (directory_by_name(&v, name, &e) == DIRECTORY_FOUND) {
			sink = touch(&e);
			if (e.id != FIRST_UID + i || e.name_len != strlen(name))
				fail_msg("%s = %#llx: wrong user", label,
				    (unsigned long long)value);
		}
		if (directory_by_id(&v, FIRST_UID + i, &e) == DIRECTORY_FOUND) {
			sink = touch(&e);
			if (e.id != FIRST_UID + i)
				fail_msg("%s = %#llx: wrong uid", label,
				    (unsigned long long)value);
		}
	}
	while (directory_next(&v, true, &offset, &e) == DIRECTORY_FOUND)
		sink = touch(&e);
	directory_close(&v);
}

static const struct field header_fields[] = {
	FIELD(directory_header, version),
	FIELD(directory_header, size),
	FIELD(directory_header, groups_at),
	FIELD(directory_header, gone_at),
	FIELD(directory_header, delta),
	FIELD(directory_header, buckets),
	FIELD(directory_header, users),
	FIELD(directory_header, groups),
	FIELD(directory_header, gone),
};

static void
test_header_out_of_bounds(void **state)
{
	struct fixture f = { .users = 20, .groups = 10, .version = 1 };
	CLEANUP(cleanup_free) unsigned char *bytes = NULL;
	struct directory_header *h, whole;
	size_t size;

	(void)state;
	fixture_publish(&f);
	bytes = fixture_read(&size);
	h = (void *)bytes;
	whole = *h;
	for (size_t i = 0; i < ARRAY_LEN(header_fields); i++)
		for (size_t x = 0; x < ARRAY_LEN(extremes); x++) {
			*h = whole;
			memcpy(bytes + header_fields[i].at, &extremes[x],
			    header_fields[i].size);
			h->crc = 0;
			h->crc = crc32c(0, h, sizeof(*h));
			fixture_put(bytes, size, true);
			look_at_everything(header_fields[i].label, extremes[x]);
		}
}

static const struct field record_fields[] = {
	FIELD(directory_record, size),
	FIELD(directory_record, count),
	FIELD(directory_record, members_size),
	FIELD(directory_record, name_len),
	FIELD(directory_record, gecos_len),
	FIELD(directory_record, home_len),
	FIELD(directory_record, shell_len),
};

static void
record_sign(
    const struct directory_header *h, unsigned char *bytes, uint64_t at, size_t size)
{
	struct directory_record *r = (void *)(bytes + at);

	if (r->size >= sizeof(*r) && r->size <= size - at)
		r->crc = crc32c(
		    directory_crc_start(h, at), &r->size, r->size - sizeof(r->crc));
}

/* Of the file in place: the last user, the first and the last group, who is gone first and last:
 * those at the edges. */
static void
records_out_of_bounds(void)
{
	CLEANUP(cleanup_free) unsigned char *bytes = NULL;
	struct directory_record *r, whole;
	const struct directory_header *h;
	size_t size;

	bytes = fixture_read(&size);
	h = (const void *)bytes;
	for (uint64_t at = directory_users_at(h); at < size; at += whole.size) {
		r = (void *)(bytes + at);
		whole = *r;
		if (at + whole.size != h->groups_at && at != h->groups_at &&
		    at + whole.size != h->gone_at && at != h->gone_at &&
		    at + whole.size != size)
			continue;
		for (size_t i = 0; i < ARRAY_LEN(record_fields); i++)
			for (size_t x = 0; x < ARRAY_LEN(extremes); x++) {
				memcpy((unsigned char *)r + record_fields[i].at,
				    &extremes[x], record_fields[i].size);
				record_sign(h, bytes, at, size);
				fixture_put(bytes, size, true);
				look_at_everything(record_fields[i].label, extremes[x]);
				*r = whole;
			}
	}
}

static void
test_record_out_of_bounds(void **state)
{
	struct fixture f = { .users = 20, .groups = 10, .version = 1 }, now = f;

	(void)state;
	fixture_publish(&f);
	records_out_of_bounds();
	now.users = 15;
	now.changed = now.newer = 3;
	f.version = 2;
	fixture_publish(&f);
	fixture_delta(&f, &now, 3);
	records_out_of_bounds();
}

static void
test_record_in_the_wrong_place_is_not_taken(void **state)
{
	struct fixture f = { .users = 20, .groups = 10, .version = 1 };
	CLEANUP(cleanup_free) unsigned char *bytes = NULL;
	const struct directory_record *first;
	struct directory_view v;
	struct directory_entry e;
	uint64_t at;
	size_t size;

	(void)state;
	fixture_publish(&f);
	bytes = fixture_read(&size);
	at = directory_users_at((const void *)bytes);
	first = (const void *)(bytes + at);
	/* user0 and user1 have records of one size: a block written to the wrong place */
	memmove(bytes + at + first->size, first, first->size);
	fixture_put(bytes, size, true);
	assert_int_equal(directory_open(&v), 0);
	assert_int_equal(directory_by_name(&v, "user0", &e), DIRECTORY_FOUND);
	assert_int_equal(directory_by_name(&v, "user1", &e), DIRECTORY_UNAVAILABLE);
	assert_int_equal(directory_by_id(&v, FIRST_UID + 1, &e), DIRECTORY_UNAVAILABLE);
	directory_close(&v);
}

static void
test_system_ids_are_never_served(void **state)
{
	static const uint32_t ids[] = { 0, 27, 999, 65534, 0xffffffff };
	struct fixture f = { .users = 20, .groups = 10, .version = 1 };
	CLEANUP(cleanup_free) unsigned char *bytes = NULL;
	const struct directory_header *h;
	struct directory_record *r;
	struct directory_view v;
	struct directory_entry e;
	uint64_t at, offset = 0;
	size_t size;

	(void)state;
	fixture_publish(&f);
	bytes = fixture_read(&size);
	h = (const void *)bytes;
	at = directory_users_at(h);
	r = (void *)(bytes + at);
	for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
		r->id = ids[i];
		record_sign(h, bytes, at, size);
		fixture_put(bytes, size, true);
		assert_int_equal(directory_open(&v), 0);
		assert_int_equal(
		    directory_by_name(&v, "user0", &e), DIRECTORY_NOT_FOUND);
		assert_int_equal(directory_by_id(&v, ids[i], &e), DIRECTORY_NOT_FOUND);
		offset = 0;
		assert_int_equal(
		    directory_next(&v, false, &offset, &e), DIRECTORY_FOUND);
		assert_int_equal(e.id, FIRST_UID + 1);
		directory_close(&v);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_N6_chosen_names_do_not_collide, clear),
		cmocka_unit_test_setup(test_N6_nor_in_a_delta, clear),
		cmocka_unit_test_setup(test_header_out_of_bounds, clear),
		cmocka_unit_test_setup(test_record_out_of_bounds, clear),
		cmocka_unit_test_setup(
		    test_record_in_the_wrong_place_is_not_taken, clear),
		cmocka_unit_test_setup(test_system_ids_are_never_served, clear),
	};

	return cmocka_run_group_tests(tests, fixture_lock, NULL);
}
