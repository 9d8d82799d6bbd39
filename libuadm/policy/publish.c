#include "libuadm/policy/publish.h"

/*
 * A small directory is written whole in the time that the disk takes to sync anything. Above that a
 * delta costs what has changed since the base, at each change; the whole costs everybody, once for
 * each such delta that has become full. The share keeps the second rare, the limit keeps the first
 * below what a change takes anyway, and a delta's tables in the processor's cache.
 */
enum { WHOLE_BELOW = 5000, SHARE = 64, LEAST = 256, MOST = 1024 };

int64_t
publish_delta_most(int64_t entries)
{
	int64_t most = entries / SHARE;

	if (entries < WHOLE_BELOW)
		return 0;
	return most < LEAST ? LEAST : most > MOST ? MOST : most;
}

/* Without deltas the log is only in the way. */
bool
publish_begins_log(int64_t entries, int64_t changes)
{
	return publish_delta_most(entries) > 0 || changes > MOST;
}
