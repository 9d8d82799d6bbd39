/*
 * stack_driver.c - start PAM many times in one process: reads `PHASES USER PASSWORD [NEW]` lines
 * on stdin, runs the phases (comma-separated: auth setcred account chauthtok expired open close)
 * on one handle of service argv[1] each, going on after a failure, and prints one line of
 * `PHASE=CODE` words for each. `ANSWERS FILE N` in between replaces FILE by the next N lines.
 */
#include <security/pam_appl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct words {
	const char *old_password, *new_password;
	int asked;
	int changing;
};

/* While changing, "new" and "retype" in any case ask for the new one. */
static const char *
answer_for(struct words *w, const char *prompt)
{
	w->asked++;
	if (w->changing &&
	    (strcasestr(prompt, "new") != NULL || strcasestr(prompt, "retype") != NULL))
		return w->new_password;
	return w->old_password;
}

static int
converse(int n, const struct pam_message **msg, struct pam_response **resp, void *data)
{
	struct pam_response *r = calloc((size_t)n, sizeof(*r));

	if (r == NULL)
		return PAM_BUF_ERR;
	for (int i = 0; i < n; i++)
		if (msg[i]->msg_style == PAM_PROMPT_ECHO_OFF ||
		    msg[i]->msg_style == PAM_PROMPT_ECHO_ON)
			r[i].resp = strdup(answer_for(data, msg[i]->msg));
	*resp = r;
	return PAM_SUCCESS;
}

static int
phase_run(pam_handle_t *h, const char *phase, struct words *w)
{
	w->changing = strcmp(phase, "chauthtok") == 0 || strcmp(phase, "expired") == 0;
	if (strcmp(phase, "auth") == 0)
		return pam_authenticate(h, 0);
	if (strcmp(phase, "setcred") == 0)
		return pam_setcred(h, PAM_ESTABLISH_CRED);
	if (strcmp(phase, "account") == 0)
		return pam_acct_mgmt(h, 0);
	if (strcmp(phase, "chauthtok") == 0)
		return pam_chauthtok(h, 0);
	if (strcmp(phase, "expired") == 0)
		return pam_chauthtok(h, PAM_CHANGE_EXPIRED_AUTHTOK);
	if (strcmp(phase, "open") == 0)
		return pam_open_session(h, 0);
	if (strcmp(phase, "close") == 0)
		return pam_close_session(h, 0);
	return -1;
}

static void
login_run(const char *service, char *phases, const char *user, struct words *w)
{
	struct pam_conv conv = { converse, w };
	pam_handle_t *h = NULL;
	int rc = pam_start(service, user, &conv, &h);

	if (rc != PAM_SUCCESS) {
		printf("start=%d\n", rc);
		return;
	}
	for (char *save = NULL, *p = strtok_r(phases, ",", &save); p != NULL;
	     p = strtok_r(NULL, ",", &save))
		printf("%s=%d ", p, rc = phase_run(h, p, w));
	printf("asked=%d\n", w->asked);
	pam_end(h, rc);
}

static int
answers_replace(const char *file, int lines)
{
	char line[512];
	FILE *f = fopen(file, "we");

	if (f == NULL)
		return -1;
	while (lines-- > 0 && fgets(line, sizeof(line), stdin) != NULL)
		fputs(line, f);
	return fclose(f);
}

int
main(int argc, char **argv)
{
	char line[512], a[256], b[128], c[128], d[128];

	if (argc != 2)
		return 64;
	while (fgets(line, sizeof(line), stdin) != NULL) {
		int n = sscanf(line, "%255s %127s %127s %127s", a, b, c, d);

		if (n == 3 && strcmp(a, "ANSWERS") == 0) {
			if (answers_replace(b, atoi(c)) != 0)
				return 1;
			continue;
		}
		if (n < 3)
			return 65;
		struct words w = { .old_password = c, .new_password = n == 4 ? d : c };
		login_run(argv[1], a, b, &w);
	}
	return 0;
}
