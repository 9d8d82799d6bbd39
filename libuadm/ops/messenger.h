/*
 * messenger.h - the program of [sms] command: whose it is, and may it be run?
 */
#ifndef UADM_OPS_MESSENGER_H
#define UADM_OPS_MESSENGER_H

#include "libuadm/config/config.h"

#include <sys/types.h>

struct messenger {
	uid_t uid; /* as whom it runs */
	gid_t gid;
	int program; /* open; the caller closes it */
};

/* UADM_UNAVAILABLE says why it cannot be run. What is open then is what runs, and not what is put there a
 * moment later. */
enum uadm_code messenger_open(
    const struct config *cf, struct messenger *m, struct uadm_err *err) UADM_CHECKED;

#endif
