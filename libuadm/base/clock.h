/*
 * clock.h - the two clocks. Wall time is for people; everything that limits an attacker is
 * measured in boot time (it counts through suspend and nobody can set it), together with the
 * id of the boot it belongs to.
 */
#ifndef UADM_BASE_CLOCK_H
#define UADM_BASE_CLOCK_H

#include <stdint.h>

struct clock_now {
	int64_t wall;    /* Unix seconds */
	int64_t boot_ms; /* CLOCK_BOOTTIME in milliseconds */
	char boot_id
	    [37]; /* /proc/sys/kernel/random/boot_id; empty when it cannot be read */
};

void clock_read(struct clock_now *now);

/* CLOCK_BOOTTIME in milliseconds, for bounded waits. */
int64_t clock_boot_ms(void);

#endif
