/*
 * home_tree.h - copy a skeleton into a new home, and take a tree away. Private to home.c.
 */
#ifndef UADM_OPS_HOME_TREE_H
#define UADM_OPS_HOME_TREE_H

#include "libuadm/base/error.h"

#include <sys/types.h>

/* Copy what is in directory `from` into directory `to`, for uid:gid. `shown` names `from`. */
enum uadm_code home_tree_copy(int from, int to, uid_t uid, gid_t gid, const char *shown,
    struct uadm_err *err) UADM_CHECKED;

/* Remove directory `name` in `dir` with all that is in it; 0, or -1 and errno. Follows no link
 * and does not cross into another file system. */
int home_tree_remove(int dir, const char *name);

#endif
