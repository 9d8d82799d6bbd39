/* surroundings.h - put back what a process inherits from whoever called the host. */
#ifndef UADM_PAM_SURROUNDINGS_H
#define UADM_PAM_SURROUNDINGS_H

/* Limits, scheduling, OOM score, umask, directory, cgroup. Runs as root, in the child. */
void surroundings_reset(void);

#endif
