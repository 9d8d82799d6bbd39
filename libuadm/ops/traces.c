/*
 * traces.c - see traces.h.
 *
 * Threat: the next one who gets the name runs the crontab of who had it before, and at jobs run by the
 * number. Nobody gets the number again, and cron and atd ask for the user first; but what nobody can run is
 * better not there. What is removed carries the number of who is gone, in directories of the host's own.
 */
#include "libuadm/ops/traces.h"

#include "libuadm/base/names.h"
#include "libuadm/base/paths.h"
#include "libuadm/ops/act.h"
#include "libuadm/ops/batch.h"
#include "libuadm/ops/home_remove.h"
#include "libuadm/store/homes.h"

#include <dirent.h>
#include <fcntl.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>

/* Debian's and Fedora's. */
static const char *const crontabs[] = { UADM_ROOT "/var/spool/cron/crontabs",
	UADM_ROOT "/var/spool/cron" };
static const char *const at_spools[] = { UADM_ROOT "/var/spool/cron/atjobs",
	UADM_ROOT "/var/spool/at" };

static int
open_dir(const char *path)
{
	return open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static bool
is_file_of(int dir, const char *name, uid_t uid)
{
	struct stat st;

	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISREG(st.st_mode) && st.st_uid == uid;
}

/* How many there are; with `remove`, how many went. */
static int64_t
look_at_crontabs(const struct traces *t, bool remove)
{
	int64_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(crontabs) && name_is_valid(t->name); i++) {
		CLEANUP(cleanup_fd) int dir = open_dir(crontabs[i]);

		if (dir >= 0 && is_file_of(dir, t->name, t->uid) &&
		    (!remove || unlinkat(dir, t->name, 0) == 0))
			n++;
	}
	return n;
}

static int64_t
look_at_jobs(const struct traces *t, bool remove)
{
	int64_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(at_spools); i++) {
		int fd = open_dir(at_spools[i]);
		DIR *d = fd >= 0 ? fdopendir(fd) : NULL;

		if (d == NULL) {
			cleanup_fd(&fd);
			continue;
		}
		for (struct dirent *e; (e = readdir(d)) != NULL;)
			if (is_file_of(fd, e->d_name, t->uid) &&
			    (!remove || unlinkat(fd, e->d_name, 0) == 0))
				n++;
		closedir(d);
	}
	return n;
}

void
traces_find(struct traces *t, const struct user *user)
{
	t->uid = user->uid;
	memcpy(t->name, user->name, sizeof(t->name));
	memcpy(t->home, user->home, sizeof(t->home));
	t->found = (struct trace_list){ .crontab = look_at_crontabs(t, false) > 0,
		.at_jobs = look_at_jobs(t, false),
		.home = home_is_theirs(t->home, t->uid),
		.linger = t->lingers != NULL && t->lingers(t->name) };
}

static bool
is_at_or_below(const char *path, const char *top)
{
	size_t n = strlen(top);

	return strncmp(path, top, n) == 0 && (path[n] == '\0' || path[n] == '/');
}

/* A local user who has it, or one below it. */
static bool
is_of_locals(const struct traces *t, char *name, size_t size)
{
	CLEANUP(cleanup_file) FILE *f = fopen(UADM_LOCAL_PASSWD, "re");
	const struct passwd *pw;

	while (f != NULL && (pw = fgetpwent(f)) != NULL)
		if (pw->pw_uid != t->uid && is_at_or_below(pw->pw_dir, t->home)) {
			snprintf(name, size, "%s", pw->pw_name);
			return true;
		}
	return false;
}

static enum uadm_code
check_home(struct uadm *u, const struct traces *t, struct uadm_err *err)
{
	char name[UADM_NAME_SIZE], shown[UADM_NAME_SIZE * 4];
	enum uadm_code c = homes_of_others(u->store, t->home, t->uid, name, err);

	if (c != UADM_OK || (name[0] == '\0' && !is_of_locals(t, name, sizeof(name))))
		return c;
	return uadm_fail(err, UADM_INVALID,
	    "%s has the home of %s in it: it is not removed", t->home,
	    text_escape(shown, sizeof(shown), name));
}

enum uadm_code
op_traces_may(struct uadm *u, const struct traces *t, const struct user *user,
    struct uadm_err *err)
{
	TXN read = { 0 };
	enum uadm_code c;

	if ((!batch_is_open(u) && (c = txn_read(&read, u->store, err)) != UADM_OK) ||
	    (c = act_on_user(u, ACT_USER_DELETE, user, err)) != UADM_OK)
		return c;
	return t->remove_home && t->found.home ? check_home(u, t, err) : UADM_OK;
}

static enum uadm_code
remove_home(struct uadm *u, struct traces *t, struct uadm_err *err)
{
	enum uadm_code c;

	if (!t->remove_home || !t->found.home)
		return UADM_OK;
	if ((c = check_home(u, t, err)) == UADM_OK && !u->dry_run)
		c = home_remove(t->home, t->uid, err);
	t->gone.home = c == UADM_OK;
	return c;
}

char *
traces_detail(const struct traces *t, char *out, size_t size)
{
	char home[UADM_PATH_SIZE * 4], jobs[40];
	bool goes = t->remove_home && t->found.home;

	snprintf(jobs, sizeof(jobs), " at_jobs=%lld", (long long)t->found.at_jobs);
	text_escape_word(home, sizeof(home), t->home);
	snprintf(out, size, "%s%s%s%s%s", t->found.crontab ? " crontab=yes" : "",
	    t->found.at_jobs > 0 ? jobs : "", t->found.linger ? " linger=yes" : "",
	    goes ? " home=" : "", goes ? home : "");
	return out;
}

enum uadm_code
op_traces_remove(struct uadm *u, struct traces *t, struct uadm_err *err)
{
	enum uadm_code c;

	if (u->dry_run)
		t->gone = (struct trace_list){ .crontab = t->found.crontab,
			.at_jobs = t->found.at_jobs,
			.linger = t->found.linger };
	else
		t->gone = (struct trace_list){ .crontab = look_at_crontabs(t, true) > 0,
			.at_jobs = look_at_jobs(t, true),
			.linger = t->found.linger && t->linger_off != NULL &&
			    t->linger_off(t->uid, t->name) };
	c = remove_home(u, t, err);
	if (c == UADM_OK &&
	    (t->gone.crontab != t->found.crontab || t->gone.linger != t->found.linger))
		c = uadm_fail(err, UADM_UNAVAILABLE, "the %s cannot be removed",
		    t->gone.linger != t->found.linger ? "lingering" : "crontab");
	return c;
}
