/*
 * config.h - uadm.conf: the settings of this host, with file and line in every error.
 *
 * Read from /usr/etc/uadm/uadm.conf (vendor) or /etc/uadm/uadm.conf, then from
 * uadm.conf.d/ next to it. An unknown section or key, a key given twice in one file and a bad
 * value are errors: a typo in a security setting must not pass for its default.
 */
#ifndef UADM_CONFIG_CONFIG_H
#define UADM_CONFIG_CONFIG_H

#include "libuadm/base/error.h"
#include "libuadm/base/user.h"

#include <stddef.h>
#include <stdint.h>

struct config {
	/* [ids] the ranges that are handed out; a private group has the user's uid as its gid,
	 * so the two ranges never overlap */
	int64_t uid_min, uid_max;
	int64_t gid_min, gid_max;
	/* [hash] the cost of argon2id: passes, and bytes of memory */
	int64_t opslimit, memlimit;
	/* [directory] larger groups are published without their member list; 0 = no bound */
	int64_t max_group_members;
	int64_t session_history_days; /* 0 = for ever */
	/* [access] names of accounts, separated by ',': only their active members get in; "" = all */
	char access_accounts[1024];
	/* likewise PAM services by which service identities get in; "" = by none */
	char access_services[1024];
	/* [factor] PAM services that ask for a second factor, separated by ','; "*" = all */
	char factor_services[512];
	/* [sms] the program that sends one, with its arguments; "" = none. And as whom it runs */
	char sms_command[512];
	char sms_user[UADM_NAME_SIZE];
	/* [home] */
	char home_base[UADM_PATH_SIZE - UADM_NAME_SIZE];
	char home_skel[UADM_PATH_SIZE];
	/* [mail] what takes a message on standard input, its words separated by blanks; "" = there is
	 * no mailer. Who mail comes from; "" = root at this host. The language it is written in. */
	char mail_command[1024];
	char mail_from[UADM_EMAIL_SIZE];
	char mail_language[16];
};

void config_defaults(struct config *cf);

/* Read the host's configuration, or only `file` when it is not NULL. UADM_CONFIG on error. */
enum uadm_code config_load(
    struct config *cf, const char *file, struct uadm_err *err) UADM_CHECKED;

#endif
