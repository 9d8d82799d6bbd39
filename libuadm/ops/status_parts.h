/*
 * status_parts.h - what the files of `host status` share. Private to status*.c.
 */
#ifndef UADM_OPS_STATUS_PARTS_H
#define UADM_OPS_STATUS_PARTS_H

#include "libuadm/ops/status.h"

enum { SERVICE_SIZE = 64 };

struct telling {
	const struct status_sink *sink;
	enum finding_level *worst;
};

/* `mend` may be "". */
void tell_finding(struct telling *t, enum finding_level level, const char *about,
    const char *mend, const char *fmt, ...) UADM_PRINTF(5, 6);

/* The same, and what mends it is a command. */
void tell_command(struct telling *t, enum finding_level level, const char *about,
    const char *command, const char *fmt, ...) UADM_PRINTF(5, 6);

/* `on`: the common-* files have our lines. */
void status_pam(struct telling *t, bool on);
void status_reach(struct telling *t);
void status_sshd(struct telling *t);
/* Each service of this host. false: they were not all looked at. */
bool services_each(void (*found)(void *arg, const char *service,
		       const struct pam_outcome phases[PAM_PHASES]),
    void *arg);

/* Is there such a service? `near` is the one whose name is nearest, where there is none; or "". */
bool service_is_here(const char *name, char near[SERVICE_SIZE]);

/* status_binding.c: what the host and its services are bound to. */
void status_binding(struct telling *t, struct uadm *u);

/* status_accounts.c: accounts that nobody can administer. */
void status_accounts(struct telling *t, struct uadm *u);

/* status_mail.c: the mailer and the outbox. */
void status_mail(struct telling *t, struct uadm *u);

/* factor_ways.c: are second factors asked for, and can they be given? */
void status_factor(struct telling *t, struct uadm *u);

#endif
