/*
 * sms.h - the program that sends codes to mobile numbers, as uadm.conf names it: is it one that may be run?
 */
#ifndef UADM_OPS_SMS_H
#define UADM_OPS_SMS_H

#include "libuadm/base/error.h"
#include "libuadm/config/config.h"

#include <sys/types.h>

enum { SMS_WORDS = 32 };

struct sms_program {
	char copy[sizeof(((struct config *)0)->sms_command)];
	char *argv[SMS_WORDS + 1]; /* in `copy` */
	uid_t uid;
	gid_t gid;
	int fd; /* what is run, whatever is put there a moment later */
};

/* UADM_UNAVAILABLE, where it is not there, not root's alone, or would run as root. The caller closes `fd`,
 * which is -1 then. */
enum uadm_code sms_open(
    const struct config *cf, struct sms_program *p, struct uadm_err *err) UADM_CHECKED;

#endif
