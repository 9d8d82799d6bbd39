/*
 * factor_ways.h - what keeps a second factor that is due from being asked for, or from being given, on
 * this host: what is better said before a login fails.
 */
#ifndef UADM_OPS_FACTOR_WAYS_H
#define UADM_OPS_FACTOR_WAYS_H

#include "libuadm/ops/status.h"

struct factor_trouble {
	enum finding_level level;
	const char *about; /* "factor", "sms", "sshd" */
	const char *mend;
	char what[400];
};

/* `due`: somebody may have to give one. What is as it should be is told too (FINDING_FINE). All of it is known of the configuration, and of sshd by its word. */
void op_factor_ways(struct uadm *u, bool due,
    void (*found)(void *arg, const struct factor_trouble *f), void *arg);

#endif
