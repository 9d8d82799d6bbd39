#include "libuadm/policy/overlay.h"

static uint64_t
bit_of(const struct setting *s)
{
	return (uint64_t)1 << (s - settings);
}

enum uadm_code
policy_layer_put(struct policy_layers *l, enum policy_layer layer,
    const struct setting *s, int64_t value, struct uadm_err *err)
{
	struct policy scratch;
	enum uadm_code c;

	if (layer < POLICY_ACCOUNT || layer >= POLICY_LAYERS)
		return uadm_fail(err, UADM_INTERNAL, "no layer of a policy");
	if (s->strict == SETTING_OF_HOST)
		return uadm_fail(err, UADM_INVALID,
		    "%s is the same for all of this host: where it differed, it would tell who "
		    "is a user",
		    s->key);
	if ((c = policy_put(&scratch, s, value, err)) != UADM_OK)
		return c;
	l->above[layer - POLICY_ACCOUNT].set |= bit_of(s);
	l->above[layer - POLICY_ACCOUNT].value[s - settings] = value;
	return UADM_OK;
}

void
policy_layer_drop(
    struct policy_layers *l, enum policy_layer layer, const struct setting *s)
{
	if (layer >= POLICY_ACCOUNT && layer < POLICY_LAYERS)
		l->above[layer - POLICY_ACCOUNT].set &= ~bit_of(s);
}

struct policy_word
policy_word(const struct policy_layers *l, const struct setting *s)
{
	const int64_t host = policy_get(&l->host, s);
	struct policy_word w = {
		.value = host,
		.from = host == s->shipped ? POLICY_SHIPPED : POLICY_HOST,
		.floor = host,
	};

	for (int layer = POLICY_ACCOUNT; layer < POLICY_LAYERS; layer++) {
		const int64_t value =
		    l->above[layer - POLICY_ACCOUNT].value[s - settings];
		bool own = layer == POLICY_ACCOUNT_OWN || layer == POLICY_ROLE_OWN;

		if ((l->above[layer - POLICY_ACCOUNT].set & bit_of(s)) == 0 ||
		    (own && setting_is_weaker(s, value, w.floor)))
			continue;
		w.value = value;
		w.from = (enum policy_layer)layer;
		if (!own)
			w.floor = value;
	}
	return w;
}

static struct policy
lay_down(const struct policy_layers *l, bool floor)
{
	struct policy p = l->host;
	struct uadm_err ignored;

	for (size_t i = 0; i < setting_count; i++) {
		const struct policy_word w = policy_word(l, &settings[i]);

		if (policy_put(&p, &settings[i], floor ? w.floor : w.value, &ignored) !=
		    UADM_OK)
			continue; /* what the host has, and that was looked at */
	}
	return p;
}

struct policy
policy_laid(const struct policy_layers *l)
{
	return lay_down(l, false);
}

struct policy
policy_floor(const struct policy_layers *l)
{
	return lay_down(l, true);
}
