/*
 * process_judge.c - whose a process is and what becomes of it, by what it is (policy/ending.c) and
 * by what was found before; see process_look.h.
 */
#include "libuadm/ops/process_look.h"

enum { ANY_START = -1 };

/* The record of this process; a record of one that had the pid before is none of it. */
static const struct process_leader *
leader_at(const struct process_job *job, pid_t pid, int64_t start)
{
	size_t low = 0, high = job->leader_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (job->leaders[middle].pid < pid)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < job->leader_count && job->leaders[low].pid == pid; low++)
		if (start == ANY_START || job->leaders[low].start == start)
			return &job->leaders[low];
	return NULL;
}

/* Has a login begun here since the first look? Then what started it lives and is nobody's: sshd.
 * What a process that was ended has left behind is an orphan, or a child of the user's. */
static bool
is_arriving(const struct search *s, const struct match *m, uid_t uid)
{
	pid_t parent = m->seen.facts.parent;
	uid_t owner, login;

	if (s->background)
		return true;
	return !s->first_look && process_note_of(s->job, m) == NULL && parent > 1 &&
	    process_read_owner(s->proc, parent, &owner, &login) && login != uid;
}

/* What was spared once is no other process by being looked at again; but a daemon that has become
 * the user since is the user's. */
static enum process_fate
judge(const struct search *s, struct match *m, uid_t uid)
{
	const struct process_note *before;
	enum process_fate fate;

	m->uid = uid;
	m->seen.facts.first_look = s->first_look;
	m->seen.facts.parent_spared = process_was_spared(s->job, m->seen.facts.parent);
	m->seen.facts.in_ours = process_is_of_ours(s->job, &m->seen.facts, uid);
	m->seen.facts.arriving =
	    !policy_process_runs_as(&m->seen.facts, uid) && is_arriving(s, m, uid);
	fate = policy_process(&m->seen.facts, uid);
	before = fate == PROCESS_END ? process_note_of(s->job, m) : NULL;
	if (before != NULL &&
	    (before->fate == PROCESS_OWN ||
		!policy_process_runs_as(&m->seen.facts, uid)))
		fate = before->fate;
	return m->fate = fate;
}

bool
search_may_lead(const struct search *s, pid_t pid)
{
	return leader_at(s->job, pid, ANY_START) != NULL;
}

/* It may run as one user of the job and have come from another: ended is ended. */
void
search_judge(const struct search *s, struct match *m)
{
	const struct process_facts *f = &m->seen.facts;
	const struct process_leader *l = leader_at(s->job, f->pid, m->seen.start);
	const uid_t candidates[] = { f->real, f->effective, f->saved, f->fs, f->login,
		l != NULL ? l->uid : 0 };
	enum process_fate fate = PROCESS_OTHERS;
	uid_t uid = 0;

	for (size_t i = 0; i < ARRAY_LEN(candidates) && fate != PROCESS_END; i++) {
		if (search_state(s, candidates[i]) == NULL)
			continue;
		m->seen.facts.leads = l != NULL && l->uid == candidates[i];
		if (judge(s, m, candidates[i]) != PROCESS_OTHERS) {
			fate = m->fate;
			uid = candidates[i];
		}
	}
	m->fate = fate;
	m->uid = uid;
	m->seen.facts.leads = l != NULL && l->uid == uid;
}

void
search_judge_again(const struct search *s, struct match *m)
{
	judge(s, m, m->uid);
}
