/*
 * Threat: root runs what a configuration names. Whoever can change the program, or a directory or link on
 * the way to it, would be root: so each of them is looked at, link by link. It gets nothing of ours:
 * no environment, no descriptor, no terminal; and however it hangs, it ends.
 */
#include "libuadm/ops/command.h"

#include "libuadm/base/apart.h"
#include "libuadm/base/clock.h"
#include "libuadm/base/files.h"
#include "libuadm/base/names.h"
#include "libuadm/base/paths.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { LINKS_MOST = 40 };

enum uadm_code
command_split(const char *text, struct command_line *line, struct uadm_err *err)
{
	char *rest = NULL;

	*line = (struct command_line){ 0 };
	if (strlen(text) >= sizeof(line->copy))
		return uadm_fail(err, UADM_CONFIG, "the command is too long");
	snprintf(line->copy, sizeof(line->copy), "%s", text);
	for (char *w = strtok_r(line->copy, " \t", &rest); w != NULL;
	     w = strtok_r(NULL, " \t", &rest)) {
		/* Some are left for who adds to it. */
		if (line->count + 8 > COMMAND_WORDS)
			return uadm_fail(
			    err, UADM_CONFIG, "the command has too many words");
		line->argv[line->count++] = w;
	}
	return line->count > 0 ? UADM_OK
			       : uadm_fail(err, UADM_CONFIG, "there is no command");
}

void
command_add(struct command_line *line, const char *word)
{
	if (line->count < COMMAND_WORDS)
		line->argv[line->count++] = (char *)word;
}

static enum uadm_code
is_roots(const struct stat *st, const char *shown, struct uadm_err *err)
{
	if (st->st_uid != 0 && st->st_uid != UADM_TRUSTED_UID)
		return uadm_fail(err, UADM_CONFIG, "%s belongs to uid %u, not to root",
		    shown, (unsigned)st->st_uid);
	/* The mode of a link means nothing: who owns it and its directory does. */
	if (!S_ISLNK(st->st_mode) && (st->st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return uadm_fail(err, UADM_CONFIG,
		    "%s is writable by others (mode %04o)", shown,
		    (unsigned)st->st_mode & 07777);
	return UADM_OK;
}

/* at[0..end) is a link in at[0..done), which is resolved: put what it leads to in its place. */
static bool
follow(char at[PATH_MAX], size_t done, size_t end)
{
	char target[PATH_MAX], next[2 * PATH_MAX], saved = at[end];
	ssize_t n;

	at[end] = '\0';
	n = readlink(at, target, sizeof(target) - 1);
	at[end] = saved;
	if (n <= 0)
		return false;
	target[n] = '\0';
	snprintf(next, sizeof(next), "%.*s%s%s%s", target[0] == '/' ? 0 : (int)done, at,
	    target[0] == '/' ? "" : "/", target, at + end);
	if (strlen(next) >= PATH_MAX)
		return false;
	memcpy(at, next, strlen(next) + 1);
	return true;
}

/* Component by component, as the kernel will go. *st is that of the last one. */
static enum uadm_code
walk(char at[PATH_MAX], struct stat *st, struct uadm_err *err)
{
	size_t done = 0, links = 0;
	enum uadm_code c;

	if (lstat("/", st) != 0 || (c = is_roots(st, "/", err)) != UADM_OK)
		return uadm_fail(err, UADM_CONFIG, "/ is not root's alone");
	while (at[done] != '\0') {
		size_t end = done + 1 + strcspn(at + done + 1, "/");
		char saved = at[end];
		int rc;

		/* ".." of what is resolved is where the kernel goes, and was looked at. */
		at[end] = '\0';
		rc = lstat(at, st);
		c = rc == 0 ? is_roots(st, at, err)
			    : uadm_fail(err, UADM_CONFIG, "cannot look at %s: %m", at);
		at[end] = saved;
		if (c != UADM_OK)
			return c;
		if (!S_ISLNK(st->st_mode)) {
			done = end;
			continue;
		}
		if (++links > LINKS_MOST || !follow(at, done, end))
			return uadm_fail(err, UADM_CONFIG, "%s leads nowhere", at);
		done = 0; /* from the beginning: the target may be anywhere */
	}
	return UADM_OK;
}

enum uadm_code
command_check(const char *path, struct uadm_err *err)
{
	char at[PATH_MAX];
	struct stat st;
	enum uadm_code c;

	if (path[0] != '/' || strlen(path) >= sizeof(at))
		return uadm_fail(err, UADM_CONFIG, "%.100s is no absolute path", path);
	snprintf(at, sizeof(at), "%s", path);
	if ((c = walk(at, &st, err)) != UADM_OK)
		return c;
	if (!S_ISREG(st.st_mode) || (st.st_mode & 0111) == 0)
		return uadm_fail(err, UADM_CONFIG, "%s is no program", path);
	return UADM_OK;
}

static int
spawn(char *const argv[], int input, int output, pid_t *pid)
{
	static char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin", lang[] = "LC_ALL=C",
		    name[] = "LOGNAME=root";
	char *const env[] = { path, lang, name, NULL };
	mode_t mask = umask(022); /* what a mailer is used to */
	int rc = apart_spawn(argv, env, input, output, pid);

	umask(mask);
	return rc;
}

struct listening {
	int fd; /* -1: nothing more will come */
	char text[COMMAND_SAID_SIZE / 4];
	size_t used;
};

static void
listen_once(struct listening *l)
{
	char more[1024];
	ssize_t n = read(l->fd, more, sizeof(more));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		l->fd = -1;
		return;
	}
	if ((size_t)n > sizeof(l->text) - 1 - l->used)
		n = (ssize_t)(sizeof(l->text) - 1 - l->used);
	memcpy(l->text + l->used, more, (size_t)n);
	l->used += (size_t)n;
}

/* Until it ends, not until its output does: what it leaves in the background may hold that open. */
static bool
wait_for_end(int child, struct listening *l, int64_t most_ms)
{
	int64_t deadline = clock_boot_ms() + most_ms;

	for (;;) {
		struct pollfd p[] = { { .fd = child, .events = POLLIN },
			{ .fd = l->fd, .events = POLLIN } };
		int64_t left = deadline - clock_boot_ms();

		if (left <= 0)
			return false;
		if (poll(p, ARRAY_LEN(p), (int)(left > 1000 ? 1000 : left)) <= 0)
			continue;
		if (p[1].revents != 0)
			listen_once(l);
		if (p[0].revents != 0)
			break;
	}
	/* What it said last is in the pipe by now; a few reads have it all. */
	for (int i = 0; i < 8 && l->fd >= 0; i++)
		listen_once(l);
	return true;
}

/* Ends of lines are blanks; the rest is shown as ever. */
static void
tell_said(struct listening *l, char said[COMMAND_SAID_SIZE])
{
	char *to = l->text;

	for (const char *p = l->text; p < l->text + l->used; p++) {
		char c =
		    *p == '\n' || *p == '\r' || *p == '\t' || *p == '\0' ? ' ' : *p;

		if (c != ' ' || (to > l->text && to[-1] != ' '))
			*to++ = c;
	}
	while (to > l->text && to[-1] == ' ')
		to--;
	*to = '\0';
	text_escape(said, COMMAND_SAID_SIZE, l->text);
}

static int
make_input(const void *data, size_t size)
{
	int fd = memfd_create("uadm", MFD_CLOEXEC);

	if (fd >= 0 &&
	    (!files_write_all(fd, data, size) || lseek(fd, 0, SEEK_SET) != 0)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

void
command_run(const struct command_line *line, const void *input, size_t size,
    int64_t most_ms, struct mailer_end *end, char said[COMMAND_SAID_SIZE])
{
	CLEANUP(cleanup_fd) int in = make_input(input, size);
	CLEANUP(cleanup_fd) int from = -1;
	CLEANUP(cleanup_fd) int child = -1;
	struct listening l = { .fd = -1 };
	struct uadm_err err = { 0 };
	int ends[2], status = 0;
	pid_t pid;

	*end = (struct mailer_end){ 0 };
	said[0] = '\0';
	if (command_check(line->argv[0], &err) != UADM_OK) {
		snprintf(said, COMMAND_SAID_SIZE, "%.500s", err.msg);
		return;
	}
	if (in < 0 || pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
		snprintf(said, COMMAND_SAID_SIZE, "no memory or descriptor is left");
		return;
	}
	l.fd = from = ends[0];
	fcntl(ends[1], F_SETFL, 0); /* its end waits as usual */
	errno = spawn(line->argv, in, ends[1], &pid);
	close(ends[1]);
	if (errno != 0) {
		snprintf(said, COMMAND_SAID_SIZE, "%.300s: %m", line->argv[0]);
		return;
	}
	end->begun = true;
	child = pidfd_open(pid, 0);
	end->in_time = child >= 0 && wait_for_end(child, &l, most_ms);
	if (!end->in_time)
		kill(-pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	end->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	end->status = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
	tell_said(&l, said);
}
