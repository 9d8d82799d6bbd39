/* proving.h - a host with one user, and guesses at that user's password. */
#ifndef UADM_TESTS_UNIT_OPS_PROVING_H
#define UADM_TESTS_UNIT_OPS_PROVING_H

#include "tests/unit/ops/host.h"

#define NAME "zq-alice"

/* ... and a steady clock that has been recorded, for raw SQL to reckon from. */
static inline int
one_user(void **state)
{
	struct clock_now now;
	struct uadm_err err;
	int64_t steady;
	UADM u = { 0 };

	empty_host(state);
	open_host(&u);
	add_person(&u, NAME, PASSWORD);
	clock_read(&now);
	CHECK_OK(store_steady_keep(u.store, &now, &steady, &err));
	return 0;
}

/* One try. `from`: "" = a console, "uid:N" = a local user, else a remote host. */
static inline struct proof
prove_as(struct uadm *u, const char *name, const char *password, const char *from,
    bool final)
{
	struct login_request r = { .service = "test", .host = { 4242, 7, 4241 } };
	enum login_whose whose;
	struct user user;
	struct proof p;
	SECRET pw = { 0 };
	struct uadm_err err;

	snprintf(r.name, sizeof(r.name), "%s", name);
	if (strncmp(from, "uid:", 4) == 0)
		r.real_uid = (uid_t)atoi(from + 4);
	else
		snprintf(r.rhost, sizeof(r.rhost), "%s", from);
	CHECK_OK(op_login_whose(u, name, &whose, &user, &err));
	fill_secret(&pw, password);
	CHECK_OK(op_login_prove(
	    u, &r, whose == LOGIN_OURS ? &user : NULL, &pw, final, &p, &err));
	return p;
}

static inline struct proof
prove(struct uadm *u, const char *password, const char *from)
{
	return prove_as(u, NAME, password, from, true);
}

static inline int64_t
failures(void)
{
	return raw_int("SELECT count(*) FROM attempt");
}

static inline int64_t
strangers_failures(void)
{
	return raw_int("SELECT count(*) FROM attempt WHERE uid >= 1 << 31");
}

static inline int64_t
locks(void)
{
	return raw_int("SELECT count(*) FROM lockout");
}

static inline int64_t
dummy_writes(void)
{
	return raw_int("SELECT sum(attempts) FROM bucket");
}

#endif
