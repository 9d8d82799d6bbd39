/*
 * source.h - where an attempt comes from, as the limits count it.
 */
#ifndef UADM_OPS_SOURCE_H
#define UADM_OPS_SOURCE_H

#include "libuadm/policy/lockout.h"

#include <sys/types.h>

enum { SOURCE_SIZE = 272, SOURCE_SHOWN_SIZE = 1200 };

struct source {
	/* "host:ADDRESS", "host:NAME", "uid:N", "local", or "" for root's own console. Kept in
	 * the store. */
	char text[SOURCE_SIZE];
	enum lockout_source kind;
};

/* PAM_RHOST, else the real uid of who called unless that is root's, else nothing. */
void source_find(struct source *s, const char *rhost, uid_t real_uid);

/* The kind of a kept text. */
enum lockout_source source_kind(const char *text);

/* A kept text for people: "203.0.113.5", "2001:db8::/64", "uid 30001 (jo)", "this host",
 * "console". What is no address is in double quotes and escaped. `out` is SOURCE_SHOWN_SIZE
 * long, and returned. */
char *source_show(const char *text, char *out);

#endif
