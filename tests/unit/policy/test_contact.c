/* F38, F50: which kinds of contacts may be linked to a login. */
#include "libuadm/policy/contact.h"

#include "tests/unit/check.h"

static void
test_F38_F50_kinds(void **state)
{
	static const struct {
		const char *word;
		bool may;
	} want[] = { { "employee", true }, { "contractor", true }, { "partner", true },
		{ "customer", false }, { "supplier", false } };

	(void)state;
	assert_int_equal(ARRAY_LEN(want), CONTACT_KINDS - 1);
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		enum contact_kind kind = policy_contact_kind(want[i].word);

		assert_int_not_equal(kind, CONTACT_NONE);
		assert_string_equal(policy_contact_word(kind), want[i].word);
		assert_int_equal(policy_contact_may_log_in(kind), want[i].may);
	}
}

static void
test_nothing_else_may(void **state)
{
	(void)state;
	assert_int_equal(policy_contact_kind(""), CONTACT_NONE);
	assert_int_equal(policy_contact_kind("Partner"), CONTACT_NONE);
	assert_int_equal(policy_contact_kind("person"), CONTACT_NONE);
	assert_false(policy_contact_may_log_in(CONTACT_NONE));
	assert_false(policy_contact_may_log_in(CONTACT_KINDS));
	assert_null(policy_contact_word(CONTACT_KINDS));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_F38_F50_kinds),
		cmocka_unit_test(test_nothing_else_may),
	};

	return cmocka_run_group_tests_name("contact", tests, NULL, NULL);
}
