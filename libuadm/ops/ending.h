/*
 * ending.h - end what users run who may not run anything any more: those who were suspended or
 * deleted, and those whose time is over.
 */
#ifndef UADM_OPS_ENDING_H
#define UADM_OPS_ENDING_H

#include "libuadm/ops/context.h"
#include "libuadm/ops/processes.h"
#include "libuadm/ops/subuids.h"

struct ending_user {
	uid_t uid;
	char name[UADM_NAME_SIZE];
	const char *why; /* static: "suspended", "deleted", "expired", "inactive" */
	bool changed;    /* the caller's */
	bool
	    anyway; /* ends though they may run things: to lose a group (not by a watch) */
	bool
	    is_local; /* /etc/passwd has the uid: what runs under it is not ours to end */
	int64_t suspended_at; /* then */
	int64_t ended;        /* processes; on a dry run those that would be */
	int64_t alive;        /* ... that are still there after 2 s */
};

/* Zero it, add users, op_end(), add more, and so on. */
struct ending {
	struct ending_user *users;
	size_t count, room;
	size_t done; /* users before this one are dealt with */
	struct process_leader *leaders;
	size_t leader_count, leader_room;
	struct subuids subuids;
	struct process_job job;        /* its notes say what was found, of all users */
	void (*end_logins)(uid_t uid); /* see processes.h */
};
#define ENDING CLEANUP(ending_wipe) struct ending

void ending_wipe(struct ending *e);

/* One more whose processes are to end. Before the user is deleted, for the sessions go too. */
enum uadm_code ending_add(struct uadm *u, struct ending *e, const struct user *user,
    const char *why, bool changed, struct uadm_err *err) UADM_CHECKED;
/* Take the last one back: the change failed. */
void ending_drop(struct ending *e);

/* End the processes of those who were added since the last time, in one go: 2 s at most. Each
 * user is looked at again in the store before anything of theirs is ended. One audit row for
 * each of whom something was ended, and their sessions are closed. */
enum uadm_code op_end(
    struct uadm *u, struct ending *e, struct uadm_err *err) UADM_CHECKED;

/* A login that was let in just before may not run as the user yet: for 2 s end what turns up, and
 * write one audit row for each of whom something was ended; but not of who has been resumed
 * since, whatever became of them then. To be called in a process of its own which has no store
 * open. */
void op_end_watch(struct ending *e, const char *conf, const char *actor);

/* End whatever runs of anybody who may not run anything (maintain.c). */
enum uadm_code op_maintain(
    struct uadm *u, struct ending *e, struct uadm_err *err) UADM_CHECKED;

#endif
