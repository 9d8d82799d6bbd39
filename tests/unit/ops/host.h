/* host.h - a configured host in the test root with an empty store, for the use cases. */
#ifndef UADM_TESTS_UNIT_OPS_HOST_H
#define UADM_TESTS_UNIT_OPS_HOST_H

#include "libuadm/ops/login.h"
#include "libuadm/ops/users.h"
#include "libuadm/store/audit.h"
#include "tests/unit/store/stores.h"

#define CONF     UADM_ROOT "/etc/uadm/uadm.conf"
#define SLOW     UADM_ROOT "/etc/uadm/slow.conf"
#define SECRET   CLEANUP(secret_wipe) struct secret
#define PASSWORD "Correct-Horse-1"

/* Ids and names that no host has, the cheapest hashes, and homes that hurt nobody. */
#define CONF_REST                                                                      \
	"memlimit = 8388608\n[ids]\nuid-min = 1900000000\nuid-max = 1900000009\n"      \
	"gid-min = 1800000000\ngid-max = 1800000009\n[home]\nbase = " UADM_ROOT        \
	"/home\nskel = " UADM_ROOT "/etc/skel\n"

static inline void
open_host(struct uadm *u)
{
	struct uadm_err err;

	CHECK_OK(uadm_open(u, CONF, &err));
}

static inline int
empty_host(void **state)
{
	struct uadm_err err;
	UADM u = { 0 };
	bool made;

	(void)state;
	root_clean();
	root_dir("/etc/uadm", 0755);
	root_dir("/home", 0755);
	root_text("/etc/uadm/uadm.conf", "[hash]\nopslimit = 1\n" CONF_REST);
	root_text("/etc/uadm/slow.conf", "[hash]\nopslimit = 20\n" CONF_REST);
	CHECK_OK(uadm_open_config(&u, CONF, &err));
	CHECK_OK(op_store_init(&u, &made, &err));
	assert_true(made);
	return 0;
}

static inline void
fill_secret(struct secret *s, const char *text)
{
	struct uadm_err err;

	if (s->text == NULL)
		CHECK_OK(secret_new(s, &err));
	CHECK_OK(secret_set(s, text, strlen(text), &err));
}

/* `password` NULL: none. */
static inline struct user
add_person(struct uadm *u, const char *name, const char *password)
{
	SECRET pw = { 0 };
	struct user_addition add = { .password = NULL };
	struct uadm_err err;

	snprintf(add.user.name, sizeof(add.user.name), "%s", name);
	if (password != NULL) {
		fill_secret(&pw, password);
		add.password = &pw;
	}
	CHECK_OK(op_user_add(u, &add, &err));
	return add.user;
}

#endif
