/*
 * invite.c - user invite, invite list, resend, cancel; user reset-password: one-time codes.
 */
#include "libuadm/base/names.h"
#include "libuadm/base/times.h"
#include "libuadm/ops/codes.h"
#include "uadmctl/bulk.h"
#include "uadmctl/input.h"
#include "uadmctl/invite.h"
#include "uadmctl/json.h"
#include "uadmctl/print.h"

#include <string.h>
#include <unistd.h>

/* What the user types to use it: "ssh jo@host". */
static const char *
command_of(const char *name, char *out, size_t size)
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
code_say(const struct code_given *g, const char *name, char *out, size_t size)
{
	char when[TIME_SIZE], command[400];

	time_local(g->expires_at, when);
	if (g->fate == LETTER_QUEUED)
		snprintf(out, size, ": the code is in the mail, good until %s\n    %s", when,
		    command_of(name, command, sizeof(command)));
	else if (g->text[0] != '\0')
		snprintf(out, size,
		    ": code %s, good once until %s\n    %s (the code is the password there)",
		    g->text, when, command_of(name, command, sizeof(command)));
	else
		out[0] = '\0';
}

json_t *
code_json(const struct code_given *g, const char *name)
{
	char when[TIME_SIZE], command[400];

	return json_pack("{s:o, s:s, s:s, s:s}", "code",
	    g->text[0] != '\0' ? json_text(g->text) : json_null(), "delivery",
	    g->fate == LETTER_QUEUED    ? "mail"
		: g->text[0] != '\0' ? "printed"
				     : "none",
	    "expires_at", time_utc(g->expires_at, when), "command",
	    command_of(name, command, sizeof(command)));
}

struct reset {
	char name[UADM_NAME_SIZE];
	struct code_given given;
};

static void
tell_reset(struct cli *cli, const void *what, const struct uadm_err *lost)
{
	const struct reset *r = what;
	char text[800];

	if (lost != NULL) {
		result_failed(cli, r->name, lost);
		return;
	}
	code_say(&r->given, r->name, text, sizeof(text));
	result_print(cli,
	    &(struct result){ .name = r->name,
		.what = "reset",
		.changed = true,
		.text = text,
		.json = cli->json ? code_json(&r->given, r->name) : NULL },
	    &(struct uadm_err){ 0 });
	secret_zero(text, sizeof(text));
}

static void
reset_one(struct cli *cli, const struct input_row *row)
{
	struct reset r = { 0 };
	struct uadm_err err = { 0 };
	char shown[80];

	if (op_user_reset_password(&cli->uadm, row->name, code_way_of(cli),
		cli_has(cli, "now"), &r.given, &err) != UADM_OK) {
		result_failed(cli, text_escape(shown, sizeof(shown), row->name), &err);
		return;
	}
	snprintf(r.name, sizeof(r.name), "%s", row->name);
	bulk_later(cli, tell_reset, &r, sizeof(r));
	code_given_wipe(&r.given);
}

int
cmd_user_reset_password(struct cli *cli)
{
	return input_apply(cli, 0, reset_one);
}
