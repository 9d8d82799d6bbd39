/*
 * invite.c - user invite, invite list, resend, cancel; user reset-password: one-time codes.
 */
#include "uadmctl/invite.h"
#include "libuadm/base/names.h"
#include "libuadm/base/times.h"
#include "libuadm/ops/codes.h"
#include "libuadm/ops/invites.h"
#include "libuadm/ops/same.h"
#include "uadmctl/addition.h"
#include "uadmctl/bulk.h"
#include "uadmctl/hindrance.h"
#include "uadmctl/input.h"
#include "uadmctl/json.h"
#include "uadmctl/member.h"
#include "uadmctl/print.h"
#include "uadmctl/when.h"

#include <jansson.h>
#include <string.h>
#include <unistd.h>

const char *
code_command(const char *name, char *out, size_t size)
{
	char host[256] = "";

	if (gethostname(host, sizeof(host) - 1) != 0 || host[0] == '\0')
		snprintf(host, sizeof(host), "localhost");
	snprintf(out, size, "ssh %s@%s", name, host);
	return out;
}

enum code_way
code_way_of(const struct cli *cli)
{
	return cli_has(cli, "print-code") ? CODE_SHOWN : CODE_BY_MAIL;
}

/* ": code ..., good until ...\n    ssh jo@host" */
void
code_say(const struct cli *cli, const struct code_given *g, const char *name, char *out,
    size_t size)
{
	char when[TIME_SIZE], command[CODE_COMMAND_SIZE];

	when_said(g->expires_at, when);
	if (g->fate == LETTER_QUEUED)
		snprintf(out, size, ": %s, good until %s\n    %s",
		    cli->uadm.dry_run ? "a code would be mailed"
				      : "the code is in the mail",
		    when, code_command(name, command, sizeof(command)));
	else if (g->text[0] != '\0')
		snprintf(out, size,
		    ": code %s, good once until %s\n    %s (the code is the password there)",
		    g->text, when, code_command(name, command, sizeof(command)));
	else
		out[0] = '\0';
}

json_t *
code_json(const struct code_given *g, const char *name)
{
	char when[TIME_SIZE], command[CODE_COMMAND_SIZE];

	return json_pack("{s:o, s:s, s:o, s:s}", "code",
	    g->text[0] != '\0' ? json_text(g->text) : json_null(), "delivery",
	    g->fate == LETTER_QUEUED ? "mail"
		: g->text[0] != '\0' ? "printed"
				     : "none",
	    "expires_at",
	    g->expires_at != 0 ? json_string(time_utc(g->expires_at, when))
			       : json_null(),
	    "command", code_command(name, command, sizeof(command)));
}

struct reset {
	const char *what;
	bool ends_password, invitation;
	char name[UADM_NAME_SIZE];
	struct code_given given;
};

/* Is the password good that was there before, as long as the code is not used? */
static bool
password_goes_on(const struct reset *r, const struct user *user)
{
	struct clock_now now;

	clock_read(&now);
	return !r->invitation && !r->ends_password && user->password_set &&
	    (user->temporary_until == 0 || user->temporary_until > now.wall);
}

/* A code lets nobody past what keeps them out, and who gave it has to know. */
static void
say_rest(struct cli *cli, const struct reset *r, const struct user_view *v, char *text,
    size_t size)
{
	const char *fine = r->invitation ? "invited" : "active";

	text[0] = '\0';
	if (!r->invitation && r->ends_password)
		snprintf(text, size, ", the old password %s",
		    cli->uadm.dry_run ? "would end" : "has ended");
	else if (password_goes_on(r, &v->row.user))
		snprintf(
		    text, size, ", the old password is good until the code is used");
	if (strcmp(v->status, fine) != 0 && strcmp(v->status, "active") != 0)
		hindrance_say(v, v->status, text + strlen(text), size - strlen(text));
}

static void
tell_code(struct cli *cli, const void *what, const struct uadm_err *lost)
{
	const struct reset *r = what;
	struct user_view v = { .status = "active" };
	struct uadm_err ignored;
	char text[1000], code[600];
	json_t *json = NULL;

	if (lost != NULL) {
		result_failed(cli, r->name, lost);
		return;
	}
	(void)hindrance_look(cli, r->name, &v, &ignored);
	say_rest(cli, r, &v, text, sizeof(text) - sizeof(code));
	code_say(cli, &r->given, r->name, code, sizeof(code));
	snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s", code);
	if (cli->json) {
		json = code_json(&r->given, r->name);
		json_object_set_new(json, "status", json_string(v.status));
		if (!r->invitation)
			json_object_set_new(json, "old_password_good",
			    json_boolean(password_goes_on(r, &v.row.user)));
	}
	result_print(cli,
	    &(struct result){ .name = r->name,
		.what = r->what,
		.changed = true,
		.text = text,
		.json = json },
	    &(struct uadm_err){ 0 });
	secret_zero(text, sizeof(text));
	secret_zero(code, sizeof(code));
}

static void
reset_one(struct cli *cli, const struct input_row *row)
{
	struct reset r = { .what = "reset", .ends_password = cli_has(cli, "now") };
	struct uadm_err err = { 0 };
	char shown[80];

	if (op_user_reset_password(&cli->uadm, row->name, code_way_of(cli),
		cli_has(cli, "now"), &r.given, &err) != UADM_OK) {
		result_failed(cli, text_escape(shown, sizeof(shown), row->name), &err);
		return;
	}
	snprintf(r.name, sizeof(r.name), "%s", row->name);
	bulk_later(cli, tell_code, &r, sizeof(r));
	code_given_wipe(&r.given);
}

int
cmd_user_reset_password(struct cli *cli)
{
	return input_apply(cli, 0, reset_one);
}

struct invited {
	struct user user;
	bool changed;
	char wanted[UADM_NAME_SIZE];
	bool role_named;
	struct code_given given;
	size_t account_count;
	struct member_addition accounts[ACCOUNTS_MOST];
};

/* What refuses the code, though it is good. */
static void
say_window(const struct invited *i, char *text, size_t size)
{
	struct user_view v = { .row.user = i->user };
	struct clock_now now;
	const char *status;

	clock_read(&now);
	status = policy_login_status(&i->user, false, now.wall);
	if (i->user.suspended_at != 0)
		snprintf(text, size, ", suspended until uadmctl user resume %s",
		    i->user.name);
	else if (strcmp(status, "expired") == 0 || strcmp(status, "inactive") == 0)
		hindrance_say(&v, status, text, size);
	if (i->user.valid_from > i->given.expires_at)
		snprintf(text + strlen(text), size - strlen(text),
		    ", when the code is over: uadmctl invite resend %s then",
		    i->user.name);
}

static void
tell_invited(struct cli *cli, const void *what, const struct uadm_err *lost)
{
	const struct invited *i = what;
	char text[4096] = "";
	json_t *json = NULL, *list;
	size_t used = 0;

	if (lost != NULL && i->changed) {
		result_failed(cli, i->user.email, lost);
		return;
	}
	if (i->changed && strcmp(i->wanted, i->user.name) != 0)
		used =
		    (size_t)snprintf(text, sizeof(text), " (%s is taken)", i->wanted);
	for (size_t n = 0; n < i->account_count && used + 1 < sizeof(text); n++) {
		if (n > 0)
			text[used++] = ',';
		member_say(cli, &i->accounts[n], i->role_named, text + used,
		    sizeof(text) - used);
		used = strlen(text);
	}
	if (i->changed)
		say_window(i, text + used, sizeof(text) - used);
	used = strlen(text);
	code_say(cli, &i->given, i->user.name, text + used, sizeof(text) - used);
	if (cli->json) {
		list = json_array();
		for (size_t n = 0; n < i->account_count; n++)
			json_array_append_new(list, member_json(cli, &i->accounts[n]));
		json = code_json(&i->given, i->user.name);
		json_object_set_new(json, "email", json_text(i->user.email));
		json_object_set_new(json, "wanted_name", json_text(i->wanted));
		json_object_set_new(json, "memberships", list);
	}
	result_print(cli,
	    &(struct result){ .name = i->user.name,
		.what = "invited",
		.changed = i->changed,
		.text = text,
		.json = json },
	    &(struct uadm_err){ 0 });
	secret_zero(text, sizeof(text));
}

static void
invite_one(struct cli *cli, const struct input_row *row)
{
	CLEANUP(addition_free) struct addition *a = calloc(1, sizeof(*a));
	struct invited i = { 0 };
	struct uadm_err err = { 0 };
	bool there = false;
	char shown[300];

	if (a == NULL)
		abort();
	text_escape(shown, sizeof(shown), row->name);
	a->add.way = code_way_of(cli);
	if (addition_fill(cli, row, true, a, &err) != UADM_OK) {
		result_failed(cli, shown, &err);
		return;
	}
	/* The default one is for people, who are told of it. */
	if (a->add.account_count > 0 && a->role == NULL && cli_has(cli, "no-input")) {
		uadm_fail(&err, UADM_USAGE, "a script has to name a role: --role");
		result_failed(cli, shown, &err);
		return;
	}
	if (cli_has(cli, "resume") &&
	    op_invited_is_there(&cli->uadm, &a->add, i.wanted, &there, &err) !=
		UADM_OK) {
		result_failed(cli, shown, &err);
		return;
	}
	if (!there && !addition_domain_is_meant(cli, a))
		return;
	if (!there && op_user_invite(&cli->uadm, &a->add, i.wanted, &err) != UADM_OK) {
		result_failed(cli, shown, &err);
		return;
	}
	i.changed = !there;
	i.user = a->add.user;
	i.role_named = a->role != NULL;
	i.given = a->add.given;
	i.account_count = a->add.account_count;
	memcpy(i.accounts, a->accounts, sizeof(i.accounts));
	bulk_later(cli, tell_invited, &i, sizeof(i));
	code_given_wipe(&i.given);
}

int
cmd_user_invite(struct cli *cli)
{
	if (cli_has(cli, "name") && (cli->arg_count != 1 || cli_has(cli, "from")))
		return cli_usage(cli, "--name is for one address");
	if (cli_has(cli, "resume") && !cli_has(cli, "from"))
		return cli_usage(cli, "--resume goes with --from");
	return input_apply(cli, 0, invite_one);
}

enum col {
	NAME,
	EMAIL,
	ACCOUNT,
	ROLE,
	STATE,
	STATUS,
	INVITED_BY,
	INVITED_AT,
	EXPIRES_AT,
	ATTEMPTS,
	COLUMNS
};

static const struct column columns[COLUMNS] = {
	[NAME] = { "name", CELL_TEXT, true },
	[EMAIL] = { "email", CELL_TEXT, true, FIT_CUT },
	[ACCOUNT] = { "account", CELL_TEXT, true },
	[ROLE] = { "role", CELL_TEXT, true },
	[STATE] = { "state", CELL_TEXT, true },
	[STATUS] = { "status", CELL_TEXT, true },
	[INVITED_BY] = { "invited_by", CELL_TEXT, false },
	[INVITED_AT] = { "invited_at", CELL_TIME, false },
	[EXPIRES_AT] = { "expires_at", CELL_TIME, true },
	[ATTEMPTS] = { "attempts", CELL_NUMBER, false },
};

static enum uadm_code
print_invitation(void *arg, const struct invitation *i, struct uadm_err *err)
{
	const struct cell cells[COLUMNS] = {
		[NAME] = { .text = i->name },
		[EMAIL] = { .text = i->email },
		[ACCOUNT] = { .text = i->account_name },
		[ROLE] = { .text = i->role_name },
		[STATE] = { .text = i->expires_at != 0 ? "pending" : "expired" },
		[STATUS] = { .text = i->status },
		[INVITED_BY] = { .text = i->invited_by },
		[INVITED_AT] = { .number = i->invited_at },
		[EXPIRES_AT] = { .number = i->expires_at },
		[ATTEMPTS] = { .number = i->attempts },
	};

	(void)err;
	print_row(arg, cells);
	return UADM_OK;
}

int
cmd_invite_list(struct cli *cli)
{
	struct uadm_err err = { 0 };

	if (!print_begin(cli, columns, COLUMNS))
		return cli->worst;
	if (op_invitations(&cli->uadm, cli_value(cli, "account"), print_invitation, cli,
		&err) != UADM_OK)
		return print_abort(cli, &err);
	print_end(cli);
	return cli->worst;
}

static void
resend_one(struct cli *cli, const struct input_row *row)
{
	struct reset r = { .what = "invited again", .invitation = true };
	struct uadm_err err = { 0 };
	char shown[300];

	if (op_invite_resend(&cli->uadm, row->name, code_way_of(cli), r.name, &r.given,
		&err) != UADM_OK) {
		result_failed(cli, text_escape(shown, sizeof(shown), row->name), &err);
		return;
	}
	bulk_later(cli, tell_code, &r, sizeof(r));
	code_given_wipe(&r.given);
}

int
cmd_invite_resend(struct cli *cli)
{
	return input_apply(cli, 0, resend_one);
}

static void
cancel_one(struct cli *cli, const struct input_row *row)
{
	char question[400], shown[300], name[UADM_NAME_SIZE];
	struct uadm_err err = { 0 };
	bool deleted;

	text_escape(shown, sizeof(shown), row->name);
	snprintf(question, sizeof(question), "Take the invitation of %s back?", shown);
	if (!cli->uadm.dry_run && !input_confirm(cli, question, NULL))
		return;
	if (op_invite_cancel(&cli->uadm, row->name, name, &deleted, &err) != UADM_OK)
		result_failed(cli, shown, &err);
	else
		result_done(
		    cli, name, deleted ? "cancelled and deleted" : "cancelled", true);
}

int
cmd_invite_cancel(struct cli *cli)
{
	return input_apply(cli, 0, cancel_one);
}
