/*
 * call.h - what every part of the module knows about the call it serves, and the bounds of
 * all its waits. Nothing outlives the call: phases share no state inside the host.
 */
#ifndef UADM_PAM_CALL_H
#define UADM_PAM_CALL_H

#include "libuadm/relay/frame.h"

#include <security/pam_modules.h>
#include <stdbool.h>

/* The build of the tests sets shorter ones. */
#ifndef UADM_WAIT_AUTH_MS
#define UADM_WAIT_AUTH_MS 100000 /* an attempt waits its turn for up to 60 s */
#endif
#ifndef UADM_WAIT_MS
#define UADM_WAIT_MS 30000
#endif
#ifndef UADM_REAP_MS
#define UADM_REAP_MS 5000 /* for uadmd to end by itself once the call is over */
#endif
#ifndef UADM_CONNECT_MS
#define UADM_CONNECT_MS 2000 /* for a place in the listening uadmd's queue */
#endif

enum {
	CALL_NAME_MAX = 255, /* bytes of a user, service, tty, remote host or user */
	CALL_CONF_MAX = 1024,
	CALL_ACCOUNTS_MAX = 256,
};

struct args {
	bool debug;
	bool try_first_pass;
	bool use_first_pass;
	bool use_authtok;
	bool nodelay;
	const char *conf;     /* of conf=FILE, or NULL */
	const char *accounts; /* of account=NAME,..., or NULL */
	const char *wrong;    /* the first argument that nobody knows, or NULL */
};

struct call {
	pam_handle_t *pamh;
	enum relay_phase phase;
	int flags; /* PAM's */
	struct args args;
	const char *user; /* libpam's copy */
	int cancel;       /* whether the host lets this thread be cancelled */
};

#endif
