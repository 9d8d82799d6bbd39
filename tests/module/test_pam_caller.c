/*
 * test_pam_caller.c - what the caller of the host cannot do to uadmd (P27), and what comes of a
 * kernel or a container that says no (P13).
 */
#include "tests/module/helpers/host.h"

#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdnoreturn.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

enum { STRANGER = 54321 };

static const char *const clean[] = {
	"info ids 0 0 0 0 0 0 0\n",
	"info session own\n",
	"info cpu -1 -1\n",
	"info fsize -1 -1\n",
	"info data -1 -1\n",
	"info core 0 0\n",
	"info as -1 -1\n",
	"info nofile 1024 4096\n",
	"info stack 8388608 -1\n",
	"info oom 0\n",
	"info signals 0 0\n",
	"info environment 0\n",
	"info cwd / umask 077\n",
	"info descriptors 3, 2 is /dev/null\n",
};

/* Without it (a container, as a rule) nobody raises a hard limit again, so there the caller
 * of the test lowers the soft ones only. */
static bool
may_raise_limits(void)
{
	unsigned long long caps = 0;
	const char *line = strstr(file_read("/proc/self/status"), "CapEff:");

	return line != NULL && sscanf(line, "CapEff: %llx", &caps) == 1 &&
	    (caps >> 24 & 1) != 0; /* CAP_SYS_RESOURCE */
}

static void
lower_limit(__rlimit_resource_t what, rlim_t limit)
{
	struct rlimit l;

	getrlimit(what, &l);
	l.rlim_cur = limit;
	if (may_raise_limits())
		l.rlim_max = limit;
	setrlimit(what, &l);
}

static void
be_hostile(void)
{
	static const struct {
		__rlimit_resource_t what;
		rlim_t limit;
	} limits[] = { { RLIMIT_CPU, 60 }, { RLIMIT_FSIZE, 0 },
		{ RLIMIT_CORE, 1 << 20 }, { RLIMIT_NOFILE, 64 }, { RLIMIT_NPROC, 0 },
		{ RLIMIT_STACK, 1 << 20 } };
	struct sched_param zero = { .sched_priority = 0 };
	cpu_set_t one;
	sigset_t all;
	FILE *f = fopen("/proc/self/oom_score_adj", "we");

	if (f != NULL) {
		fputs("1000", f);
		fclose(f);
	}
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		lower_limit(limits[i].what, limits[i].limit);
	CPU_ZERO(&one);
	CPU_SET(0, &one);
	sched_setaffinity(0, sizeof(one), &one);
	setpriority(PRIO_PROCESS, 0, 19);
	sched_setscheduler(0, SCHED_IDLE, &zero);
	syscall(SYS_ioprio_set, 1, 0, 3 << 13);
	prctl(PR_SET_TIMERSLACK, 2000000000);
	for (int sig = 1; sig < 65; sig++)
		signal(sig, SIG_IGN);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	setenv("LD_PRELOAD", "/tmp/evil.so", 1);
	setenv("MALLOC_PERTURB_", "1", 1);
	umask(0);
	for (int fd = 30; fd < 40; fd++)
		dup2(1, fd);
	if (setgroups(1, (gid_t[]){ 20 }) != 0 ||
	    setresgid(STRANGER, 0, STRANGER) != 0 ||
	    setresuid(STRANGER, 0, STRANGER) != 0 || chdir("/tmp") != 0)
		_exit(3);
}

static void
test_P27_nothing_is_inherited(void **state)
{
	char want[64];
	int status;
	pid_t pid;

	(void)state;
	NEEDS_ROOT();
	snprintf(want, sizeof(want), "info cpus %ld\n", sysconf(_SC_NPROCESSORS_ONLN));
	pid = fork();
	if (pid == 0) {
		struct host h = { 0 };
		bool bad = false;

		be_hostile();
		host_start(&h, "plain", "report");
		if (pam_acct_mgmt(h.pamh, 0) != PAM_SUCCESS) {
			fprintf(stderr, "no verdict: %s\n", host_log);
			_exit(1);
		}
		for (size_t i = 0; i < sizeof(clean) / sizeof(clean[0]); i++)
			if (strstr(h.said, clean[i]) == NULL) {
				fprintf(stderr, "not: %s", clean[i]);
				bad = true;
			}
		if (strstr(h.said, "info nice 0 policy 0 ioprio 0 slack 50000\n") ==
			NULL &&
		    strstr(h.said, "info nice 0 policy 0 ioprio 16388 slack 50000\n") ==
			NULL)
			bad = true;
		bad |= strstr(h.said, want) == NULL;
		if (bad)
			fprintf(stderr, "%s", h.said);
		_exit(bad ? 2 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* Both processes, and their group, while uadmd waits for an answer. */
static void
signal_as_caller(const char *text)
{
	static const int signals[] = { SIGSTOP, SIGTSTP, SIGINT, SIGTERM, SIGKILL, 0 };
	int pid[2], status;
	pid_t child;

	assert_int_equal(sscanf(text, "pids %d %d", &pid[0], &pid[1]), 2);
	child = fork();
	if (child == 0) {
		if (setresgid(STRANGER, STRANGER, STRANGER) != 0 ||
		    setresuid(STRANGER, STRANGER, STRANGER) != 0)
			_exit(2);
		for (int i = 0; i < 12; i++) {
			int to = i % 3 == 2 ? -pid[1] : pid[i % 3];

			if (kill(to, signals[i / 2]) == 0 || errno != EPERM)
				_exit(1);
		}
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void
test_P27_signals_of_the_caller(void **state)
{
	struct host h = { .on_prompt = signal_as_caller, .answers = { "go on" } };

	(void)state;
	NEEDS_ROOT();
	assert_int_equal(setresuid(STRANGER, 0, 0), 0);
	assert_int_equal(
	    host_call(&h, "plain", "pids", pam_authenticate, 0), PAM_SUCCESS);
	assert_int_equal(setresuid(0, 0, 0), 0);
}

/* Which hierarchies it leaves is read from files in the place of the kernel's: to move for
 * real would pull the tests out of what whoever runs them has put around them. */
static void
test_P27_leaves_the_cgroup(void **state)
{
	static const struct {
		const char *dir;
		const char *want;
	} dirs[] = { { "", "0" }, { "/unified", "0" }, { "/memory", "0" },
		{ "/cpu,cpuacct", "0" }, { "/systemd", "0" }, { "/pids", "" },
		{ "/freezer", "0" } };
	static char long_list[6000];
	char path[128];

	(void)state;
	NEEDS_ROOT();
	fake_mkdir("/proc");
	fake_mkdir("/proc/self");
	fake_mkdir("/sys");
	fake_mkdir("/sys/fs");
	fake_mkdir("/sys/fs/cgroup");
	/* Named; then not named because the list is too long to read whole; then missing. */
	memset(long_list, 'x', sizeof(long_list) - 1);
	memcpy(long_list, "0::/", sizeof("0::/") - 1);
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
			snprintf(path, sizeof(path), "/sys/fs/cgroup%s", dirs[i].dir);
			fake_mkdir(path);
			strcat(path, "/cgroup.procs");
			file_write(fake_path(path), "");
		}
		file_write(fake_path("/proc/self/cgroup"),
		    round == 0
			? "9:freezer:/a/b\n5:cpu,cpuacct:/jail\n4:memory:/jail:x\n"
			  "3:pids:/\n2:name=systemd:/user.slice\n"
			  "1:bad\n:\n\n0::/user.slice/user@1000.service/app\n"
			: long_list);
		if (round == 2)
			unlink(fake_path("/proc/self/cgroup"));
		assert_int_equal(
		    host_call(&(struct host){ 0 }, "plain", "mia", pam_acct_mgmt, 0),
		    PAM_SUCCESS);
		for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
			const char *want = dirs[i].want;

			if (round > 0)
				want = strchr(dirs[i].dir, ',') != NULL ? "" : "0";
			snprintf(path, sizeof(path), "/sys/fs/cgroup%s/cgroup.procs",
			    dirs[i].dir);
			if (strcmp(file_read(fake_path(path)), want) != 0)
				fail_msg("round %d, %s: %s", round, path,
				    file_read(fake_path(path)));
		}
	}
}

/* --- kernels and containers that say no --------------------------------------------------- */

/* From now on the system call `number` fails, here and in all that is started. */
static bool
forbid(long number, int error)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)number, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}

static const struct {
	const char *name;
	long number;
	int error;
	bool may_succeed; /* uadmd can do its work all the same */
} failing[] = {
	{ "socketpair", SYS_socketpair, EMFILE, false },
	{ "clone", SYS_clone, EAGAIN, false },
	{ "sendmsg", SYS_sendmsg, ENOBUFS, false },
	{ "recvfrom", SYS_recvfrom, ENOMEM, false },
	{ "setresuid", SYS_setresuid, EPERM, false },
	{ "setresgid", SYS_setresgid, EPERM, false },
	{ "setsid", SYS_setsid, EPERM, false },
	{ "dup3", SYS_dup3, EMFILE, false },
	{ "chdir", SYS_chdir, EACCES, false },
	{ "execve", SYS_execve, EACCES, false },
	{ "openat", SYS_openat, ENFILE, false },
	{ "rt_sigprocmask", SYS_rt_sigprocmask, EINVAL, false },
	{ "setgroups", SYS_setgroups, EPERM, true },
	{ "close_range", SYS_close_range, ENOSYS, true },
	{ "pidfd_open", SYS_pidfd_open, ENOSYS, true },
	{ "prlimit64", SYS_prlimit64, EPERM, true },
	{ "sched_setscheduler", SYS_sched_setscheduler, EPERM, true },
	{ "sched_setaffinity", SYS_sched_setaffinity, EPERM, true },
	{ "setpriority", SYS_setpriority, EPERM, true },
	{ "ioprio_set", SYS_ioprio_set, EPERM, true },
	{ "set_mempolicy", SYS_set_mempolicy, ENOSYS, true },
	{ "personality", SYS_personality, EPERM, true },
	{ "rt_sigtimedwait", SYS_rt_sigtimedwait, EINVAL, true },
	{ "waitid", SYS_waitid, EINVAL, true },
	{ "umask", SYS_umask, EPERM, true },
};

/* In a process of its own, which ends with the PAM code. */
static noreturn void
call_without(long number, int error)
{
	struct host h = { 0 };
	int code;

	/* The first call loads the module. */
	host_start(&h, "plain", "root");
	pam_acct_mgmt(h.pamh, 0);
	pam_set_item(h.pamh, PAM_USER, "report");
	if (!forbid(number, error))
		_exit(77);
	code = pam_acct_mgmt(h.pamh, 0);
	if (code == PAM_SUCCESS &&
	    (strstr(h.said, "info descriptors 3, 2 is /dev/null\n") == NULL ||
		strstr(h.said, "info ids 0 0 0 0 0 0 0\n") == NULL))
		_exit(78);
	_exit(code);
}

/* P13: each fails in turn, and what comes of it is a refusal or a whole decision. */
static void
test_P13_system_calls(void **state)
{
	(void)state;
	NEEDS_ROOT();
#ifdef __SANITIZE_ADDRESS__
	print_message("skipped: the sanitizer needs these calls for itself\n");
	skip();
#endif
	for (size_t i = 0; i < sizeof(failing) / sizeof(failing[0]); i++) {
		int status;
		pid_t pid = fork();

		if (pid == 0)
			call_without(failing[i].number, failing[i].error);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status));
		status = WEXITSTATUS(status);
		if (status == 77) {
			print_message("skipped: no seccomp filters here\n");
			skip();
		}
		/* libpam's own audit message fails by some of them: PAM_SYSTEM_ERR. */
		if (failing[i].may_succeed
			? status != PAM_SUCCESS
			: status != PAM_AUTHINFO_UNAVAIL && status != PAM_SYSTEM_ERR)
			fail_msg("%s: %d", failing[i].name, status);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_P27_nothing_is_inherited),
		cmocka_unit_test(test_P27_signals_of_the_caller),
		cmocka_unit_test(test_P27_leaves_the_cgroup),
		cmocka_unit_test(test_P13_system_calls),
	};

	return cmocka_run_group_tests(tests, host_setup, NULL);
}
