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
	char mend[300]; /* a command or what to change; may be empty */
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

/* Everything there is to say, services first. *worst is the worst level. `opened` is what
 * uadm_open() made of the store, `why` its error. */
enum uadm_code op_host_status(struct uadm *u, enum uadm_code opened,
    const struct uadm_err *why, const struct status_sink *sink,
    enum finding_level *worst, struct uadm_err *err) UADM_CHECKED;

#endif
