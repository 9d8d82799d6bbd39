/*
 * host_trial.h - a host that is enabled for a while, and goes back by itself unless somebody who
 * can still log in says that it may stay.
 *
 * Threat: an administrator who wires a distant host and is locked out. So the end of a trial
 * depends on nothing that was there when it began: its deadline is on disk before the first line
 * is written, in boot time, and a reboot is an end as well. Whoever comes first ends it: the
 * process that waits for it, or `uadmctl maintain`, which runs each minute.
 *
 * Threat: a deadline that outlives its trial and undoes what somebody has enabled for good. So it is
 * written, looked at and dropped under the lock of UADM_HOST_DIR alone, after whatever may refuse.
 */
#ifndef UADM_OPS_HOST_TRIAL_H
#define UADM_OPS_HOST_TRIAL_H

#include "libuadm/ops/host.h"

#include <stdint.h>

enum { HOST_TRIAL_LEAST_SECS = 10, HOST_TRIAL_MOST_SECS = 24 * 3600 };

struct host_trial {
	bool on;
	bool over;         /* and nobody has put the host back yet */
	int64_t left_secs; /* while it is not over */
};

/* Is there one? */
enum uadm_code host_trial_look(
    struct host_trial *trial, struct uadm_err *err) UADM_CHECKED;

/* Write the deadline down; `dir` is UADM_HOST_DIR, locked, here and below. */
enum uadm_code host_trial_begin(
    int dir, int64_t secs, struct uadm_err *err) UADM_CHECKED;

/* It may stay. UADM_NOT_FOUND: there is no trial; UADM_BUSY: it is over. */
enum uadm_code host_trial_confirm(struct uadm_err *err) UADM_CHECKED;

/* If one is over: host_disable(). *ended tells. */
enum uadm_code host_trial_end(
    bool *ended, struct host_report *report, struct uadm_err *err) UADM_CHECKED;

/* Of a host that is put back, or was never changed. */
enum uadm_code host_trial_forget(int dir, struct uadm_err *err) UADM_CHECKED;

/* A process of its own that waits for the end, without the lock, and calls `after` when it has put
 * the host back; the caller goes on. */
enum uadm_code host_trial_watch(
    int dir, void (*after)(void), struct uadm_err *err) UADM_CHECKED;

#endif
