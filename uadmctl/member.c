/*
 * member.c - the verbs of memberships.
 */
#include "libuadm/ops/members.h"

#include "libuadm/base/clock.h"
#include "libuadm/base/names.h"
#include "libuadm/base/times.h"
#include "libuadm/ops/person.h"
#include "libuadm/ops/reviews.h"
#include "libuadm/ops/show.h"
#include "uadmctl/bulk.h"
#include "uadmctl/end.h"
#include "uadmctl/member.h"
#include "uadmctl/plan.h"
#include "uadmctl/print.h"
#include "uadmctl/when.h"

#include <jansson.h>
#include <string.h>

enum col {
	USER,
	ACCOUNT,
	ROLE,
	STATE,
	STATUS,
	PRINCIPAL,
	ENDS_AT,
	THEN_ROLE,
	GRANTED,
	DENIED,
	SINCE,
	COLUMNS
};

static const struct column columns[COLUMNS] = {
	[USER] = { "name", CELL_TEXT, true },
	[ACCOUNT] = { "account", CELL_TEXT, false },
	[ROLE] = { "role", CELL_TEXT, true },
	[STATE] = { "state", CELL_TEXT, true },
	[STATUS] = { "status", CELL_TEXT, true },
	[PRINCIPAL] = { "principal", CELL_BOOL, true },
	[ENDS_AT] = { "ends_at", CELL_END, true, FIT_WRAP },
	[THEN_ROLE] = { "then_role", CELL_TEXT, false },
	[GRANTED] = { "granted", CELL_LIST, true, FIT_WRAP },
	[DENIED] = { "denied", CELL_LIST, true, FIT_WRAP },
	[SINCE] = { "since", CELL_TIME, false },
};

struct listing {
	struct cli *cli;
	bool suspended; /* is the account? */
};

static enum uadm_code
print_member(void *arg, const struct member_view *v, struct uadm_err *err)
{
	struct listing *l = arg;
	const struct member *m = &v->member;
	char then[80] = "";

	if (m->then_role != 0)
		snprintf(then, sizeof(then), "then %s", m->then_role_name);
	const struct cell cells[COLUMNS] = {
		[USER] = { .text = m->user_name },
		[ACCOUNT] = { .text = m->account_name },
		[ROLE] = { .text = m->role_name },
		[STATE] = { .text = op_member_state_word(m->state) },
		[STATUS] = { .text = v->status },
		[PRINCIPAL] = { .number = m->principal },
		[ENDS_AT] = { .number = m->ends_at, .text = then },
		[THEN_ROLE] = { .text = m->then_role_name },
		[GRANTED] = { .text = v->granted },
		[DENIED] = { .text = v->denied },
		[SINCE] = { .number = m->since },
	};

	(void)err;
	l->suspended = m->account_suspended;
	print_row(l->cli, cells);
	return UADM_OK;
}

int
cmd_member_list(struct cli *cli)
{
	static const char *const states[] = { MEMBER_STATES };
	const struct member_query q = { .account =
					    cli->arg_count > 0 ? cli->args[0] : NULL,
		.user = cli_value(cli, "user"),
		.role = cli_value(cli, "role"),
		.state = cli_value(cli, "state") };
	struct listing l = { .cli = cli };
	struct uadm_err err = { 0 };

	if (q.account == NULL && q.user == NULL)
		return cli_usage(cli, "of which account, or --user USER?");
	if (!cli_one_of(cli, "state", states, ARRAY_LEN(states)) ||
	    !print_begin(cli, columns, COLUMNS))
		return cli->worst;
	if (op_members(&cli->uadm, &q, print_member, &l, &err) != UADM_OK)
		return print_abort(cli, &err);
	print_end(cli);
	if (q.account != NULL && l.suspended && !cli->json)
		fprintf(stderr, "%s is suspended: nobody is shown as a member\n",
		    q.account);
	return cli->worst;
}

bool
member_role_is_named(struct cli *cli)
{
	if (!cli_has(cli, "no-input") || cli_has(cli, "role"))
		return true;
	cli_usage(cli, "a script has to name a role: --role");
	return false;
}

char **
member_rights(const struct cli *cli, size_t *count)
{
	size_t scope_count;
	char **rights = cli_values(cli, "right", count);
	char **scopes = cli_values(cli, "scope", &scope_count);
	char **all = reallocarray(rights, *count + scope_count + 1, sizeof(*all));

	if (all == NULL)
		abort();
	for (size_t i = 0; i < scope_count; i++)
		all[(*count)++] = scopes[i];
	all[*count] = NULL;
	free(scopes); /* the words have moved */
	return all;
}

/* A sentence has the first ones of a long list; JSON has them all. */
static void
say_rights(struct cli *cli, const char *before, const struct rights *rights, char *text,
    size_t size)
{
	enum { MOST = 300 };
	char names[RIGHTS_TEXT_SIZE], *end = names + MOST;
	const size_t used = strlen(text);

	op_rights_text(&cli->uadm, rights, names);
	if (names[0] == '\0')
		return;
	if (strlen(names) > MOST) {
		while (end > names && *end != ',')
			end--;
		memcpy(end, ",...", sizeof(",..."));
	}
	snprintf(text + used, size - used, "%s%s", before, names);
}

void
member_say(struct cli *cli, const struct member_addition *add, bool role_named,
    char *text, size_t size)
{
	const struct member *m = &add->member;
	char when[TIME_SIZE];

	snprintf(text, size, " in %s%s as %s%s%s%s%s%s%s%s", m->account_name,
	    m->account_suspended ? " (which is suspended)" : "", m->role_name,
	    role_named || !add->changed ? "" : ", its default",
	    m->principal ? ", principal" : "",
	    m->state == MEMBER_PENDING ? ", pending until accepted" : "",
	    m->ends_at != 0 ? ", until " : "", when_end(m->ends_at, when),
	    m->then_role != 0 ? ", then " : "", m->then_role_name);
	say_rights(cli, ", with ", &add->granted, text, size);
	say_rights(
	    cli, "; skipped, for you do not hold them: ", &add->skipped, text, size);
}

json_t *
member_words(const char *joined)
{
	json_t *list = json_array();

	for (const char *p = joined; *p != '\0';) {
		size_t n = strcspn(p, ",");

		json_array_append_new(list, json_stringn(p, n));
		p += n + (p[n] == ',');
	}
	return list;
}

json_t *
member_rights_json(struct cli *cli, const struct rights *rights)
{
	char names[RIGHTS_TEXT_SIZE];

	return member_words(op_rights_text(&cli->uadm, rights, names));
}

json_t *
member_json(struct cli *cli, const struct member_addition *add)
{
	const struct member *m = &add->member;
	json_t *o = json_pack("{s:s, s:s, s:s, s:b}", "account", m->account_name,
	    "role", m->role_name, "state", op_member_state_word(m->state), "principal",
	    m->principal);

	json_object_set_new(o, "skipped", member_rights_json(cli, &add->skipped));
	return o;
}

bool
member_warn_waits(
    struct cli *cli, const struct user *user, const struct member_addition *add)
{
	const struct member *m = &add->member;
	char accept[2 * UADM_NAME_SIZE + 40];

	if (!add->changed || m->state != MEMBER_PENDING || user->invited)
		return false;
	snprintf(accept, sizeof(accept), "uadmctl member resume %s %s", m->account_name,
	    user->name);
	if (!m->principal) {
		cli_warn("%s waits to be accepted for %s, which root does: %s",
		    m->account_name, user->name, accept);
		return false;
	}
	if (user->kind != USER_PERSON)
		cli_warn("%s is kept out until root accepts for them: %s", user->name,
		    accept);
	else
		cli_warn(
		    "%s cannot log in before accepting %s, and has no code for that: uadmctl invite resend "
		    "%s%s%s",
		    user->name, m->account_name, user->name,
		    cli->uadm.acting.uid == 0 ? "; or in their name: " : "",
		    cli->uadm.acting.uid == 0 ? accept : "");
	return true;
}

struct added {
	struct member_addition add;
	bool role_named;
	char other_role
	    [UADM_NAME_SIZE]; /* asked for, of who is there with another one */
};

static void
tell_added(struct cli *cli, const void *arg, const struct uadm_err *lost)
{
	const struct added *a = arg;
	struct uadm_err ignored;
	struct user user;
	char text[1200];

	if (lost != NULL && a->add.changed) {
		result_failed(cli, a->add.member.user_name, lost);
		return;
	}
	member_say(cli, &a->add, a->role_named, text, sizeof(text));
	if (find_user(&cli->uadm, a->add.member.user_name, &user, &ignored) == UADM_OK)
		member_warn_waits(cli, &user, &a->add);
	if (a->other_role[0] != '\0')
		cli_warn("%s stays %s in %s: uadmctl member role %s %s --role %s",
		    a->add.member.user_name, a->add.member.role_name,
		    a->add.member.account_name, a->add.member.account_name,
		    a->add.member.user_name, a->other_role);
	result_print(cli,
	    &(struct result){ .name = a->add.member.user_name,
		.what = "added",
		.changed = a->add.changed,
		.text = text,
		.json = member_json(cli, &a->add) },
	    &(struct uadm_err){ 0 });
}

static const char *
cell_of(const struct input_row *row, const char *key)
{
	for (size_t i = 0; i < row->count; i++)
		if (strcmp(row->keys[i], key) == 0 && *row->values[i] != '\0')
			return row->values[i];
	return NULL;
}

static void
add_one(struct cli *cli, const struct input_row *row)
{
	CLEANUP(cli_values_free) char **rights = NULL;
	struct added a = { .add = { .account = cli->args[0],
			       .role = cell_of(row, "role"),
			       .then = cli_value(cli, "then"),
			       .exist_ok = cli_has(cli, "exist-ok") } };
	struct uadm_err err = { 0 };
	char shown[80];

	if (a.add.role == NULL)
		a.add.role = cli_value(cli, "role");
	a.role_named = a.add.role != NULL;
	rights = member_rights(cli, &a.add.right_count);
	a.add.rights = (const char *const *)rights;
	if (!cli_time(cli, "until", &a.add.ends_at))
		return;
	if (op_member_add(&cli->uadm, row->name, &a.add, &err) != UADM_OK)
		result_failed(cli, text_escape(shown, sizeof(shown), row->name), &err);
	else {
		if (!a.add.changed && a.add.role != NULL &&
		    strcmp(a.add.role, a.add.member.role_name) != 0)
			snprintf(a.other_role, sizeof(a.other_role), "%s", a.add.role);
		bulk_later(cli, tell_added, &a, sizeof(a));
	}
}

int
cmd_member_add(struct cli *cli)
{
	return member_role_is_named(cli) ? input_apply(cli, 1, add_one) : cli->worst;
}

struct role_change {
	const char *role, *then;
	int64_t until;
	bool changed;
};

static enum uadm_code
change_role(
    struct cli *cli, const struct input_row *row, void *arg, struct uadm_err *err)
{
	struct role_change *r = arg;

	return op_member_role(&cli->uadm, cli->args[0], row->name, r->role, r->until,
	    r->then, &r->changed, err);
}

struct planned {
	char name[80], what[80];
	char of[200]; /* what of it, and where: " Work_Run in acme" */
	bool changed;
	struct plan plan;
	char role[UADM_NAME_SIZE]; /* of `member role` */
	int64_t until;
};

static json_t *
planned_json(const struct planned *p, bool told)
{
	json_t *json = json_object();
	char when[TIME_SIZE];

	if (p->role[0] != '\0') {
		json_object_set_new(json, "role", json_string(p->role));
		json_object_set_new(json, "until",
		    p->until != 0 ? json_string(time_utc(p->until, when))
				  : json_null());
	}
	if (told)
		json_object_set_new(json, "plan", plan_json(&p->plan));
	return json;
}

/* That the membership is accepted for them is not yet that they are in. */
static void
warn_if_invited(struct cli *cli, const char *name)
{
	struct uadm_err ignored;
	struct user user;

	if (find_user(&cli->uadm, name, &user, &ignored) == UADM_OK && user.invited)
		cli_warn(
		    "%s is invited still, and comes in by the code: uadmctl invite list",
		    user.name);
}

static void
tell_planned(struct cli *cli, const void *arg, const struct uadm_err *lost)
{
	const struct planned *p = arg;
	const bool told = cli->uadm.dry_run && p->plan.any;
	char text[PLAN_TEXT_SIZE + 200], follows[PLAN_TEXT_SIZE] = "";

	if (lost != NULL && p->changed) {
		result_failed(cli, p->name, lost);
		return;
	}
	snprintf(text, sizeof(text), "%s%s", p->of,
	    told ? plan_text(&p->plan, follows, sizeof(follows)) : "");
	if (p->changed && strcmp(p->what, "resumed") == 0)
		warn_if_invited(cli, p->name);
	result_print(cli,
	    &(struct result){ .name = p->name,
		.what = p->what,
		.changed = p->changed,
		.text = text,
		.json = cli->json ? planned_json(p, told) : NULL },
	    &(struct uadm_err){ 0 });
}

static void
tell_later(struct cli *cli, const char *shown, const char *what, bool changed,
    struct planned *p)
{
	p->changed = changed;
	snprintf(p->name, sizeof(p->name), "%s", shown);
	snprintf(p->what, sizeof(p->what), "%s", what);
	bulk_later(cli, tell_planned, p, sizeof(*p));
}

static void
role_one(struct cli *cli, const struct input_row *row)
{
	const char *role = cell_of(row, "role");
	struct role_change r = { .then = cli_value(cli, "then") };
	struct uadm_err err = { 0 };
	char shown[80], what[80], when[TIME_SIZE], question[300];
	struct planned p = { 0 };

	if (role == NULL)
		role = cli_value(cli, "role");
	text_escape(shown, sizeof(shown), row->name);
	if (role == NULL) {
		uadm_fail(&err, UADM_INVALID,
		    "which role? the line has none, and there is no --role");
		result_failed(cli, shown, &err);
		return;
	}
	r.role = role;
	if (!cli_time(cli, "until", &r.until))
		return;
	if (plan_make(cli, row, change_role, &r, &p.plan, &err) != UADM_OK) {
		result_failed(cli, shown, &err);
		return;
	}
	snprintf(
	    question, sizeof(question), "Make %s %s in %s?", shown, role, cli->args[0]);
	/* Only who loses something by it is asked about. */
	if (p.plan.rights_lost[0] != '\0' && !plan_consent(cli, question, &p.plan))
		return;
	if (change_role(cli, row, &r, &err) != UADM_OK) {
		result_failed(cli, shown, &err);
		return;
	}
	snprintf(what, sizeof(what), "%s%s%s", role, r.until != 0 ? " until " : "",
	    when_end(r.until, when));
	snprintf(p.of, sizeof(p.of), " in %s", cli->args[0]);
	snprintf(p.role, sizeof(p.role), "%s", role);
	p.until = r.until;
	tell_later(cli, shown, cli->json ? "changed" : what, r.changed, &p);
}

int
cmd_member_role(struct cli *cli)
{
	if (!cli_has(cli, "role") && !cli_has(cli, "from"))
		return cli_usage(cli, "which role? --role ROLE");
	return input_apply(cli, 1, role_one);
}

struct rights_change {
	const char *const *rights;
	size_t count;
	bool granted, changed;
};

static enum uadm_code
set_rights(
    struct cli *cli, const struct input_row *row, void *arg, struct uadm_err *err)
{
	struct rights_change *r = arg;

	return op_member_right(&cli->uadm, cli->args[0], row->name, r->rights, r->count,
	    r->granted, &r->changed, err);
}

/* " Work_Run,Work_read in acme" */
static void
say_changed_rights(
    const struct rights_change *r, const char *account, char *out, size_t size)
{
	size_t used = 0;

	if (!r->changed) {
		snprintf(out, size, " in %s", account);
		return;
	}
	for (size_t i = 0; i < r->count && used + 60 < size; i++)
		used += (size_t)snprintf(out + used, size - used, "%s%.32s",
		    i > 0 ? "," : " ", r->rights[i]);
	snprintf(out + used, size - used, " in %s", account);
}

static void
change_rights(struct cli *cli, const struct input_row *row, bool granted)
{
	CLEANUP(cli_values_free) char **rights = NULL;
	struct rights_change r = { .granted = granted };
	struct uadm_err err = { 0 };
	struct planned p = { 0 };
	char shown[80];

	rights = member_rights(cli, &r.count);
	r.rights = (const char *const *)rights;
	text_escape(shown, sizeof(shown), row->name);
	/* Nobody is asked: the rights were named. */
	if ((cli->uadm.dry_run &&
		plan_make(cli, row, set_rights, &r, &p.plan, &err) != UADM_OK) ||
	    set_rights(cli, row, &r, &err) != UADM_OK) {
		result_failed(cli, shown, &err);
		return;
	}
	say_changed_rights(&r, cli->args[0], p.of, sizeof(p.of));
	tell_later(cli, shown, granted ? "granted" : "denied", r.changed, &p);
}

static void
grant_one(struct cli *cli, const struct input_row *row)
{
	change_rights(cli, row, true);
}

static void
deny_one(struct cli *cli, const struct input_row *row)
{
	change_rights(cli, row, false);
}

static int
rights_each(struct cli *cli, void (*one)(struct cli *, const struct input_row *))
{
	if (!cli_has(cli, "right") && !cli_has(cli, "scope"))
		return cli_usage(cli, "which right? --right RIGHT, --scope SCOPE");
	return input_apply(cli, 1, one);
}

int
cmd_member_grant(struct cli *cli)
{
	return rights_each(cli, grant_one);
}

int
cmd_member_deny(struct cli *cli)
{
	return rights_each(cli, deny_one);
}

static const char *const state_words[] = {
	[MEMBER_SUSPEND] = "suspended",
	[MEMBER_RESUME] = "resumed",
	[MEMBER_REVOKE] = "revoked",
};

struct state_change {
	enum member_verb verb;
	bool in_review; /* and the decision is put on record with it */
	bool changed;
};

static enum uadm_code
set_state(struct cli *cli, const struct input_row *row, void *arg, struct uadm_err *err)
{
	struct state_change *s = arg;
	struct review_item i;

	if (s->in_review)
		return op_review_decide(&cli->uadm, cli->args[0], row->name, true,
		    cli_has(cli, "end-sessions"), &i, &s->changed, err);
	return op_member_state(&cli->uadm, cli->args[0], row->name, s->verb,
	    cli_has(cli, "end-sessions"), &s->changed, err);
}

static void
change_state(
    struct cli *cli, const struct input_row *row, enum member_verb verb, bool in_review)
{
	struct state_change s = { .verb = verb, .in_review = in_review };
	struct uadm_err err = { 0 };
	struct planned p = { 0 };
	struct user user;
	char shown[80], question[300];

	text_escape(shown, sizeof(shown), row->name);
	if (plan_make(cli, row, set_state, &s, &p.plan, &err) != UADM_OK) {
		result_failed(cli, shown, &err);
		return;
	}
	snprintf(question, sizeof(question), "Revoke the membership of %s in %s?",
	    shown, cli->args[0]);
	if (verb == MEMBER_REVOKE && !plan_consent(cli, question, &p.plan))
		return;
	if (set_state(cli, row, &s, &err) != UADM_OK ||
	    (cli_has(cli, "end-sessions") &&
		(find_person(&cli->uadm, cli->args[0], NULL, row->name, &user, &err) !=
			UADM_OK ||
		    ending_add(&cli->uadm, &cli->ending, &user, state_words[verb],
			s.changed, &err) != UADM_OK))) {
		result_failed(cli, shown, &err);
		return;
	}
	if (!cli_has(cli, "end-sessions")) {
		snprintf(p.of, sizeof(p.of), " in %s", cli->args[0]);
		tell_later(cli, shown, state_words[verb], s.changed, &p);
		return;
	}
	/* Who may still log in has lost the groups as well, but not what is running. */
	cli->ending.users[cli->ending.count - 1].anyway = true;
	end_later_as_planned(cli, &p.plan);
}

static void
suspend_one(struct cli *cli, const struct input_row *row)
{
	change_state(cli, row, MEMBER_SUSPEND, false);
}

static void
resume_one(struct cli *cli, const struct input_row *row)
{
	change_state(cli, row, MEMBER_RESUME, false);
}

static void
revoke_one(struct cli *cli, const struct input_row *row)
{
	change_state(cli, row, MEMBER_REVOKE, false);
}

void
member_review_revoke(struct cli *cli, const struct input_row *row)
{
	change_state(cli, row, MEMBER_REVOKE, true);
}

int
cmd_member_suspend(struct cli *cli)
{
	return end_each(cli, 1, suspend_one);
}

int
cmd_member_resume(struct cli *cli)
{
	return input_apply(cli, 1, resume_one);
}

int
cmd_member_revoke(struct cli *cli)
{
	return end_each(cli, 1, revoke_one);
}
