/* The parts of host enable that need no host: snapshot, diff, lines made harmless, refusals. */
#include "libuadm/ops/host_files.h"

#include "libuadm/base/files.h"
#include "libuadm/base/paths.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static int
host_dir(void)
{
	struct uadm_err err;
	int dir = -1;

	assert_int_equal(
	    files_make_dir(UADM_HOST_DIR, 0700, UADM_TRUSTED_UID, &dir, &err), UADM_OK);
	return dir;
}

static void
fill(struct host_text *t, const char *text, mode_t mode)
{
	t->text = strdup(text);
	t->mode = mode;
	t->uid = 1;
	t->gid = 2;
}

static void
test_snapshot_round_trip(void **state)
{
	CLEANUP(host_snapshot_wipe) struct host_snapshot out = { 0 };
	CLEANUP(host_snapshot_wipe) struct host_snapshot in = { 0 };
	CLEANUP(host_snapshot_wipe) struct host_snapshot none = { 0 };
	CLEANUP(cleanup_fd) int dir = host_dir();
	struct uadm_err err;

	(void)state;
	/* an empty file, and one that looks like a line of the snapshot itself */
	fill(&out.before.at[0], "", 0600);
	fill(&out.after.at[0], "1 0644 0 0 5 /etc/passwd\nx\n", 0644);
	fill(&out.before.at[HOST_FILES_MAX - 1], "no newline at the end", 0640);
	assert_int_equal(host_snapshot_write(dir, &out, &err), UADM_OK);
	assert_int_equal(host_snapshot_read(&in, &err), UADM_OK);
	for (size_t i = 0; i < HOST_FILES_MAX; i++) {
		assert_true(host_text_equal(&in.before.at[i], &out.before.at[i]));
		assert_true(host_text_equal(&in.after.at[i], &out.after.at[i]));
	}
	assert_int_equal(host_snapshot_drop(dir, false, &err), UADM_OK);
	assert_int_equal(host_snapshot_drop(dir, false, &err), UADM_OK);
	assert_int_equal(host_snapshot_read(&none, &err), UADM_NOT_FOUND);
}

/* Cut anywhere or with any byte flipped: read as damaged or as something, never beyond. */
static void
test_snapshot_damaged(void **state)
{
	CLEANUP(host_snapshot_wipe) struct host_snapshot out = { 0 };
	CLEANUP(cleanup_fd) int dir = host_dir();
	CLEANUP(cleanup_free) char *good = NULL;
	struct uadm_err err;
	size_t size;
	int fd = -1;

	(void)state;
	fill(&out.before.at[3], "some text\n", 0644);
	assert_int_equal(host_snapshot_write(dir, &out, &err), UADM_OK);
	assert_int_equal(files_open(dir, "snapshot", O_RDONLY, 0600, UADM_TRUSTED_UID,
			     "snapshot", &fd, &err),
	    UADM_OK);
	assert_int_equal(
	    files_read(fd, 65536, "snapshot", &good, &size, &err), UADM_OK);
	close(fd);
	for (size_t i = 0; i < size; i += 7) {
		CLEANUP(host_snapshot_wipe) struct host_snapshot cut = { 0 };
		CLEANUP(host_snapshot_wipe) struct host_snapshot flipped = { 0 };
		enum uadm_code c;

		assert_int_equal(
		    files_replace(dir, "snapshot", good, i, 0600, "snapshot", &err),
		    UADM_OK);
		assert_int_equal(host_snapshot_read(&cut, &err), UADM_UNAVAILABLE);
		good[i] ^= 0x15;
		assert_int_equal(
		    files_replace(dir, "snapshot", good, size, 0600, "snapshot", &err),
		    UADM_OK);
		c = host_snapshot_read(&flipped, &err);
		assert_true(c == UADM_OK || c == UADM_UNAVAILABLE);
		good[i] ^= 0x15;
	}
	assert_int_equal(host_snapshot_drop(dir, false, &err), UADM_OK);
}

static const struct {
	const char *label, *a, *b, *want;
} diffs[] = {
	{ "equal", "a\nb\n", "a\nb\n", "" },
	{ "one line", "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nX\n6\n7\n8\n9\n",
	    "--- /f\n+++ /f\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+X\n 6\n 7\n 8\n" },
	{ "added at the end", "a\n", "a\nb\n",
	    "--- /f\n+++ /f\n@@ -1,1 +1,2 @@\n a\n+b\n" },
	{ "new file", NULL, "a\n", "--- /dev/null\n+++ /f\n@@ -0,0 +1,1 @@\n+a\n" },
	{ "file gone", "a\n", NULL, "--- /f\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-a\n" },
	{ "newline at the end", "a", "a\n",
	    "--- /f\n+++ /f\n@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+a\n" },
	{ "repeated lines", "x\nx\n", "x\nx\nx\n",
	    "--- /f\n+++ /f\n@@ -1,2 +1,3 @@\n x\n x\n+x\n" },
};

static void
test_diff(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(diffs); i++) {
		CLEANUP(cleanup_free)
		char *got = host_diff("/f", diffs[i].a, diffs[i].b);

		print_message("%s\n", diffs[i].label);
		assert_string_equal(got, diffs[i].want);
	}
}

static void
test_neutralise(void **state)
{
	static const char before[] =
	    "# pam_uadm.so in a comment\n"
	    "auth required pam_env.so\n"
	    "auth\t[success=1 default=ignore]\tpam_localuser.so \n"
	    "auth\t[success=2 default=die]\tpam_uadm.so try_first_pass # note\n"
	    "auth [success=1 default=ignore] pam_unix.so\n"
	    "auth sufficient pam_localuser.so\n"
	    "-auth required pam_uadm.so";
	static const char after[] =
	    "# pam_uadm.so in a comment\n"
	    "auth required pam_env.so\n"
	    "auth\t[default=ignore]\tpam_permit.so # was uadm's\n"
	    "auth\t[default=ignore]\tpam_permit.so # was uadm's\n"
	    "auth [success=1 default=ignore] pam_unix.so\n"
	    "auth sufficient pam_localuser.so\n"
	    "-auth\t[default=ignore]\tpam_permit.so # was uadm's";
	CLEANUP(cleanup_free) char *got = host_pam_neutralise(before, HOST_STRAYS_ALL);
	CLEANUP(cleanup_free)
	char *same = host_pam_neutralise("auth x pam_y.so\n", HOST_STRAYS_ALL);
	CLEANUP(cleanup_free) char *empty = host_pam_neutralise("", HOST_STRAYS_ALL);

	(void)state;
	assert_string_equal(got, after);
	assert_string_equal(same, "auth x pam_y.so\n");
	assert_string_equal(empty, "");
}

#define JUMP "account\t[success=1 default=ignore]\tpam_localuser.so\n"
#define DEAD "account\t[default=ignore]\tpam_permit.so # was uadm's\n"

/* A jump over a line that is gone. */
static void
test_strays(void **state)
{
	static const struct {
		const char *label, *text;
		size_t last, all;
		const char *cleaned; /* of them all; NULL: as it was */
	} cases[] = {
		{ "none", "account required pam_unix.so\n", 0, 0, NULL },
		{ "last line", "account required pam_x.so\n" JUMP "# end\n", 1, 1,
		    "account required pam_x.so\n" DEAD "# end\n" },
		{ "ours commented out", JUMP "# account required pam_uadm.so\n", 1, 1,
		    DEAD "# account required pam_uadm.so\n" },
		{ "in the middle", JUMP "account required pam_x.so\n", 0, 1,
		    DEAD "account required pam_x.so\n" },
		{ "ours behind it", JUMP "account required pam_uadm.so\n", 0, 0,
		    DEAD DEAD },
		{ "another control", "account sufficient pam_localuser.so\n", 0, 0,
		    NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(cleanup_free)
		char *got = host_pam_neutralise(cases[i].text, HOST_STRAYS_ALL);

		print_message("%s\n", cases[i].label);
		assert_int_equal(host_pam_strays(cases[i].text, false), cases[i].last);
		assert_int_equal(host_pam_strays(cases[i].text, true), cases[i].all);
		assert_string_equal(
		    got, cases[i].cleaned == NULL ? cases[i].text : cases[i].cleaned);
	}
}

static void
test_drop(void **state)
{
	CLEANUP(cleanup_free)
	char *got = host_pam_drop("# a\n  " JUMP "  account x pam_uadm.so y\n"
				  "account z pam_z.so\n" JUMP);
	CLEANUP(cleanup_free) char *same = host_pam_drop("# pam_uadm.so\n\nx y z");

	(void)state;
	assert_string_equal(got, "# a\naccount z pam_z.so\n");
	assert_string_equal(same, "# pam_uadm.so\n\nx y z");
}

/* Whose a jump in the middle is: by what enable is known to have done there. */
static void
test_strays_known(void **state)
{
	enum { STATE = 1, CONFIG = 2 };
	CLEANUP(host_set_wipe) struct host_set now = { 0 };
	CLEANUP(host_snapshot_wipe) struct host_snapshot s = { 0 };

	(void)state;
	assert_int_equal(host_strays_known(&now, NULL, CONFIG), HOST_STRAYS_NONE);
	fill(&now.at[CONFIG], JUMP "account required pam_x.so\n", 0644);
	assert_int_equal(host_strays_known(&now, NULL, CONFIG), HOST_STRAYS_LAST);
	assert_int_equal(host_strays_in(&now, NULL, CONFIG), 0);
	fill(&s.before.at[CONFIG], "account required pam_x.so\n", 0644);
	assert_int_equal(host_strays_in(&now, &s, CONFIG), 1);
	free(s.before.at[CONFIG].text);
	/* an administrator had it before us */
	fill(&s.before.at[CONFIG], JUMP "account required pam_x.so\n", 0644);
	assert_int_equal(host_strays_in(&now, &s, CONFIG), 0);
	fill(&now.at[STATE], "Module: pam_uadm.so\n", 0644);
	assert_int_equal(host_strays_in(&now, &s, CONFIG), 1);
	free(now.at[CONFIG].text);
	fill(&now.at[CONFIG], JUMP "account required pam_uadm.so\n" JUMP, 0644);
	assert_int_equal(host_strays_known(&now, &s, CONFIG), HOST_STRAYS_NONE);
}

static void
test_wired(void **state)
{
	const struct host_file pam = { .kind = HOST_PAM_CONFIG };
	struct host_text t = { 0 };
	static const struct {
		const char *text;
		bool want;
	} texts[] = {
		{ "auth required pam_uadm.so\n", true },
		{ "# pam_uadm.so\nauth required pam_uadm.so", true },
		{ "auth required pam_unix.so # pam_uadm.so\n", false },
		{ "#auth required pam_uadm.so\n\n", false },
		{ "", false },
	};

	(void)state;
	assert_false(host_text_is_wired(&pam, &t, true));
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		t.text = strdup(texts[i].text);
		assert_int_equal(host_text_is_wired(&pam, &t, true), texts[i].want);
		free(t.text);
	}
}

static void
test_one_at_a_time(void **state)
{
	CLEANUP(cleanup_fd) int first = -1;
	struct uadm_err err;
	int second = -1;

	(void)state;
	assert_int_equal(host_dir_lock(&first, &err), UADM_OK);
	assert_int_equal(host_dir_lock(&second, &err), UADM_BUSY);
	close(second);
}

static void
test_report(void **state)
{
	struct host_report report = { 0 };

	(void)state;
	for (unsigned i = 0; i < HOST_FILES_MAX + 3; i++)
		host_report_add(&report, i % HOST_FILES_MAX, HOST_WIRED, "a", "b");
	assert_int_equal(report.count, HOST_FILES_MAX);
	host_report_advise(&report, "one %d", 1);
	host_report_advise(&report, "two");
	assert_string_equal(report.advice, "one 1\ntwo");
	host_report_wipe(&report);
	host_report_wipe(&report);
	assert_null(report.advice);
	assert_string_equal(host_what_name(HOST_CLEANED), "cleaned");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_snapshot_round_trip),
		cmocka_unit_test(test_snapshot_damaged),
		cmocka_unit_test(test_diff),
		cmocka_unit_test(test_neutralise),
		cmocka_unit_test(test_strays),
		cmocka_unit_test(test_drop),
		cmocka_unit_test(test_strays_known),
		cmocka_unit_test(test_wired),
		cmocka_unit_test(test_one_at_a_time),
		cmocka_unit_test(test_report),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
