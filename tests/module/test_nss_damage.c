/*
 * Damaged files (N3): whatever is answered must be true, and not to be answered is allowed.
 */
#include "tests/module/nss_module.h"

enum { FLIP_FILES = 3000 };

/* Whatever is answered must be true; not to be answered is allowed. */
static bool
flip_truth_user(const struct fixture *f, unsigned user)
{
	struct passwd pw;
	struct group gr;
	char name[32];
	int error;

	snprintf(name, sizeof(name), "user%u", user);
	if (nss.getpwnam(name, &pw, big, sizeof(big), &error) == NSS_STATUS_SUCCESS &&
	    !passwd_right(&pw, user, fixture_version(f, user)))
		return false;
	if (nss.getpwuid(FIRST_UID + user, &pw, big, sizeof(big), &error) ==
		NSS_STATUS_SUCCESS &&
	    !passwd_right(&pw, user, fixture_version(f, user)))
		return false;
	return nss.getgrnam(name, &gr, big, sizeof(big), &error) !=
	    NSS_STATUS_SUCCESS ||
	    private_group_right(&gr, user);
}

static bool
flip_truth_groups(const struct fixture *f)
{
	struct group gr;
	int error;

	for (unsigned g = 0; g < f->groups; g++)
		if (nss.getgrgid(FIRST_GID + g, &gr, big, sizeof(big), &error) ==
			NSS_STATUS_SUCCESS &&
		    !group_right(&gr, f, g))
			return false;
	return true;
}

static bool
flip_truth_memberships(const struct fixture *f, unsigned user)
{
	long used = 0, size = 16;
	gid_t *list = calloc((size_t)size, sizeof(*list));
	char name[32];
	bool good = true;
	int error;

	snprintf(name, sizeof(name), "user%u", user);
	if (nss.initgroups(name, 0, &used, &size, &list, 0, &error) ==
	    NSS_STATUS_SUCCESS) {
		good = used == GROUPS_EACH;
		for (long i = 0; i < used; i++)
			good = good && is_member(f, user, list[i] - FIRST_GID);
	}
	free(list);
	return good;
}

static bool
flip_truth_enumeration(const struct fixture *f)
{
	struct passwd pw;
	struct group gr;
	unsigned n = 0;
	int error;

	nss.setpwent(0);
	while (nss.getpwent(&pw, big, sizeof(big), &error) == NSS_STATUS_SUCCESS)
		if (n++ > f->users || pw.pw_uid - FIRST_UID >= f->users ||
		    !passwd_right(&pw, pw.pw_uid - FIRST_UID,
			fixture_version(f, pw.pw_uid - FIRST_UID)))
			return false;
	nss.endpwent();
	n = 0;
	nss.setgrent(0);
	while (nss.getgrent(&gr, big, sizeof(big), &error) == NSS_STATUS_SUCCESS)
		if (n++ > f->users + f->groups ||
		    !(gr.gr_gid >= FIRST_GID
			    ? group_right(&gr, f, gr.gr_gid - FIRST_GID)
			    : private_group_right(&gr, gr.gr_gid - FIRST_UID)))
			return false;
	nss.endgrent();
	return true;
}

/* Bits here and there, or a stretch of rubbish, or a piece cut off. */
static size_t
flip(unsigned char *bytes, size_t size, unsigned n)
{
	size_t flips = n % 3 == 0 ? 1 : n % 3 == 1 ? 1 + n % 64 : 512;
	size_t from = n % 5 == 0 ? 0 : DIRECTORY_BODY_AT;

	if (n % 50 == 49)
		return (size_t)random() % size;
	if (n % 10 == 9) {
		size_t at = (size_t)random() % (size - 64);

		for (size_t i = 0; i < 64; i++)
			bytes[at + i] = (unsigned char)random();
		return size;
	}
	while (flips-- > 0)
		bytes[from + (size_t)random() % (size - from)] ^=
		    (unsigned char)(1u << random() % 8);
	return size;
}

static void
test_N3_three_thousand_damaged_files(void **state)
{
	struct fixture f = { .users = 20, .groups = 8, .version = 1 };
	CLEANUP(cleanup_free) unsigned char *whole = NULL;
	CLEANUP(cleanup_free) unsigned char *bytes = NULL;
	unsigned seed = (unsigned)time(NULL);
	size_t size;

	(void)state;
	fixture_publish(&f);
	whole = fixture_read(&size);
	bytes = malloc(size);
	srandom(seed);
	for (unsigned n = 0; n < FLIP_FILES; n++) {
		bool good = true;
		size_t left;

		memcpy(bytes, whole, size);
		left = flip(bytes, size, n);
		fixture_put(bytes, left, true);
		for (unsigned user = 0; user < f.users; user++)
			good = good && flip_truth_user(&f, user) &&
			    flip_truth_memberships(&f, user);
		if (!good || !flip_truth_groups(&f) || !flip_truth_enumeration(&f))
			fail_msg("a wrong answer: srandom(%u), file %u", seed, n);
	}
	/* The last publish repairs it all. */
	f.version = 2;
	fixture_publish(&f);
	check_everything(&f);
}

/* Nobody who is gone comes back out of the base. */
static bool
flip_truth_gone(unsigned user)
{
	struct passwd pw;
	char name[32];
	int error;

	snprintf(name, sizeof(name), "user%u", user);
	return nss.getpwnam(name, &pw, big, sizeof(big), &error) !=
	    NSS_STATUS_SUCCESS &&
	    nss.getpwuid(FIRST_UID + user, &pw, big, sizeof(big), &error) !=
	    NSS_STATUS_SUCCESS;
}

static bool
flip_truth(const struct fixture *f)
{
	for (unsigned user = 0; user < f->users; user++)
		if (!flip_truth_user(f, user) || !flip_truth_memberships(f, user))
			return false;
	return flip_truth_groups(f) && flip_truth_enumeration(f);
}

/* Now the one, now the other; what the base had before is as wrong as any wrong answer. */
static void
test_N3_three_thousand_damaged_deltas_and_bases(void **state)
{
	struct fixture base = { .users = 30, .groups = 8, .version = 1 };
	struct fixture now = {
		.users = 25, .groups = 8, .version = 1, .changed = 10, .newer = 2
	};
	CLEANUP(cleanup_free) unsigned char *bytes = NULL;
	unsigned char *whole[2];
	const char *path[2] = { UADM_DIRECTORY_FILE };
	unsigned seed = (unsigned)time(NULL);
	size_t size[2];

	(void)state;
	fixture_publish(&base);
	fixture_delta(&base, &now, 2);
	path[1] = fixture_base_path();
	for (int i = 0; i < 2; i++)
		whole[i] = fixture_read_file(path[i], &size[i]);
	bytes = malloc(size[0] + size[1]);
	srandom(seed);
	for (unsigned n = 0; n < FLIP_FILES; n++) {
		int which = n / 7 % 2;
		size_t left;
		bool good;

		memcpy(bytes, whole[which], size[which]);
		left = flip(bytes, size[which], n);
		fixture_put_file(path[which], bytes, left, true);
		good = flip_truth(&now);
		for (unsigned user = now.users; user < base.users; user++)
			good = good && flip_truth_gone(user);
		if (!good)
			fail_msg("a wrong answer: srandom(%u), file %u", seed, n);
		fixture_put_file(path[which], whole[which], size[which], true);
	}
	check_everything(&now);
	for (int i = 0; i < 2; i++)
		free(whole[i]);
}

/* As if nobody were in any bucket, without the checksums that prove it. */
static void
empty_buckets(void)
{
	CLEANUP(cleanup_free) unsigned char *bytes = NULL;
	const struct directory_header *h;
	struct directory_bucket *b;
	size_t size;

	bytes = fixture_read(&size);
	h = (const void *)bytes;
	b = (void *)(bytes + DIRECTORY_BODY_AT);
	for (uint32_t i = 0; i < 2 * h->buckets; i++) {
		/* One that was empty would be right to say so. */
		b[i].more += b[i].used == 0;
		b[i].used = 0;
	}
	fixture_put(bytes, size, true);
}

/* That the delta says nothing of somebody is told by its bucket: a base is not asked without. */
static void
test_N3_base_is_asked_only_on_proof(void **state)
{
	struct fixture base = { .users = 20, .groups = 8, .version = 1 }, now = base;
	struct passwd pw;

	(void)state;
	now.changed = now.newer = 10;
	fixture_publish(&base);
	fixture_delta(&base, &now, 2);
	empty_buckets();
	for (unsigned user = 0; user < base.users; user++) {
		char name[32];
		int error = 0;

		snprintf(name, sizeof(name), "user%u", user);
		assert_int_equal(nss.getpwnam(name, &pw, big, sizeof(big), &error),
		    NSS_STATUS_UNAVAIL);
		assert_int_equal(
		    nss.getpwuid(FIRST_UID + user, &pw, big, sizeof(big), &error),
		    NSS_STATUS_UNAVAIL);
	}
}

static void
test_N3_missing_entry_is_told_only_on_proof(void **state)
{
	struct fixture f = { .users = 20, .groups = 8, .version = 1 };
	struct passwd pw;

	(void)state;
	fixture_publish(&f);
	empty_buckets();
	for (unsigned user = 0; user < f.users; user++) {
		char name[32];
		int error = 0;

		snprintf(name, sizeof(name), "user%u", user);
		assert_int_equal(nss.getpwnam(name, &pw, big, sizeof(big), &error),
		    NSS_STATUS_UNAVAIL);
		assert_int_equal(error, EAGAIN);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_N3_three_thousand_damaged_files, clear),
		cmocka_unit_test_setup(
		    test_N3_three_thousand_damaged_deltas_and_bases, clear),
		cmocka_unit_test_setup(test_N3_base_is_asked_only_on_proof, clear),
		cmocka_unit_test_setup(
		    test_N3_missing_entry_is_told_only_on_proof, clear),
	};

	return cmocka_run_group_tests(tests, load, NULL);
}
