/*
 * Which state of the file the reader sees, and when a replaced one goes. N2 is here as well as
 * with the module, since this program can be built with -fsanitize=thread.
 */
#include "libuadm/directory/reader.h"

#include "tests/unit/directory/fixture.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

static int
clear(void **state)
{
	(void)state;
	fixture_clear();
	return 0;
}

/* The version that a lookup sees, or 0 when it is none at all or torn. */
static unsigned
version_of(unsigned user)
{
	unsigned uid = 0, in_gecos = 0, in_home = 0, in_shell = 0, nr = 0;
	struct directory_view v;
	struct directory_entry e;
	char name[32], gecos[64], home[64], shell[64];
	bool found;

	snprintf(name, sizeof(name), "user%u", user);
	if (directory_open(&v) != 0)
		return 0;
	if ((found = directory_by_name(&v, name, &e) == DIRECTORY_FOUND && e.user)) {
		snprintf(gecos, sizeof(gecos), "%.*s", (int)e.gecos_len, e.gecos);
		snprintf(home, sizeof(home), "%.*s", (int)e.home_len, e.home);
		snprintf(shell, sizeof(shell), "%.*s", (int)e.shell_len, e.shell);
		uid = e.id;
	}
	directory_close(&v);
	if (!found || uid != FIRST_UID + user ||
	    sscanf(gecos, "Jörg Nr %u v%u", &nr, &in_gecos) != 2 ||
	    sscanf(home, "/home/user%u/v%u", &nr, &in_home) != 2 ||
	    sscanf(shell, "/bin/sh%u", &in_shell) != 1 || nr != user)
		return 0;
	return in_gecos == in_home && in_home == in_shell ? in_home : 0;
}

static void
test_sees_each_publish(void **state)
{
	struct fixture f = { .users = 20, .groups = 10 };

	(void)state;
	for (f.version = 1; f.version <= 50; f.version++) {
		fixture_publish(&f);
		assert_int_equal(version_of(f.version % f.users), f.version);
	}
	assert_int_equal(fixture_mappings(), 1);
}

static void
test_missing_file_is_unavailable_at_once(void **state)
{
	struct fixture f = { .users = 20, .groups = 10, .version = 1 };
	struct directory_view v;

	(void)state;
	assert_int_equal(directory_open(&v), ENOENT);
	fixture_publish(&f);
	assert_int_equal(version_of(1), 1);
	fixture_clear();
	assert_int_equal(directory_open(&v), ENOENT);
	assert_int_equal(fixture_mappings(), 0);
}

/* Does a condition come true within 3 s, which is a second of the coarse clock and time to
 * spare? */
static bool
soon(bool (*condition)(unsigned), unsigned argument)
{
	double until = fixture_seconds() + 3;

	while (!condition(argument)) {
		if (fixture_seconds() > until)
			return false;
		fixture_pause_ms(20);
	}
	return true;
}

static bool
sees_version(unsigned version)
{
	return version_of(3) == version;
}

static bool
sees_nothing(unsigned unused)
{
	struct directory_view v;

	(void)unused;
	if (directory_open(&v) != 0)
		return true;
	directory_close(&v);
	return false;
}

static void
test_writer_that_died_before_marking_is_noticed(void **state)
{
	struct fixture f = { .users = 20, .groups = 10, .version = 2 };
	CLEANUP(cleanup_free) unsigned char *second = NULL;
	size_t size;

	(void)state;
	fixture_publish(&f);
	second = fixture_read(&size);
	f.version = 1;
	fixture_publish(&f);
	assert_int_equal(version_of(3), 1);
	fixture_put(second, size, false);
	assert_true(soon(sees_version, 2));
	assert_int_equal(fixture_mappings(), 1);
}

static void
test_writer_that_died_after_marking_does_no_harm(void **state)
{
	struct fixture f = { .users = 20, .groups = 10, .version = 1 };

	(void)state;
	fixture_publish(&f);
	fixture_mark(1);
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(version_of(i % f.users), 1);
	f.version = 2;
	fixture_publish(&f);
	assert_int_equal(version_of(3), 2);
}

static void
test_N3_overwritten_while_mapped_is_noticed(void **state)
{
	struct fixture f = { .users = 20, .groups = 10, .version = 1 };
	CLEANUP(cleanup_free) unsigned char *old = NULL;
	size_t size, was;
	int fd;

	(void)state;
	fixture_publish(&f);
	old = fixture_read(&was);
	f.version = 2;
	fixture_publish(&f);
	assert_int_equal(version_of(3), 2);
	/* As cp(1) puts a copy back: into the file itself. */
	CLEANUP(cleanup_free) unsigned char *now = fixture_read(&size);
	assert_int_equal(size, was);
	fd = open(UADM_DIRECTORY_FILE, O_WRONLY | O_CLOEXEC);
	assert_true(fd >= 0 && files_write_all(fd, old, was));
	close(fd);
	assert_true(soon(sees_version, 1));
}

static void
test_N7_loosened_while_mapped_is_noticed(void **state)
{
	struct fixture f = { .users = 20, .groups = 10, .version = 1 };

	(void)state;
	fixture_publish(&f);
	assert_int_equal(version_of(3), 1);
	assert_int_equal(chmod(UADM_DIRECTORY_FILE, 0646), 0);
	assert_true(soon(sees_nothing, 0));
}

/* Each open view holds a state of its own; there are fewer slots than that. */
static void
test_N4_more_states_held_than_there_are_slots(void **state)
{
	struct fixture f = { .users = 20, .groups = 10 };
	struct directory_view held[40];
	struct directory_entry e;
	char home[64];

	(void)state;
	for (unsigned i = 0; i < ARRAY_LEN(held); i++) {
		f.version = i + 1;
		fixture_publish(&f);
		assert_int_equal(directory_open(&held[i]), 0);
		assert_int_equal(version_of(3), f.version);
	}
	assert_in_range(fixture_mappings(), ARRAY_LEN(held), ARRAY_LEN(held) + 1);
	for (unsigned i = 0; i < ARRAY_LEN(held); i++) {
		assert_int_equal(
		    directory_by_name(&held[i], "user3", &e), DIRECTORY_FOUND);
		snprintf(home, sizeof(home), "/home/user3/v%u", i + 1);
		assert_memory_equal(e.home, home, strlen(home) + 1);
		directory_close(&held[i]);
	}
	assert_int_equal(version_of(3), ARRAY_LEN(held));
	assert_int_equal(fixture_mappings(), 1);
}

/* ---- N2 ---- */

enum { N2_THREADS = 8, N2_REPLACEMENTS = 1000, N2_IMAGES = 10, N2_FULL_EVERY = 20 };

static struct {
	_Atomic bool over;
	_Atomic unsigned failures;
	_Atomic unsigned long lookups;
} n2;

static void *
n2_look(void *unused)
{
	unsigned user = 0;

	(void)unused;
	while (!atomic_load(&n2.over)) {
		user = (user + 13) % 100;
		if (version_of(user) == 0)
			atomic_fetch_add(&n2.failures, 1);
		atomic_fetch_add(&n2.lookups, 1);
	}
	return NULL;
}

static void *
n2_walk(void *unused)
{
	static struct directory_walk walk;
	struct directory_entry e;
	struct directory_view v;
	uint64_t at, offset;

	(void)unused;
	while (!atomic_load(&n2.over)) {
		enum directory_answer a = DIRECTORY_FOUND;
		unsigned seen = 0;

		if (directory_walk_start(&walk) != 0)
			atomic_fetch_add(&n2.failures, 1);
		while (
		    a == DIRECTORY_FOUND && directory_walk_open(&walk, &v, &at) == 0) {
			offset = directory_walk_offset(at);
			a = directory_next(&v, true, &offset, &e);
			seen += a == DIRECTORY_FOUND;
			directory_walk_move(&walk, at, offset);
			directory_close(&v);
		}
		if (a != DIRECTORY_NOT_FOUND || seen != 110)
			atomic_fetch_add(&n2.failures, 1);
	}
	directory_walk_end(&walk);
	return NULL;
}

static void
test_N2_eight_threads_thousand_replacements(void **state)
{
	struct fixture f = { .users = 100, .groups = 10 };
	unsigned char *images[N2_IMAGES];
	size_t sizes[N2_IMAGES];
	unsigned descriptors, unseen = 0;
	pthread_t threads[N2_THREADS];

	(void)state;
	for (unsigned i = 0; i < N2_IMAGES; i++) {
		f.version = i + 1;
		fixture_publish(&f);
		images[i] = fixture_read(&sizes[i]);
	}
	descriptors = fixture_descriptors();
	for (unsigned i = 0; i < N2_THREADS; i++)
		pthread_create(&threads[i], NULL, i == 0 ? n2_walk : n2_look, NULL);
	/* Most without the writer's fsyncs, which are what takes time. */
	for (unsigned i = 0; i < N2_REPLACEMENTS; i++) {
		unsigned image = i % N2_IMAGES;

		f.version = image + 1;
		if (i % N2_FULL_EVERY == 0) {
			CLEANUP(directory_writer_free)
			struct directory_writer *w = fixture_writer(&f);
			struct uadm_err err;

			fixture_ok(directory_publish(w, UADM_DIRECTORY_DIR, geteuid(),
				       N2_IMAGES, &err),
			    &err);
		} else {
			fixture_put(images[image], sizes[image], true);
		}
		unseen += version_of(i % f.users) != f.version;
	}
	atomic_store(&n2.over, true);
	for (unsigned i = 0; i < N2_THREADS; i++)
		pthread_join(threads[i], NULL);
	for (unsigned i = 0; i < N2_IMAGES; i++)
		free(images[i]);
	assert_int_equal(unseen, 0);
	assert_int_equal(atomic_load(&n2.failures), 0);
	assert_true(atomic_load(&n2.lookups) > N2_REPLACEMENTS);
	assert_int_equal(version_of(3), N2_IMAGES);
	assert_int_equal(fixture_mappings(), 1);
	assert_int_equal(fixture_descriptors(), descriptors);
}

/* What is published one after the other: a whole file, deltas to it, the next whole file. */
enum { N2_BASES = 5, N2_DELTAS = 4, N2_CHANGED = 50 };

static struct n2_state {
	char base[DIRECTORY_BASE_SIZE];
	unsigned char *bytes[1 + N2_DELTAS];
	size_t size[1 + N2_DELTAS];
} n2_states[N2_BASES];

static unsigned
n2_version(unsigned base, unsigned delta)
{
	return 1 + base * (1 + N2_DELTAS) + delta;
}

static void
n2_make(void)
{
	for (unsigned b = 0; b < N2_BASES; b++) {
		struct n2_state *s = &n2_states[b];
		struct fixture f = { .users = 100, .groups = 10 }, now;

		f.version = n2_version(b, 0);
		fixture_publish(&f);
		directory_base_name(fixture_state().base_seed, s->base);
		s->bytes[0] = fixture_read(&s->size[0]);
		for (unsigned d = 1; d <= N2_DELTAS; d++) {
			now = f;
			now.changed = N2_CHANGED;
			now.newer = n2_version(b, d);
			fixture_delta(&f, &now, now.newer);
			s->bytes[d] = fixture_read(&s->size[d]);
		}
	}
}

/* As the writer does it, without its fsyncs, which are what takes time. */
static void
n2_put(unsigned b, unsigned d)
{
	const struct n2_state *s = &n2_states[b];
	char path[200];

	if (d == 1) {
		snprintf(path, sizeof(path), UADM_DIRECTORY_DIR "/%s", s->base);
		unlink(path);
		assert_int_equal(link(UADM_DIRECTORY_FILE, path), 0);
	}
	fixture_put(s->bytes[d], s->size[d], true);
	if (d != 0)
		return;
	for (unsigned i = 0; i < N2_BASES; i++) {
		snprintf(
		    path, sizeof(path), UADM_DIRECTORY_DIR "/%s", n2_states[i].base);
		unlink(path);
	}
}

/* Every now and then by the writer itself. */
static void
n2_publish(unsigned b, unsigned d)
{
	struct fixture f = { .users = 100, .groups = 10 }, now;

	f.version = n2_version(b, 0);
	now = f;
	now.changed = N2_CHANGED;
	now.newer = n2_version(b, d);
	if (d > 0)
		fixture_delta(&f, &now, 1000000);
	else
		n2_put(b, d);
}

static void
test_N2_eight_threads_thousand_deltas_and_bases(void **state)
{
	pthread_t threads[N2_THREADS];
	unsigned descriptors, unseen = 0;

	(void)state;
	n2_make();
	n2_put(0, 0);
	atomic_store(&n2.over, false);
	descriptors = fixture_descriptors();
	for (unsigned i = 0; i < N2_THREADS; i++)
		pthread_create(&threads[i], NULL, i == 0 ? n2_walk : n2_look, NULL);
	for (unsigned i = 0; i < N2_REPLACEMENTS; i++) {
		unsigned d = i % (1 + N2_DELTAS), b = i / (1 + N2_DELTAS) % N2_BASES;

		(d == N2_DELTAS && b == 0 ? n2_publish : n2_put)(b, d);
		unseen += version_of(i % N2_CHANGED) != n2_version(b, d);
		unseen += version_of(N2_CHANGED + i % N2_CHANGED) != n2_version(b, 0);
	}
	atomic_store(&n2.over, true);
	for (unsigned i = 0; i < N2_THREADS; i++)
		pthread_join(threads[i], NULL);
	for (unsigned b = 0; b < N2_BASES; b++)
		for (unsigned d = 0; d <= N2_DELTAS; d++)
			free(n2_states[b].bytes[d]);
	assert_int_equal(unseen, 0);
	assert_int_equal(atomic_load(&n2.failures), 0);
	assert_int_equal(fixture_mappings(), 2);
	assert_int_equal(fixture_descriptors(), descriptors);
	assert_int_equal(fixture_files("base."), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_sees_each_publish, clear),
		cmocka_unit_test_setup(test_missing_file_is_unavailable_at_once, clear),
		cmocka_unit_test_setup(
		    test_writer_that_died_before_marking_is_noticed, clear),
		cmocka_unit_test_setup(
		    test_writer_that_died_after_marking_does_no_harm, clear),
		cmocka_unit_test_setup(
		    test_N3_overwritten_while_mapped_is_noticed, clear),
		cmocka_unit_test_setup(test_N7_loosened_while_mapped_is_noticed, clear),
		cmocka_unit_test_setup(
		    test_N4_more_states_held_than_there_are_slots, clear),
		cmocka_unit_test_setup(
		    test_N2_eight_threads_thousand_replacements, clear),
		cmocka_unit_test_setup(
		    test_N2_eight_threads_thousand_deltas_and_bases, clear),
	};

	return cmocka_run_group_tests(tests, fixture_lock, NULL);
}
