/*
 * host_disable.c - `host disable`; see host.h.
 *
 * Threat: a person's edit that is lost because we put old bytes over it; a line of ours that
 * stays because somebody edited the file around it, and then refuses everybody when the module
 * is removed. So a file that is as enable left it goes back to the byte, and in any other only our
 * lines go: as pam-auth-update takes them out, or, where it refuses, by turning them into lines
 * without effect (taking them out would make the jumps of others land elsewhere).
 */
#include "libuadm/base/files.h"
#include "libuadm/base/paths.h"
#include "libuadm/ops/host_files.h"
#include "libuadm/ops/host_timer.h"
#include "libuadm/ops/host_trial.h"
#include "libuadm/ops/nsswitch.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>

struct back {
	const struct host_snapshot *snapshot; /* NULL: none */
	struct host_set now, target, staged;
	enum host_what what[HOST_FILES_MAX];
	bool merged; /* pam-auth-update's own result is in `staged` */
};

static void
back_wipe(struct back *b)
{
	host_set_wipe(&b->now);
	host_set_wipe(&b->target);
	host_set_wipe(&b->staged);
}

/* Has somebody taken lines of ours out of it, and changed nothing else? The old bytes are then what
 * is left, and what pam-auth-update still takes for its own work. */
static bool
lacks_only_ours(const struct host_text *now, const struct host_text *after)
{
	CLEANUP(cleanup_free)
	char *a = now->text == NULL ? NULL : host_pam_drop(now->text);
	CLEANUP(cleanup_free)
	char *b = after->text == NULL ? NULL : host_pam_drop(after->text);

	return a != NULL && b != NULL && strcmp(a, b) == 0 &&
	    now->mode == after->mode && now->uid == after->uid &&
	    now->gid == after->gid;
}

/* Is the file just what enable made of it? A change of mode alone is none of the text. */
static bool
is_as_left(const struct back *b, size_t i)
{
	const struct host_text *now = &b->now.at[i], *before, *after;

	if (b->snapshot == NULL)
		return false;
	before = &b->snapshot->before.at[i];
	after = &b->snapshot->after.at[i];
	/* One that is as before is left alone in any case. */
	return host_text_equal(now, after) ||
	    (host_files[i].kind == HOST_PAM_CONFIG && !host_text_equal(now, before) &&
		lacks_only_ours(now, after));
}

enum host_pam_strays
host_strays_known(const struct host_set *now, const struct host_snapshot *s, size_t i)
{
	if (host_files[i].kind != HOST_PAM_CONFIG || now->at[i].text == NULL ||
	    host_text_is_wired(&host_files[i], &now->at[i], false))
		return HOST_STRAYS_NONE;
	/* The state of a file is the entry before it. */
	if ((i > 0 && host_text_is_wired(&host_files[i - 1], &now->at[i - 1], false)) ||
	    (s != NULL && s->before.at[i].text != NULL &&
		host_pam_strays(s->before.at[i].text, true) == 0))
		return HOST_STRAYS_ALL;
	return HOST_STRAYS_LAST;
}

size_t
host_strays_in(const struct host_set *now, const struct host_snapshot *s, size_t i)
{
	enum host_pam_strays known = host_strays_known(now, s, i);

	return known == HOST_STRAYS_NONE
	    ? 0
	    : host_pam_strays(now->at[i].text, known == HOST_STRAYS_ALL);
}

static bool
needs_merge(const struct back *b)
{
	for (size_t i = 0; i < HOST_FILES_MAX; i++)
		if (host_files[i].kind != HOST_NSSWITCH && !is_as_left(b, i) &&
		    host_text_is_wired(&host_files[i], &b->now.at[i], false))
			return true;
	return false;
}

/* The text of a changed file without our lines; NULL when out of memory. */
static char *
text_cleaned(const struct back *b, size_t i)
{
	const char *text = b->now.at[i].text;

	switch (host_files[i].kind) {
	case HOST_NSSWITCH:
		return nsswitch_remove(text);
	case HOST_PAM_CONFIG:
	case HOST_PAM_STATE:
		if (b->merged && b->staged.at[i].text != NULL)
			text = b->staged.at[i].text;
		return host_files[i].kind == HOST_PAM_CONFIG
		    ? host_pam_neutralise(
			  text, host_strays_known(&b->now, b->snapshot, i))
		    : strdup(text);
	}
	return NULL;
}

static enum uadm_code
target_set(struct back *b, size_t i, struct uadm_err *err)
{
	const struct host_text *now = &b->now.at[i];
	struct host_text *to = &b->target.at[i];
	bool left = is_as_left(b, i);

	if (!host_text_copy(to, left ? &b->snapshot->before.at[i] : now))
		return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
	if (!left && now->text != NULL &&
	    (b->merged || host_text_is_wired(&host_files[i], now, false) ||
		host_strays_in(&b->now, b->snapshot, i) > 0)) {
		free(to->text);
		if ((to->text = text_cleaned(b, i)) == NULL)
			return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
	}
	if (host_text_equal(now, to))
		b->what[i] = HOST_UNCHANGED;
	else if (left)
		b->what[i] = to->text != NULL ? HOST_RESTORED : HOST_REMOVED;
	else
		b->what[i] = HOST_CLEANED;
	return UADM_OK;
}

static enum uadm_code
back_plan(struct back *b, struct uadm_err *err)
{
	struct uadm_err unmerged;
	enum uadm_code c;

	if ((c = host_set_read(&b->now, err)) != UADM_OK)
		return c;
	/* Where it refuses, or is gone with its package, our lines are neutralised. */
	if (needs_merge(b) && host_pam_is_debian())
		b->merged = host_pam_plan(HOST_PAM_REMOVE, &b->now, &b->staged,
				&unmerged) == UADM_OK;
	for (size_t i = 0; i < HOST_FILES_MAX && c == UADM_OK; i++)
		c = target_set(b, i, err);
	return c;
}

static enum uadm_code
back_carry_out(struct back *b, bool dry_run, struct host_report *report, bool *cleaned,
    struct uadm_err *err)
{
	enum uadm_code c = UADM_OK;

	report->already = true;
	for (unsigned i = HOST_FILES_MAX; i-- > 0 && c == UADM_OK;) {
		if (!dry_run && b->what[i] != HOST_UNCHANGED)
			c = host_file_put(i, &b->now.at[i], &b->target.at[i], err);
		if (c != UADM_OK)
			return c;
		report->already = report->already && b->what[i] == HOST_UNCHANGED;
		*cleaned = *cleaned || b->what[i] == HOST_CLEANED;
		host_report_add(
		    report, i, b->what[i], b->now.at[i].text, b->target.at[i].text);
	}
	return c;
}

enum uadm_code
host_could_enable(struct uadm_err *err)
{
	CLEANUP(host_snapshot_wipe) struct host_snapshot s = { 0 };
	CLEANUP(back_wipe) struct back b = { 0 };
	CLEANUP(host_set_wipe) struct host_set after = { 0 };
	enum uadm_code c = host_snapshot_read(&s, err);

	if (c != UADM_OK && c != UADM_NOT_FOUND)
		return c;
	b.snapshot = c == UADM_OK ? &s : NULL;
	if ((c = back_plan(&b, err)) != UADM_OK)
		return c;
	return host_pam_plan(HOST_PAM_ENABLE, &b.target, &after, err);
}

enum uadm_code
host_take_back(int dir, const struct host_snapshot *s, bool dry_run,
    struct host_report *report, struct uadm_err *err)
{
	CLEANUP(back_wipe) struct back b = { .snapshot = s };
	bool cleaned = false;
	enum uadm_code c;

	if ((c = back_plan(&b, err)) != UADM_OK ||
	    (c = back_carry_out(&b, dry_run, report, &cleaned, err)) != UADM_OK)
		return c;
	if (dry_run)
		return UADM_OK;
	host_files_sweep();
	/* Only now: until here a crash must find it. */
	return host_snapshot_drop(dir, cleaned, err);
}

/* Is `name` in /etc/pam.d a file that somebody else made to ask us? */
static bool
names_us(int dir, const char *name)
{
	const struct host_file any = { .kind = HOST_PAM_CONFIG };
	struct host_text t = { 0 };
	struct uadm_err err;
	size_t size;
	bool yes;
	int fd = -1;

	if (name[0] == '.' ||
	    files_open(dir, name, O_RDONLY, 0777, UADM_TRUSTED_UID, name, &fd, &err) !=
		UADM_OK)
		return false;
	yes = files_read(fd, 256 * 1024, name, &t.text, &size, &err) == UADM_OK &&
	    host_text_is_wired(&any, &t, false);
	close(fd);
	free(t.text);
	return yes;
}

/* Lines that a person put into the files of single services are not ours to take out. */
static void
advise_others(struct host_report *report)
{
	CLEANUP(cleanup_fd) int dir = -1;
	struct uadm_err err;
	DIR *d;

	if (files_open_dir(UADM_ROOT "/etc/pam.d", UADM_TRUSTED_UID, &dir, &err) !=
	    UADM_OK)
		return;
	if ((d = opendir(UADM_ROOT "/etc/pam.d")) == NULL)
		return;
	for (struct dirent *e = readdir(d); e != NULL; e = readdir(d))
		if (strncmp(e->d_name, "common-", 7) != 0 && names_us(dir, e->d_name))
			host_report_advise(report,
			    "/etc/pam.d/%s still names pam_uadm.so; host enable did not "
			    "put it there.",
			    e->d_name);
	closedir(d);
}

enum uadm_code
host_disable_locked(
    int dir, bool dry_run, struct host_report *report, struct uadm_err *err)
{
	CLEANUP(host_snapshot_wipe) struct host_snapshot s = { 0 };
	enum uadm_code c;
	bool known;

	if ((c = host_snapshot_read(&s, err)) != UADM_OK && c != UADM_NOT_FOUND)
		return c;
	known = c == UADM_OK;
	c = host_take_back(dir, known ? &s : NULL, dry_run, report, err);
	/* First the host, then its trial: a crash in between is done again. */
	if (c == UADM_OK && !dry_run)
		c = host_trial_forget(dir, err);
	if (c == UADM_OK)
		advise_others(report);
	if (c == UADM_OK && !dry_run)
		host_timer_set(false, report);
	return c;
}

enum uadm_code
host_disable(bool dry_run, struct host_report *report, struct uadm_err *err)
{
	CLEANUP(cleanup_fd) int dir = -1;
	enum uadm_code c;

	if (geteuid() != UADM_TRUSTED_UID)
		return uadm_fail(err, UADM_DENIED, "only root can unwire this host");
	if (!dry_run && (c = host_dir_lock(&dir, err)) != UADM_OK)
		return c;
	return host_disable_locked(dir, dry_run, report, err);
}
