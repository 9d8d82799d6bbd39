/*
 * process_facts.h - what /proc tells of a process, for policy/ending. Reads, and decides nothing.
 */
#ifndef UADM_OPS_PROCESS_FACTS_H
#define UADM_OPS_PROCESS_FACTS_H

#include "libuadm/policy/ending.h"

enum { PROCESS_COMMAND_SIZE = 32 };

struct subuids;

struct process_seen {
	struct process_facts
	    facts;    /* a subordinate uid counts as its user's uid here */
	uid_t ids[4]; /* real, effective, saved, fs: as the kernel has them */
	int terminal; /* the device, as the kernel writes it; 0: none */
	int64_t
	    start; /* together with the pid it names a process until the next boot */
	char command
	    [PROCESS_COMMAND_SIZE]; /* the user's choice: escape before showing */
};

/* The ids of the process p->facts.pid but for its login uid. `proc` is /proc, opened; `subuids` may
 * be NULL. false: it is gone. */
bool process_read_ids(int proc, struct subuids *subuids, struct process_seen *p);

/* PROCESS_NO_LOGIN also when it is gone, or the kernel has no login uids. */
uid_t process_read_login(int proc, pid_t pid);

/* The login it came from, as the kernel counts them: also what left it for good is still of it. 0: of
 * none, or the kernel has no such numbers. */
uint32_t process_read_audit_session(int proc, pid_t pid);

/* The cheapest look, asked of every process of the host: the effective uid, or root where the
 * kernel lets nobody look into the process (after a change of ids); and the login uid, unless
 * `login` is NULL, which makes it cheaper still. false: it is gone. */
bool process_read_owner(int proc, pid_t pid, uid_t *owner, uid_t *login);

/* The rest of what the kernel knows. false: it is gone, or dead and not yet buried. */
bool process_read_rest(int proc, struct process_seen *p);

#endif
