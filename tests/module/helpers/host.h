/*
 * host.h - a program that uses PAM, for tests: a stack with pam_uadm in it, a conversation
 * that follows a script and keeps a transcript, and the log lines that the module wrote.
 *
 * Everything is below build/test/fake (the root of that variant of the module), and a lock
 * there keeps two test programs from using it at once.
 */
#ifndef UADM_TESTS_HOST_H
#define UADM_TESTS_HOST_H

#include <errno.h>
#include <fcntl.h>
#include <security/pam_appl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum host_conv { CONV_SCRIPT, CONV_NULL, CONV_FAILS, CONV_NO_REPLY, CONV_NO_TEXT };

struct host {
	pam_handle_t *pamh;
	enum host_conv conv;
	const char *answers[4]; /* in turn */
	int asked;
	void (*on_prompt)(const char *text);
	char said[8192]; /* one line for each message: its style, its text */
};

static char host_log[4096]; /* what the module logged, one line each */

static inline const char *
fake_path(const char *below)
{
	/* of each thread its own: some tests call from several */
	static _Thread_local char path[4][512];
	static _Thread_local int turn;
	char *out = path[turn++ % 4];
	int top = (int)(sizeof(UADM_TEST_ROOT) - sizeof("/root"));

	snprintf(out, sizeof(path[0]), "%.*s/fake%s", top, UADM_TEST_ROOT, below);
	return out;
}

/* libpam calls the fortified one; a program's own comes before libc's. */
__attribute__((visibility("default"), format(printf, 3, 4))) void __syslog_chk(
    int priority, int flag, const char *fmt, ...);

void
__syslog_chk(int priority, int flag, const char *fmt, ...)
{
	size_t used = strlen(host_log);
	va_list ap;

	(void)flag;
	snprintf(host_log + used, sizeof(host_log) - used, "<%d>", priority);
	used = strlen(host_log);
	va_start(ap, fmt);
	vsnprintf(host_log + used, sizeof(host_log) - used, fmt, ap);
	va_end(ap);
	used = strlen(host_log);
	snprintf(host_log + used, sizeof(host_log) - used, "\n");
}

static inline void
file_write(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static inline const char *
file_read(const char *path)
{
	static char text[8192];
	FILE *f = fopen(path, "re");
	size_t n = f != NULL ? fread(text, 1, sizeof(text) - 1, f) : 0;

	if (f != NULL)
		fclose(f);
	text[n] = '\0';
	return text;
}

static inline void
fake_mkdir(const char *below)
{
	assert_true(mkdir(fake_path(below), 0755) == 0 || errno == EEXIST);
	assert_int_equal(chmod(fake_path(below), 0755), 0);
}

static inline void
service_write(const char *name, const char *args)
{
	char path[600], text[4096], below[64];

	snprintf(below, sizeof(below), "/stack/%s", name);
	snprintf(path, sizeof(path), "%s", fake_path("/pam_uadm.so"));
	snprintf(text, sizeof(text),
	    "auth required %1$s %2$s\naccount required %1$s %2$s\n"
	    "password required %1$s %2$s\nsession required %1$s %2$s\n",
	    path, args);
	file_write(fake_path(below), text);
}

static inline int
host_setup(void **state)
{
	int lock;

	(void)state;
	lock = open(fake_path("/lock"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (lock < 0 || flock(lock, LOCK_EX) != 0)
		return -1;
	fake_mkdir("/etc");
	fake_mkdir("/run");
	fake_mkdir("/run/uadm");
	fake_mkdir("/stack");
	unlink(fake_path("/trace"));
	unlink(fake_path("/run/uadm/uadmd.socket"));
	file_write(fake_path("/etc/passwd"),
	    "root:x:0:0:root:/root:/bin/sh\nlocal:x:1000:1000::/:/bin/sh\n"
	    "toor:x:0:0::/:/bin/sh\n:x:7:7::/:/bin/sh\nlast:x:1001:1001::/:/bin/sh");
	service_write("other", "");
	service_write("plain", "");
	service_write("nodelay", "nodelay");
	service_write("first", "use_first_pass");
	service_write("use", "use_authtok");
	service_write("conf", "conf=/etc/uadm/other.conf debug");
	service_write("wrong", "use_frist_pass");
	service_write("relative", "conf=uadm.conf");
	return 0;
}

static inline int
host_converse(
    int n, const struct pam_message **msg, struct pam_response **resp, void *ptr)
{
	static const char *const styles[] = { "?", "secret", "open", "error", "info" };
	struct host *h = ptr;
	size_t used = strlen(h->said);
	bool asks = n == 1 && msg[0]->msg_style <= PAM_PROMPT_ECHO_ON;

	if (h->conv == CONV_FAILS) {
		*resp = (struct pam_response *)8; /* nobody may touch it */
		return PAM_CONV_ERR;
	}
	*resp = NULL;
	if (h->conv == CONV_NO_REPLY)
		return PAM_SUCCESS;
	snprintf(h->said + used, sizeof(h->said) - used, "%s %s\n",
	    styles[msg[0]->msg_style], msg[0]->msg);
	*resp = calloc(1, sizeof(**resp));
	if (asks && h->on_prompt != NULL)
		h->on_prompt(msg[0]->msg);
	if (asks && h->conv != CONV_NO_TEXT && h->asked < 4 &&
	    h->answers[h->asked] != NULL)
		(*resp)->resp = strdup(h->answers[h->asked++]);
	return PAM_SUCCESS;
}

static inline void
host_start(struct host *h, const char *service, const char *user)
{
	struct pam_conv conv = { h->conv == CONV_NULL ? NULL : host_converse, h };

	host_log[0] = '\0';
	assert_int_equal(
	    pam_start_confdir(service, user, &conv, fake_path("/stack"), &h->pamh),
	    PAM_SUCCESS);
}

static inline void
host_end(struct host *h)
{
	assert_int_equal(pam_end(h->pamh, PAM_SUCCESS), PAM_SUCCESS);
	h->pamh = NULL;
}

/* One call of one phase by a program of its own. */
static inline int
host_call(struct host *h, const char *service, const char *user,
    int (*phase)(pam_handle_t *, int), int flags)
{
	int code;

	host_start(h, service, user);
	code = phase(h->pamh, flags);
	host_end(h);
	return code;
}

/* Runs of the fake since the last look. */
static inline int
runs(void)
{
	int n = 0;

	for (const char *c = file_read(fake_path("/trace")); *c != '\0'; c++)
		n += *c == '\n';
	unlink(fake_path("/trace"));
	return n;
}

/* Only root can spawn: elsewhere there is nothing to test but that nothing happens. */
#define NEEDS_ROOT()                                                                   \
	do {                                                                           \
		if (geteuid() != 0) {                                                  \
			print_message("skipped: only a root host spawns uadmd\n");     \
			skip();                                                        \
		}                                                                      \
	} while (0)

#endif
