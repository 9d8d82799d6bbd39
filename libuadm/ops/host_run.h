/*
 * host_run.h - run a helper program, bounded, and hear what it says. Private to host_*.c.
 */
#ifndef UADM_OPS_HOST_RUN_H
#define UADM_OPS_HOST_RUN_H

#include "libuadm/base/error.h"

/* Run argv (argv[0] absolute) with just this environment, stdin /dev/null, no descriptor of
 * ours and default signals. `said` gets the first bytes of its stdout and stderr. Killed after
 * 60 s. UADM_UNAVAILABLE when it cannot be run or does not exit with 0. */
enum uadm_code host_run(char *const argv[], char *const env[], char *said, size_t size,
    struct uadm_err *err) UADM_CHECKED;

/* Make what was said one line that can stand in a message. */
void host_run_one_line(char *said);

#endif
