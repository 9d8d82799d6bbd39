/*
 * answer.h - how the reader's answers are told to glibc: status and errno of the manual's
 * "NSS Modules Interface".
 */
#ifndef UADM_NSS_ANSWER_H
#define UADM_NSS_ANSWER_H

#include "libuadm/directory/reader.h"

#include <errno.h>
#include <nss.h>

/* The entry points: only these are exported (nss_uadm.map). */
#define NSS_EXPORT __attribute__((visibility("default")))

static inline enum nss_status
answer_error(enum nss_status status, int error, int *errnop)
{
	*errnop = error;
	return status;
}

/* Every answer but a found one. */
static inline enum nss_status
answer_none(enum directory_answer a, int *errnop)
{
	if (a == DIRECTORY_UNAVAILABLE)
		return answer_error(NSS_STATUS_UNAVAIL, EAGAIN, errnop);
	return answer_error(NSS_STATUS_NOTFOUND, ENOENT, errnop);
}

#endif
