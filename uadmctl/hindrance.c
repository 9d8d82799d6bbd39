#include "uadmctl/hindrance.h"

#include "uadmctl/when.h"

#include <string.h>

static enum uadm_code
keep_view(void *arg, const struct user_view *v, struct uadm_err *err)
{
	(void)err;
	*(struct user_view *)arg = *v;
	return UADM_OK;
}

bool
hindrance_look(
    struct cli *cli, const char *name, struct user_view *v, struct uadm_err *err)
{
	const struct user_query q = { .name = name };

	return op_users(&cli->uadm, &q, keep_view, v, err) == UADM_OK;
}

void
hindrance_say(const struct user_view *v, const char *status, char *out, size_t size)
{
	char when[TIME_SIZE];
	const struct user *u = &v->row.user;

	if (strcmp(status, "expired") == 0)
		snprintf(out, size, ", but expired since %s",
		    when_said(u->expires_at, when));
	else if (strcmp(status, "inactive") == 0)
		snprintf(out, size, ", but inactive until %s",
		    when_said(u->valid_from, when));
	else
		snprintf(out, size, ", but %s%s%s", status,
		    v->locked_until == 0 ? "" : " until ",
		    v->locked_until == 0 ? "" : when_said(v->locked_until, when));
}
