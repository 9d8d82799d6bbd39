/*
 * ids.c - a number for somebody new, free in the store and on this host.
 */
#include "libuadm/ops/ids.h"

#include "libuadm/ops/local.h"

/* The next number in the range that no other source of this host uses. */
static enum uadm_code
choose_id(struct uadm *u, enum number_kind kind, id_t *id, struct uadm_err *err)
{
	int64_t least = kind == NUMBER_USER ? u->config.uid_min : u->config.gid_min;
	int64_t most = kind == NUMBER_USER ? u->config.uid_max : u->config.gid_max;
	int64_t next = 0, from = least;
	const char *source;
	enum uadm_code c;

	do {
		if ((c = numbers_next(u->store, from, most, &next, err)) != UADM_OK)
			return c;
		from = next + 1;
	} while (host_knows_id((id_t)next, &source) && from <= most);
	if (from > most && host_knows_id((id_t)next, &source))
		return uadm_fail(err, UADM_UNAVAILABLE,
		    "no number from %lld to %lld is free on this host",
		    (long long)least, (long long)most);
	*id = (id_t)next;
	return UADM_OK;
}

enum uadm_code
take_id(struct uadm *u, enum number_kind kind, const char *what, id_t *id,
    struct uadm_err *err)
{
	int64_t least = kind == NUMBER_USER ? u->config.uid_min : u->config.gid_min;
	int64_t most = kind == NUMBER_USER ? u->config.uid_max : u->config.gid_max;
	const char *source;
	enum uadm_code c;

	if (*id == 0)
		return choose_id(u, kind, id, err);
	if (*id < least || *id > most) {
		uadm_fail(err, UADM_INVALID,
		    "%s %lld is outside of the range %lld-%lld", what, (long long)*id,
		    (long long)least, (long long)most);
		return uadm_hint(err, "the range is in [ids] of uadm.conf");
	}
	/* What is in the store is found on the host as well: ask the store first. */
	if ((c = number_is_free(u->store, *id, err)) != UADM_OK)
		return c;
	if (host_knows_id(*id, &source))
		return uadm_fail(err, UADM_EXISTS,
		    "%s %lld belongs to a %s of this host already", what,
		    (long long)*id, source);
	return UADM_OK;
}
