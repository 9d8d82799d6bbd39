/*
 * nsswitch.h - the text of /etc/nsswitch.conf with and without the source `uadm`.
 * Pure: text in, text out; every byte that is not ours stays. Results are malloc'd, NULL only
 * when memory is out.
 */
#ifndef UADM_OPS_NSSWITCH_H
#define UADM_OPS_NSSWITCH_H

#include <stdbool.h>
#include <stddef.h>

/* `uadm` right after `files` (or `compat`) and the actions in brackets that belong to it, in
 * every passwd, group and initgroups line that lacks it; at the end where neither is named. A
 * missing passwd or group line is added; initgroups only counts when it is there, since glibc
 * then asks it in place of group. */
char *nsswitch_add(const char *text);

/* The inverse of nsswitch_add(), and of what people make of it: the word and the actions
 * behind it go, a line that add made goes whole. */
char *nsswitch_remove(const char *text);

/* Do all lines that matter name uadm; does any line? */
bool nsswitch_has_all(const char *text);
bool nsswitch_has_any(const char *text);

/* Which of passwd, group and initgroups lack it: "group and initgroups"; "" when
 * nsswitch_has_all(). */
void nsswitch_lacks(const char *text, char *out, size_t size);

/* The database in which uadm is asked before `files`, or NULL. */
const char *nsswitch_before_files(const char *text);

/* The database ("passwd", ...) that would not find a name which `source` alone has: because it is
 * not asked, because an action such as [NOTFOUND=return] or [SUCCESS=continue] goes by it, or
 * because glibc does not take the line. NULL: all do. */
const char *nsswitch_loses(const char *text, const char *source);

#endif
