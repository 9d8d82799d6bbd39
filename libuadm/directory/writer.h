/*
 * writer.h - build a published file and put it in place: a whole one, or a delta to that in place
 * (format.h).
 *
 * The caller adds every user and every group, in any order, and then publishes; for a delta those
 * that have changed since the base. Nothing on disk
 * changes before publish, which builds beside, fsyncs, marks the old file stale for those who
 * have it mapped, renames over it and fsyncs the directory. Once it has returned, every lookup
 * that begins on this host sees the new file; where the mark could not be written (a disk that
 * fails), a process that has the old one mapped does so within a second. The caller holds the publish lock
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

#include <stdbool.h>
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
/* What it is all made from, as a number of the caller's: struct directory_state has it. */
void directory_origin(struct directory_writer *w, uint32_t origin);

/* For a delta: what is added from here on comes of the change with this number. */
void directory_stamp(struct directory_writer *w, uint32_t stamp);
/* Take over what the delta in place has of this id. *kept is false, and it is to be added, unless
 * that comes of the change with this very number. */
enum uadm_code directory_keep(struct directory_writer *w, id_t id, uint32_t stamp,
    bool *kept, struct uadm_err *err) UADM_CHECKED;

/* For a delta. Users and groups that have not changed, and have to do with those that have: as
 * members, or as what somebody is a member of. May be said again and again. */
enum uadm_code directory_mention_user(struct directory_writer *w, const char *name,
    uid_t uid, struct uadm_err *err) UADM_CHECKED;
enum uadm_code directory_mention_group(struct directory_writer *w, const char *name,
    gid_t gid, struct uadm_err *err) UADM_CHECKED;
/* A group with so many members that they are not published, whoever of them is added. */
enum uadm_code directory_add_large_group(struct directory_writer *w, const char *name,
    gid_t gid, struct uadm_err *err) UADM_CHECKED;
/* Nobody has this uid or gid any more. */
enum uadm_code directory_add_gone(
    struct directory_writer *w, id_t id, struct uadm_err *err) UADM_CHECKED;

/* Take the publish lock of the directory at `path` (made 0755 when missing): at most 5 s, then
 * UADM_BUSY. Closing *lock_fd lets go of it. */
enum uadm_code directory_lock(
    const char *path, uid_t owner, int *lock_fd, struct uadm_err *err) UADM_CHECKED;

/* What is in place, by the headers and all of a delta. */
struct directory_state {
	uint64_t generation;
	uint32_t origin;          /* see directory_origin() */
	uint64_t base_generation; /* the same, where it is whole */
	uint64_t base_seed;
	uint64_t base_entries; /* users and groups */
};

/* UADM_NOT_FOUND when there is none, UADM_UNAVAILABLE when it is not sound. */
enum uadm_code directory_state(const char *path, uid_t owner, struct directory_state *s,
    struct uadm_err *err) UADM_CHECKED;
/* The same of its generation, but reads all of the files, to be sure. */
enum uadm_code directory_generation(const char *path, uid_t owner, uint64_t *generation,
    struct uadm_err *err) UADM_CHECKED;

/* Write the file `directory` in the directory at `path`. Call with the lock held; what killed
 * writers left behind is removed. A sound file of a newer generation is not replaced
 * (UADM_INVALID); the same generation may be published again, as a repair. */
enum uadm_code directory_publish(struct directory_writer *w, const char *path,
    uid_t owner, uint64_t generation, struct uadm_err *err) UADM_CHECKED;

/* Write a delta to the base in place, `was` being its state: what was added is all that has changed
 * since. *fits is false, and nothing is done, when that cannot be: it is not in place any more, or
 * what was added does not go with it. Then a whole file is due. */
enum uadm_code directory_publish_delta(struct directory_writer *w, const char *path,
    uid_t owner, uint64_t generation, const struct directory_state *was, bool *fits,
    struct uadm_err *err) UADM_CHECKED;

/* Compare what is in place with what was added, which is everything in that generation, and tell
 * each name that differs. *compared is false when another generation is in place, or nothing that
 * can be read. Lays out what was added in memory, as a publish does. */
enum uadm_code directory_compare(struct directory_writer *w, uint64_t generation,
    bool *compared, void (*found)(void *arg, const char *what), void *arg,
    struct uadm_err *err) UADM_CHECKED;

#endif
