/*
 * process_kill.c - see process_kill.h.
 *
 * Threat: a pid that is somebody else's by now. So the process is held by a pidfd first, and only
 * then it is looked at again.
 *
 * Threat: a fork bomb, which is always one fork ahead of who reads /proc. kill(-1) is not: the
 * kernel goes through all processes while none can be made. It reaches what the caller may signal,
 * so the caller is a child that becomes the user for good: every real or saved id equal to it
 * (setuid programs that the user runs are among them), and namespaces that the user made. A child
 * that kept any capability would reach everybody: it asks, and then does nothing. It belongs to
 * the user while it lives, so it has nothing open, cannot be looked into, and is not waited for
 * if the user stops it.
 */
#include "libuadm/ops/process_kill.h"

#include "libuadm/base/cleanup.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum { SWEEP_MS = 500 };

static int
open_pidfd(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

/* What was found out about its place then still holds: its parent may be ended by now. */
static bool
is_the_same(int proc, struct subuids *subuids, const struct process_seen *p, uid_t uid)
{
	struct process_seen again = *p;
	struct process_facts *f = &again.facts;

	if (!process_read_ids(proc, subuids, &again) ||
	    !process_read_rest(proc, &again) || again.start != p->start)
		return false;
	f->login = process_read_login(proc, f->pid);
	f->parent = p->facts.parent;
	f->session = p->facts.session;
	f->has_terminal = p->facts.has_terminal;
	f->leads = p->facts.leads;
	f->first_look = p->facts.first_look;
	f->parent_spared = p->facts.parent_spared;
	f->in_ours = p->facts.in_ours;
	f->arriving = p->facts.arriving;
	return policy_process(f, uid) == PROCESS_END;
}

void
process_kill(int proc, struct subuids *subuids, const struct process_seen *p, uid_t uid,
    int *pidfd)
{
	CLEANUP(cleanup_fd) int fd = open_pidfd(p->facts.pid);
	int failed = errno;

	*pidfd = -1;
	if ((fd < 0 && failed == ESRCH) || !is_the_same(proc, subuids, p, uid))
		return;
	if (fd < 0) { /* a container that forbids pidfds */
		kill(p->facts.pid, SIGKILL);
		return;
	}
	syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0);
	*pidfd = fd;
	fd = -1;
}

static bool
drop_capabilities(void)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct none[2] = { 0 }, left[2];

	memset(left, 0xff, sizeof(left));
	if (syscall(SYS_capset, &header, none) != 0 ||
	    syscall(SYS_capget, &header, left) != 0)
		return false;
	for (int i = 0; i < 2; i++)
		if ((left[i].effective | left[i].permitted) != 0)
			return false;
	return true;
}

bool
process_become(uid_t uid)
{
	uid_t real, effective, saved;

	return syscall(SYS_setgroups, 0, NULL) == 0 && setresgid(uid, uid, uid) == 0 &&
	    setresuid(uid, uid, uid) == 0 &&
	    getresuid(&real, &effective, &saved) == 0 && real == uid &&
	    effective == uid && saved == uid && drop_capabilities();
}

static void
sweep(uid_t uid)
{
	prctl(PR_SET_DUMPABLE, 0);
	if (syscall(SYS_close_range, 0, ~0U, 0) != 0)
		_exit(1);
	if (!process_become(uid))
		_exit(1);
	prctl(PR_SET_DUMPABLE, 0); /* fs.suid_dumpable may have made it so again */
	kill(-1, SIGKILL);
	_exit(0);
}

void
process_kill_all(uid_t uid)
{
	CLEANUP(cleanup_fd) int fd = -1;
	pid_t pid;

	if (uid == 0 || uid == (uid_t)-1 || (pid = fork()) < 0)
		return;
	if (pid == 0)
		sweep(uid);
	fd = open_pidfd(pid);
	for (int ms = 0; ms < SWEEP_MS; ms++) { /* at most: its end is seen at once */
		if (waitpid(pid, NULL, WNOHANG) == pid)
			return;
		poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, 1);
	}
	kill(pid, SIGKILL); /* not reaped, so it is still this one */
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}
