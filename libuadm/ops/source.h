/*
 * source.h - where an attempt comes from, as the limits count it.
 */
#ifndef UADM_OPS_SOURCE_H
#define UADM_OPS_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct source {
	char text
	    [300];  /* "host:ADDRESS", "uid:N", "host:this"; "" = root or a console */
	bool local; /* somebody on this host: gets fewer guesses than lock */
};

/* The remote host, else the real uid of who called, else nothing. Whoever comes over the
 * loopback or one of this host's own addresses is somebody on this host, whichever of these
 * addresses it was. */
void source_find(struct source *s, const char *rhost, uid_t real_uid);

#endif
