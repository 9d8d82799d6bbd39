/* child.h - from the host's copy of itself to uadmd. */
#ifndef UADM_PAM_CHILD_H
#define UADM_PAM_CHILD_H

#include <stdnoreturn.h>

/* Runs in the process that raw clone made. `fd` is uadmd's end of the connection. */
noreturn void child_run(int fd);

/* The signal by which the host asks it to end uadmd and itself. */
#define CHILD_GIVE_UP SIGTERM

#endif
