/*
 * role.c - the verbs of roles and rights, and `can`.
 */
#include "libuadm/ops/losses.h"
#include "libuadm/ops/roles.h"

#include "libuadm/base/names.h"
#include "libuadm/ops/accounts.h"
#include "libuadm/ops/act.h"
#include "uadmctl/bulk.h"
#include "uadmctl/input.h"
#include "uadmctl/member.h"
#include "uadmctl/plan.h"
#include "uadmctl/print.h"

#include <jansson.h>
#include <string.h>

enum role_col {
	NAME,
	MEMBER_COUNT,
	EVERYTHING,
	SHIPPED,
	RIGHTS,
	DESCRIPTION,
	CREATED_AT,
	ROLE_COLUMNS
};

static const struct column role_columns[ROLE_COLUMNS] = {
	[NAME] = { "name", CELL_TEXT, true },
	[MEMBER_COUNT] = { "member_count", CELL_NUMBER, true },
	[EVERYTHING] = { "everything", CELL_BOOL, false },
	[SHIPPED] = { "shipped", CELL_BOOL, false },
	[RIGHTS] = { "rights", CELL_LIST, true, FIT_WRAP },
	[DESCRIPTION] = { "description", CELL_TEXT, true, FIT_WRAP },
	[CREATED_AT] = { "created_at", CELL_TIME, false },
};

static void
fill_role(const struct role_view *v, struct cell cells[ROLE_COLUMNS])
{
	cells[NAME] = (struct cell){ .text = v->role.name };
	cells[MEMBER_COUNT] = (struct cell){ .number = v->role.members };
	cells[EVERYTHING] = (struct cell){ .number = v->role.everything };
	cells[SHIPPED] = (struct cell){ .number = v->role.shipped };
	cells[RIGHTS] = (struct cell){ .text = v->rights };
	cells[DESCRIPTION] = (struct cell){ .text = v->role.description };
	cells[CREATED_AT] = (struct cell){ .number = v->role.created_at };
}

static void
add_role(struct cli *cli, const struct input_row *row)
{
	CLEANUP(cli_values_free) char **rights = NULL;
	const char *text = cli_value(cli, "description");
	struct uadm_err err = { 0 };
	char shown[80];
	size_t count;

	rights = member_rights(cli, &count);
	text_escape(shown, sizeof(shown), row->name);
	if (op_role_add(&cli->uadm, row->name, text == NULL ? "" : text,
		(const char *const *)rights, count, &err) != UADM_OK)
		result_failed(cli, shown, &err);
	else
		result_done(cli, shown, "added", true);
}

int
cmd_role_add(struct cli *cli)
{
	return input_apply(cli, 0, add_role);
}

static void
set_role(struct cli *cli, const struct input_row *row)
{
	struct uadm_err err = { 0 };
	char shown[80];
	bool changed;

	text_escape(shown, sizeof(shown), row->name);
	if (op_role_set(&cli->uadm, row->name, cli_value(cli, "description"), &changed,
		&err) != UADM_OK)
		result_failed(cli, shown, &err);
	else
		result_done(cli, shown, "changed", changed);
}

int
cmd_role_set(struct cli *cli)
{
	if (!cli_has(cli, "description"))
		return cli_usage(cli, "nothing to set is given: --description TEXT");
	return input_apply(cli, 0, set_role);
}

static enum uadm_code
print_role(void *arg, const struct role_view *v, struct uadm_err *err)
{
	struct cell cells[ROLE_COLUMNS];

	(void)err;
	fill_role(v, cells);
	print_row(arg, cells);
	return UADM_OK;
}

static enum uadm_code
show_role(void *arg, const struct role_view *v, struct uadm_err *err)
{
	struct cell cells[ROLE_COLUMNS];

	(void)err;
	fill_role(v, cells);
	print_object(arg, role_columns, ROLE_COLUMNS, cells);
	return UADM_OK;
}

int
cmd_role_list(struct cli *cli)
{
	struct uadm_err err = { 0 };

	if (!print_begin(cli, role_columns, ROLE_COLUMNS))
		return cli->worst;
	if (op_roles(&cli->uadm, NULL, print_role, cli, &err) != UADM_OK)
		return print_abort(cli, &err);
	print_end(cli);
	return cli->worst;
}

static enum uadm_code
show_one(struct cli *cli, const char *name, bool as_row, struct uadm_err *err)
{
	return op_roles(&cli->uadm, name, as_row ? print_role : show_role, cli, err);
}

int
cmd_role_show(struct cli *cli)
{
	return print_shown(cli, role_columns, ROLE_COLUMNS, show_one);
}

/* Who will have or lose them is told by a dry run. */
static void
tell_rights(struct cli *cli, const char *shown, bool held, bool changed)
{
	const bool told = cli->uadm.dry_run && changed;
	struct uadm_err err = { 0 };
	int64_t members = 0;
	char text[80] = "";

	if (told &&
	    op_role_members(&cli->uadm, cli->args[0], &members, &err) != UADM_OK) {
		result_failed(cli, shown, &err);
		return;
	}
	if (told)
		snprintf(text, sizeof(text), ": %lld member%s the role",
		    (long long)members, members == 1 ? " has" : "s have");
	result_print(cli,
	    &(struct result){ .name = shown,
		.what = held ? "granted" : "denied",
		.changed = changed,
		.text = text,
		.json = told && cli->json
		    ? json_pack("{s:I}", "members", (json_int_t)members)
		    : NULL },
	    &(struct uadm_err){ 0 });
}

static int
change_rights(struct cli *cli, bool held)
{
	CLEANUP(cli_values_free) char **rights = NULL;
	struct uadm_err err = { 0 };
	char shown[80];
	size_t count;
	bool changed;

	if (!cli_has(cli, "right") && !cli_has(cli, "scope"))
		return cli_usage(cli, "which right? --right RIGHT, --scope SCOPE");
	rights = member_rights(cli, &count);
	text_escape(shown, sizeof(shown), cli->args[0]);
	result_begin(cli);
	if (op_role_rights(&cli->uadm, cli->args[0], (const char *const *)rights, count,
		held, &changed, &err) != UADM_OK)
		result_failed(cli, shown, &err);
	else
		tell_rights(cli, shown, held, changed);
	result_end(cli);
	return cli->worst;
}

int
cmd_role_grant(struct cli *cli)
{
	return change_rights(cli, true);
}

int
cmd_role_deny(struct cli *cli)
{
	return change_rights(cli, false);
}

static void
delete_role(struct cli *cli, const struct input_row *row)
{
	struct uadm_err err = { 0 };
	struct role r;
	char shown[80], question[300];

	text_escape(shown, sizeof(shown), row->name);
	if (find_role(&cli->uadm, row->name, &r, &err) != UADM_OK ||
	    plan_rehearse(cli, row->name, op_role_delete, &err) != UADM_OK) {
		result_failed(cli, shown, &err);
		return;
	}
	snprintf(question, sizeof(question),
	    "Delete the role %s and its group in each account for good?", r.name);
	if (!input_confirm(cli, question, NULL))
		return;
	if (op_role_delete(&cli->uadm, row->name, &err) != UADM_OK)
		result_failed(cli, shown, &err);
	else
		result_done(cli, shown, "deleted", true);
}

int
cmd_role_delete(struct cli *cli)
{
	return input_apply(cli, 0, delete_role);
}

static void
add_right(struct cli *cli, const struct input_row *row)
{
	const char *text = cli_value(cli, "description");
	struct uadm_err err = { 0 };
	char shown[80];

	text_escape(shown, sizeof(shown), row->name);
	if (op_right_add(&cli->uadm, row->name, cli_value(cli, "scope"),
		text == NULL ? "" : text, &err) != UADM_OK)
		result_failed(cli, shown, &err);
	else
		result_done(cli, shown, "added", true);
}

int
cmd_right_add(struct cli *cli)
{
	return input_apply(cli, 0, add_right);
}

struct deleted {
	char name[80];
	int64_t roles, members;
};

static char *
say_deleted(const struct deleted *d, char *text, size_t size)
{
	snprintf(text, size, ": %lld role%s by name, and %lld member%s beside the role",
	    (long long)d->roles, d->roles == 1 ? "" : "s", (long long)d->members,
	    d->members == 1 ? "" : "s");
	return text;
}

static void
tell_deleted(struct cli *cli, const void *arg, const struct uadm_err *lost)
{
	const struct deleted *d = arg;
	char text[120] = "";

	if (lost != NULL) {
		result_failed(cli, d->name, lost);
		return;
	}
	if (cli->uadm.dry_run)
		say_deleted(d, text, sizeof(text));
	result_print(cli,
	    &(struct result){ .name = d->name,
		.what = "deleted",
		.changed = true,
		.text = text,
		.json = cli->uadm.dry_run && cli->json
		    ? json_pack("{s:I, s:I}", "roles", (json_int_t)d->roles, "members",
			  (json_int_t)d->members)
		    : NULL },
	    &(struct uadm_err){ 0 });
}

static void
delete_right(struct cli *cli, const struct input_row *row)
{
	struct deleted d = { 0 };
	struct uadm_err err = { 0 };
	struct right r;
	char question[400], text[120], *shown = d.name;

	text_escape(d.name, sizeof(d.name), row->name);
	if (find_right(&cli->uadm, row->name, &r, &err) != UADM_OK ||
	    op_right_losses(&cli->uadm, row->name, &d.roles, &d.members, &err) !=
		UADM_OK ||
	    plan_rehearse(cli, row->name, op_right_delete, &err) != UADM_OK) {
		result_failed(cli, shown, &err);
		return;
	}
	snprintf(question, sizeof(question),
	    "Delete the %s %s for good? Every role and member loses it%s.",
	    r.scope == 0 ? "scope" : "right", r.name,
	    say_deleted(&d, text, sizeof(text)));
	if (!input_confirm(cli, question, NULL))
		return;
	if (op_right_delete(&cli->uadm, row->name, &err) != UADM_OK)
		result_failed(cli, shown, &err);
	else
		bulk_later(cli, tell_deleted, &d, sizeof(d));
}

int
cmd_right_delete(struct cli *cli)
{
	return input_apply(cli, 0, delete_right);
}

static const struct column right_columns[] = { { "scope", CELL_TEXT, true },
	{ "name", CELL_TEXT, true }, { "description", CELL_TEXT, true, FIT_WRAP },
	{ "shipped", CELL_BOOL, false }, { "held", CELL_BOOL, true },
	{ "grantable", CELL_BOOL, true } };

/* What is held and what may be passed on is a question about an account. */
static size_t
right_column_count(const struct cli *cli)
{
	return ARRAY_LEN(right_columns) - (cli_has(cli, "account") ? 0 : 2);
}

static enum uadm_code
print_right(void *arg, const struct right_view *v, struct uadm_err *err)
{
	struct cli *cli = arg;
	const struct cell cells[] = { { .text = v->right.scope_name },
		{ .text = v->right.name }, { .text = v->right.description },
		{ .number = v->right.shipped }, { .number = v->held },
		{ .number = v->grantable } };

	(void)err;
	if (!cli_has(cli, "grantable") || v->grantable)
		print_row(cli, cells);
	return UADM_OK;
}

int
cmd_right_list(struct cli *cli)
{
	struct uadm_err err = { 0 };

	if ((cli_has(cli, "grantable") || cli_has(cli, "user")) &&
	    !cli_has(cli, "account"))
		return cli_usage(cli, "--grantable and --user go with --account");
	if (!print_begin(cli, right_columns, right_column_count(cli)))
		return cli->worst;
	if (op_rights(&cli->uadm, cli_value(cli, "account"), cli_value(cli, "user"),
		print_right, cli, &err) != UADM_OK)
		return print_abort(cli, &err);
	print_end(cli);
	return cli->worst;
}

int
cmd_can(struct cli *cli)
{
	static const struct column columns[] = { { "name", CELL_TEXT, true },
		{ "account", CELL_TEXT, true }, { "right", CELL_TEXT, true },
		{ "allowed", CELL_BOOL, true }, { "reason", CELL_TEXT, true },
		{ "text", CELL_TEXT, true } };
	struct uadm_err err = { 0 };
	struct can_answer a;

	if (!cli_has(cli, "account"))
		return cli_usage(cli, "in which account? --account ACCOUNT");
	if (op_can(&cli->uadm, cli->args[0], cli->args[1], cli_value(cli, "account"),
		&a, &err) != UADM_OK)
		return cli_fail(cli, NULL, &err);
	if (cli->json) {
		const struct cell cells[] = { { .text = a.user }, { .text = a.account },
			{ .text = a.right }, { .number = a.can }, { .text = a.reason },
			{ .text = a.why } };

		print_object(cli, columns, ARRAY_LEN(columns), cells);
	} else {
		print_note(cli, "%s", a.why);
	}
	return a.can ? 0 : EXIT_NO;
}
