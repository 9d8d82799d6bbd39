/*
 * login.c - what a login through libpam costs beside one bare password hash of the same cost.
 *
 *	login SERVICE USER ROUNDS argon2id OPSLIMIT MEMLIMIT < password
 *	login SERVICE USER ROUNDS crypt HASH < password
 *
 * The three are interleaved, so that a machine that slows down slows them all. A line for each:
 * what, median and best milliseconds, rounds. Run by bench/measure.py, in a box, as root.
 */
#include <crypt.h>
#include <security/pam_appl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS_MOST = 10000 };

static char password[256];
static unsigned long opslimit, memlimit;
static const char *verifier; /* of crypt(3); NULL: argon2id */

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

static void
argon2id(void)
{
	unsigned char salt[crypto_pwhash_SALTBYTES] = { 0 }, out[32];

	if (crypto_pwhash(out, sizeof(out), password, strlen(password), salt, opslimit,
		memlimit, crypto_pwhash_ALG_ARGON2ID13) != 0)
		abort();
}

static void
crypt_hash(void)
{
	const char *made = crypt(password, verifier);

	if (made == NULL || strcmp(made, verifier) != 0)
		abort();
}

static double
bare_hash(void)
{
	double t = now_ms();

	if (verifier == NULL)
		argon2id();
	else
		crypt_hash();
	return now_ms() - t;
}

/* auth + account, or account alone. */
static double
through_pam(const char *service, const char *user, int with_auth)
{
	const struct pam_conv conv = { converse, NULL };
	pam_handle_t *pamh = NULL;
	double t = now_ms();
	int rc = pam_start(service, user, &conv, &pamh);

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

static void
print(const char *what, double *ms, size_t rounds)
{
	qsort(ms, rounds, sizeof(*ms), by_value);
	printf("%s\t%.3f\t%.3f\t%zu\n", what, ms[rounds / 2], ms[0], rounds);
}

int
main(int argc, char **argv)
{
	size_t rounds = argc > 3 ? strtoul(argv[3], NULL, 10) : 0;
	static double hash[ROUNDS_MOST], login[ROUNDS_MOST], account[ROUNDS_MOST];

	if (argc == 7 && strcmp(argv[4], "argon2id") == 0) {
		opslimit = strtoul(argv[5], NULL, 10);
		memlimit = strtoul(argv[6], NULL, 10);
	} else if (argc == 6 && strcmp(argv[4], "crypt") == 0) {
		verifier = argv[5];
	} else {
		return 64;
	}
	if (rounds == 0 || rounds > ROUNDS_MOST || sodium_init() < 0 ||
	    fgets(password, sizeof(password), stdin) == NULL)
		return 64;
	password[strcspn(password, "\n")] = '\0';
	for (size_t i = 0; i < rounds; i++) {
		hash[i] = bare_hash();
		login[i] = through_pam(argv[1], argv[2], 1);
		account[i] = through_pam(argv[1], argv[2], 0);
	}
	print("bare hash", hash, rounds);
	print("auth + account", login, rounds);
	print("account", account, rounds);
	return 0;
}
