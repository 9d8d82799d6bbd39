/*
 * processes.h - find and end the processes of some users. Knows neither the store nor why.
 */
#ifndef UADM_OPS_PROCESSES_H
#define UADM_OPS_PROCESSES_H

#include "libuadm/base/error.h"
#include "libuadm/ops/process_facts.h"

/* A process that opened sessions of one user's and of nobody else's. */
struct process_leader {
	pid_t pid;
	int64_t start;
	uid_t uid;
};

/* What was found, and what became of it. */
struct process_note {
	uid_t uid; /* whose */
	pid_t pid, session;
	int64_t start;
	enum process_fate fate; /* END, OWN, DAEMON or HELPER */
	bool alive;             /* END: it was to end and did not */
	char command[PROCESS_COMMAND_SIZE];
};

struct subuids;

struct process_job {
	const uid_t *uids; /* ascending */
	size_t uid_count;
	const struct process_leader *leaders; /* ascending by pid */
	size_t leader_count;
	/* Whose subordinate uids are whose; or NULL. Each counts as the uid of its user. */
	struct subuids *subuids;
	/* Asked after each look at who is found: is this user still to be ended? What is found
	 * running after a "no" may be a new login. */
	bool (*is_due)(void *arg, uid_t uid);
	void *arg;
	void (*end_logins)(
	    uid_t uid); /* tell who keeps logins (systemd-logind), or NULL */
	bool look_only; /* a dry run */
	/* What is found is added here; what is here and was spared stays so. The caller frees
	 * `notes`. */
	struct process_note *notes;
	size_t note_count, note_room;
};

/* Look and end, again and again, until a look finds nothing; 2 s at most, then what is left is
 * noted as alive. */
enum uadm_code processes_end(
    struct process_job *job, struct uadm_err *err) UADM_CHECKED;

/* For 2 s go on ending what runs as them by its own ids, until none of them is to be ended any
 * more. */
enum uadm_code processes_watch(
    struct process_job *job, struct uadm_err *err) UADM_CHECKED;

/* The uids that processes run under or came from, ascending, each once. The caller frees. */
enum uadm_code processes_uids(
    uid_t **uids, size_t *count, struct uadm_err *err) UADM_CHECKED;

#endif
