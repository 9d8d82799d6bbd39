/*
 * The module as glibc uses it: loaded with dlopen, asked through its exported functions. What
 * is published is in the fixture; each answer is compared with it.
 */
#include "tests/unit/directory/fixture.h"

#include <dlfcn.h>
#include <errno.h>
#include <grp.h>
#include <nss.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

/* Beside the test build's root, which exists once the fixture is locked. */
#define MODULE UADM_TEST_ROOT "/../libnss_uadm.so.2"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true /* needs address space of its own */
#else
#define SANITIZED false
#endif

static struct {
	enum nss_status (*getpwnam)(
	    const char *, struct passwd *, char *, size_t, int *);
	enum nss_status (*getpwuid)(uid_t, struct passwd *, char *, size_t, int *);
	enum nss_status (*setpwent)(int);
	enum nss_status (*getpwent)(struct passwd *, char *, size_t, int *);
	enum nss_status (*endpwent)(void);
	enum nss_status (*getgrnam)(
	    const char *, struct group *, char *, size_t, int *);
	enum nss_status (*getgrgid)(gid_t, struct group *, char *, size_t, int *);
	enum nss_status (*setgrent)(int);
	enum nss_status (*getgrent)(struct group *, char *, size_t, int *);
	enum nss_status (*endgrent)(void);
	enum nss_status (*initgroups)(
	    const char *, gid_t, long *, long *, gid_t **, long, int *);
} nss;

static const struct {
	const char *name;
	void *where;
} symbols[] = {
	{ "_nss_uadm_getpwnam_r", &nss.getpwnam },
	{ "_nss_uadm_getpwuid_r", &nss.getpwuid },
	{ "_nss_uadm_setpwent", &nss.setpwent },
	{ "_nss_uadm_getpwent_r", &nss.getpwent },
	{ "_nss_uadm_endpwent", &nss.endpwent },
	{ "_nss_uadm_getgrnam_r", &nss.getgrnam },
	{ "_nss_uadm_getgrgid_r", &nss.getgrgid },
	{ "_nss_uadm_setgrent", &nss.setgrent },
	{ "_nss_uadm_getgrent_r", &nss.getgrent },
	{ "_nss_uadm_endgrent", &nss.endgrent },
	{ "_nss_uadm_initgroups_dyn", &nss.initgroups },
};

static int
load(void **state)
{
	void *module;

	if (fixture_lock(state) != 0)
		return -1;
	module = dlopen(MODULE, RTLD_NOW);
	if (module == NULL) {
		print_error("%s\n", dlerror());
		return -1;
	}
	for (size_t i = 0; i < ARRAY_LEN(symbols); i++) {
		void *symbol = dlsym(module, symbols[i].name);

		if (symbol == NULL)
			return -1;
		memcpy(symbols[i].where, &symbol, sizeof(symbol));
	}
	return 0;
}

static int
clear(void **state)
{
	(void)state;
	fixture_clear();
	return 0;
}

/* ---- what an answer has to be ---- */

static bool
passwd_right(const struct passwd *pw, unsigned user, unsigned version)
{
	char name[32], gecos[64], home[64], shell[32];

	snprintf(name, sizeof(name), "user%u", user);
	snprintf(gecos, sizeof(gecos), "Jörg Nr %u v%u", user, version);
	snprintf(home, sizeof(home), "/home/user%u/v%u", user, version);
	snprintf(shell, sizeof(shell), "/bin/sh%u", version);
	return pw->pw_uid == FIRST_UID + user && pw->pw_gid == pw->pw_uid &&
	    strcmp(pw->pw_name, name) == 0 && strcmp(pw->pw_passwd, "*") == 0 &&
	    strcmp(pw->pw_gecos, gecos) == 0 && strcmp(pw->pw_dir, home) == 0 &&
	    strcmp(pw->pw_shell, shell) == 0;
}

static bool
is_member(const struct fixture *f, unsigned user, unsigned group)
{
	for (unsigned k = 0; k < GROUPS_EACH; k++)
		if (fixture_group_of(f, user, k) == group)
			return true;
	return false;
}

static bool
group_right(const struct group *gr, const struct fixture *f, unsigned group)
{
	char name[32];
	unsigned listed = 0;

	snprintf(name, sizeof(name), "group-%u", group);
	if (gr->gr_gid != FIRST_GID + group || strcmp(gr->gr_name, name) != 0)
		return false;
	for (unsigned user = 0; user < f->users; user++) {
		if (!is_member(f, user, group))
			continue;
		snprintf(name, sizeof(name), "user%u", user);
		if (gr->gr_mem[listed] == NULL || strcmp(gr->gr_mem[listed], name) != 0)
			return false;
		listed++;
	}
	return gr->gr_mem[listed] == NULL;
}

static bool
private_group_right(const struct group *gr, unsigned user)
{
	char name[32];

	snprintf(name, sizeof(name), "user%u", user);
	return gr->gr_gid == FIRST_UID + user && strcmp(gr->gr_name, name) == 0 &&
	    gr->gr_mem[0] == NULL;
}

static char big[1 << 20];

static void
check_user(const struct fixture *f, unsigned user)
{
	struct passwd pw;
	struct group gr;
	char name[32];
	int error = 0;

	snprintf(name, sizeof(name), "user%u", user);
	assert_int_equal(
	    nss.getpwnam(name, &pw, big, sizeof(big), &error), NSS_STATUS_SUCCESS);
	assert_true(passwd_right(&pw, user, f->version));
	assert_int_equal(nss.getpwuid(FIRST_UID + user, &pw, big, sizeof(big), &error),
	    NSS_STATUS_SUCCESS);
	assert_true(passwd_right(&pw, user, f->version));
	assert_int_equal(
	    nss.getgrnam(name, &gr, big, sizeof(big), &error), NSS_STATUS_SUCCESS);
	assert_true(private_group_right(&gr, user));
	assert_int_equal(nss.getgrgid(FIRST_UID + user, &gr, big, sizeof(big), &error),
	    NSS_STATUS_SUCCESS);
	assert_true(private_group_right(&gr, user));
}

static void
check_group(const struct fixture *f, unsigned group)
{
	struct passwd pw;
	struct group gr;
	char name[32];
	int error = 0;

	snprintf(name, sizeof(name), "group-%u", group);
	assert_int_equal(
	    nss.getgrnam(name, &gr, big, sizeof(big), &error), NSS_STATUS_SUCCESS);
	assert_true(group_right(&gr, f, group));
	assert_int_equal(nss.getgrgid(FIRST_GID + group, &gr, big, sizeof(big), &error),
	    NSS_STATUS_SUCCESS);
	assert_true(group_right(&gr, f, group));
	/* A group is no user, whoever asks by its name or gid. */
	assert_int_equal(
	    nss.getpwnam(name, &pw, big, sizeof(big), &error), NSS_STATUS_NOTFOUND);
	assert_int_equal(nss.getpwuid(FIRST_GID + group, &pw, big, sizeof(big), &error),
	    NSS_STATUS_NOTFOUND);
}

static void
check_memberships(const struct fixture *f, unsigned user)
{
	long used = 0, size = 1;
	gid_t *list = calloc(1, sizeof(*list));
	char name[32];
	int error;

	snprintf(name, sizeof(name), "user%u", user);
	assert_int_equal(
	    nss.initgroups(name, FIRST_UID + user, &used, &size, &list, 0, &error),
	    NSS_STATUS_SUCCESS);
	assert_int_equal(used, GROUPS_EACH);
	for (long i = 0; i < used; i++) {
		assert_true(is_member(f, user, list[i] - FIRST_GID));
		assert_true(i == 0 || list[i - 1] < list[i]);
	}
	free(list);
}

/* Enumeration gives all there is, once, in the order of the ids. */
static void
check_enumeration(const struct fixture *f)
{
	struct passwd pw;
	struct group gr;
	int error = 0;

	assert_int_equal(nss.setpwent(0), NSS_STATUS_SUCCESS);
	for (unsigned i = 0; i < f->users; i++) {
		assert_int_equal(
		    nss.getpwent(&pw, big, sizeof(big), &error), NSS_STATUS_SUCCESS);
		assert_true(passwd_right(&pw, i, f->version));
	}
	for (int again = 0; again < 2; again++) {
		assert_int_equal(
		    nss.getpwent(&pw, big, sizeof(big), &error), NSS_STATUS_NOTFOUND);
		assert_int_equal(error, ENOENT);
	}
	assert_int_equal(nss.endpwent(), NSS_STATUS_SUCCESS);
	assert_int_equal(nss.setgrent(0), NSS_STATUS_SUCCESS);
	for (unsigned i = 0; i < f->users + f->groups; i++) {
		assert_int_equal(
		    nss.getgrent(&gr, big, sizeof(big), &error), NSS_STATUS_SUCCESS);
		assert_true(i < f->users ? private_group_right(&gr, i)
					 : group_right(&gr, f, i - f->users));
	}
	assert_int_equal(
	    nss.getgrent(&gr, big, sizeof(big), &error), NSS_STATUS_NOTFOUND);
	assert_int_equal(nss.endgrent(), NSS_STATUS_SUCCESS);
}

static void
check_everything(const struct fixture *f)
{
	for (unsigned i = 0; i < f->users; i++) {
		check_user(f, i);
		check_memberships(f, i);
	}
	for (unsigned i = 0; i < f->groups; i++)
		check_group(f, i);
	check_enumeration(f);
}

/* ---- N1 ---- */

static void
test_N1_every_entry_is_found(void **state)
{
	struct fixture few = { .users = 3, .groups = 6, .version = 1 };
	struct fixture many = { .users = 1000, .groups = 60, .version = 2 };

	(void)state;
	fixture_publish(&few);
	check_everything(&few);
	fixture_publish(&many);
	check_everything(&many);
	assert_int_equal(fixture_mappings(), 1);
}

static void
test_N1_strangers_are_not_found(void **state)
{
	static const char *const names[] = {
		"root", "user", "user1000", "user1 ", "USER1", "", "user1\n",
		"a-name-that-is-longer-than-any-name-which-could-ever-have-been-published"
	};
	static const uint32_t ids[] = { 0, 1, 999, FIRST_UID - 1, FIRST_UID + 1000,
		65534, 65535, 0x7fffffff, 0xffffffff };
	struct fixture f = { .users = 1000, .groups = 60, .version = 1 };
	struct passwd pw;
	struct group gr;

	(void)state;
	fixture_publish(&f);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		long used = 0, size = 0;
		gid_t *list = NULL;
		int error = 0;

		assert_int_equal(nss.getpwnam(names[i], &pw, big, sizeof(big), &error),
		    NSS_STATUS_NOTFOUND);
		assert_int_equal(error, ENOENT);
		assert_int_equal(nss.getgrnam(names[i], &gr, big, sizeof(big), &error),
		    NSS_STATUS_NOTFOUND);
		assert_int_equal(
		    nss.initgroups(names[i], 0, &used, &size, &list, 0, &error),
		    NSS_STATUS_NOTFOUND);
		assert_null(list);
	}
	for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
		int error = 0;

		assert_int_equal(nss.getpwuid(ids[i], &pw, big, sizeof(big), &error),
		    NSS_STATUS_NOTFOUND);
		assert_int_equal(error, ENOENT);
		assert_int_equal(nss.getgrgid(ids[i], &gr, big, sizeof(big), &error),
		    NSS_STATUS_NOTFOUND);
	}
}

static void
test_N1_enumeration_keeps_its_state_of_the_file(void **state)
{
	struct fixture f = { .users = 50, .groups = 10, .version = 1 };
	struct fixture next = { .users = 20, .groups = 10, .version = 2 };
	struct passwd pw;
	int error;

	(void)state;
	fixture_publish(&f);
	assert_int_equal(nss.setpwent(0), NSS_STATUS_SUCCESS);
	for (unsigned i = 0; i < f.users; i++) {
		if (i == 10)
			fixture_publish(&next);
		assert_int_equal(
		    nss.getpwent(&pw, big, sizeof(big), &error), NSS_STATUS_SUCCESS);
		assert_true(passwd_right(&pw, i, 1));
		check_user(i < 10 ? &f : &next, i % next.users);
	}
	assert_int_equal(fixture_mappings(), 2);
	nss.endpwent();
	assert_int_equal(fixture_mappings(), 1);
	/* Without setpwent() it starts by itself. */
	assert_int_equal(
	    nss.getpwent(&pw, big, sizeof(big), &error), NSS_STATUS_SUCCESS);
	assert_true(passwd_right(&pw, 0, 2));
	nss.setpwent(0);
	assert_int_equal(
	    nss.getpwent(&pw, big, sizeof(big), &error), NSS_STATUS_SUCCESS);
	assert_true(passwd_right(&pw, 0, 2));
	nss.endpwent();
}

static void
test_large_group_is_published_without_its_list(void **state)
{
	struct fixture f = {
		.users = 100, .groups = 10, .version = 1, .max_members = 49
	};
	struct group gr;
	int error;

	(void)state;
	fixture_publish(&f); /* 50 members each */
	for (unsigned g = 0; g < f.groups; g++) {
		assert_int_equal(
		    nss.getgrgid(FIRST_GID + g, &gr, big, sizeof(big), &error),
		    NSS_STATUS_SUCCESS);
		assert_null(gr.gr_mem[0]);
	}
	for (unsigned i = 0; i < f.users; i++)
		check_memberships(&f, i);
	f.version = 2;
	f.max_members = 50;
	fixture_publish(&f);
	check_everything(&f);
}

static void
test_initgroups_keeps_what_is_there_and_to_its_limit(void **state)
{
	struct fixture f = { .users = 10, .groups = 10, .version = 1 };

	(void)state;
	fixture_publish(&f);
	for (long limit = 1; limit <= 8; limit++) {
		long used = 1, size = 1, want = limit < 6 ? limit : 6;
		gid_t *list = calloc(1, sizeof(*list));
		int error;

		list[0] = 7;
		assert_int_equal(
		    nss.initgroups("user0", 7, &used, &size, &list, limit, &error),
		    NSS_STATUS_SUCCESS);
		assert_int_equal(used, want);
		assert_true(size >= used && size <= limit);
		assert_int_equal(list[0], 7);
		free(list);
	}
	/* The primary group is the caller's to add. */
	for (unsigned k = 0; k < GROUPS_EACH; k++) {
		long used = 0, size = 0;
		gid_t *list = NULL, skip = FIRST_GID + fixture_group_of(&f, 0, k);
		int error;

		assert_int_equal(
		    nss.initgroups("user0", skip, &used, &size, &list, 0, &error),
		    NSS_STATUS_SUCCESS);
		assert_int_equal(used, GROUPS_EACH - 1);
		for (long i = 0; i < used; i++)
			assert_int_not_equal(list[i], skip);
		free(list);
	}
}

static void
test_errno_of_the_host_is_left_alone(void **state)
{
	struct fixture f = { .users = 10, .groups = 10, .version = 1 };
	struct passwd pw;
	int error = 4711;

	(void)state;
	fixture_publish(&f);
	errno = 4712;
	for (int i = 0; i < 3; i++) {
		if (i == 1) { /* a slow path: look, load */
			f.version = 2;
			fixture_publish(&f);
			errno = 4712;
		}
		assert_int_equal(nss.getpwnam("user1", &pw, big, sizeof(big), &error),
		    NSS_STATUS_SUCCESS);
		assert_int_equal(error, 4711);
		assert_int_equal(errno, 4712);
	}
	fixture_clear();
	errno = 4712;
	assert_int_equal(
	    nss.getpwnam("user1", &pw, big, sizeof(big), &error), NSS_STATUS_UNAVAIL);
	assert_int_equal(error, ENOENT);
	assert_int_equal(errno, 4712);
	assert_int_equal(nss.setpwent(0), NSS_STATUS_UNAVAIL);
	assert_int_equal(
	    nss.getpwent(&pw, big, sizeof(big), &error), NSS_STATUS_UNAVAIL);
	assert_int_equal(fixture_mappings(), 0);
}

/* ---- N2, N4: with threads ---- */

enum { THREADS = 8 };

static struct {
	_Atomic bool over;
	_Atomic unsigned failures;
} shared;

static bool
any_version_right(const struct passwd *pw, unsigned user)
{
	const char *v = strrchr(pw->pw_dir, 'v');

	return v != NULL && passwd_right(pw, user, (unsigned)strtoul(v + 1, NULL, 10));
}

static bool
look_once(unsigned user)
{
	char buf[512], name[32];
	struct passwd pw;
	struct group gr;
	int error;

	snprintf(name, sizeof(name), "user%u", user);
	return nss.getpwnam(name, &pw, buf, sizeof(buf), &error) ==
	    NSS_STATUS_SUCCESS &&
	    any_version_right(&pw, user) &&
	    nss.getpwuid(FIRST_UID + user, &pw, buf, sizeof(buf), &error) ==
	    NSS_STATUS_SUCCESS &&
	    any_version_right(&pw, user) &&
	    nss.getgrgid(FIRST_UID + user, &gr, buf, sizeof(buf), &error) ==
	    NSS_STATUS_SUCCESS &&
	    private_group_right(&gr, user);
}

static void *
look_for_ever(void *unused)
{
	(void)unused;
	for (unsigned user = 0; !atomic_load(&shared.over); user = (user + 7) % 50)
		if (!look_once(user))
			atomic_fetch_add(&shared.failures, 1);
	return NULL;
}

static void
threads_start(pthread_t *threads)
{
	atomic_store(&shared.over, false);
	atomic_store(&shared.failures, 0);
	for (unsigned i = 0; i < THREADS; i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, look_for_ever, NULL), 0);
}

static void
threads_stop(pthread_t *threads)
{
	atomic_store(&shared.over, true);
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(atomic_load(&shared.failures), 0);
}

static void
test_N2_threads_while_published(void **state)
{
	struct fixture f = { .users = 50, .groups = 10, .version = 1 };
	pthread_t threads[THREADS];
	unsigned descriptors;

	(void)state;
	fixture_publish(&f);
	descriptors = fixture_descriptors();
	threads_start(threads);
	for (f.version = 2; f.version <= 100; f.version++) {
		fixture_publish(&f);
		check_user(&f, f.version % f.users);
	}
	threads_stop(threads);
	assert_int_equal(fixture_mappings(), 1);
	assert_int_equal(fixture_descriptors(), descriptors);
}

/* Wait for a child, but not for ever: false when it hung or failed. */
static bool
child_ended_well(pid_t pid)
{
	double until = fixture_seconds() + 10;
	int status;
	pid_t got;

	while ((got = waitpid(pid, &status, WNOHANG)) == 0 && fixture_seconds() < until)
		fixture_pause_ms(1);
	if (got == pid)
		return WIFEXITED(status) && WEXITSTATUS(status) == 0;
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return false;
}

static bool
walk_once(unsigned users)
{
	char buf[512];
	struct passwd pw;
	unsigned n = 0;
	int error;

	nss.setpwent(0);
	while (nss.getpwent(&pw, buf, sizeof(buf), &error) == NSS_STATUS_SUCCESS)
		n++;
	nss.endpwent();
	return n == users;
}

static void
test_N4_fork_while_threads_look_up(void **state)
{
	struct fixture f = { .users = 50, .groups = 10, .version = 1 };
	CLEANUP(cleanup_free) unsigned char *bytes = NULL;
	pthread_t threads[THREADS];
	size_t size;

	(void)state;
	fixture_publish(&f);
	bytes = fixture_read(&size);
	threads_start(threads);
	for (unsigned i = 0; i < 300; i++) {
		pid_t pid;

		/* So that some are in the middle of loading. */
		if (i % 2 == 0)
			fixture_put(bytes, size, true);
		if ((pid = fork()) == 0) {
			bool good = look_once(i % f.users) && walk_once(f.users);

			if (i % 10 == 0) {
				fixture_put(bytes, size, true);
				good = good && look_once(1) && look_once(2);
			}
			_exit(good ? 0 : 1);
		}
		assert_true(child_ended_well(pid));
	}
	threads_stop(threads);
}

/* A line of forks, each of which may lose a slot to a thread that was in the middle. */
static void
test_N4_line_of_descent(void **state)
{
	struct fixture f = { .users = 50, .groups = 10, .version = 1 };
	CLEANUP(cleanup_free) unsigned char *bytes = NULL;
	size_t size;
	pid_t pid;

	(void)state;
	fixture_publish(&f);
	bytes = fixture_read(&size);
	if ((pid = fork()) == 0) {
		for (unsigned depth = 0; depth < 60; depth++) {
			pthread_t threads[THREADS];

			for (unsigned i = 0; i < THREADS; i++)
				pthread_create(&threads[i], NULL, look_for_ever, NULL);
			fixture_pause_ms(1);
			fixture_put(bytes, size, true);
			if (!look_once(depth % f.users))
				_exit(1);
			if ((pid = fork()) != 0) /* the child goes on */
				_exit(child_ended_well(pid) ? 0 : 1);
		}
		_exit(look_once(1) && walk_once(f.users) && fixture_mappings() <= 20
			? 0
			: 1);
	}
	assert_true(child_ended_well(pid));
}

/* Run in a child, which may do to itself what it likes. */
static void
in_child(bool (*test)(const struct fixture *), const struct fixture *f)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(test(f) ? 0 : 1);
	assert_true(child_ended_well(pid));
}

static bool
after_closefrom(const struct fixture *f)
{
	bool before = look_once(1);

	closefrom(0);
	if (!before || !look_once(2) || !walk_once(f->users))
		return false;
	fixture_mark(1);
	return look_once(3);
}

static bool
with_full_descriptor_table(const struct fixture *f)
{
	const struct rlimit few = { 32, 32 };
	char buf[512];
	struct passwd pw;
	int error = 0, last = -1, fd;

	if (!look_once(1) || setrlimit(RLIMIT_NOFILE, &few) != 0)
		return false;
	while ((fd = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
		last = fd;
	/* What is mapped needs none; what would have to be opened is unavailable. */
	if (!look_once(2) || !walk_once(f->users))
		return false;
	close(last);
	fixture_mark(1);
	rename(UADM_DIRECTORY_FILE, UADM_DIRECTORY_DIR "/.directory.moved");
	if (link(UADM_DIRECTORY_DIR "/.directory.moved", UADM_DIRECTORY_FILE) != 0 ||
	    unlink(UADM_DIRECTORY_DIR "/.directory.moved") != 0 || !look_once(3))
		return false;
	last = open("/dev/null", O_RDONLY | O_CLOEXEC);
	chmod(UADM_DIRECTORY_FILE, 0666); /* stale and not to be trusted: retired ... */
	if (nss.getpwnam("user1", &pw, buf, sizeof(buf), &error) !=
		NSS_STATUS_UNAVAIL ||
	    error != EAGAIN)
		return false;
	chmod(UADM_DIRECTORY_FILE, 0644); /* ... and to be opened again */
	if (nss.getpwnam("user1", &pw, buf, sizeof(buf), &error) !=
		NSS_STATUS_UNAVAIL ||
	    error != EAGAIN)
		return false;
	close(last);
	return look_once(4);
}

static bool
without_address_space(const struct fixture *f)
{
	const struct rlimit none = { 0, RLIM_INFINITY },
			    all = { RLIM_INFINITY, RLIM_INFINITY };
	long used = 0, size = 16;
	gid_t *list = calloc((size_t)size, sizeof(*list));
	bool good = look_once(1) && fixture_mappings() == 1;
	size_t image_size;
	CLEANUP(cleanup_free) unsigned char *image = fixture_read(&image_size);
	unsigned before = fixture_descriptors();
	struct group gr;
	int error;

	fixture_put(image, image_size, true);
	if (setrlimit(RLIMIT_AS, &none) != 0)
		return false;
	for (unsigned i = 0; i < f->users; i++)
		good = good && look_once(i);
	good = good && walk_once(f->users) &&
	    nss.initgroups("user1", 0, &used, &size, &list, 0, &error) ==
		NSS_STATUS_SUCCESS &&
	    used == GROUPS_EACH &&
	    nss.getgrgid(FIRST_GID + 3, &gr, big, sizeof(big), &error) ==
		NSS_STATUS_SUCCESS &&
	    group_right(&gr, f, 3);
	/* A walk that could not hold its file ends when the file is replaced. */
	good = good && nss.setgrent(0) == NSS_STATUS_SUCCESS &&
	    nss.getgrent(&gr, big, sizeof(big), &error) == NSS_STATUS_SUCCESS &&
	    private_group_right(&gr, 0);
	setrlimit(RLIMIT_AS, &all);
	good = good && fixture_mappings() == 0 && fixture_descriptors() == before;
	fixture_publish(f);
	good = good &&
	    nss.getgrent(&gr, big, sizeof(big), &error) == NSS_STATUS_UNAVAIL &&
	    nss.setgrent(0) == NSS_STATUS_SUCCESS &&
	    nss.getgrent(&gr, big, sizeof(big), &error) == NSS_STATUS_SUCCESS;
	free(list);
	return good;
}

static bool
in_chroot(const struct fixture *f)
{
	double until = fixture_seconds() + 3;
	char buf[512];
	struct passwd pw;
	int error;

	(void)f;
	if (!look_once(1) || chroot(UADM_TEST_ROOT) != 0 || chdir("/") != 0)
		return false;
	/* For up to a second what is mapped, then nothing. */
	while (
	    nss.getpwnam("user1", &pw, buf, sizeof(buf), &error) == NSS_STATUS_SUCCESS)
		if (!any_version_right(&pw, 1) || fixture_seconds() > until)
			return false;
	return error == ENOENT;
}

static void
test_N4_closefrom(void **state)
{
	struct fixture f = { .users = 50, .groups = 10, .version = 1 };

	(void)state;
	fixture_publish(&f);
	in_child(after_closefrom, &f);
}

static void
test_N4_full_descriptor_table(void **state)
{
	struct fixture f = { .users = 50, .groups = 10, .version = 1 };

	(void)state;
	fixture_publish(&f);
	in_child(with_full_descriptor_table, &f);
}

static void
test_N4_no_address_space(void **state)
{
	struct fixture f = { .users = 50, .groups = 10, .version = 1 };

	(void)state;
	if (SANITIZED) {
		print_message("skipped: a sanitizer cannot do without address space\n");
		skip();
	}
	fixture_publish(&f);
	in_child(without_address_space, &f);
}

static void
test_N4_chroot(void **state)
{
	struct fixture f = { .users = 50, .groups = 10, .version = 1 };

	(void)state;
	if (geteuid() != 0) {
		print_message("skipped: only root may chroot\n");
		skip();
	}
	fixture_publish(&f);
	in_child(in_chroot, &f);
}

/* ---- N3 ---- */

enum { FLIP_FILES = 3000 };

/* Whatever is answered must be true; not to be answered is allowed. */
static bool
flip_truth_user(const struct fixture *f, unsigned user)
{
	struct passwd pw;
	struct group gr;
	char name[32];
	int error;

	snprintf(name, sizeof(name), "user%u", user);
	if (nss.getpwnam(name, &pw, big, sizeof(big), &error) == NSS_STATUS_SUCCESS &&
	    !passwd_right(&pw, user, f->version))
		return false;
	if (nss.getpwuid(FIRST_UID + user, &pw, big, sizeof(big), &error) ==
		NSS_STATUS_SUCCESS &&
	    !passwd_right(&pw, user, f->version))
		return false;
	return nss.getgrnam(name, &gr, big, sizeof(big), &error) !=
	    NSS_STATUS_SUCCESS ||
	    private_group_right(&gr, user);
}

static bool
flip_truth_groups(const struct fixture *f)
{
	struct group gr;
	int error;

	for (unsigned g = 0; g < f->groups; g++)
		if (nss.getgrgid(FIRST_GID + g, &gr, big, sizeof(big), &error) ==
			NSS_STATUS_SUCCESS &&
		    !group_right(&gr, f, g))
			return false;
	return true;
}

static bool
flip_truth_memberships(const struct fixture *f, unsigned user)
{
	long used = 0, size = 16;
	gid_t *list = calloc((size_t)size, sizeof(*list));
	char name[32];
	bool good = true;
	int error;

	snprintf(name, sizeof(name), "user%u", user);
	if (nss.initgroups(name, 0, &used, &size, &list, 0, &error) ==
	    NSS_STATUS_SUCCESS) {
		good = used == GROUPS_EACH;
		for (long i = 0; i < used; i++)
			good = good && is_member(f, user, list[i] - FIRST_GID);
	}
	free(list);
	return good;
}

static bool
flip_truth_enumeration(const struct fixture *f)
{
	struct passwd pw;
	struct group gr;
	unsigned n = 0;
	int error;

	nss.setpwent(0);
	while (nss.getpwent(&pw, big, sizeof(big), &error) == NSS_STATUS_SUCCESS)
		if (n++ > f->users ||
		    !passwd_right(&pw, pw.pw_uid - FIRST_UID, f->version))
			return false;
	nss.endpwent();
	n = 0;
	nss.setgrent(0);
	while (nss.getgrent(&gr, big, sizeof(big), &error) == NSS_STATUS_SUCCESS)
		if (n++ > f->users + f->groups ||
		    !(gr.gr_gid >= FIRST_GID
			    ? group_right(&gr, f, gr.gr_gid - FIRST_GID)
			    : private_group_right(&gr, gr.gr_gid - FIRST_UID)))
			return false;
	nss.endgrent();
	return true;
}

/* Bits here and there, or a stretch of rubbish, or a piece cut off. */
static size_t
flip(unsigned char *bytes, size_t size, unsigned n)
{
	size_t flips = n % 3 == 0 ? 1 : n % 3 == 1 ? 1 + n % 64 : 512;
	size_t from = n % 5 == 0 ? 0 : DIRECTORY_BODY_AT;

	if (n % 50 == 49)
		return (size_t)random() % size;
	if (n % 10 == 9) {
		size_t at = (size_t)random() % (size - 64);

		for (size_t i = 0; i < 64; i++)
			bytes[at + i] = (unsigned char)random();
		return size;
	}
	while (flips-- > 0)
		bytes[from + (size_t)random() % (size - from)] ^=
		    (unsigned char)(1u << random() % 8);
	return size;
}

static void
test_N3_three_thousand_damaged_files(void **state)
{
	struct fixture f = { .users = 20, .groups = 8, .version = 1 };
	CLEANUP(cleanup_free) unsigned char *whole = NULL;
	CLEANUP(cleanup_free) unsigned char *bytes = NULL;
	unsigned seed = (unsigned)time(NULL);
	size_t size;

	(void)state;
	fixture_publish(&f);
	whole = fixture_read(&size);
	bytes = malloc(size);
	srandom(seed);
	for (unsigned n = 0; n < FLIP_FILES; n++) {
		bool good = true;
		size_t left;

		memcpy(bytes, whole, size);
		left = flip(bytes, size, n);
		fixture_put(bytes, left, true);
		for (unsigned user = 0; user < f.users; user++)
			good = good && flip_truth_user(&f, user) &&
			    flip_truth_memberships(&f, user);
		if (!good || !flip_truth_groups(&f) || !flip_truth_enumeration(&f))
			fail_msg("a wrong answer: srandom(%u), file %u", seed, n);
	}
	/* The last publish repairs it all. */
	f.version = 2;
	fixture_publish(&f);
	check_everything(&f);
}

static void
test_N3_missing_entry_is_told_only_on_proof(void **state)
{
	struct fixture f = { .users = 20, .groups = 8, .version = 1 };
	CLEANUP(cleanup_free) unsigned char *bytes = NULL;
	struct directory_bucket *b;
	const struct directory_header *h;
	struct passwd pw;
	size_t size;

	(void)state;
	fixture_publish(&f);
	bytes = fixture_read(&size);
	h = (const void *)bytes;
	b = (void *)(bytes + DIRECTORY_BODY_AT);
	for (uint32_t i = 0; i < h->buckets; i++)
		b[i].used = 0;
	fixture_put(bytes, size, true);
	for (unsigned user = 0; user < f.users; user++) {
		char name[32];
		int error = 0;

		snprintf(name, sizeof(name), "user%u", user);
		assert_int_equal(nss.getpwnam(name, &pw, big, sizeof(big), &error),
		    NSS_STATUS_UNAVAIL);
		assert_int_equal(error, EAGAIN);
	}
}

/* ---- N5 ---- */

enum { CANARY = 0xa5, GUARD = 64 };

static bool
untouched(const unsigned char *p, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (p[i] != CANARY)
			return false;
	return true;
}

/* Ask with every size of buffer; `ask` returns the status. */
static void
every_size(enum nss_status (*ask)(char *, size_t, int *), size_t most)
{
	CLEANUP(cleanup_free) unsigned char *room = malloc(most + 2 * GUARD + 8);
	bool fitted = false;

	for (size_t shift = 0; shift < 8; shift++)
		for (size_t size = 0; size <= most; size++) {
			char *buf = (char *)room + GUARD + shift;
			enum nss_status status;
			int error = 0;

			memset(room, CANARY, most + 2 * GUARD + 8);
			status = ask(buf, size, &error);
			if (status == NSS_STATUS_SUCCESS) {
				fitted = true;
			} else {
				assert_int_equal(status, NSS_STATUS_TRYAGAIN);
				assert_int_equal(error, ERANGE);
				assert_true(untouched(room, most + 2 * GUARD + 8));
			}
			assert_true(untouched(room, GUARD + shift));
			assert_true(untouched((unsigned char *)buf + size,
			    most + 2 * GUARD + 8 - GUARD - shift - size));
		}
	assert_true(fitted);
}

static enum nss_status
ask_user(char *buf, size_t size, int *error)
{
	struct passwd pw;
	enum nss_status status = nss.getpwnam("user7", &pw, buf, size, error);

	/* Exactly what its strings need, and no byte less. */
	assert_true((status == NSS_STATUS_SUCCESS) ==
	    (size >= sizeof("user7") + sizeof("*") + sizeof("Jörg Nr 7 v1") +
		    sizeof("/home/user7/v1") + sizeof("/bin/sh1")));
	assert_true(status != NSS_STATUS_SUCCESS || passwd_right(&pw, 7, 1));
	return status;
}

static enum nss_status
ask_next_user(char *buf, size_t size, int *error)
{
	struct passwd pw;
	enum nss_status status;

	nss.setpwent(0);
	status = nss.getpwent(&pw, buf, size, error);
	assert_true(status != NSS_STATUS_SUCCESS || passwd_right(&pw, 0, 1));
	return status;
}

static enum nss_status
ask_group(char *buf, size_t size, int *error)
{
	struct fixture f = { .users = 20, .groups = 8, .version = 1 };
	struct group gr;
	enum nss_status status = nss.getgrnam("group-3", &gr, buf, size, error);

	if (status == NSS_STATUS_SUCCESS) {
		assert_int_equal((uintptr_t)gr.gr_mem % _Alignof(char *), 0);
		assert_true(group_right(&gr, &f, 3));
	}
	return status;
}

static enum nss_status
ask_private_group(char *buf, size_t size, int *error)
{
	struct group gr;
	enum nss_status status = nss.getgrgid(FIRST_UID + 3, &gr, buf, size, error);

	assert_true(status != NSS_STATUS_SUCCESS || private_group_right(&gr, 3));
	return status;
}

static void
test_N5_every_size_of_buffer(void **state)
{
	struct fixture f = { .users = 20, .groups = 8, .version = 1 };

	(void)state;
	fixture_publish(&f);
	every_size(ask_user, 80);
	every_size(ask_next_user, 80);
	every_size(ask_group, 400);
	every_size(ask_private_group, 80);
	nss.endpwent();
}

static void
test_N5_entry_that_did_not_fit_comes_again(void **state)
{
	struct fixture f = { .users = 20, .groups = 8, .version = 1 };
	struct passwd pw;
	int error = 0;

	(void)state;
	fixture_publish(&f);
	nss.setpwent(0);
	for (unsigned i = 0; i < f.users; i++) {
		assert_int_equal(
		    nss.getpwent(&pw, big, 10, &error), NSS_STATUS_TRYAGAIN);
		assert_int_equal(error, ERANGE);
		assert_int_equal(
		    nss.getpwent(&pw, big, sizeof(big), &error), NSS_STATUS_SUCCESS);
		assert_true(passwd_right(&pw, i, 1));
	}
	nss.endpwent();
}

/* ---- N7 ---- */

/* Put something else in place of a good file, which stands beside it. */
#define ASIDE UADM_DIRECTORY_DIR "/.directory.aside"

static bool
place_symlink(void)
{
	return symlink(ASIDE, UADM_DIRECTORY_FILE) == 0;
}

static bool
place_fifo(void)
{
	return mkfifo(UADM_DIRECTORY_FILE, 0644) == 0;
}

static bool
place_directory(void)
{
	return mkdir(UADM_DIRECTORY_FILE, 0755) == 0;
}

static bool
place_device(void)
{
	return mknod(UADM_DIRECTORY_FILE, S_IFCHR | 0644, makedev(1, 5)) == 0;
}

static bool
place_empty(void)
{
	int fd = open(UADM_DIRECTORY_FILE, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	return fd >= 0 && close(fd) == 0;
}

static bool
place_group_writable(void)
{
	return chmod(ASIDE, 0664) == 0 && link(ASIDE, UADM_DIRECTORY_FILE) == 0;
}

static bool
place_writable(void)
{
	return chmod(ASIDE, 0646) == 0 && link(ASIDE, UADM_DIRECTORY_FILE) == 0;
}

static bool
place_foreign(void)
{
	return chown(ASIDE, 12345, 0) == 0 && link(ASIDE, UADM_DIRECTORY_FILE) == 0;
}

static const struct {
	const char *label;
	bool (*place)(void);
	bool needs_root;
} foreign[] = {
	{ "symbolic link", place_symlink, false },
	{ "named pipe", place_fifo, false },
	{ "directory", place_directory, false },
	{ "device", place_device, true },
	{ "empty file", place_empty, false },
	{ "writable by its group", place_group_writable, false },
	{ "writable by all", place_writable, false },
	{ "somebody else's", place_foreign, true },
};

static void
test_N7_what_is_not_ours_is_not_read(void **state)
{
	struct fixture f = { .users = 20, .groups = 8, .version = 1 };
	struct passwd pw;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(foreign); i++) {
		double from;
		int error = 0;

		fixture_clear();
		unlink(ASIDE);
		fixture_publish(&f);
		check_user(&f, 1);
		fixture_mark(1);
		assert_int_equal(rename(UADM_DIRECTORY_FILE, ASIDE), 0);
		if (!foreign[i].place()) {
			print_message("skipped: cannot make a %s here%s\n",
			    foreign[i].label,
			    foreign[i].needs_root ? " (not root)" : "");
			assert_true(foreign[i].needs_root);
			continue;
		}
		from = fixture_seconds();
		if (nss.getpwnam("user1", &pw, big, sizeof(big), &error) !=
			NSS_STATUS_UNAVAIL ||
		    error != EAGAIN || fixture_seconds() - from > 1)
			fail_msg("%s: %s", foreign[i].label, strerror(error));
		assert_int_equal(fixture_mappings(), 0);
	}
	fixture_clear();
	unlink(ASIDE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_N1_every_entry_is_found, clear),
		cmocka_unit_test_setup(test_N1_strangers_are_not_found, clear),
		cmocka_unit_test_setup(
		    test_N1_enumeration_keeps_its_state_of_the_file, clear),
		cmocka_unit_test_setup(
		    test_large_group_is_published_without_its_list, clear),
		cmocka_unit_test_setup(
		    test_initgroups_keeps_what_is_there_and_to_its_limit, clear),
		cmocka_unit_test_setup(test_errno_of_the_host_is_left_alone, clear),
		cmocka_unit_test_setup(test_N2_threads_while_published, clear),
		cmocka_unit_test_setup(test_N3_three_thousand_damaged_files, clear),
		cmocka_unit_test_setup(
		    test_N3_missing_entry_is_told_only_on_proof, clear),
		cmocka_unit_test_setup(test_N4_fork_while_threads_look_up, clear),
		cmocka_unit_test_setup(test_N4_line_of_descent, clear),
		cmocka_unit_test_setup(test_N4_closefrom, clear),
		cmocka_unit_test_setup(test_N4_full_descriptor_table, clear),
		cmocka_unit_test_setup(test_N4_no_address_space, clear),
		cmocka_unit_test_setup(test_N4_chroot, clear),
		cmocka_unit_test_setup(test_N5_every_size_of_buffer, clear),
		cmocka_unit_test_setup(
		    test_N5_entry_that_did_not_fit_comes_again, clear),
		cmocka_unit_test_setup(test_N7_what_is_not_ours_is_not_read, clear),
	};

	return cmocka_run_group_tests(tests, load, NULL);
}
