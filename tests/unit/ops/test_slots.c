/* P28: nobody holds all the places: neither those where passwords are hashed nor those of calls. */
#include "libuadm/ops/slots.h"

#include "libuadm/base/clock.h"
#include "tests/unit/check.h"

enum { MANY = 64 };

static int
setup(void **state)
{
	(void)state;
	root_clean();
	return 0;
}

static void
test_P28_one_source_leaves_a_slot(void **state)
{
	struct slot held[MANY], other;
	struct uadm_err err;
	size_t n = 0;

	(void)state;
	while (
	    n < MANY && slot_take(&held[n], 7, clock_boot_ms() + 20, &err) == UADM_OK)
		n++;
	assert_in_range(n, 1, MANY - 1);
	CHECK_EQ(err.code, UADM_BUSY, "the next of this source");
	CHECK_OK(slot_take(&other, 8, clock_boot_ms() + 20, &err));
	CHECK_FAILS(UADM_BUSY, slot_take(&held[n], 8, clock_boot_ms() + 20, &err));
	slot_release(&other);
	slot_release(&held[0]);
	CHECK_OK(slot_take(&held[0], 7, clock_boot_ms() + 20, &err));
	for (size_t i = 0; i < n; i++)
		slot_release(&held[i]);
}

static void
test_P28_calls_of_one_uid(void **state)
{
	(void)state;
	for (int i = 0; i < SLOT_CALLS; i++)
		assert_true(slot_of_caller(1234));
	assert_false(slot_of_caller(1234));
	assert_true(slot_of_caller(1235));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_P28_one_source_leaves_a_slot, setup),
		cmocka_unit_test_setup(test_P28_calls_of_one_uid, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
