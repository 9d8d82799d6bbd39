/*
 * phases.h - one function for each thing PAM asks: it talks to the user, asks ops/login, and
 * says what comes of it.
 */
#ifndef UADM_UADMD_PHASES_H
#define UADM_UADMD_PHASES_H

#include "libuadm/ops/factor.h"
#include "libuadm/ops/login.h"
#include "uadmd/talk.h"

struct call {
	struct talk *talk;
	struct uadm *u;      /* NULL when the store cannot be used ... */
	struct uadm_err why; /* ... because of this */
	struct login_request request;
	enum login_whose whose;
	struct user user;     /* when it is ours */
	int64_t flags;        /* enum relay_flag */
	struct policy policy; /* of the user, where the phase has asked for it */
	struct secret token, old_token; /* from START; text NULL when there is none */
	bool by_code; /* a change: this login came in with a one-time code */
	char code[CODE_HASH_SIZE]; /* ... that has been proved here; empty: not yet */
	struct factor_try factor;  /* request.factor, where one is asked for */
	struct secret typed;       /* what was typed for it */
};

void phase_auth(struct call *c, struct verdict *v);
void phase_account(struct call *c, struct verdict *v);
void phase_chauthtok(struct call *c, struct verdict *v);
void phase_open(struct call *c, struct verdict *v);
void phase_close(struct call *c, struct verdict *v);

/* self_reset.c: an empty password asks for a code by mail, where that is on. false: it is off here. */
bool self_reset(struct call *c, const struct secret *pw, struct verdict *v);

/* Nothing could be decided. */
void say_unavailable(struct verdict *v, const struct uadm_err *err);
/* A guess that was wrong takes as long as the policy says. */
void delay_failure(const struct call *c, struct verdict *v);
/* A refusal that the user may hear the reason of, having proved who they are. */
void say_refused(struct call *c, struct verdict *v, struct login_answer answer);

#endif
