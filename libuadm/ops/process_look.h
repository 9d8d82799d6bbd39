/*
 * process_look.h - one look at all processes of the host, for processes.c.
 */
#ifndef UADM_OPS_PROCESS_LOOK_H
#define UADM_OPS_PROCESS_LOOK_H

#include "libuadm/ops/process_notes.h"

enum { OWN_MOST = 64 };

struct user_state {
	bool asked, due, swept; /* in this round */
	bool own;               /* this command was given in a session of theirs */
	bool told;              /* end_logins() was called */
};

struct search {
	struct process_job *job;
	int proc;
	bool first_look;
	bool background;     /* the watch */
	bool some_own;       /* of some user of the job (user_state.own) */
	int64_t deadline;    /* of all rounds together */
	size_t over;         /* users before this one are to be ended no more */
	pid_t own[OWN_MOST]; /* us, and what we came from */
	size_t own_count;
	struct match *found;
	size_t count, room;
	struct user_state *states; /* of each uid of the job */
};

void search_done(struct search *s);
enum uadm_code search_begin(
    struct search *s, struct process_job *job, struct uadm_err *err) UADM_CHECKED;

/* NULL: the job is not about this user. */
struct user_state *search_state(const struct search *s, uid_t uid);

/* Is this user to be ended still? Asked once in a round. */
bool search_is_due(struct search *s, uid_t uid);

/* Note what is to be spared; afterwards `found` holds what is to be ended now. */
enum uadm_code search_look(struct search *s, struct uadm_err *err) UADM_CHECKED;

/* Whose is it, and what becomes of it? Sets m->uid and m->fate (process_judge.c). */
void search_judge(const struct search *s, struct match *m);
/* The same once more, now that more is noted. */
void search_judge_again(const struct search *s, struct match *m);
/* Did it open sessions, or one that had the pid before? */
bool search_may_lead(const struct search *s, pid_t pid);

#endif
