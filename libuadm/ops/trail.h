/*
 * trail.h - the audit trail, when it is broken.
 */
#ifndef UADM_OPS_TRAIL_H
#define UADM_OPS_TRAIL_H

#include "libuadm/ops/context.h"
#include "libuadm/store/audit.h"

/* audit_reseal() in a transaction of its own; u may be of uadm_open_any_key(). */
enum uadm_code op_audit_reseal(
    struct uadm *u, struct audit_verdict *v, struct uadm_err *err) UADM_CHECKED;

#endif
