/*
 * lookup.c - what a lookup costs in each of several NSS modules, side by side.
 *
 *	lookup USERS FIRST_UID GROUPS_EACH MODULE...
 *
 * Calls each module's functions as glibc does, in random order over user0..userUSERS-1, after
 * looking whether it gives the right answer. The rounds of the modules alternate, so that a
 * machine that slows down slows them all. A line for each: case, module, median and best
 * nanoseconds a call, rounds, calls a round. A module that is slow is called less often.
 * "files" is the one inside libc. Run by bench/measure.py.
 */
#include <dlfcn.h>
#include <errno.h>
#include <grp.h>
#include <nss.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 9, NAMES = 200000, MODULES_MOST = 8, ROUND_NS = 60000000 };

struct module {
	const char *name;
	enum nss_status (*getpwnam)(
	    const char *, struct passwd *, char *, size_t, int *);
	enum nss_status (*getpwuid)(uid_t, struct passwd *, char *, size_t, int *);
	enum nss_status (*initgroups)(
	    const char *, gid_t, long *, long *, gid_t **, long, int *);
	enum nss_status (*setgrent)(int);
	enum nss_status (*getgrent)(struct group *, char *, size_t, int *);
	enum nss_status (*endgrent)(void);
};

/* NAMES users at random, in the order of the calls: what the caller reads is in its cache. */
static unsigned users, first_uid, groups_each;
static unsigned number[NAMES];
static char name[NAMES][16], stranger[NAMES][16];

static double
now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static void
die(const struct module *m, const char *what)
{
	fprintf(stderr, "lookup: %s: %s\n", m == NULL ? "" : m->name, what);
	exit(1);
}

static void *
symbol(void *handle, const struct module *m, const char *function)
{
	char text[80];

	snprintf(text, sizeof(text), "_nss_%s_%s", m->name, function);
	return dlsym(handle, text);
}

static void
module_load(struct module *m, const char *called)
{
	char path[80];
	void *h = RTLD_DEFAULT;

	m->name = called;
	snprintf(path, sizeof(path), "libnss_%s.so.2", called);
	if (strcmp(called, "files") != 0 && (h = dlopen(path, RTLD_NOW)) == NULL)
		die(m, dlerror());
	*(void **)&m->getpwnam = symbol(h, m, "getpwnam_r");
	*(void **)&m->getpwuid = symbol(h, m, "getpwuid_r");
	*(void **)&m->initgroups = symbol(h, m, "initgroups_dyn");
	*(void **)&m->setgrent = symbol(h, m, "setgrent");
	*(void **)&m->getgrent = symbol(h, m, "getgrent_r");
	*(void **)&m->endgrent = symbol(h, m, "endgrent");
	if (m->getpwnam == NULL || m->getpwuid == NULL ||
	    (m->initgroups == NULL &&
		(m->setgrent == NULL || m->getgrent == NULL || m->endgrent == NULL)))
		die(m, "is no module that looks up users");
}

static void
call_getpwnam(const struct module *m, size_t i)
{
	struct passwd pw;
	char buf[1024];
	int error;

	if (m->getpwnam(name[i], &pw, buf, sizeof(buf), &error) != NSS_STATUS_SUCCESS ||
	    pw.pw_uid != first_uid + number[i])
		die(m, "getpwnam_r gives a wrong answer");
}

static void
call_miss(const struct module *m, size_t i)
{
	struct passwd pw;
	char buf[1024];
	int error;

	if (m->getpwnam(stranger[i], &pw, buf, sizeof(buf), &error) !=
	    NSS_STATUS_NOTFOUND)
		die(m, "getpwnam_r knows a stranger");
}

static void
call_getpwuid(const struct module *m, size_t i)
{
	struct passwd pw;
	char buf[1024];
	int error;

	if (m->getpwuid(first_uid + number[i], &pw, buf, sizeof(buf), &error) !=
		NSS_STATUS_SUCCESS ||
	    strcmp(pw.pw_name, name[i]) != 0)
		die(m, "getpwuid_r gives a wrong answer");
}

/* What glibc does for a module that has no initgroups_dyn: it reads every group there is. */
static unsigned
scan_groups(const struct module *m, const char *user)
{
	static char buf[1 << 20];
	struct group gr;
	unsigned found = 0;
	int error;

	m->setgrent(0);
	while (m->getgrent(&gr, buf, sizeof(buf), &error) == NSS_STATUS_SUCCESS)
		for (char **who = gr.gr_mem; *who != NULL; who++)
			if (strcmp(*who, user) == 0) {
				found++;
				break;
			}
	m->endgrent();
	return found;
}

static void
call_initgroups(const struct module *m, size_t i)
{
	static gid_t *list;
	static long size = 64;
	long used = 0;
	int error;

	if (list == NULL && (list = calloc((size_t)size, sizeof(*list))) == NULL)
		die(m, "out of memory");
	if (m->initgroups == NULL)
		used = scan_groups(m, name[i]);
	else if (m->initgroups(name[i], first_uid + number[i], &used, &size, &list, 0,
		     &error) != NSS_STATUS_SUCCESS)
		die(m, "initgroups_dyn fails");
	if (used != (long)groups_each)
		die(m, "initgroups gives a wrong answer");
}

static double
round_ns(const struct module *m, void (*call)(const struct module *, size_t),
    size_t calls, size_t from)
{
	double begin = now_ns();

	for (size_t i = 0; i < calls; i++)
		call(m, (from + i) % NAMES);
	return now_ns() - begin;
}

/* How many calls make a round; by the way the caches are warmed. */
static size_t
calibrate(const struct module *m, void (*call)(const struct module *, size_t))
{
	size_t calls = 1;

	while (calls < NAMES && round_ns(m, call, calls, 0) < ROUND_NS / 2.0)
		calls *= 2;
	return calls < NAMES ? calls : NAMES;
}

static int
by_value(const void *a, const void *z)
{
	double x = *(const double *)a, y = *(const double *)z;

	return (x > y) - (x < y);
}

static void
measure(const char *what, void (*call)(const struct module *, size_t),
    const struct module *modules, size_t count)
{
	double ns[MODULES_MOST][ROUNDS];
	size_t calls[MODULES_MOST];

	for (size_t i = 0; i < count; i++)
		calls[i] = calibrate(&modules[i], call);
	for (size_t r = 0; r < ROUNDS; r++)
		for (size_t i = 0; i < count; i++)
			ns[i][r] = round_ns(&modules[i], call, calls[i], r * calls[i]) /
			    (double)calls[i];
	for (size_t i = 0; i < count; i++) {
		qsort(ns[i], ROUNDS, sizeof(ns[i][0]), by_value);
		printf("%s\t%s\t%.1f\t%.1f\t%d\t%zu\n", what, modules[i].name,
		    ns[i][ROUNDS / 2], ns[i][0], ROUNDS, calls[i]);
	}
	fflush(stdout);
}

int
main(int argc, char **argv)
{
	static struct module modules[MODULES_MOST];
	size_t count = argc > 4 ? (size_t)argc - 4 : 0;

	users = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 0;
	if (users == 0 || count == 0 || count > MODULES_MOST)
		die(NULL, "usage: lookup USERS FIRST_UID GROUPS_EACH MODULE...");
	first_uid = (unsigned)strtoul(argv[2], NULL, 10);
	groups_each = (unsigned)strtoul(argv[3], NULL, 10);
	for (size_t i = 0; i < NAMES; i++) {
		number[i] = (unsigned)random() % users;
		snprintf(name[i], sizeof(name[i]), "user%u", number[i]);
		snprintf(stranger[i], sizeof(stranger[i]), "nouser%u", (unsigned)i);
	}
	for (size_t i = 0; i < count; i++)
		module_load(&modules[i], argv[4 + i]);
	measure("getpwnam", call_getpwnam, modules, count);
	measure("getpwuid", call_getpwuid, modules, count);
	measure("miss", call_miss, modules, count);
	measure("initgroups", call_initgroups, modules, count);
	return 0;
}
