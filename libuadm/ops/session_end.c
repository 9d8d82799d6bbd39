/*
 * session_end.c - see session_end.h.
 *
 * Threat: what is ended goes on forking, and leaves those that it came from. So it is rounds, as with
 * a user (processes.c), and what a session is known by is remembered from one to the next.
 *
 * Who opened the session (sshd's monitor, su) is root's and has books to close: PAM's, utmp's, the
 * client's. It gets half a second to see that what it waited for is gone, and ends with the rest then.
 */
#include "libuadm/ops/session_end.h"

#include "libuadm/base/names.h"
#include "libuadm/ops/act.h"
#include "libuadm/ops/login.h"
#include "libuadm/ops/process_kill.h"
#include "libuadm/ops/process_notes.h"
#include "libuadm/ops/session_look.h"
#include "libuadm/ops/show.h"
#include "libuadm/policy/session_process.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>

enum {
	BOUND_MS = 2000,
	LEADER_MS = 500,
	STEP_MS = 20,
	PASSES_MOST = 64, /* how deep children of children are looked for */
	OWN_MOST = 64,
	GROUPS_MOST = 256,
};

struct round {
	struct session_end *e;
	uid_t uid;
	int proc;
	struct session_look look;
	enum process_fate *fates; /* as look.at */
	bool first, shared;
	int64_t began;
	uint32_t login;      /* by the kernel's count; 0: it does not tell */
	pid_t own[OWN_MOST]; /* us, and what we came from */
	size_t own_count;
	pid_t groups[GROUPS_MOST]; /* process sessions of it */
	size_t group_count;
};

void
session_end_done(struct session_end *e)
{
	free(e->gone);
	free(e->spared);
	e->gone = e->spared = NULL;
}

static void
round_done(struct round *r)
{
	cleanup_fd(&r->proc);
	session_look_done(&r->look);
	free(r->fates);
}

static enum uadm_code
no_memory(struct uadm_err *err)
{
	return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
}

static enum uadm_code
may_end(struct uadm *u, const struct user *user, struct uadm_err *err)
{
	return act_on_user(u,
	    !act_is_root(u) && user->uid == u->acting.uid ? ACT_SESSION_OWN
							  : ACT_SESSION_END,
	    user, err);
}

enum uadm_code
op_session_may_end(
    struct uadm *u, const char *name, struct user *user, struct uadm_err *err)
{
	TXN t = { 0 };
	enum uadm_code c;

	if ((c = txn_read(&t, u->store, err)) != UADM_OK ||
	    (c = find_user(u, name, user, err)) != UADM_OK)
		return c;
	return may_end(u, user, err);
}

static enum uadm_code
keep(void *arg, const struct session *s, struct uadm_err *err)
{
	(void)err;
	*(struct session *)arg = *s;
	return UADM_OK;
}

enum uadm_code
op_session_find(struct uadm *u, int64_t id, struct session *s, struct uadm_err *err)
{
	const struct session_filter f = { .id = id };
	struct clock_now now;
	struct user user;
	TXN t = { 0 };
	enum uadm_code c;

	*s = (struct session){ 0 };
	clock_read(&now);
	if ((c = txn_read(&t, u->store, err)) != UADM_OK ||
	    (c = sessions_each(u->store, &f, keep, s, err)) != UADM_OK)
		return c;
	if (s->id != 0 &&
	    ((c = find_user(u, s->user, &user, err)) != UADM_OK ||
		(c = may_end(u, &user, err)) != UADM_OK))
		return c;
	if (s->id != 0 && login_leader_lives(&now, s))
		return UADM_OK;
	uadm_fail(err, UADM_NOT_FOUND, "no session %lld is open", (long long)id);
	return uadm_hint(err, "uadmctl session list");
}

static enum uadm_code
is_this(void *arg, const struct session *s, struct uadm_err *err)
{
	struct round *r = arg;

	(void)err;
	if (s->id == r->e->s.id)
		r->shared = false;
	return UADM_OK;
}

static enum uadm_code
begin(struct uadm *u, struct round *r, struct uadm_err *err)
{
	struct process p = { .pid = getpid() };

	r->proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r->proc < 0)
		return uadm_fail(err, UADM_UNAVAILABLE, "cannot look into /proc: %m");
	while (r->own_count < OWN_MOST && p.pid > 1) {
		r->own[r->own_count++] = p.pid;
		if (!process_look(&p))
			break;
		p.pid = p.parent;
	}
	r->began = clock_boot_ms();
	return sessions_each_lone_leader(u->store, r->uid, is_this, r, err);
}

static bool
is_leader(const struct round *r, const struct session_process *p)
{
	return p->seen.facts.pid == r->e->s.leader &&
	    p->seen.start == r->e->s.leader_start;
}

/* The login that the session is, if it is one: asked while its leader lives, and remembered. */
static void
find_login(struct round *r)
{
	const struct session_process *l = session_look_find(&r->look, r->e->s.leader);
	const struct session_process *parent;

	if (l == NULL || !is_leader(r, l))
		return;
	parent = session_look_find(&r->look, l->seen.facts.parent);
	if (policy_session_is_login(l->audit, l->seen.facts.login,
		parent == NULL ? 0 : parent->audit, r->uid))
		r->login = l->audit;
}

static bool
is_own(const struct round *r, pid_t pid)
{
	for (size_t i = 0; i < r->own_count; i++)
		if (r->own[i] == pid)
			return true;
	return false;
}

static enum process_fate
was_spared(const struct round *r, const struct process_seen *p)
{
	for (size_t i = 0; i < r->e->spared_count; i++) {
		const struct session_gone *g = &r->e->spared[i];

		if (g->pid == p->facts.pid && g->start == p->start)
			return g->alive ? PROCESS_DAEMON : PROCESS_HELPER;
	}
	return PROCESS_OTHERS;
}

static enum process_fate
fate_of(const struct round *r, pid_t pid)
{
	const struct session_process *p = session_look_find(&r->look, pid);

	return p == NULL ? PROCESS_OTHERS : r->fates[p - r->look.at];
}

static bool
was_group(const struct round *r, pid_t group)
{
	for (size_t i = 0; i < r->group_count; i++)
		if (r->groups[i] == group)
			return true;
	return false;
}

static enum process_fate
judge(struct round *r, struct session_process *p)
{
	struct process_facts *f = &p->seen.facts;
	const enum process_fate parent = fate_of(r, f->parent);
	struct session_process_facts s = { .is_leader = is_leader(r, p),
		.leader_shared = r->shared,
		.below =
		    parent == PROCESS_END || (r->shared && f->parent == r->e->s.leader),
		.in_group = f->session != f->pid &&
		    (fate_of(r, f->session) == PROCESS_END || was_group(r, f->session)),
		.same_login = r->login != 0 && p->audit == r->login,
		.before = was_spared(r, &p->seen) };
	enum process_fate fate;

	f->first_look = r->first;
	f->parent_spared = parent == PROCESS_DAEMON || parent == PROCESS_HELPER;
	f->is_ours = is_own(r, f->pid);
	s.p = *f;
	fate = policy_session_process(&s, r->uid);
	f->leads = s.p.leads;
	return fate;
}

/* A process may stand before what it came from: so over them again until nothing changes. */
static enum uadm_code
judge_all(struct round *r, struct uadm_err *err)
{
	bool more = true;

	free(r->fates);
	r->fates = calloc(r->look.count + 1, sizeof(*r->fates));
	if (r->fates == NULL)
		return no_memory(err);
	for (int pass = 0; more && pass < PASSES_MOST; pass++) {
		more = false;
		for (size_t i = 0; i < r->look.count; i++) {
			enum process_fate fate = judge(r, &r->look.at[i]);

			more = more || fate != r->fates[i];
			r->fates[i] = fate;
		}
	}
	return UADM_OK;
}

static enum uadm_code
note(struct session_gone **list, size_t *count, size_t *room,
    const struct process_seen *p, bool alive, struct uadm_err *err)
{
	struct session_gone *more;

	for (size_t i = 0; i < *count; i++)
		if ((*list)[i].pid == p->facts.pid && (*list)[i].start == p->start) {
			(*list)[i].alive = alive;
			return UADM_OK;
		}
	if ((more = process_grow(*list, *count, room, sizeof(*more))) == NULL)
		return no_memory(err);
	*list = more;
	more += (*count)++;
	*more = (struct session_gone){
		.pid = p->facts.pid, .start = p->start, .alive = alive
	};
	memcpy(more->command, p->command, sizeof(more->command));
	return UADM_OK;
}

/* What was found, for the report and for the looks to come. *found: how many are to end. */
static enum uadm_code
note_all(struct round *r, bool last, size_t *found, struct uadm_err *err)
{
	struct session_end *e = r->e;
	enum uadm_code c = UADM_OK;

	*found = 0;
	for (size_t i = 0; i < e->count; i++)
		e->gone[i].alive = false;
	for (size_t i = 0; i < r->look.count && c == UADM_OK; i++) {
		const struct process_seen *p = &r->look.at[i].seen;

		switch (r->fates[i]) {
		case PROCESS_OTHERS:
			break;
		case PROCESS_OWN:
			uadm_fail(err, UADM_INVALID,
			    "session %lld is the one you ask from: it ends when you leave it",
			    (long long)e->s.id);
			return UADM_INVALID;
		case PROCESS_DAEMON:
		case PROCESS_HELPER:
			c = note(&r->e->spared, &r->e->spared_count, &r->e->spared_room,
			    p, r->fates[i] == PROCESS_DAEMON, err);
			break;
		case PROCESS_END:
			if (p->facts.session == p->facts.pid &&
			    !was_group(r, p->facts.pid) && r->group_count < GROUPS_MOST)
				r->groups[r->group_count++] = p->facts.pid;
			++*found;
			c = note(&e->gone, &e->count, &e->room, p, last, err);
			break;
		}
	}
	return c;
}

static void
kill_found(struct round *r)
{
	bool patient = clock_boot_ms() - r->began < LEADER_MS;

	for (size_t i = 0; i < r->look.count; i++) {
		const struct session_process *p = &r->look.at[i];
		int fd = -1;

		if (r->fates[i] != PROCESS_END ||
		    (patient && is_leader(r, p) &&
			!policy_process_runs_as(&p->seen.facts, r->uid)))
			continue;
		process_kill(r->proc, NULL, &p->seen, r->uid, &fd);
		cleanup_fd(&fd);
	}
	poll(NULL, 0, STEP_MS);
}

static enum uadm_code
end_in_rounds(struct uadm *u, struct round *r, struct uadm_err *err)
{
	size_t found;
	enum uadm_code c;

	for (;; r->first = false) {
		bool last = clock_boot_ms() - r->began >= BOUND_MS;

		if ((c = session_look(&r->look, err)) != UADM_OK)
			return c;
		find_login(r);
		if ((c = judge_all(r, err)) != UADM_OK ||
		    (c = note_all(r, last && !u->dry_run, &found, err)) != UADM_OK ||
		    found == 0 || last || u->dry_run)
			return c;
		if (r->first && r->e->end_login != NULL && !r->shared)
			r->e->end_login(&r->e->s);
		kill_found(r);
	}
}

static int64_t
count_ended(const struct session_end *e)
{
	int64_t n = 0;

	for (size_t i = 0; i < e->count; i++)
		n += e->gone[i].alive ? 0 : 1;
	return n;
}

/* The books, after the fact. */
static enum uadm_code
record(struct uadm *u, const struct session_end *e, struct uadm_err *err)
{
	char service[300], detail[400];
	CHANGE ch = { 0 };
	bool any;
	enum uadm_code c;

	if ((c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = sessions_reap(u->store, ch.now.wall, login_leader_lives, &ch.now, &any,
		 err)) != UADM_OK)
		return c;
	snprintf(detail, sizeof(detail), "session=%lld service=%.200s processes=%lld",
	    (long long)e->s.id,
	    text_escape_word(service, sizeof(service), e->s.service),
	    (long long)count_ended(e));
	return change_commit(
	    &ch, u, "session.terminate", e->s.user, detail, false, err);
}

enum uadm_code
op_session_end(struct uadm *u, struct session_end *e, struct uadm_err *err)
{
	CLEANUP(round_done)
	struct round r = { .e = e,
		.uid = e->s.uid,
		.proc = -1,
		.look = { .wide = true },
		.first = true,
		.shared = true };
	struct clock_now now;
	CHANGE hold = { 0 };
	struct session current;
	enum uadm_code c;

	/* As it is now: what was found may have been asked about for long. */
	if ((c = op_session_find(u, e->s.id, &current, err)) != UADM_OK)
		return c;
	e->s = current;
	if ((c = begin(u, &r, err)) != UADM_OK)
		return c;
	change_hold(&hold); /* ^C between two rounds would leave half of it running */
	c = end_in_rounds(u, &r, err);
	clock_read(&now);
	e->over = !login_leader_lives(&now, &e->s);
	if (e->count > 0 && !u->dry_run &&
	    record(u, e, c == UADM_OK ? err : &(struct uadm_err){ 0 }) != UADM_OK &&
	    c == UADM_OK)
		c = err->code;
	return c;
}
