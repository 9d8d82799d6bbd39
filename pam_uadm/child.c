/*
 * child.c - from the host's copy of itself to uadmd.
 *
 * Threat: the caller of su or sudo holds what they spawn by the throat. As long as the real
 * uid is theirs they can stop and kill it; the terminal's keys reach it; limits on file size
 * and CPU time, nice, idle scheduling, one slow CPU, the OOM killer and the cgroup are
 * inherited. A decision that is stopped in its transaction blocks every login of the host, and
 * one that is killed is not counted. So, with all signals blocked by the parent, the ids come
 * first, then everything else that is inherited is put back, and nothing is opened before.
 *
 * Two processes: this one waits for uadmd and is waited for by the host (see spawn.c), the
 * other becomes uadmd. It is called with the connection on descriptor 0, /dev/null on 1 and
 * 2, argv { "uadmd" }, an empty environment, `/` as its directory and umask 077.
 *
 * What must not be wrong ends the attempt (the host sees end of input and refuses); what a
 * kernel or a container may lack is tried and let go. Everything is a raw system call: raw.h.
 */
#include "pam_uadm/child.h"

#include "libuadm/base/paths.h"
#include "pam_uadm/raw.h"
#include "pam_uadm/surroundings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/wait.h>

enum { FAILED = 127 };

static void
require(long answer)
{
	if (answer < 0)
		raw_exit(FAILED);
}

/* From here on no one but root can signal, trace or look into this process. */
static void
become_root(void)
{
	require(syscall(SYS_setresuid, 0L, 0L, 0L));
	require(
	    syscall(SYS_setsid)); /* no terminal, no foreground group: no ^Z, no ^C */
	require(syscall(SYS_setresgid, 0L, 0L, 0L));
	/* A daemon that was denied CAP_SETGID has no groups to lose, as a rule. */
	if (syscall(SYS_setgroups, 0L, NULL) < 0 &&
	    syscall(SYS_getgroups, 0L, NULL) != 0)
		raw_exit(FAILED);
	require(syscall(SYS_prctl, (long)PR_SET_DUMPABLE, 0L, 0L, 0L, 0L));
}

/* The host's handlers would run in this copy; what it ignores would stay ignored by uadmd. */
static void
reset_signals(void)
{
	struct sigaction zero; /* all zero is SIG_DFL in the kernel's form of it, too */

	memset(&zero, 0, sizeof(zero));
	for (long sig = 1; sig < _NSIG; sig++)
		syscall(SYS_rt_sigaction, sig, &zero, NULL, RAW_SIGSET_SIZE);
}

/* RLIMIT_NOFILE may have been lowered below descriptors that are open, so it is no bound;
 * without close_range() the kernel's list is read, which needs no memory. */
static void
close_listed(int keep)
{
	struct entry {
		uint64_t ino;
		int64_t off;
		unsigned short size;
		unsigned char type;
		char name[];
	};
	long dir = syscall(SYS_openat, (long)AT_FDCWD, "/proc/self/fd",
	    (long)(O_RDONLY | O_DIRECTORY), 0L);
	_Alignas(struct entry) char list[2048];

	require(dir);
	for (long pass = 0, closed = 1; closed > 0 && pass < 1 << 16; pass++) {
		long n;

		closed = 0;
		require(syscall(SYS_lseek, dir, 0L, (long)SEEK_SET));
		while ((n = syscall(SYS_getdents64, dir, list, sizeof(list))) > 0) {
			for (long at = 0; at < n;) {
				const struct entry *e = (const void *)(list + at);
				long fd = 0;

				at += e->size;
				for (const char *c = e->name; *c != '\0'; c++)
					fd = *c >= '0' && *c <= '9' ? fd * 10 + *c - '0'
								    : keep;
				if (fd == keep || fd == dir)
					continue;
				syscall(SYS_close, fd);
				closed++;
			}
		}
	}
	syscall(SYS_close, dir);
}

/* The connection becomes descriptor 0, alone. */
static void
keep_only(int fd)
{
	if (fd != 0)
		require(syscall(SYS_dup3, (long)fd, 0L, 0L));
	else
		require(syscall(SYS_fcntl, 0L, (long)F_SETFD, 0L));
#ifdef SYS_close_range
	if (syscall(SYS_close_range, 1L, 0xffffffffL, 0L) == 0)
		return;
#endif
	close_listed(0);
}

static noreturn void
become_uadmd(void)
{
	static char *const argv[] = { (char *)"uadmd", NULL };
	static char *const envp[] = { NULL };
	sigset_t none;

	/* uadmd opens the store: its descriptor must not be 1 or 2, where somebody prints. */
	if (syscall(SYS_openat, (long)AT_FDCWD, "/dev/null", (long)O_RDWR, 0L) != 1)
		raw_exit(FAILED);
	require(syscall(SYS_dup3, 1L, 2L, 0L));
	memset(&none, 0, sizeof(none));
	require(raw_mask(&none, NULL));
	syscall(SYS_execve, UADM_UADMD, argv, envp);
	raw_exit(FAILED);
}

static bool
has_ended(pid_t pid, long options)
{
	siginfo_t info;

	memset(&info, 0, sizeof(info));
	if (syscall(SYS_waitid, (long)P_PID, (long)pid, &info,
		(long)(WEXITED | __WALL) | options, NULL) < 0)
		return errno != EINTR; /* ECHILD: nothing is left to wait for */
	return info.si_pid == pid;
}

/* Stay until uadmd has ended. Both signals are blocked, so they queue up and none is lost.
 * The host has waited long enough when it sends its own: then uadmd ends first, for
 * an orphan would fall to the host where that is a subreaper. */
static noreturn void
wait_for(pid_t pid)
{
	sigset_t both;

	memset(&both, 0, sizeof(both));
	sigaddset(&both, SIGCHLD);
	sigaddset(&both, CHILD_GIVE_UP);
	while (!has_ended(pid, WNOHANG)) {
		if (syscall(SYS_rt_sigtimedwait, &both, NULL, NULL, RAW_SIGSET_SIZE) !=
		    CHILD_GIVE_UP)
			continue;
		syscall(SYS_kill, (long)pid, (long)SIGKILL);
		while (!has_ended(pid, 0))
			;
	}
	raw_exit(0);
}

noreturn void
child_run(int fd)
{
	pid_t pid;

	become_root();
	reset_signals();
	keep_only(fd);
	surroundings_reset();
	/* vfork: this copy of the host need not be copied once more just to be replaced. */
	pid = vfork(); // NOLINT(clang-analyzer-security.insecureAPI.vfork)
	require(
	    pid); // NOLINT(clang-analyzer-unix.Vfork): raw calls alone, and no return
	if (pid == 0)
		become_uadmd();
	/* Only uadmd may hold the connection open: its end must be seen at once. */
	syscall(SYS_close, 0L);
	wait_for(pid);
}
