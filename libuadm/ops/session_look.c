/*
 * session_look.c - see session_look.h.
 *
 * Threat: the terminal that PAM is told is a text of whoever opens the session. It is shown, and no
 * file is ever looked at by it: the kernel's number of the terminal makes the name that is.
 */
#include "libuadm/ops/session_look.h"

#include "libuadm/base/cleanup.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

enum { DEPTH_MOST = 64, PTS_FIRST = 136, PTS_LAST = 143, TTY_MAJOR = 4, TTY_MOST = 63 };

void
session_look_done(struct session_look *l)
{
	free(l->at);
	memset(l, 0, sizeof(*l));
}

static enum uadm_code
add(struct session_look *l, const struct session_process *p, struct uadm_err *err)
{
	if (l->count == l->room) {
		size_t room = l->room * 2 + 256;
		void *more = reallocarray(l->at, room, sizeof(*l->at));

		if (more == NULL)
			return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
		l->at = more;
		l->room = room;
	}
	l->at[l->count++] = *p;
	return UADM_OK;
}

static bool
look_at(const struct session_look *l, int proc, struct session_process *p)
{
	struct process_facts *f = &p->seen.facts;

	f->login = PROCESS_NO_LOGIN;
	if (l->wide) {
		if (!process_read_ids(proc, NULL, &p->seen))
			return false;
		f->login = process_read_login(proc, f->pid);
		p->audit = process_read_audit_session(proc, f->pid);
	}
	return process_read_rest(proc, &p->seen);
}

static int
order(const void *a, const void *b)
{
	const struct session_process *x = a, *y = b;

	return (x->seen.facts.pid > y->seen.facts.pid) -
	    (x->seen.facts.pid < y->seen.facts.pid);
}

enum uadm_code
session_look(struct session_look *l, struct uadm_err *err)
{
	DIR *dir = opendir("/proc");
	enum uadm_code c = UADM_OK;

	if (dir == NULL)
		return uadm_fail(err, UADM_UNAVAILABLE, "cannot look into /proc: %m");
	l->count = 0;
	for (struct dirent *e; c == UADM_OK && (e = readdir(dir)) != NULL;) {
		struct session_process p = { .seen.facts.pid =
						 (pid_t)strtol(e->d_name, NULL, 10) };

		if (p.seen.facts.pid > 0 && look_at(l, dirfd(dir), &p))
			c = add(l, &p, err);
	}
	closedir(dir);
	if (l->count > 0)
		qsort(l->at, l->count, sizeof(*l->at), order);
	return c;
}

struct session_process *
session_look_find(const struct session_look *l, pid_t pid)
{
	const struct session_process key = { .seen.facts.pid = pid };

	return l->count == 0 ? NULL
			     : bsearch(&key, l->at, l->count, sizeof(key), order);
}

/* "pts/3", "tty1"; false: none of those that people sit at. */
static bool
name_terminal(int terminal, char *tty, size_t size)
{
	/* As new_encode_dev() of the kernel has it. */
	const unsigned dev = (unsigned)terminal, at = (dev >> 8) & 0xfff;
	const unsigned n = (dev & 0xff) | ((dev >> 12) & 0xfff00);

	if (at >= PTS_FIRST && at <= PTS_LAST)
		snprintf(tty, size, "pts/%u", ((at - PTS_FIRST) << 8) + n);
	else if (at == TTY_MAJOR && n > 0 && n <= TTY_MOST)
		snprintf(tty, size, "tty%u", n);
	else
		return false;
	return true;
}

static bool
is_below(const struct session_look *l, const struct session_process *p, pid_t leader)
{
	for (int i = 0; i < DEPTH_MOST && p != NULL; i++) {
		if (p->seen.facts.parent == leader)
			return true;
		p = session_look_find(l, p->seen.facts.parent);
	}
	return false;
}

bool
session_look_tty(
    const struct session_look *l, pid_t leader, int64_t start, char *tty, size_t size)
{
	const struct session_process *of = session_look_find(l, leader);

	if (of == NULL || of->seen.start != start)
		return false;
	if (name_terminal(of->seen.terminal, tty, size))
		return true;
	for (size_t i = 0; i < l->count; i++) {
		const struct session_process *p = &l->at[i];

		if (p->seen.terminal != 0 &&
		    p->seen.facts.session == p->seen.facts.pid &&
		    is_below(l, p, leader) &&
		    name_terminal(p->seen.terminal, tty, size))
			return true;
	}
	return false;
}

bool
session_look_used_at(const char *tty, int64_t *at)
{
	char path[40];
	struct stat st;

	snprintf(path, sizeof(path), "/dev/%.24s", tty);
	if (lstat(path, &st) != 0 || !S_ISCHR(st.st_mode))
		return false;
	*at = st.st_atime;
	return true;
}
