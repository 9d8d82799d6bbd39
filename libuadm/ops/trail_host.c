/*
 * trail_host.c - who wired this host, and who put it back, in the trail of its store.
 *
 * Threat: a host that asks uadm no more and nothing says since when, or by whom. The host comes
 * first all the same: what cannot be written here is told and stops nothing, for `host disable` is
 * what is left when the store is what does not work.
 */
#include "libuadm/ops/trail_host.h"

#include "libuadm/base/paths.h"
#include "libuadm/ops/context.h"

#include <string.h>

static enum uadm_code
note(struct uadm *u, const char *action, struct uadm_err *err)
{
	CHANGE ch = { 0 };
	enum uadm_code c = uadm_open_store(u, err);

	/* With a policy that other hands have broken the store is open all the same. */
	if (u->store == NULL || (c = change_begin(&ch, u, err)) != UADM_OK)
		return c;
	return change_commit(&ch, u, action, NULL, NULL, false, err);
}

enum uadm_code
host_note(const char *action, struct uadm_err *err)
{
	UADM u = { 0 };
	struct uadm_err ignored;

	if (access(UADM_STORE_FILE, F_OK) != 0)
		return UADM_OK;
	/* Where it cannot be read the shipped settings do: none of them matters here. */
	ignored.code = uadm_open_config(&u, NULL, &ignored);
	uadm_actor_name(getpid(), u.actor, sizeof(u.actor));
	return note(&u, action, err);
}
