/*
 * progress.h - one line on a terminal that says how far it is. Nowhere else: not in a pipe, not on a
 * terminal that cannot erase a line, not from the background.
 */
#ifndef UADM_UADMCTL_PROGRESS_H
#define UADM_UADMCTL_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
	uint64_t done, total; /* total 0: nobody knows */
	uint64_t lately;      /* how many of them in the last lately_ms */
	int64_t lately_ms;
};

/* "[====>      ]  45% 45000/100000 3210/s 0:17 left", or less where that is wider than `width`; never as
 * wide, so that no terminal wraps it. Returns `out`. */
char *progress_line(const struct progress *p, size_t width, char *out, size_t size);

/* Can standard error show it? `list`: standard output has lines in between, if it is a terminal. */
bool progress_can(bool list);
void progress_begin(uint64_t total);
/* One of them is none. */
void progress_less(void);
/* `done` of them now: drawn at most ten times a second. */
void progress_at(uint64_t done);
/* Away with it: a line is to be printed, or it is over. */
void progress_hide(void);

#endif
