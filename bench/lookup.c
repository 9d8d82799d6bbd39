/*
 * lookup.c - what a lookup and a publish cost at N users in five groups each.
 *
 *	make build/test/libuadm.a build/test/libnss_uadm.so.2 build/tobj/bench/lookup.o
 *	cc -o build/bench-lookup build/tobj/bench/lookup.o build/test/libuadm.a -ldl
 *	build/bench-lookup 1000 100000 1000000
 *
 * It calls the module's functions as glibc does, in random order over all users, and prints
 * nanoseconds a call: the median of several rounds, the machine's other work being noise.
 * Everything happens below the test build's root.
 */
#include "libuadm/base/error.h"
#include "libuadm/base/paths.h"
#include "libuadm/directory/writer.h"

#include <dlfcn.h>
#include <nss.h>
#include <pwd.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

enum {
	ROUNDS = 9,
	CALLS = 200000,
	GROUPS_EACH = 5,
	GROUP_SIZE = 100,
	FIRST_ID = 100000
};

#define MODULE UADM_TEST_ROOT "/../libnss_uadm.so.2"

static struct {
	enum nss_status (*getpwnam)(
	    const char *, struct passwd *, char *, size_t, int *);
	enum nss_status (*getpwuid)(uid_t, struct passwd *, char *, size_t, int *);
	enum nss_status (*initgroups)(
	    const char *, gid_t, long *, long *, gid_t **, long, int *);
} nss;

/* CALLS users at random, in the order of the calls: what the caller reads is in its cache. */
struct work {
	unsigned *users;
	char (*names)[16];
	char (*strangers)[16];
};

static double
now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static void
die(const char *what)
{
	fprintf(stderr, "bench: %s\n", what);
	exit(1);
}

static void
check(enum uadm_code c, const struct uadm_err *err)
{
	if (c != UADM_OK)
		die(err->msg);
}

static void *
symbol(void *module, const char *name)
{
	void *f = dlsym(module, name);

	if (f == NULL)
		die(dlerror());
	return f;
}

static void
module_load(void)
{
	void *m = dlopen(MODULE, RTLD_NOW);

	if (m == NULL)
		die(dlerror());
	*(void **)&nss.getpwnam = symbol(m, "_nss_uadm_getpwnam_r");
	*(void **)&nss.getpwuid = symbol(m, "_nss_uadm_getpwuid_r");
	*(void **)&nss.initgroups = symbol(m, "_nss_uadm_initgroups_dyn");
}

static void
collect(struct directory_writer *w, unsigned users)
{
	unsigned groups = users * GROUPS_EACH / GROUP_SIZE + GROUPS_EACH;
	char name[16], gecos[32], home[32];
	struct uadm_err err;

	for (unsigned i = 0; i < users; i++) {
		snprintf(name, sizeof(name), "user%u", i);
		snprintf(gecos, sizeof(gecos), "Given Surname %u", i);
		snprintf(home, sizeof(home), "/home/%s", name);
		check(directory_add_user(w,
			  &(struct directory_user){ .name = name,
			      .uid = FIRST_ID + i,
			      .gecos = gecos,
			      .home = home,
			      .shell = "/bin/bash" },
			  &err),
		    &err);
	}
	for (unsigned i = 0; i < groups; i++) {
		snprintf(name, sizeof(name), "group%u", i);
		check(directory_add_group(w, name, FIRST_ID + users + i, &err), &err);
	}
	for (unsigned i = 0; i < users; i++)
		for (unsigned g = 0; g < GROUPS_EACH; g++)
			check(directory_add_member(w,
				  FIRST_ID + users + (i * 7919u + g) % groups,
				  FIRST_ID + i, &err),
			    &err);
}

static void
publish(unsigned users)
{
	uint64_t generation = 0;
	CLEANUP(directory_writer_free) struct directory_writer *w = NULL;
	CLEANUP(cleanup_fd) int lock = -1;
	struct uadm_err err;
	double from, collected;

	check(directory_lock(UADM_DIRECTORY_DIR, geteuid(), &lock, &err), &err);
	if (directory_generation(UADM_DIRECTORY_DIR, geteuid(), &generation, &err) !=
	    UADM_OK)
		generation = 0;
	check(directory_writer_new(&w, &err), &err);
	from = now_ns();
	collect(w, users);
	collected = now_ns();
	check(directory_publish(w, UADM_DIRECTORY_DIR, geteuid(), generation + 1, &err),
	    &err);
	printf("%9u users: collect %.0f ms, publish %.0f ms\n", users,
	    (collected - from) / 1e6, (now_ns() - collected) / 1e6);
}

static void
run_getpwnam(const struct work *k)
{
	struct passwd pw;
	char buf[512];
	int error;

	for (unsigned i = 0; i < CALLS; i++)
		if (nss.getpwnam(k->names[i], &pw, buf, sizeof(buf), &error) !=
			NSS_STATUS_SUCCESS ||
		    pw.pw_uid != FIRST_ID + k->users[i])
			die("getpwnam");
}

static void
run_miss(const struct work *k)
{
	struct passwd pw;
	char buf[512];
	int error;

	for (unsigned i = 0; i < CALLS; i++)
		if (nss.getpwnam(k->strangers[i], &pw, buf, sizeof(buf), &error) !=
		    NSS_STATUS_NOTFOUND)
			die("getpwnam of a stranger");
}

static void
run_getpwuid(const struct work *k)
{
	struct passwd pw;
	char buf[512];
	int error;

	for (unsigned i = 0; i < CALLS; i++)
		if (nss.getpwuid(FIRST_ID + k->users[i], &pw, buf, sizeof(buf),
			&error) != NSS_STATUS_SUCCESS)
			die("getpwuid");
}

static void
run_initgroups(const struct work *k)
{
	long size = 64;
	gid_t *list = calloc((size_t)size, sizeof(*list));
	int error;

	for (unsigned i = 0; i < CALLS; i++) {
		long used = 0;

		if (nss.initgroups(k->names[i], FIRST_ID + k->users[i], &used, &size,
			&list, 0, &error) != NSS_STATUS_SUCCESS ||
		    used != GROUPS_EACH)
			die("initgroups");
	}
	free(list);
}

static int
by_value(const void *a, const void *z)
{
	double x = *(const double *)a, y = *(const double *)z;

	return (x > y) - (x < y);
}

static void
measure(const char *what, void (*run)(const struct work *), const struct work *k)
{
	double ns[ROUNDS];

	run(k); /* warm */
	for (int i = 0; i < ROUNDS; i++) {
		double from = now_ns();

		run(k);
		ns[i] = (now_ns() - from) / CALLS;
	}
	qsort(ns, ROUNDS, sizeof(ns[0]), by_value);
	printf("  %-22s %6.0f ns  (best %.0f)\n", what, ns[ROUNDS / 2], ns[0]);
}

/* The first lookup of a process: open, map, fault pages in. */
static void
measure_first(const struct work *k)
{
	enum { CHILDREN = 51 };
	double *ns = mmap(NULL, CHILDREN * sizeof(*ns), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct passwd pw;
	char buf[512];
	int error;

	if (ns == MAP_FAILED)
		die("out of memory");
	for (int i = 0; i < CHILDREN; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			double from = now_ns();

			nss.getpwnam(k->names[i], &pw, buf, sizeof(buf), &error);
			ns[i] = now_ns() - from;
			_exit(0);
		}
		waitpid(pid, NULL, 0);
	}
	qsort(ns, CHILDREN, sizeof(*ns), by_value);
	printf("  %-22s %6.0f ns  (best %.0f)\n", "first of a process",
	    ns[CHILDREN / 2], ns[0]);
	munmap(ns, CHILDREN * sizeof(*ns));
}

static void
work_prepare(struct work *k, unsigned users)
{
	k->users = calloc(CALLS, sizeof(*k->users));
	k->names = calloc(CALLS, sizeof(*k->names));
	k->strangers = calloc(CALLS, sizeof(*k->strangers));
	if (k->users == NULL || k->names == NULL || k->strangers == NULL)
		die("out of memory");
	for (unsigned i = 0; i < CALLS; i++) {
		k->users[i] = (unsigned)random() % users;
		snprintf(k->names[i], sizeof(*k->names), "user%u", k->users[i]);
		snprintf(k->strangers[i], sizeof(*k->strangers), "nobody%u", i);
	}
}

static void
work_done(struct work *k)
{
	free(k->users);
	free(k->names);
	free(k->strangers);
}

int
main(int argc, char **argv)
{
	for (int a = 1; a < argc; a++) {
		CLEANUP(work_done) struct work k = { 0 };
		unsigned users = (unsigned)strtoul(argv[a], NULL, 10);

		if (users == 0)
			die("usage: lookup USERS...");
		work_prepare(&k, users);
		publish(users);
		module_load(); /* only now does its root exist */
		fflush(stdout);
		measure_first(&k);
		measure("getpwnam_r", run_getpwnam, &k);
		measure("getpwnam_r, unknown", run_miss, &k);
		measure("getpwuid_r", run_getpwuid, &k);
		measure("initgroups, 5 groups", run_initgroups, &k);
	}
	return 0;
}
