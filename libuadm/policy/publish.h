/*
 * publish.h - when a publish writes a delta, and when everything.
 */
#ifndef UADM_POLICY_PUBLISH_H
#define UADM_POLICY_PUBLISH_H

#include <stdbool.h>
#include <stdint.h>

/* How many entries may have changed in a base of so many for a delta to be worth it. 0: a whole
 * file takes no longer, and is looked up faster. */
int64_t publish_delta_most(int64_t entries);

/* Should the store's log of changes begin anew with this whole file? Costs a transaction. */
bool publish_begins_log(int64_t entries, int64_t changes);

#endif
