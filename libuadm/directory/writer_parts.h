/*
 * writer_parts.h - what the writer's own files share: the collected entries, and the image
 * made of them.
 */
#ifndef UADM_DIRECTORY_WRITER_PARTS_H
#define UADM_DIRECTORY_WRITER_PARTS_H

#include "libuadm/directory/reader_file.h"
#include "libuadm/directory/writer.h"

#include <stdbool.h>
#include <stddef.h>

/* An array that grows; `data` holds `used` items of one size. */
struct parts {
	void *data;
	size_t used;
	size_t room;
};

/* A user, a group, or (name and id only) who is gone. Its strings stand at text_at as they will in
 * the record, NULs and all. */
struct part {
	uint64_t text_at;
	uint32_t id;
	uint32_t text_size;
	uint16_t name_len;
	uint16_t gecos_len; /* from here on: users only */
	uint16_t home_len;
	uint16_t shell_len;
	bool mentioned; /* has no record in this file */
	bool large;     /* its members are not listed */
	bool kept; /* from the delta in place: all that follows the record is there */
	uint32_t name_at; /* from text_at: behind the gids of a kept user */
	uint32_t stamp;
	/* The build's, once the memberships are sorted: */
	uint32_t count;        /* of groups, or of members that get listed */
	uint32_t members_size; /* groups only */
	uint64_t first;        /* among the sorted memberships */
};

struct directory_writer {
	struct parts users;   /* struct part */
	struct parts groups;  /* struct part */
	struct parts gone;    /* struct part; the name is what the base has */
	struct parts members; /* uint64_t: uid << 32 | gid */
	struct parts text;    /* char */
	size_t max_members;   /* 0: no bound */
	uint32_t origin;
	uint32_t stamp; /* of what is added from here on */
	struct directory_view
	    *now; /* what is in place, once something was to be kept */
};

/* The whole file, ready to be written. */
struct image {
	unsigned char *bytes;
	size_t size;
};

/* `base`: the header of the file that this is a delta to, or NULL. Caller frees image->bytes. The
 * writer's entries are sorted by it, and otherwise stay. */
enum uadm_code image_build(struct directory_writer *w, uint64_t generation,
    const struct directory_header *base, struct image *image,
    struct uadm_err *err) UADM_CHECKED;

/* Give who is gone the names by which the base has them, and see whether what is to be published
 * goes with the base. *fits is false when it does not. */
enum uadm_code delta_prepare(struct directory_writer *w,
    const struct directory_state *was, bool *fits, struct directory_header *base,
    struct uadm_err *err) UADM_CHECKED;

/* The file in place, looked at from the outside. */
struct present {
	int fd; /* -1: there is none */
	off_t size;
	struct directory_header head;
	bool sound;    /* the header is, and of our version */
	bool markable; /* has a stale word: in every version at the same place */
};

/* UADM_OK also when there is no file, or one that is not ours. */
enum uadm_code present_look(int dir, const char *name, int flags, uid_t owner,
    struct present *p, struct uadm_err *err) UADM_CHECKED;
void present_done(struct present *p);
/* All of it, and of its base. */
bool present_sound(int dir, uid_t owner, const struct present *p);

/* Room for `count` more items at the end, which then belong to the array. NULL: no memory. */
void *parts_add(struct parts *p, size_t count, size_t item_size);
/* A string and its NUL; returns what is behind. */
char *text_put(char *to, const char *text, size_t len);

/* The name of a part, and what follows it, for as long as nothing is added. */
const char *part_text(const struct directory_writer *w, const struct part *p);

/* Sort numbers; `spare` has room for as many. */
void sort_numbers(uint64_t *numbers, uint64_t *spare, size_t count);

#endif
