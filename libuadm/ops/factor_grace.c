/*
 * Threat: whoever administers an account and gives its users time again and again, by a role that comes
 * and goes, so that nobody ever needs what root requires. So time begins where more is required than
 * before, and for what root requires nobody but root has it begin twice.
 */
#include "libuadm/ops/factor_grace.h"

#include "libuadm/ops/policy_of.h"
#include "libuadm/store/factors.h"

enum uadm_code
factor_required(
    struct uadm *u, uid_t uid, struct factor_required *r, struct uadm_err *err)
{
	struct policy p, floor;
	struct uadm_err ignored;

	*r = (struct factor_required){ 0 };
	/* A policy that does not fit lets nobody in, and must not keep anybody from mending it. */
	if (op_policies_of_uid(u, uid, &p, &floor, &ignored) != UADM_OK)
		return ignored.code == UADM_BUSY
		    ? uadm_fail(err, UADM_BUSY, "%s", ignored.msg)
		    : UADM_OK;
	r->by_root = floor.require_factor;
	r->in_all = p.require_factor;
	return UADM_OK;
}

enum uadm_code
factor_required_of(struct uadm *u, gid_t account, int64_t role,
    struct factor_required *r, struct uadm_err *err)
{
	struct policy_layers layers;
	struct uadm_err ignored;

	*r = (struct factor_required){ 0 };
	if (op_policy_layers(u, account, role, &layers, &ignored) != UADM_OK)
		return ignored.code == UADM_BUSY
		    ? uadm_fail(err, UADM_BUSY, "%s", ignored.msg)
		    : UADM_OK;
	r->by_root = policy_floor(&layers).require_factor;
	r->in_all = policy_laid(&layers).require_factor;
	return UADM_OK;
}

enum uadm_code
factor_grace_of_change(struct uadm *u, uid_t uid, const struct factor_required *was,
    bool again, int64_t wall, struct uadm_err *err)
{
	struct factor_required is;
	enum uadm_code c = factor_required(u, uid, &is, err);

	if (c == UADM_OK && is.by_root > was->by_root)
		c = factors_grace_begins(u->store, uid,
		    again ? FACTOR_GRACE_AGAIN : FACTOR_GRACE_ONCE, wall, err);
	if (c == UADM_OK && is.in_all > was->in_all)
		c = factors_grace_begins(u->store, uid, FACTOR_GRACE_OWN, wall, err);
	return c;
}
