#include "libuadm/ops/host_trial.h"

#include "libuadm/base/clock.h"
#include "libuadm/base/files.h"
#include "libuadm/base/number.h"
#include "libuadm/base/paths.h"
#include "libuadm/ops/host_files.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#define NAME  "trial"
#define SHOWN UADM_HOST_DIR "/" NAME

enum { TEXT_MOST = 100, LOOK_AGAIN_SECS = 5 };

/* "BOOT-ID DEADLINE-MS\n". What cannot be read is a trial that is over: going back is the safe
 * end. */
static void
parse(char *text, struct host_trial *t)
{
	struct clock_now now;
	char *space = strchr(text, ' '), *end = strchr(text, '\n');
	int64_t deadline;

	*t = (struct host_trial){ .on = true, .over = true };
	if (space == NULL || end == NULL)
		return;
	*space = *end = '\0';
	clock_read(&now);
	if (strcmp(text, now.boot_id) != 0 ||
	    !number_parse(space + 1, 0, INT64_MAX, &deadline) ||
	    now.boot_ms >= deadline)
		return;
	t->over = false;
	t->left_secs = (deadline - now.boot_ms + 999) / 1000;
}

enum uadm_code
host_trial_look(struct host_trial *t, struct uadm_err *err)
{
	CLEANUP(cleanup_fd) int dir = -1;
	CLEANUP(cleanup_fd) int fd = -1;
	CLEANUP(cleanup_free) char *text = NULL;
	size_t size;
	enum uadm_code c;

	*t = (struct host_trial){ .on = false };
	if ((c = files_open_dir(UADM_HOST_DIR, UADM_TRUSTED_UID, &dir, err)) == UADM_OK)
		c = files_open(
		    dir, NAME, O_RDONLY, 0600, UADM_TRUSTED_UID, SHOWN, &fd, err);
	if (c == UADM_NOT_FOUND)
		return UADM_OK;
	if (c != UADM_OK ||
	    (c = files_read(fd, TEXT_MOST, SHOWN, &text, &size, err)) != UADM_OK)
		return c;
	parse(text, t);
	return UADM_OK;
}

enum uadm_code
host_trial_begin(int dir, int64_t secs, struct uadm_err *err)
{
	struct clock_now now;
	char text[TEXT_MOST];

	clock_read(&now);
	snprintf(text, sizeof(text), "%s %lld\n", now.boot_id,
	    (long long)(now.boot_ms + secs * 1000));
	return files_replace(dir, NAME, text, strlen(text), 0600, SHOWN, err);
}

enum uadm_code
host_trial_forget(int dir, struct uadm_err *err)
{
	if ((unlinkat(dir, NAME, 0) != 0 && errno != ENOENT) || fsync(dir) != 0)
		return uadm_fail(err, UADM_UNAVAILABLE, "cannot remove %s: %m", SHOWN);
	return UADM_OK;
}

enum uadm_code
host_trial_confirm(struct uadm_err *err)
{
	CLEANUP(cleanup_fd) int dir = -1;
	struct host_trial t;
	enum uadm_code c;

	if ((c = host_dir_lock(&dir, err)) != UADM_OK ||
	    (c = host_trial_look(&t, err)) != UADM_OK)
		return c;
	if (!t.on)
		return uadm_fail(err, UADM_NOT_FOUND, "there is no trial to confirm");
	if (t.over) {
		uadm_fail(err, UADM_BUSY, "the trial is over: the host goes back");
		return uadm_hint(err, "uadmctl maintain, and then host enable again");
	}
	return host_trial_forget(dir, err);
}

enum uadm_code
host_trial_end(bool *ended, struct host_report *report, struct uadm_err *err)
{
	CLEANUP(cleanup_fd) int dir = -1;
	struct host_trial t;
	enum uadm_code c;

	*ended = false;
	if ((c = host_trial_look(&t, err)) != UADM_OK || !t.on || !t.over)
		return c;
	/* Again under the lock: meanwhile it may be another one, or none. */
	if ((c = host_dir_lock(&dir, err)) != UADM_OK ||
	    (c = host_trial_look(&t, err)) != UADM_OK || !t.on || !t.over)
		return c;
	c = host_disable_locked(dir, false, report, err);
	*ended = c == UADM_OK;
	return c;
}

/* Away from the terminal and from whoever waits for our output. */
static void
detach(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	setsid();
	for (int fd = 0; fd <= 2 && null >= 0; fd++)
		dup2(null, fd);
	signal(SIGHUP, SIG_IGN);
	if (chdir("/") != 0)
		_exit(1);
}

static void
watch(void (*after)(void))
{
	struct host_report report = { 0 };
	struct host_trial t;
	struct uadm_err err;
	bool ended = false;

	/* Confirmed, or ended by another: nothing is left to do. While it cannot be done (busy,
	 * a full disk) it is tried again. */
	while (host_trial_look(&t, &err) != UADM_OK || t.on) {
		const struct timespec pause = { .tv_sec = t.on && !t.over &&
				t.left_secs < LOOK_AGAIN_SECS
			    ? t.left_secs
			    : LOOK_AGAIN_SECS };

		if (t.on && t.over &&
		    host_trial_end(&ended, &report, &err) == UADM_OK && ended) {
			after();
			break;
		}
		host_report_wipe(&report);
		clock_nanosleep(CLOCK_BOOTTIME, 0, &pause, NULL);
	}
	host_report_wipe(&report);
}

enum uadm_code
host_trial_watch(int dir, void (*after)(void), struct uadm_err *err)
{
	pid_t pid = fork();

	if (pid < 0)
		return uadm_fail(err, UADM_UNAVAILABLE, "cannot wait for the end: %m");
	if (pid > 0) {
		/* It forks once more, so that nobody has to reap it. */
		waitpid(pid, NULL, 0);
		return UADM_OK;
	}
	detach();
	close(dir); /* or it would hold the caller's lock for as long as it lives */
	if (fork() == 0)
		watch(after);
	_exit(0);
}
