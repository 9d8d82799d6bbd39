/*
 * Published files in memory. The linker gives us the module's calls of these functions (--wrap,
 * see the Makefile), so the module is the one that is shipped.
 *
 * A mapping is a copy of exactly the file's size on the heap, where AddressSanitizer sees the
 * first byte that is read beside it; a real one would end at a page.
 */
#include "tests/fuzz/fuzz.h"

#include "libuadm/base/paths.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __real_lstat(const char *path, struct stat *st);
int __wrap_lstat(const char *path, struct stat *st);
void *__real_mmap(void *at, size_t size, int prot, int flags, int fd, off_t offset);
void *__wrap_mmap(void *at, size_t size, int prot, int flags, int fd, off_t offset);
int __real_munmap(void *at, size_t size);
int __wrap_munmap(void *at, size_t size);

enum { MAPPINGS = 64 };

static struct {
	const struct fuzz_input *in; /* NULL: nothing is published */
	unsigned unmappable;
	int fd[2];
	struct {
		unsigned char *bytes;
		size_t size;
	} mapped[MAPPINGS];
} memory = { .fd = { -1, -1 } };

static void
fd_make(int n)
{
	const struct fuzz_file *f = &memory.in->shown[n];

	memory.fd[n] = memfd_create("directory", MFD_CLOEXEC);
	if (memory.fd[n] < 0 || fchmod(memory.fd[n], 0644) != 0 ||
	    pwrite(memory.fd[n], f->bytes, f->size, 0) != (ssize_t)f->size)
		abort();
}

static void
fds_close(void)
{
	for (int n = 0; n < 2; n++) {
		if (memory.fd[n] >= 0)
			close(memory.fd[n]);
		memory.fd[n] = -1;
	}
}

/* Also in a base, where nobody looks. */
static void
mapped_mark(void)
{
	for (int i = 0; i < MAPPINGS; i++)
		if (memory.mapped[i].bytes != NULL)
			memory.mapped[i].bytes[DIRECTORY_STALE_AT] |= 1;
}

void
memory_put(const struct fuzz_input *in, unsigned unmappable)
{
	memory.in = in;
	memory.unmappable = unmappable;
	fd_make(0);
	if (in->two)
		fd_make(1);
}

void
memory_replace(void)
{
	mapped_mark();
	close(memory.fd[0]);
	fd_make(0);
}

void
memory_clear(void)
{
	mapped_mark();
	fds_close();
	memory.in = NULL;
}

unsigned
memory_mapped(void)
{
	unsigned count = 0;

	for (int i = 0; i < MAPPINGS; i++)
		count += memory.mapped[i].bytes != NULL;
	return count;
}

/* The descriptor of what is published by this name, -1 with ENOENT, or -2 for any other name. */
static int
fd_of(const char *path)
{
	struct directory_header h = { 0 };
	char name[DIRECTORY_BASE_SIZE];

	if (strncmp(path, UADM_DIRECTORY_DIR "/", sizeof(UADM_DIRECTORY_DIR)) != 0)
		return -2;
	errno = ENOENT;
	if (strcmp(path, UADM_DIRECTORY_FILE) == 0)
		return memory.fd[0];
	if (memory.fd[1] < 0)
		return -1;
	memcpy(&h, memory.in->file[1].bytes, sizeof(h));
	directory_base_name(h.seed[0], name);
	return strcmp(path + sizeof(UADM_DIRECTORY_DIR), name) == 0 ? memory.fd[1] : -1;
}

int
__wrap_open(const char *path, int flags, ...)
{
	int fd = fd_of(path);
	mode_t mode = 0;
	va_list ap;

	if (fd != -2)
		return fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0);
	va_start(ap, flags);
	if ((flags & O_CREAT) != 0)
		mode = va_arg(ap, mode_t);
	va_end(ap);
	return __real_open(path, flags, mode);
}

int
__wrap_lstat(const char *path, struct stat *st)
{
	int fd = fd_of(path);

	if (fd != -2)
		return fd < 0 ? -1 : fstat(fd, st);
	return __real_lstat(path, st);
}

/* Which of the files a descriptor is, -1: neither. */
static int
file_behind(int fd)
{
	struct stat st, ours;

	for (int n = 0; n < 2; n++)
		if (memory.fd[n] >= 0 && fstat(memory.fd[n], &ours) == 0 &&
		    fstat(fd, &st) == 0 && st.st_dev == ours.st_dev &&
		    st.st_ino == ours.st_ino)
			return n;
	return -1;
}

void *
__wrap_mmap(void *at, size_t size, int prot, int flags, int fd, off_t offset)
{
	int n = fd < 0 ? -1 : file_behind(fd), i = 0;

	if (n < 0)
		return __real_mmap(at, size, prot, flags, fd, offset);
	if ((memory.unmappable & 1u << n) != 0) {
		errno = ENOMEM;
		return MAP_FAILED;
	}
	while (i < MAPPINGS && memory.mapped[i].bytes != NULL)
		i++;
	if (i == MAPPINGS)
		abort(); /* more than there are slots for: they leak */
	memory.mapped[i].size = size;
	memory.mapped[i].bytes = malloc(size);
	if (memory.mapped[i].bytes == NULL ||
	    pread(fd, memory.mapped[i].bytes, size, offset) != (ssize_t)size)
		abort();
	return memory.mapped[i].bytes;
}

int
__wrap_munmap(void *at, size_t size)
{
	for (int i = 0; i < MAPPINGS; i++)
		if (at != NULL && memory.mapped[i].bytes == at) {
			if (memory.mapped[i].size != size)
				abort();
			free(at);
			memory.mapped[i].bytes = NULL;
			return 0;
		}
	return __real_munmap(at, size);
}
