/*
 * spawn.c - start a uadmd for one call, and see it off, without the host noticing.
 *
 * Threat: to the host. Its SIGCHLD handler would count our child, its wait() would take it
 * away, ours would take away one of its own, and a child left over is its zombie. So the
 * child has no exit signal: nobody is told, wait() and waitpid(-1) pass it over (wherever the
 * host is a subreaper or pid 1 of its namespace, too), and we wait for this one pid alone with
 * __WCLONE. An exec would give the signal back, so the child never execs: it stays
 * between the host and uadmd and reaps that. See child.c for the caller's side of it.
 *
 * Signals are blocked around the clone, all of them: a handler of the host must not run in the
 * child, nor ^Z stop it before it has left the terminal's session.
 */
#include "pam_uadm/call.h"
#include "pam_uadm/child.h"
#include "pam_uadm/link.h"
#include "pam_uadm/raw.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

enum {
	GIVE_UP_MS = 1000, /* after CHILD_GIVE_UP, and once more after SIGKILL */
	NAP_MS = 5,        /* between looks, where the kernel has no pidfd */
};

bool
link_spawn(struct link *link, const char **why)
{
	sigset_t all, old;
	int pair[2], saved;
	pid_t pid;

	*why = "cannot spawn uadmd";
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return false;
	memset(&all, 0xff, sizeof(all));
	raw_mask(&all, &old);
	pid = raw_clone(0);
	if (pid == 0)
		child_run(pair[1]);
	saved = errno;
	raw_mask(&old, NULL);
	close(pair[1]);
	if (pid < 0) {
		close(pair[0]);
		errno = saved;
		return false;
	}
	link->fd = pair[0];
	link->pid = pid;
	return true;
}

/* Gone also means: taken away by a host that waits with __WALL. */
static bool
is_gone(pid_t pid)
{
	pid_t got;

	do {
		got = waitpid(pid, NULL, __WCLONE | WNOHANG);
	} while (got < 0 && errno == EINTR);
	return got != 0;
}

static void
nap(int pidfd, int64_t left_ms)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };

	if (left_ms > NAP_MS && pidfd < 0)
		left_ms = NAP_MS;
	poll(&p, pidfd < 0 ? 0 : 1, (int)left_ms);
}

static bool
gone_within(pid_t pid, int pidfd, int64_t ms)
{
	int64_t deadline = relay_clock_ms() + ms;

	while (!is_gone(pid)) {
		int64_t left = deadline - relay_clock_ms();

		if (left <= 0)
			return false;
		nap(pidfd, left);
	}
	return true;
}

void
link_reap(pid_t pid)
{
	int pidfd = -1;

	if (is_gone(pid))
		return;
#ifdef SYS_pidfd_open
	pidfd = (int)syscall(SYS_pidfd_open, (long)pid, 0L);
#endif
	/* The pid stays its own until we have waited for it. */
	if (!gone_within(pid, pidfd, UADM_REAP_MS)) {
		kill(pid, CHILD_GIVE_UP);
		if (!gone_within(pid, pidfd, GIVE_UP_MS)) {
			kill(pid, SIGKILL);
			gone_within(pid, pidfd, GIVE_UP_MS);
		}
	}
	if (pidfd >= 0)
		close(pidfd);
}
