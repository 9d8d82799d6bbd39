/*
 * status_sshd.c - what the host's sshd would do, by its own word (sshd -T). What a Match block
 * changes for some connections it does not say, so it is said that there are some; UsePAM is none
 * of what they may change.
 */
#include "libuadm/base/paths.h"
#include "libuadm/ops/host_run.h"
#include "libuadm/ops/status_parts.h"

#include <glob.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define SSHD          "/usr/sbin/sshd"
#define SSHD_DIR      "/etc/ssh/"
#define SSHD_DEFAULTS UADM_ROOT "/etc/default/ssh"

enum { INCLUDES_MOST = 4, OPTIONS_MOST = 60 };

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

static bool has_match(const char *pattern, int depth);

/* "Match ..." in this file, or in one that it includes. */
static bool
file_has_match(const char *path, int depth)
{
	CLEANUP(cleanup_file) FILE *f = fopen(path, "re");
	CLEANUP(cleanup_free) char *line = NULL;
	size_t size = 0;
	bool found = false;

	while (f != NULL && !found && getline(&line, &size, f) >= 0) {
		char *rest = line + strspn(line, " \t\"");
		char *word = rest;

		rest += strcspn(rest, " \t\"=\r\n");
		if (*rest != '\0')
			*rest++ = '\0';
		found = strcasecmp(word, "Match") == 0;
		if (strcasecmp(word, "Include") != 0)
			continue;
		for (char *save = NULL, *p = strtok_r(rest, " \t\"=\r\n", &save);
		     p != NULL && !found; p = strtok_r(NULL, " \t\"=\r\n", &save))
			found = has_match(p, depth + 1);
	}
	return found;
}

static bool
has_match(const char *pattern, int depth)
{
	char path[512];
	glob_t g = { 0 };
	bool found = false;

	snprintf(
	    path, sizeof(path), "%s%s", pattern[0] == '/' ? "" : SSHD_DIR, pattern);
	if (depth <= INCLUDES_MOST && glob(path, 0, NULL, &g) == 0)
		for (size_t i = 0; i < g.gl_pathc && !found; i++)
			found = file_has_match(g.gl_pathv[i], depth);
	globfree(&g);
	return found;
}

/* Nobody has a password asked there, so nobody has to set a new one. */
static bool
asks_passwords(const char *password, const char *methods)
{
	return strcmp(password, "yes") == 0 &&
	    (strcmp(methods, "any") == 0 || strstr(methods, "password") != NULL);
}

struct settings {
	char pam[16], keyboard[16], password[16], methods[200];
};

static struct settings
settings_of(const char *said)
{
	struct settings s = { "?", "?", "?", "any" };

	value_of(said, "usepam", s.pam, sizeof(s.pam));
	value_of(said, "kbdinteractiveauthentication", s.keyboard, sizeof(s.keyboard));
	value_of(said, "passwordauthentication", s.password, sizeof(s.password));
	value_of(said, "authenticationmethods", s.methods, sizeof(s.methods));
	return s;
}

/* By a method of sshd's own, which asks for a password and for nothing more. */
static bool
asks_passwords_alone(const struct settings *s)
{
	return strcmp(s->keyboard, "yes") != 0 &&
	    asks_passwords(s->password, s->methods);
}

static void
judge(struct telling *t, const char *said)
{
	const struct settings s = settings_of(said);

	if (strcmp(s.pam, "yes") != 0) {
		tell_finding(t, FINDING_BAD, "sshd",
		    "UsePAM yes in /etc/ssh/sshd_config",
		    "sshd does not ask PAM (UsePAM %s): keys get in whatever uadm says",
		    s.pam);
		return;
	}
	tell_finding(t, FINDING_FINE, "sshd", "",
	    "UsePAM yes, KbdInteractiveAuthentication %s, PasswordAuthentication %s, "
	    "AuthenticationMethods %s",
	    s.keyboard, s.password, s.methods);
	if (has_match("sshd_config", 0))
		tell_finding(t, FINDING_NOTE, "sshd",
		    "for one user: sshd -T -C user=NAME,host=NAME,addr=ADDRESS",
		    "sshd_config has Match blocks, which say otherwise for some and are "
		    "not looked into here; they cannot change UsePAM");
	if (asks_passwords_alone(&s))
		tell_finding(t, FINDING_NOTE, "sshd",
		    "KbdInteractiveAuthentication yes in /etc/ssh/sshd_config",
		    "without KbdInteractiveAuthentication a new password is set on a "
		    "terminal alone, by passwd(1): what they came with is asked for "
		    "once more, the connection ends, and they log in again; ssh with a "
		    "command is refused");
}

/* Debian's service starts sshd with these, and they go before its file. */
static void
read_options(char *out, size_t size)
{
	CLEANUP(cleanup_file) FILE *f = fopen(SSHD_DEFAULTS, "re");
	CLEANUP(cleanup_free) char *line = NULL;
	size_t room = 0;

	out[0] = '\0';
	while (f != NULL && getline(&line, &room, f) >= 0)
		if (strncmp(line, "SSHD_OPTS=", 10) == 0)
			snprintf(out, size, "%s", line + 10);
}

static bool
ask(char *said, size_t size)
{
	char program[] = SSHD, option[] = "-T", options[1000], *save = NULL;
	char *argv[OPTIONS_MOST + 3] = { program, option }, *env[] = { NULL };
	struct uadm_err err = { 0 };
	size_t n = 2;

	read_options(options, sizeof(options));
	for (char *p = strtok_r(options, " \t\n\"'", &save);
	     p != NULL && n < ARRAY_LEN(argv) - 1;
	     p = strtok_r(NULL, " \t\n\"'", &save))
		argv[n++] = p;
	return host_run(argv, env, said, size, &err) == UADM_OK;
}

void
status_sshd(struct telling *t)
{
	static char said[32 * 1024];

	if (access(SSHD, X_OK) != 0) {
		tell_finding(t, FINDING_NOTE, "sshd", "", "there is no " SSHD);
	} else if (ask(said, sizeof(said))) {
		judge(t, said);
	} else {
		host_run_one_line(said);
		tell_finding(t, FINDING_BAD, "sshd",
		    "put right what " SSHD " -T complains about",
		    "sshd does not say whether it asks PAM: %.150s", said);
	}
}

bool
op_sshd_uses_pam(char *out, size_t size)
{
	static char said[32 * 1024];

	if (access(SSHD, X_OK) != 0)
		return false;
	snprintf(out, size, "?");
	if (ask(said, sizeof(said)))
		value_of(said, "usepam", out, size);
	return true;
}

bool
op_sshd_asks_no_code(void)
{
	static char said[32 * 1024];
	struct settings s;

	if (access(SSHD, X_OK) != 0 || !ask(said, sizeof(said)))
		return false;
	s = settings_of(said);
	return asks_passwords_alone(&s);
}
