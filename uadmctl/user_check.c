/*
 * user_check.c - user check: what a login of a user would meet, and why.
 */
#include "libuadm/base/names.h"
#include "libuadm/base/times.h"
#include "libuadm/ops/factor_ways.h"
#include "libuadm/ops/show.h"
#include "libuadm/ops/status.h"
#include "uadmctl/factor.h"
#include "uadmctl/failed_cell.h"
#include "uadmctl/open_code.h"
#include "uadmctl/print.h"
#include "uadmctl/when.h"

#include <string.h>

/* ", except from: this host (until ...)": sources that are refused though the user is not locked. */
static bool
say_blocked(struct failed_cell *f)
{
	const char *before = ", except from: ";
	bool any = false;
	char shown[2 * SOURCE_SHOWN_SIZE], when[TIME_SIZE];

	for (size_t i = 0; i < f->list.count; i++) {
		const struct failed_source *s = &f->list.at[i];

		if (!s->blocked)
			continue;
		text_escape(shown, sizeof(shown), source_show(s->source, f->shown));
		printf("%s%s (until %s)", before, shown, when_said(s->until, when));
		before = ", ";
		any = true;
	}
	return any;
}

static void
say_lock_ends(const struct user_view *v)
{
	char when[TIME_SIZE], shown[80];

	if (v->locked_until != 0)
		printf(", until %s", when_said(v->locked_until, when));
	else
		printf(", until `uadmctl user unlock %s`",
		    text_escape(shown, sizeof(shown), v->row.user.name));
}

static void
say_way(const struct user_outlook *o, const char *way, const struct login_answer *a,
    struct failed_cell *blocked)
{
	bool refused = a->verdict == LOGIN_REFUSE, told = false;
	const char *text = a->reason == LOGIN_LOCKED && blocked == NULL
	    ? "too many failed logins, and lock-keys is yes"
	    : policy_login_reason_text(a->reason);

	printf("  %s: %s", way, refused ? "refused" : "let in");
	if (!refused && blocked != NULL)
		told = say_blocked(blocked);
	if (!told || a->reason != LOGIN_FINE) /* else something does stand in the way */
		printf(" - %s", text);
	if (a->reason == LOGIN_LOCKED)
		say_lock_ends(&o->view);
	putchar('\n');
}

static void
say_services(struct cli *cli, const struct user_outlook *o)
{
	char services[600];

	op_services_that_refuse(
	    &cli->uadm, &o->view.row.user, services, sizeof(services));
	if (services[0] != '\0')
		printf("  but by services bound to other accounts: refused - %s\n",
		    services);
}

static void
say_factor(struct cli *cli, const struct user_outlook *o)
{
	if (o->factor == FACTOR_FREE && !o->factor_pending)
		return;
	if (o->factor == FACTOR_CODE && o->factor_lost)
		printf(
		    "  second factor: lost: its secret was sealed with another key, or is "
		    "damaged; uadmctl factor remove %s\n",
		    o->view.row.user.name);
	else
		printf("  second factor: %s%s\n", policy_factor_text(o->factor),
		    o->factor_pending
			? "; one was handed out, and its first code confirms it"
			: "");
	if (o->factor != FACTOR_FREE)
		printf("  asked for by: %s\n",
		    cli->uadm.config.factor_services[0] != '\0'
			? cli->uadm.config.factor_services
			: "no service");
}

static void
say_why(struct cli *cli, const struct user_outlook *o, struct failed_cell *failed)
{
	const char *services = cli->uadm.config.access_services;
	char way[1100];

	say_way(o, "by password", &o->by_password, failed);
	open_code_why(o);
	if (o->view.row.user.kind == USER_SERVICE && *services != '\0')
		snprintf(way, sizeof(way), "by key, and by %s alone", services);
	else
		snprintf(way, sizeof(way), "by key, cron, at, sudo, su from root");
	say_way(o, way, &o->by_key, NULL);
	if (o->full)
		printf("  a further login: refused - %s\n",
		    policy_login_reason_text(LOGIN_SESSIONS_FULL));
	if (o->by_key.verdict != LOGIN_REFUSE)
		say_services(cli, o);
	if (o->by_ssh_key.reason != o->by_key.reason)
		say_way(o, "by an ssh key alone", &o->by_ssh_key, NULL);
	say_factor(cli, o);
}

static bool
has_no_password(const struct user_outlook *o)
{
	return o->by_password.reason == LOGIN_NO_PASSWORD ||
	    o->by_password.reason == LOGIN_SERVICE_PASSWORD;
}

/* "No" is: the ways that this user has do not all work now. Who has no password has keys alone. */
static bool
may_log_in(const struct user_outlook *o)
{
	return !o->full && o->by_key.verdict != LOGIN_REFUSE &&
	    (o->by_password.verdict != LOGIN_REFUSE ||
		(has_no_password(o) && o->by_ssh_key.verdict != LOGIN_REFUSE));
}

static const char *
outlook_text(const struct user_outlook *o)
{
	if (o->by_key.verdict == LOGIN_REFUSE)
		return "may not log in";
	if (o->full)
		return "may not log in now: logged in as often as max-sessions allows";
	if (o->by_password.verdict != LOGIN_REFUSE)
		return "may log in";
	if (o->by_ssh_key.verdict == LOGIN_REFUSE)
		return open_code_lets_in(o)
		    ? "may log in by code only"
		    : "may log in neither by password nor by an ssh key";
	return open_code_lets_in(o) ? "may log in by key or code only"
				    : "may log in by key only";
}

static void
print_outlook(struct cli *cli, const struct user_outlook *o, struct failed_cell *f)
{
	static const struct column check_columns[] = { { "name", CELL_TEXT, true },
		{ "allowed", CELL_BOOL, true }, { "status", CELL_TEXT, true },
		{ "by_password", CELL_BOOL, true },
		{ "by_password_reason", CELL_TEXT, true }, { "code", CELL_TEXT, true },
		{ "code_expires_at", CELL_TIME, true }, { "by_code", CELL_BOOL, true },
		{ "by_code_reason", CELL_TEXT, true }, { "by_key", CELL_BOOL, true },
		{ "by_key_reason", CELL_TEXT, true }, { "by_ssh_key", CELL_BOOL, true },
		{ "by_ssh_key_reason", CELL_TEXT, true }, { "factor", CELL_TEXT, true },
		{ "sessions_full", CELL_BOOL, true },
		{ "locked_until", CELL_TIME, true },
		{ "failed_sources", CELL_OBJECTS, true, FIT_CUT } };
	const struct cell cells[] = { { .text = o->view.row.user.name },
		{ .number = may_log_in(o) }, { .text = o->view.status },
		{ .number = o->by_password.verdict != LOGIN_REFUSE },
		{ .text = policy_login_reason_word(o->by_password.reason) },
		{ .text = o->view.code_word }, { .number = o->view.code.expires_at },
		{ .number = open_code_lets_in(o) },
		{ .text = o->view.code.kind == CODE_NONE
			? NULL
			: policy_login_reason_word(o->by_code.reason) },
		{ .number = o->by_key.verdict != LOGIN_REFUSE },
		{ .text = policy_login_reason_word(o->by_key.reason) },
		{ .number = o->by_ssh_key.verdict != LOGIN_REFUSE },
		{ .text = policy_login_reason_word(o->by_ssh_key.reason) },
		{ .text = o->factor == FACTOR_CODE && o->factor_lost
			? "lost"
			: policy_factor_word(o->factor) },
		{ .number = o->full }, { .number = o->view.locked_until },
		failed_cell(f) };

	print_object(cli, check_columns, ARRAY_LEN(check_columns), cells);
}

static void
failed_done(struct failed_cell *f)
{
	failed_sources_free(&f->list);
}

int
cmd_user_check(struct cli *cli)
{
	CLEANUP(failed_done) struct failed_cell failed = { 0 };
	struct user_outlook o;
	struct uadm_err err = { 0 };
	char open[80];
	enum uadm_code c = op_user_outlook(&cli->uadm, cli->args[0], &o, &err);

	failed.list = o.failed;
	if (c != UADM_OK)
		return cli_fail(cli, NULL, &err);
	if (o.factor != FACTOR_FREE)
		factor_warn(cli);
	if (cli->json) {
		print_outlook(cli, &o, &failed);
		return may_log_in(&o) ? 0 : EXIT_NO;
	}
	print_note(cli, "%s: %s (%s%s%s)", o.view.row.user.name, outlook_text(&o),
	    o.view.status, has_no_password(&o) ? ", no password" : "",
	    open_code_words(&o, open, sizeof(open)));
	if (cli_has(cli, "why"))
		say_why(cli, &o, &failed);
	return may_log_in(&o) ? 0 : EXIT_NO;
}
