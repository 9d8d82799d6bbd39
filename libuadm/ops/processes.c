/*
 * processes.c - see processes.h.
 *
 * Threat: who is to be ended forks, hides behind other ids, ignores signals, and has a login on
 * its way. So it is SIGKILL, by what a process is and where it came from, in rounds that end only
 * when a look finds nothing. In a round the root shells go first: once the shell below is gone
 * they look like daemons, which are spared (policy/ending.c).
 */
#include "libuadm/ops/processes.h"

#include "libuadm/base/clock.h"
#include "libuadm/ops/process_kill.h"
#include "libuadm/ops/process_look.h"
#include "libuadm/ops/subuids.h"

#include <poll.h>

enum {
	BOUND_MS = 2000,
	WATCH_STEP_MS = 50,
	WAIT_MS = 100, /* for what was killed, before looking again */
	WAIT_FDS = 64,
	SWEPT_MOST = 256,
};

static enum uadm_code
note_found(struct search *s, bool alive, struct uadm_err *err)
{
	enum uadm_code c;

	for (size_t i = 0; i < s->count; i++) {
		if ((c = process_note_add(s->job, &s->found[i], err)) != UADM_OK)
			return c;
		process_note_of(s->job, &s->found[i])->alive = alive;
	}
	return UADM_OK;
}

static void
kill_found(struct search *s, bool by_ids, int *fds, size_t *fd_count)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct match *m = &s->found[i];
		int fd;

		if (policy_process_runs_as(&m->seen.facts, m->uid) != by_ids)
			continue;
		process_kill(s->proc, s->job->subuids, &m->seen, m->uid, &fd);
		if (fd >= 0 && *fd_count < WAIT_FDS)
			fds[(*fd_count)++] = fd;
		else
			cleanup_fd(&fd);
	}
}

/* The subordinate uids that were swept in this round. */
struct swept {
	uid_t ids[SWEPT_MOST];
	size_t count;
};

/* A user has 65,536 of them, as a rule: so many in a round, and no longer than all of it may take.
 * What is left over is ended one by one, and by a later round. */
static void
sweep_subordinate(const struct search *s, struct swept *done, uid_t id)
{
	for (size_t i = 0; i < done->count; i++)
		if (done->ids[i] == id)
			return;
	if (done->count == SWEPT_MOST || clock_boot_ms() >= s->deadline)
		return;
	done->ids[done->count++] = id;
	process_kill_all(id);
}

/* All of a user at once; not of the one who gave this command, whose session it would end. */
static void
sweep(struct search *s)
{
	struct swept done = { .count = 0 };

	for (size_t i = 0; i < s->count; i++) {
		const struct match *m = &s->found[i];
		struct user_state *st = search_state(s, m->uid);

		if (st->own)
			continue;
		if (!st->swept)
			process_kill_all(m->uid);
		st->swept = true;
		for (size_t j = 0; j < ARRAY_LEN(m->seen.ids); j++)
			if (subuids_owner(s->job->subuids, m->seen.ids[j]) == m->uid)
				sweep_subordinate(s, &done, m->seen.ids[j]);
	}
}

static void
tell_logins(struct search *s)
{
	for (size_t i = 0; i < s->job->uid_count && s->job->end_logins != NULL; i++)
		if (!s->states[i].told && !s->states[i].own && s->states[i].due) {
			s->states[i].told = true;
			s->job->end_logins(s->job->uids[i]);
		}
}

static void
wait_for(int *fds, size_t count)
{
	int64_t deadline = clock_boot_ms() + WAIT_MS;

	for (size_t i = 0; i < count; i++) {
		int64_t left = deadline - clock_boot_ms();

		poll(&(struct pollfd){ .fd = fds[i], .events = POLLIN }, 1,
		    left > 0 ? (int)left : 0);
		close(fds[i]);
	}
	/* What cannot be killed (in the middle of I/O) is no reason to spin. */
	if (count == 0)
		poll(NULL, 0, 5);
}

/* Who keeps logins is told first: of a session whose leader has just died logind would only take
 * note, and let the rest of it go on. */
static void
end_found(struct search *s)
{
	int fds[WAIT_FDS];
	size_t count = 0;

	tell_logins(s);
	kill_found(s, false, fds, &count);
	sweep(s);
	kill_found(s, true, fds, &count);
	wait_for(fds, count);
}

/* Who is resumed stays so for this watch, so none is asked again who was not due once. */
static bool
somebody_is_due(struct search *s)
{
	const struct process_job *job = s->job;

	while (s->over < job->uid_count && job->is_due != NULL &&
	    !job->is_due(job->arg, job->uids[s->over]))
		s->over++;
	return s->over < job->uid_count;
}

/* Until a look finds nothing, or in the background until none of them is due; at most as long as is
 * bearable. */
static enum uadm_code
end_in_rounds(struct search *s, struct uadm_err *err)
{
	const struct process_job *job = s->job;
	enum uadm_code c;

	s->deadline = clock_boot_ms() + BOUND_MS;
	while ((c = search_look(s, err)) == UADM_OK) {
		bool last = clock_boot_ms() >= s->deadline;

		if ((c = note_found(s, last && !job->look_only, err)) != UADM_OK ||
		    job->look_only || last || (s->count == 0 && !s->background))
			return c;
		if (s->count > 0)
			end_found(s);
		else if (!somebody_is_due(s))
			return UADM_OK;
		else
			poll(NULL, 0, WATCH_STEP_MS);
	}
	return c;
}

enum uadm_code
processes_end(struct process_job *job, struct uadm_err *err)
{
	CLEANUP(search_done) struct search s = { .proc = -1, .first_look = true };
	enum uadm_code c = search_begin(&s, job, err);

	return c != UADM_OK ? c : end_in_rounds(&s, err);
}

/* What the kernel's own round reaches and a look does not is nothing to tell of. So the look, which
 * takes notes, comes first. */
enum uadm_code
processes_watch(struct process_job *job, struct uadm_err *err)
{
	CLEANUP(search_done) struct search s = { .proc = -1, .background = true };
	enum uadm_code c;

	if ((c = search_begin(&s, job, err)) != UADM_OK ||
	    (c = search_look(&s, err)) != UADM_OK ||
	    (c = note_found(&s, false, err)) != UADM_OK)
		return c;
	for (size_t i = 0; i < job->uid_count; i++)
		if (s.states != NULL && !s.states[i].own &&
		    search_is_due(&s, job->uids[i]))
			process_kill_all(job->uids[i]);
	return end_in_rounds(&s, err);
}
