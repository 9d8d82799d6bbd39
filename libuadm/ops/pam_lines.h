/*
 * pam_lines.h - the lines that libpam makes of a service's file for one phase, with what that
 * includes. Private to pam_lines.c and pam_stack.c.
 */
#ifndef UADM_OPS_PAM_LINES_H
#define UADM_OPS_PAM_LINES_H

#include "libuadm/ops/pam_stack.h"

enum { PAM_LINES_MOST = 128, PAM_CODES = 32 };

/* _pam_types.h, as far as we need it; this room knows nothing of libpam. */
enum {
	CODE_SUCCESS = 0,
	CODE_SERVICE_ERR = 3,
	CODE_SYSTEM_ERR = 4,
	CODE_PERM_DENIED = 6,
	CODE_AUTH_ERR = 7,
	CODE_AUTHINFO_UNAVAIL = 9,
	CODE_NEW_AUTHTOK_REQD = 12,
	CODE_ACCT_EXPIRED = 13,
	CODE_SESSION_ERR = 14,
	CODE_CONV_ERR = 19,
	CODE_AUTHTOK_ERR = 20,
	CODE_AUTHTOK_RECOVERY_ERR = 21,
	CODE_TRY_AGAIN = 24,
	CODE_IGNORE = 25,
	CODE_INCOMPLETE = 31
};

/* Actions of libpam; a positive number jumps over as many lines. */
enum {
	PAM_DO_IGNORE = 0,
	PAM_DO_OK = -1,
	PAM_DO_DONE = -2,
	PAM_DO_BAD = -3,
	PAM_DO_DIE = -4,
	PAM_DO_RESET = -5
};

struct pam_line {
	short action[PAM_CODES];
	char module
	    [40]; /* "uadm", for pam_uadm.so; what is written, for any other path */
	bool
	    is_installed; /* `module` is a file of libpam's directory, asked as usual */
	bool is_substack; /* stands before the lines of a substack, and asks nobody */
	int level;        /* of substacks */
	char accounts[PAM_BOUND_SIZE]; /* of pam_uadm: its account= */
};

struct pam_lines {
	struct pam_line at[PAM_LINES_MOST];
	size_t count;
	char broken[PAM_WHY_SIZE]; /* what could not be followed */
	char foreign
	    [PAM_WHY_SIZE]; /* a pam_uadm that is not ours, or not asked as usual */
};

/* False: not all could be followed, and `broken` says what. */
bool stack_lines_read(pam_reader *read, void *arg, const char *service,
    enum pam_phase phase, struct pam_lines *out);

#endif
