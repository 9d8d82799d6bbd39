/*
 * canary_host.c - a host program that keeps nothing itself, so that what is left in its memory is
 * what others left: canary_host SERVICE USER PHASE... with auth, account, open, close, change.
 * Every "new password" is answered with the second canary, every other hidden prompt with the first.
 * Prints each phase's code, `asked N`, and after pam_end() how many canaries are `left`, and
 * how many are found of one that was put there.
 */
#include "tests/module/helpers/canary.h"

static int asked;

static int
converse(int n, const struct pam_message **m, struct pam_response **out, void *arg)
{
	struct pam_response *r = calloc((size_t)n, sizeof(*r));

	(void)arg;
	for (int i = 0; r != NULL && i < n; i++)
		if (m[i]->msg_style == PAM_PROMPT_ECHO_OFF) {
			r[i].resp = canary_copy(strcasestr(m[i]->msg, "new ") != NULL);
			asked++;
		}
	*out = r;
	return r == NULL ? PAM_BUF_ERR : PAM_SUCCESS;
}

static void
no_delay(int code, unsigned usec, void *arg)
{
	(void)code;
	(void)usec;
	(void)arg;
}

static int
run(pam_handle_t *pamh, const char *phase)
{
	static const struct {
		const char *name;
		int (*call)(pam_handle_t *, int);
	} phases[] = { { "auth", pam_authenticate }, { "account", pam_acct_mgmt },
		{ "open", pam_open_session }, { "close", pam_close_session },
		{ "change", pam_chauthtok } };

	for (size_t i = 0; i < sizeof(phases) / sizeof(phases[0]); i++)
		if (strcmp(phase, phases[i].name) == 0)
			return phases[i].call(pamh, 0);
	return PAM_SYSTEM_ERR;
}

int
main(int argc, char **argv)
{
	const struct pam_conv conv = { converse, NULL };
	void (*delay)(int, unsigned, void *) = no_delay;
	pam_handle_t *pamh = NULL;
	const void *item;
	char *there;
	int code = PAM_SUCCESS;

	memcpy(&item, &delay, sizeof(item));
	if (argc < 4 || pam_start(argv[1], argv[2], &conv, &pamh) != PAM_SUCCESS)
		return 64;
	pam_set_item(pamh, PAM_FAIL_DELAY, item);
	for (int i = 3; i < argc && code == PAM_SUCCESS; i++) {
		code = run(pamh, argv[i]);
		printf("%s %d\n", argv[i], code);
	}
	pam_end(pamh, code);
	printf("asked %d\nleft %ld\n", asked, canary_find());
	there = canary_copy(1);
	printf("found %ld\n", canary_find());
	free(there);
	return 0;
}
