/*
 * contact.c - the verbs of contacts.
 */
#include "libuadm/ops/contacts.h"

#include "libuadm/base/names.h"
#include "libuadm/policy/contact.h"
#include "uadmctl/input.h"
#include "uadmctl/plan.h"
#include "uadmctl/print.h"

#include <string.h>

enum col { NAME, KIND, EMAIL, PHONE, COMPANY, NOTE, USERS, CREATED_AT, COLUMNS };

static const struct column columns[COLUMNS] = {
	[NAME] = { "name", CELL_TEXT, true, FIT_CUT },
	[KIND] = { "kind", CELL_TEXT, true },
	[EMAIL] = { "email", CELL_TEXT, true, FIT_CUT },
	[PHONE] = { "phone", CELL_TEXT, true },
	[COMPANY] = { "company", CELL_TEXT, true, FIT_CUT },
	[NOTE] = { "note", CELL_TEXT, false, FIT_CUT },
	[USERS] = { "users", CELL_LIST, true, FIT_CUT },
	[CREATED_AT] = { "created_at", CELL_TIME, false },
};

static void
fill_cells(const struct contact *k, struct cell cells[COLUMNS])
{
	cells[NAME] = (struct cell){ .text = k->name };
	cells[KIND] = (struct cell){ .text = policy_contact_word(k->kind) };
	cells[EMAIL] = (struct cell){ .text = k->email };
	cells[PHONE] = (struct cell){ .text = k->phone };
	cells[COMPANY] = (struct cell){ .text = k->company };
	cells[NOTE] = (struct cell){ .text = k->note };
	cells[USERS] = (struct cell){ .text = k->users };
	cells[CREATED_AT] = (struct cell){ .number = k->created_at };
}

/* Of the options and the row; an empty cell says nothing. */
static const char *
given(const struct cli *cli, const struct input_row *row, const char *key)
{
	for (size_t i = 0; i < row->count; i++)
		if (strcmp(row->keys[i], key) == 0 && *row->values[i] != '\0')
			return row->values[i];
	return cli_value(cli, key);
}

static struct contact_change
read_change(const struct cli *cli, const struct input_row *row)
{
	return (struct contact_change){ .kind = given(cli, row, "kind"),
		.email = given(cli, row, "email"),
		.phone = given(cli, row, "phone"),
		.company = given(cli, row, "company"),
		.note = given(cli, row, "note") };
}

static void
add_one(struct cli *cli, const struct input_row *row)
{
	const struct contact_change set = read_change(cli, row);
	struct uadm_err err = { 0 };
	char shown[140];

	text_escape(shown, sizeof(shown), row->name);
	if (set.kind == NULL) {
		uadm_fail(&err, UADM_USAGE, "which kind? --kind KIND");
		result_failed(cli, shown, &err);
	} else if (op_contact_add(&cli->uadm, row->name, &set, &err) != UADM_OK) {
		result_failed(cli, shown, &err);
	} else {
		result_done(cli, shown, "added", true);
	}
}

static void
set_one(struct cli *cli, const struct input_row *row)
{
	const struct contact_change set = read_change(cli, row);
	struct uadm_err err = { 0 };
	char shown[140];
	bool changed;

	text_escape(shown, sizeof(shown), row->name);
	if (op_contact_set(&cli->uadm, row->name, &set, &changed, &err) != UADM_OK)
		result_failed(cli, shown, &err);
	else
		result_done(cli, shown, "changed", changed);
}

static void
delete_one(struct cli *cli, const struct input_row *row)
{
	struct uadm_err err = { 0 };
	char shown[140], question[300];

	text_escape(shown, sizeof(shown), row->name);
	if (plan_rehearse(cli, row->name, op_contact_delete, &err) != UADM_OK) {
		result_failed(cli, shown, &err);
		return;
	}
	snprintf(question, sizeof(question), "Delete the contact %s for good?", shown);
	if (!input_confirm(cli, question, NULL))
		return;
	if (op_contact_delete(&cli->uadm, row->name, &err) != UADM_OK)
		result_failed(cli, shown, &err);
	else
		result_done(cli, shown, "deleted", true);
}

int
cmd_contact_add(struct cli *cli)
{
	return input_apply(cli, 0, add_one);
}

int
cmd_contact_set(struct cli *cli)
{
	return input_apply(cli, 0, set_one);
}

int
cmd_contact_delete(struct cli *cli)
{
	return input_apply(cli, 0, delete_one);
}

static enum uadm_code
print_contact(void *arg, const struct contact *k, struct uadm_err *err)
{
	struct cell cells[COLUMNS];

	(void)err;
	fill_cells(k, cells);
	print_row(arg, cells);
	return UADM_OK;
}

static enum uadm_code
show_contact(void *arg, const struct contact *k, struct uadm_err *err)
{
	struct cell cells[COLUMNS];

	(void)err;
	fill_cells(k, cells);
	print_object(arg, columns, COLUMNS, cells);
	return UADM_OK;
}

int
cmd_contact_list(struct cli *cli)
{
	static const char *const kinds[] = { CONTACT_KIND_WORDS };
	struct uadm_err err = { 0 };

	if (!cli_one_of(cli, "kind", kinds, ARRAY_LEN(kinds)) ||
	    !print_begin(cli, columns, COLUMNS))
		return cli->worst;
	if (op_contacts(&cli->uadm, NULL, cli_value(cli, "kind"), print_contact, cli,
		&err) != UADM_OK)
		return print_abort(cli, &err);
	print_end(cli);
	return cli->worst;
}

static enum uadm_code
show_one(struct cli *cli, const char *name, bool as_row, struct uadm_err *err)
{
	return op_contacts(
	    &cli->uadm, name, NULL, as_row ? print_contact : show_contact, cli, err);
}

int
cmd_contact_show(struct cli *cli)
{
	return print_shown(cli, columns, COLUMNS, show_one);
}
