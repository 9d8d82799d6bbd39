/*
 * trail_host.h - what happened to the host's wiring, in the audit trail. Apart from host*.c, which
 * know of no store.
 */
#ifndef UADM_OPS_TRAIL_HOST_H
#define UADM_OPS_TRAIL_HOST_H

#include "libuadm/base/error.h"

/* A row, "host.enable", where a store is there; UADM_OK where there is none. With a store of its
 * own: the caller's may be any or none, but none that was open in a process that forked since. */
enum uadm_code host_note(const char *action, struct uadm_err *err) UADM_CHECKED;

#endif
