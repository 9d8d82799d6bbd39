/*
 * session_look.h - one look at all processes of the host, for what a session is by now: the
 * terminal it has, the processes that belong to it.
 */
#ifndef UADM_OPS_SESSION_LOOK_H
#define UADM_OPS_SESSION_LOOK_H

#include "libuadm/base/error.h"
#include "libuadm/ops/process_facts.h"

struct session_process {
	struct process_seen seen;
	uint32_t audit; /* process_read_audit_session() */
};

/* Ascending by pid. */
struct session_look {
	struct session_process *at;
	size_t count, room;
	bool wide; /* also what costs more: whose they are, and the audit session */
};
#define SESSION_LOOK CLEANUP(session_look_done) struct session_look

/* Look (again). */
enum uadm_code session_look(struct session_look *l, struct uadm_err *err) UADM_CHECKED;
void session_look_done(struct session_look *l);
/* NULL: not there. */
struct session_process *session_look_find(const struct session_look *l, pid_t pid);

/* The terminal of a session that this process opened: its own, or the first that one of those below
 * it leads. false, and `tty` stays: it has none. */
bool session_look_tty(
    const struct session_look *l, pid_t leader, int64_t start, char *tty, size_t size);

/* When somebody last typed there, by a name of session_look_tty()'s. false: it is no terminal any
 * more. */
bool session_look_used_at(const char *tty, int64_t *at);

#endif
