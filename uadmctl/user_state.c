/*
 * user_state.c - user resume, unlock.
 */
#include "libuadm/base/names.h"
#include "libuadm/base/times.h"
#include "libuadm/ops/members.h"
#include "libuadm/ops/show.h"
#include "libuadm/ops/tags.h"
#include "libuadm/ops/users.h"
#include "uadmctl/bulk.h"
#include "uadmctl/hindrance.h"
#include "uadmctl/input.h"
#include "uadmctl/print.h"
#include "uadmctl/when.h"

#include <jansson.h>
#include <string.h>

struct resumed {
	char name[UADM_NAME_SIZE];
	bool changed;
};

static enum uadm_code
keep_principal(void *arg, const struct member_view *v, struct uadm_err *err)
{
	(void)err;
	if (v->member.principal)
		snprintf(arg, UADM_NAME_SIZE, "%s", v->member.account_name);
	return UADM_OK;
}

static const char *
account_of(struct cli *cli, const char *user, char out[UADM_NAME_SIZE])
{
	const struct member_query q = { .user = user };
	struct uadm_err ignored;

	snprintf(out, UADM_NAME_SIZE, "ACCOUNT");
	(void)!op_members(&cli->uadm, &q, keep_principal, out, &ignored);
	return out;
}

/* "active" is said of those alone who are: an end of validity or a lock is none of a
 * suspension's business and stays. How they are is asked for once that is durable. */
static void
tell_resumed(struct cli *cli, const void *what, const struct uadm_err *lost)
{
	const struct resumed *r = what;
	struct uadm_err err = { 0 };
	struct user_view v;
	struct clock_now now;
	char text[200] = "", account[UADM_NAME_SIZE];
	const char *status;
	bool active;

	if (lost != NULL && r->changed) {
		result_failed(cli, r->name, lost);
		return;
	}
	if (!hindrance_look(cli, r->name, &v, &err)) {
		result_failed(cli, r->name, &err);
		return;
	}
	clock_read(&now);
	v.row.user.suspended_at = 0; /* a dry run has taken it back */
	status = policy_login_status(&v.row.user, v.locked, now.wall);
	active = strcmp(status, "active") == 0;
	if (!active)
		hindrance_say(&v, status, text, sizeof(text));
	if (v.row.user.member == MEMBER_SUSPENDED)
		snprintf(text, sizeof(text),
		    ", but kept out by the principal account: uadmctl member resume %s %s",
		    account_of(cli, r->name, account), r->name);
	result_print(cli,
	    &(struct result){ .name = r->name,
		.what = active && !cli->json ? "active" : "resumed",
		.changed = r->changed,
		.text = text,
		.json = json_pack("{s:s}", "status", status) },
	    &(struct uadm_err){ 0 });
}

static void
resume_one(struct cli *cli, const struct input_row *row)
{
	struct resumed r = { 0 };
	struct uadm_err err = { 0 };
	char shown[80];

	if (op_user_resume(&cli->uadm, row->name, &r.changed, &err) != UADM_OK) {
		result_failed(cli, text_escape(shown, sizeof(shown), row->name), &err);
		return;
	}
	snprintf(r.name, sizeof(r.name), "%s", row->name);
	bulk_later(cli, tell_resumed, &r, sizeof(r));
}

static void
unlock_one(struct cli *cli, const struct input_row *row)
{
	struct uadm_err err = { 0 };
	char shown[80];
	bool changed;

	text_escape(shown, sizeof(shown), row->name);
	if (op_user_unlock(&cli->uadm, row->name, &changed, &err) != UADM_OK)
		result_failed(cli, shown, &err);
	else
		result_done(cli, shown, "unlocked", changed);
}

static void
set_tag(struct cli *cli, const struct input_row *row, bool on)
{
	struct uadm_err err = { 0 };
	char shown[80];
	bool changed;

	text_escape(shown, sizeof(shown), row->name);
	if (op_user_tag(&cli->uadm, row->name, cli->args[0], on, &changed, &err) !=
	    UADM_OK)
		result_failed(cli, shown, &err);
	else
		result_done(cli, shown, on ? "tagged" : "untagged", changed);
}

static void
tag_one(struct cli *cli, const struct input_row *row)
{
	set_tag(cli, row, true);
}

static void
untag_one(struct cli *cli, const struct input_row *row)
{
	set_tag(cli, row, false);
}

int
cmd_user_resume(struct cli *cli)
{
	return input_apply(cli, 0, resume_one);
}

int
cmd_user_unlock(struct cli *cli)
{
	return input_apply(cli, 0, unlock_one);
}

int
cmd_user_tag(struct cli *cli)
{
	return input_apply(cli, 1, tag_one);
}

int
cmd_user_untag(struct cli *cli)
{
	return input_apply(cli, 1, untag_one);
}
