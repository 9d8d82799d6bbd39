#include "libuadm/ops/process_notes.h"

#include <string.h>

void *
process_grow(void *at, size_t count, size_t *room, size_t size)
{
	void *more;

	if (count < *room)
		return at;
	if ((more = reallocarray(at, *room * 2 + 16, size)) != NULL)
		*room = *room * 2 + 16;
	return more;
}

struct process_note *
process_note_of(const struct process_job *job, const struct match *m)
{
	for (size_t i = 0; i < job->note_count; i++)
		if (job->notes[i].pid == m->seen.facts.pid &&
		    job->notes[i].start == m->seen.start && job->notes[i].uid == m->uid)
			return &job->notes[i];
	return NULL;
}

enum uadm_code
process_note_add(struct process_job *job, const struct match *m, struct uadm_err *err)
{
	struct process_note *notes;

	if (process_note_of(job, m) != NULL)
		return UADM_OK;
	notes =
	    process_grow(job->notes, job->note_count, &job->note_room, sizeof(*notes));
	if (notes == NULL)
		return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
	job->notes = notes;
	notes[job->note_count] = (struct process_note){ .uid = m->uid,
		.pid = m->seen.facts.pid,
		.session = m->seen.facts.session,
		.start = m->seen.start,
		.fate = m->fate };
	memcpy(
	    notes[job->note_count++].command, m->seen.command, sizeof(m->seen.command));
	return UADM_OK;
}

bool
process_was_spared(const struct process_job *job, pid_t pid)
{
	for (size_t i = 0; i < job->note_count; i++)
		if (job->notes[i].pid == pid &&
		    (job->notes[i].fate == PROCESS_DAEMON ||
			job->notes[i].fate == PROCESS_HELPER))
			return true;
	return false;
}

bool
process_is_of_ours(
    const struct process_job *job, const struct process_facts *f, uid_t uid)
{
	for (size_t i = 0; i < job->note_count; i++) {
		const struct process_note *n = &job->notes[i];

		if (n->fate == PROCESS_OWN && n->uid == uid &&
		    (n->pid == f->parent ||
			(n->session != 0 && n->session == f->session)))
			return true;
	}
	return false;
}
