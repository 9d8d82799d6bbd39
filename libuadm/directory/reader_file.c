/*
 * Threat: what lies at the path may be anything - a FIFO that never answers, a device, a link
 * to somewhere else, a file that a user may write. So nothing is waited for and nothing read
 * before fstat has shown a regular file of the trusted owner that nobody else can write. The
 * directories above are root's.
 *
 * The host may be at its limits: out of descriptors (unavailable), out of address space (the
 * file is read with pread instead).
 *
 * A mapping is a promise by the file to stay as long as it was: ours are never truncated (see
 * format.h). What is left is a disk that fails under a page, which hits a host's own text too.
 */
#include "libuadm/directory/reader_file.h"

#include "libuadm/base/paths.h"
#include "libuadm/directory/checksum.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>

static bool
file_trusted(const struct stat *st)
{
	return S_ISREG(st->st_mode) && st->st_uid == UADM_TRUSTED_UID &&
	    (st->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

bool
directory_file_same(dev_t dev, ino_t ino)
{
	int saved = errno;
	struct stat st;
	bool same = lstat(UADM_DIRECTORY_FILE, &st) == 0 && file_trusted(&st) &&
	    st.st_dev == dev && st.st_ino == ino;

	errno = saved;
	return same;
}

bool
directory_header_sound(const struct directory_header *h, uint64_t size)
{
	struct directory_header zeroed = *h;

	zeroed.crc = 0;
	return memcmp(h->magic, DIRECTORY_MAGIC, sizeof(h->magic)) == 0 &&
	    h->version == DIRECTORY_VERSION &&
	    crc32c(0, &zeroed, sizeof(zeroed)) == h->crc && h->size == size &&
	    size <= SIZE_MAX && h->buckets > 0 &&
	    directory_users_at(h) <= h->groups_at && h->groups_at <= size &&
	    h->groups_at % DIRECTORY_UNIT == 0 && size % DIRECTORY_UNIT == 0;
}

static bool
file_read_header(struct directory_view *v, struct stat *st)
{
	return fstat(v->fd, st) == 0 && file_trusted(st) &&
	    st->st_size >= DIRECTORY_BODY_AT &&
	    pread(v->fd, &v->own, sizeof(v->own), 0) == (ssize_t)sizeof(v->own) &&
	    directory_header_sound(&v->own, (uint64_t)st->st_size);
}

static int
file_open(struct directory_view *v, struct stat *st)
{
	void *base;

	v->fd = open(UADM_DIRECTORY_FILE,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (v->fd < 0)
		return errno == ENOENT ? ENOENT : EAGAIN;
	if (!file_read_header(v, st)) {
		close(v->fd);
		return EAGAIN;
	}
	/* Shared, so that the stale word shows. */
	base = mmap(NULL, (size_t)v->own.size, PROT_READ, MAP_SHARED, v->fd, 0);
	if (base == MAP_FAILED)
		return 0;
	close(v->fd);
	v->fd = -1;
	v->base = base;
	return 0;
}

int
directory_file_open(struct directory_view *v, struct stat *st)
{
	int error, saved = errno;

	v->head = &v->own;
	v->base = NULL;
	v->slot = -1;
	v->heap = NULL;
	error = file_open(v, st);
	errno = saved;
	return error;
}

void
directory_file_close(struct directory_view *v)
{
	int saved = errno;

	if (v->base != NULL)
		munmap((void *)v->base, (size_t)v->own.size);
	if (v->fd >= 0)
		close(v->fd);
	errno = saved;
}
