/*
 * account.c - the verbs of accounts.
 */
#include "libuadm/ops/accounts.h"

#include "libuadm/base/names.h"
#include "libuadm/ops/losses.h"
#include "uadmctl/bulk.h"
#include "uadmctl/input.h"
#include "uadmctl/plan.h"
#include "uadmctl/print.h"

#include <jansson.h>

#include <string.h>

enum col {
	NAME,
	GID,
	STATUS,
	MEMBER_COUNT,
	ADMINISTRATORS,
	DEFAULT_ROLE,
	REQUIRE_ACCEPTANCE,
	DOMAINS,
	DESCRIPTION,
	CREATED_AT,
	SUSPENDED_AT,
	COLUMNS
};

static const struct column columns[COLUMNS] = {
	[NAME] = { "name", CELL_TEXT, true },
	[GID] = { "gid", CELL_NUMBER, false },
	[STATUS] = { "status", CELL_TEXT, true },
	[MEMBER_COUNT] = { "member_count", CELL_NUMBER, true },
	[ADMINISTRATORS] = { "administrators", CELL_NUMBER, true },
	[DEFAULT_ROLE] = { "default_role", CELL_TEXT, true },
	[REQUIRE_ACCEPTANCE] = { "require_acceptance", CELL_BOOL, false },
	[DOMAINS] = { "domains", CELL_LIST, true, FIT_CUT },
	[DESCRIPTION] = { "description", CELL_TEXT, true, FIT_CUT },
	[CREATED_AT] = { "created_at", CELL_TIME, false },
	[SUSPENDED_AT] = { "suspended_at", CELL_TIME, false },
};

static void
fill_cells(const struct account_view *v, struct cell cells[COLUMNS])
{
	const struct account *a = &v->account;

	cells[NAME] = (struct cell){ .text = a->name };
	cells[GID] = (struct cell){ .number = a->gid };
	cells[STATUS] =
	    (struct cell){ .text = a->suspended_at != 0 ? "suspended" : "active" };
	cells[MEMBER_COUNT] = (struct cell){ .number = a->members };
	cells[ADMINISTRATORS] = (struct cell){ .number = v->administrators };
	cells[DEFAULT_ROLE] = (struct cell){ .text = a->default_role_name };
	cells[REQUIRE_ACCEPTANCE] = (struct cell){ .number = a->require_acceptance };
	cells[DOMAINS] = (struct cell){ .text = v->domains };
	cells[DESCRIPTION] = (struct cell){ .text = a->description };
	cells[CREATED_AT] = (struct cell){ .number = a->created_at };
	cells[SUSPENDED_AT] = (struct cell){ .number = a->suspended_at };
}

/* What the options set. `domains` is joined into `buffer`. false: said what is wrong. */
static bool
read_change(struct cli *cli, struct account_change *set, char *buffer, size_t size)
{
	static const char *const yes_no[] = { "yes", "no" };
	const char *accept = cli_value(cli, "require-acceptance");
	CLEANUP(cli_values_free) char **domains = NULL;
	size_t count, used = 0;

	domains = cli_values(cli, "domain", &count);
	*buffer = '\0';
	for (size_t i = 0; i < count && used < size; i++)
		used += (size_t)snprintf(
		    buffer + used, size - used, "%s%s", i > 0 ? "," : "", domains[i]);
	if (used >= size) {
		cli_usage(cli, "--domain: too many");
		return false;
	}
	*set = (struct account_change){ .description = cli_value(cli, "description"),
		.default_role = cli_value(cli, "default-role"),
		.domains = cli_has(cli, "domain") ? buffer : NULL,
		.require_acceptance =
		    accept == NULL ? -1 : strcmp(accept, "yes") == 0 };
	return cli_one_of(cli, "require-acceptance", yes_no, ARRAY_LEN(yes_no));
}

struct made {
	char name[80], what[200], default_role[UADM_NAME_SIZE];
	gid_t gid;
};

static void
tell_made(struct cli *cli, const void *arg, const struct uadm_err *lost)
{
	const struct made *d = arg;

	if (lost != NULL) {
		result_failed(cli, d->name, lost);
		return;
	}
	result_print(cli,
	    &(struct result){ .name = d->name,
		.what = cli->json ? "added" : d->what,
		.changed = true,
		.json = cli->json ? json_pack("{s:i, s:s}", "gid", (int)d->gid,
					"default_role", d->default_role)
				  : NULL },
	    &(struct uadm_err){ 0 });
}

static void
add_one(struct cli *cli, const struct input_row *row)
{
	struct account_change set;
	struct made d = { 0 };
	struct uadm_err err = { 0 };
	struct account a;
	char shown[80], what[200], domains[2048];

	text_escape(shown, sizeof(shown), row->name);
	if (!read_change(cli, &set, domains, sizeof(domains)))
		return;
	if (op_account_add(&cli->uadm, row->name, &set, &a, &err) != UADM_OK) {
		result_failed(cli, shown, &err);
		return;
	}
	snprintf(what, sizeof(what), "added with gid %u; its default role is %s",
	    (unsigned)a.gid, a.default_role_name);
	snprintf(d.name, sizeof(d.name), "%s", shown);
	snprintf(d.what, sizeof(d.what), "%s", what);
	snprintf(d.default_role, sizeof(d.default_role), "%s", a.default_role_name);
	d.gid = a.gid;
	bulk_later(cli, tell_made, &d, sizeof(d));
}

int
cmd_account_add(struct cli *cli)
{
	return input_apply(cli, 0, add_one);
}

static enum uadm_code
print_account(void *arg, const struct account_view *v, struct uadm_err *err)
{
	struct cell cells[COLUMNS];

	(void)err;
	fill_cells(v, cells);
	print_row(arg, cells);
	return UADM_OK;
}

static enum uadm_code
show_account(void *arg, const struct account_view *v, struct uadm_err *err)
{
	struct cell cells[COLUMNS];

	(void)err;
	fill_cells(v, cells);
	print_object(arg, columns, COLUMNS, cells);
	return UADM_OK;
}

int
cmd_account_list(struct cli *cli)
{
	struct uadm_err err = { 0 };

	if (!print_begin(cli, columns, COLUMNS))
		return cli->worst;
	if (op_accounts(&cli->uadm, NULL, print_account, cli, &err) != UADM_OK)
		return print_abort(cli, &err);
	print_end(cli);
	return cli->worst;
}

static enum uadm_code
show_one(struct cli *cli, const char *name, bool as_row, struct uadm_err *err)
{
	return op_accounts(
	    &cli->uadm, name, as_row ? print_account : show_account, cli, err);
}

int
cmd_account_show(struct cli *cli)
{
	return print_shown(cli, columns, COLUMNS, show_one);
}

static void
set_one(struct cli *cli, const struct input_row *row)
{
	struct account_change set;
	struct uadm_err err = { 0 };
	char shown[80], domains[2048];
	bool changed;

	text_escape(shown, sizeof(shown), row->name);
	if (!read_change(cli, &set, domains, sizeof(domains)))
		return;
	if (op_account_set(&cli->uadm, row->name, &set, &changed, &err) != UADM_OK)
		result_failed(cli, shown, &err);
	else
		result_done(cli, shown, "changed", changed);
}

int
cmd_account_set(struct cli *cli)
{
	if (!cli_has(cli, "description") && !cli_has(cli, "default-role") &&
	    !cli_has(cli, "domain") && !cli_has(cli, "require-acceptance"))
		return cli_usage(cli, "nothing to set is given");
	return input_apply(cli, 0, set_one);
}

/* "5 users can no longer log in, 12 members lose its groups" */
static char *
say_losses(int64_t logins, int64_t members, char *text, size_t size)
{
	snprintf(text, size,
	    "%lld user%s can no longer log in, %lld member%s its groups",
	    (long long)logins, logins == 1 ? "" : "s", (long long)members,
	    members == 1 ? " loses" : "s lose");
	return text;
}

struct suspended {
	char name[80], text[160];
	int64_t logins, members;
	bool changed;
};

static void
tell_suspended(struct cli *cli, const void *arg, const struct uadm_err *lost)
{
	const struct suspended *s = arg;
	const bool told = cli->uadm.dry_run && s->changed;
	char text[200] = "";

	if (lost != NULL && s->changed) {
		result_failed(cli, s->name, lost);
		return;
	}
	if (told)
		snprintf(text, sizeof(text), ": %s", s->text);
	result_print(cli,
	    &(struct result){ .name = s->name,
		.what = "suspended",
		.changed = s->changed,
		.text = text,
		.json = told && cli->json
		    ? json_pack("{s:I, s:I}", "logins_lost", (json_int_t)s->logins,
			  "members_lost", (json_int_t)s->members)
		    : NULL },
	    &(struct uadm_err){ 0 });
	if (s->changed && !cli->uadm.dry_run)
		cli_warn(
		    "%s: what its users run ends within a minute (uadmctl maintain)",
		    s->name);
}

static void
suspend_one(struct cli *cli, const struct input_row *row)
{
	const bool dry_run = cli->uadm.dry_run;
	struct suspended s = { 0 };
	struct uadm_err err = { 0 };
	char question[500];
	enum uadm_code c = UADM_OK;

	text_escape(s.name, sizeof(s.name), row->name);
	if (plan_is_wanted(cli)) {
		/* What is refused is not asked about first. */
		cli->uadm.dry_run = true;
		c = op_account_suspend(&cli->uadm, row->name, true, &s.changed, &err);
		cli->uadm.dry_run = dry_run;
		if (c == UADM_OK)
			c = op_account_losses(
			    &cli->uadm, row->name, &s.logins, &s.members, &err);
		say_losses(s.logins, s.members, s.text, sizeof(s.text));
		snprintf(question, sizeof(question), "Suspend the account %s? %s.\n",
		    s.name, s.text);
		if (c == UADM_OK && s.changed && !dry_run &&
		    !input_confirm(cli, question, NULL))
			return;
	}
	if (c == UADM_OK)
		c = op_account_suspend(&cli->uadm, row->name, true, &s.changed, &err);
	if (c != UADM_OK)
		result_failed(cli, s.name, &err);
	else
		bulk_later(cli, tell_suspended, &s, sizeof(s));
}

static void
resume_one(struct cli *cli, const struct input_row *row)
{
	struct uadm_err err = { 0 };
	char shown[80];
	bool changed;

	text_escape(shown, sizeof(shown), row->name);
	if (op_account_suspend(&cli->uadm, row->name, false, &changed, &err) != UADM_OK)
		result_failed(cli, shown, &err);
	else
		result_done(cli, shown, "resumed", changed);
}

int
cmd_account_suspend(struct cli *cli)
{
	return input_apply(cli, 0, suspend_one);
}

int
cmd_account_resume(struct cli *cli)
{
	return input_apply(cli, 0, resume_one);
}

static void
delete_one(struct cli *cli, const struct input_row *row)
{
	struct uadm_err err = { 0 };
	struct account a;
	char shown[80], question[400];

	text_escape(shown, sizeof(shown), row->name);
	if (find_account(&cli->uadm, row->name, &a, &err) != UADM_OK ||
	    op_account_count(&cli->uadm, &a, &err) != UADM_OK ||
	    plan_rehearse(cli, row->name, op_account_delete, &err) != UADM_OK) {
		result_failed(cli, shown, &err);
		return;
	}
	snprintf(question, sizeof(question),
	    "Delete the account %s (gid %u, %lld members) for good, with its groups and the rights "
	    "in it?\nSuspending may be enough: uadmctl account suspend %s",
	    a.name, (unsigned)a.gid, (long long)a.members, a.name);
	if (!input_confirm(cli, question, a.name))
		return;
	if (op_account_delete(&cli->uadm, row->name, &err) != UADM_OK)
		result_failed(cli, shown, &err);
	else
		result_done(cli, shown, "deleted", true);
}

int
cmd_account_delete(struct cli *cli)
{
	return input_apply(cli, 0, delete_one);
}
