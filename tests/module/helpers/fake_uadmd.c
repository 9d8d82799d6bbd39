/*
 * fake_uadmd.c - a uadmd that does what the name of the user says, right or wrong.
 *
 * It takes no arguments and no environment, as the real one, so the name is all it gets told
 * by. It leaves a line in FAKE/trace for each time it runs.
 */
#include "libuadm/relay/frame.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

extern char **environ;

static struct relay_frame start;
static char user[64];

static int64_t
soon(void)
{
	return relay_clock_ms() + 5000;
}

static void
say(enum relay_type type, enum relay_tag tag, const char *text)
{
	struct relay_frame f;

	relay_begin(&f, type);
	relay_put_text(&f, tag, text);
	relay_send(0, &f, soon());
}

__attribute__((format(printf, 1, 2))) static void
info(const char *fmt, ...)
{
	char line[500];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	say(RELAY_INFO, RELAY_F_TEXT, line);
}

static void
result(int64_t code)
{
	struct relay_frame f;

	relay_begin(&f, RELAY_RESULT);
	relay_put_int(&f, RELAY_F_RESULT, code);
	if (code == RELAY_AUTH_FAILED || code == RELAY_DENIED) {
		relay_put_int(&f, RELAY_F_LOG_USER, strcmp(user, "nobody-knows") != 0);
		relay_put_int(&f, RELAY_F_DELAY_US, 1234);
	}
	if (code == RELAY_DENIED)
		relay_put_text(&f, RELAY_F_LOG, "suspended\nsince \xc3\xa4 day");
	relay_send(0, &f, soon());
}

/* The answer, or NULL without one. */
static const char *
ask(const char *text, bool echo, enum relay_item item)
{
	static char answer[RELAY_SECRET_MAX + 1];
	struct relay_frame f;

	relay_begin(&f, RELAY_PROMPT);
	relay_put_text(&f, RELAY_F_TEXT, text);
	relay_put_int(&f, RELAY_F_ECHO, echo);
	relay_put_int(&f, RELAY_F_ITEM, item);
	relay_send(0, &f, soon());
	if (!relay_receive(0, &f, relay_clock_ms() + 20000) || f.type != RELAY_ANSWER)
		exit(3);
	if (relay_get_int(&f, RELAY_F_NO_ANSWER, 0) == 1)
		return NULL;
	if (!relay_get_text(&f, RELAY_F_TEXT, answer, sizeof(answer)))
		exit(4);
	relay_wipe(&f);
	return answer;
}

static void
authtok(void)
{
	struct relay_frame f;

	relay_begin(&f, RELAY_AUTHTOK);
	relay_send(0, &f, soon());
}

/* What the caller might have left us with. */
static void
report(void)
{
	static const struct {
		const char *name;
		int what;
	} limits[] = { { "cpu", RLIMIT_CPU }, { "fsize", RLIMIT_FSIZE },
		{ "data", RLIMIT_DATA }, { "core", RLIMIT_CORE }, { "as", RLIMIT_AS },
		{ "nofile", RLIMIT_NOFILE }, { "nproc", RLIMIT_NPROC },
		{ "stack", RLIMIT_STACK } };
	uid_t r, e, s;
	gid_t gr, ge, gs;
	sigset_t mask;
	cpu_set_t cpus;
	char text[256] = "";
	int blocked = 0, ignored = 0, vars = 0, fds = 0;
	struct dirent *entry;
	DIR *dir;
	FILE *f;

	getresuid(&r, &e, &s);
	getresgid(&gr, &ge, &gs);
	info("ids %u %u %u %u %u %u %d", r, e, s, gr, ge, gs, getgroups(0, NULL));
	info("session %s",
	    getsid(0) == getppid() && getpgrp() == getppid() ? "own" : "?");
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		struct rlimit l;

		getrlimit((__rlimit_resource_t)limits[i].what, &l);
		info("%s %lld %lld", limits[i].name, (long long)l.rlim_cur,
		    (long long)l.rlim_max);
	}
	info("nice %d policy %d ioprio %ld slack %d", getpriority(PRIO_PROCESS, 0),
	    sched_getscheduler(0), syscall(SYS_ioprio_get, 1, 0),
	    prctl(PR_GET_TIMERSLACK));
	sched_getaffinity(0, sizeof(cpus), &cpus);
	info("cpus %d", CPU_COUNT(&cpus));
	f = fopen("/proc/self/oom_score_adj", "re");
	if (f != NULL && fgets(text, sizeof(text), f) != NULL)
		text[strcspn(text, "\n")] = '\0';
	if (f != NULL)
		fclose(f);
	info("oom %s", text);
	sigprocmask(SIG_SETMASK, NULL, &mask);
	for (int sig = 1; sig < 65; sig++) {
		struct sigaction act;

		blocked += sigismember(&mask, sig) == 1;
		/* 32 and 33 are libc's: sigaction() does not tell. */
		ignored += sigaction(sig, NULL, &act) == 0 && act.sa_handler == SIG_IGN;
	}
	info("signals %d %d", blocked, ignored);
	for (char **v = environ; *v != NULL; v++)
		vars++;
	info("environment %d", vars);
	info("cwd %s umask %03o", getcwd(text, sizeof(text)), umask(077));
	dir = opendir("/proc/self/fd");
	while (dir != NULL && (entry = readdir(dir)) != NULL)
		fds += entry->d_name[0] != '.' && atoi(entry->d_name) != dirfd(dir);
	if (dir != NULL)
		closedir(dir);
	text[readlink("/proc/self/fd/2", text, sizeof(text) - 1)] = '\0';
	info("descriptors %d, 2 is %.9s", fds, text);
}

static void
echo_start(void)
{
	static const struct {
		const char *name;
		enum relay_tag tag;
	} texts[] = { { "service", RELAY_F_SERVICE }, { "tty", RELAY_F_TTY },
		{ "rhost", RELAY_F_RHOST }, { "ruser", RELAY_F_RUSER },
		{ "conf", RELAY_F_CONF }, { "authtok", RELAY_F_AUTHTOK },
		{ "oldauthtok", RELAY_F_OLDAUTHTOK } };
	char value[RELAY_SECRET_MAX + 1];

	info("version %d phase %d flags %d ruid %d pid %d",
	    (int)relay_get_int(&start, RELAY_F_VERSION, -1),
	    (int)relay_get_int(&start, RELAY_F_PHASE, -1),
	    (int)relay_get_int(&start, RELAY_F_FLAGS, -1),
	    (int)relay_get_int(&start, RELAY_F_RUID, -1),
	    (int)relay_get_int(&start, RELAY_F_PID, -1));
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (relay_get_text(&start, texts[i].tag, value, sizeof(value)))
			info("%s %zu %.200s", texts[i].name, strlen(value), value);
}

static int64_t
phase(void)
{
	return relay_get_int(&start, RELAY_F_PHASE, 0);
}

/* Old password in the first pass, new one in the second. */
static void
change(void)
{
	bool prelim = (relay_get_int(&start, RELAY_F_FLAGS, 0) & RELAY_PRELIM) != 0;
	const char *answer;

	if (prelim) {
		answer = ask("Old: ", false, RELAY_ITEM_OLDAUTHTOK);
		result(answer == NULL                   ? RELAY_CONVERSATION
			: strcmp(answer, "sesame") == 0 ? RELAY_SUCCESS
							: RELAY_TOKEN_RECOVER);
		return;
	}
	echo_start();
	answer = ask("New: ", false, RELAY_ITEM_AUTHTOK);
	authtok();
	result(answer != NULL ? RELAY_SUCCESS : RELAY_TOKEN_ERROR);
}

static void
asks(void)
{
	const char *answer = ask("Password: ", false, RELAY_ITEM_AUTHTOK);

	if (answer == NULL) {
		result(RELAY_CONVERSATION);
		return;
	}
	if (strcmp(user, "length") == 0)
		info("length %zu first %02x", strlen(answer), (unsigned char)answer[0]);
	if (strcmp(answer, "sesame") != 0 && strncmp(user, "canary", 6) != 0) {
		result(RELAY_AUTH_FAILED);
		return;
	}
	if (strcmp(user, "factor") == 0)
		ask("Code: ", true, RELAY_ITEM_NONE);
	if (strcmp(user, "canary") != 0)
		authtok();
	result(RELAY_SUCCESS);
}

/* The second line of a stack sees the first one's token. */
static void
twice(void)
{
	if ((relay_get_int(&start, RELAY_F_FLAGS, 0) & RELAY_USE_FIRST) == 0) {
		asks();
		return;
	}
	echo_start();
	result(RELAY_SUCCESS);
}

static void
hang(void)
{
	for (;;)
		pause();
}

static void
hang_deaf(void)
{
	signal(SIGTERM, SIG_IGN);
	hang();
}

static void
hang_after(void)
{
	result(RELAY_SUCCESS);
	hang_deaf();
}

static void
crash(void)
{
	kill(getpid(), SIGKILL);
}

static void
wire(const void *data, size_t size)
{
	(void)send(0, data, size, MSG_NOSIGNAL);
}

static void
garbage(void)
{
	wire("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 38);
}

static void
oversize(void)
{
	static const uint32_t head[2] = { RELAY_RESULT, RELAY_FRAME_MAX + 1 };
	static const char zeros[RELAY_FRAME_MAX + 1];

	wire(head, sizeof(head));
	wire(zeros, sizeof(zeros));
}

static void
cut(void)
{
	static const uint32_t head[2] = { RELAY_RESULT, 12 };

	wire(head, sizeof(head)); /* and nothing of the 12 */
}

static void
dribble(void)
{
	static const uint32_t head[2] = { RELAY_RESULT, 4000 };

	wire(head, sizeof(head));
	for (;;) {
		wire("", 1);
		usleep(10000);
	}
}

/* A success in every form but the right one. */
static void
wrong_type(void)
{
	struct relay_frame f;

	relay_begin(&f, strcmp(user, "as-start") == 0 ? RELAY_START : RELAY_ANSWER);
	relay_put_int(&f, RELAY_F_RESULT, RELAY_SUCCESS);
	relay_send(0, &f, soon());
	hang();
}

static void
doubled(void)
{
	static const struct {
		uint32_t type, size;
		uint16_t tag1, size1;
		unsigned char value1[8];
		uint16_t tag2, size2;
		unsigned char value2[8];
	} __attribute__((packed))
	f = { RELAY_RESULT, 24, RELAY_F_RESULT, 8, { 1 }, RELAY_F_RESULT, 8, { 1 } };

	wire(&f, sizeof(f));
}

static void
empty_result(void)
{
	struct relay_frame f;

	relay_begin(&f, RELAY_RESULT);
	relay_put_text(&f, RELAY_F_LOG, "all is well");
	relay_put(&f, RELAY_F_RESULT, "\1", 1);
	relay_send(0, &f, soon());
}

static void
flood(void)
{
	for (int i = 0; i < 100000; i++)
		say(RELAY_INFO, RELAY_F_TEXT, "again");
}

static void
prompts(void)
{
	for (int i = 0; i < 1000; i++)
		ask("Again: ", false, RELAY_ITEM_NONE);
}

static void
no_text(void)
{
	say(RELAY_PROMPT, RELAY_F_LOG, "Password: ");
	result(RELAY_SUCCESS);
}

static void
set_env(const char *name, const char *value)
{
	struct relay_frame f;

	relay_begin(&f, RELAY_SETENV);
	relay_put_text(&f, RELAY_F_NAME, name);
	relay_put_text(&f, RELAY_F_VALUE, value);
	relay_send(0, &f, soon());
	result(RELAY_SUCCESS);
}

static void
set_zone(void)
{
	set_env("TZ", "Europe/Berlin");
}

static void
set_preload(void)
{
	set_env("LD_PRELOAD", "evil");
}

static void
set_bad_zone(void)
{
	set_env("TZ", ":/etc/shadow");
}

static void
show(void)
{
	report();
	result(RELAY_SUCCESS);
}

static void
show_start(void)
{
	echo_start();
	result(RELAY_SUCCESS);
}

static void
show_pids(void)
{
	char text[64];

	snprintf(text, sizeof(text), "pids %d %d", (int)getpid(), (int)getppid());
	ask(text, true, RELAY_ITEM_NONE);
	result(RELAY_SUCCESS);
}

static void
lines(void)
{
	say(RELAY_INFO, RELAY_F_TEXT, "a line");
	say(RELAY_ERROR, RELAY_F_TEXT, "an error");
	result(RELAY_SUCCESS);
}

static void
nothing(void)
{
}

static const struct {
	const char *name;
	void (*act)(void);
} acts[] = {
	{ "asks", asks },
	{ "factor", asks },
	{ "length", asks },
	{ "canary", asks },
	{ "canary-token", asks },
	{ "nobody-knows", asks },
	{ "twice", twice },
	{ "change", change },
	{ "hang", hang },
	{ "hang-deaf", hang_deaf },
	{ "hang-after", hang_after },
	{ "crash", crash },
	{ "early", nothing },
	{ "garbage", garbage },
	{ "oversize", oversize },
	{ "cut", cut },
	{ "dribble", dribble },
	{ "as-start", wrong_type },
	{ "as-answer", wrong_type },
	{ "doubled", doubled },
	{ "empty-result", empty_result },
	{ "flood", flood },
	{ "prompts", prompts },
	{ "no-text", no_text },
	{ "zone", set_zone },
	{ "preload", set_preload },
	{ "bad-zone", set_bad_zone },
	{ "report", show },
	{ "start", show_start },
	{ "pids", show_pids },
	{ "lines", lines },
};

/* FAKE/trace: ../../test/fake beside the root of the other tests. */
static void
trace(void)
{
	char path[512], line[64];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 16);
	int fd, size;

	if (n <= 0)
		return;
	path[n] = '\0';
	strcpy(strrchr(path, '/') + 1, "trace");
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		return;
	size = snprintf(line, sizeof(line), "%d\n", (int)getpid());
	if (write(fd, line, (size_t)size) != size)
		_exit(5);
	close(fd);
}

int
main(void)
{
	if (!relay_receive(0, &start, soon()) || start.type != RELAY_START ||
	    !relay_get_text(&start, RELAY_F_USER, user, sizeof(user)))
		return 1;
	trace();
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		if (strcmp(acts[i].name, user) == 0) {
			acts[i].act();
			return 0;
		}
	if (strncmp(user, "result-", 7) == 0)
		result(strtoll(user + 7, NULL, 10));
	else
		result(phase() == 0 ? RELAY_NO_VERDICT : RELAY_SUCCESS);
	return 0;
}
