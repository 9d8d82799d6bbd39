/*
 * overlay.h - a policy in layers: what is shipped, what the host has, what an account has over it, and
 * what a role in that account has over that. Pure; policy_of.h reads them.
 *
 * Threat: who administers an account and weakens what protects its users' logins, which are this
 * host's. So an account has two layers: root's word, and its own over it, which holds only where it is
 * no weaker than root's. That is seen to each time the layers are laid: a host that becomes stricter
 * later is not undercut by what was strict before.
 */
#ifndef UADM_POLICY_OVERLAY_H
#define UADM_POLICY_OVERLAY_H

#include "libuadm/policy/settings.h"

/* From the bottom. */
enum policy_layer {
	POLICY_SHIPPED = 0,
	POLICY_HOST,
	POLICY_ACCOUNT,     /* root's word on an account */
	POLICY_ACCOUNT_OWN, /* its own */
	POLICY_ROLE,        /* root's word on a role in it */
	POLICY_ROLE_OWN,
	POLICY_LAYERS,
};

/* What is set above the host, by the number of the setting. */
struct policy_layers {
	struct policy host;
	struct {
		uint64_t set; /* bit = number */
		int64_t value[SETTINGS_MOST];
	} above[POLICY_LAYERS - POLICY_ACCOUNT];
};

/* Set one; UADM_INVALID outside of its bounds, and for what is the host's alone. */
enum uadm_code policy_layer_put(struct policy_layers *l, enum policy_layer layer,
    const struct setting *s, int64_t value, struct uadm_err *err) UADM_CHECKED;
void policy_layer_drop(
    struct policy_layers *l, enum policy_layer layer, const struct setting *s);

struct policy_word {
	int64_t value; /* what holds */
	enum policy_layer from;
	int64_t floor; /* root's word: what its own may not be weaker than */
};
struct policy_word policy_word(const struct policy_layers *l, const struct setting *s);

/* All that holds. */
struct policy policy_laid(const struct policy_layers *l);
/* All that is root's word: each value for itself, whether they fit each other or not. */
struct policy policy_floor(const struct policy_layers *l);

#endif
