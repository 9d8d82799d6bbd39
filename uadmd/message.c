/*
 * message.c - send a short message through the program that the administrator has named.
 *
 * Threat: a program that hangs, forks, or is somebody else's. It runs as a user who may do nothing, with
 * none of our descriptors, in a process group that is killed when its time is up; whose it may be is
 * ops/messenger.c's to say. What it is told goes through a pipe, for arguments are shown to everybody.
 */
#include "uadmd/message.h"

#include "libuadm/base/clock.h"
#include "libuadm/base/files.h"
#include "libuadm/ops/messenger.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum { RUN_MS = 10000, WORDS_MOST = 32, FAILED = 127 };

/* E.164: + and 7 to 15 digits. */
static bool
is_number(const char *s)
{
	size_t digits = strspn(s + (s[0] == '+'), "0123456789");

	return s[0] == '+' && s[1] != '0' && s[1 + digits] == '\0' && digits >= 7 &&
	    digits <= 15;
}

static size_t
split(char *command, char *argv[WORDS_MOST + 1])
{
	char *save = NULL;
	size_t n = 0;

	for (char *word = strtok_r(command, " \t", &save);
	     word != NULL && n < WORDS_MOST; word = strtok_r(NULL, " \t", &save))
		argv[n++] = word;
	argv[n] = NULL;
	return n;
}

struct runner {
	uid_t uid;
	gid_t gid;
	int program, input;
	char *const *argv;
};

/* In the child: nothing of ours is left but the program and its input. A script is opened by its
 * interpreter, so its descriptor stays open. */
static void
become(const struct runner *r)
{
	static char *const env[] = { (char *)"PATH=/usr/local/bin:/usr/bin:/bin",
		NULL };
	const struct rlimit none = { 0, 0 };
	int null = open("/dev/null", O_RDWR);
	sigset_t all;

	sigemptyset(&all);
	for (int s = 1; s < NSIG; s++)
		signal(s, SIG_DFL);
	sigprocmask(SIG_SETMASK, &all, NULL);
	setrlimit(RLIMIT_CORE, &none);
	if (setpgid(0, 0) != 0 || chdir("/") != 0 || null < 0 ||
	    dup2(r->input, 0) != 0 || dup2(null, 1) != 1 || dup2(null, 2) != 2 ||
	    (r->program == 3 ? fcntl(3, F_SETFD, 0) != 0 : dup2(r->program, 3) != 3) ||
	    syscall(SYS_close_range, 4U, ~0U, 0U) != 0 ||
	    syscall(SYS_setgroups, 0UL, NULL) != 0 ||
	    setresgid(r->gid, r->gid, r->gid) != 0 ||
	    setresuid(r->uid, r->uid, r->uid) != 0 ||
	    prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
		_exit(FAILED);
	umask(077);
	fexecve(3, r->argv, env);
	_exit(FAILED);
}

static int64_t
left_of(int64_t deadline)
{
	int64_t left = deadline - clock_boot_ms();

	return left > 0 ? left : 0;
}

/* By its pidfd: no signal of ours, and no wait without a bound. */
static bool
has_ended(pid_t pid, int64_t deadline, int *status)
{
	CLEANUP(cleanup_fd) int fd = (int)syscall(SYS_pidfd_open, pid, 0U);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int n;

	if (fd < 0)
		return false;
	do
		n = poll(&p, 1, (int)left_of(deadline));
	while (n < 0 && errno == EINTR);
	return n == 1 && waitpid(pid, status, 0) == pid;
}

static enum uadm_code
wait_for(pid_t pid, int64_t deadline, struct uadm_err *err)
{
	int status = 0;
	bool ended = has_ended(pid, deadline, &status);

	/* What it has left behind ends with it, in time or not. Where we may kill nobody (a unit without
	 * CAP_KILL) our own end does it: PR_SET_PDEATHSIG. */
	kill(-pid, SIGKILL);
	if (!ended) {
		while (kill(pid, SIGKILL) == 0 && waitpid(pid, &status, 0) < 0 &&
		    errno == EINTR)
			;
		return uadm_fail(err, UADM_UNAVAILABLE,
		    "[sms] command has not ended within %d s", RUN_MS / 1000);
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return UADM_OK;
	return uadm_fail(err, UADM_UNAVAILABLE, "[sms] command has failed: %s %d",
	    WIFEXITED(status) ? "exit status" : "signal",
	    WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
}

static enum uadm_code
run(struct runner *r, const char *line, struct uadm_err *err)
{
	int64_t deadline = clock_boot_ms() + RUN_MS;
	CLEANUP(cleanup_fd) int in = -1;
	CLEANUP(cleanup_fd) int out = -1;
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) != 0)
		return uadm_fail(err, UADM_UNAVAILABLE, "cannot make a pipe: %m");
	in = fds[0];
	out = fds[1];
	r->input = in;
	/* It fits a pipe: there is nobody to wait for. */
	if (!files_write_all(out, line, strlen(line)))
		return uadm_fail(err, UADM_UNAVAILABLE, "cannot write to a pipe: %m");
	close(out);
	out = -1;
	if ((pid = fork()) == 0)
		become(r);
	if (pid < 0)
		return uadm_fail(err, UADM_UNAVAILABLE, "cannot make a process: %m");
	return wait_for(pid, deadline, err);
}

enum uadm_code
message_send(
    const struct config *cf, const char *number, const char *text, struct uadm_err *err)
{
	char command[sizeof(cf->sms_command)], line[400], *argv[WORDS_MOST + 1];
	CLEANUP(cleanup_fd) int program = -1;
	struct runner r = { .argv = argv };
	struct messenger m;
	enum uadm_code c;

	snprintf(command, sizeof(command), "%s", cf->sms_command);
	if (!is_number(number) || split(command, argv) == 0)
		return uadm_fail(
		    err, UADM_UNAVAILABLE, "there is no number to send to");
	if ((c = messenger_open(cf, &m, err)) != UADM_OK)
		return c;
	r.uid = m.uid;
	r.gid = m.gid;
	r.program = program = m.program;
	snprintf(
	    line, sizeof(line), "{\"number\":\"%s\",\"text\":\"%s\"}\n", number, text);
	c = run(&r, line, err);
	explicit_bzero(line, sizeof(line));
	return c;
}
