/*
 * reader.h - look things up in what is published, from inside anybody's process.
 *
 * Safe in threads, in signal handlers and in the child of a fork at any moment: no lock is
 * taken, no descriptor kept, no thread-local storage used, nothing allocated on the warm path.
 * A lookup begun after a publish returned sees it. libc only.
 *
 *	struct directory_view v;
 *	struct directory_entry e;
 *
 *	if ((error = directory_open(&v)) != 0)
 *		... unavailable
 *	if (directory_by_name(&v, "jo", &e) == DIRECTORY_FOUND && e.user)
 *		... e points into v
 *	directory_close(&v);
 */
#ifndef UADM_DIRECTORY_READER_H
#define UADM_DIRECTORY_READER_H

#include "libuadm/directory/format.h"

#include <stddef.h>

/* One of the files. Private. */
struct directory_file {
	const unsigned char *bytes; /* NULL: could not be mapped, is read through fd */
	int fd;
	struct directory_header head;
};

/* One state of what is published, for as long as it is open. On the caller's stack; private. */
struct directory_view {
	const struct directory_file *entry; /* what was opened by name */
	const struct directory_file *base;  /* the same, where that is whole */
	int slot;                     /* -1: shared with nobody, belongs to this view */
	void *heap;                   /* a record too large for `room` */
	struct directory_file own[2]; /* entry and base, of such a view */
	_Alignas(8) unsigned char room[1024];
};

/* Points into the view. Strings are not trusted to end: use the lengths. Those of a user stand
 * one behind the other, with a byte for the NUL after each. */
struct directory_entry {
	bool user;      /* and private group; else a group */
	bool gone;      /* private: nobody any more */
	uint32_t stamp; /* for the writer */
	uint32_t size;  /* of the record, for directory_next() */
	uint32_t id;
	const char *name;
	size_t name_len;
	const char *gecos; /* from here on: users only */
	size_t gecos_len;
	const char *home;
	size_t home_len;
	const char *shell;
	size_t shell_len;
	const unsigned char *gids; /* gid_count uint32_t */
	size_t gid_count;
	const char *members; /* groups only: member_count names, each with its NUL */
	size_t members_size;
	size_t member_count;
};

enum directory_answer {
	DIRECTORY_UNAVAILABLE = 0, /* damaged, or out of memory */
	DIRECTORY_NOT_FOUND,
	DIRECTORY_FOUND,
};

/* Returns 0 or, when there is no file to be used, ENOENT where none exists and EAGAIN where it
 * is not as it should be. Never waits. None of this changes errno. */
int directory_open(struct directory_view *v);
void directory_close(struct directory_view *v);

enum directory_answer directory_by_name(
    struct directory_view *v, const char *name, struct directory_entry *e);
enum directory_answer directory_by_id(
    struct directory_view *v, uint32_t id, struct directory_entry *e);

/* What stands at *offset, which then moves on to the next one: users first, then (if `groups`)
 * groups; and after these, in the same order, those that have changed since the base was written.
 * 0 is the beginning, NOT_FOUND the end. */
enum directory_answer directory_next(
    struct directory_view *v, bool groups, uint64_t *offset, struct directory_entry *e);

/*
 * A walk through one state of what is published, whatever is published meanwhile. It is one word,
 * shared by all threads: an entry goes to whoever moves the walk on first. Where the file
 * cannot be mapped, nothing can be held, and a walk ends as unavailable once it is replaced.
 */
struct directory_walk {
	_Atomic uint64_t cell;
};

/* (Re)start; returns as directory_open() does. */
int directory_walk_start(struct directory_walk *walk);
void directory_walk_end(struct directory_walk *walk);

/* Open the walk's state, starting it if need be: *at is where it stands. Then
 * directory_next(), and at last directory_walk_move() to what that made of the offset: false
 * when another thread was faster, and the entry is theirs. */
int directory_walk_open(
    struct directory_walk *walk, struct directory_view *v, uint64_t *at);
uint64_t directory_walk_offset(uint64_t at);
bool directory_walk_move(struct directory_walk *walk, uint64_t at, uint64_t offset);

#endif
