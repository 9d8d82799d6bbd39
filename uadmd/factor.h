/*
 * factor.h - the second factor's part of the conversation.
 */
#ifndef UADM_UADMD_FACTOR_H
#define UADM_UADMD_FACTOR_H

#include "uadmd/phases.h"

/* Before anything is asked: is a factor asked for on this service? */
enum uadm_code factor_begin(struct call *c, struct uadm_err *err) UADM_CHECKED;
/* Ask for it, if so. false: no answer. */
bool factor_ask(struct call *c);

/* op_login_prove(), and what a right password may need beside what was typed: a message that is sent, or
 * a factor that is set up. v->result set: that is the end of it. */
enum uadm_code factor_prove(struct call *c, struct secret *pw, struct proof *p,
    struct verdict *v, struct uadm_err *err) UADM_CHECKED;

#endif
