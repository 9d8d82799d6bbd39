/*
 * status_sshd.c - what the host's sshd would do, by its own word (sshd -T). What a Match block
 * changes for some connections it does not say.
 */
#include "libuadm/base/paths.h"
#include "libuadm/ops/host_run.h"
#include "libuadm/ops/status_parts.h"

#include <string.h>
#include <unistd.h>

#define SSHD "/usr/sbin/sshd"

/* The value of a line "key value" of sshd -T. */
static bool
value_of(const char *said, const char *key, char *out, size_t size)
{
	size_t n = strlen(key);

	for (const char *p = said; p != NULL && *p != '\0';
	     p = (p = strchr(p, '\n')) == NULL ? NULL : p + 1)
		if (strncmp(p, key, n) == 0 && p[n] == ' ') {
			snprintf(out, size, "%.*s", (int)strcspn(p + n + 1, "\n"),
			    p + n + 1);
			return true;
		}
	return false;
}

static void
judge(struct telling *t, const char *said)
{
	char pam[16] = "?", keyboard[16] = "?", password[16] = "?",
	     methods[200] = "any";

	value_of(said, "usepam", pam, sizeof(pam));
	value_of(said, "kbdinteractiveauthentication", keyboard, sizeof(keyboard));
	value_of(said, "passwordauthentication", password, sizeof(password));
	value_of(said, "authenticationmethods", methods, sizeof(methods));
	if (strcmp(pam, "yes") != 0) {
		tell_finding(t, FINDING_BAD, "sshd",
		    "UsePAM yes in /etc/ssh/sshd_config",
		    "sshd does not ask PAM (UsePAM %s): keys get in whatever uadm says",
		    pam);
		return;
	}
	tell_finding(t, FINDING_FINE, "sshd", "",
	    "UsePAM yes, KbdInteractiveAuthentication %s, PasswordAuthentication %s, "
	    "AuthenticationMethods %s",
	    keyboard, password, methods);
	if (strcmp(keyboard, "yes") != 0)
		tell_finding(t, FINDING_NOTE, "sshd",
		    "KbdInteractiveAuthentication yes in /etc/ssh/sshd_config",
		    "without KbdInteractiveAuthentication nobody can set a new password "
		    "while logging in");
}

void
status_sshd(struct telling *t)
{
	char program[] = SSHD, option[] = "-T", *argv[] = { program, option, NULL },
	     *env[] = { NULL };
	static char said[32 * 1024];
	struct uadm_err err = { 0 };

	if (access(SSHD, X_OK) != 0) {
		tell_finding(t, FINDING_NOTE, "sshd", "", "there is no " SSHD);
		return;
	}
	if (host_run(argv, env, said, sizeof(said), &err) == UADM_OK)
		judge(t, said);
	else
		tell_finding(t, FINDING_WARN, "sshd", SSHD " -T",
		    "sshd does not say how it is configured: %.150s", said);
}
