/*
 * process_facts.h - what /proc tells of a process, for policy/ending. Reads, and decides nothing.
 */
#ifndef UADM_OPS_PROCESS_FACTS_H
#define UADM_OPS_PROCESS_FACTS_H

#include "libuadm/policy/ending.h"

enum { PROCESS_COMMAND_SIZE = 32 };

struct process_seen {
	struct process_facts facts;
	int64_t
	    start; /* together with the pid it names a process until the next boot */
	char command
	    [PROCESS_COMMAND_SIZE]; /* the user's choice: escape before showing */
};

/* pid and ids: the cheap part, asked of every process of the host. `proc` is /proc, opened.
 * false: it is gone. */
bool process_read_ids(int proc, pid_t pid, struct process_facts *f);

/* The rest of what the kernel knows. false: it is gone, or dead and not yet buried. */
bool process_read_rest(int proc, struct process_seen *p);

#endif
