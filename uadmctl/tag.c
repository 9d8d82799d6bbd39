/*
 * tag.c - the tags that are in use. Putting one on a user is a verb of users.
 */
#include "libuadm/ops/tags.h"
#include "uadmctl/print.h"

static const struct column tag_columns[] = { { "tag", CELL_TEXT, true },
	{ "users", CELL_NUMBER, true } };

static enum uadm_code
print_tag(void *arg, const char *tag, int64_t users, struct uadm_err *err)
{
	const struct cell cells[] = { { .text = tag }, { .number = users } };

	(void)err;
	print_row(arg, cells);
	return UADM_OK;
}

int
cmd_tag_list(struct cli *cli)
{
	struct uadm_err err = { 0 };

	if (!print_begin(cli, tag_columns, ARRAY_LEN(tag_columns)))
		return cli->worst;
	if (op_tags(&cli->uadm, print_tag, cli, &err) != UADM_OK)
		return print_abort(cli, &err);
	print_end(cli);
	return cli->worst;
}
