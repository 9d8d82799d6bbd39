/* Deltas: what they are laid over, what of them is on disk whatever happens, and who differs. */
#include "libuadm/directory/writer.h"

#include "libuadm/directory/reader.h"
#include "tests/unit/directory/writing.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

/* Over and over: a whole file and four deltas to it. The version is the generation. */
static void
publish_for_ever(uint64_t generation)
{
	struct fixture f = { .users = 300, .groups = 10 }, now;

	for (;; generation++) {
		if (generation % 5 == 0 || f.version == 0) {
			f.version = (unsigned)generation;
			fixture_publish(&f);
			continue;
		}
		now = f;
		now.changed = now.newer = (unsigned)generation;
		now.users = f.users - generation % 3;
		fixture_delta(&f, &now, generation);
	}
}

static void
test_killed_writers_of_deltas_leave_sound_files(void **state)
{
	struct fixture f = { .users = 300, .groups = 10, .version = 1 };
	uint64_t generation = 0;

	(void)state;
	fixture_publish(&f);
	for (unsigned i = 0; i < 60 || generation < 10; i++) {
		uint64_t before = published_generation();
		pid_t pid = fork();

		if (pid == 0)
			publish_for_ever(before + 1);
		fixture_pause_ms(1 + i * 3 % 40);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		generation = published_generation();
		assert_true(generation >= before);
	}
	f.version = (unsigned)generation + 1;
	fixture_publish(&f);
	assert_int_equal(leftovers(), 0);
	assert_int_equal(fixture_files("base."), 0);
}

static void
test_full_disk_leaves_the_old_delta(void **state)
{
	struct fixture f = { .users = 500, .groups = 10, .version = 1 }, now = f;
	struct rlimit all, few;

	(void)state;
	fixture_publish(&f);
	now.changed = now.newer = 2;
	fixture_delta(&f, &now, 2);
	now.changed = 400;
	CLEANUP(directory_writer_free)
	struct directory_writer *w = fixture_delta_writer(&f, &now);
	struct directory_state was = fixture_state();
	bool fits;

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &all), 0);
	few = all;
	few.rlim_cur = 20000;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &few), 0);
	assert_int_equal(directory_publish_delta(
			     w, UADM_DIRECTORY_DIR, geteuid(), 3, &was, &fits, &err),
	    UADM_UNAVAILABLE);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &all), 0);
	assert_int_equal(published_generation(), 2);
	assert_int_equal(leftovers(), 0);
	assert_int_equal(fixture_files("base."), 1);
}

/* What a base has otherwise than the store could have had it: no delta is laid over it. */
static void
test_delta_that_does_not_fit(void **state)
{
	static const struct {
		const char *label, *user, *group;
		uint32_t id, gone;
		bool fits;
	} cases[] = {
		{ "a new user", "ed", NULL, 50000, 0, true },
		{ "a changed user", "user3", NULL, FIRST_UID + 3, 0, true },
		{ "a new group", NULL, "club", 50000, 0, true },
		{ "a changed group", NULL, "group-3", FIRST_GID + 3, 0, true },
		{ "nobody of the base is gone", "ed", NULL, 50000, 60000, true },
		{ "the name of who is gone", "user3", NULL, 50000, FIRST_UID + 3,
		    true },
		{ "the name of who is there", "user3", NULL, 50000, 0, false },
		{ "the name of a group that is there", "group-3", NULL, 50000, 0,
		    false },
		{ "the number of who is there", "ed", NULL, FIRST_UID + 3, 0, false },
		{ "a user with the number of a group", "ed", NULL, FIRST_GID + 3, 0,
		    false },
		{ "a group that was a user", NULL, "user3", FIRST_UID + 3, 0, false },
	};
	struct fixture f = { .users = 20, .groups = 10, .version = 1 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(directory_writer_free) struct directory_writer *w = NULL;

		fixture_clear();
		fixture_publish(&f);
		fixture_ok(directory_writer_new(&w, &err), &err);
		if (cases[i].user != NULL)
			fixture_ok(add_user(w, cases[i].user, cases[i].id), &err);
		else
			fixture_ok(
			    directory_add_group(w, cases[i].group, cases[i].id, &err),
			    &err);
		if (cases[i].gone != 0)
			fixture_ok(directory_add_gone(w, cases[i].gone, &err), &err);
		if (fixture_put_delta(w, 2) != cases[i].fits)
			fail_msg("%s", cases[i].label);
		assert_int_equal(published_generation(), cases[i].fits ? 2 : 1);
	}
}

/* A state that is not in place any more is nothing to build on. */
static void
test_delta_to_what_was_there_before(void **state)
{
	struct fixture f = { .users = 20, .groups = 10, .version = 1 }, now = f;
	CLEANUP(directory_writer_free) struct directory_writer *w = NULL;
	struct directory_state was;
	bool fits = true;

	(void)state;
	fixture_publish(&f);
	was = fixture_state();
	fixture_publish(&f); /* the same, from another seed */
	now.changed = 1;
	w = fixture_delta_writer(&f, &now);
	fixture_ok(directory_publish_delta(
		       w, UADM_DIRECTORY_DIR, geteuid(), 2, &was, &fits, &err),
	    &err);
	assert_false(fits);
	assert_int_equal(published_generation(), 1);
}

/* Of the same change: taken over. Of another, or of none: not. */
static void
test_delta_takes_over_what_has_not_changed(void **state)
{
	struct fixture f = { .users = 20, .groups = 10, .version = 1 }, now = f;
	CLEANUP(directory_writer_free) struct directory_writer *first = NULL;
	CLEANUP(directory_writer_free) struct directory_writer *w = NULL;
	struct directory_view v;
	struct directory_entry e;
	bool kept;

	(void)state;
	now.changed = now.newer = 5;
	now.users = 18;
	fixture_publish(&f);
	fixture_ok(directory_writer_new(&w, &err), &err);
	fixture_ok(directory_keep(w, FIRST_UID, 0, &kept, &err), &err);
	assert_false(kept); /* the base is not what is meant */
	directory_writer_free(&w);
	first = fixture_delta_writer(&f, &now);
	directory_stamp(first, 77);
	fixture_ok(add_user(first, "ed", 50000), &err);
	assert_true(fixture_put_delta(first, 2));
	fixture_ok(directory_writer_new(&w, &err), &err);
	fixture_ok(directory_keep(w, 50000, 76, &kept, &err), &err);
	assert_false(kept);
	fixture_ok(directory_keep(w, FIRST_UID + 7, 0, &kept, &err), &err);
	assert_false(kept);
	fixture_ok(directory_keep(w, 50000, 77, &kept, &err), &err);
	assert_true(kept);
	for (unsigned i = 0; i < f.users; i++) {
		fixture_ok(directory_keep(w, FIRST_UID + i, 0, &kept, &err), &err);
		assert_int_equal(kept, i < 5 || i >= 18);
	}
	for (unsigned g = 0; g < f.groups; g++) {
		fixture_ok(directory_keep(w, FIRST_GID + g, 0, &kept, &err), &err);
		assert_true(kept);
	}
	directory_stamp(w, 78);
	fixture_ok(add_user(w, "al", 50001), &err);
	assert_true(fixture_put_delta(w, 3));
	assert_int_equal(directory_open(&v), 0);
	assert_int_equal(directory_by_name(&v, "user19", &e), DIRECTORY_NOT_FOUND);
	assert_int_equal(directory_by_name(&v, "user2", &e), DIRECTORY_FOUND);
	assert_memory_equal(e.home, "/home/user2/v5", 15);
	assert_int_equal(e.gid_count, GROUPS_EACH);
	assert_int_equal(directory_by_name(&v, "user9", &e), DIRECTORY_FOUND);
	assert_memory_equal(e.home, "/home/user9/v1", 15);
	assert_int_equal(directory_by_name(&v, "ed", &e), DIRECTORY_FOUND);
	assert_int_equal(e.stamp, 77);
	assert_int_equal(directory_by_id(&v, 50001, &e), DIRECTORY_FOUND);
	assert_int_equal(e.stamp, 78);
	directory_close(&v);
}

struct told {
	unsigned count;
	char all[2000];
};

static void
tell(void *arg, const char *what)
{
	struct told *t = arg;
	size_t used = strlen(t->all);

	t->count++;
	snprintf(t->all + used, sizeof(t->all) - used, "%s; ", what);
}

/* Each entry that differs is told by its name, in a delta or in a base. */
static void
test_compare_tells_who_differs(void **state)
{
	struct fixture f = { .users = 20, .groups = 10, .version = 1 }, now = f;
	bool compared;

	(void)state;
	now.changed = now.newer = 2;
	for (int delta = 0; delta < 2; delta++) {
		CLEANUP(directory_writer_free)
		struct directory_writer *same = fixture_writer(delta ? &now : &f);
		CLEANUP(directory_writer_free) struct directory_writer *w = NULL;
		struct told told = { 0 };

		fixture_clear();
		fixture_publish(&f);
		if (delta)
			fixture_delta(&f, &now, 1);
		fixture_ok(
		    directory_compare(same, 1, &compared, tell, &told, &err), &err);
		assert_true(compared && told.count == 0);
		fixture_ok(
		    directory_compare(same, 2, &compared, tell, &told, &err), &err);
		assert_false(compared);

		struct fixture other = delta ? now : f;

		other.users = 18;
		w = fixture_writer(&other);
		fixture_ok(add_user(w, "ed", 50000), &err);
		fixture_ok(directory_add_member(w, FIRST_GID, 50000, &err), &err);
		fixture_ok(add_user(w, "user18", FIRST_UID + 18), &err);
		fixture_ok(directory_compare(w, 1, &compared, tell, &told, &err), &err);
		assert_non_null(strstr(told.all, "the user ed (50000) is not in"));
		assert_non_null(
		    strstr(told.all, "the user user18 (20018) is published otherwise"));
		assert_non_null(strstr(
		    told.all, "the group group-0 (40000) is published otherwise"));
		assert_non_null(strstr(
		    told.all, "the user user19 (20019) is published, and the store"));
		assert_null(strstr(told.all, "user17"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
		    test_killed_writers_of_deltas_leave_sound_files, clear),
		cmocka_unit_test_setup(test_full_disk_leaves_the_old_delta, clear),
		cmocka_unit_test_setup(test_delta_that_does_not_fit, clear),
		cmocka_unit_test_setup(test_delta_to_what_was_there_before, clear),
		cmocka_unit_test_setup(
		    test_delta_takes_over_what_has_not_changed, clear),
		cmocka_unit_test_setup(test_compare_tells_who_differs, clear),
	};

	return cmocka_run_group_tests(tests, fixture_lock, NULL);
}
