/*
 * files.h - files whose content or owner decides what root does.
 *
 * Threat: whoever can write a directory on the way to the store, the key or the configuration
 * decides what root reads there. So a path is walked from `/` component by component: no
 * symbolic links, every directory owned by root (or by `owner`, which the test build sets to
 * who runs it) and not writable by anybody else. A sticky directory such as /tmp passes, for
 * in it nobody can replace an entry that is not theirs, and the entry is looked at next.
 */
#ifndef UADM_BASE_FILES_H
#define UADM_BASE_FILES_H

#include "libuadm/base/error.h"

#include <stdbool.h>
#include <sys/types.h>

/* Open the directory `path` (absolute) after such a walk. Caller closes *fd. The error names
 * the component that failed. UADM_NOT_FOUND when one is missing. */
enum uadm_code files_open_dir(
    const char *path, uid_t owner, int *fd, struct uadm_err *err) UADM_CHECKED;

/* Make the directories of `path` that are missing, the last one with `mode`, the others 0755;
 * then as files_open_dir(). An existing last directory must have no mode bits beyond `mode`. */
enum uadm_code files_make_dir(const char *path, mode_t mode, uid_t owner, int *fd,
    struct uadm_err *err) UADM_CHECKED;

/* Open the regular file `name` in `dir` for reading (and writing when `flags` has O_RDWR):
 * never follows a link, never waits for a FIFO, refuses other owners and any mode bit outside
 * `mode`. `shown` is the path used in messages. */
enum uadm_code files_open(int dir, const char *name, int flags, mode_t mode,
    uid_t owner, const char *shown, int *fd, struct uadm_err *err) UADM_CHECKED;

/* Replace `name` in `dir` by `size` bytes at `data`: temp file, fsync, rename, fsync of the
 * directory. A crash leaves the old or the new file, and perhaps a `.name.*` beside it, which the
 * next call removes: the caller holds the lock that keeps others from writing the same file. */
enum uadm_code files_replace(int dir, const char *name, const void *data, size_t size,
    mode_t mode, const char *shown, struct uadm_err *err) UADM_CHECKED;

/* Read all of a regular file of at most `cap` bytes. *data is NUL-ended and the caller's. */
enum uadm_code files_read(int fd, size_t cap, const char *shown, char **data,
    size_t *size, struct uadm_err *err) UADM_CHECKED;

/* write(2) until all is written; false and errno otherwise. */
bool files_write_all(int fd, const void *data, size_t size);

#endif
