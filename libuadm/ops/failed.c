#include "libuadm/ops/failed.h"

#include "libuadm/store/attempts.h"

#include <stdlib.h>
#include <string.h>

/* One pass over the failures, each source's together and its oldest first. */
struct gathering {
	const struct policy *p;
	const struct attempt_window *w;
	int64_t wall;
	struct failed_sources *list;
	int64_t *started; /* of the last source */
	size_t count, room;
	bool no_memory;
};

static void
gathering_done(struct gathering *g)
{
	free(g->started);
}

void
failed_sources_free(struct failed_sources *list)
{
	free(list->at);
	*list = (struct failed_sources){ NULL, 0, 0 };
}

int64_t
failed_wall_time(const struct attempt_window *w, int64_t wall, int64_t then)
{
	return wall + (then - w->now + 999) / 1000;
}

/* Room for one element more. */
static bool
grow(void **at, size_t size, size_t count, size_t *room)
{
	size_t wanted = *room == 0 ? 8 : *room * 2;
	void *more;

	if (count < *room)
		return true;
	if ((more = reallocarray(*at, wanted, size)) == NULL)
		return false;
	*at = more;
	*room = wanted;
	return true;
}

/* Blocked until so many have fallen out of the interval that fewer than the limit are left. */
static void
judge(const struct gathering *g, struct failed_source *s)
{
	int64_t limit = policy_source_limit(g->p, source_kind(s->source));

	s->failures = (int64_t)g->count;
	s->blocked = s->failures >= limit;
	s->until = !s->blocked
	    ? 0
	    : failed_wall_time(g->w, g->wall,
		  policy_failure_ends(g->p, g->started[g->count - (size_t)limit]));
}

static void
add_failure(void *arg, const char *source, int64_t started)
{
	struct gathering *g = arg;
	struct failed_sources *list = g->list;
	void *at = list->at, *times = g->started;

	if (list->count == 0 || strcmp(list->at[list->count - 1].source, source) != 0) {
		if (!grow(&at, sizeof(*list->at), list->count, &list->room)) {
			g->no_memory = true;
			return;
		}
		list->at = at;
		snprintf(list->at[list->count++].source, SOURCE_SIZE, "%s", source);
		g->count = 0;
	}
	if (!grow(&times, sizeof(*g->started), g->count, &g->room)) {
		g->no_memory = true;
		return;
	}
	g->started = times;
	g->started[g->count++] = started;
	judge(g, &list->at[list->count - 1]);
}

enum uadm_code
failed_sources_read(struct uadm *u, uid_t uid, const struct policy *p,
    const struct attempt_window *w, int64_t wall, struct failed_sources *list,
    struct uadm_err *err)
{
	CLEANUP(gathering_done)
	struct gathering g = { .p = p, .w = w, .wall = wall, .list = list };
	enum uadm_code c;

	list->count = 0;
	c = attempts_each_failure(u->store, uid, w, add_failure, &g, err);
	if (c == UADM_OK && g.no_memory)
		return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
	return c;
}
