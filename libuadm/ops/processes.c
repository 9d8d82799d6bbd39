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

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>

enum {
	BOUND_MS = 2000,
	WATCH_STEP_MS = 50,
	WAIT_MS = 100, /* for what was killed, before looking again */
	WAIT_FDS = 64,
	OWN_MOST = 64,
};

/* One process that has to do with a user of the job. */
struct match {
	struct process_seen seen;
	uid_t uid;
	enum process_fate fate;
};

struct user_state {
	bool asked, due, swept; /* in this round */
	bool own;               /* this command was given in a session of theirs */
	bool told;              /* end_logins() was called */
};

struct search {
	struct process_job *job;
	int proc;
	bool first_look;
	pid_t own[OWN_MOST]; /* us, and what we came from */
	size_t own_count;
	struct match *found;
	size_t count, room;
	struct user_state *states; /* of each uid of the job */
};

static void
search_done(struct search *s)
{
	cleanup_fd(&s->proc);
	free(s->found);
	free(s->states);
}

static enum uadm_code
no_memory(struct uadm_err *err)
{
	return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
}

/* Room for one more of `size` bytes; NULL: out of memory, and what there was stays. */
static void *
grow(void *at, size_t count, size_t *room, size_t size)
{
	void *more;

	if (count < *room)
		return at;
	if ((more = reallocarray(at, *room * 2 + 16, size)) != NULL)
		*room = *room * 2 + 16;
	return more;
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

static struct user_state *
state_of(const struct search *s, uid_t uid)
{
	const struct process_job *job = s->job;
	const uid_t *at =
	    bsearch(&uid, job->uids, job->uid_count, sizeof(uid), order_uids);

	return at == NULL ? NULL : &s->states[at - job->uids];
}

static enum uadm_code
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
		    state_of(s, job->notes[i].uid) != NULL)
			state_of(s, job->notes[i].uid)->own = true;
	return UADM_OK;
}

static const struct process_leader *
leader_at(const struct process_job *job, pid_t pid)
{
	size_t low = 0, high = job->leader_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (job->leaders[middle].pid == pid)
			return &job->leaders[middle];
		if (job->leaders[middle].pid < pid)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static bool
was_spared(const struct process_job *job, pid_t pid)
{
	for (size_t i = 0; i < job->note_count; i++)
		if (job->notes[i].pid == pid &&
		    (job->notes[i].fate == PROCESS_DAEMON ||
			job->notes[i].fate == PROCESS_HELPER))
			return true;
	return false;
}

static struct process_note *
note_of(const struct process_job *job, const struct match *m)
{
	for (size_t i = 0; i < job->note_count; i++)
		if (job->notes[i].pid == m->seen.facts.pid &&
		    job->notes[i].start == m->seen.start && job->notes[i].uid == m->uid)
			return &job->notes[i];
	return NULL;
}

static enum uadm_code
add_note(struct process_job *job, const struct match *m, struct uadm_err *err)
{
	struct process_note *notes;

	if (note_of(job, m) != NULL)
		return UADM_OK;
	notes = grow(job->notes, job->note_count, &job->note_room, sizeof(*notes));
	if (notes == NULL)
		return no_memory(err);
	job->notes = notes;
	notes[job->note_count] = (struct process_note){ .uid = m->uid,
		.pid = m->seen.facts.pid,
		.start = m->seen.start,
		.fate = m->fate };
	memcpy(
	    notes[job->note_count++].command, m->seen.command, sizeof(m->seen.command));
	return UADM_OK;
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
	m->seen.facts.parent_spared = was_spared(s->job, m->seen.facts.parent);
	fate = policy_process(&m->seen.facts, uid);
	before = fate == PROCESS_END ? note_of(s->job, m) : NULL;
	if (before != NULL &&
	    (before->fate == PROCESS_OWN ||
		!policy_process_runs_as(&m->seen.facts, uid)))
		fate = before->fate;
	return m->fate = fate;
}

/* Whose is it? It may run as one user of the job and have come from another: ended is ended. */
static void
judge_for_all(const struct search *s, struct match *m, const struct process_leader *l)
{
	const struct process_facts *f = &m->seen.facts;
	const uid_t candidates[] = { f->real, f->effective, f->saved, f->fs, f->login,
		l != NULL ? l->uid : 0 };
	enum process_fate fate = PROCESS_OTHERS;
	uid_t uid = 0;

	for (size_t i = 0; i < ARRAY_LEN(candidates) && fate != PROCESS_END; i++) {
		if (state_of(s, candidates[i]) == NULL)
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

static bool
is_own(const struct search *s, pid_t pid)
{
	for (size_t i = 0; i < s->own_count; i++)
		if (s->own[i] == pid)
			return true;
	return false;
}

/* The rest costs more than the ids, so it is read of those alone who have to do with a user. */
static enum uadm_code
look_at(struct search *s, pid_t pid, struct uadm_err *err)
{
	const struct process_leader *leader = leader_at(s->job, pid);
	struct match m = { 0 };
	const struct process_facts *f = &m.seen.facts;
	struct match *found;

	if (!process_read_ids(s->proc, pid, &m.seen.facts))
		return UADM_OK;
	if (leader == NULL && state_of(s, f->real) == NULL &&
	    state_of(s, f->effective) == NULL && state_of(s, f->saved) == NULL &&
	    state_of(s, f->fs) == NULL && state_of(s, f->login) == NULL)
		return UADM_OK;
	if (!process_read_rest(s->proc, &m.seen))
		return UADM_OK;
	if (leader != NULL && leader->start != m.seen.start)
		leader = NULL;
	m.seen.facts.is_ours = is_own(s, pid);
	judge_for_all(s, &m, leader);
	if (m.fate == PROCESS_OTHERS)
		return UADM_OK;
	found = grow(s->found, s->count, &s->room, sizeof(*found));
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
				judge(s, m, m->uid);
			if (m->fate == PROCESS_END || note_of(s->job, m) != NULL)
				continue;
			if ((c = add_note(s->job, m, err)) != UADM_OK)
				return c;
			more = true;
			if (m->fate == PROCESS_OWN)
				state_of(s, m->uid)->own = true;
		}
	}
	return UADM_OK;
}

static bool
is_due(struct search *s, uid_t uid)
{
	struct user_state *st = state_of(s, uid);

	if (!st->asked)
		st->due = s->job->is_due == NULL || s->job->is_due(s->job->arg, uid);
	st->asked = true;
	return st->due;
}

/* Keep what is to be ended. */
static void
keep_due(struct search *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->job->uid_count; i++)
		s->states[i].asked = s->states[i].swept = s->states[i].due = false;
	for (size_t i = 0; i < s->count; i++)
		if (s->found[i].fate == PROCESS_END && is_due(s, s->found[i].uid))
			s->found[kept++] = s->found[i];
	s->count = kept;
}

/* Afterwards `found` holds what is to be ended now. */
static enum uadm_code
look(struct search *s, struct uadm_err *err)
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

static enum uadm_code
note_found(struct search *s, bool alive, struct uadm_err *err)
{
	enum uadm_code c;

	for (size_t i = 0; i < s->count; i++) {
		if ((c = add_note(s->job, &s->found[i], err)) != UADM_OK)
			return c;
		note_of(s->job, &s->found[i])->alive = alive;
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
		process_kill(s->proc, &m->seen, m->uid, &fd);
		if (fd >= 0 && *fd_count < WAIT_FDS)
			fds[(*fd_count)++] = fd;
		else
			cleanup_fd(&fd);
	}
}

/* All of a user at once; not of the one who gave this command, whose session it would end. */
static void
sweep(struct search *s)
{
	for (size_t i = 0; i < s->count; i++) {
		struct user_state *st = state_of(s, s->found[i].uid);

		if (!st->own && !st->swept)
			process_kill_all(s->found[i].uid);
		st->swept = true;
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

static void
end_found(struct search *s)
{
	int fds[WAIT_FDS];
	size_t count = 0;

	kill_found(s, false, fds, &count);
	sweep(s);
	kill_found(s, true, fds, &count);
	tell_logins(s);
	wait_for(fds, count);
}

enum uadm_code
processes_end(struct process_job *job, struct uadm_err *err)
{
	CLEANUP(search_done) struct search s = { .proc = -1, .first_look = true };
	int64_t deadline = clock_boot_ms() + BOUND_MS;
	enum uadm_code c = search_begin(&s, job, err);

	while (c == UADM_OK && (c = look(&s, err)) == UADM_OK && s.count > 0) {
		bool last = clock_boot_ms() >= deadline;

		if ((c = note_found(&s, last && !job->look_only, err)) != UADM_OK ||
		    job->look_only || last)
			return c;
		end_found(&s);
	}
	return c;
}

void
processes_watch(struct process_job *job)
{
	CLEANUP(search_done) struct search s = { .proc = -1 };
	int64_t deadline = clock_boot_ms() + BOUND_MS;
	struct uadm_err ignored;

	if (search_begin(&s, job, &ignored) != UADM_OK)
		return;
	for (size_t i = 0; i < job->uid_count; i++)
		if (!s.states[i].own && is_due(&s, job->uids[i]))
			process_kill_all(job->uids[i]);
	while (clock_boot_ms() < deadline) {
		if (look(&s, &ignored) != UADM_OK)
			return;
		if (s.count > 0)
			end_found(&s);
		else
			poll(NULL, 0, WATCH_STEP_MS);
	}
}

static enum uadm_code
add_uid(uid_t **uids, size_t *count, size_t *room, uid_t uid, struct uadm_err *err)
{
	uid_t *more = grow(*uids, *count, room, sizeof(uid));

	if (more == NULL)
		return no_memory(err);
	*uids = more;
	/* Neighbours are alike, as a rule. */
	if (uid != 0 && uid != PROCESS_NO_LOGIN &&
	    (*count == 0 || more[*count - 1] != uid))
		more[(*count)++] = uid;
	return UADM_OK;
}

enum uadm_code
processes_uids(uid_t **uids, size_t *count, struct uadm_err *err)
{
	CLEANUP(cleanup_fd)
	int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = opendir("/proc");
	size_t room = 0, kept = 0;
	enum uadm_code c = UADM_OK;

	*uids = NULL;
	*count = 0;
	if (proc < 0 || dir == NULL)
		c = uadm_fail(err, UADM_UNAVAILABLE, "cannot look into /proc: %m");
	for (struct dirent *e; c == UADM_OK && (e = readdir(dir)) != NULL;) {
		pid_t pid = (pid_t)strtol(e->d_name, NULL, 10);
		struct process_facts f;

		if (pid <= 0 || !process_read_ids(proc, pid, &f))
			continue;
		const uid_t all[] = { f.real, f.effective, f.saved, f.fs, f.login };
		for (size_t i = 0; i < ARRAY_LEN(all) && c == UADM_OK; i++)
			c = add_uid(uids, count, &room, all[i], err);
	}
	if (dir != NULL)
		closedir(dir);
	if (*count > 0)
		qsort(*uids, *count, sizeof(**uids), order_uids);
	for (size_t i = 0; i < *count; i++)
		if (i == 0 || (*uids)[i] != (*uids)[i - 1])
			(*uids)[kept++] = (*uids)[i];
	*count = kept;
	return c;
}
