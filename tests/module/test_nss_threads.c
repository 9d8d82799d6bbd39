/*
 * Threads that look people up while whole files, deltas and new bases are published under them (N2).
 * Made for `make tsan` as well, where ThreadSanitizer looks on: module, writer and test are built
 * with it.
 *
 * Every answer has to be that of one generation: none before the last whose publish had returned
 * when the question was asked, none after the last whose publish had begun when the answer came.
 */
#include "tests/module/nss_module.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { GENERATIONS = 300 }; /* each takes several times as long */
#else
enum { GENERATIONS = 1000 };
#endif

enum {
	USERS = 40,
	MANY_USERS =
	    2000, /* a walk that takes longer than it takes a thread to start */
	GROUPS = 10,
	CYCLE = 6, /* a whole file and five deltas */
	THREADS = 4,
	SHARED_WALKS = 60,
	FORKS_EVERY = 25,
};

static struct fixture history[GENERATIONS + 1];
static _Atomic unsigned published, publishing;
static _Atomic bool over;
static _Atomic unsigned asked, walks;
static const char *_Atomic wrong; /* the first answer that was */

static void
want(bool good, const char *otherwise)
{
	const char *none = NULL;

	if (!good)
		atomic_compare_exchange_strong(&wrong, &none, otherwise);
}

/* ---- is it an answer of one of the generations from..to? ---- */

static bool
user_right(const struct fixture *f, unsigned user, const struct passwd *pw)
{
	if (pw == NULL)
		return user >= f->users;
	return user < f->users && passwd_right(pw, user, fixture_version(f, user));
}

static bool
some_user_right(unsigned from, unsigned to, unsigned user, const struct passwd *pw)
{
	for (unsigned g = from; g <= to; g++)
		if (user_right(&history[g], user, pw))
			return true;
	return false;
}

static bool
some_group_right(unsigned from, unsigned to, unsigned group, const struct group *gr)
{
	for (unsigned g = from; g <= to; g++)
		if (group_right(gr, &history[g], group))
			return true;
	return false;
}

static bool
some_has(unsigned from, unsigned to, unsigned user, bool there)
{
	for (unsigned g = from; g <= to; g++)
		if ((user < history[g].users) == there)
			return true;
	return false;
}

/* ---- those who ask ---- */

static void
look_user(unsigned user, bool by_name)
{
	unsigned from = atomic_load(&published);
	char name[32], buf[512];
	enum nss_status status;
	struct passwd pw;
	int error = 0;

	snprintf(name, sizeof(name), "user%u", user);
	status = by_name
	    ? nss.getpwnam(name, &pw, buf, sizeof(buf), &error)
	    : nss.getpwuid(FIRST_UID + user, &pw, buf, sizeof(buf), &error);
	want(status == NSS_STATUS_SUCCESS || status == NSS_STATUS_NOTFOUND,
	    "a user is unavailable");
	want(some_user_right(from, atomic_load(&publishing), user,
		 status == NSS_STATUS_SUCCESS ? &pw : NULL),
	    "a user of no generation");
}

static void
look_group(unsigned group)
{
	unsigned from = atomic_load(&published);
	struct group gr;
	char buf[2048];
	int error = 0;

	want(nss.getgrgid(FIRST_GID + group, &gr, buf, sizeof(buf), &error) ==
		NSS_STATUS_SUCCESS,
	    "a group is not found");
	want(atomic_load(&wrong) != NULL ||
		some_group_right(from, atomic_load(&publishing), group, &gr),
	    "a group of no generation");
}

static void
look_memberships(unsigned user)
{
	unsigned from = atomic_load(&published), to;
	long used = 0, size = 1;
	gid_t *list = calloc(1, sizeof(*list));
	enum nss_status status;
	char name[32];
	int error = 0;

	snprintf(name, sizeof(name), "user%u", user);
	status = nss.initgroups(name, 0, &used, &size, &list, 0, &error);
	to = atomic_load(&publishing);
	want(status == NSS_STATUS_SUCCESS
		? used == GROUPS_EACH && some_has(from, to, user, true)
		: status == NSS_STATUS_NOTFOUND && some_has(from, to, user, false),
	    "memberships of no generation");
	for (long i = 0; i < used; i++)
		want(is_member(&history[from], user, list[i] - FIRST_GID),
		    "a member of something else");
	free(list);
}

static void *
look(void *unused)
{
	(void)unused;
	for (unsigned n = 0; !atomic_load(&over); n += 7) {
		look_user(n % USERS, true);
		look_user(n % USERS, false);
		look_group(n % GROUPS);
		look_memberships(n % USERS);
		atomic_fetch_add(&asked, 1);
	}
	return NULL;
}

/* A walk is through one generation, whatever is published meanwhile. */
static bool
walk_right(const struct fixture *f, const unsigned *versions, unsigned count)
{
	if (count != f->users)
		return false;
	for (unsigned user = 0; user < count; user++)
		if (versions[user] != fixture_version(f, user))
			return false;
	return true;
}

static bool
walk_right_of_some(unsigned from, unsigned to, const unsigned *versions, unsigned count)
{
	for (unsigned g = from; g <= to; g++)
		if (walk_right(&history[g], versions, count))
			return true;
	return false;
}

static unsigned
version_in(const struct passwd *pw)
{
	const char *v = strrchr(pw->pw_dir, 'v');

	return v == NULL ? 0 : (unsigned)strtoul(v + 1, NULL, 10);
}

/* Note one entry of a walk. */
static void
walk_note(const struct passwd *pw, unsigned *versions, unsigned users)
{
	unsigned user = pw->pw_uid - FIRST_UID;

	want(user < users && versions[user] == 0, "a user comes twice in a walk");
	if (user < users)
		versions[user] = version_in(pw);
	want(passwd_right(pw, user, version_in(pw)), "a torn user in a walk");
}

static void *
walk_users(void *unused)
{
	(void)unused;
	while (!atomic_load(&over)) {
		unsigned from = atomic_load(&published), to, count = 0;
		unsigned versions[USERS] = { 0 };
		enum nss_status status;
		struct passwd pw;
		char buf[512];
		int error = 0;

		want(nss.setpwent(0) == NSS_STATUS_SUCCESS, "no walk");
		to = atomic_load(&publishing);
		for (; (status = nss.getpwent(&pw, buf, sizeof(buf), &error)) ==
		     NSS_STATUS_SUCCESS;
		     count++)
			walk_note(&pw, versions, USERS);
		want(status == NSS_STATUS_NOTFOUND, "a walk breaks off");
		nss.endpwent();
		want(walk_right_of_some(from, to, versions, count),
		    "a walk of no generation");
		atomic_fetch_add(&walks, 1);
	}
	return NULL;
}

static void *
walk_groups(void *unused)
{
	(void)unused;
	while (!atomic_load(&over)) {
		unsigned from = atomic_load(&published), to, private = 0, groups = 0;
		struct group gr;
		char buf[2048];
		int error = 0;

		want(nss.setgrent(0) == NSS_STATUS_SUCCESS, "no walk of groups");
		to = atomic_load(&publishing);
		while (
		    nss.getgrent(&gr, buf, sizeof(buf), &error) == NSS_STATUS_SUCCESS) {
			private += gr.gr_gid < FIRST_GID;
			groups += gr.gr_gid >= FIRST_GID;
			want(gr.gr_gid < FIRST_GID
				? private_group_right(&gr, gr.gr_gid - FIRST_UID)
				: some_group_right(
				      from, to, gr.gr_gid - FIRST_GID, &gr),
			    "a group of no generation in a walk");
		}
		nss.endgrent();
		want(groups == GROUPS && some_has(from, to, private - 1, true) &&
			some_has(from, to, private, false),
		    "a walk of groups of no generation");
	}
	return NULL;
}

/* ---- the one who publishes ---- */

static void
publish_next(unsigned users, unsigned generation)
{
	static struct fixture base;
	struct fixture now = {
		.users = users - generation % 3, .groups = GROUPS, .version = generation
	};

	if (generation % CYCLE != 1) {
		now.version = base.version;
		now.changed = 1 + generation * 7 % 30;
		now.newer = generation;
	}
	history[generation] = now;
	atomic_store(&publishing, generation);
	if (generation % CYCLE == 1)
		fixture_publish(&now);
	else
		fixture_delta(&base, &now, generation);
	if (generation % CYCLE == 1)
		base = now;
	atomic_store(&published, generation);
}

/* What a host does in the child of a fork: look somebody up, and a walk. */
static bool
child_looks(unsigned generation)
{
	pid_t pid = fork();
	int status = -1;

	if (pid == 0) {
		struct passwd pw;
		char buf[512];
		int error;

		look_user(generation % USERS, true);
		nss.setpwent(0);
		_exit(atomic_load(&wrong) == NULL &&
			    nss.getpwent(&pw, buf, sizeof(buf), &error) ==
				NSS_STATUS_SUCCESS
			? 0
			: 1);
	}
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
	    WEXITSTATUS(status) == 0;
}

static void
start_over(unsigned users)
{
	atomic_store(&over, false);
	atomic_store(&published, 0);
	atomic_store(&wrong, NULL);
	publish_next(users, 1);
}

static void
all_well(void)
{
	if (atomic_load(&wrong) != NULL)
		fail_msg("%s", atomic_load(&wrong));
}

static bool
has_replaced_file(void)
{
	FILE *f = fopen("/proc/self/maps", "re");
	bool has = false;
	char line[4096];

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		has |= strstr(line, UADM_DIRECTORY_FILE " (deleted)") != NULL;
	if (f != NULL)
		fclose(f);
	return has;
}

/* By the same, but without a word: within a second one of the threads looks at the name. */
static void
replace_unmarked(void)
{
	CLEANUP(cleanup_free) unsigned char *bytes = NULL;
	double until = fixture_seconds() + 20;
	size_t size;

	bytes = fixture_read(&size);
	fixture_put(bytes, size, false);
	while (has_replaced_file() && fixture_seconds() < until)
		fixture_pause_ms(10);
	want(!has_replaced_file(), "nobody looks at the name");
}

static void
test_N2_every_answer_is_of_a_generation(void **state)
{
	pthread_t threads[THREADS + 2];
	unsigned descriptors;

	(void)state;
	start_over(USERS);
	descriptors = fixture_descriptors();
	for (unsigned i = 0; i < THREADS + 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL,
				     i < THREADS        ? look
					 : i == THREADS ? walk_users
							: walk_groups,
				     NULL),
		    0);
	for (unsigned g = 2; g <= GENERATIONS && atomic_load(&wrong) == NULL; g++) {
		publish_next(USERS, g);
		if (g % FORKS_EVERY == 0)
			want(child_looks(g), "a child of a fork");
	}
	replace_unmarked();
	atomic_store(&over, true);
	for (unsigned i = 0; i < THREADS + 2; i++)
		pthread_join(threads[i], NULL);
	print_message("%u rounds of lookups, %u walks\n", atomic_load(&asked),
	    atomic_load(&walks));
	all_well();
	assert_true(atomic_load(&asked) > 0 && atomic_load(&walks) > 0);
	check_everything(&history[GENERATIONS]);
	assert_true(fixture_mappings() <= 2);
	assert_int_equal(fixture_descriptors(), descriptors);
}

/* ---- one walk, and all take from it ---- */

static unsigned taken[THREADS][MANY_USERS];

static void *
walk_together(void *mine)
{
	struct passwd pw;
	char buf[512];
	int error;

	while (nss.getpwent(&pw, buf, sizeof(buf), &error) == NSS_STATUS_SUCCESS)
		walk_note(&pw, mine, MANY_USERS);
	return NULL;
}

static void
test_N2_shared_walk_gives_each_user_once(void **state)
{
	(void)state;
	start_over(MANY_USERS);
	for (unsigned g = 2; g <= SHARED_WALKS; g++) {
		unsigned versions[MANY_USERS] = { 0 }, count = 0;
		pthread_t threads[THREADS];

		memset(taken, 0, sizeof(taken));
		assert_int_equal(nss.setpwent(0), NSS_STATUS_SUCCESS);
		for (unsigned i = 0; i < THREADS; i++)
			assert_int_equal(
			    pthread_create(&threads[i], NULL, walk_together, taken[i]),
			    0);
		publish_next(MANY_USERS, g);
		for (unsigned i = 0; i < THREADS; i++)
			pthread_join(threads[i], NULL);
		nss.endpwent();
		all_well();
		for (unsigned i = 0; i < THREADS * MANY_USERS; i++) {
			unsigned version = taken[i / MANY_USERS][i % MANY_USERS];

			assert_true(version == 0 || versions[i % MANY_USERS] == 0);
			versions[i % MANY_USERS] |= version;
			count += version != 0;
		}
		assert_true(walk_right(&history[g - 1], versions, count));
	}
	assert_true(fixture_mappings() <= 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_N2_every_answer_is_of_a_generation, clear),
		cmocka_unit_test_setup(test_N2_shared_walk_gives_each_user_once, clear),
	};

	return cmocka_run_group_tests(tests, load, NULL);
}
