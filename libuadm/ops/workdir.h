/*
 * workdir.h - a place of root's alone for a store beside the store: one that is being copied, or
 * looked at before it is restored.
 */
#ifndef UADM_OPS_WORKDIR_H
#define UADM_OPS_WORKDIR_H

#include "libuadm/ops/context.h"

struct workdir {
	char path[512]; /* empty: there is none */
	int fd;
};
#define WORKDIR CLEANUP(workdir_remove) struct workdir

/* Make one, and remove what killed callers have left. */
enum uadm_code workdir_make(struct workdir *w, struct uadm_err *err) UADM_CHECKED;
void workdir_remove(struct workdir *w);

/* UADM_INVALID for a path in one of our own directories, by what the directory is: a backup that
 * takes the place of the store, or of the key that seals it, saves nothing. */
enum uadm_code work_place(const char *path, struct uadm_err *err) UADM_CHECKED;

/* A new file `path`.partial.PID of mode 0600 beside `path`, to be renamed; those that killed
 * callers have left for the same `path` are removed. `partial` gets its name. */
enum uadm_code work_partial(const char *path, char *partial, size_t size, int *fd,
    struct uadm_err *err) UADM_CHECKED;

#endif
