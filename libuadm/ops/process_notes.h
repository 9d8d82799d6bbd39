/*
 * process_notes.h - what was found, and what became of it: the memory of a job (processes.h).
 */
#ifndef UADM_OPS_PROCESS_NOTES_H
#define UADM_OPS_PROCESS_NOTES_H

#include "libuadm/ops/processes.h"

/* One process that has to do with a user of the job. */
struct match {
	struct process_seen seen;
	uid_t uid;
	enum process_fate fate;
};

/* Room for one more of `size` bytes; NULL: out of memory, and what there was stays. */
void *process_grow(void *at, size_t count, size_t *room, size_t size);

/* NULL: this process is not noted as this user's. */
struct process_note *process_note_of(
    const struct process_job *job, const struct match *m);

/* Once for each process and user. */
enum uadm_code process_note_add(
    struct process_job *job, const struct match *m, struct uadm_err *err) UADM_CHECKED;

/* Was it spared, as a daemon or as what belongs to one? */
bool process_was_spared(const struct process_job *job, pid_t pid);

/* Is it of the session that this was asked for in, by the kernel's word or by descent? */
bool process_is_of_ours(
    const struct process_job *job, const struct process_facts *f, uid_t uid);

#endif
