/*
 * host_run.c - see host_run.h.
 *
 * Threat: root runs a script in an environment that the caller chose (PATH, PERL5LIB, DEBCONF_*,
 * a debconf socket on descriptor 3), or waits for ever for an answer that nobody gives.
 */
#include "libuadm/ops/host_run.h"

#include "libuadm/base/apart.h"
#include "libuadm/base/clock.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>

enum {
	RUN_MS = 60 * 1000,
};

/* Hear it out until it ends or its time is up; what does not fit is thrown away. */
static bool
listen_to(int fd, char *said, size_t size)
{
	int64_t deadline = clock_boot_ms() + RUN_MS;
	size_t used = 0;
	char more[1024];
	ssize_t n;

	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		int64_t left = deadline - clock_boot_ms();

		if (left <= 0)
			return false;
		if (poll(&p, 1, (int)left) <= 0)
			continue;
		if ((n = read(fd, more, sizeof(more))) <= 0)
			break;
		if ((size_t)n > size - 1 - used)
			n = (ssize_t)(size - 1 - used);
		memcpy(said + used, more, (size_t)n);
		used += (size_t)n;
		said[used] = '\0';
	}
	return true;
}

enum uadm_code
host_run(char *const argv[], char *const env[], char *said, size_t size,
    struct uadm_err *err)
{
	CLEANUP(cleanup_fd) int from = -1;
	int ends[2], status = 0;
	bool ended;
	pid_t pid;

	said[0] = '\0';
	if (pipe2(ends, O_CLOEXEC) != 0)
		return uadm_fail(err, UADM_UNAVAILABLE, "no pipe: %m");
	from = ends[0];
	errno = apart_spawn(argv, env, -1, ends[1], &pid);
	close(ends[1]);
	if (errno != 0)
		return uadm_fail(err, UADM_UNAVAILABLE, "cannot run %s: %m", argv[0]);
	if (!(ended = listen_to(from, said, size)))
		kill(-pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!ended)
		return uadm_fail(
		    err, UADM_UNAVAILABLE, "%s did not come to an end", argv[0]);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return uadm_fail(
		    err, UADM_UNAVAILABLE, "%s failed: %.300s", argv[0], said);
	return UADM_OK;
}

void
host_run_one_line(char *said)
{
	char *to = said;

	for (const char *p = said; *p != '\0'; p++)
		if (!isspace((unsigned char)*p))
			*to++ = isprint((unsigned char)*p) ? *p : '?';
		else if (to > said && to[-1] != ' ')
			*to++ = ' ';
	while (to > said && to[-1] == ' ')
		to--;
	*to = '\0';
}
