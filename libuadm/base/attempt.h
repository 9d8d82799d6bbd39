/*
 * attempt.h - which attempts count now. The policy makes it, the store counts by it, so that a
 * login, a list and `user show` count the same. Milliseconds of the store's steady clock.
 */
#ifndef UADM_BASE_ATTEMPT_H
#define UADM_BASE_ATTEMPT_H

#include <stdint.h>

struct attempt_window {
	int64_t now;
	int64_t since; /* a failure from up to then has fallen out of the interval */
	int64_t
	    lock_over; /* a lock that fell up to then has run out, and with it what led
			    * to it */
};

#endif
