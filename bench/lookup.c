/*
 * lookup.c - what a lookup costs in each of several NSS modules, side by side.
 *
 *	lookup [-e] [-t THREADS] [-w SECONDS] USERS FIRST_UID GROUPS_EACH MODULE...
 *
 * Calls each module's functions as glibc does, in random order over user0..userUSERS-1, after
 * looking whether it gives the right answer. The rounds of the modules alternate, so that a
 * machine that slows down slows them all. A line for each: case, module, median and best
 * nanoseconds a call, rounds, calls a round, names it was asked for. A module that is slow is
 * called less often, and who takes seconds only once. Run by bench/measure.py.
 *
 * "files" is the one inside libc. "libc" is no module but libc itself, with nsswitch.conf and
 * nscd and whatever else the caller of getpwnam_r(3) has in between.
 *
 *	-e	enumeration instead: nanoseconds an entry; no numbers where not all were given
 *	-t	so many threads at once: wall time by the calls of all of them
 *	-w	for a cache: asks for as many names as it can in so many seconds, and then measures
 *		with those only
 */
#include <dlfcn.h>
#include <errno.h>
#include <grp.h>
#include <nss.h>
#include <pthread.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 9, NAMES = 200000, MODULES_MOST = 8, THREADS_MOST = 64 };
enum { BUFFER = 1 << 20 }; /* for a group with all its members */

#define ROUND_NS  60e6 /* so long is a round about */
#define BUDGET_NS 3e9  /* all rounds of a module, where one call leaves a choice */
#define WALK_NS   15e9 /* an enumeration is given up */

struct module {
	const char *name;
	enum nss_status (*getpwnam)(
	    const char *, struct passwd *, char *, size_t, int *);
	enum nss_status (*getpwuid)(uid_t, struct passwd *, char *, size_t, int *);
	enum nss_status (*initgroups)(
	    const char *, gid_t, long *, long *, gid_t **, long, int *);
	enum nss_status (*setpwent)(int);
	enum nss_status (*getpwent)(struct passwd *, char *, size_t, int *);
	enum nss_status (*endpwent)(void);
	enum nss_status (*setgrent)(int);
	enum nss_status (*getgrent)(struct group *, char *, size_t, int *);
	enum nss_status (*endgrent)(void);
};

typedef void call_fn(const struct module *, size_t);

/* NAMES users at random, in the order of the calls: what the caller reads is in its cache. */
static unsigned users, first_uid, groups_each;
static unsigned number[NAMES];
static char name[NAMES][16], stranger[NAMES][16];

static size_t threads = 1;
static double warm_ns;

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

/* libc in the form of a module. */

static enum nss_status
libc_status(int error, const void *found)
{
	if (found != NULL)
		return NSS_STATUS_SUCCESS;
	return error == 0 || error == ENOENT ? NSS_STATUS_NOTFOUND : NSS_STATUS_UNAVAIL;
}

static enum nss_status
libc_getpwnam(const char *user, struct passwd *pw, char *buf, size_t size, int *errnop)
{
	struct passwd *found;

	*errnop = getpwnam_r(user, pw, buf, size, &found);
	return libc_status(*errnop, found);
}

static enum nss_status
libc_getpwuid(uid_t uid, struct passwd *pw, char *buf, size_t size, int *errnop)
{
	struct passwd *found;

	*errnop = getpwuid_r(uid, pw, buf, size, &found);
	return libc_status(*errnop, found);
}

/* getgrouplist(3) gives the user's own group too, which a module leaves to its caller. */
static enum nss_status
libc_initgroups(const char *user, gid_t own, long *used, long *size, gid_t **list,
    long limit, int *errnop)
{
	int count = (int)*size;

	(void)limit;
	*errnop = 0;
	if (getgrouplist(user, own, *list, &count) < 0)
		return NSS_STATUS_UNAVAIL;
	*used = count - 1;
	return NSS_STATUS_SUCCESS;
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
	if (strcmp(called, "libc") == 0) {
		m->getpwnam = libc_getpwnam;
		m->getpwuid = libc_getpwuid;
		m->initgroups = libc_initgroups;
		return;
	}
	snprintf(path, sizeof(path), "libnss_%s.so.2", called);
	if (strcmp(called, "files") != 0 && (h = dlopen(path, RTLD_NOW)) == NULL)
		die(m, dlerror());
	*(void **)&m->getpwnam = symbol(h, m, "getpwnam_r");
	*(void **)&m->getpwuid = symbol(h, m, "getpwuid_r");
	*(void **)&m->initgroups = symbol(h, m, "initgroups_dyn");
	*(void **)&m->setpwent = symbol(h, m, "setpwent");
	*(void **)&m->getpwent = symbol(h, m, "getpwent_r");
	*(void **)&m->endpwent = symbol(h, m, "endpwent");
	*(void **)&m->setgrent = symbol(h, m, "setgrent");
	*(void **)&m->getgrent = symbol(h, m, "getgrent_r");
	*(void **)&m->endgrent = symbol(h, m, "endgrent");
	if (m->getpwnam == NULL || m->getpwuid == NULL ||
	    (m->initgroups == NULL &&
		(m->setgrent == NULL || m->getgrent == NULL || m->endgrent == NULL)))
		die(m, "is no module that looks up users");
}

/* The calls that are measured. */

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

/* What glibc does for a module that has no initgroups_dyn: it reads every group there is. Of
 * such a walk a process has one, so threads cannot do it at once. */
static unsigned
scan_groups(const struct module *m, const char *user)
{
	static char buf[BUFFER];
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
	static _Thread_local gid_t *list;
	static _Thread_local long size = 64;
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

/* Rounds of calls. */

struct contender {
	const struct module *m;
	call_fn *call;
	size_t names, calls; /* how many of the names are asked for; calls a round */
	double first_ns;     /* of one call, while the calls were counted */
	int rounds;
	double ns[ROUNDS];
};

struct share {
	const struct contender *c;
	size_t from, calls;
	pthread_barrier_t *start;
};

static void
share_do(const struct share *s)
{
	for (size_t i = 0; i < s->calls; i++)
		s->c->call(s->c->m, (s->from + i) % s->c->names);
}

static void *
thread_main(void *share)
{
	struct share *s = share;

	pthread_barrier_wait(s->start);
	share_do(s);
	return NULL;
}

static double
threads_ns(const struct contender *c, size_t calls, size_t from)
{
	pthread_t thread[THREADS_MOST];
	struct share share[THREADS_MOST];
	pthread_barrier_t start;
	double begin;

	pthread_barrier_init(&start, NULL, (unsigned)threads + 1);
	for (size_t t = 0; t < threads; t++) {
		share[t] = (struct share){ c, from + t * calls / threads,
			calls / threads, &start };
		if (pthread_create(&thread[t], NULL, thread_main, &share[t]) != 0)
			die(c->m, "no thread");
	}
	/* Before the barrier lets them go: they could be through before this one runs again. */
	begin = now_ns();
	pthread_barrier_wait(&start);
	for (size_t t = 0; t < threads; t++)
		pthread_join(thread[t], NULL);
	pthread_barrier_destroy(&start);
	return now_ns() - begin;
}

static double
round_ns(const struct contender *c, size_t calls, size_t from)
{
	struct share all = { c, from, calls, NULL };
	double begin = now_ns();

	if (threads > 1)
		return threads_ns(c, calls, from);
	share_do(&all);
	return now_ns() - begin;
}

/* Ask a cache for what it will be asked for. */
static void
warm(struct contender *c)
{
	double begin = now_ns();
	size_t i = 0;

	while (i < c->names && (i == 0 || now_ns() - begin < warm_ns))
		c->call(c->m, i++);
	c->names = i;
}

/* How many calls make a round, and how many rounds there are; by the way the caches are warmed. */
static void
calibrate(struct contender *c)
{
	double took;

	for (c->calls = threads;; c->calls *= 2) {
		took = round_ns(c, c->calls, 0);
		if (took >= ROUND_NS / 2 || c->calls >= NAMES)
			break;
	}
	if (c->calls > NAMES)
		c->calls = NAMES / threads * threads;
	c->first_ns = took / (double)c->calls;
	c->rounds = took * ROUNDS <= BUDGET_NS ? ROUNDS : (int)(BUDGET_NS / took);
}

static int
by_value(const void *a, const void *z)
{
	double x = *(const double *)a, y = *(const double *)z;

	return (x > y) - (x < y);
}

static void
print_median(const char *what, const char *who, double *ns, int rounds, size_t calls,
    size_t names)
{
	qsort(ns, (size_t)rounds, sizeof(*ns), by_value);
	printf("%s\t%s\t%.1f\t%.1f\t%d\t%zu\t%zu\n", what, who, ns[rounds / 2], ns[0],
	    rounds, calls, names);
	fflush(stdout);
}

static void
print_nothing(const char *what, const char *who, const char *why)
{
	printf("%s\t%s\t\t\t0\t0\t%s\n", what, who, why);
	fflush(stdout);
}

static void
contender_print(struct contender *c, const char *what)
{
	if (c->rounds == 0) { /* so slow that the first says all there is to say */
		c->rounds = 1;
		c->ns[0] = c->first_ns;
	}
	print_median(what, c->m->name, c->ns, c->rounds, c->calls, c->names);
}

static void
measure(const char *what, call_fn *call, const struct module *modules, size_t count)
{
	struct contender c[MODULES_MOST];
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		if (threads > 1 && call == call_initgroups &&
		    modules[i].initgroups == NULL) {
			print_nothing(what, modules[i].name, "one walk a process");
			continue;
		}
		c[n] = (struct contender){ &modules[i], call, NAMES, 0, 0, 0, { 0 } };
		if (warm_ns > 0)
			warm(&c[n]);
		calibrate(&c[n++]);
	}
	for (int r = 0; r < ROUNDS; r++)
		for (size_t i = 0; i < n; i++)
			if (r < c[i].rounds)
				c[i].ns[r] = round_ns(&c[i], c[i].calls,
						 (size_t)r * c[i].calls) /
				    (double)c[i].calls;
	for (size_t i = 0; i < n; i++)
		contender_print(&c[i], what);
}

/* Enumeration. */

struct walk {
	size_t entries, ours;
	double ns;
	bool whole;
};

static bool
walk_entry(struct walk *w, double begin, unsigned id)
{
	w->entries++;
	w->ours += id - first_uid < users;
	w->ns = now_ns() - begin;
	return w->ns < WALK_NS;
}

static struct walk
walk_users(const struct module *m)
{
	static char buf[BUFFER];
	struct walk w = { 0 };
	double begin = now_ns();
	struct passwd pw;
	int error;

	m->setpwent(0);
	while (m->getpwent(&pw, buf, sizeof(buf), &error) == NSS_STATUS_SUCCESS &&
	    walk_entry(&w, begin, pw.pw_uid))
		;
	m->endpwent();
	return w;
}

static struct walk
walk_groups(const struct module *m)
{
	static char buf[BUFFER];
	struct walk w = { 0 };
	double begin = now_ns();
	struct group gr;
	int error;

	m->setgrent(0);
	while (m->getgrent(&gr, buf, sizeof(buf), &error) == NSS_STATUS_SUCCESS &&
	    walk_entry(&w, begin, gr.gr_gid))
		;
	m->endgrent();
	return w;
}

static void
enumerate(const char *what, struct walk (*walk)(const struct module *),
    const struct module *m)
{
	double ns[ROUNDS], all = 0;
	struct walk w = { 0 };
	int rounds = 0;

	while (rounds < ROUNDS && (rounds == 0 || all + w.ns < BUDGET_NS)) {
		w = walk(m);
		if (w.ns >= WALK_NS || w.ours != users) {
			print_nothing(what, m->name,
			    w.ns >= WALK_NS ? "longer than 15 s" : "does not give all");
			return;
		}
		ns[rounds++] = w.ns / (double)w.entries;
		all += w.ns;
	}
	print_median(what, m->name, ns, rounds, w.entries, w.entries);
}

static void
enumerate_all(const struct module *modules, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (modules[i].getpwent != NULL)
			enumerate("getpwent", walk_users, &modules[i]);
		else
			print_nothing("getpwent", modules[i].name, "has none");
	for (size_t i = 0; i < count; i++)
		if (modules[i].getgrent != NULL)
			enumerate("getgrent", walk_groups, &modules[i]);
		else
			print_nothing("getgrent", modules[i].name, "has none");
}

static void
measure_all(const struct module *modules, size_t count)
{
	measure("getpwnam", call_getpwnam, modules, count);
	measure("getpwuid", call_getpwuid, modules, count);
	measure("miss", call_miss, modules, count);
	measure("initgroups", call_initgroups, modules, count);
}

int
main(int argc, char **argv)
{
	static struct module modules[MODULES_MOST];
	bool walks = false;
	size_t count;
	int option;

	while ((option = getopt(argc, argv, "+et:w:")) != -1)
		if (option == 'e')
			walks = true;
		else if (option == 't')
			threads = strtoul(optarg, NULL, 10);
		else if (option == 'w')
			warm_ns = strtod(optarg, NULL) * 1e9;
		else
			return 64;
	argv += optind;
	count = argc - optind > 3 ? (size_t)(argc - optind) - 3 : 0;
	users = count > 0 ? (unsigned)strtoul(argv[0], NULL, 10) : 0;
	if (users == 0 || count > MODULES_MOST || threads == 0 ||
	    threads > THREADS_MOST)
		die(NULL,
		    "usage: lookup [-e] [-t THREADS] [-w SECONDS] USERS "
		    "FIRST_UID GROUPS_EACH MODULE...");
	first_uid = (unsigned)strtoul(argv[1], NULL, 10);
	groups_each = (unsigned)strtoul(argv[2], NULL, 10);
	for (size_t i = 0; i < NAMES; i++) {
		number[i] = (unsigned)random() % users;
		snprintf(name[i], sizeof(name[i]), "user%u", number[i]);
		snprintf(stranger[i], sizeof(stranger[i]), "nouser%u", (unsigned)i);
	}
	for (size_t i = 0; i < count; i++)
		module_load(&modules[i], argv[3 + i]);
	(walks ? enumerate_all : measure_all)(modules, count);
	return 0;
}
