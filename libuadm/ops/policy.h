/*
 * policy.h - read and change what an administrator has decided: for the host, for an account, for a role
 * in it. Who is judged by what is policy_of.h.
 */
#ifndef UADM_OPS_POLICY_H
#define UADM_OPS_POLICY_H

#include "libuadm/ops/context.h"
#include "libuadm/policy/overlay.h"

/* The host's policy: the shipped values, and what was set over them. UADM_INVALID: values that
 * no policy may have, UADM_UNAVAILABLE: an unknown key; neither was written by us. */
enum uadm_code op_policy_load(
    struct uadm *u, struct policy *p, struct uadm_err *err) UADM_CHECKED;

/* By name. All NULL: the host's. */
struct policy_whose {
	const char *account;
	const char *role; /* of those who have it in that account */
	const char *user; /* to look at: of whoever judges this user */
};

struct policy_view {
	char user[UADM_NAME_SIZE], account[UADM_NAME_SIZE], role[UADM_NAME_SIZE];
	struct policy_layers layers;
};
enum uadm_code op_policy_view(struct uadm *u, const struct policy_whose *whose,
    struct policy_view *v, struct uadm_err *err) UADM_CHECKED;

struct setting_change {
	const struct setting *setting;
	int64_t value; /* filled in: what holds then */
	bool reset; /* back to what we ship, or, of an account, to what is below it */
	/* filled in */
	int64_t was;
	bool changed;
};

/* All or none of them; they have to fit each other, in each account too. *changed is false when things
 * were so. Root's word takes back an account's own; who is not root sets its own, which UADM_DENIED
 * refuses where it is weaker than root's. *is: the policy as it is then. */
enum uadm_code op_policy_set(struct uadm *u, const struct policy_whose *whose,
    struct setting_change *changes, size_t count, struct policy *is, bool *changed,
    struct uadm_err *err) UADM_CHECKED;

#endif
