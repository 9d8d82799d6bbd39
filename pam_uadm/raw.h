/*
 * raw.h - system calls without libc's share in them.
 *
 * The child is a copy of one thread of a host that may have had many. glibc's setuid() and its
 * kind would signal threads that exist no more and wait for them, its open(), read() and
 * wait() could act on a cancellation that was meant for the host's thread, and anything that
 * takes a lock may find it held for ever. syscall() does none of that.
 */
#ifndef UADM_PAM_RAW_H
#define UADM_PAM_RAW_H

#include <signal.h>
#include <stddef.h>
#include <stdnoreturn.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

/* Bytes of the kernel's own signal set; glibc's sigset_t is larger. */
#define RAW_SIGSET_SIZE ((size_t)_NSIG / 8)

/* A fork of which libc knows nothing, so that no pthread_atfork() handler of the host runs.
 * `exit_signal` 0: nobody is told of its end, and only a wait with __WCLONE finds it. */
static inline pid_t
raw_clone(int exit_signal)
{
#if defined(__s390__) || defined(__CRIS__)
	return (pid_t)syscall(SYS_clone, 0L, (long)exit_signal, 0L, 0L, 0L);
#else
	return (pid_t)syscall(SYS_clone, (long)exit_signal, 0L, 0L, 0L, 0L);
#endif
}

/* Set the mask of blocked signals, also those that libc keeps for itself. */
static inline int
raw_mask(const sigset_t *set, sigset_t *old)
{
	return (int)syscall(
	    SYS_rt_sigprocmask, (long)SIG_SETMASK, set, old, RAW_SIGSET_SIZE);
}

static inline noreturn void
raw_exit(int status)
{
	for (;;)
		syscall(SYS_exit_group, (long)status);
}

#endif
