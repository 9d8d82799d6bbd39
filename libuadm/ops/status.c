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

void
tell_finding(struct telling *t, enum finding_level level, const char *about,
    const char *mend, const char *fmt, ...)
{
	struct finding f = { .level = level, .about = about };
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(f.what, sizeof(f.what), fmt, ap);
	va_end(ap);
	snprintf(f.mend, sizeof(f.mend), "%s", mend);
	if (level > *t->worst)
		*t->worst = level;
	t->sink->finding(t->sink->arg, &f);
}

static void
status_files(struct telling *t)
{
	enum host_state state = HOST_OFF;
	const char *missing = NULL;
	struct uadm_err err = { 0 };

	if (host_look(&state, &missing, &err) != UADM_OK)
		tell_finding(t, FINDING_WARN, "host", "", "%s", err.msg);
	else if (state == HOST_ON)
		tell_finding(t, FINDING_FINE, "host", "", "this host is enabled");
	else
		tell_finding(t, FINDING_BAD, "host", "uadmctl host enable",
		    state == HOST_OFF ? "this host is not enabled"
				      : "this host is half enabled: %s lacks our lines",
		    missing);
}

static void
status_trial(struct telling *t)
{
	struct host_trial trial;
	struct uadm_err err = { 0 };

	if (host_trial_look(&trial, &err) != UADM_OK)
		tell_finding(t, FINDING_WARN, "trial", err.hint, "%s", err.msg);
	else if (trial.on && trial.over)
		tell_finding(t, FINDING_WARN, "trial", "uadmctl maintain",
		    "the trial is over and the host has not gone back yet");
	else if (trial.on)
		tell_finding(t, FINDING_NOTE, "trial", "uadmctl host confirm",
		    "this host is on trial and goes back in %lld s",
		    (long long)trial.left_secs);
}

static void
status_nsswitch(struct telling *t)
{
	CLEANUP(host_set_wipe) struct host_set now = { 0 };
	struct uadm_err err = { 0 };
	const char *text, *cut;

	if (host_set_read(&now, &err) != UADM_OK) {
		tell_finding(t, FINDING_WARN, "nsswitch", "", "%s", err.msg);
		return;
	}
	text = now.at[HOST_FILES_MAX - 1].text;
	if (text == NULL || !nsswitch_has_all(text))
		tell_finding(t, FINDING_BAD, "nsswitch", "uadmctl host enable",
		    "passwd or group of /etc/nsswitch.conf do not ask uadm");
	else if ((cut = nsswitch_cut_short(text)) != NULL)
		tell_finding(t, FINDING_BAD, "nsswitch",
		    "take the action in brackets before uadm out of that line",
		    "%s of /etc/nsswitch.conf ends before uadm is asked", cut);
	else
		tell_finding(
		    t, FINDING_FINE, "nsswitch", "", "passwd and group ask uadm");
}

static void
status_caches(struct telling *t)
{
	if (access(UADM_ROOT "/run/nscd/socket", F_OK) == 0)
		tell_finding(t, FINDING_NOTE, "nscd", "systemctl disable --now nscd",
		    "nscd keeps answers for a while; uadmctl empties it after each change");
	if (access(UADM_ROOT "/run/systemd/userdb/io.systemd.Multiplexer", F_OK) == 0)
		tell_finding(t, FINDING_NOTE, "userdbd", "",
		    "systemd-userdbd runs and sees our users through NSS");
}

static void
status_store(struct telling *t, struct uadm *u, enum uadm_code opened,
    const struct uadm_err *why)
{
	struct store_info info;
	struct uadm_err err = { 0 };

	if (opened != UADM_OK) {
		tell_finding(t, FINDING_BAD, u->other_key ? "key" : "store", why->hint,
		    "%s", why->msg);
		return;
	}
	if (op_store_info(u, &info, &err) != UADM_OK) {
		tell_finding(
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
	else
		tell_finding(t, FINDING_BAD, "directory",
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
		tell_finding(
		    t, FINDING_WARN, "trail", "uadmctl store check", "%s", err.msg);
	else if (v.problem[0] != '\0')
		tell_finding(t, FINDING_WARN, "trail", "uadmctl audit reseal",
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

	if (host_ready(&err) == UADM_OK)
		tell_finding(t, FINDING_FINE, "installed", "", "uadm %s", UADM_VERSION);
	else
		tell_finding(t, FINDING_BAD, "installed", err.hint, "%s", err.msg);
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
op_host_status(struct uadm *u, enum uadm_code opened, const struct uadm_err *why,
    const struct status_sink *sink, enum finding_level *worst, struct uadm_err *err)
{
	struct telling t = { .sink = sink, .worst = worst };

	*worst = FINDING_FINE;
	if (geteuid() != UADM_TRUSTED_UID) {
		uadm_fail(err, UADM_DENIED, "only root can see all of it");
		return uadm_hint(err, "sudo uadmctl host status");
	}
	status_pam(&t);
	status_files(&t);
	status_trial(&t);
	status_nsswitch(&t);
	status_sshd(&t);
	status_caches(&t);
	status_installed(&t);
	status_store(&t, u, opened, why);
	status_trail(&t, u);
	status_space(&t);
	return UADM_OK;
}
