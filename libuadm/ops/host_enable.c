/*
 * host_enable.c - `host enable` and `host look`; see host.h and, for the order of the steps,
 * host_files.c.
 *
 * Threat: a stack that names a module which is not there, or which somebody else may replace,
 * refuses or admits everybody of another source; so what the lines need is looked at before
 * any line is written.
 */
#include "libuadm/base/files.h"
#include "libuadm/base/paths.h"
#include "libuadm/ops/host_files.h"
#include "libuadm/ops/host_timer.h"
#include "libuadm/ops/host_trial.h"
#include "libuadm/ops/nsswitch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>

#define SECURITY_DIR UADM_ROOT UADM_LIBDIR "/security"

static const struct {
	const char *path;
	const char *hint;
} needed[HOST_NEEDED] = {
	/* libpam looks nowhere else than where its own modules are */
	{ SECURITY_DIR "/pam_localuser.so",
	    "modules must lie beside those of libpam: make install PREFIX=/usr" },
	{ SECURITY_DIR "/pam_uadm.so", "make install" },
	{ UADM_ROOT UADM_LIBDIR "/libnss_uadm.so.2", "make install" },
	{ UADM_UADMD, "make install" },
	{ UADM_ROOT "/usr/share/pam-configs/uadm", "make install" },
	{ UADM_ROOT "/usr/share/pam-configs/uadm-password", "make install" },
};

/* There, root's, and not writable by others; neither are the directories above it. */
static enum uadm_code
needed_check(const char *path, const char *hint, struct uadm_err *err)
{
	CLEANUP(cleanup_fd) int dir = -1;
	CLEANUP(cleanup_fd) int fd = -1;
	const char *slash = strrchr(path, '/');
	char parent[PATH_MAX];
	enum uadm_code c;

	snprintf(parent, sizeof(parent), "%.*s", (int)(slash - path), path);
	if ((c = files_open_dir(parent, UADM_TRUSTED_UID, &dir, err)) == UADM_OK)
		c = files_open(
		    dir, slash + 1, O_RDONLY, 0755, UADM_TRUSTED_UID, path, &fd, err);
	if (c != UADM_NOT_FOUND)
		return c;
	uadm_fail(err, UADM_UNAVAILABLE, "%s is not installed", path);
	return uadm_hint(err, "%s", hint);
}

enum uadm_code
host_has(size_t i, struct uadm_err *err)
{
	return needed_check(needed[i].path, needed[i].hint, err);
}

static enum uadm_code
host_ready(struct uadm_err *err)
{
	enum uadm_code c = UADM_OK;

	for (size_t i = 0; i < HOST_NEEDED && c == UADM_OK; i++)
		c = host_has(i, err);
	return c;
}

static enum uadm_code
advise_by_hand(struct host_report *report, struct uadm_err *err)
{
	host_report_advise(report,
	    "This host has no pam-auth-update, so its login stack is not ours to write. Put\n"
	    "these lines in, for every service that managed users may use:\n"
	    "\n"
	    "auth, before any module that asks for a password:\n"
	    "  auth     [success=1 default=ignore]  pam_localuser.so\n"
	    "  auth     [success=done user_unknown=ignore module_unknown=ignore default=die]  pam_uadm.so\n"
	    "account, behind the others and before a final pam_permit.so:\n"
	    "  account  [success=1 default=ignore]  pam_localuser.so\n"
	    "  account  [success=ok new_authtok_reqd=ok user_unknown=ignore default=bad]  pam_uadm.so\n"
	    "session, before pam_systemd.so and pam_mkhomedir.so:\n"
	    "  session  [success=1 default=ignore]  pam_localuser.so\n"
	    "  session  [success=ok user_unknown=ignore default=die]  pam_uadm.so\n"
	    "password, behind pam_unix.so and before pam_deny.so:\n"
	    "  password [success=done user_unknown=ignore default=die]  pam_uadm.so try_first_pass\n"
	    "\n"
	    "No module before pam_uadm.so may be `sufficient` or jump over it in account. Then, last\n"
	    "of all, in /etc/nsswitch.conf behind `files`:\n"
	    "  passwd:  files uadm ...\n"
	    "  group:   files uadm ...");
	uadm_fail(err, UADM_UNAVAILABLE, "this host has no pam-auth-update");
	return uadm_hint(err, "the lines to add by hand are printed");
}

enum uadm_code
host_dir_lock(int *dir, struct uadm_err *err)
{
	enum uadm_code c =
	    files_make_dir(UADM_HOST_DIR, 0700, UADM_TRUSTED_UID, dir, err);

	if (c != UADM_OK || flock(*dir, LOCK_EX | LOCK_NB) == 0)
		return c;
	if (errno == EWOULDBLOCK)
		return uadm_fail(
		    err, UADM_BUSY, "another host enable or disable is under way");
	return uadm_fail(err, UADM_UNAVAILABLE, "cannot lock %s: %m", UADM_HOST_DIR);
}

static enum host_state
set_state(const struct host_set *set, const char **missing, const char **wired)
{
	unsigned with = 0, without = 0;

	*missing = *wired = NULL;
	for (size_t i = 0; i < HOST_FILES_MAX; i++) {
		const struct host_file *f = &host_files[i];

		if (f->kind == HOST_PAM_STATE)
			continue;
		if (host_text_is_wired(f, &set->at[i], true))
			with++;
		else if (without++ == 0)
			*missing = f->path;
		if (*wired == NULL && host_text_is_wired(f, &set->at[i], false))
			*wired = f->path;
	}
	if (without == 0)
		return HOST_ON;
	return *wired == NULL ? HOST_OFF : HOST_PARTLY;
}

enum uadm_code
host_look(enum host_state *state, const char **missing, struct uadm_err *err)
{
	CLEANUP(host_set_wipe) struct host_set now = { 0 };
	const char *wired;
	enum uadm_code c = host_set_read(&now, err);

	if (c == UADM_OK)
		*state = set_state(&now, missing, &wired);
	return c;
}

/* What all files shall become. The snapshot's `before` is what they are. */
static enum uadm_code
plan_make(struct host_snapshot *plan, struct host_report *report, struct uadm_err *err)
{
	const size_t nss = HOST_FILES_MAX - 1;
	const struct host_text *was = &plan->before.at[nss];
	struct host_text *to = &plan->after.at[nss];
	const char *cut;
	enum uadm_code c;

	c = host_pam_plan(HOST_PAM_ENABLE, &plan->before, &plan->after, err);
	if (c != UADM_OK)
		return c;
	*to = *was;
	if (was->text == NULL)
		*to = (struct host_text){ NULL, 0644, geteuid(), getegid() };
	if ((to->text = nsswitch_add(was->text != NULL ? was->text : "")) == NULL)
		return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
	if (!nsswitch_has_all(to->text)) {
		uadm_fail(
		    err, UADM_INVALID, "cannot make sense of %s", host_files[nss].path);
		return uadm_hint(err, "is a bracket left open in it?");
	}
	if ((cut = nsswitch_loses(to->text, "uadm")) != NULL)
		host_report_advise(report,
		    "%s: with actions such as [NOTFOUND=return], %s does not find who is in "
		    "uadm alone.",
		    host_files[nss].path, cut);
	return UADM_OK;
}

/* One call of host_enable(). */
struct enabling {
	int dir; /* UADM_HOST_DIR, locked; -1 in a dry run */
	bool dry_run;
	int64_t trial_secs; /* 0: for good */
	void (*after_trial)(void);
	bool armed; /* its deadline is on disk, or the one of an old trial is gone */
	bool found_on_trial; /* half wired by a trial, which will put it back */
	bool left_changed;   /* it failed, and the host is not as it was found */
	struct host_report *report;
};

static void
undo(struct enabling *e, const struct host_snapshot *plan, unsigned done)
{
	struct uadm_err err; /* the first failure is the one that is told */

	while (done-- > 0)
		if (host_file_put(done, &plan->after.at[done], &plan->before.at[done],
			&err) != UADM_OK) {
			e->left_changed = true;
			host_report_advise(e->report,
			    "%s could not be put back (%s): run host disable.",
			    host_files[done].path, err.msg);
		}
}

/* The last thing before the first file changes, behind whatever refuses: a trial that was refused
 * must not end what somebody else enables. */
static enum uadm_code
arm(struct enabling *e, struct uadm_err *err)
{
	enum uadm_code c;

	if (e->armed)
		return UADM_OK;
	e->armed = true;
	if (e->trial_secs == 0)
		return host_trial_forget(e->dir, err);
	c = host_trial_begin(e->dir, e->trial_secs, err);
	return c == UADM_OK ? host_trial_watch(e->dir, e->after_trial, err) : c;
}

/* It failed. A host that could not be left as it was found goes back with its trial. */
static void
disarm(struct enabling *e)
{
	struct uadm_err err;

	if (!e->armed || e->trial_secs == 0)
		return;
	if (e->left_changed || e->found_on_trial)
		host_report_advise(e->report,
		    "The trial stays on: what is left of our lines goes at its end.");
	else if (host_trial_forget(e->dir, &err) != UADM_OK)
		host_report_advise(e->report,
		    "The trial stays on (%s): uadmctl host disable ends it.", err.msg);
}

static enum uadm_code
plan_carry_out(
    struct enabling *e, const struct host_snapshot *plan, struct uadm_err *err)
{
	for (unsigned i = 0; i < HOST_FILES_MAX; i++) {
		enum uadm_code c =
		    host_file_put(i, &plan->before.at[i], &plan->after.at[i], err);

		/* One that was not ours to replace stays; else it too may have been replaced,
		 * and only its directory not synced. */
		if (c != UADM_OK) {
			undo(e, plan, c == UADM_BUSY ? i : i + 1);
			return c;
		}
	}
	return UADM_OK;
}

static void
report_plan(struct host_report *report, const struct host_snapshot *plan)
{
	for (unsigned i = 0; i < HOST_FILES_MAX; i++) {
		const struct host_text *a = &plan->before.at[i],
				       *b = &plan->after.at[i];

		host_report_add(report, i,
		    host_text_equal(a, b) ? HOST_UNCHANGED : HOST_WIRED, a->text,
		    b->text);
	}
}

static void
report_unchanged(struct host_report *report)
{
	report->already = true;
	for (unsigned i = 0; i < HOST_FILES_MAX; i++)
		host_report_add(report, i, HOST_UNCHANGED, NULL, NULL);
}

/* From a host that is not wired at all. */
static enum uadm_code
enable_fresh(struct enabling *e, struct uadm_err *err)
{
	CLEANUP(host_snapshot_wipe) struct host_snapshot plan = { 0 };
	enum uadm_code c;

	if ((c = host_set_read(&plan.before, err)) != UADM_OK ||
	    (c = plan_make(&plan, e->report, err)) != UADM_OK)
		return c;
	if (!e->dry_run &&
	    ((c = host_snapshot_write(e->dir, &plan, err)) != UADM_OK ||
		(c = arm(e, err)) != UADM_OK ||
		(c = plan_carry_out(e, &plan, err)) != UADM_OK))
		return c;
	report_plan(e->report, &plan);
	return UADM_OK;
}

/* Starting afresh failed: a host that was found half wired is left as it was found, not bare. */
static void
put_as_found(
    struct enabling *e, const struct host_snapshot *old, const struct host_set *found)
{
	CLEANUP(host_set_wipe) struct host_set now = { 0 };
	struct uadm_err err;
	enum uadm_code c;

	if ((c = host_snapshot_write(e->dir, old, &err)) == UADM_OK)
		c = host_set_read(&now, &err);
	for (unsigned i = 0; i < HOST_FILES_MAX && c == UADM_OK; i++)
		if (!host_text_equal(&now.at[i], &found->at[i]))
			c = host_file_put(i, &now.at[i], &found->at[i], &err);
	e->left_changed = c != UADM_OK;
	if (c != UADM_OK)
		host_report_advise(e->report,
		    "The host could not be put back as it was found (%s): run host disable.",
		    err.msg);
}

/* A crash in the middle, or somebody took our lines out of one file: back to a known end, and
 * from there as ever. */
static enum uadm_code
enable_again(struct enabling *e, const struct host_snapshot *old,
    const struct host_set *found, struct uadm_err *err)
{
	struct host_report back = { 0 };
	enum uadm_code c;

	if (e->dry_run) {
		host_report_advise(e->report,
		    "Some files have our lines and some don't: enable takes out what is "
		    "there (shown here), then starts afresh.");
		return host_take_back(e->dir, old, true, e->report, err);
	}
	if ((c = arm(e, err)) != UADM_OK)
		return c;
	c = host_take_back(e->dir, old, false, &back, err);
	host_report_wipe(&back);
	e->left_changed = c != UADM_OK;
	if (c == UADM_OK && (c = enable_fresh(e, err)) != UADM_OK)
		put_as_found(e, old, found);
	return c;
}

/* What is wired and on trial is not made to stay by the way: that takes somebody who has seen
 * that they can still log in. Nor is it told to be enabled, for it goes back. */
static enum uadm_code
check_trial(struct enabling *e, enum host_state state, struct uadm_err *err)
{
	struct host_trial t = { .on = false };
	enum uadm_code c = host_trial_look(&t, err);

	e->found_on_trial = t.on && state == HOST_PARTLY;
	if (c != UADM_OK || !t.on || state == HOST_OFF)
		return c;
	if (t.over) {
		uadm_fail(
		    err, UADM_BUSY, "the trial of this host is over: it goes back");
		return uadm_hint(err, "uadmctl maintain, and then again");
	}
	if (state == HOST_PARTLY && e->trial_secs != 0)
		return UADM_OK; /* one that was killed on the way */
	uadm_fail(err, e->trial_secs != 0 ? UADM_EXISTS : UADM_BUSY,
	    "this host is on trial already and goes back in %lld s",
	    (long long)t.left_secs);
	return uadm_hint(err,
	    state == HOST_ON ? "to keep it: uadmctl host confirm"
			     : "uadmctl host disable --yes, and then again");
}

static enum uadm_code
enabled_already(const struct enabling *e, struct uadm_err *err)
{
	if (e->trial_secs == 0) {
		report_unchanged(e->report);
		return UADM_OK;
	}
	uadm_fail(err, UADM_EXISTS, "this host is enabled already");
	return uadm_hint(err, "uadmctl host disable --yes, then try it out");
}

static enum uadm_code
enable_locked(struct enabling *e, struct uadm_err *err)
{
	CLEANUP(host_snapshot_wipe) struct host_snapshot old = { 0 };
	CLEANUP(host_set_wipe) struct host_set now = { 0 };
	const char *missing, *wired;
	enum host_state state;
	enum uadm_code c;
	bool known;

	if ((c = host_snapshot_read(&old, err)) != UADM_OK && c != UADM_NOT_FOUND)
		return c;
	known = c == UADM_OK;
	if ((c = host_set_read(&now, err)) != UADM_OK)
		return c;
	state = set_state(&now, &missing, &wired);
	if ((c = check_trial(e, state, err)) != UADM_OK)
		return c;
	if (state == HOST_ON)
		return enabled_already(e, err);
	if (known && !(e->dry_run && state == HOST_OFF))
		return enable_again(e, &old, &now, err);
	if (state == HOST_OFF)
		return enable_fresh(e, err);
	uadm_fail(
	    err, UADM_EXISTS, "%s names uadm already, but %s does not", wired, missing);
	return uadm_hint(err, "not by host enable: run host disable first");
}

enum uadm_code
host_enable(bool dry_run, int64_t trial_secs, void (*after_trial)(void),
    struct host_report *report, struct uadm_err *err)
{
	CLEANUP(cleanup_fd) int dir = -1;
	struct enabling e = { .dry_run = dry_run,
		.trial_secs = trial_secs,
		.after_trial = after_trial,
		.report = report };
	enum uadm_code c;

	if (geteuid() != UADM_TRUSTED_UID)
		return uadm_fail(err, UADM_DENIED, "only root can wire this host");
	if (!host_pam_is_debian())
		return advise_by_hand(report, err);
	if ((c = host_ready(err)) != UADM_OK)
		return c;
	if (!dry_run && (c = host_dir_lock(&dir, err)) != UADM_OK)
		return c;
	e.dir = dir;
	if ((c = enable_locked(&e, err)) != UADM_OK)
		disarm(&e);
	if (c == UADM_OK && !dry_run)
		host_timer_set(true, report);
	return c;
}
