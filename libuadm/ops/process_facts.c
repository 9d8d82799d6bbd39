#include "libuadm/ops/process_facts.h"

#include "libuadm/base/cleanup.h"
#include "libuadm/base/paths.h"
#include "libuadm/ops/subuids.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

enum { KERNEL_THREAD = 0x00200000 }; /* PF_KTHREAD */

/* /proc/PID/NAME, or as much of it as fits; false when nothing can be read. */
static bool
read_file(int proc, pid_t pid, const char *name, char *text, size_t size)
{
	CLEANUP(cleanup_fd) int fd = -1;
	char path[48];
	ssize_t n;

	snprintf(path, sizeof(path), "%d/%s", (int)pid, name);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || (n = read(fd, text, size - 1)) <= 0)
		return false;
	text[n] = '\0';
	return true;
}

/* A kernel without audit has no such file: then nobody came from a login. */
uid_t
process_read_login(int proc, pid_t pid)
{
	char text[16];

	return read_file(proc, pid, "loginuid", text, sizeof(text))
	    ? (uid_t)strtoul(text, NULL, 10)
	    : PROCESS_NO_LOGIN;
}

uint32_t
process_read_audit_session(int proc, pid_t pid)
{
	char text[16];
	unsigned long n = read_file(proc, pid, "sessionid", text, sizeof(text))
	    ? strtoul(text, NULL, 10)
	    : 0;

	return n == UINT32_MAX ? 0 : (uint32_t)n;
}

bool
process_read_ids(int proc, struct subuids *subuids, struct process_seen *p)
{
	struct process_facts *f = &p->facts;
	uid_t *const all[] = { &f->real, &f->effective, &f->saved, &f->fs };
	/* proc(5): the ids come early, and a newline in the name is escaped */
	char text[1024];
	const char *ids;

	if (!read_file(proc, f->pid, "status", text, sizeof(text)) ||
	    (ids = strstr(text, "\nUid:")) == NULL ||
	    sscanf(ids, "\nUid: %u %u %u %u", &p->ids[0], &p->ids[1], &p->ids[2],
		&p->ids[3]) != 4)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		*all[i] = subuids_resolve(subuids, p->ids[i]);
	return true;
}

/* Of a file, for a directory's owner does not tell who may not be looked into. */
static bool
owner_of_file(int proc, pid_t pid, uid_t *owner)
{
	char path[32];
	struct stat st;

	snprintf(path, sizeof(path), "%d/stat", (int)pid);
	if (fstatat(proc, path, &st, 0) != 0)
		return false;
	*owner = st.st_uid;
	return true;
}

bool
process_read_owner(int proc, pid_t pid, uid_t *owner, uid_t *login)
{
	CLEANUP(cleanup_fd) int fd = -1;
	char path[32], text[16];
	struct stat st;
	ssize_t n;

	if (login == NULL)
		return owner_of_file(proc, pid, owner);
	*owner = 0;
	*login = PROCESS_NO_LOGIN;
	snprintf(path, sizeof(path), "%d/loginuid", (int)pid);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) /* a kernel without audit? */
		return owner_of_file(proc, pid, owner);
	if (fstat(fd, &st) == 0)
		*owner = st.st_uid;
	if ((n = read(fd, text, sizeof(text) - 1)) > 0) {
		text[n] = '\0';
		*login = (uid_t)strtoul(text, NULL, 10);
	}
	return true;
}

/* Of the one hierarchy that systemd keeps: v2 (`0::`), or `name=systemd` beside v1. */
static bool
is_in_service(int proc, pid_t pid)
{
	static const char below[] = "/system.slice/";
	char text[4096], *next = text, *line, *path;

	if (!read_file(proc, pid, "cgroup", text, sizeof(text)))
		return false;
	while ((line = strsep(&next, "\n")) != NULL)
		if ((strncmp(line, "0::", 3) == 0 ||
			strstr(line, ":name=systemd:") != NULL) &&
		    (path = strchr(line, '/')) != NULL &&
		    strncmp(path, below, sizeof(below) - 1) == 0)
			return true;
	return false;
}

static bool
runs_uadmd(int proc, pid_t pid)
{
	struct stat ours, its;
	char path[48];

	snprintf(path, sizeof(path), "%d/exe", (int)pid);
	return stat(UADM_UADMD, &ours) == 0 && fstatat(proc, path, &its, 0) == 0 &&
	    ours.st_dev == its.st_dev && ours.st_ino == its.st_ino;
}

static void
keep_command(struct process_seen *p, const char *text, const char *end)
{
	const char *from = strchr(text, '(');
	int n = from == NULL ? 0 : (int)(end - from) - 1;

	snprintf(
	    p->command, sizeof(p->command), "%.*s", n, from == NULL ? "" : from + 1);
}

bool
process_read_rest(int proc, struct process_seen *p)
{
	struct process_facts *f = &p->facts;
	int parent, session, terminal, threads;
	unsigned flags;
	long long start;
	char text[1024], state;
	const char *after;

	/* The name in parentheses may contain anything: the last one ends it. proc(5), from the
	 * third field on. */
	if (!read_file(proc, f->pid, "stat", text, sizeof(text)) ||
	    (after = strrchr(text, ')')) == NULL ||
	    sscanf(after + 1,
		" %c %d %*d %d %d %*d %u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %d "
		"%*d %lld",
		&state, &parent, &session, &terminal, &flags, &threads, &start) != 7)
		return false;
	keep_command(p, text, after);
	p->start = start;
	f->parent = parent;
	f->session = session;
	p->terminal = terminal;
	f->has_terminal = terminal != 0;
	f->kernel = (flags & KERNEL_THREAD) != 0;
	f->systemd = access("/run/systemd/system", F_OK) == 0;
	f->in_service = f->systemd && is_in_service(proc, f->pid);
	f->is_uadmd = runs_uadmd(proc, f->pid);
	/* The first thread may have ended and the others run on. */
	return (state != 'Z' && state != 'X') || threads > 1;
}
