/*
 * process_kill.h - end processes: one, or all of a uid at once.
 */
#ifndef UADM_OPS_PROCESS_KILL_H
#define UADM_OPS_PROCESS_KILL_H

#include "libuadm/ops/process_facts.h"

/* End the process that was seen, if it still is the one and still the user's; `subuids` as for
 * process_read_ids(). *pidfd is one to wait with, the caller's to close, or -1. */
void process_kill(int proc, struct subuids *subuids, const struct process_seen *p,
    uid_t uid, int *pidfd);

/* End whatever runs under `uid` in one system call, which no fork gets ahead of. */
void process_kill_all(uid_t uid);

/* Be this user from here on, without a way back: no group but the private one, no capability. For a
 * child; false: it did not work, and the child has to end. */
bool process_become(uid_t uid);

#endif
