/*
 * cleanup.h - owners clean up by leaving scope.
 *
 * CLEANUP(fn) calls fn(&variable) when the variable goes out of scope, the last declared
 * first. Finalisers accept a zeroed (or, for descriptors, a -1) object.
 */
#ifndef UADM_BASE_CLEANUP_H
#define UADM_BASE_CLEANUP_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CLEANUP(fn)       __attribute__((cleanup(fn)))
#define UADM_CHECKED      __attribute__((warn_unused_result))
#define UADM_PRINTF(f, a) __attribute__((format(printf, f, a)))
#define ARRAY_LEN(a)      (sizeof(a) / sizeof((a)[0]))

static inline void
cleanup_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void
cleanup_free(void *pointer)
{
	free(*(void **)pointer);
}

static inline void
cleanup_file(FILE **f)
{
	if (*f != NULL)
		fclose(*f);
}

#endif
