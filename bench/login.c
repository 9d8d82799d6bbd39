/*
 * login.c - what a login through libpam costs beside one bare argon2id of the same cost.
 *
 *	login USER ROUNDS OPSLIMIT MEMLIMIT < password
 *
 * Run by bench/login.sh in a box, as root, on a host with uadm enabled. The two are interleaved,
 * so that a machine that slows down slows both; medians are printed in milliseconds.
 */
#include <security/pam_appl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS_MOST = 10000 };

static char password[256];
static unsigned long opslimit, memlimit;

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
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
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

static double
bare_hash(void)
{
	unsigned char salt[crypto_pwhash_SALTBYTES] = { 0 }, out[32];
	double t = now_ms();

	if (crypto_pwhash(out, sizeof(out), password, strlen(password), salt, opslimit,
		memlimit, crypto_pwhash_ALG_ARGON2ID13) != 0)
		abort();
	return now_ms() - t;
}

/* auth + account, or account alone. */
static double
through_pam(const char *user, int with_auth)
{
	const struct pam_conv conv = { converse, NULL };
	pam_handle_t *pamh = NULL;
	double t = now_ms();
	int rc = pam_start("login", user, &conv, &pamh);

	if (rc == PAM_SUCCESS && with_auth)
		rc = pam_authenticate(pamh, 0);
	if (rc == PAM_SUCCESS)
		rc = pam_acct_mgmt(pamh, 0);
	if (rc != PAM_SUCCESS) {
		fprintf(stderr, "login: %s\n", pam_strerror(pamh, rc));
		exit(1);
	}
	t = now_ms() - t;
	pam_end(pamh, rc);
	return t;
}

int
main(int argc, char **argv)
{
	size_t rounds = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
	static double hash[ROUNDS_MOST], login[ROUNDS_MOST], account[ROUNDS_MOST];

	opslimit = argc > 4 ? strtoul(argv[3], NULL, 10) : 0;
	memlimit = argc > 4 ? strtoul(argv[4], NULL, 10) : 0;
	if (rounds == 0 || memlimit == 0 || rounds > ROUNDS_MOST || sodium_init() < 0 ||
	    fgets(password, sizeof(password), stdin) == NULL)
		return 64;
	password[strcspn(password, "\n")] = '\0';
	for (size_t i = 0; i < rounds; i++) {
		hash[i] = bare_hash();
		login[i] = through_pam(argv[1], 1);
		account[i] = through_pam(argv[1], 0);
	}
	double h = median(hash, rounds), l = median(login, rounds);
	printf(
	    "rounds %zu\nbare argon2id %.2f ms\nauth + account %.2f ms (hash + %.2f ms)\n"
	    "account alone %.2f ms\n",
	    rounds, h, l, l - h, median(account, rounds));
	return 0;
}
