/*
 * Threat: two hundred who poll for two places use the machine up, and the lucky ones pass by who
 * has waited longest. flock(2) queues its waiters and wakes the first one only. (One that leaves the
 * queue early has those behind it stand in line again.) What it lacks is
 * a timeout: a timer ends the call with EINTR at the deadline. Ticks before that would cost the
 * place in the queue, so there are none; after it they go on, because a signal that comes just
 * before the call begins ends nothing.
 */
#include "libuadm/ops/turns.h"

#include "libuadm/base/cleanup.h"
#include "libuadm/base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

enum { TICK_MS = 20, FIRST_PAUSE_US = 1000 };

struct bound {
	bool set;
	timer_t timer;
	struct sigaction action; /* what was there before */
	sigset_t mask;
};

static void
on_alarm(int sig)
{
	(void)sig; /* to have been interrupted is all */
}

static void
bound_done(struct bound *b)
{
	if (!b->set)
		return;
	timer_delete(b->timer);
	sigaction(SIGALRM, &b->action, NULL);
	sigprocmask(SIG_SETMASK, &b->mask, NULL);
	b->set = false;
}

static bool
bound_begin(struct bound *b, int64_t deadline)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
		.sigev_signo = SIGALRM };
	const struct itimerspec when = {
		.it_value = { deadline / 1000, deadline % 1000 * 1000000L },
		.it_interval = { 0, TICK_MS * 1000000L },
	};
	struct sigaction action = { .sa_handler = on_alarm }; /* no SA_RESTART */
	sigset_t unblocked;

	if (timer_create(CLOCK_BOOTTIME, &event, &b->timer) != 0)
		return false;
	sigemptyset(&unblocked);
	sigaddset(&unblocked, SIGALRM);
	b->set = sigaction(SIGALRM, &action, &b->action) == 0 &&
	    sigprocmask(SIG_UNBLOCK, &unblocked, &b->mask) == 0;
	if (b->set && timer_settime(b->timer, TIMER_ABSTIME, &when, NULL) == 0)
		return true;
	if (b->set)
		bound_done(b);
	else
		timer_delete(b->timer);
	return false;
}

static enum uadm_code
wait_locked(int fd, const char *name, int64_t deadline, struct uadm_err *err)
{
	CLEANUP(bound_done) struct bound bound = { .set = false };

	if (flock(fd, LOCK_EX | LOCK_NB) == 0) /* nobody waits, as a rule */
		return UADM_OK;
	if (errno != EWOULDBLOCK)
		return uadm_fail(err, UADM_UNAVAILABLE, "cannot lock %s: %m", name);
	if (clock_boot_ms() < deadline && !bound_begin(&bound, deadline))
		return uadm_fail(err, UADM_UNAVAILABLE, "cannot set a timer: %m");
	while (clock_boot_ms() < deadline) {
		if (flock(fd, LOCK_EX) == 0)
			return UADM_OK;
		if (errno != EINTR)
			return uadm_fail(
			    err, UADM_UNAVAILABLE, "cannot wait at %s: %m", name);
	}
	return uadm_fail(
	    err, UADM_BUSY, "too many passwords are being checked at once");
}

enum uadm_code
turn_wait(int dir, const char *name, int64_t deadline, int *fd, struct uadm_err *err)
{
	enum uadm_code c;

	*fd = openat(dir, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (*fd < 0)
		return uadm_fail(err, UADM_UNAVAILABLE, "cannot open %s: %m", name);
	if ((c = wait_locked(*fd, name, deadline, err)) != UADM_OK) {
		close(*fd);
		*fd = -1;
	}
	return c;
}

void
turn_pause(unsigned tries, unsigned most_ms)
{
	uint64_t most = (uint64_t)most_ms * 1000, us = FIRST_PAUSE_US;
	struct timespec now = { 0 }, pause;

	for (; tries > 0 && us < most; tries--)
		us += us / 2;
	us = us < most ? us : most;
	/* A quarter more or less: those who began together shall not go on together. */
	clock_gettime(CLOCK_MONOTONIC, &now);
	us = us * 3 / 4 + (uint64_t)(now.tv_nsec / 1000 + getpid()) % (us / 2 + 1);
	pause =
	    (struct timespec){ (time_t)(us / 1000000), (long)(us % 1000000) * 1000 };
	nanosleep(&pause, NULL);
}
