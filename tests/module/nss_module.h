/*
 * nss_module.h - the module as glibc uses it: loaded with dlopen, asked through its exported
 * functions; and what its answers have to be, the fixture being published.
 */
#ifndef UADM_TESTS_MODULE_NSS_MODULE_H
#define UADM_TESTS_MODULE_NSS_MODULE_H

#include "tests/unit/directory/fixture.h"

#include <dlfcn.h>
#include <errno.h>
#include <grp.h>
#include <nss.h>
#include <pwd.h>

/* Beside the test build's root, which exists once the fixture is locked. */
#define MODULE UADM_TEST_ROOT "/../libnss_uadm.so.2"

static struct {
	enum nss_status (*getpwnam)(
	    const char *, struct passwd *, char *, size_t, int *);
	enum nss_status (*getpwuid)(uid_t, struct passwd *, char *, size_t, int *);
	enum nss_status (*setpwent)(int);
	enum nss_status (*getpwent)(struct passwd *, char *, size_t, int *);
	enum nss_status (*endpwent)(void);
	enum nss_status (*getgrnam)(
	    const char *, struct group *, char *, size_t, int *);
	enum nss_status (*getgrgid)(gid_t, struct group *, char *, size_t, int *);
	enum nss_status (*setgrent)(int);
	enum nss_status (*getgrent)(struct group *, char *, size_t, int *);
	enum nss_status (*endgrent)(void);
	enum nss_status (*initgroups)(
	    const char *, gid_t, long *, long *, gid_t **, long, int *);
} nss;

static const struct {
	const char *name;
	void *where;
} symbols[] = {
	{ "_nss_uadm_getpwnam_r", &nss.getpwnam },
	{ "_nss_uadm_getpwuid_r", &nss.getpwuid },
	{ "_nss_uadm_setpwent", &nss.setpwent },
	{ "_nss_uadm_getpwent_r", &nss.getpwent },
	{ "_nss_uadm_endpwent", &nss.endpwent },
	{ "_nss_uadm_getgrnam_r", &nss.getgrnam },
	{ "_nss_uadm_getgrgid_r", &nss.getgrgid },
	{ "_nss_uadm_setgrent", &nss.setgrent },
	{ "_nss_uadm_getgrent_r", &nss.getgrent },
	{ "_nss_uadm_endgrent", &nss.endgrent },
	{ "_nss_uadm_initgroups_dyn", &nss.initgroups },
};

static inline int
load(void **state)
{
	void *module;

	if (fixture_lock(state) != 0)
		return -1;
	module = dlopen(MODULE, RTLD_NOW);
	if (module == NULL) {
		print_error("%s\n", dlerror());
		return -1;
	}
	for (size_t i = 0; i < ARRAY_LEN(symbols); i++) {
		void *symbol = dlsym(module, symbols[i].name);

		if (symbol == NULL)
			return -1;
		memcpy(symbols[i].where, &symbol, sizeof(symbol));
	}
	return 0;
}

static inline int
clear(void **state)
{
	(void)state;
	fixture_clear();
	return 0;
}

static inline bool
passwd_right(const struct passwd *pw, unsigned user, unsigned version)
{
	char name[32], gecos[64], home[64], shell[32];

	snprintf(name, sizeof(name), "user%u", user);
	snprintf(gecos, sizeof(gecos), "Jörg Nr %u v%u", user, version);
	snprintf(home, sizeof(home), "/home/user%u/v%u", user, version);
	snprintf(shell, sizeof(shell), "/bin/sh%u", version);
	return pw->pw_uid == FIRST_UID + user && pw->pw_gid == pw->pw_uid &&
	    strcmp(pw->pw_name, name) == 0 && strcmp(pw->pw_passwd, "*") == 0 &&
	    strcmp(pw->pw_gecos, gecos) == 0 && strcmp(pw->pw_dir, home) == 0 &&
	    strcmp(pw->pw_shell, shell) == 0;
}

static inline bool
is_member(const struct fixture *f, unsigned user, unsigned group)
{
	for (unsigned k = 0; k < GROUPS_EACH; k++)
		if (fixture_group_of(f, user, k) == group)
			return true;
	return false;
}

static inline bool
group_right(const struct group *gr, const struct fixture *f, unsigned group)
{
	char name[32];
	unsigned listed = 0;

	snprintf(name, sizeof(name), "group-%u", group);
	if (gr->gr_gid != FIRST_GID + group || strcmp(gr->gr_name, name) != 0)
		return false;
	for (unsigned user = 0; user < f->users; user++) {
		if (!is_member(f, user, group))
			continue;
		snprintf(name, sizeof(name), "user%u", user);
		if (gr->gr_mem[listed] == NULL || strcmp(gr->gr_mem[listed], name) != 0)
			return false;
		listed++;
	}
	return gr->gr_mem[listed] == NULL;
}

static inline bool
private_group_right(const struct group *gr, unsigned user)
{
	char name[32];

	snprintf(name, sizeof(name), "user%u", user);
	return gr->gr_gid == FIRST_UID + user && strcmp(gr->gr_name, name) == 0 &&
	    gr->gr_mem[0] == NULL;
}

static char big[1 << 20];

static inline void
check_user(const struct fixture *f, unsigned user)
{
	struct passwd pw;
	struct group gr;
	char name[32];
	int error = 0;

	snprintf(name, sizeof(name), "user%u", user);
	assert_int_equal(
	    nss.getpwnam(name, &pw, big, sizeof(big), &error), NSS_STATUS_SUCCESS);
	assert_true(passwd_right(&pw, user, fixture_version(f, user)));
	assert_int_equal(nss.getpwuid(FIRST_UID + user, &pw, big, sizeof(big), &error),
	    NSS_STATUS_SUCCESS);
	assert_true(passwd_right(&pw, user, fixture_version(f, user)));
	assert_int_equal(
	    nss.getgrnam(name, &gr, big, sizeof(big), &error), NSS_STATUS_SUCCESS);
	assert_true(private_group_right(&gr, user));
	assert_int_equal(nss.getgrgid(FIRST_UID + user, &gr, big, sizeof(big), &error),
	    NSS_STATUS_SUCCESS);
	assert_true(private_group_right(&gr, user));
}

static inline void
check_group(const struct fixture *f, unsigned group)
{
	struct passwd pw;
	struct group gr;
	char name[32];
	int error = 0;

	snprintf(name, sizeof(name), "group-%u", group);
	assert_int_equal(
	    nss.getgrnam(name, &gr, big, sizeof(big), &error), NSS_STATUS_SUCCESS);
	assert_true(group_right(&gr, f, group));
	assert_int_equal(nss.getgrgid(FIRST_GID + group, &gr, big, sizeof(big), &error),
	    NSS_STATUS_SUCCESS);
	assert_true(group_right(&gr, f, group));
	/* A group is no user, whoever asks by its name or gid. */
	assert_int_equal(
	    nss.getpwnam(name, &pw, big, sizeof(big), &error), NSS_STATUS_NOTFOUND);
	assert_int_equal(nss.getpwuid(FIRST_GID + group, &pw, big, sizeof(big), &error),
	    NSS_STATUS_NOTFOUND);
}

static inline void
check_memberships(const struct fixture *f, unsigned user)
{
	long used = 0, size = 1;
	gid_t *list = calloc(1, sizeof(*list));
	char name[32];
	int error;

	snprintf(name, sizeof(name), "user%u", user);
	assert_int_equal(
	    nss.initgroups(name, FIRST_UID + user, &used, &size, &list, 0, &error),
	    NSS_STATUS_SUCCESS);
	assert_int_equal(used, GROUPS_EACH);
	for (long i = 0; i < used; i++) {
		assert_true(is_member(f, user, list[i] - FIRST_GID));
		assert_true(i == 0 || list[i - 1] < list[i]);
	}
	free(list);
}

/* Once each; in the order of the ids, but that a delta comes behind its base. */
static inline void
check_seen(bool *seen, unsigned i, unsigned n, unsigned count, const struct fixture *f)
{
	assert_true(i < count && !seen[i]);
	assert_true(i == n || f->changed > 0);
	seen[i] = true;
}

/* Enumeration gives all there is. */
static inline void
check_enumeration(const struct fixture *f)
{
	CLEANUP(cleanup_free) bool *users = calloc(f->users + 1, sizeof(bool));
	CLEANUP(cleanup_free) bool *groups = calloc(f->users + f->groups, sizeof(bool));
	struct passwd pw;
	struct group gr;
	int error = 0;

	assert_int_equal(nss.setpwent(0), NSS_STATUS_SUCCESS);
	for (unsigned n = 0; n < f->users; n++) {
		assert_int_equal(
		    nss.getpwent(&pw, big, sizeof(big), &error), NSS_STATUS_SUCCESS);
		check_seen(users, pw.pw_uid - FIRST_UID, n, f->users, f);
		assert_true(passwd_right(&pw, pw.pw_uid - FIRST_UID,
		    fixture_version(f, pw.pw_uid - FIRST_UID)));
	}
	for (int again = 0; again < 2; again++) {
		assert_int_equal(
		    nss.getpwent(&pw, big, sizeof(big), &error), NSS_STATUS_NOTFOUND);
		assert_int_equal(error, ENOENT);
	}
	assert_int_equal(nss.endpwent(), NSS_STATUS_SUCCESS);
	assert_int_equal(nss.setgrent(0), NSS_STATUS_SUCCESS);
	for (unsigned n = 0; n < f->users + f->groups; n++) {
		bool plain;

		assert_int_equal(
		    nss.getgrent(&gr, big, sizeof(big), &error), NSS_STATUS_SUCCESS);
		plain = gr.gr_gid >= FIRST_GID;
		check_seen(groups,
		    plain ? gr.gr_gid - FIRST_GID + f->users : gr.gr_gid - FIRST_UID, n,
		    f->users + f->groups, f);
		assert_true(plain ? group_right(&gr, f, gr.gr_gid - FIRST_GID)
				  : private_group_right(&gr, gr.gr_gid - FIRST_UID));
	}
	assert_int_equal(
	    nss.getgrent(&gr, big, sizeof(big), &error), NSS_STATUS_NOTFOUND);
	assert_int_equal(nss.endgrent(), NSS_STATUS_SUCCESS);
}

static inline void
check_everything(const struct fixture *f)
{
	for (unsigned i = 0; i < f->users; i++) {
		check_user(f, i);
		check_memberships(f, i);
	}
	for (unsigned i = 0; i < f->groups; i++)
		check_group(f, i);
	check_enumeration(f);
}

#endif
