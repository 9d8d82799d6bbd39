/*
 * pam_host.c - a program that uses PAM as it is told: each line of its input is one login, of
 * words KEY=VALUE (VALUE with %XX for what is no letter), and makes one line of its output:
 * the code of each phase, how often somebody was asked, how often pam_uadm wrote to the log.
 *
 *     service=sshd user=ada phases=auth,account answers=one,two rhost= ruser= tty= conv= as=
 *
 * A login ends at its first failure unless `on=1`. conv is `none` (no conversation at all),
 * `fails`, `empty` (success and no reply), or the answers, in turn, and no answer after the
 * last. `as` is the real uid, as a setuid program has it.
 */
#include <dlfcn.h>
#include <security/pam_appl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

struct login {
	char service[64], user[300], phases[200], answers[1200], conv[16];
	char rhost[2000], ruser[2000], tty[2000], as[16], on[4];
	char *next; /* answer */
	int asked;
};

static int logged; /* lines of pam_uadm's */

/* libpam calls the fortified one; a program's own comes before libc's. */
__attribute__((visibility("default"))) void __syslog_chk(
    int priority, int flag, const char *fmt, ...);

void
__syslog_chk(int priority, int flag, const char *fmt, ...)
{
	char text[4096];
	va_list ap;

	(void)flag;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	logged += strncmp(text, "pam_uadm(", 9) == 0;
	if ((priority & LOG_PRIMASK) != LOG_DEBUG)
		syslog(priority, "%s", text);
}

static int
converse(int n, const struct pam_message **msg, struct pam_response **resp, void *data)
{
	struct login *l = data;
	struct pam_response *reply;

	*resp = NULL;
	if (strcmp(l->conv, "fails") == 0)
		return PAM_CONV_ERR;
	if (strcmp(l->conv, "empty") == 0)
		return PAM_SUCCESS;
	if ((reply = calloc((size_t)n, sizeof(*reply))) == NULL)
		return PAM_BUF_ERR;
	for (int i = 0; i < n; i++) {
		char *answer;

		if (msg[i]->msg_style != PAM_PROMPT_ECHO_OFF &&
		    msg[i]->msg_style != PAM_PROMPT_ECHO_ON)
			continue;
		l->asked++;
		if ((answer = strsep(&l->next, ",")) == NULL) {
			free(reply);
			return PAM_CONV_ERR;
		}
		reply[i].resp = strdup(answer);
	}
	*resp = reply;
	return PAM_SUCCESS;
}

static void
no_delay(int retval, unsigned usec, void *data)
{
	(void)retval;
	(void)usec;
	(void)data;
}

static int
phase_run(pam_handle_t *h, const char *phase)
{
	static const struct {
		const char *name;
		int (*call)(pam_handle_t *, int);
		int flags;
	} all[] = {
		{ "auth", pam_authenticate, PAM_DISALLOW_NULL_AUTHTOK },
		{ "auth-null", pam_authenticate, 0 },
		{ "account", pam_acct_mgmt, 0 },
		{ "setcred", pam_setcred, PAM_ESTABLISH_CRED },
		{ "open", pam_open_session, 0 },
		{ "close", pam_close_session, 0 },
		{ "change", pam_chauthtok, 0 },
		{ "expired", pam_chauthtok, PAM_CHANGE_EXPIRED_AUTHTOK },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (strcmp(phase, all[i].name) == 0)
			return all[i].call(h, all[i].flags);
	return -1;
}

static void
unescape(char *out, size_t size, const char *text)
{
	size_t at = 0;
	unsigned byte;

	for (; *text != '\0' && at + 1 < size; text++) {
		if (*text == '%' && sscanf(text + 1, "%2x", &byte) == 1) {
			out[at++] = (char)byte;
			text += 2;
		} else {
			out[at++] = *text;
		}
	}
	out[at] = '\0';
}

static bool
take(struct login *l, char *word)
{
	const struct {
		const char *key;
		char *out;
		size_t size;
	} keys[] = {
		{ "service", l->service, sizeof(l->service) },
		{ "user", l->user, sizeof(l->user) },
		{ "phases", l->phases, sizeof(l->phases) },
		{ "answers", l->answers, sizeof(l->answers) },
		{ "conv", l->conv, sizeof(l->conv) },
		{ "rhost", l->rhost, sizeof(l->rhost) },
		{ "ruser", l->ruser, sizeof(l->ruser) },
		{ "tty", l->tty, sizeof(l->tty) },
		{ "as", l->as, sizeof(l->as) },
		{ "on", l->on, sizeof(l->on) },
	};
	char *value = strchr(word, '=');

	if (value == NULL)
		return false;
	*value++ = '\0';
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(word, keys[i].key) == 0) {
			unescape(keys[i].out, keys[i].size, value);
			if (keys[i].out == l->answers)
				l->next = l->answers;
			return true;
		}
	return false;
}

/* Where faults.c is preloaded, its count begins anew. */
static void
begin_faults(void)
{
	void (*begin)(void);

	*(void **)&begin = dlsym(RTLD_DEFAULT, "faults_begin");
	if (begin != NULL)
		begin();
}

static void
run(struct login *l)
{
	struct pam_conv conv = { strcmp(l->conv, "none") == 0 ? NULL : converse, l };
	pam_handle_t *h = NULL;
	int rc = pam_start(l->service, l->user, &conv, &h);

	logged = 0;
	pam_set_item(h, PAM_FAIL_DELAY, (const void *)no_delay);
	if (l->rhost[0] != '\0')
		pam_set_item(h, PAM_RHOST, l->rhost);
	if (l->ruser[0] != '\0')
		pam_set_item(h, PAM_RUSER, l->ruser);
	if (l->tty[0] != '\0')
		pam_set_item(h, PAM_TTY, l->tty);
	if (l->as[0] != '\0' && setresuid((uid_t)atoi(l->as), 0, 0) != 0)
		exit(1);
	begin_faults();
	for (char *save = NULL, *p = strtok_r(l->phases, ",", &save); p != NULL;
	     p = strtok_r(NULL, ",", &save)) {
		printf("%d ", rc = phase_run(h, p));
		if (rc != PAM_SUCCESS && l->on[0] == '\0')
			break;
	}
	printf("asked=%d logged=%d\n", l->asked, logged);
	if (setresuid(0, 0, 0) != 0)
		exit(1);
	pam_end(h, rc);
}

int
main(void)
{
	static char line[16384];

	while (fgets(line, sizeof(line), stdin) != NULL) {
		struct login l = { .service = "other" };

		line[strcspn(line, "\n")] = '\0';
		for (char *save = NULL, *w = strtok_r(line, " ", &save); w != NULL;
		     w = strtok_r(NULL, " ", &save))
			if (!take(&l, w))
				return 65;
		run(&l);
		fflush(stdout);
	}
	return 0;
}
