/*
 * host.h - let this host's logins and lookups ask uadm (`host enable`), and put everything
 * back (`host disable`).
 *
 * Threat: a login stack that is half written locks everybody out, and a stack that lost our
 * refusal lets everybody in. So nothing on the host is touched before the whole result is
 * known: pam-auth-update runs on a copy, its result is checked line by line, both the bytes
 * before and the bytes after are on disk, and only then each file is replaced as a whole,
 * in an order in which every step in between is safe (see host_files.c).
 *
 * enable touches these and no other files; the snapshot lies in UADM_HOST_DIR/snapshot:
 *   /etc/pam.d/common-{account,session,session-noninteractive,auth,password}
 *   /var/lib/pam/{seen,account,session,session-noninteractive,auth,password}
 *   /etc/nsswitch.conf
 *
 * disable: a file whose bytes are still those that enable wrote gets its old bytes, owner and
 * mode. In a file that changed since (by a person, or by pam-auth-update for another package)
 * only our lines are taken out, whatever else is in it stays, and the report carries the
 * difference. Our lines are never left active, not half of them either, for a host where they are
 * half there is worse than either end.
 */
#ifndef UADM_OPS_HOST_H
#define UADM_OPS_HOST_H

#include "libuadm/base/error.h"

#include <stdbool.h>
#include <stdint.h>

/* The pam-auth-update profiles that enable turns on. */
#define HOST_PROFILES "uadm uadm-password"

enum {
	HOST_FILES_MAX = 12, /* how many files enable may touch */
};

enum host_what {
	HOST_UNCHANGED = 0,
	HOST_WIRED,    /* enable: our lines are in it now */
	HOST_RESTORED, /* disable: to the byte, owner and mode what it was before enable */
	HOST_CLEANED, /* disable: changed since enable; our lines taken out, the rest left */
	HOST_REMOVED, /* disable: enable had made it, so it is gone again */
};

struct host_change {
	const char *path; /* static */
	enum host_what what;
	/* A unified diff of what this call does (or, in a dry run, would do), or NULL. Owned by
	 * the report. Bytes of the file as they are: escape before a terminal sees them. */
	char *diff;
};

struct host_report {
	bool already; /* nothing had to be done */
	size_t count;
	struct host_change
	    changes[HOST_FILES_MAX]; /* in the order in which they are made */
	/* Something a person should know or do, in lines; or NULL. With UADM_UNAVAILABLE from
	 * host_enable on a host without pam-auth-update: the lines to add by hand. Owned. */
	char *advice;
};

/* Both need root, fill *report (zeroed by the caller) also when they fail as far as they got,
 * and may be repeated: the second time reports `already`. With dry_run nothing on the host is
 * changed. A failure in the middle of enable takes back what was done; a crash in the middle is
 * mended by either of them. UADM_BUSY: somebody else changed a file meanwhile, or another
 * enable or disable is under way, or (enable) the host is on trial. With trial_secs it goes back
 * after so many seconds (host_trial.h), which another process then tells by `after_trial`, unless it
 * is refused or fails: UADM_EXISTS on a host that is enabled. 0: for good. */
enum uadm_code host_enable(bool dry_run, int64_t trial_secs, void (*after_trial)(void),
    struct host_report *report, struct uadm_err *err) UADM_CHECKED;
enum uadm_code host_disable(
    bool dry_run, struct host_report *report, struct uadm_err *err) UADM_CHECKED;

enum host_state { HOST_OFF = 0, HOST_PARTLY, HOST_ON };

/* Is the host wired? HOST_PARTLY: run enable or disable; `missing` is then the first file
 * without our lines (static). Reads only. */
enum uadm_code host_look(
    enum host_state *state, const char **missing, struct uadm_err *err) UADM_CHECKED;

/* "unchanged", "wired", "restored", "cleaned", "removed": stable, for tables and JSON. */
const char *host_what_name(enum host_what what);

/* Free what the report owns and zero it. Accepts a zeroed one. */
void host_report_wipe(struct host_report *report);

#endif
