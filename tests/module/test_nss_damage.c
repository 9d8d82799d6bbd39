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
	    !passwd_right(&pw, user, f->version))
		return false;
	if (nss.getpwuid(FIRST_UID + user, &pw, big, sizeof(big), &error) ==
		NSS_STATUS_SUCCESS &&
	    !passwd_right(&pw, user, f->version))
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
		if (n++ > f->users ||
		    !passwd_right(&pw, pw.pw_uid - FIRST_UID, f->version))
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

static void
test_N3_missing_entry_is_told_only_on_proof(void **state)
{
	struct fixture f = { .users = 20, .groups = 8, .version = 1 };
	CLEANUP(cleanup_free) unsigned char *bytes = NULL;
	struct directory_bucket *b;
	const struct directory_header *h;
	struct passwd pw;
	size_t size;

	(void)state;
	fixture_publish(&f);
	bytes = fixture_read(&size);
	h = (const void *)bytes;
	b = (void *)(bytes + DIRECTORY_BODY_AT);
	for (uint32_t i = 0; i < h->buckets; i++)
		b[i].used = 0;
	fixture_put(bytes, size, true);
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
		    test_N3_missing_entry_is_told_only_on_proof, clear),
	};

	return cmocka_run_group_tests(tests, load, NULL);
}
