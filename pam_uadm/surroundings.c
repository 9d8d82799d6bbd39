/*
 * surroundings.c - put back what a process inherits from whoever called the host.
 *
 * Threat: RLIMIT_FSIZE ends a write to the store, RLIMIT_CPU the hash, idle scheduling and a
 * busy CPU hold both for minutes, an OOM score of 1000 makes it the first to be
 * killed, a huge timer slack stretches every bounded wait, and who owns the cgroup may freeze
 * or kill all that is in it. All of it is put back to what a daemon starts with.
 *
 * Best effort, for a container may forbid any of it, and uadmd survives what stays: a write
 * that fails is a login refused. Raw system calls only, as in child.c.
 */
#include "pam_uadm/surroundings.h"

#include "libuadm/base/paths.h"
#include "pam_uadm/raw.h"

#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>

/* The mount that every distribution uses; tests put files in its place. */
#define CGROUP_DIR  UADM_ROOT "/sys/fs/cgroup"
#define CGROUP_SELF UADM_ROOT "/proc/self/cgroup"

/* As <linux/ioprio.h> and <linux/mempolicy.h> have them. */
enum { IO_WHO_PROCESS = 1, MEMORY_DEFAULT = 0, DEFAULT_SLACK_NS = 50000 };

/* The kernel's own form of a limit, the same on every machine. */
struct limit {
	uint64_t soft;
	uint64_t hard;
};

static void
set_limit(long what, struct limit want)
{
	struct limit now;

	if (syscall(SYS_prlimit64, 0L, what, &want, NULL) == 0)
		return;
	/* Not allowed to raise the hard one: then all of that. */
	if (syscall(SYS_prlimit64, 0L, what, NULL, &now) != 0)
		return;
	if (want.soft > now.hard)
		want.soft = now.hard;
	want.hard = now.hard;
	syscall(SYS_prlimit64, 0L, what, &want, NULL);
}

static void
reset_limits(void)
{
	static const uint64_t none = ~(uint64_t)0;
	static const uint64_t mib = 1024 * 1024;

	set_limit(RLIMIT_CPU, (struct limit){ none, none });
	set_limit(RLIMIT_FSIZE, (struct limit){ none, none });
	set_limit(RLIMIT_DATA, (struct limit){ none, none });
	set_limit(RLIMIT_STACK, (struct limit){ 8 * mib, none });
	set_limit(RLIMIT_CORE, (struct limit){ 0, 0 }); /* it would hold passwords */
	set_limit(RLIMIT_RSS, (struct limit){ none, none });
	set_limit(RLIMIT_NPROC, (struct limit){ none, none });
	set_limit(RLIMIT_NOFILE, (struct limit){ 1024, 4096 });
	set_limit(RLIMIT_MEMLOCK, (struct limit){ 8 * mib, 8 * mib });
	set_limit(RLIMIT_AS, (struct limit){ none, none });
	set_limit(RLIMIT_LOCKS, (struct limit){ none, none });
	set_limit(RLIMIT_SIGPENDING, (struct limit){ 4096, 4096 });
	set_limit(RLIMIT_MSGQUEUE, (struct limit){ 819200, 819200 });
	set_limit(RLIMIT_NICE, (struct limit){ 0, 0 });
	set_limit(RLIMIT_RTPRIO, (struct limit){ 0, 0 });
	set_limit(RLIMIT_RTTIME, (struct limit){ none, none });
}

static void
reset_scheduling(void)
{
	struct sched_param ordinary = { .sched_priority = 0 };
	unsigned char every_cpu[1024];

	memset(every_cpu, 0xff, sizeof(every_cpu));
	syscall(SYS_sched_setscheduler, 0L, (long)SCHED_OTHER, &ordinary);
	syscall(SYS_setpriority, (long)PRIO_PROCESS, 0L, 0L);
	syscall(SYS_ioprio_set, (long)IO_WHO_PROCESS, 0L, 0L);
	syscall(SYS_sched_setaffinity, 0L, sizeof(every_cpu), every_cpu);
	syscall(SYS_prctl, (long)PR_SET_TIMERSLACK, (long)DEFAULT_SLACK_NS, 0L, 0L, 0L);
	syscall(SYS_prctl, (long)PR_SET_PDEATHSIG, 0L, 0L, 0L, 0L);
	syscall(SYS_personality, 0L);
#ifdef SYS_set_mempolicy
	syscall(SYS_set_mempolicy, (long)MEMORY_DEFAULT, NULL, 0L);
#endif
}

static void
write_zero(const char *path)
{
	long fd = syscall(SYS_openat, (long)AT_FDCWD, path,
	    (long)(O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK), 0L);

	if (fd < 0)
		return;
	syscall(SYS_write, fd, "0", 1L);
	syscall(SYS_close, fd);
}

/* Move to the root of the hierarchy mounted at `name`; "" is the unified one itself. */
static void
leave_hierarchy(const char *name, size_t size)
{
	static const char top[] = CGROUP_DIR "/", file[] = "/cgroup.procs";
	char path[sizeof(top) + sizeof(file) + 64];
	size_t at = sizeof(top) - 1;

	if (size > 64)
		return;
	memcpy(path, top, at);
	memcpy(path + at, name, size);
	memcpy(path + at + size, file, sizeof(file));
	write_zero(path);
}

/* One line, `ID:CONTROLLERS:PATH`, of /proc/self/cgroup. In the root already: not moved, for
 * a move makes the kernel wait for every CPU. */
static void
leave_line(const char *line, size_t size)
{
	const char *name = memchr(line, ':', size), *path, *end = line + size;

	if (name == NULL ||
	    (path = memchr(name + 1, ':', (size_t)(end - name) - 1)) == NULL)
		return;
	name++;
	if (end - path == 2 && path[1] == '/')
		return;
	if (path == name) { /* v2: alone, or beside v1 */
		leave_hierarchy("", 0);
		leave_hierarchy("unified", 7);
	} else if (path - name > 5 && memcmp(name, "name=", 5) == 0) {
		leave_hierarchy(name + 5, (size_t)(path - name) - 5);
	} else {
		leave_hierarchy(name, (size_t)(path - name));
	}
}

static size_t
read_own_cgroups(char *list, size_t size)
{
	long fd = syscall(SYS_openat, (long)AT_FDCWD, CGROUP_SELF,
	    (long)(O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK), 0L);
	size_t used = 0;
	long n = 0;

	if (fd < 0)
		return 0;
	while (used < size && (n = syscall(SYS_read, fd, list + used, size - used)) > 0)
		used += (size_t)n;
	syscall(SYS_close, fd);
	return n < 0 ? 0 : used;
}

/* Leave what the list names. false when it is not whole: a path that does not fit. */
static bool
leave_listed(const char *list, size_t size)
{
	const char *at = list, *end;

	while (at < list + size) {
		end = memchr(at, '\n', size - (size_t)(at - list));
		if (end == NULL)
			return false;
		leave_line(at, (size_t)(end - at));
		at = end + 1;
	}
	return size > 0;
}

static void
leave_cgroups(void)
{
	static const char *const usual[] = { "", "unified", "systemd", "freezer",
		"memory", "pids", "cpu", "cpuset" };
	char list[4096];
	size_t size = read_own_cgroups(list, sizeof(list));

	if (leave_listed(list, size))
		return;
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		leave_hierarchy(usual[i], strlen(usual[i]));
}

void
surroundings_reset(void)
{
	syscall(SYS_umask, 077L);
	if (syscall(SYS_chdir, "/") < 0)
		raw_exit(127);
	reset_limits();
	reset_scheduling();
	write_zero("/proc/self/oom_score_adj");
	leave_cgroups();
}
