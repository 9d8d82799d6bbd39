/*
 * user_state.c - user resume, unlock.
 */
#include "libuadm/base/names.h"
#include "libuadm/ops/users.h"
#include "uadmctl/input.h"
#include "uadmctl/print.h"

typedef enum uadm_code state_op(struct uadm *, const char *, bool *, struct uadm_err *);

static void
apply(struct cli *cli, const struct input_row *row, state_op *op, const char *what)
{
	struct uadm_err err = { 0 };
	char shown[80];
	bool changed;

	text_escape(shown, sizeof(shown), row->name);
	if (op(&cli->uadm, row->name, &changed, &err) != UADM_OK)
		result_failed(cli, shown, &err);
	else
		result_done(cli, shown, what, changed);
}

static void
resume_one(struct cli *cli, const struct input_row *row)
{
	apply(cli, row, op_user_resume, "active");
}

static void
unlock_one(struct cli *cli, const struct input_row *row)
{
	apply(cli, row, op_user_unlock, "unlocked");
}

static int
each(struct cli *cli, void (*one)(struct cli *, const struct input_row *))
{
	result_begin(cli);
	input_each(cli, 0, one);
	result_end(cli);
	return cli->worst;
}

int
cmd_user_resume(struct cli *cli)
{
	return each(cli, resume_one);
}

int
cmd_user_unlock(struct cli *cli)
{
	return each(cli, unlock_one);
}
