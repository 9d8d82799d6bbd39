/*
 * link.h - a connection to the uadmd that decides this call, and its end.
 *
 * A host that is root gets a uadmd of its own; one that is not connects to a listening one.
 */
#ifndef UADM_PAM_LINK_H
#define UADM_PAM_LINK_H

#include <stdbool.h>
#include <sys/types.h>

struct link {
	int fd;    /* -1: none */
	pid_t pid; /* the process between us and our uadmd; 0: none of our own */
};

#define LINK_NONE ((struct link){ .fd = -1 })

/* `*why` says in a few words what failed; errno belongs to it. `shared`: a host that is root
 * may use the listening one as well, where its caller is not root. */
bool link_open(struct link *link, bool shared, const char **why);

/* Hang up, and see our own uadmd off, within bounds. Accepts LINK_NONE. */
void link_close(struct link *link);

/* The two ways. */
bool link_connect(struct link *link, const char **why, bool patient);
bool link_spawn(struct link *link, const char **why);
void link_reap(pid_t pid);

#endif
