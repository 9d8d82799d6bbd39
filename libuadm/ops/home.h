/*
 * home.h - make the home directory of a user, once.
 *
 * Threat: root copies files into a place that soon belongs to somebody else, from a skeleton
 * and below a base directory that only root may write. No link is followed on the way, nobody
 * sees a home that is half made, and what stands there already is never taken over.
 */
#ifndef UADM_OPS_HOME_H
#define UADM_OPS_HOME_H

#include "libuadm/base/error.h"

#include <stdbool.h>
#include <sys/types.h>

enum {
	HOME_DEPTH_MAX = 16,     /* directories below each other in the skeleton */
	HOME_ENTRIES_MAX = 4096, /* entries in all of it */
};

/* Make `home` (absolute) for uid:gid with `mode` (0700 unless the host says otherwise) and fill
 * it from `skel` (NULL, or a directory that does not exist: empty). Directories above it that
 * are missing are made 0755 root. *made is true when this call made it; a directory that is
 * there and belongs to `uid` is left alone. UADM_EXISTS when something else is there: a link,
 * a file, a directory of somebody else. On any failure nothing is left behind. */
enum uadm_code home_create(const char *home, uid_t uid, gid_t gid, const char *skel,
    mode_t mode, bool *made, struct uadm_err *err) UADM_CHECKED;

#endif
