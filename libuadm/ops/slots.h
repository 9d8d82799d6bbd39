/*
 * slots.h - a bounded number of password hashes at a time on this host, for each takes 64 MiB
 * and a core. A slot is a lock on a file in /run/uadm: it goes when its holder goes, however
 * that ends.
 */
#ifndef UADM_OPS_SLOTS_H
#define UADM_OPS_SLOTS_H

#include "libuadm/base/error.h"

#include <stdint.h>

struct slot {
	int slot_fd, source_fd; /* -1: not held */
};

/* Wait for a slot until `deadline` (CLOCK_BOOTTIME ms), then UADM_BUSY. `source` is the bucket
 * of where the attempt comes from: one source never holds all of them. */
enum uadm_code slot_take(struct slot *s, uint32_t source, int64_t deadline,
    struct uadm_err *err) UADM_CHECKED;
void slot_release(struct slot *s);

enum { SLOT_SOURCES = 64 };

#endif
