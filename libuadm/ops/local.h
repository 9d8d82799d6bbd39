/*
 * local.h - the names and ids in this host's /etc/passwd and /etc/group, which are never ours.
 */
#ifndef UADM_OPS_LOCAL_H
#define UADM_OPS_LOCAL_H

#include "libuadm/base/error.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct local_names;

/* A file that is missing has nobody in it. The caller frees with local_free(). */
enum uadm_code local_read(struct local_names **l, struct uadm_err *err) UADM_CHECKED;
void local_free(struct local_names **l);

/* Is this name, or this id as a uid or gid, one of theirs? */
bool local_has(const struct local_names *l, const char *name, id_t id);

/* One after the other; false at the end. */
bool local_nth(const struct local_names *l, size_t i, const char **name, id_t *id);

/* The same for the same names and ids, and hardly for others. */
uint64_t local_fingerprint(const struct local_names *l);

/* Is it the name of a user in /etc/passwd? Where that cannot be read, nobody is. */
bool local_has_user(const char *name);

/* Does any source of this host but uadm know the name as a user or a group? Looks it up through
 * NSS; `source` gets "user" or "group". Only sound for names that are not in our store. */
bool host_knows_name(const char *name, const char **source);
bool host_knows_id(id_t id, const char **source);

#endif
