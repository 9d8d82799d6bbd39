/*
 * fault_driver -o LIST [-p PREFIX]... [-n N {-k | -e ERRNO [-a]}] CMD [ARG...]
 *
 * Run CMD and write one line for each of its system calls that change something to LIST. At the
 * N-th: -k kills it before the call is made, as kill -9 would; -e lets the call fail with ERRNO
 * (a number), and with -a every one after it too. With -p only what lies below a PREFIX counts,
 * and locks do not. The exit status is CMD's, or 137.
 *
 * Not strace: it counts each name apart, stops at every call, and takes ten times as long. Here
 * the kernel asks us about these calls alone (seccomp_unotify(2)).
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PREFIXES_MOST = 8, TEXT_SIZE = PATH_MAX * 2, KILLED = 137, BROKEN = 99 };

/* What tells where a call acts: a descriptor, a path, or a directory and a path. */
enum where { NOWHERE, FD, FD_THIRD, PATH, PATH_SECOND, AT, AT_SECOND };

static const struct call {
	int nr;
	const char *name;
	enum where where;
} calls[] = {
#define CALL(name, where)                                                              \
	{                                                                              \
		SYS_##name, #name, where                                               \
	}
	CALL(write, FD),
	CALL(pwrite64, FD),
	CALL(writev, FD),
	CALL(pwritev, FD),
	CALL(pwritev2, FD),
	CALL(copy_file_range, FD_THIRD),
	CALL(sendfile, FD),
	CALL(fsync, FD),
	CALL(fdatasync, FD),
	CALL(ftruncate, FD),
	CALL(truncate, PATH),
	CALL(fallocate, FD),
	CALL(fchmod, FD),
	CALL(fchown, FD),
	CALL(fchmodat, AT),
	CALL(fchownat, AT),
	CALL(utimensat, AT),
	CALL(fsetxattr, FD),
	CALL(flock, FD),
	CALL(fcntl, FD),
	CALL(openat, AT),
	CALL(mkdirat, AT),
	CALL(symlinkat, AT_SECOND),
	CALL(linkat, AT_SECOND),
	CALL(unlinkat, AT),
	CALL(renameat2, AT_SECOND),
	CALL(kill, NOWHERE),
	CALL(tgkill, NOWHERE),
	CALL(pidfd_send_signal, NOWHERE),
	CALL(sendto, NOWHERE),
	CALL(exit_group, NOWHERE),
#ifdef SYS_open /* what older machines have beside these */
	CALL(open, PATH),
	CALL(creat, PATH),
	CALL(mkdir, PATH),
	CALL(rmdir, PATH),
	CALL(unlink, PATH),
	CALL(rename, PATH_SECOND),
	CALL(renameat, AT_SECOND),
	CALL(link, PATH_SECOND),
	CALL(symlink, PATH_SECOND),
	CALL(chmod, PATH),
	CALL(chown, PATH),
	CALL(lchown, PATH),
#endif
};
enum { CALLS = sizeof(calls) / sizeof(calls[0]) };

static struct {
	FILE *list;
	const char *prefixes[PREFIXES_MOST];
	size_t prefix_count;
	long at, seen;
	int error;
	int kills, onwards;
	pid_t pid;
} job;

static void
die(const char *what)
{
	perror(what);
	exit(BROKEN);
}

static const struct call *
find_call(int nr)
{
	for (size_t i = 0; i < CALLS; i++)
		if (calls[i].nr == nr)
			return &calls[i];
	return NULL;
}

/* Some calls change something or not by what they are told. */
static int
changes(const struct call *c, const __u64 args[6])
{
	int command = (int)args[1];

	if (c->nr == SYS_fcntl)
		return command == F_SETLK || command == F_SETLKW ||
		    command == F_OFD_SETLK || command == F_OFD_SETLKW;
	if (c->nr == SYS_openat)
		return ((int)args[2] & (O_CREAT | O_TRUNC)) != 0;
#ifdef SYS_open
	if (c->nr == SYS_open)
		return ((int)args[1] & (O_CREAT | O_TRUNC)) != 0;
#endif
	return 1;
}

static void
link_text(const char *name, int fd, char *out)
{
	char path[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)job.pid, name);
	if (fd >= 0)
		snprintf(path, sizeof(path), "/proc/%d/%s/%d", (int)job.pid, name, fd);
	n = readlink(path, out, PATH_MAX - 1);
	out[n < 0 ? 0 : n] = '\0';
}

/* Page by page: the text may end right before one that is not there. */
static void
read_text(__u64 from, char *out)
{
	size_t used = 0;

	while (used < PATH_MAX - 1) {
		size_t most = 4096 - (from + used) % 4096;
		struct iovec here = { out + used, most };
		struct iovec there = { (void *)(from + used), most };

		if (most > PATH_MAX - 1 - used)
			here.iov_len = there.iov_len = PATH_MAX - 1 - used;
		if (process_vm_readv(job.pid, &here, 1, &there, 1, 0) <= 0)
			break;
		if (memchr(out + used, '\0', here.iov_len) != NULL)
			return;
		used += here.iov_len;
	}
	out[used] = '\0';
}

static void
place_of(const struct call *c, const __u64 args[6], char out[TEXT_SIZE])
{
	static const struct {
		int dir, path;
	} parts[] = { [FD] = { 0, -1 },
		[FD_THIRD] = { 2, -1 },
		[PATH] = { -1, 0 },
		[PATH_SECOND] = { -1, 1 },
		[AT] = { 0, 1 },
		[AT_SECOND] = { 2, 3 } };
	int dir = parts[c->where].dir, path = parts[c->where].path, fd = AT_FDCWD;
	char text[PATH_MAX] = "", base[PATH_MAX] = "";

	out[0] = '\0';
	if (c->where == NOWHERE)
		return;
	/* symlinkat(target, dir, name) */
	if (c->nr == SYS_symlinkat) {
		dir = 1;
		path = 2;
	}
	if (dir >= 0)
		fd = (int)args[dir];
	if (path >= 0)
		read_text(args[path], text);
	if (path < 0 || text[0] != '/')
		link_text(
		    fd == AT_FDCWD ? "cwd" : "fd", fd == AT_FDCWD ? -1 : fd, base);
	snprintf(out, TEXT_SIZE, "%s%s%s", base, base[0] && text[0] ? "/" : "", text);
}

static int
counts(const struct call *c, const char *place)
{
	if (job.prefix_count == 0)
		return 1;
	if (c->nr == SYS_fcntl || c->nr == SYS_flock)
		return 0;
	for (size_t i = 0; i < job.prefix_count; i++)
		if (strncmp(place, job.prefixes[i], strlen(job.prefixes[i])) == 0)
			return 1;
	return 0;
}

/* 0: let it go on; else the errno that it fails with, or -1 when it was killed. */
static int
judge(const struct seccomp_notif *asked)
{
	const struct call *c = find_call(asked->data.nr);
	char place[TEXT_SIZE];

	if (c == NULL || (pid_t)asked->pid != job.pid || !changes(c, asked->data.args))
		return 0;
	place_of(c, asked->data.args, place);
	if (!counts(c, place))
		return 0;
	job.seen++;
	fprintf(job.list, "%s %s\n", c->name, place);
	if (job.at == 0 || job.seen < job.at || (job.seen > job.at && !job.onwards))
		return 0;
	if (!job.kills)
		return job.error;
	kill(job.pid, SIGKILL);
	return -1;
}

static void
answer(int listener)
{
	struct seccomp_notif asked = { 0 };
	struct seccomp_notif_resp reply = { 0 };
	int error;

	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &asked) != 0) {
		usleep(1000); /* who asked is gone, or all are */
		return;
	}
	error = judge(&asked);
	if (error < 0)
		return;
	reply.id = asked.id;
	reply.error = -error;
	reply.flags = error == 0 ? SECCOMP_USER_NOTIF_FLAG_CONTINUE : 0;
	ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &reply);
}

static void
send_fd(int to, int fd)
{
	char byte = 0, control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { &byte, 1 };
	struct msghdr m = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control) };
	struct cmsghdr *h = CMSG_FIRSTHDR(&m);

	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_RIGHTS;
	h->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(h), &fd, sizeof(int));
	if (sendmsg(to, &m, 0) != 1)
		die("sendmsg");
}

static int
receive_fd(int from)
{
	char byte, control[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { &byte, 1 };
	struct msghdr m = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control) };
	int fd = -1;

	if (recvmsg(from, &m, 0) != 1 || CMSG_FIRSTHDR(&m) == NULL)
		return -1;
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(int));
	return fd;
}

/* Whatever is in the table asks us, the rest goes on at once. */
static int
install_filter(void)
{
	struct sock_filter code[CALLS + 3];
	struct sock_fprog program = { CALLS + 3, code };

	code[0] = (struct sock_filter)BPF_STMT(
	    BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < CALLS; i++)
		code[1 + i] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
		    (unsigned)calls[i].nr, (unsigned char)(CALLS - i), 0);
	code[CALLS + 1] =
	    (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	code[CALLS + 2] =
	    (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
	    SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}

static void
become(int to, char **argv)
{
	int listener;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	listener = install_filter();
	if (listener < 0)
		die("seccomp");
	send_fd(to, listener);
	close(listener);
	close(to);
	execvp(argv[0], argv);
	die(argv[0]);
}

/* What it has left behind would be asked about by nobody. */
static void
end_orphans(void)
{
	char path[64];
	FILE *f;
	int pid;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	if ((f = fopen(path, "re")) == NULL)
		return;
	while (fscanf(f, "%d", &pid) == 1)
		kill(pid, SIGKILL);
	fclose(f);
	while (wait(NULL) > 0)
		;
}

/* In a thread of its own: it waits for as long as nobody asks, also once nobody will any more. */
static void *
answer_all(void *listener)
{
	for (;;)
		answer(*(int *)listener);
	return NULL;
}

static _Noreturn void
watch(int listener)
{
	pthread_t thread;
	int status;

	if (pthread_create(&thread, NULL, answer_all, &listener) != 0)
		die("pthread_create");
	if (waitpid(job.pid, &status, 0) != job.pid)
		die("waitpid");
	end_orphans();
	fflush(job.list);
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

int
main(int argc, char **argv)
{
	int pair[2], listener, o;

	while ((o = getopt(argc, argv, "+o:p:n:ke:a")) != -1)
		switch (o) {
		case 'o':
			job.list = fopen(optarg, "we");
			break;
		case 'p':
			if (job.prefix_count == PREFIXES_MOST)
				exit(BROKEN);
			job.prefixes[job.prefix_count++] = optarg;
			break;
		case 'n':
			job.at = strtol(optarg, NULL, 10);
			break;
		case 'k':
			job.kills = 1;
			break;
		case 'e':
			job.error = (int)strtol(optarg, NULL, 10);
			break;
		case 'a':
			job.onwards = 1;
			break;
		default:
			exit(BROKEN);
		}
	if (job.list == NULL || optind >= argc ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		exit(BROKEN);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	job.pid = fork();
	if (job.pid == 0)
		become(pair[1], argv + optind);
	close(pair[1]);
	listener = receive_fd(pair[0]);
	if (job.pid < 0 || listener < 0)
		exit(BROKEN);
	watch(listener);
}
