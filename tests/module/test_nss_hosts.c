/*
 * What hosts do around a lookup: threads while the file is replaced (N2), forks, closed and
 * exhausted descriptors, no address space, another root (N4).
 */
#include "tests/module/nss_module.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/wait.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true /* needs address space of its own */
#else
#define SANITIZED false
#endif

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
forks_while_threads_look_up(const struct fixture *f, unsigned forks)
{
	CLEANUP(cleanup_free) unsigned char *bytes = NULL;
	pthread_t threads[THREADS];
	size_t size;

	bytes = fixture_read(&size);
	threads_start(threads);
	for (unsigned i = 0; i < forks; i++) {
		pid_t pid;

		/* So that some are in the middle of loading. */
		if (i % 2 == 0)
			fixture_put(bytes, size, true);
		if ((pid = fork()) == 0) {
			bool good = look_once(i % f->users) && walk_once(f->users);

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

static void
test_N4_fork_while_threads_look_up(void **state)
{
	struct fixture f = { .users = 50, .groups = 10, .version = 1 }, now = f;

	(void)state;
	fixture_publish(&f);
	forks_while_threads_look_up(&f, 300);
	now.changed = 25;
	now.newer = 2;
	fixture_delta(&f, &now, 2);
	forks_while_threads_look_up(&f, 300);
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
	CLEANUP(cleanup_free) gid_t *list = calloc((size_t)size, sizeof(*list));
	bool good = look_once(1) && fixture_mappings() == 1;
	size_t image_size;
	CLEANUP(cleanup_free) unsigned char *image = fixture_read(&image_size);
	unsigned before = fixture_descriptors();
	struct group gr;
	int error;

	fixture_put(image, image_size, true);
	if (setrlimit(RLIMIT_AS, &none) != 0)
		return false; /* cppcheck-suppress memleak ; CLEANUP */
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_N2_threads_while_published, clear),
		cmocka_unit_test_setup(test_N4_fork_while_threads_look_up, clear),
		cmocka_unit_test_setup(test_N4_line_of_descent, clear),
		cmocka_unit_test_setup(test_N4_closefrom, clear),
		cmocka_unit_test_setup(test_N4_full_descriptor_table, clear),
		cmocka_unit_test_setup(test_N4_no_address_space, clear),
		cmocka_unit_test_setup(test_N4_chroot, clear),
	};

	return cmocka_run_group_tests(tests, load, NULL);
}
