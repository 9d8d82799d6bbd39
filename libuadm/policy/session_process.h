/*
 * session_process.h - is a process of this one session?
 *
 * Pure: the facts are gathered elsewhere and passed in.
 */
#ifndef UADM_POLICY_SESSION_PROCESS_H
#define UADM_POLICY_SESSION_PROCESS_H

#include "libuadm/policy/ending.h"

struct session_process_facts {
	struct process_facts p; /* .leads is set here */
	bool is_leader;         /* it opened the session */
	bool leader_shared; /* who did has sessions of others open, too: a daemon's */
	bool below;         /* its parent is of the session, and to be ended */
	bool in_group; /* who leads its process session (setsid) is or was, likewise */
	bool
	    same_login; /* by the kernel's count of logins (audit), where the session has one of its own */
	enum process_fate
	    before; /* how an earlier look spared it; PROCESS_OTHERS: it did not */
};

/* PROCESS_OTHERS: it is not of the session, whosever it is. */
enum process_fate policy_session_process(struct session_process_facts *f, uid_t uid);

/* Does the kernel's count of logins tell this session from others? Not where su or sudo opened it:
 * they are in the login that they were called in. */
bool policy_session_is_login(
    uint32_t leaders, uid_t leaders_login, uint32_t parents, uid_t uid);

#endif
