/*
 * quality.c - the dictionary check, in a child process.
 *
 * libpwquality is loaded with dlopen() and linked by nobody: every login runs a uadmd, which
 * would pay for mapping two more libraries each time, and only a change of a password asks.
 *
 * Threat: what cracklib does with its own files. Depending on its version it ends the process
 * that asked when a dictionary is missing, accepts everything when one is cut off, and reads
 * what the index says without a look at the bounds. So the files are looked at before, and the
 * question is asked in a child: whatever becomes of that, no answer is no good password. The copies
 * of the password that cracklib leaves all over its stack and heap end with the child, too.
 *
 * /etc/security/pwquality.conf is never read: the rules are the policy's.
 */
#include "libuadm/secrets/quality.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwquality.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define LIBRARY "libpwquality.so.1"

enum { CHILD_SECS = 10 };

struct answer {
	struct quality q;
	struct uadm_err err;
};
_Static_assert(sizeof(struct answer) <= PIPE_BUF, "it is written whole or not at all");

static enum uadm_code
unavailable(struct uadm_err *err, const char *what)
{
	uadm_fail(err, UADM_UNAVAILABLE,
	    "the policy wants the dictionary check, but %s", what);
	return uadm_hint(err,
	    "apt install cracklib-runtime libpwquality1, or: uadmctl policy set dictionary no");
}

struct library {
	pwquality_settings_t *(*settings)(void);
	int (*set_int)(pwquality_settings_t *, int, int);
	int (*set_str)(pwquality_settings_t *, int, const char *);
	int (*check)(
	    pwquality_settings_t *, const char *, const char *, const char *, void **);
	const char *(*dictionary)(void);
};

static bool
load(struct library *l)
{
	void *h = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
	const struct {
		const char *name;
		void *at;
	} symbols[] = {
		{ "pwquality_default_settings", &l->settings },
		{ "pwquality_set_int_value", &l->set_int },
		{ "pwquality_set_str_value", &l->set_str },
		{ "pwquality_check", &l->check },
		/* cracklib's, which the library needs itself */
		{ "GetDefaultCracklibDict", &l->dictionary },
	};

	for (size_t i = 0; h != NULL && i < ARRAY_LEN(symbols); i++) {
		void *found = dlsym(h, symbols[i].name);

		if (found == NULL)
			return false;
		memcpy(symbols[i].at, &found, sizeof(found));
	}
	return h != NULL;
}

/* The size of a file that we may read; -1: there is none. */
static int64_t
size_of(const char *prefix, const char *suffix, char path[512])
{
	struct stat st;

	if (snprintf(path, 512, "%s%s", prefix, suffix) >= 512 ||
	    access(path, R_OK) != 0 || stat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return -1;
	return st.st_size;
}

/* cracklib's packlib.c: the head of the index, then the offset of each block of words. */
struct index_head {
	uint32_t magic, words;
	uint16_t block, pad;
};
enum { INDEX_MAGIC = 0x70775631 };

/* Is the dictionary there and whole? A shorter one than its index says knows no words and
 * would let pass what it does not find. */
static bool
is_whole(const char *prefix)
{
	char words[512], index[512], hash[512];
	int64_t words_size = size_of(prefix, ".pwd", words);
	int64_t index_size = size_of(prefix, ".pwi", index);
	struct index_head head;
	uint32_t last;
	int64_t blocks;
	CLEANUP(cleanup_fd) int fd = -1;

	if (words_size <= 0 || index_size <= 0 || size_of(prefix, ".hwm", hash) < 0)
		return false;
	fd = open(index, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, &head, sizeof(head)) != sizeof(head) ||
	    head.magic != INDEX_MAGIC || head.words == 0 || head.block == 0)
		return false;
	blocks = ((int64_t)head.words + head.block - 1) / head.block;
	return index_size >= (int64_t)sizeof(head) + blocks * (int64_t)sizeof(last) &&
	    pread(fd, &last, sizeof(last),
		(off_t)sizeof(head) + (blocks - 1) * (off_t)sizeof(last)) ==
	    sizeof(last) &&
	    last < words_size;
}

/* Everything but the dictionary is off; what cannot be turned off (six characters, no
 * palindrome) counts as the dictionary's verdict. */
static enum uadm_code
ask(const struct library *l, const char *prefix, const char *text, struct quality *q,
    struct uadm_err *err)
{
	static const struct {
		int setting, value;
	} off[] = { { PWQ_SETTING_MIN_LENGTH, 0 }, { PWQ_SETTING_MIN_CLASS, 0 },
		{ PWQ_SETTING_DIG_CREDIT, 0 }, { PWQ_SETTING_UP_CREDIT, 0 },
		{ PWQ_SETTING_LOW_CREDIT, 0 }, { PWQ_SETTING_OTH_CREDIT, 0 },
		{ PWQ_SETTING_MAX_REPEAT, 0 }, { PWQ_SETTING_MAX_CLASS_REPEAT, 0 },
		{ PWQ_SETTING_MAX_SEQUENCE, 0 }, { PWQ_SETTING_GECOS_CHECK, 0 },
		{ PWQ_SETTING_USER_CHECK, 0 }, { PWQ_SETTING_DICT_CHECK, 1 } };
	pwquality_settings_t *s = l->settings();
	void *detail = NULL;
	int score;

	for (size_t i = 0; s != NULL && i < ARRAY_LEN(off); i++)
		if (l->set_int(s, off[i].setting, off[i].value) != 0)
			return unavailable(err, "libpwquality takes no settings");
	if (s == NULL || l->set_str(s, PWQ_SETTING_DICT_PATH, prefix) != 0)
		return unavailable(err, "libpwquality does not start");
	score = l->check(s, text, NULL, NULL, &detail);
	q->passed = score >= 0;
	if (score == PWQ_ERROR_MIN_LENGTH)
		snprintf(q->says, sizeof(q->says), "it is too short");
	else if (score == PWQ_ERROR_PALINDROME)
		snprintf(q->says, sizeof(q->says), "it is a palindrome");
	else if (score < 0 && score != PWQ_ERROR_CRACKLIB_CHECK)
		return unavailable(err, "libpwquality has failed");
	else if (score < 0 && detail != NULL)
		snprintf(q->says, sizeof(q->says), "%s", (const char *)detail);
	/* How Debian's cracklib says that it could not. */
	if (strcmp(q->says, "error loading dictionary") == 0)
		return unavailable(err, "cracklib cannot load its dictionary");
	return UADM_OK;
}

static void
answer(const char *prefix, const struct secret *pw, struct answer *a)
{
	struct library l = { 0 };
	char what[300];

	if (!load(&l)) {
		unavailable(&a->err, LIBRARY " is missing");
		return;
	}
	if (prefix == NULL)
		prefix = l.dictionary();
	if (!is_whole(prefix)) {
		snprintf(what, sizeof(what),
		    "cracklib's dictionary %.200s is missing or damaged", prefix);
		unavailable(&a->err, what);
		return;
	}
	if (ask(&l, prefix, pw->text, &a->q, &a->err) != UADM_OK)
		a->q.passed = false;
}

/* In the child. It must not outlive its parent, whose socket and locks it has. */
static void
answer_to(int fd, pid_t parent, const char *prefix, const struct secret *pw)
{
	struct answer a = { 0 };
	sigset_t none;

	sigemptyset(&none);
	signal(SIGALRM, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
	alarm(CHILD_SECS);
	prctl(
	    PR_SET_DUMPABLE, 0); /* should it crash: no core with the password in it */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
		_exit(1);
	answer(prefix, pw, &a);
	_exit(write(fd, &a, sizeof(a)) != sizeof(a));
}

static bool
read_answer(int fd, struct answer *a)
{
	ssize_t n;

	while ((n = read(fd, a, sizeof(*a))) < 0 && errno == EINTR)
		;
	return n == sizeof(*a);
}

enum uadm_code
quality_check(const char *dictionary, const struct secret *pw, struct quality *q,
    struct uadm_err *err)
{
	CLEANUP(cleanup_fd) int from = -1;
	struct answer a = { 0 };
	pid_t parent = getpid(), pid;
	int fds[2];
	bool heard;

	*q = (struct quality){ 0 };
	if (pipe2(fds, O_CLOEXEC) != 0)
		return uadm_fail(err, UADM_UNAVAILABLE, "cannot make a pipe: %m");
	from = fds[0];
	pid = fork();
	if (pid == 0)
		answer_to(fds[1], parent, dictionary, pw);
	close(fds[1]);
	if (pid < 0)
		return uadm_fail(err, UADM_UNAVAILABLE, "cannot make a process: %m");
	heard = read_answer(from, &a);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (!heard)
		return unavailable(err, "cracklib has not survived it");
	if (a.err.code != UADM_OK) {
		*err = a.err;
		return a.err.code;
	}
	*q = a.q;
	return UADM_OK;
}
