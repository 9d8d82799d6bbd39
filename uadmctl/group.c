/*
 * group.c - the verbs of groups.
 */
#include "libuadm/ops/groups.h"

#include "libuadm/base/names.h"
#include "libuadm/base/number.h"
#include "libuadm/ops/same.h"
#include "libuadm/ops/show.h"
#include "libuadm/store/groups.h"
#include "uadmctl/input.h"
#include "uadmctl/plan.h"
#include "uadmctl/print.h"

#include <string.h>

enum col { NAME, GID, MEMBER_COUNT, DESCRIPTION, CREATED_AT, MEMBERS, COLUMNS };

static const struct column columns[COLUMNS] = {
	[NAME] = { "name", CELL_TEXT, true },
	[GID] = { "gid", CELL_NUMBER, true },
	[MEMBER_COUNT] = { "member_count", CELL_NUMBER, true },
	[DESCRIPTION] = { "description", CELL_TEXT, true, FIT_CUT },
	[CREATED_AT] = { "created_at", CELL_TIME, false },
	[MEMBERS] = { "members", CELL_LIST, false, FIT_CUT }, /* of one group only */
};

static void
fill_cells(const struct group *g, const char *members, struct cell cells[COLUMNS])
{
	cells[NAME] = (struct cell){ .text = g->name };
	cells[GID] = (struct cell){ .number = g->gid };
	cells[MEMBER_COUNT] = (struct cell){ .number = g->members };
	cells[DESCRIPTION] = (struct cell){ .text = g->description };
	cells[CREATED_AT] = (struct cell){ .number = g->created_at };
	cells[MEMBERS] = (struct cell){ .text = members };
}

static enum uadm_code
set_gid(struct group *g, const char *value, struct uadm_err *err)
{
	char shown[60];
	int64_t gid;

	if (!number_parse(value, 1, 2147483646, &gid))
		return uadm_fail(err, UADM_INVALID,
		    "gid \"%s\" is not a number from 1 to 2147483646",
		    text_escape(shown, sizeof(shown), value));
	g->gid = (gid_t)gid;
	return UADM_OK;
}

static enum uadm_code
set_description(struct group *g, const char *value, struct uadm_err *err)
{
	enum uadm_code c =
	    text_check("description", value, sizeof(g->description), err);

	if (c == UADM_OK)
		snprintf(g->description, sizeof(g->description), "%s", value);
	return c;
}

/* From the options and from the row; an empty cell says nothing. */
static enum uadm_code
fill_group(
    struct cli *cli, const struct input_row *row, struct group *g, struct uadm_err *err)
{
	const char *gid = cli_value(cli, "gid"), *text = cli_value(cli, "description");
	enum uadm_code c = name_check("name", row->name, err);

	if (c == UADM_OK)
		snprintf(g->name, sizeof(g->name), "%s", row->name);
	for (size_t i = 0; i < row->count; i++) {
		if (*row->values[i] != '\0' && strcmp(row->keys[i], "gid") == 0)
			gid = row->values[i];
		if (*row->values[i] != '\0' && strcmp(row->keys[i], "description") == 0)
			text = row->values[i];
	}
	if (c == UADM_OK && gid != NULL)
		c = set_gid(g, gid, err);
	if (c == UADM_OK && text != NULL)
		c = set_description(g, text, err);
	return c;
}

static void
add_one(struct cli *cli, const struct input_row *row)
{
	struct group g = { 0 };
	struct uadm_err err = { 0 };
	char shown[80], what[80];
	bool there = false;

	text_escape(shown, sizeof(shown), row->name);
	if (fill_group(cli, row, &g, &err) != UADM_OK ||
	    (cli_has(cli, "resume") &&
		op_group_is_there(&cli->uadm, &g, &there, &err) != UADM_OK) ||
	    (!there && op_group_add(&cli->uadm, &g, &err) != UADM_OK)) {
		result_failed(cli, shown, &err);
		return;
	}
	snprintf(what, sizeof(what), "added with gid %u", (unsigned)g.gid);
	result_done(cli, shown, cli->json ? "added" : what, !there);
}

int
cmd_group_add(struct cli *cli)
{
	if (cli_has(cli, "gid") && cli->arg_count != 1)
		return cli_usage(cli, "--gid goes with one name");
	if (cli_has(cli, "resume") && !cli_has(cli, "from"))
		return cli_usage(cli, "--resume goes with --from");
	return input_apply(cli, 0, add_one);
}

static enum uadm_code
print_group(void *arg, const struct group *g, struct uadm_err *err)
{
	struct cell cells[COLUMNS];

	(void)err;
	fill_cells(g, "", cells);
	print_row(arg, cells);
	return UADM_OK;
}

static int
list(struct cli *cli, int64_t most)
{
	struct uadm_err err = { 0 };

	/* The members are a question to `group show`: a list would be too wide. */
	if (!print_begin(cli, columns, COLUMNS - 1))
		return cli->worst;
	if (groups_each(cli->uadm.store, most, print_group, cli, &err) != UADM_OK)
		return print_abort(cli, &err);
	print_end(cli);
	return cli->worst;
}

int
cmd_group_list(struct cli *cli)
{
	return list(cli, 0);
}

int
cmd_group_top(struct cli *cli)
{
	int64_t most;

	if (!cli_number(cli, "number", 1, 1000000, 10, &most))
		return cli->worst;
	return list(cli, most);
}

struct joined {
	FILE *to;
	bool any;
};

static enum uadm_code
join_member(void *arg, const char *name, struct uadm_err *err)
{
	struct joined *j = arg;

	(void)err;
	fprintf(j->to, "%s%s", j->any ? "," : "", name);
	j->any = true;
	return UADM_OK;
}

static enum uadm_code
show_group(struct cli *cli, const char *name, bool as_row, struct uadm_err *err)
{
	CLEANUP(cleanup_free) char *members = NULL;
	size_t size = 0;
	struct joined j = { .to = open_memstream(&members, &size) };
	struct cell cells[COLUMNS];
	struct group g;
	enum uadm_code c;

	if (j.to == NULL)
		return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
	if ((c = find_group(&cli->uadm, name, &g, err)) == UADM_OK)
		c = groups_each_member(cli->uadm.store, g.gid, join_member, &j, err);
	if (fclose(j.to) != 0)
		return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
	if (c != UADM_OK)
		return c;
	fill_cells(&g, members, cells);
	if (as_row)
		print_row(cli, cells);
	else
		print_object(cli, columns, COLUMNS, cells);
	return UADM_OK;
}

int
cmd_group_show(struct cli *cli)
{
	return print_shown(cli, columns, COLUMNS, show_group);
}

static void
change_one(struct cli *cli, const struct input_row *row, bool in)
{
	struct uadm_err err = { 0 };
	char shown[80], what[80];
	bool changed;
	enum uadm_code c = in
	    ? op_group_add_member(&cli->uadm, cli->args[0], row->name, &changed, &err)
	    : op_group_remove_member(
		  &cli->uadm, cli->args[0], row->name, &changed, &err);

	text_escape(shown, sizeof(shown), row->name);
	if (c != UADM_OK) {
		result_failed(cli, shown, &err);
		return;
	}
	snprintf(
	    what, sizeof(what), in ? "member of %s" : "no member of %s", cli->args[0]);
	result_done(cli, shown, cli->json ? (in ? "added" : "removed") : what, changed);
}

static void
add_member_one(struct cli *cli, const struct input_row *row)
{
	change_one(cli, row, true);
}

static void
remove_member_one(struct cli *cli, const struct input_row *row)
{
	change_one(cli, row, false);
}

int
cmd_group_add_member(struct cli *cli)
{
	return input_apply(cli, 1, add_member_one);
}

int
cmd_group_remove_member(struct cli *cli)
{
	return input_apply(cli, 1, remove_member_one);
}

static void
delete_one(struct cli *cli, const struct input_row *row)
{
	struct uadm_err err = { 0 };
	struct group g;
	char shown[80], question[300];

	text_escape(shown, sizeof(shown), row->name);
	if (find_group(&cli->uadm, row->name, &g, &err) != UADM_OK ||
	    plan_rehearse(cli, row->name, op_group_delete, &err) != UADM_OK) {
		result_failed(cli, shown, &err);
		return;
	}
	snprintf(question, sizeof(question),
	    "Delete the group %s (gid %u, %lld members) for good? The gid is never given again.",
	    g.name, (unsigned)g.gid, (long long)g.members);
	if (!input_confirm(cli, question, NULL))
		return;
	if (op_group_delete(&cli->uadm, row->name, &err) != UADM_OK)
		result_failed(cli, shown, &err);
	else
		result_done(cli, shown, "deleted", true);
}

int
cmd_group_delete(struct cli *cli)
{
	return input_apply(cli, 0, delete_one);
}
