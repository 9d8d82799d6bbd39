/*
 * writer.h - build the published file and put it in place.
 *
 * The caller adds every user and every group, in any order, and then publishes. Nothing on disk
 * changes before publish, which builds beside, fsyncs, marks the old file stale for those who
 * have it mapped, renames over it and fsyncs the directory. Once it has returned, every lookup
 * that begins on this host sees the new file. The caller holds the publish lock
 * (directory_lock) from before it read the store until after publish.
 *
 * UADM_INVALID from any of these means that nothing changed and the data is at fault: a name or
 * an id given twice (users and groups count together, for each user is a private group too), a
 * member or group that was not added, an id of the system, a malformed name, a text with
 * control characters or not in UTF-8, a colon in home or shell. A colon in gecos is published
 * as a space. A membership given twice is one.
 */
#ifndef UADM_DIRECTORY_WRITER_H
#define UADM_DIRECTORY_WRITER_H

#include "libuadm/base/error.h"

#include <stdint.h>
#include <sys/types.h>

struct directory_writer;

/* What gets published of a user. Strings are copied. */
struct directory_user {
	const char *name;
	uid_t uid; /* and gid of the private group of the same name */
	const char *gecos;
	const char *home;
	const char *shell;
};

/* The caller frees with directory_writer_free(). */
enum uadm_code directory_writer_new(
    struct directory_writer **w, struct uadm_err *err) UADM_CHECKED;
void directory_writer_free(struct directory_writer **w);

enum uadm_code directory_add_user(struct directory_writer *w,
    const struct directory_user *u, struct uadm_err *err) UADM_CHECKED;
/* A group without its members; they are added one by one, by gid and uid. Groups above
 * `max_members` (0 = no bound) are published without a member list. */
enum uadm_code directory_add_group(struct directory_writer *w, const char *name,
    gid_t gid, struct uadm_err *err) UADM_CHECKED;
enum uadm_code directory_add_member(struct directory_writer *w, gid_t gid, uid_t uid,
    struct uadm_err *err) UADM_CHECKED;
void directory_limit_members(struct directory_writer *w, size_t max_members);

/* Take the publish lock of the directory at `path` (made 0755 when missing): at most 5 s, then
 * UADM_BUSY. Closing *lock_fd lets go of it. */
enum uadm_code directory_lock(
    const char *path, uid_t owner, int *lock_fd, struct uadm_err *err) UADM_CHECKED;

/* Write the file `directory` in the directory at `path`. Call with the lock held; what killed
 * writers left behind is removed. A sound file of a newer generation is not replaced
 * (UADM_INVALID); the same generation may be published again, as a repair. */
enum uadm_code directory_publish(struct directory_writer *w, const char *path,
    uid_t owner, uint64_t generation, struct uadm_err *err) UADM_CHECKED;

/* The generation of the file in place; UADM_NOT_FOUND when there is none, UADM_UNAVAILABLE when
 * it is not sound. Reads all of the file, to be sure. */
enum uadm_code directory_generation(const char *path, uid_t owner, uint64_t *generation,
    struct uadm_err *err) UADM_CHECKED;
/* The same from its header alone, which is under a checksum and knows the file's size. */
enum uadm_code directory_header_generation(const char *path, uid_t owner,
    uint64_t *generation, struct uadm_err *err) UADM_CHECKED;

#endif
