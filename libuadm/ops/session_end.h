/*
 * session_end.h - end one session, and what came of it, while others of the same user go on.
 */
#ifndef UADM_OPS_SESSION_END_H
#define UADM_OPS_SESSION_END_H

#include "libuadm/ops/process_facts.h"
#include "libuadm/ops/sessions.h"

struct session_gone {
	pid_t pid;
	int64_t start;
	bool
	    alive; /* it was to end and did not; of what was spared: it is a daemon's main process */
	char command[PROCESS_COMMAND_SIZE];
};

struct session_end {
	struct session s;
	/* Tell who keeps logins (systemd-logind), or NULL. Asked once, before anything is ended. */
	void (*end_login)(const struct session *s);
	/* On a dry run those that would be. */
	struct session_gone *gone;
	size_t count, room;
	/* What came of it and is the host's: a daemon that was started from it. */
	struct session_gone *spared;
	size_t spared_count, spared_room;
	bool over; /* the session is not there any more */
};
#define SESSION_END CLEANUP(session_end_done) struct session_end
void session_end_done(struct session_end *e);

/* May the actor end what this user is in? Fills in *user. */
enum uadm_code op_session_may_end(struct uadm *u, const char *name, struct user *user,
    struct uadm_err *err) UADM_CHECKED;
/* The session of that number, if it is open and the actor may end it. UADM_NOT_FOUND: there is none,
 * or it is over. */
enum uadm_code op_session_find(
    struct uadm *u, int64_t id, struct session *s, struct uadm_err *err) UADM_CHECKED;
/* End it (e->s, as found): 2 s at most. UADM_INVALID: it is the one that this was asked for in. */
enum uadm_code op_session_end(
    struct uadm *u, struct session_end *e, struct uadm_err *err) UADM_CHECKED;

#endif
