/* dialogue.h - one call, from START to RESULT. */
#ifndef UADM_PAM_DIALOGUE_H
#define UADM_PAM_DIALOGUE_H

#include "pam_uadm/call.h"

/* The PAM code of the call. `fd` is the connection to uadmd. */
int dialogue_run(const struct call *call, int fd);

#endif
