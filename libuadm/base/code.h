/*
 * code.h - one-time codes as the rooms hand them around: what for, and how it stands.
 */
#ifndef UADM_BASE_CODE_H
#define UADM_BASE_CODE_H

#include <stdint.h>
#include <sys/types.h>

/* A user has one of each at the most. One that is used takes the others along. */
enum code_kind {
	CODE_NONE = 0,
	CODE_INVITATION, /* the first password, and with it the invitation is accepted */
	CODE_RESET,      /* an administrator's word */
	CODE_SELF,       /* asked for at the login screen */
};
enum { CODE_KINDS = 3, CODE_HASH_SIZE = 65 };

struct code {
	enum code_kind kind;
	char hash[CODE_HASH_SIZE];
	int64_t made_at, expires_at; /* wall */
	int64_t made_steady;         /* ms of the clock that cannot be set ... */
	int64_t lifetime;            /* ... and for how many seconds of it */
	int64_t attempts;            /* wrong codes that were typed since */
};

#endif
