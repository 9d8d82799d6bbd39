/*
 * status.h - would a login on this host be decided by us? Reads only.
 */
#ifndef UADM_OPS_STATUS_H
#define UADM_OPS_STATUS_H

#include "libuadm/ops/context.h"
#include "libuadm/ops/pam_stack.h"

enum finding_level {
	FINDING_FINE = 0,
	FINDING_NOTE, /* good to know */
	FINDING_WARN, /* something does not work, or will not for long */
	FINDING_BAD, /* a login may go on that we have not decided, or none of ours can */
};
/* "ok", "note", "warning", "bad" */
const char *finding_level_name(enum finding_level level);

struct finding {
	enum finding_level level;
	const char *about; /* a stable word: "nsswitch", "sshd", "store", ... */
	char what[400];
	/* How to mend it: a command to run as it stands, or in words. One of them, or neither. */
	char command[300];
	char mend[300];
};

struct pam_service {
	char name[64];
	struct pam_outcome phases[PAM_PHASES];
	enum finding_level level;
};

struct status_sink {
	void (*service)(void *arg, const struct pam_service *s);
	void (*finding)(void *arg, const struct finding *f);
	void *arg;
};

/* What uadm_open_config() and uadm_open_store() made of it; UADM_OK is in the code. */
struct status_opened {
	struct uadm_err conf, store;
};

/* Everything there is to say, services first. *worst is the worst level. */
enum uadm_code op_host_status(struct uadm *u, const struct status_opened *opened,
    const struct status_sink *sink, enum finding_level *worst,
    struct uadm_err *err) UADM_CHECKED;

/* The services whose account= keeps this user out, separated by ','. */
void op_services_that_refuse(
    struct uadm *u, const struct user *user, char *out, size_t size);

/* "yes", "no", or "?" where sshd does not say. false: there is no sshd. */
bool op_sshd_uses_pam(char *out, size_t size);

/* Does it ask for passwords by its own method alone, which has no room for a code? */
bool op_sshd_asks_no_code(void);

#endif
