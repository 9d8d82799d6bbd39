/*
 * host_timer.h - have systemd run `uadmctl maintain` once a minute. Private to host_*.c.
 */
#ifndef UADM_OPS_HOST_TIMER_H
#define UADM_OPS_HOST_TIMER_H

#include "libuadm/ops/host.h"

/* Where systemd runs, and has the timer; cron does it elsewhere. The report gets what went wrong:
 * logins work without it. */
void host_timer_set(bool on, struct host_report *report);

#endif
