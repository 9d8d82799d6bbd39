/* The rules of a password, each on its own (P17: an empty one meets none of them). */
#include "libuadm/policy/password.h"
#include "libuadm/policy/settings.h"

#include "tests/unit/check.h"

static const struct user jo = { .name = "jo" };
static const struct user alice = { .name = "alice",
	.first_name = "Zo\xc3\xab",
	.last_name = "Li",
	.email = "a.smith@example.org" };

/* What we ship, but for the dictionary, which has a table of its own. */
static struct policy
shipped(void)
{
	struct policy p = policy_shipped();

	p.dictionary = 0;
	return p;
}

static void
test_shipped(void **state)
{
	static const struct {
		const char *text;
		const struct user *user;
		const char *says; /* "" = good */
	} cases[] = {
		{ "Abcdefg1!x", &jo, "" },
		{ "Abcdefg1!", &jo, "needs at least 10 characters" },
		{ "ABCDEFG1!X", &jo, "needs a lower-case letter" },
		{ "abcdefg1!x", &jo, "needs an upper-case letter" },
		{ "Abcdefgh!x", &jo, "needs a digit" },
		{ "Abcdefg12x", &jo, "needs a special character" },
		{ "Abcdefg1 x", &jo, "" }, /* a space is special */
		{ "Abcdefg1\xc3\xa4x", &jo, "" },
		/* nine characters, ten bytes */
		{ "Abcdef1\xc3\xa4x", &jo, "needs at least 10 characters" },
		{ "\xd0\xbf\xd0\xb0\xd1\x80\xd0\xbe\xd0\xbb\xd1\x8c\xd0\xbf\xd0\xb0"
		  "Aa1",
		    &jo, "" },
		{ "Abcdefg1!\t", &jo, "needs no control characters" },
		{ "Abcdefg1!\x7f", &jo, "needs no control characters" },
		{ "Abcdefg1!\xc2\x85", &jo, "needs no control characters" },
		{ "my-jo-1-Password", &jo, "" }, /* too short to matter */
		{ "my-aLiCe-1-pw", &alice, "needs none of the user's names in it" },
		{ "my-ECILA-1-pw", &alice, "needs none of the user's names in it" },
		{ "my-zO\xc3\xab-1-pw", &alice,
		    "needs none of the user's names in it" },
		{ "Li-li-Li-1-pw", &alice, "" },
		{ "my-A.SMITH-1-pw", &alice, "needs none of the user's names in it" },
		{ "my-example.org-1A", &alice, "" }, /* the domain is no name */
		{ "my-aLiCe-1-pw", NULL, "" },
		{ "", &jo,
		    "needs at least 10 characters, a lower-case letter, an upper-case "
		    "letter, a digit, a special character" },
	};
	const struct policy p = shipped();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct password_facts f = { .text = cases[i].text,
			.user = cases[i].user };
		struct password_verdict v = policy_password(&p, &f);
		char why[600], cut[12];

		CHECK_EQ(v.good, cases[i].says[0] == '\0', cases[i].text);
		policy_password_explain(&v, why, sizeof(why));
		CHECK_TEXT(why, cases[i].says, cases[i].text);
		policy_password_explain(&v, cut, sizeof(cut));
		assert_true(strlen(cut) < sizeof(cut));
	}
}

/* One rule at a time: what just meets it, what just doesn't, and how it reads. */
static void
test_each_rule(void **state)
{
	static const struct {
		enum password_rule rule;
		const char *key;
		int64_t value;
		const char *good, *bad, *text;
	} cases[] = {
		{ PASSWORD_LENGTH, "min-length", 1, "a", "", "at least 1 character" },
		{ PASSWORD_LENGTH, "min-length", 12, "abcdefghijkl", "abcdefghijk",
		    "at least 12 characters" },
		{ PASSWORD_LOWER, "min-lower", 1, "A1a", "A1A", "a lower-case letter" },
		{ PASSWORD_LOWER, "min-lower", 3, "a-b-c", "a-b-C",
		    "at least 3 lower-case letters" },
		{ PASSWORD_UPPER, "min-upper", 1, "aA", "a\xc3\x84",
		    "an upper-case letter" },
		{ PASSWORD_UPPER, "min-upper", 2, "AaA", "Aaa",
		    "at least 2 upper-case letters" },
		{ PASSWORD_DIGIT, "min-digit", 1, "0", "o", "a digit" },
		/* digits of other scripts are special */
		{ PASSWORD_DIGIT, "min-digit", 2, "1-2", "1\xd9\xa2",
		    "at least 2 digits" },
		{ PASSWORD_SPECIAL, "min-special", 1, "a a", "aA1",
		    "a special character" },
		{ PASSWORD_SPECIAL, "min-special", 2, "\xc3\xa4!", "!aA1",
		    "at least 2 special characters" },
		{ PASSWORD_REPEAT, "max-repeat", 1, "abab", "abb",
		    "no character twice in a row" },
		{ PASSWORD_REPEAT, "max-repeat", 3, "aaabaaa", "baaaa",
		    "no character more than 3 times in a row" },
		{ PASSWORD_REPEAT, "max-repeat", 2, "\xc3\xa4\xc3\xa4\xc3\xa5",
		    "x\xc3\xa4\xc3\xa4\xc3\xa4",
		    "no character more than 2 times in a row" },
		{ PASSWORD_NOT_USER, "user-check", 1, "alic", "xaliceX",
		    "none of the user's names in it" },
		{ PASSWORD_TYPED, NULL, 0, "a~ ", "a\x1b", "no control characters" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct policy p = { 0 };
		struct uadm_err err;
		struct password_facts f = { .text = cases[i].good, .user = &alice };
		struct password_verdict v;

		if (cases[i].key != NULL)
			CHECK_OK(policy_put(
			    &p, setting_find(cases[i].key), cases[i].value, &err));
		v = policy_password(&p, &f);
		CHECK_EQ(v.rules[cases[i].rule].applies, true, cases[i].text);
		CHECK_EQ(v.rules[cases[i].rule].met, true, cases[i].text);
		CHECK_EQ(v.good, true, cases[i].text);
		CHECK_TEXT(v.rules[cases[i].rule].text, cases[i].text, cases[i].text);
		f.text = cases[i].bad;
		v = policy_password(&p, &f);
		CHECK_EQ(v.rules[cases[i].rule].met, false, cases[i].text);
		CHECK_EQ(v.good, false, cases[i].text);
		/* 0 is no rule */
		p = (struct policy){ 0 };
		v = policy_password(&p, &f);
		CHECK_EQ(v.rules[cases[i].rule].applies,
		    cases[i].rule == PASSWORD_LENGTH || cases[i].key == NULL,
		    cases[i].text);
	}
}

/* P17: with every rule off an empty one is still none, and so is what nobody asked about. */
static void
test_P17_nothing(void **state)
{
	static const struct policy none = { 0 }, wants = { .dictionary = 1 };
	struct password_facts f = { .text = "" };

	(void)state;
	CHECK_EQ(policy_password(&none, &f).good, false, "empty");
	f.text = "x";
	CHECK_EQ(policy_password(&none, &f).good, true, "anything");
	CHECK_EQ(policy_password(&wants, &f).good, false, "nobody asked");
	CHECK_EQ(((struct password_verdict){ 0 }).good, false, "cleared");
}

static void
test_facts(void **state)
{
	static const struct {
		const char *label;
		int64_t dictionary, history;
		struct password_facts f;
		const char *says;
	} cases[] = {
		{ "not wanted", 0, 5, { .text = "x", .dictionary_says = "it is" }, "" },
		{ "no word", 1, 5, { .text = "x", .dictionary_passed = true }, "" },
		{ "a word", 1, 5,
		    { .text = "x",
			.dictionary_says = "it is based on a dictionary word" },
		    "needs no word of the dictionary (it is based on a dictionary word)" },
		{ "a word, no reason", 1, 5, { .text = "x", .dictionary_says = "" },
		    "needs no word of the dictionary" },
		{ "fresh", 0, 5, { .text = "x", .past = PAST_FRESH }, "" },
		{ "used", 0, 5, { .text = "x", .past = PAST_USED },
		    "needs none of the last 5 passwords" },
		{ "used, one", 0, 1, { .text = "x", .past = PAST_USED },
		    "needs not the current password" },
		{ "used, none", 0, 0, { .text = "x", .past = PAST_USED },
		    "needs not the current password" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct policy p = { .dictionary = cases[i].dictionary,
			.history = cases[i].history };
		struct password_verdict v = policy_password(&p, &cases[i].f);
		char why[600];

		policy_password_explain(&v, why, sizeof(why));
		CHECK_TEXT(why, cases[i].says, cases[i].label);
		CHECK_EQ(v.good, cases[i].says[0] == '\0', cases[i].label);
		CHECK_EQ(v.rules[PASSWORD_PAST].applies,
		    cases[i].f.past != PAST_UNKNOWN, cases[i].label);
	}
}

/* Machines know a rule by a word of its own: the policy's key where there is one. */
static void
test_words(void **state)
{
	(void)state;
	for (int i = 0; i < PASSWORD_RULES; i++) {
		const char *word = policy_password_rule_word((enum password_rule)i);

		assert_true(setting_find(word) != NULL ||
		    strcmp(word, "control-characters") == 0);
		for (int j = 0; j < i; j++)
			assert_string_not_equal(
			    word, policy_password_rule_word((enum password_rule)j));
	}
	CHECK_TEXT(policy_password_rule_word(PASSWORD_RULES), "", "no such rule");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shipped),
		cmocka_unit_test(test_each_rule),
		cmocka_unit_test(test_P17_nothing),
		cmocka_unit_test(test_facts),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
