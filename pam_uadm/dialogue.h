/* dialogue.h - one call, from START to RESULT. */
#ifndef UADM_PAM_DIALOGUE_H
#define UADM_PAM_DIALOGUE_H

#include "pam_uadm/call.h"

/* The PAM code of the call. `fd` is the connection to uadmd. *heard is false when not one frame
 * came back: nothing was asked, shown or decided. */
int dialogue_run(const struct call *call, int fd, bool *heard);

#endif
