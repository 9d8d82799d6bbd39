/*
 * Threat: a host that looks wired and is not: a service whose file somebody wrote by hand, an
 * sshd that does not ask PAM, a cache that shows who was deleted. So this believes no one file
 * but follows what libpam, glibc and sshd would do.
 */
#include "libuadm/base/files.h"
#include "libuadm/base/paths.h"
#include "libuadm/directory/writer.h"
#include "libuadm/ops/host_files.h"
#include "libuadm/ops/host_trial.h"
#include "libuadm/ops/info.h"
#include "libuadm/ops/nsswitch.h"
#include "libuadm/ops/owners.h"
#include "libuadm/ops/show.h"
#include "libuadm/ops/status_parts.h"
#include "libuadm/store/audit.h"

#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/statvfs.h>

enum { SPACE_LEAST_MIB = 64 };

const char *
finding_level_name(enum finding_level level)
{
	static const char *const names[] = { [FINDING_FINE] = "ok",
		[FINDING_NOTE] = "note",
		[FINDING_WARN] = "warning",
		[FINDING_BAD] = "bad" };

	return names[level];
}

static void
tell(struct telling *t, struct finding *f, const char *fmt, va_list ap)
{
	vsnprintf(f->what, sizeof(f->what), fmt, ap);
	if (f->level > *t->worst)
		*t->worst = f->level;
	t->sink->finding(t->sink->arg, f);
}

void
tell_finding(struct telling *t, enum finding_level level, const char *about,
    const char *mend, const char *fmt, ...)
{
	struct finding f = { .level = level, .about = about };
	va_list ap;

	snprintf(f.mend, sizeof(f.mend), "%s", mend);
	va_start(ap, fmt);
	tell(t, &f, fmt, ap);
	va_end(ap);
}

void
tell_command(struct telling *t, enum finding_level level, const char *about,
    const char *command, const char *fmt, ...)
{
	struct finding f = { .level = level, .about = about };
	va_list ap;

	snprintf(f.command, sizeof(f.command), "%s", command);
	va_start(ap, fmt);
	tell(t, &f, fmt, ap);
	va_end(ap);
}

static void
list_missing(const struct host_set *now, char *out, size_t size)
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < HOST_FILES_MAX && used < size; i++)
		if (host_files[i].kind != HOST_PAM_STATE &&
		    !host_text_is_wired(&host_files[i], &now->at[i], true))
			used += (size_t)snprintf(out + used, size - used, "%s%s",
			    used > 0 ? ", " : "", host_files[i].name);
}

/* Some of our lines are there. Where enable would not know what to do it says what else. */
static void
status_half(struct telling *t, const struct host_set *now)
{
	struct uadm_err err = { 0 };
	char missing[200];

	list_missing(now, missing, sizeof(missing));
	if (host_could_enable(&err) == UADM_OK)
		tell_command(t, FINDING_BAD, "host", "uadmctl host enable",
		    "this host is half enabled: our lines are not in %s", missing);
	else
		tell_finding(t, FINDING_BAD, "host",
		    err.hint[0] != '\0' ? err.hint : err.msg,
		    "this host is half enabled: our lines are not in %s", missing);
}

static void
status_strays(struct telling *t, const struct host_set *now, bool off)
{
	CLEANUP(host_snapshot_wipe) struct host_snapshot s = { 0 };
	struct uadm_err ignored;
	bool known = host_snapshot_read(&s, &ignored) == UADM_OK;

	for (size_t i = 0; i < HOST_FILES_MAX; i++)
		if (host_strays_in(now, known ? &s : NULL, i) > 0)
			tell_finding(t, FINDING_BAD, "stray",
			    off ? "uadmctl host disable takes it out"
				: "see what mends the host; uadmctl host disable takes "
				  "it out too",
			    "%s: our pam_localuser line is left without the pam_uadm "
			    "line behind it and lets local users past another rule",
			    host_files[i].path);
}

static void
status_files(struct telling *t)
{
	CLEANUP(host_set_wipe) struct host_set now = { 0 };
	enum host_state state = HOST_OFF;
	const char *missing = NULL;
	struct uadm_err err = { 0 };

	if (host_look(&state, &missing, &err) != UADM_OK ||
	    host_set_read(&now, &err) != UADM_OK) {
		tell_finding(t, FINDING_BAD, "host", err.hint, "%s", err.msg);
		return;
	}
	if (state == HOST_ON)
		tell_finding(t, FINDING_FINE, "host", "", "this host is enabled");
	else if (state == HOST_OFF)
		tell_command(t, FINDING_BAD, "host", "uadmctl host enable",
		    "this host is not enabled");
	else
		status_half(t, &now);
	status_strays(t, &now, state == HOST_OFF);
}

static void
status_trial(struct telling *t)
{
	struct host_trial trial;
	struct uadm_err err = { 0 };

	if (host_trial_look(&trial, &err) != UADM_OK)
		tell_finding(t, FINDING_WARN, "trial", err.hint, "%s", err.msg);
	else if (trial.on && trial.over)
		tell_command(t, FINDING_WARN, "trial", "uadmctl maintain",
		    "the trial is over and the host has not gone back yet");
	else if (trial.on)
		tell_command(t, FINDING_NOTE, "trial", "uadmctl host confirm",
		    "this host is on trial and goes back in %lld s",
		    (long long)trial.left_secs);
}

/* compat reads the same files. */
static bool
loses_local(const char *text, const char **database)
{
	return (*database = nsswitch_loses(text, "files")) != NULL &&
	    nsswitch_loses(text, "compat") != NULL;
}

static void
status_nsswitch(struct telling *t)
{
	CLEANUP(host_set_wipe) struct host_set now = { 0 };
	struct uadm_err err = { 0 };
	const char *text, *cut;
	char lacking[60];

	if (host_set_read(&now, &err) != UADM_OK) {
		tell_finding(t, FINDING_WARN, "nsswitch", "", "%s", err.msg);
		return;
	}
	text = now.at[HOST_FILES_MAX - 1].text;
	nsswitch_lacks(text == NULL ? "" : text, lacking, sizeof(lacking));
	if (lacking[0] != '\0')
		tell_command(t, FINDING_BAD, "nsswitch", "uadmctl host enable",
		    "%s of /etc/nsswitch.conf: uadm is not asked", lacking);
	else if ((cut = nsswitch_loses(text, "uadm")) != NULL)
		tell_finding(t, FINDING_BAD, "nsswitch",
		    "take the actions in brackets out of that line",
		    "%s of /etc/nsswitch.conf: with its actions, who is in uadm alone is "
		    "not found",
		    cut);
	else if (loses_local(text, &cut))
		tell_finding(t, FINDING_BAD, "nsswitch",
		    "take the actions in brackets out of that line",
		    "%s of /etc/nsswitch.conf: root and local users are not found",
		    cut);
	else if ((cut = nsswitch_before_files(text)) != NULL)
		tell_finding(t, FINDING_NOTE, "nsswitch", "put files before uadm",
		    "%s of /etc/nsswitch.conf asks uadm before files: a local name "
		    "that uadm has too is then uadm's",
		    cut);
	else
		tell_finding(
		    t, FINDING_FINE, "nsswitch", "", "passwd and group ask uadm");
}

static void
status_caches(struct telling *t)
{
	if (access(UADM_ROOT "/run/nscd/socket", F_OK) == 0)
		tell_command(t, FINDING_NOTE, "nscd", "systemctl disable --now nscd",
		    "nscd keeps answers for a while; uadmctl empties it after each change");
	if (access(UADM_ROOT "/run/systemd/userdb/io.systemd.Multiplexer", F_OK) == 0)
		tell_finding(t, FINDING_NOTE, "userdbd", "",
		    "systemd-userdbd runs and sees our users through NSS");
}

static void
status_store(struct telling *t, struct uadm *u, const struct uadm_err *why)
{
	struct store_info info;
	struct uadm_err err = { 0 };

	if (why->code != UADM_OK) {
		tell_finding(t, FINDING_BAD, u->other_key ? "key" : "store", why->hint,
		    "%s", why->msg);
		return;
	}
	if (op_store_info(u, &info, &err) != UADM_OK) {
		tell_command(
		    t, FINDING_BAD, "store", "uadmctl store check", "%s", err.msg);
		return;
	}
	tell_finding(t, FINDING_FINE, "store", "",
	    "schema %d, %lld users, %lld groups, generation %llu", info.schema,
	    (long long)info.users, (long long)info.groups,
	    (unsigned long long)info.generation);
	if (info.published == info.generation)
		tell_finding(t, FINDING_FINE, "directory", "",
		    "generation %llu is published", (unsigned long long)info.published);
	else if (info.published == 0)
		tell_command(t, FINDING_BAD, "directory",
		    "uadmctl store publish --force",
		    "what NSS reads is %s: users are not found",
		    op_published_state(false) == PUBLISHED_MISSING ? "missing"
								   : "damaged");
	else
		tell_command(t, FINDING_BAD, "directory",
		    "uadmctl store publish --force",
		    "generation %llu is published, the store has %llu",
		    (unsigned long long)info.published,
		    (unsigned long long)info.generation);
}

static void
status_trail(struct telling *t, struct uadm *u)
{
	struct audit_verdict v;
	struct uadm_err err = { 0 };

	if (u->store == NULL)
		return;
	if (audit_verify(u->store, &v, &err) != UADM_OK)
		tell_command(
		    t, FINDING_WARN, "trail", "uadmctl store check", "%s", err.msg);
	else if (v.problem[0] != '\0')
		tell_command(t, FINDING_WARN, "trail", "uadmctl audit reseal",
		    "the audit trail is broken: %s", v.problem);
	else
		tell_finding(t, FINDING_FINE, "trail", "",
		    "the audit trail is whole: %lld rows", (long long)v.rows);
}

/* What the modules and we need, each root's and nobody else's to write. */
static void
status_installed(struct telling *t)
{
	struct uadm_err err = { 0 };
	bool all = true;

	for (size_t i = 0; i < HOST_NEEDED; i++)
		if (host_has(i, &err) != UADM_OK) {
			tell_finding(
			    t, FINDING_BAD, "installed", err.hint, "%s", err.msg);
			all = false;
		}
	if (all)
		tell_finding(t, FINDING_FINE, "installed", "", "uadm %s", UADM_VERSION);
}

static void
status_conf(struct telling *t, const struct uadm_err *why)
{
	if (why->code != UADM_OK)
		tell_finding(t, FINDING_BAD, "conf",
		    why->hint[0] != '\0' ? why->hint
					 : "man 5 uadm.conf has the sections and keys",
		    "%s: nobody of ours can log in", why->msg);
}

static enum uadm_code
count_view(void *arg, const struct user_view *v, struct uadm_err *err)
{
	(void)v;
	(void)err;
	++*(int64_t *)arg;
	return UADM_OK;
}

struct orphans {
	struct uadm *u;
	int64_t count;
	char first[UADM_NAME_SIZE];
};

static enum uadm_code
look_for_owner(void *arg, const struct user_view *v, struct uadm_err *err)
{
	struct orphans *o = arg;

	(void)err;
	if (!owner_is_there(o->u, v->row.user.owner) && o->count++ == 0)
		memcpy(o->first, v->row.user.name, sizeof(o->first));
	return UADM_OK;
}

static void
status_owners(struct telling *t, struct uadm *u)
{
	const struct user_query q = { .kind = "service", .bare = true };
	struct orphans o = { .u = u };
	struct uadm_err err = { 0 };

	if (u->store != NULL && op_users(u, &q, look_for_owner, &o, &err) == UADM_OK &&
	    o.count > 0)
		tell_finding(t, FINDING_WARN, "owners",
		    "uadmctl user set NAME --owner NAME, for each whose owner is gone: "
		    "uadmctl user list --kind service -o name,owner",
		    "the owner of %lld service identit%s (%s%s) is no user of this host",
		    (long long)o.count, o.count == 1 ? "y" : "ies", o.first,
		    o.count > 1 ? ", ..." : "");
}

static void
status_reviews(struct telling *t, struct uadm *u)
{
	struct user_query q = { .kind = "service", .bare = true };
	struct uadm_err err = { 0 };
	struct clock_now now;
	int64_t due = 0;

	clock_read(&now);
	q.review_due = now.wall;
	if (u->store != NULL && op_users(u, &q, count_view, &due, &err) == UADM_OK &&
	    due > 0)
		tell_command(t, FINDING_WARN, "reviews",
		    "uadmctl user list --review-due",
		    "the review of %lld service identit%s is due", (long long)due,
		    due == 1 ? "y" : "ies");
}

static void
status_space(struct telling *t)
{
	struct statvfs v;
	unsigned long long free_mib;

	if (statvfs(UADM_STATE_DIR, &v) != 0)
		return;
	free_mib = (unsigned long long)v.f_bavail * v.f_frsize >> 20;
	if ((v.f_flag & ST_RDONLY) != 0)
		tell_finding(t, FINDING_BAD, "disk", "mount it for writing",
		    "%s is read-only: no login of ours can be counted, so none goes on",
		    UADM_STATE_DIR);
	else if (free_mib < SPACE_LEAST_MIB || (v.f_files > 0 && v.f_favail < 100))
		tell_finding(t, FINDING_WARN, "disk", "make room on it",
		    "%llu MiB and %llu files are left for %s", free_mib,
		    (unsigned long long)v.f_favail, UADM_STATE_DIR);
	else
		tell_finding(t, FINDING_FINE, "disk", "", "%llu MiB left", free_mib);
}

enum uadm_code
op_host_status(struct uadm *u, const struct status_opened *opened,
    const struct status_sink *sink, enum finding_level *worst, struct uadm_err *err)
{
	struct telling t = { .sink = sink, .worst = worst };
	enum host_state state = HOST_OFF;
	const char *missing;

	*worst = FINDING_FINE;
	if (geteuid() != UADM_TRUSTED_UID) {
		uadm_fail(err, UADM_DENIED, "only root can see all of it");
		return uadm_hint(err, "sudo uadmctl host status");
	}
	/* Of a host that is not enabled one finding says why no service asks us. */
	status_pam(&t, host_look(&state, &missing, err) != UADM_OK || state == HOST_ON);
	status_files(&t);
	status_trial(&t);
	status_nsswitch(&t);
	status_sshd(&t);
	status_caches(&t);
	status_installed(&t);
	status_reach(&t);
	status_conf(&t, &opened->conf);
	status_store(&t, u, &opened->store);
	status_trail(&t, u);
	status_binding(&t, u);
	status_accounts(&t, u);
	status_reviews(&t, u);
	status_owners(&t, u);
	status_mail(&t, u);
	status_factor(&t, u);
	status_space(&t);
	return UADM_OK;
}
