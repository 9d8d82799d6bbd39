/*
 * factor.c - the verbs of second factors.
 *
 * Threat: a secret in a log. It is shown once, when it is made, by `factor enroll` alone; a dry run makes
 * none.
 */
#include "libuadm/ops/factors.h"

#include "libuadm/base/names.h"
#include "libuadm/ops/factor_ways.h"
#include "libuadm/secrets/qr.h"
#include "uadmctl/factor.h"
#include "uadmctl/fit.h"
#include "uadmctl/input.h"
#include "uadmctl/json.h"
#include "uadmctl/print.h"

#include <string.h>

enum { TRIES = 3, HOST_SIZE = 65 };

struct fresh {
	struct totp secret;
	char recovery[RECOVERY_CODES][RECOVERY_SIZE];
	char uri[TOTP_URI_SIZE], text[TOTP_TEXT_SIZE];
};

static void
fresh_wipe(struct fresh *f)
{
	secret_zero(f, sizeof(*f));
}

static void
make_recovery(struct fresh *f)
{
	for (int i = 0; i < RECOVERY_CODES; i++)
		recovery_make(f->recovery[i]);
}

static void
make_fresh(struct fresh *f, const char *name)
{
	char host[HOST_SIZE] = "";

	if (gethostname(host, sizeof(host)) != 0 || host[0] == '\0')
		snprintf(host, sizeof(host), "host");
	host[sizeof(host) - 1] = '\0';
	totp_make(&f->secret);
	totp_uri(&f->secret, host, name, f->uri);
	totp_text(&f->secret, f->text);
	make_recovery(f);
}

static void
warn_trouble(void *arg, const struct factor_trouble *f)
{
	(void)arg;
	if (f->level != FINDING_FINE)
		cli_warn("%s: %s", f->what, f->mend);
}

void
factor_warn(struct cli *cli)
{
	op_factor_ways(&cli->uadm, true, warn_trouble, NULL);
}

static json_t *
recovery_json(const struct fresh *f)
{
	json_t *list = json_array();

	for (int i = 0; i < RECOVERY_CODES; i++)
		json_array_append_new(list, json_string(f->recovery[i]));
	return list;
}

static void
print_recovery(const struct fresh *f)
{
	puts("Recovery codes, each good for one login:");
	for (int i = 0; i < RECOVERY_CODES; i++)
		printf("  %s\n", f->recovery[i]);
}

struct measured {
	size_t lines, width;
};

static void
measure_line(void *arg, const char *text)
{
	struct measured *m = arg;

	m->lines++;
	m->width = fit_width_of(text);
}

static void
put_line(void *arg, const char *text)
{
	(void)arg;
	puts(text);
}

/* Why the terminal does not show it, or NULL. Below it is one line more: the question. */
static const char *
no_qr(const struct fresh *f)
{
	const char *term = getenv("TERM");
	struct measured m = { 0 };
	struct uadm_err err = { 0 };
	size_t columns, lines;

	if (term != NULL && strcmp(term, "dumb") == 0)
		return "the terminal is a dumb one";
	if (!fit_shows_utf8())
		return "the locale (LANG) has no UTF-8";
	if (qr_lines(f->uri, measure_line, &m, &err) != UADM_OK)
		return "libqrencode.so.4 makes none";
	fit_screen(&columns, &lines);
	return (columns > 0 && m.width > columns) || (lines > 0 && m.lines >= lines)
	    ? "the terminal has no room for it"
	    : NULL;
}

/* What may scroll away comes first. */
static void
print_fresh(const struct fresh *f)
{
	struct uadm_err ignored;
	const char *why;

	printf("%s\nKey: %s\n", f->uri, f->text);
	fflush(stdout);
	if (isatty(STDOUT_FILENO) != 1)
		return;
	if ((why = no_qr(f)) != NULL)
		cli_warn("no QR code: %s", why);
	else if (qr_lines(f->uri, put_line, NULL, &ignored) == UADM_OK)
		fflush(stdout);
}

/* The code that the app shows: *step is 0 where it is left for the first login. false: said why not. */
static bool
ask_code(struct cli *cli, const struct fresh *f, int64_t *step)
{
	char line[80], code[PASSCODE_TYPED];
	struct uadm_err err = { 0 };
	struct clock_now now;

	for (int i = 0; i < TRIES; i++) {
		fputs("Code that the app shows (empty: the first login confirms it): ",
		    stderr);
		if (fgets(line, sizeof(line), stdin) == NULL)
			line[0] = '\0';
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '\0')
			return true;
		clock_read(&now);
		passcode_read(line, code);
		if (totp_find(&f->secret, now.wall, code, step, &err) != UADM_OK) {
			cli_fail(cli, NULL, &err);
			return false;
		}
		if (*step != 0)
			return true;
		fputs("That is not the code of now.\n", stderr);
	}
	uadm_fail(&err, UADM_INVALID, "no right code was given: nothing was set up");
	uadm_hint(&err, "are the clocks of this host and of the device right?");
	cli_fail(cli, NULL, &err);
	return false;
}

static bool
may_ask(struct cli *cli)
{
	struct uadm_err err = { 0 };

	if (cli_has(cli, "pending") ||
	    (!cli->json && !cli_has(cli, "no-input") && isatty(STDIN_FILENO) == 1))
		return true;
	uadm_fail(&err, UADM_USAGE, "would have to ask for a code of the app");
	uadm_hint(&err, "--pending: the first right code at a login confirms it");
	cli_fail(cli, NULL, &err);
	return false;
}

/* One object, on a dry run too, where `more` is NULL. */
static void
print_made(struct cli *cli, const char *name, const char *result, json_t *more)
{
	json_t *all = json_pack("{s:o, s:s, s:b, s:b}", "name", json_text(name),
	    "result", result, "changed", 1, "dry_run", cli->uadm.dry_run);

	if (more != NULL)
		json_object_update(all, more);
	print_json(all);
	json_decref(all);
	json_decref(more);
}

static void
tell_dry(struct cli *cli, const char *name, const char *result, const char *what)
{
	if (cli->json)
		print_made(cli, name, result, NULL);
	else
		printf("%s: would get %s\n", name, what);
}

static void
tell_enrolled(struct cli *cli, const struct user *user, const struct fresh *f,
    int64_t step, bool shown)
{
	const char *state = step != 0 ? "confirmed" : "pending";

	if (cli->json) {
		print_made(cli, user->name, "enrolled",
		    json_pack("{s:s, s:s, s:s, s:o}", "state", state, "uri", f->uri,
			"key", f->text, "recovery", recovery_json(f)));
		return;
	}
	print_recovery(f);
	if (!shown)
		print_fresh(f);
	printf("%s: second factor %s\n", user->name,
	    step != 0 ? "set up"
		      : "pending: the first right code at a login confirms it");
}

int
cmd_factor_enroll(struct cli *cli)
{
	CLEANUP(fresh_wipe) struct fresh f = { 0 };
	const bool asks = !cli_has(cli, "pending") && !cli->uadm.dry_run;
	struct uadm_err err = { 0 };
	struct user user;
	int64_t step = 0;

	if (op_factor_may_enroll(&cli->uadm, cli->args[0], &user, &err) != UADM_OK)
		return cli_fail(cli, NULL, &err);
	if (!cli->uadm.dry_run && !may_ask(cli))
		return cli->worst;
	make_fresh(&f, user.name);
	if (asks) {
		print_fresh(&f);
		if (!ask_code(cli, &f, &step))
			return cli->worst;
	}
	if (op_factor_enroll(&cli->uadm, user.name, &f.secret, step,
		(const char(*)[RECOVERY_SIZE])f.recovery, &err) != UADM_OK)
		return cli_fail(cli, NULL, &err);
	if (cli->uadm.dry_run) {
		tell_dry(cli, user.name, "enrolled", "a second factor");
	} else {
		tell_enrolled(cli, &user, &f, step, asks);
	}
	factor_warn(cli);
	return cli->worst;
}

/* false: said why not. */
static bool
may_renew(struct cli *cli, const char *name)
{
	struct uadm_err err = { 0 };
	char shown[80], question[200];
	int64_t left;

	if (op_factor_may_renew(&cli->uadm, name, &left, &err) != UADM_OK) {
		cli_fail(cli, NULL, &err);
		return false;
	}
	snprintf(question, sizeof(question),
	    "Make new recovery codes for %s? The %lld that are left end.",
	    text_escape(shown, sizeof(shown), name), (long long)left);
	return input_confirm(cli, question, NULL);
}

int
cmd_factor_recovery(struct cli *cli)
{
	CLEANUP(fresh_wipe) struct fresh f = { 0 };
	struct uadm_err err = { 0 };
	const char *name = cli->args[0];

	if (!may_renew(cli, name))
		return cli->worst;
	make_recovery(&f);
	if (op_factor_recovery(&cli->uadm, name,
		(const char(*)[RECOVERY_SIZE])f.recovery, &err) != UADM_OK)
		return cli_fail(cli, NULL, &err);
	if (cli->uadm.dry_run) {
		tell_dry(cli, name, "renewed", "new recovery codes");
	} else if (cli->json) {
		print_made(cli, name, "renewed",
		    json_pack("{s:o}", "recovery", recovery_json(&f)));
	} else {
		print_recovery(&f);
		printf("%s: new recovery codes; those from before are worth nothing\n",
		    name);
	}
	return cli->worst;
}

static void
remove_one(struct cli *cli, const struct input_row *row)
{
	struct uadm_err err = { 0 };
	char shown[80], question[200];
	bool changed;

	text_escape(shown, sizeof(shown), row->name);
	if (op_factor_may_remove(&cli->uadm, row->name, &changed, &err) != UADM_OK) {
		result_failed(cli, shown, &err);
		return;
	}
	snprintf(question, sizeof(question),
	    "Remove the second factor of %s? The app's codes and the recovery codes end.",
	    shown);
	if (changed && !input_confirm(cli, question, NULL))
		return;
	if (op_factor_remove(&cli->uadm, row->name, &changed, &err) != UADM_OK)
		result_failed(cli, shown, &err);
	else
		result_done(cli, shown,
		    changed || cli->json ? "removed" : "had no second factor", changed);
}

int
cmd_factor_remove(struct cli *cli)
{
	return input_apply(cli, 0, remove_one);
}

enum col { NAME, KIND, STATE, RECOVERY_LEFT, CREATED_AT, CONFIRMED_AT, COLUMNS };

static const struct column columns[COLUMNS] = {
	[NAME] = { "name", CELL_TEXT, true, FIT_CUT },
	[KIND] = { "kind", CELL_TEXT, true },
	[STATE] = { "state", CELL_TEXT, true },
	[RECOVERY_LEFT] = { "recovery_left", CELL_NUMBER, true },
	[CREATED_AT] = { "created_at", CELL_TIME, true },
	[CONFIRMED_AT] = { "confirmed_at", CELL_TIME, false },
};

static enum uadm_code
print_factor(void *arg, const struct factor_view *v, struct uadm_err *err)
{
	const struct cell cells[COLUMNS] = { [NAME] = { .text = v->name },
		[KIND] = { .text = "totp" },
		[STATE] = { .text = v->state },
		[RECOVERY_LEFT] = { .number = v->recovery_left },
		[CREATED_AT] = { .number = v->created_at },
		[CONFIRMED_AT] = { .number = v->confirmed_at } };

	(void)err;
	print_row(arg, cells);
	return UADM_OK;
}

int
cmd_factor_list(struct cli *cli)
{
	struct uadm_err err = { 0 };

	if (!print_begin(cli, columns, COLUMNS))
		return cli->worst;
	if (op_factors(&cli->uadm, cli->arg_count > 0 ? cli->args[0] : NULL,
		print_factor, cli, &err) != UADM_OK)
		return print_abort(cli, &err);
	print_end(cli);
	return cli->worst;
}
