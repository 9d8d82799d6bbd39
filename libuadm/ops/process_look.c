/*
 * process_look.c - see process_look.h.
 *
 * A look at a host with thousands of processes reads little of those that are none of the user's:
 * owner and login uid; in the background, where a login uid alone ends nothing, the owner. That
 * misses one that another user's setuid program has opened to the looks of others
 * (PR_SET_DUMPABLE), and one that is closed to them in a namespace of somebody else's. The kernel's
 * own round (process_kill.c), with which every watch begins, misses neither.
 */
#include "libuadm/ops/process_look.h"

#include "libuadm/ops/subuids.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>

static enum uadm_code
no_memory(struct uadm_err *err)
{
	return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
}

void
search_done(struct search *s)
{
	cleanup_fd(&s->proc);
	free(s->found);
	free(s->states);
}

static void
find_own(struct search *s)
{
	struct process_seen p = { .facts.pid = getpid() };

	while (s->own_count < OWN_MOST && p.facts.pid > 1) {
		s->own[s->own_count++] = p.facts.pid;
		if (!process_read_rest(s->proc, &p))
			break;
		p.facts.pid = p.facts.parent;
	}
}

static int
order_uids(const void *a, const void *b)
{
	const uid_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

struct user_state *
search_state(const struct search *s, uid_t uid)
{
	const struct process_job *job = s->job;
	const uid_t *at =
	    bsearch(&uid, job->uids, job->uid_count, sizeof(uid), order_uids);

	return at == NULL ? NULL : &s->states[at - job->uids];
}

enum uadm_code
search_begin(struct search *s, struct process_job *job, struct uadm_err *err)
{
	s->job = job;
	s->proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->proc < 0)
		return uadm_fail(err, UADM_UNAVAILABLE, "cannot look into /proc: %m");
	s->states = calloc(job->uid_count + 1, sizeof(*s->states));
	if (s->states == NULL)
		return no_memory(err);
	find_own(s);
	for (size_t i = 0; i < job->note_count; i++)
		if (job->notes[i].fate == PROCESS_OWN &&
		    search_state(s, job->notes[i].uid) != NULL)
			s->some_own = search_state(s, job->notes[i].uid)->own = true;
	return UADM_OK;
}

static bool
is_own(const struct search *s, pid_t pid)
{
	for (size_t i = 0; i < s->own_count; i++)
		if (s->own[i] == pid)
			return true;
	return false;
}

static bool
concerns(const struct search *s, uid_t id)
{
	return search_state(s, subuids_resolve(s->job->subuids, id)) != NULL;
}

/* The rest costs more than the ids, so it is read of those alone who have to do with a user. Where
 * a login uid alone ends nothing it still tells what is of the session this was asked for in. */
static bool
read_if_concerned(const struct search *s, struct process_seen *p)
{
	struct process_facts *f = &p->facts;
	bool leads = search_may_lead(s, f->pid), logins = !s->background || s->some_own;
	uid_t owner;

	f->login = PROCESS_NO_LOGIN;
	if (!process_read_owner(s->proc, f->pid, &owner, logins ? &f->login : NULL) ||
	    (!leads && owner != 0 && !concerns(s, owner) &&
		search_state(s, f->login) == NULL) ||
	    !process_read_ids(s->proc, s->job->subuids, p))
		return false;
	return (leads || search_state(s, f->real) != NULL ||
		   search_state(s, f->effective) != NULL ||
		   search_state(s, f->saved) != NULL ||
		   search_state(s, f->fs) != NULL ||
		   search_state(s, f->login) != NULL) &&
	    process_read_rest(s->proc, p);
}

static enum uadm_code
look_at(struct search *s, pid_t pid, struct uadm_err *err)
{
	struct match m = { .seen.facts.pid = pid };
	struct match *found;

	if (!read_if_concerned(s, &m.seen))
		return UADM_OK;
	m.seen.facts.is_ours = is_own(s, pid);
	search_judge(s, &m);
	if (m.fate == PROCESS_OTHERS)
		return UADM_OK;
	found = process_grow(s->found, s->count, &s->room, sizeof(*found));
	if (found == NULL)
		return no_memory(err);
	s->found = found;
	found[s->count++] = m;
	return UADM_OK;
}

/* Note what is spared. Children may have been looked at before their parents, so those that are
 * still to end are judged again until nothing changes. */
static enum uadm_code
note_spared(struct search *s, struct uadm_err *err)
{
	enum uadm_code c;
	bool more = true;

	while (more) {
		more = false;
		for (size_t i = 0; i < s->count; i++) {
			struct match *m = &s->found[i];

			if (m->fate == PROCESS_END && s->job->note_count > 0)
				search_judge_again(s, m);
			if (m->fate == PROCESS_END ||
			    process_note_of(s->job, m) != NULL)
				continue;
			if ((c = process_note_add(s->job, m, err)) != UADM_OK)
				return c;
			more = true;
			if (m->fate == PROCESS_OWN)
				s->some_own = search_state(s, m->uid)->own = true;
		}
	}
	return UADM_OK;
}

bool
search_is_due(struct search *s, uid_t uid)
{
	struct user_state *st = search_state(s, uid);

	if (!st->asked)
		st->due = s->job->is_due == NULL || s->job->is_due(s->job->arg, uid);
	st->asked = true;
	return st->due;
}

/* A subordinate uid that was given to more than one user is each one's. */
static bool
is_due_of_all(struct search *s, uid_t id)
{
	const struct subuids *subuids = s->job->subuids;

	if (subuids_owner(s->job->subuids, id) == SUBUID_OTHERS)
		return true;
	for (size_t i = 0; i < subuids->count; i++) {
		const struct subuid_range *r = &subuids->ranges[i];

		if (subuid_is_in(r, id) && search_state(s, r->uid) != NULL &&
		    !search_is_due(s, r->uid))
			return false;
	}
	return true;
}

static bool
match_is_due(struct search *s, const struct match *m)
{
	const uid_t *ids = m->seen.ids;

	return search_is_due(s, m->uid) && is_due_of_all(s, ids[0]) &&
	    is_due_of_all(s, ids[1]) && is_due_of_all(s, ids[2]) &&
	    is_due_of_all(s, ids[3]);
}

/* Keep what is to be ended. */
static void
keep_due(struct search *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->job->uid_count; i++)
		s->states[i].asked = s->states[i].swept = s->states[i].due = false;
	for (size_t i = 0; i < s->count; i++)
		if (s->found[i].fate == PROCESS_END && match_is_due(s, &s->found[i]))
			s->found[kept++] = s->found[i];
	s->count = kept;
}

/* Afterwards `found` holds what is to be ended now. */
enum uadm_code
search_look(struct search *s, struct uadm_err *err)
{
	DIR *dir = opendir("/proc");
	enum uadm_code c = UADM_OK;

	if (dir == NULL)
		return uadm_fail(err, UADM_UNAVAILABLE, "cannot look into /proc: %m");
	s->count = 0;
	for (struct dirent *e; c == UADM_OK && (e = readdir(dir)) != NULL;)
		if (e->d_name[0] >= '1' && e->d_name[0] <= '9')
			c = look_at(s, (pid_t)strtol(e->d_name, NULL, 10), err);
	closedir(dir);
	if (c != UADM_OK || (c = note_spared(s, err)) != UADM_OK)
		return c;
	keep_due(s);
	s->first_look = false;
	return UADM_OK;
}
