/*
 * writer_parts.h - what the writer's own files share: the collected entries, and the image
 * made of them.
 */
#ifndef UADM_DIRECTORY_WRITER_PARTS_H
#define UADM_DIRECTORY_WRITER_PARTS_H

#include "libuadm/directory/format.h"
#include "libuadm/directory/writer.h"

#include <stddef.h>

/* An array that grows; `data` holds `used` items of one size. */
struct parts {
	void *data;
	size_t used;
	size_t room;
};

/* A user or a group. Its strings stand at text_at as they will in the record, NULs and all. */
struct part {
	uint64_t text_at;
	uint32_t id;
	uint32_t text_size;
	uint16_t name_len;
	uint16_t gecos_len; /* from here on: users only */
	uint16_t home_len;
	uint16_t shell_len;
	/* The build's, once the memberships are sorted: */
	uint32_t count;        /* of groups, or of members that get listed */
	uint32_t members_size; /* groups only */
	uint64_t first;        /* among the sorted memberships */
};

struct directory_writer {
	struct parts users;   /* struct part */
	struct parts groups;  /* struct part */
	struct parts members; /* uint64_t: uid << 32 | gid */
	struct parts text;    /* char */
	size_t max_members;   /* 0: no bound */
};

/* The whole file, ready to be written. */
struct image {
	unsigned char *bytes;
	size_t size;
};

/* Caller frees image->bytes. The writer's entries are sorted by it, and otherwise stay. */
enum uadm_code image_build(struct directory_writer *w, uint64_t generation,
    struct image *image, struct uadm_err *err) UADM_CHECKED;

/* Sort numbers; `spare` has room for as many. */
void sort_numbers(uint64_t *numbers, uint64_t *spare, size_t count);

#endif
