/*
 * failed.h - from where a user's password was guessed at lately, and which of these sources are
 * refused now.
 */
#ifndef UADM_OPS_FAILED_H
#define UADM_OPS_FAILED_H

#include "libuadm/ops/context.h"
#include "libuadm/ops/source.h"

struct failed_source {
	char source[SOURCE_SIZE]; /* source_show() makes it readable */
	int64_t failures;
	bool blocked;
	int64_t until; /* Unix seconds as the clock stands now; 0 = not blocked */
};

struct failed_sources {
	struct failed_source *at;
	size_t count, room;
};
#define FAILED_SOURCES CLEANUP(failed_sources_free) struct failed_sources

/* Fill `list` anew with who has failed within `w`, of `p`, in the caller's transaction. `wall` is Unix
 * seconds at `w->now`. */
enum uadm_code failed_sources_read(struct uadm *u, uid_t uid, const struct policy *p,
    const struct attempt_window *w, int64_t wall, struct failed_sources *list,
    struct uadm_err *err) UADM_CHECKED;
void failed_sources_free(struct failed_sources *list);

/* What the clock on the wall will show at `then`, a moment of the steady clock. */
int64_t failed_wall_time(const struct attempt_window *w, int64_t wall, int64_t then);

#endif
