/*
 * test_pam_host.c - pam_uadm in somebody's process: the host keeps what it had (P23), and none
 * of its secrets stays there (P24).
 */
#include "tests/module/helpers/canary.h"
#include "tests/module/helpers/host.h"

#include "libuadm/relay/frame.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

extern char **environ;

enum { CYCLES = 250 };

/* --- P23: the host keeps what it had ---------------------------------------------------- */

struct snapshot {
	char text[16384];
};

static void add(struct snapshot *s, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
add(struct snapshot *s, const char *fmt, ...)
{
	size_t used = strlen(s->text);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s->text + used, sizeof(s->text) - used, fmt, ap);
	va_end(ap);
}

static void
add_descriptors(struct snapshot *s)
{
	char link[300], target[256];

	for (int fd = 0; fd < 256; fd++) {
		ssize_t n;

		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		n = readlink(link, target, sizeof(target) - 1);
		if (n > 0)
			add(s, "fd %d %.*s %d\n", fd, (int)n, target,
			    fcntl(fd, F_GETFD) << 16 | fcntl(fd, F_GETFL));
	}
}

static void
take(struct snapshot *s)
{
	uid_t r, e, u;
	gid_t gr, ge, gs;
	sigset_t mask;
	char cwd[256];
	mode_t um = umask(0);
	int cancel;

	umask(um);
	s->text[0] = '\0';
	getresuid(&r, &e, &u);
	getresgid(&gr, &ge, &gs);
	add(s, "ids %u %u %u %u %u %u %d\n", r, e, u, gr, ge, gs, getgroups(0, NULL));
	add(s, "session %d %d umask %o cwd %s\n", getsid(0), getpgrp(), um,
	    getcwd(cwd, sizeof(cwd)));
	sigprocmask(SIG_SETMASK, NULL, &mask);
	for (int sig = 1; sig < 65; sig++) {
		struct sigaction act;

		if (sigaction(sig, NULL, &act) == 0)
			add(s, "%d:%d:%p ", sig, sigismember(&mask, sig),
			    (void *)(uintptr_t)act.sa_handler);
	}
	for (int what = 0; what < RLIM_NLIMITS; what++) {
		struct rlimit l;

		if (getrlimit((__rlimit_resource_t)what, &l) == 0)
			add(s, "limit %d %lld %lld\n", what, (long long)l.rlim_cur,
			    (long long)l.rlim_max);
	}
	add(s, "nice %d dumpable %d\n", getpriority(PRIO_PROCESS, 0),
	    prctl(PR_GET_DUMPABLE));
	for (char **v = environ; *v != NULL; v++)
		add(s, "%p=%.100s\n", (void *)*v, *v);
	pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &cancel);
	pthread_setcancelstate(cancel, NULL);
	add(s, "cancel %d\n", cancel);
	add_descriptors(s);
}

/* Every phase in turn, with a prompt among them. */
static void
cycle(int i)
{
	static int (*const phases[])(pam_handle_t *, int) = { pam_authenticate,
		pam_acct_mgmt, pam_open_session, pam_close_session, pam_setcred };
	struct host h = { .answers = { "sesame" } };

	errno = 4711;
	host_start(&h, "plain", i % 5 == 0 ? "asks" : "mia");
	assert_int_equal(phases[i % 5](h.pamh, 0), PAM_SUCCESS);
	host_end(&h);
}

static void
cycles(int n)
{
	static struct snapshot before, after;

	cycle(0); /* what is loaded once is loaded now */
	take(&before);
	for (int i = 0; i < n; i++) {
		cycle(i);
		/* Nobody is left, whichever way one asks. */
		assert_int_equal(waitpid(-1, NULL, WNOHANG | __WALL), -1);
		assert_int_equal(errno, ECHILD);
	}
	take(&after);
	assert_string_equal(after.text, before.text);
}

static volatile sig_atomic_t children;

static void
count_children(int sig)
{
	(void)sig;
	children++;
}

static void
test_P23_signals_and_own_ways(void **state)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, old;
	struct sigaction count = { .sa_handler = count_children };
	sigset_t some, mask;
	char cwd[256];
	mode_t um;

	(void)state;
	NEEDS_ROOT();
	sigemptyset(&some);
	sigaddset(&some, SIGUSR1);
	sigaddset(&some, SIGCHLD);
	assert_non_null(getcwd(cwd, sizeof(cwd)));
	assert_int_equal(chdir("/proc"), 0);
	um = umask(0137);

	sigaction(SIGCHLD, &ignore, &old);
	cycles(CYCLES);
	sigaction(SIGCHLD, &count, NULL);
	cycles(CYCLES);
	assert_int_equal(children, 0);
	sigprocmask(SIG_BLOCK, &some, &mask);
	cycles(CYCLES);
	sigpending(&some);
	assert_int_equal(sigismember(&some, SIGCHLD), 0);

	sigprocmask(SIG_SETMASK, &mask, NULL);
	sigaction(SIGCHLD, &old, NULL);
	umask(um);
	assert_int_equal(chdir(cwd), 0);
}

/* Descriptors 0, 1 and 2 may be closed: then ours are among them for a while. */
static void
test_P23_no_standard_descriptors(void **state)
{
	int kept[3];

	(void)state;
	NEEDS_ROOT();
	for (int fd = 0; fd < 3; fd++) {
		kept[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 20);
		close(fd);
	}
	cycles(20);
	for (int fd = 0; fd < 3; fd++)
		if (kept[fd] >= 0) {
			dup2(kept[fd], fd);
			close(kept[fd]);
		}
}

/* Other threads wait for any child, fork, and must neither lose a child of their own nor get
 * ours. */
static volatile bool stop;

static void *
waits_for_anybody(void *arg)
{
	long *taken = arg;

	while (!stop) {
		int status;

		if (waitpid(-1, &status, 0) > 0 &&
		    !(WIFEXITED(status) && WEXITSTATUS(status) == 42))
			(*taken)++;
		sched_yield();
	}
	return NULL;
}

static void *
forks(void *arg)
{
	long *made = arg;

	while (!stop) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(42);
		(*made)++;
		usleep(2000);
	}
	return NULL;
}

static void
test_P23_threads(void **state)
{
	static struct snapshot before, after;
	pthread_t waiter, forker[2];
	long taken = 0, made[2] = { 0 };

	(void)state;
	NEEDS_ROOT();
	cycle(0);
	take(&before);
	stop = false;
	assert_int_equal(pthread_create(&waiter, NULL, waits_for_anybody, &taken), 0);
	assert_int_equal(pthread_create(&forker[0], NULL, forks, &made[0]), 0);
	assert_int_equal(pthread_create(&forker[1], NULL, forks, &made[1]), 0);
	for (int i = 0; i < CYCLES; i++)
		cycle(i);
	stop = true;
	pthread_join(forker[0], NULL);
	pthread_join(forker[1], NULL);
	pthread_join(waiter, NULL);
	while (waitpid(-1, NULL, 0) > 0)
		continue;
	take(&after);
	assert_int_equal(taken, 0);
	assert_true(made[0] + made[1] > 0);
	assert_string_equal(after.text, before.text);
}

/* Two threads in calls of their own. */
static void *
calls(void *arg)
{
	long *good = arg;

	for (int i = 0; i < 50; i++) {
		struct host h = { .answers = { "sesame" } };

		host_start(&h, "plain", "asks");
		*good += pam_authenticate(h.pamh, 0) == PAM_SUCCESS;
		pam_end(h.pamh, PAM_SUCCESS);
	}
	return NULL;
}

static void
test_P23_calls_side_by_side(void **state)
{
	pthread_t thread[4];
	long good[4] = { 0 };

	(void)state;
	NEEDS_ROOT();
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, calls, &good[i]), 0);
	for (int i = 0; i < 4; i++) {
		pthread_join(thread[i], NULL);
		assert_int_equal(good[i], 50);
	}
	assert_int_equal(waitpid(-1, NULL, WNOHANG | __WALL), -1);
}

/* Orphans fall to a subreaper: also those of a uadmd that has to be ended. */
static void
test_P23_subreaper(void **state)
{
	static const char *const users[] = { "hang-deaf", "crash", "hang-after" };

	(void)state;
	NEEDS_ROOT();
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	cycles(CYCLES);
	for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
		host_call(&(struct host){ 0 }, "plain", users[i], pam_acct_mgmt, 0);
		assert_int_equal(waitpid(-1, NULL, WNOHANG | __WALL), -1);
		assert_int_equal(errno, ECHILD);
	}
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 0), 0);
}

/* As pid 1 of a namespace, as in a container without an init. */
static void
test_P23_first_process(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	NEEDS_ROOT();
	pid = fork();
	if (pid == 0) {
		pid_t first;

		if (unshare(CLONE_NEWPID) != 0)
			_exit(77);
		first = fork();
		if (first == 0) {
			for (int i = 0; i < 20; i++) {
				cycle(i);
				if (getpid() != 1 ||
				    waitpid(-1, NULL, WNOHANG | __WALL) != -1)
					_exit(1);
			}
			_exit(0);
		}
		waitpid(first, &status, 0);
		_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77) {
		print_message("skipped: no pid namespaces here\n");
		skip();
	}
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* --- P24: no secret stays ---------------------------------------------------------------- */

static int
answer_canary(
    int n, const struct pam_message **msg, struct pam_response **resp, void *ptr)
{
	(void)n;
	(void)msg;
	(void)ptr;
	*resp = calloc(1, sizeof(**resp));
	(*resp)->resp = canary_copy(0);
	return PAM_SUCCESS;
}

static void
test_P24_canary(void **state)
{
	/* Right, wrong, and kept as PAM_AUTHTOK for later modules. */
	static const char *const users[] = { "canary", "asks", "canary-token" };
	struct pam_conv conv = { answer_canary, NULL };
	struct pam_response *left = NULL;
	pam_handle_t *pamh;

	(void)state;
	NEEDS_ROOT();
	host_log[0] = '\0';
	for (int i = 0; i < 3; i++) {
		assert_int_equal(pam_start_confdir("nodelay", users[i], &conv,
				     fake_path("/stack"), &pamh),
		    PAM_SUCCESS);
		assert_int_equal(
		    pam_authenticate(pamh, 0), i == 1 ? PAM_AUTH_ERR : PAM_SUCCESS);
		assert_int_equal(pam_end(pamh, PAM_SUCCESS), PAM_SUCCESS);
	}
	assert_int_equal(canary_find(), 0);
	/* The search does find what is there. */
	answer_canary(1, NULL, &left, NULL);
	assert_true(canary_find() > 0);
	free(left->resp);
	free(left);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_P23_signals_and_own_ways),
		cmocka_unit_test(test_P23_no_standard_descriptors),
		cmocka_unit_test(test_P23_threads),
		cmocka_unit_test(test_P23_calls_side_by_side),
		cmocka_unit_test(test_P23_subreaper),
		cmocka_unit_test(test_P23_first_process),
		cmocka_unit_test(test_P24_canary),
	};

	return cmocka_run_group_tests(tests, host_setup, NULL);
}
