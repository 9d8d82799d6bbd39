/*
 * What is in place, as a writer sees it: with descriptors of its own, each opened with care, and
 * no mapping.
 *
 * Threat: a disk that fails under us is an error here, and not the SIGBUS of a mapping. What is
 * asked for after every command must not cost more the more users there are: that is the headers,
 * and all of a delta, which is small. They are under checksums, and know the sizes of the files.
 */
#include "libuadm/directory/writer.h"

#include "libuadm/base/files.h"
#include "libuadm/directory/checksum.h"
#include "libuadm/directory/reader_file.h"
#include "libuadm/directory/writer_parts.h"

#include <fcntl.h>
#include <string.h>

#define FILE_NAME "directory"

enum { PIECE = 1 << 20 };

void
present_done(struct present *p)
{
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
}

enum uadm_code
present_look(int dir, const char *name, int flags, uid_t owner, struct present *p,
    struct uadm_err *err)
{
	enum uadm_code c = files_open(dir, name, flags, 0644, owner, name, &p->fd, err);
	struct stat st;

	if (c == UADM_NOT_FOUND)
		return UADM_OK;
	if (c != UADM_OK)
		return c;
	p->markable = fstat(p->fd, &st) == 0 && st.st_size >= DIRECTORY_BODY_AT &&
	    pread(p->fd, &p->head, sizeof(p->head), 0) == (ssize_t)sizeof(p->head) &&
	    memcmp(p->head.magic, DIRECTORY_MAGIC, sizeof(p->head.magic)) == 0;
	p->sound =
	    p->markable && directory_header_sound(&p->head, (uint64_t)st.st_size);
	p->size = st.st_size;
	return UADM_OK;
}

static bool
body_sound(const struct present *p)
{
	CLEANUP(cleanup_free) unsigned char *piece = malloc(PIECE);
	off_t at = DIRECTORY_BODY_AT;
	uint32_t crc = 0;
	ssize_t n = 0;

	if (piece == NULL)
		return false;
	while (at < p->size && (n = pread(p->fd, piece, PIECE, at)) > 0) {
		crc = crc32c(crc, piece, (size_t)n);
		at += n;
	}
	return at == p->size && crc == p->head.body_crc;
}

/* The base of a delta, by its header: as what is in place where that is whole. */
static bool
base_look(int dir, uid_t owner, const struct present *p, struct present *base)
{
	char name[DIRECTORY_BASE_SIZE];
	struct uadm_err ignored;

	directory_base_name(p->head.base_seed[0], name);
	return present_look(dir, name, O_RDONLY, owner, base, &ignored) == UADM_OK &&
	    base->fd >= 0 && base->sound && directory_is_base_of(&p->head, &base->head);
}

bool
present_sound(int dir, uid_t owner, const struct present *p)
{
	CLEANUP(present_done) struct present base = { .fd = -1 };

	if (!p->sound || !body_sound(p))
		return false;
	return p->head.delta == 0 ||
	    (base_look(dir, owner, p, &base) && body_sound(&base));
}

static enum uadm_code
damaged(const char *path, struct uadm_err *err)
{
	return uadm_fail(
	    err, UADM_UNAVAILABLE, "the published file in %s is damaged", path);
}

static enum uadm_code
look_in(
    const char *path, uid_t owner, int *dir, struct present *p, struct uadm_err *err)
{
	enum uadm_code c;

	if ((c = files_open_dir(path, owner, dir, err)) != UADM_OK ||
	    (c = present_look(*dir, FILE_NAME, O_RDONLY, owner, p, err)) != UADM_OK)
		return c;
	if (p->fd < 0)
		return uadm_fail(
		    err, UADM_NOT_FOUND, "nothing is published in %s yet", path);
	return p->sound ? UADM_OK : damaged(path, err);
}

enum uadm_code
directory_state(
    const char *path, uid_t owner, struct directory_state *s, struct uadm_err *err)
{
	CLEANUP(cleanup_fd) int dir = -1;
	CLEANUP(present_done) struct present p = { .fd = -1 }, base = { .fd = -1 };
	const struct directory_header *whole = &p.head;
	enum uadm_code c = look_in(path, owner, &dir, &p, err);

	if (c != UADM_OK)
		return c;
	if (p.head.delta != 0) {
		if (!body_sound(&p) || !base_look(dir, owner, &p, &base))
			return damaged(path, err);
		whole = &base.head;
	}
	*s = (struct directory_state){ .generation = p.head.generation,
		.origin = p.head.origin,
		.base_generation = whole->generation,
		.base_seed = whole->seed[0],
		.base_entries = (uint64_t)whole->users + whole->groups };
	return UADM_OK;
}

enum uadm_code
directory_generation(
    const char *path, uid_t owner, uint64_t *generation, struct uadm_err *err)
{
	CLEANUP(cleanup_fd) int dir = -1;
	CLEANUP(present_done) struct present p = { .fd = -1 };
	enum uadm_code c = look_in(path, owner, &dir, &p, err);

	if (c != UADM_OK)
		return c;
	if (!present_sound(dir, owner, &p))
		return damaged(path, err);
	*generation = p.head.generation;
	return UADM_OK;
}
