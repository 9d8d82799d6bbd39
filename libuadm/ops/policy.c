#include "libuadm/ops/policy.h"

#include "libuadm/ops/act.h"

#include "libuadm/base/names.h"
#include "libuadm/store/factors.h"
#include "libuadm/store/policy.h"

#include <string.h>

static enum uadm_code
take(void *arg, const char *key, int64_t value, struct uadm_err *err)
{
	const struct setting *s = setting_find(key);
	char shown[60];

	if (s != NULL)
		return policy_put(arg, s, value, err);
	return uadm_fail(err, UADM_UNAVAILABLE, "the policy has an unknown key: \"%s\"",
	    text_escape(shown, sizeof(shown), key));
}

enum uadm_code
op_policy_load(struct uadm *u, struct policy *p, struct uadm_err *err)
{
	enum uadm_code c;

	*p = policy_shipped();
	if ((c = policy_each(u->store, POLICY_OF_ALL, take, p, err)) == UADM_OK)
		c = policy_check(p, err);
	return c;
}

static enum uadm_code
store_change(struct uadm *u, const struct setting_change *ch, struct uadm_err *err)
{
	const char *key = ch->setting->key;

	return ch->reset || ch->value == ch->setting->shipped
	    ? policy_drop(u->store, POLICY_OF_ALL, key, err)
	    : policy_keep(u->store, POLICY_OF_ALL, key, ch->value, err);
}

/* "deny=3 (was 5) lock-time=0"; `was` is NULL where it cannot be told. */
static void
describe(const struct setting_change *ch, const struct policy *was, char *detail,
    size_t size)
{
	char value[SETTING_SIZE];
	int64_t before = was == NULL ? ch->value : policy_get(was, ch->setting);
	size_t used = strlen(detail);

	snprintf(detail + used, size - used, "%s%s=%s", used == 0 ? "" : " ",
	    ch->setting->key, setting_text(ch->setting, ch->value, value));
	used = strlen(detail);
	if (before != ch->value)
		snprintf(detail + used, size - used, " (was %s)",
		    setting_text(ch->setting, before, value));
}

enum uadm_code
op_policy_set(struct uadm *u, const struct setting_change *changes, size_t count,
    bool *changed, struct uadm_err *err)
{
	struct policy was, is;
	char detail[1024] = "";
	CHANGE ch = { 0 };
	struct uadm_err ignored;
	bool known;
	enum uadm_code c;

	*changed = false;
	if ((c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = act_as_root(u, err)) != UADM_OK)
		return c;
	/* What other hands have written may be the very thing to be mended. */
	known = op_policy_load(u, &was, &ignored) == UADM_OK;
	*changed = !known;
	for (size_t i = 0; i < count; i++) {
		struct setting_change one = changes[i];

		if (one.reset)
			one.value = one.setting->shipped;
		if ((c = store_change(u, &one, err)) != UADM_OK)
			return c;
		/* Who has to have a second factor from now on has time from now on. */
		if (one.setting->offset == offsetof(struct policy, require_factor) &&
		    (!known || one.value > was.require_factor) &&
		    (c = factors_rule_made(
			 u->store, POLICY_OF_ALL, ch.now.wall, err)) != UADM_OK)
			return c;
		describe(&one, known ? &was : NULL, detail, sizeof(detail));
	}
	if ((c = op_policy_load(u, &is, err)) != UADM_OK)
		return c;
	*changed = *changed || memcmp(&was, &is, sizeof(is)) != 0;
	if (!*changed)
		return UADM_OK;
	if ((c = change_commit(&ch, u, "policy.set", NULL, detail, false, err)) !=
	    UADM_OK)
		return c;
	if (!u->dry_run)
		u->policy = is;
	return UADM_OK;
}
