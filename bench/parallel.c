/*
 * parallel.c - many right logins at once through libpam, beside as many bare argon2id hashes run one
 * per core; and the memory that a crowd of them takes.
 *
 *	parallel time USER LOGINS ROUNDS OPSLIMIT MEMLIMIT < password
 *	parallel memory USER LOGINS ROUNDS < password
 *
 * Run by bench/parallel.sh in a box, as root, on a host with uadm enabled. In each round come the
 * hashes, the logins from one remote host, and the logins from as many hosts as there are logins,
 * so that a machine that slows down slows all of them. Each login is a process of its own that has
 * begun before the clock starts. Memory is looked at in rounds of its own, for looking takes time.
 */
#include <dirent.h>
#include <security/pam_appl.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS_MOST = 100 };

static char password[256];
static const char *user;

static int
converse(int n, const struct pam_message **m, struct pam_response **out, void *arg)
{
	struct pam_response *r = calloc((size_t)n, sizeof(*r));

	(void)arg;
	if (r == NULL)
		return PAM_BUF_ERR;
	for (int i = 0; i < n; i++)
		if (m[i]->msg_style == PAM_PROMPT_ECHO_OFF)
			r[i].resp = strdup(password);
	*out = r;
	return PAM_SUCCESS;
}

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Of all children and theirs so far, in seconds: what a busy machine does not change much. */
static double
cpu(void)
{
	struct rusage r;

	getrusage(RUSAGE_CHILDREN, &r);
	return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) +
	    (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6;
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(double *v, size_t n)
{
	qsort(v, n, sizeof(*v), by_value);
	return v[n / 2];
}

/* Processes that begin when the pipe is closed; each leaves with 0 when it did its work. */
struct crowd {
	int start[2];
	size_t count;
	double began;
};

static void
crowd_begin(struct crowd *c)
{
	if (pipe(c->start) != 0)
		abort();
	c->count = 0;
}

/* In the child: true. */
static bool
crowd_fork(struct crowd *c)
{
	pid_t pid = fork();

	if (pid < 0)
		abort();
	c->count += pid > 0;
	if (pid > 0)
		return false;
	close(c->start[1]);
	return true;
}

static void
crowd_await(const struct crowd *c)
{
	char never;

	if (read(c->start[0], &never, 1) != 0)
		abort();
}

static void
crowd_start(struct crowd *c)
{
	usleep(300000); /* until all of them wait */
	c->began = now();
	close(c->start[1]);
	close(c->start[0]);
}

/* How many failed. */
static size_t
crowd_end(struct crowd *c)
{
	size_t lost = 0;
	int status;

	for (; c->count > 0; c->count--)
		lost += wait(&status) < 0 || status != 0;
	return lost;
}

static void
one_login(const struct crowd *c, const char *rhost)
{
	const struct pam_conv conv = { converse, NULL };
	pam_handle_t *pamh = NULL;

	if (pam_start("sshd", user, &conv, &pamh) != PAM_SUCCESS ||
	    pam_set_item(pamh, PAM_RHOST, rhost) != PAM_SUCCESS)
		_exit(2);
	crowd_await(c);
	if (pam_authenticate(pamh, 0) != PAM_SUCCESS ||
	    pam_acct_mgmt(pamh, 0) != PAM_SUCCESS)
		_exit(1);
	_exit(0);
}

static void
logins_begin(struct crowd *c, size_t logins, bool many_sources)
{
	crowd_begin(c);
	for (size_t i = 0; i < logins; i++)
		if (crowd_fork(c)) {
			char rhost[40];

			snprintf(rhost, sizeof(rhost), "192.0.%zu.%zu",
			    many_sources ? 2 + i / 250 : 2,
			    many_sources ? 1 + i % 250 : 1);
			one_login(c, rhost);
		}
	crowd_start(c);
}

static double
time_logins(size_t logins, bool many_sources, size_t *lost)
{
	struct crowd c;

	logins_begin(&c, logins, many_sources);
	*lost += crowd_end(&c);
	return now() - c.began;
}

static double
time_hashes(size_t count, unsigned long ops, size_t mem)
{
	size_t cores = (size_t)get_nprocs();
	struct crowd c;

	crowd_begin(&c);
	for (size_t i = 0; i < cores; i++)
		if (crowd_fork(&c)) {
			unsigned char salt[crypto_pwhash_SALTBYTES] = { 0 }, out[32];

			crowd_await(&c);
			for (size_t n = i; n < count; n += cores)
				if (crypto_pwhash(out, sizeof(out), password,
					strlen(password), salt, ops, mem,
					crypto_pwhash_ALG_ARGON2ID13) != 0)
					_exit(1);
			_exit(0);
		}
	crowd_start(&c);
	if (crowd_end(&c) != 0)
		abort();
	return now() - c.began;
}

/* A number of kB after `key` in a file of /proc/PID. */
static long
proc_kb(const char *pid, const char *file, const char *key)
{
	char path[300], line[200];
	long kb = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%s/%s", pid, file);
	if ((f = fopen(path, "re")) == NULL)
		return 0;
	while (kb == 0 && fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, key, strlen(key)) == 0)
			kb = atol(line + strlen(key));
	fclose(f);
	return kb;
}

static bool
is_uadmd(const char *pid)
{
	char path[300], name[32] = "";
	FILE *f;

	if (*pid < '1' || *pid > '9')
		return false;
	snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	if ((f = fopen(path, "re")) == NULL)
		return false;
	if (fgets(name, sizeof(name), f) == NULL)
		name[0] = '\0';
	fclose(f);
	return strcmp(name, "uadmd\n") == 0;
}

/* All uadmd of this moment: their proportional sizes in sum, the largest peak, and how many. */
static void
look_at_memory(long *sum, long *peak, size_t *count)
{
	DIR *d = opendir("/proc");
	const struct dirent *e;

	*sum = *peak = 0;
	*count = 0;
	while (d != NULL && (e = readdir(d)) != NULL)
		if (is_uadmd(e->d_name)) {
			long hwm = proc_kb(e->d_name, "status", "VmHWM:");

			*sum += proc_kb(e->d_name, "smaps_rollup", "Pss:");
			*peak = hwm > *peak ? hwm : *peak;
			(*count)++;
		}
	closedir(d);
}

static int
memory(size_t logins, size_t rounds)
{
	long most_sum = 0, most_peak = 0;
	size_t most_count = 0, lost = 0, looks = 0;

	for (size_t i = 0; i < rounds; i++) {
		struct crowd c;

		logins_begin(&c, logins, i % 2 == 1);
		while (c.count > 0) {
			long sum, peak;
			size_t count;
			int status;

			look_at_memory(&sum, &peak, &count);
			looks++;
			most_sum = sum > most_sum ? sum : most_sum;
			most_peak = peak > most_peak ? peak : most_peak;
			most_count = count > most_count ? count : most_count;
			for (; c.count > 0 && waitpid(-1, &status, WNOHANG) > 0;
			     c.count--)
				lost += status != 0;
		}
	}
	printf("memory of %zu logins at once, %zu rounds, %zu looks\n"
	       "uadmd at a time, most: %zu\n"
	       "largest uadmd (VmHWM): %.1f MiB\n"
	       "all uadmd in sum (Pss), most: %.1f MiB\nlogins lost: %zu\n",
	    logins, rounds, looks, most_count, (double)most_peak / 1024,
	    (double)most_sum / 1024, lost);
	return lost == 0 ? 0 : 1;
}

/* Wall and CPU time of each round, and medians; those of the ratios are of the rounds' ratios. */
enum { HASHES, ONE, MANY, KINDS };

static int
timing(size_t logins, size_t rounds, unsigned long ops, size_t mem)
{
	static const char *const kinds[] = { "bare hashes, one per core",
		"logins from one source", "logins from as many sources" };
	static double wall[KINDS][ROUNDS_MOST], used[KINDS][ROUNDS_MOST];
	static double wall_ratio[KINDS][ROUNDS_MOST], used_ratio[KINDS][ROUNDS_MOST];
	size_t lost = 0;

	printf("%zu at a time, %zu rounds: wall s (x hashes), CPU s (x hashes)\n",
	    logins, rounds);
	for (size_t i = 0; i < rounds; i++)
		for (int k = 0; k < KINDS; k++) {
			double before = cpu();

			wall[k][i] = k == HASHES
			    ? time_hashes(logins, ops, mem)
			    : time_logins(logins, k == MANY, &lost);
			used[k][i] = cpu() - before;
			wall_ratio[k][i] = wall[k][i] / wall[HASHES][i];
			used_ratio[k][i] = used[k][i] / used[HASHES][i];
			printf("%zu. %-28s %6.2f (%.2f) %6.2f (%.2f)\n", i + 1,
			    kinds[k], wall[k][i], wall_ratio[k][i], used[k][i],
			    used_ratio[k][i]);
			fflush(stdout);
		}
	for (int k = 0; k < KINDS; k++)
		printf("medians: %-23s %6.2f (%.2f) %6.2f (%.2f)\n", kinds[k],
		    median(wall[k], rounds), median(wall_ratio[k], rounds),
		    median(used[k], rounds), median(used_ratio[k], rounds));
	printf("logins lost: %zu of %zu\n", lost, 2 * rounds * logins);
	return lost == 0 ? 0 : 1;
}

int
main(int argc, char **argv)
{
	size_t logins = argc > 4 ? strtoul(argv[3], NULL, 10) : 0;
	size_t rounds = argc > 4 ? strtoul(argv[4], NULL, 10) : 0;

	if (logins == 0 || rounds == 0 || rounds > ROUNDS_MOST || sodium_init() < 0 ||
	    fgets(password, sizeof(password), stdin) == NULL)
		return 64;
	password[strcspn(password, "\n")] = '\0';
	user = argv[2];
	if (strcmp(argv[1], "memory") == 0)
		return memory(logins, rounds);
	return argc < 7 ? 64
			: timing(logins, rounds, strtoul(argv[5], NULL, 10),
			      strtoul(argv[6], NULL, 10));
}
