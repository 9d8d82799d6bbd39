/*
 * logind.h - systemd's own idea of who is logged in.
 */
#ifndef UADM_UADMCTL_LOGIND_H
#define UADM_UADMCTL_LOGIND_H

#include <sys/types.h>

/* Have systemd-logind end all of a user's sessions and user services. Nothing happens where it
 * does not run or knows nothing of the user, and no failure is told: ending by uid does the
 * work, this ends what has neither uid nor login uid of theirs. */
void logind_end(uid_t uid);

#endif
