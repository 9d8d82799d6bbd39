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

enum { ATTEMPTS = 16 }; /* at files that are replaced in between */

static bool
file_trusted(const struct stat *st)
{
	return S_ISREG(st->st_mode) && st->st_uid == UADM_TRUSTED_UID &&
	    (st->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

#define PATH_SIZE (sizeof(UADM_DIRECTORY_DIR "/") + DIRECTORY_BASE_SIZE)

static const char *
base_path(const struct directory_header *delta, char out[PATH_SIZE])
{
	memcpy(out, UADM_DIRECTORY_DIR "/", sizeof(UADM_DIRECTORY_DIR "/") - 1);
	directory_base_name(
	    delta->base_seed[0], out + sizeof(UADM_DIRECTORY_DIR "/") - 1);
	return out;
}

static bool
file_is(const char *path, const struct directory_places *places, int n)
{
	struct stat st;

	return lstat(path, &st) == 0 && file_trusted(&st) &&
	    st.st_dev == places->file[n].dev && st.st_ino == places->file[n].ino;
}

bool
directory_file_same(
    const struct directory_header *entry, const struct directory_places *places)
{
	int saved = errno;
	char path[PATH_SIZE];
	bool same = file_is(UADM_DIRECTORY_FILE, places, 0) &&
	    (entry->delta == 0 || file_is(base_path(entry, path), places, 1));

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
	    size <= SIZE_MAX && h->buckets > 0 && h->delta <= 1 &&
	    directory_users_at(h) <= h->groups_at && h->groups_at <= h->gone_at &&
	    h->gone_at <= size && h->groups_at % DIRECTORY_UNIT == 0 &&
	    h->gone_at % DIRECTORY_UNIT == 0 && size % DIRECTORY_UNIT == 0;
}

static bool
file_read_header(struct directory_file *f, struct stat *st)
{
	return fstat(f->fd, st) == 0 && file_trusted(st) &&
	    st->st_size >= DIRECTORY_BODY_AT &&
	    pread(f->fd, &f->head, sizeof(f->head), 0) == (ssize_t)sizeof(f->head) &&
	    directory_header_sound(&f->head, (uint64_t)st->st_size);
}

static int
file_open(struct directory_file *f, const char *path, struct stat *st)
{
	void *bytes;

	f->bytes = NULL;
	f->fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (f->fd < 0)
		return errno == ENOENT ? ENOENT : EAGAIN;
	if (!file_read_header(f, st)) {
		close(f->fd);
		f->fd = -1;
		return EAGAIN;
	}
	/* Shared, so that the stale word shows. */
	bytes = mmap(NULL, (size_t)f->head.size, PROT_READ, MAP_SHARED, f->fd, 0);
	if (bytes == MAP_FAILED)
		return 0;
	close(f->fd);
	f->fd = -1;
	f->bytes = bytes;
	return 0;
}

static void
file_close(struct directory_file *f)
{
	if (f->bytes != NULL)
		munmap((void *)f->bytes, (size_t)f->head.size);
	if (f->fd >= 0)
		close(f->fd);
	f->bytes = NULL;
	f->fd = -1;
}

static int
place_open(
    struct directory_file *f, const char *path, struct directory_places *places, int n)
{
	struct stat st;
	int error = file_open(f, path, &st);

	if (error == 0) {
		places->file[n].dev = st.st_dev;
		places->file[n].ino = st.st_ino;
	}
	return error;
}

/* ESTALE: the base is gone, as it would be were the entry replaced just now. */
static int
files_open(struct directory_view *v, struct directory_places *places)
{
	struct directory_file *entry = &v->own[0], *base = &v->own[1];
	char path[PATH_SIZE];
	int error = place_open(entry, UADM_DIRECTORY_FILE, places, 0);

	if (error != 0)
		return error;
	if (entry->head.delta == 0) {
		v->base = entry;
		return 0;
	}
	v->base = base;
	error = place_open(base, base_path(&entry->head, path), places, 1);
	if (error == 0 && directory_is_base_of(&entry->head, &base->head))
		return 0;
	file_close(base);
	file_close(entry);
	return error == ENOENT ? ESTALE : EAGAIN;
}

int
directory_file_open(struct directory_view *v, struct directory_places *places)
{
	int error = ESTALE, saved = errno;

	v->entry = &v->own[0];
	v->slot = -1;
	v->heap = NULL;
	/* A base goes once nothing in place refers to it: so there is another entry by then. */
	for (int attempt = 0; attempt < ATTEMPTS && error == ESTALE; attempt++) {
		error = files_open(v, places);
		if (error == ESTALE && file_is(UADM_DIRECTORY_FILE, places, 0))
			error = EAGAIN;
	}
	errno = saved;
	return error == ESTALE ? EAGAIN : error;
}

void
directory_file_close(struct directory_view *v)
{
	int saved = errno;

	if (v->base != v->entry)
		file_close(&v->own[1]);
	file_close(&v->own[0]);
	errno = saved;
}

void
directory_file_unmap(struct directory_file files[2])
{
	for (int i = 0; i < 2; i++) {
		if (files[i].bytes != NULL)
			munmap((void *)files[i].bytes, (size_t)files[i].head.size);
		files[i].bytes = NULL;
	}
}
