#include "libuadm/ops/owners.h"

#include "libuadm/ops/local.h"
#include "libuadm/store/users.h"

#include <string.h>

struct owned {
	char *out;
	size_t used;
};

static enum uadm_code
add(void *arg, const char *name, struct uadm_err *err)
{
	enum { LEFT = UADM_NAME_SIZE + 8 };
	struct owned *o = arg;

	(void)err;
	if (o->used + LEFT < OWNED_TEXT_SIZE)
		o->used += (size_t)snprintf(o->out + o->used, OWNED_TEXT_SIZE - o->used,
		    "%s%s", o->used > 0 ? "," : "", name);
	else if (strstr(o->out, "...") == NULL)
		snprintf(o->out + o->used, OWNED_TEXT_SIZE - o->used, ",...");
	return UADM_OK;
}

enum uadm_code
op_owned_by(
    struct uadm *u, const char *name, char out[OWNED_TEXT_SIZE], struct uadm_err *err)
{
	struct owned o = { .out = out };

	out[0] = '\0';
	return users_each_owned(u->store, name, add, &o, err);
}

bool
owner_is_there(struct uadm *u, const char *owner)
{
	struct uadm_err ignored;
	struct user user;
	const char *source;

	return users_get(u->store, owner, &user, &ignored) == UADM_OK ||
	    host_knows_name(owner, &source);
}
