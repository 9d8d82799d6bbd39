/*
 * memory.c - what memory of its own a process gets from looking up users.
 *
 *	memory SOURCE USERS	two lines, in KiB: added by one getpwnam with "passwd: SOURCE", and
 *				by 100,000 more, or as many as half a second allows, at random
 *	memory SOURCE USERS -	does those lookups, says so, and stays until its input ends: with
 *				that beside it, what two processes can share counts as shared
 *
 * Private is what /proc/self/smaps_rollup calls so, clean and dirty.
 */
#include <fcntl.h>
#include <nss.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MANY = 100000, MANY_MS = 500 };

static double
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static long
field(const char *text, const char *key)
{
	const char *at = strstr(text, key);

	return at == NULL ? 0 : strtol(at + strlen(key), NULL, 10);
}

static long
private_kib(void)
{
	static char text[4096];
	int fd = open("/proc/self/smaps_rollup", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (n <= 0)
		exit(2);
	close(fd);
	text[n] = '\0';
	return field(text, "Private_Clean:") + field(text, "Private_Dirty:");
}

static void
ask(unsigned user)
{
	static char buf[1024];
	struct passwd pw, *found;
	char name[16];

	snprintf(name, sizeof(name), "user%u", user);
	getpwnam_r(name, &pw, buf, sizeof(buf), &found);
}

static void
ask_many(unsigned users)
{
	double begin = now_ms();

	for (int i = 0; i < MANY && now_ms() - begin < MANY_MS; i++)
		ask((unsigned)random() % users);
}

int
main(int argc, char **argv)
{
	unsigned users = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;
	long before, one, many;
	char c;

	if (users == 0 || __nss_configure_lookup("passwd", argv[1]) != 0)
		return 64;
	if (argc > 3) {
		ask_many(users);
		if (write(1, "\n", 1) != 1)
			return 1;
		return read(0, &c, 1) != 0;
	}
	private_kib(); /* what it takes itself */
	before = private_kib();
	ask((unsigned)random() % users);
	one = private_kib();
	ask_many(users);
	many = private_kib();
	printf("%ld\n%ld\n", one - before, many - before);
	return 0;
}
