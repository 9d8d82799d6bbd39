/*
 * ending.h - who may go on running, and is this process one of theirs?
 *
 * Pure: the facts about a process are gathered elsewhere and passed in.
 */
#ifndef UADM_POLICY_ENDING_H
#define UADM_POLICY_ENDING_H

#include "libuadm/base/user.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* May what this user runs go on? The login has an evaluator of its own (login.h): this one is
 * about sessions that are open, which a suspension may leave alone. */
bool policy_user_may_run(const struct user *user, int64_t now);

#define PROCESS_NO_LOGIN                                                               \
	((uid_t)-1) /* what the kernel calls a login uid that is not set */

struct process_facts {
	pid_t pid, parent, session;
	uid_t real, effective, saved, fs;
	uid_t login; /* of the login it came from, or PROCESS_NO_LOGIN */
	bool leads;  /* opened sessions, and all that are open are this user's */
	bool has_terminal;
	bool kernel;        /* a thread of the kernel's */
	bool is_ours;       /* this program, or what it was started from */
	bool is_uadmd;      /* runs our uadmd */
	bool first_look;    /* it was there, as it is, before anything was ended */
	bool parent_spared; /* its parent is a PROCESS_DAEMON, or what came of one */
	bool systemd;       /* systemd looks after this host's services ... */
	bool in_service; /* ... and this is in one (its cgroup is below system.slice) */
};

enum process_fate {
	PROCESS_OTHERS = 0, /* not this user's */
	PROCESS_END,
	PROCESS_OWN,    /* the session this very command was given in */
	PROCESS_DAEMON, /* serves the host: the user only started it, by sudo */
	PROCESS_HELPER, /* works for others by the kernel's side of it: nothing to tell */
};

/* Zero, the uid of root, ends nothing. */
enum process_fate policy_process(const struct process_facts *f, uid_t uid);

/* Is the process the user's by its own ids? Else it is by where it came from alone. */
bool policy_process_runs_as(const struct process_facts *f, uid_t uid);

#endif
