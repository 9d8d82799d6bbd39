/*
 * policy.h - read and change what an administrator has decided.
 */
#ifndef UADM_OPS_POLICY_H
#define UADM_OPS_POLICY_H

#include "libuadm/ops/context.h"
#include "libuadm/policy/settings.h"

/* Everybody's policy: the shipped values, and what was set over them. UADM_INVALID: values that
 * no policy may have, UADM_UNAVAILABLE: an unknown key; neither was written by us. */
enum uadm_code op_policy_load(
    struct uadm *u, struct policy *p, struct uadm_err *err) UADM_CHECKED;

struct setting_change {
	const struct setting *setting;
	int64_t value;
	bool reset; /* back to what we ship */
};

/* All or none of them; they have to fit each other. *changed is false when things were so. */
enum uadm_code op_policy_set(struct uadm *u, const struct setting_change *changes,
    size_t count, bool *changed, struct uadm_err *err) UADM_CHECKED;

#endif
