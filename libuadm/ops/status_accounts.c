/*
 * status_accounts.c - of host status: is there somebody in each account who can look after it?
 */
#include "libuadm/ops/guard.h"
#include "libuadm/ops/status_parts.h"

#include <string.h>

struct naming {
	char names[300];
	int64_t count;
};

/* As many as fit; one that is suspended needs nobody. */
static enum uadm_code
keep(void *arg, const struct account *a, struct uadm_err *err)
{
	struct naming *n = arg;
	size_t used = strlen(n->names);

	(void)err;
	if (a->suspended_at != 0)
		return UADM_OK;
	n->count++;
	if (used + strlen(a->name) + sizeof(", ...") + 2 < sizeof(n->names))
		snprintf(n->names + used, sizeof(n->names) - used, "%s%s",
		    used > 0 ? ", " : "", a->name);
	else if (strstr(n->names, "...") == NULL)
		snprintf(n->names + used, sizeof(n->names) - used, ", ...");
	return UADM_OK;
}

void
status_accounts(struct telling *t, struct uadm *u)
{
	struct naming n = { .names = "" };
	struct uadm_err err = { 0 };
	struct clock_now now;

	if (u->store == NULL)
		return;
	clock_read(&now);
	if (guard_each_unable(u, now.wall, keep, &n, &err) != UADM_OK)
		tell_finding(t, FINDING_WARN, "accounts", err.hint, "%s", err.msg);
	else if (n.count > 0)
		tell_finding(t, FINDING_WARN, "accounts",
		    "uadmctl member role ACCOUNT USER --role administrator, or member add, of "
		    "somebody who can log in",
		    "%lld account%s without an able administrator: %s",
		    (long long)n.count, n.count == 1 ? "" : "s", n.names);
}
