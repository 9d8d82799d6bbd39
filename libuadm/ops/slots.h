/*
 * slots.h - a bounded number of password hashes at a time on this host, for each takes 64 MiB
 * and a core. A slot is a lock on a file in /run/uadm: it goes when its holder goes, however
 * that ends.
 */
#ifndef UADM_OPS_SLOTS_H
#define UADM_OPS_SLOTS_H

#include "libuadm/base/error.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct slot {
	int slot_fd, source_fd; /* -1: not held */
};

/* How many there are: one more than cores, within bounds. */
int slot_count(void);

/* Wait in line for a slot until `deadline` (CLOCK_BOOTTIME ms), then UADM_BUSY. `source` is the
 * bucket of where the attempt comes from: one source never holds all of them. */
enum uadm_code slot_take(struct slot *s, uint32_t source, int64_t deadline,
    struct uadm_err *err) UADM_CHECKED;
void slot_release(struct slot *s);

/* Stand in line with all who wait for attempts on the same user to end, until *turn is closed. */
enum uadm_code slot_queue(
    uint32_t user, int64_t deadline, int *turn, struct uadm_err *err) UADM_CHECKED;

/* One of the calls that a local uid may have open at a time; held until this process ends.
 * false: it has enough of them. */
bool slot_of_caller(uid_t uid);

enum { SLOT_SOURCES = 256, SLOT_USERS = 256, SLOT_CALLS = 16 };

#endif
