#include "libuadm/ops/trail.h"

enum uadm_code
op_audit_reseal(struct uadm *u, struct audit_verdict *v, struct uadm_err *err)
{
	CHANGE ch = { 0 };
	enum uadm_code c;

	if ((c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = audit_reseal(u->store, u->actor, u->other_key, ch.now.wall, v, err)) !=
		UADM_OK ||
	    u->dry_run)
		return c;
	return txn_commit(&ch.txn, err);
}
