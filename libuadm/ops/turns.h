/*
 * turns.h - a turnstile: who waits at it goes through in the order of coming, one at a time, and
 * costs nothing meanwhile. It is a lock on a file, so that nobody holds it beyond their death.
 */
#ifndef UADM_OPS_TURNS_H
#define UADM_OPS_TURNS_H

#include "libuadm/base/error.h"

#include <stdint.h>

/* Wait for one's turn at `name` in `dir` until `deadline` (CLOCK_BOOTTIME ms), then UADM_BUSY.
 * Closing *fd lets the next one through. Takes SIGALRM for itself meanwhile. */
enum uadm_code turn_wait(int dir, const char *name, int64_t deadline, int *fd,
    struct uadm_err *err) UADM_CHECKED;

/* A moment before looking again, by who is at the head of such a queue: it grows with the tries
 * up to `most_ms` and is not the same for all. */
void turn_pause(unsigned tries, unsigned most_ms);

#endif
