/* S5: every act, by every role, on every role, in one's own account, a foreign one and a shared one. */
#include "libuadm/policy/delegation.h"

#include "libuadm/policy/rights.h"
#include "tests/unit/check.h"

#include <stdio.h>

enum { ACME = 20000, BETA = 20010, ROLES = 6 };

/* The shipped ones, and two that administer with less than everything. */
static const struct {
	const char *name;
	int rights[10];
} roles[ROLES] = {
	{ "administrator", { 1, 2, 3, 4, 5, 6, 7, 8, 9 } },
	{ "helpdesk",
	    { SCOPE_ADMIN, RIGHT_USER_READ, RIGHT_USER_WRITE, SCOPE_WORK, 7 } },
	{ "roler", { SCOPE_ADMIN, RIGHT_USER_READ, RIGHT_ROLE_WRITE, SCOPE_WORK, 7 } },
	{ "developer", { SCOPE_ADMIN, RIGHT_USER_READ, SCOPE_WORK, 7, 8, 9 } },
	{ "operator", { SCOPE_WORK, 7, 9 } },
	{ "viewer", { SCOPE_WORK, 7 } },
};

/* Who may act on whom: a line for each role that acts, an x for each role it may act on, in the
 * order above. */
#define WRITERS                                                                        \
	{                                                                              \
		"xxxxxx", ".x...x", "......", "......", "......", "......"             \
	}
#define ROLE_WRITERS                                                                   \
	{                                                                              \
		"xxxxxx", "......", "..x..x", "......", "......", "......"             \
	}
#define READERS                                                                        \
	{                                                                              \
		"xxxxxx", "xxxxxx", "xxxxxx", "xxxxxx", "......", "......"             \
	}
#define ANYBODY                                                                        \
	{                                                                              \
		"xxxxxx", "xxxxxx", "xxxxxx", "xxxxxx", "xxxxxx", "xxxxxx"             \
	}
#define TOP                                                                            \
	{                                                                              \
		"xxxxxx", "......", "......", "......", "......", "......"             \
	}
#define USER_ADDERS                                                                    \
	{                                                                              \
		"xxxxxx", "xxxxxx", "......", "......", "......", "......"             \
	}
#define NOBODY                                                                         \
	{                                                                              \
		"......", "......", "......", "......", "......", "......"             \
	}

static const struct {
	const char *own[ROLES];    /* both belong to the one account */
	const char *shared[ROLES]; /* it is the target's second one (F15) */
	bool self;                 /* an administrator to themselves (F84) */
} want[ACT_COUNT] = {
	[ACT_NONE] = { NOBODY, NOBODY, false },
	[ACT_ROOT] = { NOBODY, NOBODY, false },
	[ACT_CATALOGUE_READ] = { ANYBODY, ANYBODY, true },
	[ACT_USER_READ] = { READERS, READERS, true },
	[ACT_ACCOUNT_READ] = { READERS, READERS, true },
	[ACT_USER_ADD] = { USER_ADDERS, USER_ADDERS, true },
	[ACT_USER_SET] = { WRITERS, NOBODY, true },
	[ACT_USER_SET_WAY_IN] = { WRITERS, NOBODY, true },
	[ACT_USER_SET_TIME] = { WRITERS, NOBODY, false },
	[ACT_USER_SET_HOST] = { NOBODY, NOBODY, false },
	[ACT_USER_SUSPEND] = { WRITERS, NOBODY, true },
	[ACT_USER_RESUME] = { WRITERS, NOBODY, false },
	[ACT_USER_UNLOCK] = { WRITERS, NOBODY, true },
	[ACT_USER_SET_PASSWORD] = { WRITERS, NOBODY, true },
	[ACT_USER_RESET_PASSWORD] = { WRITERS, NOBODY, true },
	[ACT_INVITE_RESEND] = { WRITERS, NOBODY, false },
	[ACT_INVITE_CANCEL] = { WRITERS, NOBODY, false },
	[ACT_USER_DELETE] = { WRITERS, NOBODY, true },
	[ACT_SESSION_OWN] = { ANYBODY, ANYBODY, true },
	[ACT_SESSION_END] = { WRITERS, NOBODY, true },
	[ACT_FACTOR_ENROLL] = { WRITERS, NOBODY, false },
	[ACT_FACTOR_REMOVE] = { WRITERS, NOBODY, false },
	[ACT_USER_TRANSFER] = { WRITERS, NOBODY, false },
	[ACT_MEMBER_ADD] = { WRITERS, WRITERS, false },
	[ACT_MEMBER_ROLE] = { ROLE_WRITERS, ROLE_WRITERS, false },
	[ACT_MEMBER_GRANT] = { ROLE_WRITERS, ROLE_WRITERS, false },
	[ACT_MEMBER_DENY] = { ROLE_WRITERS, ROLE_WRITERS, false },
	[ACT_MEMBER_SUSPEND] = { WRITERS, WRITERS, true },
	[ACT_MEMBER_RESUME] = { WRITERS, WRITERS, false },
	[ACT_MEMBER_REVOKE] = { WRITERS, WRITERS, true },
	[ACT_REVIEW] = { USER_ADDERS, USER_ADDERS, true },
	[ACT_ACCOUNT_SET] = { TOP, TOP, true },
	[ACT_ACCOUNT_DOMAIN] = { NOBODY, NOBODY, false },
	[ACT_POLICY_SET] = { TOP, TOP, true },
};

static struct catalogue cat;

static struct rights
of_role(int role)
{
	struct rights r = { { 0 } };

	for (const int *p = roles[role].rights; *p != 0; p++)
		rights_add(&r, *p);
	return r;
}

static int
setup(void **state)
{
	(void)state;
	cat.all = of_role(0);
	for (int i = 1; i <= 9; i++)
		cat.scope[i] = (uint16_t)(i <= 2 ? i : i <= 6 ? 1 : 2);
	return 0;
}

struct scene {
	struct standing actor[2], target[2];
	struct delegation_facts f;
};

/* The actor has a role in BETA or in ACME; the target in ACME, and where it is shared in BETA too. */
static void
set_scene(
    struct scene *s, enum act act, gid_t actors, int actor, int target, bool shared)
{
	*s = (struct scene){ 0 };
	s->actor[0] = (struct standing){ .account = actors, .rights = of_role(actor) };
	s->target[0] = (struct standing){ .account = ACME,
		.rights = of_role(shared ? 5 : target) };
	s->target[1] = (struct standing){ .account = BETA, .rights = of_role(target) };
	s->f = (struct delegation_facts){ .act = act,
		.able = true,
		.catalogue = &cat,
		.actor = s->actor,
		.actor_count = 1,
		.account = shared ? BETA : ACME,
		.has_target = true,
		.principal = ACME,
		.target = s->target,
		.target_count = shared ? 2 : 1 };
}

static bool
may(const struct delegation_facts *f)
{
	const struct delegation_answer a = policy_delegation(f);

	assert_int_equal(a.allowed, a.reason == DELEGATION_FINE);
	return a.allowed;
}

#define EACH(i, n) for (int i = 0; i < (n); i++)

static void
test_S5_every_act(void **state)
{
	struct scene s;
	char label[120];

	(void)state;
	EACH(act, ACT_COUNT) EACH(actor, ROLES) EACH(target, ROLES)
	{
		snprintf(label, sizeof(label), "S5: %s does act %d (%s) to %s",
		    roles[actor].name, act,
		    act_rules[act].verb == NULL ? "none" : act_rules[act].verb,
		    roles[target].name);
		set_scene(&s, (enum act)act, ACME, actor, target, false);
		CHECK_EQ(may(&s.f), want[act].own[actor][target] == 'x', label);
		set_scene(&s, (enum act)act, BETA, actor, target, true);
		CHECK_EQ(may(&s.f), want[act].shared[actor][target] == 'x', label);
		/* In an account that the actor is not in: the catalogue, and what is one's own. */
		set_scene(&s, (enum act)act, BETA, actor, target, false);
		CHECK_EQ(may(&s.f), act == ACT_CATALOGUE_READ || act == ACT_SESSION_OWN,
		    label);
		/* Root, who acts for itself; and never for an act that is none. */
		set_scene(&s, (enum act)act, BETA, actor, target, false);
		s.f.root = true;
		CHECK_EQ(may(&s.f), act != ACT_NONE, label);
		/* Who cannot log in. */
		set_scene(&s, (enum act)act, ACME, 0, target, false);
		s.f.able = false;
		CHECK_EQ(may(&s.f), false, label);
	}
}

static void
test_F84_self(void **state)
{
	struct scene s;

	(void)state;
	EACH(act, ACT_COUNT)
	{
		set_scene(&s, (enum act)act, ACME, 0, 0, false);
		s.f.is_self = true;
		CHECK_EQ(may(&s.f), want[act].self,
		    act_rules[act].verb == NULL ? "none" : act_rules[act].verb);
	}
}

/* Nothing is given that the actor lacks, whatever the act. */
static void
test_S5_given(void **state)
{
	struct scene s;

	(void)state;
	EACH(act, ACT_COUNT) EACH(actor, ROLES) EACH(given, ROLES)
	{
		const struct rights held = of_role(actor), gift = of_role(given);
		bool within = rights_within(&gift, &held);

		set_scene(&s, (enum act)act, ACME, actor, 5, false);
		s.f.given = gift;
		CHECK_EQ(
		    may(&s.f), want[act].own[actor][5] == 'x' && within, "S5: given");
	}
}

/* What the target holds anywhere counts, for who sets a password can be that user everywhere. */
static void
test_S5_elsewhere(void **state)
{
	struct scene s;

	(void)state;
	EACH(act, ACT_COUNT)
	{
		set_scene(&s, (enum act)act, ACME, 0, 5, false);
		s.target[1].rights = of_role(5);
		s.f.target_count = 2;
		CHECK_EQ(may(&s.f),
		    want[act].own[0][5] == 'x' && act_rules[act].cap != ACT_CAP_ALL,
		    "S5: a viewer of another account");
		s.actor[1] = s.target[1];
		s.f.actor_count = 2;
		CHECK_EQ(may(&s.f), want[act].own[0][5] == 'x', "S5: as the actor is");
	}
}

static void
test_S5_groups(void **state)
{
	static const gid_t some[] = { 21000, 21002 }, more[] = { 21000, 21001, 21002 };
	struct scene s;

	(void)state;
	EACH(act, ACT_COUNT)
	{
		bool own = want[act].own[0][5] == 'x';

		set_scene(&s, (enum act)act, ACME, 0, 5, false);
		s.f.target_groups = more;
		s.f.target_group_count = 3;
		s.f.actor_groups = some;
		s.f.actor_group_count = 2;
		CHECK_EQ(may(&s.f),
		    own && act_rules[act].cap != ACT_CAP_ALL &&
			act_rules[act].cap != ACT_CAP_PRINCIPAL,
		    "S5: a group that the actor is not in");
		s.f.target_groups = some;
		s.f.target_group_count = 2;
		s.f.actor_groups = more;
		s.f.actor_group_count = 3;
		CHECK_EQ(may(&s.f), own, "S5: groups of the actor's");
	}
}

/* A role is a group: who has it, who holds everything there, or a shipped one below the actor's. */
static void
test_S5_roles(void **state)
{
	static const struct {
		int actor;
		int64_t has;
		struct standing_role gives;
		bool may;
		const char *label;
	} rows[] = {
		{ 0, 11, { .id = 99 }, true, "S5: everything is held" },
		{ 1, 12, { .id = 12 }, true, "S5: the actor's own role" },
		{ 1, 12, { .id = 99 }, false, "S5: a role without rights" },
		{ 1, 12, { .id = 99, .shipped = true }, true, "S5: a shipped one" },
		{ 1, 0, { .id = 99, .shipped = true }, false, "S5: no role at all" },
		{ 1, 12, { .id = 0 }, true, "S5: none is given" },
	};
	struct scene s;

	(void)state;
	EACH(i, (int)ARRAY_LEN(rows)) EACH(at, 2)
	{
		set_scene(&s, ACT_USER_ADD, ACME, rows[i].actor, 5, false);
		s.actor[0].roles[0].id = rows[i].has;
		s.f.given_roles[at] = rows[i].gives;
		CHECK_EQ(may(&s.f), rows[i].may, rows[i].label);
		/* Likewise of who has it: they could be them. */
		set_scene(&s, ACT_USER_SET_PASSWORD, ACME, rows[i].actor, 5, false);
		s.actor[0].roles[0].id = rows[i].has;
		s.target[0].roles[at] = rows[i].gives;
		CHECK_EQ(may(&s.f), rows[i].may, rows[i].label);
		s.f.act = ACT_USER_SUSPEND;
		CHECK_EQ(may(&s.f), true, "S5: what only takes away");
	}
}

static void
test_nobodys(void **state)
{
	struct scene s;

	(void)state;
	EACH(act, ACT_COUNT)
	{
		set_scene(&s, (enum act)act, ACME, 0, 5, false);
		s.f.principal = 0;
		s.f.target_count = 0;
		CHECK_EQ(may(&s.f), false, "a user in no account is root's");
	}
	EACH(r, DELEGATION_FINE + 2)
	{
		assert_true(*policy_delegation_word((enum delegation_reason)r) != '\0');
		assert_true(*policy_delegation_text((enum delegation_reason)r) != '\0');
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_S5_every_act),
		cmocka_unit_test(test_F84_self), cmocka_unit_test(test_S5_given),
		cmocka_unit_test(test_S5_elsewhere), cmocka_unit_test(test_S5_groups),
		cmocka_unit_test(test_S5_roles), cmocka_unit_test(test_nobodys) };

	return cmocka_run_group_tests(tests, setup, NULL);
}
