/* What a member holds, by table: role, granted, denied, scopes, states and ends. */
#include "libuadm/policy/rights.h"

#include "tests/unit/check.h"

enum { NOW = 1000, MAKE = 300, MAKE_TEA, MAKE_COFFEE };

static struct rights
set(const int *ids)
{
	struct rights r = { { 0 } };

	for (; *ids != 0; ids++)
		rights_add(&r, *ids);
	return r;
}
#define SET(...) set((const int[]){ __VA_ARGS__, 0 })

/* One scope with two rights, far from the first word of the set. */
static struct catalogue
catalogue(void)
{
	struct catalogue cat = { .all = SET(MAKE, MAKE_TEA, MAKE_COFFEE) };

	cat.scope[MAKE] = cat.scope[MAKE_TEA] = cat.scope[MAKE_COFFEE] = MAKE;
	return cat;
}

static const struct {
	const char *label;
	struct member member;
	int role[4], then[4], allowed[4], denied[4];
	int now[4], potential[4];
} cases[] = {
	{ "the role", { .state = MEMBER_ACTIVE }, { MAKE, MAKE_TEA }, { 0 }, { 0 },
	    { 0 }, { MAKE, MAKE_TEA }, { MAKE, MAKE_TEA } },
	{ "no scope, no right", { .state = MEMBER_ACTIVE }, { MAKE_TEA }, { 0 }, { 0 },
	    { 0 }, { 0 }, { MAKE_TEA } },
	{ "the scope by itself", { .state = MEMBER_ACTIVE }, { MAKE }, { 0 }, { 0 },
	    { 0 }, { MAKE }, { MAKE } },
	{ "granted beside the role", { .state = MEMBER_ACTIVE }, { MAKE }, { 0 },
	    { MAKE_TEA }, { 0 }, { MAKE, MAKE_TEA }, { MAKE, MAKE_TEA } },
	{ "the scope granted", { .state = MEMBER_ACTIVE }, { MAKE_TEA }, { 0 },
	    { MAKE }, { 0 }, { MAKE, MAKE_TEA }, { MAKE, MAKE_TEA } },
	{ "denied, whatever the role has", { .state = MEMBER_ACTIVE },
	    { MAKE, MAKE_TEA }, { 0 }, { 0 }, { MAKE_TEA }, { MAKE }, { MAKE } },
	{ "without the scope nothing of it works", { .state = MEMBER_ACTIVE },
	    { MAKE, MAKE_TEA, MAKE_COFFEE }, { 0 }, { 0 }, { MAKE }, { 0 },
	    { MAKE_TEA, MAKE_COFFEE } },
	{ "not in the catalogue", { .state = MEMBER_ACTIVE }, { MAKE, 400 }, { 0 },
	    { 0 }, { 0 }, { MAKE }, { MAKE } },
	{ "a cleared one is out", { .state = MEMBER_ENDED }, { MAKE }, { 0 },
	    { MAKE_TEA }, { 0 }, { 0 }, { 0 } },
	{ "pending", { .state = MEMBER_PENDING }, { MAKE }, { 0 }, { 0 }, { 0 }, { 0 },
	    { MAKE } },
	{ "suspended", { .state = MEMBER_SUSPENDED }, { MAKE }, { 0 }, { 0 }, { 0 },
	    { 0 }, { MAKE } },
	{ "the account is suspended",
	    { .state = MEMBER_ACTIVE, .account_suspended = true }, { MAKE }, { 0 },
	    { 0 }, { 0 }, { 0 }, { MAKE } },
	{ "ends in a second", { .state = MEMBER_ACTIVE, .ends_at = NOW + 1 }, { MAKE },
	    { 0 }, { 0 }, { 0 }, { MAKE }, { MAKE } },
	{ "ends now", { .state = MEMBER_ACTIVE, .ends_at = NOW }, { MAKE }, { 0 },
	    { 0 }, { 0 }, { 0 }, { MAKE } },
	{ "falls back in a second (F65)",
	    { .state = MEMBER_ACTIVE, .ends_at = NOW + 1, .then_role = 2 },
	    { MAKE, MAKE_TEA }, { MAKE, MAKE_COFFEE }, { 0 }, { 0 }, { MAKE, MAKE_TEA },
	    { MAKE, MAKE_TEA, MAKE_COFFEE } },
	{ "falls back now (F65)",
	    { .state = MEMBER_ACTIVE, .ends_at = NOW, .then_role = 2 },
	    { MAKE, MAKE_TEA }, { MAKE, MAKE_COFFEE }, { 0 }, { 0 },
	    { MAKE, MAKE_COFFEE }, { MAKE, MAKE_TEA, MAKE_COFFEE } },
};

static bool
equal(const struct rights *a, const struct rights *b)
{
	return rights_within(a, b) && rights_within(b, a);
}

static void
test_holding(void **state)
{
	const struct catalogue cat = catalogue();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct holding h = { .member = cases[i].member,
			.of_role = set(cases[i].role),
			.of_then_role = set(cases[i].then),
			.allowed = set(cases[i].allowed),
			.denied = set(cases[i].denied) };
		const struct rights now = rights_now(&cat, &h, NOW),
				    want_now = set(cases[i].now);
		const struct rights all = rights_potential(&cat, &h),
				    want_all = set(cases[i].potential);

		CHECK_EQ(equal(&now, &want_now), true, cases[i].label);
		CHECK_EQ(equal(&all, &want_all), true, cases[i].label);
		/* What works could not be more than what there is. */
		CHECK_EQ(rights_within(&now, &all), true, cases[i].label);
	}
}

static void
test_no_clock(void **state)
{
	const struct catalogue cat = catalogue();
	const struct holding h = {
		.member = { .state = MEMBER_ACTIVE, .ends_at = NOW },
		.of_role = SET(MAKE),
	};
	const struct rights now = rights_now(&cat, &h, 0);

	(void)state;
	CHECK_EQ(rights_are_empty(&now), true, "an end and no clock (P13)");
}

static void
test_numbers(void **state)
{
	struct rights r = { { 0 } };

	(void)state;
	rights_add(&r, 0);
	rights_add(&r, -1);
	rights_add(&r, RIGHTS_MOST + 1);
	CHECK_EQ(rights_are_empty(&r), true, "these are none");
	for (int64_t i = 1; i <= RIGHTS_MOST; i++) {
		rights_add(&r, i);
		CHECK_EQ(rights_has(&r, i) && !rights_has(&r, i + 1), true, "added");
	}
	rights_remove(&r, 64);
	CHECK_EQ(rights_has(&r, 64), false, "removed");
	CHECK_EQ(rights_has(&r, 63) && rights_has(&r, 65), true, "and no other");
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_holding),
		cmocka_unit_test(test_no_clock), cmocka_unit_test(test_numbers) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
