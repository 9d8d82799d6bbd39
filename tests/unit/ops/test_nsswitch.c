/* nsswitch.conf with and without us: to the byte. */
#include "libuadm/ops/nsswitch.h"

#include "libuadm/base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define MARK " # by uadm"

static const struct {
	const char *label, *before, *after;
} cases[] = {
	{ "debian", "passwd:         files systemd\ngroup:          files systemd\n",
	    "passwd:         files uadm systemd\ngroup:          files uadm systemd\n" },
	{ "comments, other lines and order stay",
	    "# passwd: files\n\nhosts: files dns # x\n\tgroup:\tcompat  # why\npasswd: files\n",
	    "# passwd: files\n\nhosts: files dns # x\n\tgroup:\tcompat uadm  # why\npasswd: files uadm\n" },
	{ "actions stay with files",
	    "passwd: files [NOTFOUND=return] sss\ngroup: files[SUCCESS=merge] [UNAVAIL=continue]  systemd\n",
	    "passwd: files [NOTFOUND=return] uadm sss\ngroup: files[SUCCESS=merge] [UNAVAIL=continue] uadm  systemd\n" },
	{ "behind files, wherever it stands",
	    "passwd: db files ldap\ngroup: sss [SUCCESS=merge] files\n",
	    "passwd: db files uadm ldap\ngroup: sss [SUCCESS=merge] files uadm\n" },
	{ "neither files nor compat: last", "passwd: sss\ngroup: sss ldap#c\n",
	    "passwd: sss uadm\ngroup: sss ldap uadm#c\n" },
	{ "initgroups when there",
	    "passwd: files\ngroup: files\ninitgroups: files sss\n",
	    "passwd: files uadm\ngroup: files uadm\ninitgroups: files uadm sss\n" },
	{ "no colon, no blank", "passwd files\ngroup:files systemd\n",
	    "passwd files uadm\ngroup:files uadm systemd\n" },
	{ "empty list", "passwd: \ngroup: \n", "passwd: uadm\ngroup: uadm\n" },
	{ "no newline at the end", "group: files\npasswd: files",
	    "group: files uadm\npasswd: files uadm" },
	{ "lines missing", "hosts: files\n",
	    "hosts: files\npasswd: files uadm" MARK "\ngroup: files uadm" MARK "\n" },
	{ "lines missing, no newline", "group: files\nhosts: files",
	    "group: files uadm\nhosts: files\npasswd: files uadm" MARK },
	{ "empty file", "", "passwd: files uadm" MARK "\ngroup: files uadm" MARK "\n" },
	{ "words that only look like it",
	    "passwd: files uadmx xuadm\ngroup: filesx # uadm\npasswdx: files\n",
	    "passwd: files uadm uadmx xuadm\ngroup: filesx uadm # uadm\npasswdx: files\n" },
	{ "every line of a database",
	    "passwd: files\npasswd: files sss\ngroup: files\n",
	    "passwd: files uadm\npasswd: files uadm sss\ngroup: files uadm\n" },
	{ "a bracket left open", "passwd: files [NOTFOUND=return\ngroup: files\n",
	    "passwd: files [NOTFOUND=return uadm\ngroup: files uadm\n" },
	{ "carriage returns", "passwd: files\r\ngroup: files\r\n",
	    "passwd: files uadm\r\ngroup: files uadm\r\n" },
};

static void
test_add_and_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(cleanup_free) char *added = nsswitch_add(cases[i].before);
		CLEANUP(cleanup_free) char *again = nsswitch_add(cases[i].after);
		CLEANUP(cleanup_free) char *back = nsswitch_remove(cases[i].after);

		print_message("%s\n", cases[i].label);
		assert_string_equal(added, cases[i].after);
		if (strstr(cases[i].label, "left open") == NULL) {
			assert_string_equal(again, cases[i].after);
			assert_string_equal(back, cases[i].before);
			assert_true(nsswitch_has_all(cases[i].after));
		}
		assert_false(nsswitch_has_any(cases[i].before));
	}
}

static const struct {
	const char *before, *after;
} removals[] = {
	{ "passwd: files uadm [NOTFOUND=return] sss\n", "passwd: files sss\n" },
	{ "passwd: uadm files\n", "passwd: files\n" },
	{ "passwd:uadm files\n", "passwd:files\n" },
	{ "group: files uadm sss uadm # uadm\n", "group: files sss # uadm\n" },
	{ "hosts: files uadm\n", "hosts: files uadm\n" },
	{ "passwd: files uadm # by uadm, kept by me\n",
	    "passwd: files # by uadm, kept by me\n" },
};

static void
test_remove_what_people_made(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(removals); i++) {
		CLEANUP(cleanup_free) char *back = nsswitch_remove(removals[i].before);

		assert_string_equal(back, removals[i].after);
	}
}

/* Who uadm alone has, and who files alone has: where is one not found? */
static void
test_loses(void **state)
{
	static const struct {
		const char *text, *ours, *local;
	} lines[] = {
		{ "passwd: files uadm sss [NOTFOUND=return]\n", NULL, NULL },
		{ "passwd: files uadm [NOTFOUND=return] sss\n", NULL, NULL },
		{ "passwd: uadm files\n", NULL, NULL },
		{ "group: files [SUCCESS=merge] uadm\n", NULL, NULL },
		{ "group: files [SUCCESS=merge] uadm [SUCCESS=merge] sss\n", NULL,
		    NULL },
		{ "passwd: files [!NOTFOUND=return] uadm\n", NULL, NULL },
		{ "passwd: files [NOTFOUND=continue UNAVAIL=return] uadm\n", NULL,
		    NULL },
		{ "initgroups: files [SUCCESS=continue] uadm\n", NULL, NULL },
		{ "hosts: files [NOTFOUND=return] dns\n", NULL, NULL },
		{ "passwd: files sss\n", "passwd", NULL },
		{ "passwd: uadm sss\n", NULL, "passwd" },
		{ "group: files [NotFound=Return] uadm\n", "group", NULL },
		{ "group: files[NOTFOUND=return] uadm\n", "group", NULL },
		{ "passwd: files [!SUCCESS=return] uadm\n", "passwd", NULL },
		{ "initgroups: files [NOTFOUND=return] uadm\n", "initgroups", NULL },
		{ "passwd: uadm [NOTFOUND=return] files\n", NULL, "passwd" },
		{ "passwd: files [SUCCESS=continue] uadm\n", NULL, "passwd" },
		{ "passwd: files uadm [SUCCESS=continue] sss\n", "passwd", NULL },
		/* What glibc does not take it reads as files alone; the rest does not matter. */
		{ "passwd: files [NOTFOUND=foo] uadm\n", "passwd", "passwd" },
		{ "passwd: files [FOO=return] uadm\n", "passwd", "passwd" },
		{ "passwd: files [NOTFOUND] uadm\n", "passwd", "passwd" },
		{ "passwd: files [NOTFOUND=return uadm\n", "passwd", "passwd" },
		{ "passwd: files uadm [SUCCESS=merge]\n", "passwd", NULL },
		{ "passwd: db [UNAVAIL=continue] [ NOTFOUND = return ] files uadm\n",
		    "passwd", "passwd" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		const char *ours = nsswitch_loses(lines[i].text, "uadm");
		const char *local = nsswitch_loses(lines[i].text, "files");

		print_message("%s", lines[i].text);
		assert_string_equal(ours == NULL ? "" : ours,
		    lines[i].ours == NULL ? "" : lines[i].ours);
		assert_string_equal(local == NULL ? "" : local,
		    lines[i].local == NULL ? "" : lines[i].local);
	}
}

static void
test_lacks(void **state)
{
	static const struct {
		const char *text, *lacks, *before;
	} texts[] = {
		{ "passwd: files uadm\ngroup: files uadm\n", "", NULL },
		{ "", "passwd and group", NULL },
		{ "passwd: files\ngroup: files uadm\n", "passwd", NULL },
		{ "passwd: files uadm\ngroup: files uadm\ninitgroups: files\n",
		    "initgroups", NULL },
		{ "passwd: files uadm\ngroup: uadm files\n", "", "group" },
		{ "passwd: uadm [NOTFOUND=return] files\ngroup: files\n", "group",
		    "passwd" },
		{ "passwd: files uadm\npasswd: files\ngroup: files uadm # files\n",
		    "passwd", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		const char *before = nsswitch_before_files(texts[i].text);
		char lacks[60];

		nsswitch_lacks(texts[i].text, lacks, sizeof(lacks));
		assert_string_equal(lacks, texts[i].lacks);
		assert_int_equal(lacks[0] == '\0', nsswitch_has_all(texts[i].text));
		if (texts[i].before == NULL)
			assert_null(before);
		else
			assert_string_equal(before, texts[i].before);
	}
}

static void
without_blanks(char *text)
{
	char *to = text;

	for (const char *p = text; *p != '\0'; p++)
		if (*p == '\n' || strchr(" \t\r", *p) == NULL)
			*to++ = *p;
	*to = '\0';
}

/* Whatever the text: adding twice is adding once, removing leaves none of us, and takes away
 * nothing else. (Blanks of an empty list may differ, so they are left out.) */
static void
test_any_text(void **state)
{
	static const char *const words[] = { "passwd:", "group:", "initgroups:",
		"hosts:", "files", "compat", "sss", "uadm", "uadmx",
		"[NOTFOUND=return]", "[", "]", "[!SUCCESS=return]", "#", " ", "  ",
		"\t", "\r", "\n", "\n", "\n", "passwd", ":", "=",
		"\npasswd: files uadm # by uadm\n", "group: files uadm # by uadm",
		"\xff" };
	unsigned seed = 1;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		char text[512] = "";

		for (int n = rand_r(&seed) % 20; n > 0; n--)
			strcat(text, words[(size_t)rand_r(&seed) % ARRAY_LEN(words)]);
		CLEANUP(cleanup_free) char *bare = nsswitch_remove(text);
		CLEANUP(cleanup_free) char *added = nsswitch_add(bare);
		CLEANUP(cleanup_free) char *twice = nsswitch_add(added);
		CLEANUP(cleanup_free) char *back = nsswitch_remove(added);

		(void)nsswitch_loses(text, "uadm");
		assert_false(nsswitch_has_any(bare));
		if (!nsswitch_has_all(added))
			continue; /* a bracket left open: enable refuses such a file */
		assert_string_equal(twice, added);
		without_blanks(bare);
		without_blanks(back);
		assert_string_equal(back, bare);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_add_and_back),
		cmocka_unit_test(test_remove_what_people_made),
		cmocka_unit_test(test_loses),
		cmocka_unit_test(test_lacks),
		cmocka_unit_test(test_any_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
