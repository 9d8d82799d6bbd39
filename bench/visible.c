/*
 * visible.c - how long until a running process sees a change.
 *
 *	visible SOURCE NAME GECOS COMMAND...
 *
 * Starts COMMAND and asks for NAME, with "passwd: SOURCE", until the gecos begins with GECOS.
 * Prints the milliseconds from the start of the command until then.
 */
#include <fcntl.h>
#include <nss.h>
#include <pwd.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

enum { LONGEST_MS = 60000 };

extern char **environ;

static double
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static bool
seen(const char *name, const char *gecos)
{
	struct passwd pw, *found;
	char buf[1024];

	return getpwnam_r(name, &pw, buf, sizeof(buf), &found) == 0 && found != NULL &&
	    strncmp(pw.pw_gecos, gecos, strlen(gecos)) == 0;
}

int
main(int argc, char **argv)
{
	posix_spawn_file_actions_t quiet;
	double begin, ms = 0;
	int status;
	pid_t pid;

	if (argc < 5 || __nss_configure_lookup("passwd", argv[1]) != 0)
		return 64;
	if (seen(argv[2], argv[3]))
		return 2; /* before anybody changed it */
	posix_spawn_file_actions_init(&quiet);
	posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0);
	begin = now_ms();
	if (posix_spawnp(&pid, argv[4], &quiet, NULL, argv + 4, environ) != 0)
		return 3;
	while (!seen(argv[2], argv[3]) && (ms = now_ms() - begin) < LONGEST_MS)
		;
	ms = now_ms() - begin;
	if (waitpid(pid, &status, 0) != pid || status != 0 || ms >= LONGEST_MS)
		return 1;
	printf("%.3f\n", ms);
	return 0;
}
