/*
 * constant.c - does the time of an answer tell why a login failed? (P10)
 *
 *	constant ROUNDS CLASS=USER... < password
 *
 * Run by bench/constant.sh in a box, as root, on a host with uadm enabled. Each round asks once for
 * each user, with a wrong password, without the delay of a failure, and in an order of its own, so
 * that whatever else the machine does and whoever was asked for before meets all alike. The first
 * class is what the others are held against; one called `control` should differ from it by nothing,
 * and shows what the machine's noise amounts to. Two times are taken: from the call to the prompt,
 * and from the answer to the verdict. For each class: the median, its ratio to the first class's
 * and whether that is within 2 %, and the distance of Kolmogorov and Smirnov with the chance of one
 * that large where nothing differs.
 */
#include <math.h>
#include <security/pam_appl.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS_MOST = 20000, CLASSES_MOST = 12, WARM_UP = 5 };

static char password[256];

static struct class
{
	const char *name, *user;
	double prompt[ROUNDS_MOST], verdict[ROUNDS_MOST];
} classes[CLASSES_MOST];
static size_t class_count;

static double
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

/* The two moments in between: asked, answered. */
struct moments {
	double prompted, answered;
};

static int
converse(int n, const struct pam_message **m, struct pam_response **out, void *arg)
{
	struct moments *at = arg;
	struct pam_response *r;

	at->prompted = now_ms();
	r = calloc((size_t)n, sizeof(*r));
	if (r == NULL)
		return PAM_BUF_ERR;
	for (int i = 0; i < n; i++)
		if (m[i]->msg_style == PAM_PROMPT_ECHO_OFF)
			r[i].resp = strdup(password);
	*out = r;
	at->answered = now_ms();
	return PAM_SUCCESS;
}

static void
no_delay(int code, unsigned usec, void *arg)
{
	(void)code;
	(void)usec;
	(void)arg;
}

static void
ask(const char *user, double *prompt, double *verdict)
{
	union {
		void (*function)(int, unsigned, void *);
		const void *item;
	} delay = { .function = no_delay };
	struct moments at = { 0, 0 };
	const struct pam_conv conv = { converse, &at };
	pam_handle_t *pamh = NULL;
	double begun;
	int rc;

	if (pam_start("login", user, &conv, &pamh) != PAM_SUCCESS)
		abort();
	pam_set_item(pamh, PAM_FAIL_DELAY, delay.item);
	pam_set_item(pamh, PAM_RHOST, "192.0.2.1");
	begun = now_ms();
	rc = pam_authenticate(pamh, 0);
	*verdict = now_ms() - at.answered;
	*prompt = at.prompted - begun;
	pam_end(pamh, rc);
	if (rc != PAM_AUTH_ERR) {
		fprintf(stderr, "constant: %s: code %d\n", user, rc);
		exit(1);
	}
}

/* Nobody is locked out by what is done here. In a process that ends as uadmd does, without closing
 * the store, so that the next one finds what it would find. */
static void
forgive(void)
{
	static const char sql[] =
	    "DELETE FROM attempt; DELETE FROM lockout WHERE uid NOT IN "
	    "(SELECT uid FROM user WHERE name = 'locked')";
	sqlite3 *db;
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(sqlite3_open("/var/lib/uadm/store/uadm.db", &db) != SQLITE_OK ||
		    sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0) {
		fputs("constant: cannot write to the store\n", stderr);
		exit(1);
	}
}

static void
shuffle(size_t *order, size_t n)
{
	static uint32_t state = 4711;

	for (size_t i = 0; i < n; i++) {
		size_t j, kept = order[i];

		state ^= state << 13;
		state ^= state >> 17;
		state ^= state << 5;
		j = i + state % (n - i);
		order[i] = order[j];
		order[j] = kept;
	}
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The largest distance of two sorted samples' distributions. */
static double
ks_distance(const double *a, const double *b, size_t n)
{
	size_t i = 0, j = 0;
	double most = 0;

	while (i < n && j < n) {
		double x = a[i] < b[j] ? a[i] : b[j];

		while (i < n && a[i] <= x)
			i++;
		while (j < n && b[j] <= x)
			j++;
		most = fmax(most, fabs((double)i - (double)j) / (double)n);
	}
	return most;
}

static double
ks_chance(double distance, size_t n)
{
	double root = sqrt((double)n / 2), sum = 0, sign = 1,
	       l = (root + 0.12 + 0.11 / root) * distance;

	if (l < 0.2) /* the series does not end there */
		return 1;
	for (int k = 1; k <= 100; k++, sign = -sign)
		sum += 2 * sign * exp(-2.0 * k * k * l * l);
	return fmin(1, fmax(0, sum));
}

static void
report(const char *what, bool prompt, size_t n)
{
	const double *first = NULL;

	printf("%-22s median ms   to %s   within 2 %%   KS     chance\n", what,
	    classes[0].name);
	for (size_t i = 0; i < class_count; i++) {
		double *v = prompt ? classes[i].prompt : classes[i].verdict, ratio, d;

		qsort(v, n, sizeof(*v), by_value);
		first = first == NULL ? v : first;
		ratio = v[n / 2] / first[n / 2];
		d = ks_distance(v, first, n);
		printf("  %-20s %9.3f    %6.4f    %-10s %.3f  %.3f\n", classes[i].name,
		    v[n / 2], ratio, fabs(ratio - 1) <= 0.02 ? "yes" : "NO", d,
		    ks_chance(d, n));
	}
}

int
main(int argc, char **argv)
{
	size_t rounds = argc > 2 ? strtoul(argv[1], NULL, 10) : 0;
	size_t order[CLASSES_MOST];
	double ignored;

	class_count = argc > 2 ? (size_t)argc - 2 : 0;
	if (rounds == 0 || rounds > ROUNDS_MOST || class_count > CLASSES_MOST ||
	    fgets(password, sizeof(password), stdin) == NULL)
		return 64;
	password[strcspn(password, "\n")] = '\0';
	for (size_t i = 0; i < class_count; i++) {
		char *equals = strchr(argv[i + 2], '=');

		if (equals == NULL)
			return 64;
		*equals = '\0';
		classes[i].name = argv[i + 2];
		classes[i].user = equals + 1;
		order[i] = i;
	}
	for (size_t r = 0; r < rounds + WARM_UP; r++) {
		forgive();
		shuffle(order, class_count);
		for (size_t i = 0; i < class_count; i++) {
			struct class *c = &classes[order[i]];

			if (r < WARM_UP)
				ask(c->user, &ignored, &ignored);
			else
				ask(c->user, &c->prompt[r - WARM_UP],
				    &c->verdict[r - WARM_UP]);
		}
	}
	printf("%zu rounds\n", rounds);
	report("answer to verdict", false, rounds);
	report("call to prompt", true, rounds);
	return 0;
}
