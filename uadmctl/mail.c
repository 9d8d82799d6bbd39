/*
 * mail.c - the verbs of the outbox.
 */
#include "uadmctl/mail.h"

#include "libuadm/base/clock.h"
#include "libuadm/base/names.h"
#include "libuadm/ops/courier.h"
#include "libuadm/ops/outbox.h"
#include "uadmctl/input.h"
#include "uadmctl/json.h"
#include "uadmctl/print.h"

#include <string.h>

enum col {
	ID,
	STATE,
	KIND,
	NAME,
	RECIPIENT,
	SUBJECT,
	CREATED_AT,
	TRIES,
	NEXT_AT,
	ERROR,
	SENT_AT,
	EXPIRES_AT,
	LANGUAGE,
	MESSAGE_ID,
	LIST_COLUMNS,
	CODE = LIST_COLUMNS,
	BODY,
	COLUMNS
};

static const struct column columns[COLUMNS] = {
	[ID] = { "id", CELL_NUMBER, true },
	[STATE] = { "state", CELL_TEXT, true },
	[KIND] = { "kind", CELL_TEXT, true },
	[NAME] = { "name", CELL_TEXT, true },
	[RECIPIENT] = { "recipient", CELL_TEXT, true, FIT_CUT },
	[SUBJECT] = { "subject", CELL_TEXT, false, FIT_CUT },
	[CREATED_AT] = { "created_at", CELL_TIME, true },
	[TRIES] = { "tries", CELL_NUMBER, true },
	[NEXT_AT] = { "next_at", CELL_TIME, true },
	[ERROR] = { "error", CELL_TEXT, true, FIT_CUT },
	[SENT_AT] = { "sent_at", CELL_TIME, false },
	[EXPIRES_AT] = { "expires_at", CELL_TIME, false },
	[LANGUAGE] = { "language", CELL_TEXT, false },
	[MESSAGE_ID] = { "message_id", CELL_TEXT, false, FIT_CUT },
	[CODE] = { "code", CELL_BOOL, false },
	[BODY] = { "body", CELL_TEXT, false },
};

static void
fill_cells(const struct mail_view *v, struct cell cells[COLUMNS])
{
	const struct letter_row *r = &v->row;

	cells[ID] = (struct cell){ .number = r->id };
	cells[STATE] = (struct cell){ .text = r->state };
	cells[KIND] = (struct cell){ .text = r->kind };
	cells[NAME] = (struct cell){ .text = r->name };
	cells[RECIPIENT] = (struct cell){ .text = r->recipient };
	cells[SUBJECT] = (struct cell){ .text = v->subject };
	cells[CREATED_AT] = (struct cell){ .number = r->created_at };
	cells[TRIES] = (struct cell){ .number = r->tries };
	cells[NEXT_AT] = (struct cell){ .number = v->next_at };
	cells[ERROR] = (struct cell){ .text = r->error };
	cells[SENT_AT] =
	    (struct cell){ .number =
			       strcmp(r->state, "sent") == 0 ? r->settled_at : 0 };
	cells[EXPIRES_AT] = (struct cell){ .number = r->expires_at };
	cells[LANGUAGE] = (struct cell){ .text = r->language };
	cells[MESSAGE_ID] = (struct cell){ .text = r->message_id };
	cells[CODE] = (struct cell){ .number = v->has_code };
	cells[BODY] = (struct cell){ .text = v->body };
}

static enum uadm_code
print_mail(void *arg, const struct mail_view *v, struct uadm_err *err)
{
	struct cell cells[COLUMNS];

	(void)err;
	fill_cells(v, cells);
	print_row(arg, cells);
	return UADM_OK;
}

int
cmd_mail_list(struct cli *cli)
{
	static const char *const states[] = { MAIL_STATES };
	struct uadm_err err = { 0 };

	if (!cli_one_of(cli, "state", states, ARRAY_LEN(states)) ||
	    !print_begin(cli, columns, LIST_COLUMNS))
		return cli->worst;
	if (op_mails(&cli->uadm, cli_value(cli, "state"), print_mail, cli, &err) !=
	    UADM_OK)
		return print_abort(cli, &err);
	print_end(cli);
	return cli->worst;
}

/* As it is read: line by line, none of which does anything to a terminal. */
static void
print_body(const char *body)
{
	putchar('\n');
	for (const char *p = body; *p != '\0';) {
		size_t n = strcspn(p, "\n");
		char *line = strndup(p, n), *shown = malloc(4 * n + sizeof("..."));

		if (line == NULL || shown == NULL)
			abort();
		printf("%s%s\n", n > 0 ? "    " : "",
		    text_escape(shown, 4 * n + sizeof("..."), line));
		free(line);
		free(shown);
		p += n + (p[n] == '\n');
	}
}

static enum uadm_code
show_mail(struct cli *cli, const char *id, bool as_row, struct uadm_err *err)
{
	CLEANUP(mail_view_wipe) struct mail_view v = { 0 };
	struct cell cells[COLUMNS];
	enum uadm_code c = op_mail(&cli->uadm, id, &v, err);

	if (c != UADM_OK)
		return c;
	fill_cells(&v, cells);
	if (as_row) {
		print_row(cli, cells);
		return UADM_OK;
	}
	print_object(cli, columns, cli->json ? COLUMNS : BODY, cells);
	if (!cli->json)
		print_body(v.body);
	return UADM_OK;
}

int
cmd_mail_show(struct cli *cli)
{
	return print_shown(cli, columns, COLUMNS, show_mail);
}

/* Both verbs: what to do, and what it is called then. */
static void
change_one(struct cli *cli, const char *id,
    enum uadm_code (*change)(struct uadm *, const char *, bool *, struct uadm_err *),
    const char *what)
{
	struct uadm_err err = { 0 };
	char shown[60];
	bool changed;

	text_escape(shown, sizeof(shown), id);
	if (change(&cli->uadm, id, &changed, &err) != UADM_OK)
		result_failed(cli, shown, &err);
	else
		result_done(cli, shown, what, changed);
}

static void
retry_one(struct cli *cli, const struct input_row *row)
{
	change_one(cli, row->name, op_mail_retry, "queued");
}

/* Nobody has a code then that nobody else was sent. */
static void
warn_code_is_lost(struct cli *cli, const char *id)
{
	CLEANUP(mail_view_wipe) struct mail_view v = { 0 };
	struct uadm_err ignored;

	if (op_mail(&cli->uadm, id, &v, &ignored) == UADM_OK && v.has_code)
		cli_warn("nobody gets the code of mail %lld then%s%s",
		    (long long)v.row.id,
		    strcmp(v.row.kind, "self-reset") == 0 ? ""
			: strcmp(v.row.kind, "invitation") == 0
			? "; another one: uadmctl invite resend "
			: "; another one: uadmctl user reset-password ",
		    strcmp(v.row.kind, "self-reset") == 0 ? "" : v.row.name);
}

static void
drop_one(struct cli *cli, const struct input_row *row)
{
	if (!cli->uadm.batch.on) /* a look is a transaction of its own */
		warn_code_is_lost(cli, row->name);
	change_one(cli, row->name, op_mail_drop, "dropped");
}

static void
retried(void *arg, int64_t id, const struct uadm_err *failed)
{
	struct cli *cli = arg;
	char name[24];

	snprintf(name, sizeof(name), "%lld", (long long)id);
	if (failed->code != UADM_OK)
		result_failed(cli, name, failed);
	else
		result_done(cli, name, "queued", true);
}

static int
retry_all(struct cli *cli)
{
	struct uadm_err err = { 0 };

	if (cli->arg_count > 0 || cli_has(cli, "from"))
		return cli_usage(cli, "--all goes without numbers");
	result_begin(cli);
	if (op_mail_retry_all(&cli->uadm, retried, cli, &err) != UADM_OK)
		result_failed(cli, NULL, &err);
	result_end(cli);
	return cli->worst;
}

int
cmd_mail_retry(struct cli *cli)
{
	return cli_has(cli, "all") ? retry_all(cli) : input_apply(cli, 0, retry_one);
}

int
cmd_mail_drop(struct cli *cli)
{
	return input_apply(cli, 0, drop_one);
}

int
cmd_mail_test(struct cli *cli)
{
	static const char *const kinds[] = { MAIL_KINDS };
	CLEANUP(letter_row_wipe) struct letter_row r = { 0 };
	const char *address = cli->args[0], *kind = cli_value(cli, "kind");
	struct uadm_err err = { 0 };
	char text[300];

	if (!cli_one_of(cli, "kind", kinds, ARRAY_LEN(kinds)))
		return cli->worst;
	if (op_mail_test(&cli->uadm, address, kind != NULL ? kind : "test", &r, &err) !=
	    UADM_OK)
		return cli_fail(cli, NULL, &err);
	snprintf(text, sizeof(text), " (Message-ID %s)", r.message_id);
	result_begin(cli);
	result_print(cli,
	    &(struct result){ .name = address,
		.what = "sent",
		.changed = true,
		.text = text,
		.json = json_pack("{s:s}", "message_id", r.message_id) },
	    &(struct uadm_err){ 0 });
	result_end(cli);
	return cli->worst;
}

/* One that waits for another try is no failure of this command. */
static void
tell_tried(void *arg, const struct letter_row *r)
{
	struct cli *cli = arg;
	char name[24], text[UADM_EMAIL_SIZE + 4 * LETTER_ERROR_SIZE + 40],
	    shown[4 * LETTER_ERROR_SIZE];

	snprintf(name, sizeof(name), "%lld", (long long)r->id);
	snprintf(text, sizeof(text), "%s%s%s%s",
	    strcmp(r->state, "queued") == 0 ? " for another try, to " : " to ",
	    r->recipient, r->error[0] != '\0' ? ": " : "",
	    text_escape(shown, sizeof(shown), r->error));
	result_print(cli,
	    &(struct result){ .name = name,
		.what = r->state,
		.changed = true,
		.text = text,
		.json = json_pack("{s:s, s:o}", "recipient", r->recipient, "error",
		    json_text(r->error[0] != '\0' ? r->error : NULL)) },
	    &(struct uadm_err){ 0 });
	fflush(stdout);
}

static void
tell_failed(void *arg, const struct letter_row *r)
{
	if (strcmp(r->state, "failed") == 0)
		tell_tried(arg, r);
}

void
mail_deliver(struct cli *cli, bool each)
{
	const struct courier_sink sink = { each ? tell_tried : tell_failed, cli };
	struct uadm_err err = { 0 };

	if (op_courier(&cli->uadm, COURIER_RUN_MS, &sink, &err) != UADM_OK)
		result_failed(cli, NULL, &err);
}

static enum uadm_code
tell_due(void *arg, const struct mail_view *v, struct uadm_err *err)
{
	struct letter_row r = v->row;
	struct clock_now now;

	(void)err;
	clock_read(&now);
	if (v->next_at > now.wall)
		return UADM_OK;
	snprintf(r.state, sizeof(r.state), "sent");
	r.error[0] = '\0'; /* of the try before */
	tell_tried(arg, &r);
	return UADM_OK;
}

void
mail_due(struct cli *cli)
{
	struct uadm_err err = { 0 };

	if (cli->uadm.config.mail_command[0] != '\0' &&
	    op_mails(&cli->uadm, "queued", tell_due, cli, &err) != UADM_OK)
		result_failed(cli, NULL, &err);
}

static void
say_nothing(void *arg, const struct letter_row *r)
{
	(void)arg;
	(void)r;
}

void
mail_deliver_quietly(const char *conf)
{
	const struct courier_sink sink = { say_nothing, NULL };
	struct uadm_err ignored;
	UADM u = { 0 };

	if (uadm_open(&u, conf, &ignored) == UADM_OK)
		(void)(op_courier(&u, COURIER_RUN_MS, &sink, &ignored) == UADM_OK);
}

int
cmd_mail_deliver(struct cli *cli)
{
	result_begin(cli);
	mail_deliver(cli, true);
	result_end(cli);
	return cli->worst;
}
