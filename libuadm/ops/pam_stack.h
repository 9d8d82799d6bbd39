/*
 * pam_stack.h - what a PAM service does with a user of ours whom we refuse. Pure: the files come
 * through a callback, and nothing is loaded or asked.
 *
 * The stack is read as libpam reads it (pam.d(5)) and followed with every code that we could refuse
 * with and every answer that the other modules could give, as _pam_dispatch_aux() of Linux-PAM
 * does. If no way through ends with success, we decide.
 */
#ifndef UADM_OPS_PAM_STACK_H
#define UADM_OPS_PAM_STACK_H

#include <stdbool.h>
#include <stddef.h>

enum pam_phase {
	PAM_PHASE_AUTH = 0,
	PAM_PHASE_ACCOUNT,
	PAM_PHASE_SESSION,
	PAM_PHASE_PASSWORD,
	PAM_PHASES,
};

/* "auth", "account", "session", "password" */
const char *stack_phase_name(enum pam_phase phase);

enum pam_verdict {
	PAM_OPEN = 0,  /* may succeed although we refuse */
	PAM_NOT_ASKED, /* may succeed, and we are not in it */
	PAM_BROKEN,    /* a file or a line that we do not follow: nothing is proven */
	PAM_CLOSED,    /* we are not in it, and only root gets through */
	PAM_DECIDED,   /* no success without us */
};
/* "open", "not asked", "broken", "closed", "uadm" */
const char *stack_verdict_name(enum pam_verdict verdict);

enum { PAM_MODULES_SIZE = 600, PAM_WHY_SIZE = 200, PAM_BOUND_SIZE = 256 };

struct pam_outcome {
	enum pam_verdict verdict;
	char
	    modules[PAM_MODULES_SIZE]; /* in order: "localuser uadm unix deny permit" */
	char why
	    [PAM_WHY_SIZE]; /* PAM_OPEN: the line whose success it is; BROKEN; NOT_ASKED,
				 * when a module that looks like ours is not */
	char bound
	    [PAM_BOUND_SIZE]; /* what our lines have as account=, parted by blanks */
};

/* `read` gives the malloc'd text of a file of /etc/pam.d, or NULL when there is none or it is no text.
 * What is included is looked for nowhere else. */
typedef char *pam_reader(void *arg, const char *name, bool is_included);
void stack_look(pam_reader *read, void *arg, const char *service,
    struct pam_outcome out[PAM_PHASES]);

#endif
