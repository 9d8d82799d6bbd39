/*
 * pam_standin.c - stands in for pam_uadm.so (and for other Primaries) when the stack itself is
 * on trial: answers what a file tells it to, so that every return code can be tried.
 *
 * The file is the module's first argument, else /run/standin/uadm; it has one line for each
 * (phase, user): `PHASE USER CODE`, phase one of auth setcred account chauthtok open close, user
 * a name or `*`, CODE a number; the first that matches counts. Every call is appended to
 * FILE.log, so a test can see who was asked at all. `token` as an argument makes chauthtok
 * ask for a new password and keep it as PAM_AUTHTOK, as pam_pwquality does.
 */
#include <security/pam_ext.h>
#include <security/pam_modules.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

static const char *
answers_file(int argc, const char **argv)
{
	return argc > 0 && argv[0][0] == '/' ? argv[0] : "/run/standin/uadm";
}

static void
note(const char *file, const char *phase, const char *user, int code)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s.log", file);
	if ((f = fopen(path, "ae")) == NULL)
		return;
	fprintf(f, "%s %s %d\n", phase, user, code);
	fclose(f);
}

static int
answer(pam_handle_t *pamh, const char *phase, int argc, const char **argv)
{
	const char *file = answers_file(argc, argv), *user = NULL;
	char p[32], u[64];
	int code = PAM_USER_UNKNOWN, n;
	FILE *f;

	if (pam_get_user(pamh, &user, NULL) != PAM_SUCCESS || user == NULL)
		return PAM_AUTH_ERR;
	if ((f = fopen(file, "re")) == NULL)
		return PAM_AUTHINFO_UNAVAIL;
	while (fscanf(f, "%31s %63s %d", p, u, &n) == 3)
		if (strcmp(p, phase) == 0 &&
		    (strcmp(u, "*") == 0 || strcmp(u, user) == 0)) {
			code = n;
			break;
		}
	fclose(f);
	note(file, phase, user, code);
	return code;
}

EXPORT int
pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)flags;
	return answer(pamh, "auth", argc, argv);
}

EXPORT int
pam_sm_setcred(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)flags;
	return answer(pamh, "setcred", argc, argv);
}

EXPORT int
pam_sm_acct_mgmt(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)flags;
	return answer(pamh, "account", argc, argv);
}

EXPORT int
pam_sm_open_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)flags;
	return answer(pamh, "open", argc, argv);
}

EXPORT int
pam_sm_close_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)flags;
	return answer(pamh, "close", argc, argv);
}

EXPORT int
pam_sm_chauthtok(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	const char *token = NULL;

	for (int i = 0; i < argc; i++)
		if (strcmp(argv[i], "token") == 0)
			return (flags & PAM_UPDATE_AUTHTOK) == 0
			    ? PAM_SUCCESS
			    : pam_get_authtok(pamh, PAM_AUTHTOK, &token, NULL);
	return answer(pamh, "chauthtok", argc, argv);
}
