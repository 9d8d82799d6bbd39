/* Templates (S7): what is filled in is text and nothing else, and what is wrong with one is told. */
#include "libuadm/base/template.h"

#include "tests/unit/check.h"

static const struct template_place places[] = {
	{ "name", "Jo" },
	{ "role", NULL },
	{ "account", "" },
	{ "code", TEMPLATE_CODE },
	{ "evil", "a\nBcc: b@c.d\x01{code}{name}\x1b[2J\xff\u202e" },
};

static const struct {
	const char *label, *text, *subject, *body;
} good[] = {
	{ "places", "Subject: {name}!\n\nHello {name},{name}\n", "Jo!",
	    "Hello Jo,Jo\n" },
	{ "a line without its value", "Subject: x\n\na\nb {role} c\nd {account}\ne\n",
	    "x", "a\ne\n" },
	{ "in the subject", "Subject: x {role}\n\n", "x", "" },
	{ "empty lines stay", "Subject: x\n\na\n\nb\n", "x", "a\n\nb\n" },
	{ "no end of line", "Subject: x\n\na", "x", "a\n" },
	{ "braces", "Subject: x\n\n{} { name } {Name} {name\n", "x",
	    "{} { name } {Name} {name\n" },
	{ "a code", "Subject: x\n\nCode {code}.\n", "x", "Code " TEMPLATE_CODE ".\n" },
	{ "S7: a value is text", "Subject: {evil}\n\n{evil}\n",
	    "a?Bcc: b@c.d?{code}{name}?[2J??", "a?Bcc: b@c.d?{code}{name}?[2J??\n" },
	{ "a tab", "Subject: x\n\n\ta\n", "x", "\ta\n" },
};

static const struct {
	const char *label, *text, *says;
} bad[] = {
	{ "empty", "", "line 1" },
	{ "no subject", "Hello\n\n", "line 1" },
	{ "nothing in it", "Subject: \n\nx\n", "line 1" },
	{ "another header", "Subject: x\nBcc: a@b.c\n\nx\n", "line 2" },
	{ "only a subject", "Subject: x\n", "line 2" },
	{ "unknown", "Subject: x\n\na\n{nobody}\n", "line 4: {nobody}" },
	{ "unknown in the subject", "Subject: {nobody}\n\n", "line 1: {nobody}" },
	{ "the code's mark", "Subject: x\n\n\x01\n", "control" },
	{ "returns", "Subject: x\n\na\r\n", "control" },
	{ "no UTF-8", "Subject: x\n\n\xff\n", "UTF-8" },
	{ "bidi", "Subject: x\n\n\u202e\n", "invisible" },
};

static void
test_good(void **state)
{
	char subject[TEMPLATE_SUBJECT_SIZE];
	struct uadm_err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		CLEANUP(cleanup_free) char *body = NULL;

		CHECK_OK(template_fill(
		    good[i].text, places, ARRAY_LEN(places), subject, &body, &err));
		CHECK_TEXT(subject, good[i].subject, good[i].label);
		CHECK_TEXT(body, good[i].body, good[i].label);
	}
}

static void
test_bad(void **state)
{
	char subject[TEMPLATE_SUBJECT_SIZE], *body;
	struct uadm_err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		CHECK_EQ(template_check(bad[i].text, places, ARRAY_LEN(places), &err),
		    UADM_INVALID, bad[i].label);
		CHECK_HAS(err.msg, bad[i].says);
		CHECK_EQ(template_fill(bad[i].text, places, ARRAY_LEN(places), subject,
			     &body, &err),
		    UADM_INVALID, bad[i].label);
		assert_null(body);
	}
}

/* A subject is cut between two characters, a value too; a template that is too long is none. */
static void
test_S7_long(void **state)
{
	static char value[5000], text[TEMPLATE_MOST + 2];
	const struct template_place name = { "name", value };
	char subject[TEMPLATE_SUBJECT_SIZE], *body;
	struct uadm_err err;

	(void)state;
	for (size_t i = 0; i + 3 < sizeof(value); i += 2)
		memcpy(value + i, "\xc3\xbc", 2);
	CHECK_OK(template_fill(
	    "Subject: x{name}\n\n{name}\n", &name, 1, subject, &body, &err));
	CHECK_EQ(strlen(subject), TEMPLATE_SUBJECT_SIZE - 1, "subject");
	CHECK_EQ((unsigned char)subject[strlen(subject) - 1], 0xbc, "its end");
	CHECK_EQ(strlen(body), 1025, "a value");
	free(body);
	memset(text, 'x', sizeof(text) - 1);
	memcpy(text, "Subject: x\n\n", 12);
	CHECK_FAILS(UADM_INVALID, template_check(text, &name, 1, &err));
	text[TEMPLATE_MOST] = '\0';
	CHECK_OK(template_check(text, &name, 1, &err));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_S7_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
