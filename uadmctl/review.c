/*
 * review.c - the verbs of access reviews.
 */
#include "libuadm/ops/reviews.h"

#include "libuadm/base/names.h"
#include "libuadm/base/times.h"
#include "libuadm/ops/person.h"
#include "uadmctl/input.h"
#include "uadmctl/print.h"

#include <jansson.h>
#include <string.h>

static const struct column review_columns[] = { { "account", CELL_TEXT, true },
	{ "review", CELL_NUMBER, true }, { "started_at", CELL_TIME, true },
	{ "started_by", CELL_TEXT, true, FIT_CUT }, { "finished_at", CELL_TIME, true },
	{ "finished_by", CELL_TEXT, true, FIT_CUT }, { "users", CELL_NUMBER, true },
	{ "kept", CELL_NUMBER, true }, { "revoked", CELL_NUMBER, true },
	{ "open", CELL_NUMBER, true } };

static const struct column item_columns[] = { { "name", CELL_TEXT, true },
	{ "role", CELL_TEXT, true }, { "state", CELL_TEXT, true },
	{ "status", CELL_TEXT, true }, { "contact", CELL_TEXT, true, FIT_CUT },
	{ "last_login", CELL_TIME, true }, { "decision", CELL_TEXT, true },
	{ "decided_at", CELL_TIME, false },
	{ "decided_by", CELL_TEXT, false, FIT_CUT } };

static enum uadm_code
print_review(void *arg, const struct review *r, struct uadm_err *err)
{
	const struct cell cells[] = { { .text = r->name }, { .number = r->id },
		{ .number = r->started_at }, { .text = r->started_by },
		{ .number = r->finished_at }, { .text = r->finished_by },
		{ .number = r->users }, { .number = r->kept }, { .number = r->revoked },
		{ .number = r->open } };

	(void)err;
	print_row(arg, cells);
	return UADM_OK;
}

static enum uadm_code
print_item(void *arg, const struct review_item *i, struct uadm_err *err)
{
	const struct cell cells[] = { { .text = i->name }, { .text = i->role },
		{ .text = i->state }, { .text = i->status }, { .text = i->contact },
		{ .number = i->last_login }, { .text = i->decision },
		{ .number = i->decided_at }, { .text = i->decided_by } };

	(void)err;
	print_row(arg, cells);
	return UADM_OK;
}

/* RFC 4180. A cell that a spreadsheet would take for a formula is a text to it behind an apostrophe. */
static void
put_csv(const char *text, char end)
{
	putchar('"');
	if (strchr("=+-@", *text) != NULL && *text != '\0')
		putchar('\'');
	for (; *text != '\0'; text++) {
		if (*text == '"')
			putchar('"');
		putchar(*text);
	}
	putchar('"');
	putchar(end);
}

static enum uadm_code
csv_item(void *arg, const struct review_item *i, struct uadm_err *err)
{
	char when[TIME_SIZE];

	(void)arg;
	(void)err;
	put_csv(i->name, ',');
	put_csv(i->role, ',');
	put_csv(i->state, ',');
	put_csv(i->status, ',');
	put_csv(i->contact, ',');
	put_csv(i->last_login != 0 ? time_utc(i->last_login, when) : "", ',');
	put_csv(i->decision, ',');
	put_csv(i->decided_at != 0 ? time_utc(i->decided_at, when) : "", ',');
	put_csv(i->decided_by, '\n');
	return UADM_OK;
}

static int
list_csv(struct cli *cli)
{
	struct uadm_err err = { 0 };

	if (cli->arg_count == 0)
		return cli_usage(cli, "--csv goes with an account");
	puts(
	    "name,role,state,status,contact,last_login,decision,decided_at,decided_by");
	if (op_review_items(&cli->uadm, cli->args[0], csv_item, NULL, &err) != UADM_OK)
		return cli_fail(cli, NULL, &err);
	return cli->worst;
}

int
cmd_review_list(struct cli *cli)
{
	const bool all = cli->arg_count == 0;
	struct uadm_err err = { 0 };
	enum uadm_code c;

	if (cli_has(cli, "csv"))
		return list_csv(cli);
	if (!print_begin(cli, all ? review_columns : item_columns,
		all ? ARRAY_LEN(review_columns) : ARRAY_LEN(item_columns)))
		return cli->worst;
	c = all ? op_reviews(&cli->uadm, print_review, cli, &err)
		: op_review_items(&cli->uadm, cli->args[0], print_item, cli, &err);
	if (c != UADM_OK)
		return print_abort(cli, &err);
	print_end(cli);
	return cli->worst;
}

static int
change(struct cli *cli, const char *what,
    enum uadm_code (*op)(
	struct uadm *, const char *, struct review *, struct uadm_err *))
{
	struct uadm_err err = { 0 };
	struct review r;
	char shown[80], text[120];

	result_begin(cli);
	text_escape(shown, sizeof(shown), cli->args[0]);
	if (op(&cli->uadm, cli->args[0], &r, &err) != UADM_OK) {
		result_failed(cli, shown, &err);
	} else {
		snprintf(text, sizeof(text), ": %lld users, %lld kept, %lld revoked",
		    (long long)r.users, (long long)r.kept, (long long)r.revoked);
		result_print(cli,
		    &(struct result){ .name = shown,
			.what = what,
			.changed = true,
			.text = text,
			.json = cli->json
			    ? json_pack("{s:I, s:I, s:I, s:I, s:I}", "review",
				  (json_int_t)r.id, "users", (json_int_t)r.users,
				  "kept", (json_int_t)r.kept, "revoked",
				  (json_int_t)r.revoked, "open", (json_int_t)r.open)
			    : NULL },
		    &(struct uadm_err){ 0 });
	}
	result_end(cli);
	return cli->worst;
}

int
cmd_review_start(struct cli *cli)
{
	return change(cli, "started", op_review_start);
}

int
cmd_review_finish(struct cli *cli)
{
	return change(cli, "finished", op_review_finish);
}

/* "keep", "revoke", or NULL where the row has that column and it is empty. */
static const char *
decision_of(const struct input_row *row, const char *otherwise)
{
	for (size_t i = 0; i < row->count; i++)
		if (strcmp(row->keys[i], "decision") == 0)
			return *row->values[i] != '\0' ? row->values[i] : NULL;
	return otherwise;
}

/* As the review has them: by name. Who was deleted since has one there, but no address any more. */
static enum uadm_code
decide_of(
    struct cli *cli, const char *who, bool revoke, bool *changed, struct uadm_err *err)
{
	const char *account = cli->args[0];
	struct user user;
	enum uadm_code c;

	if (strchr(who, '@') == NULL)
		return op_review_decide(&cli->uadm, account, who, revoke, changed, err);
	c = find_person(&cli->uadm, account, who, &user, err);
	return c == UADM_OK
	    ? op_review_decide(&cli->uadm, account, user.name, revoke, changed, err)
	    : c;
}

static void
decide(struct cli *cli, const struct input_row *row, const char *otherwise)
{
	const char *word = decision_of(row, otherwise);
	struct uadm_err err = { 0 };
	char shown[80], bad[60];
	bool revoke, changed;

	if (word == NULL)
		return; /* not decided yet */
	text_escape(shown, sizeof(shown), row->name);
	revoke = strcmp(word, "revoke") == 0;
	if (!revoke && strcmp(word, "keep") != 0) {
		uadm_fail(&err, UADM_INVALID,
		    "decision \"%s\" is neither keep nor revoke",
		    text_escape(bad, sizeof(bad), word));
		result_failed(cli, shown, &err);
	} else if (decide_of(cli, row->name, revoke, &changed, &err) != UADM_OK) {
		result_failed(cli, shown, &err);
	} else {
		result_done(cli, shown, revoke ? "revoked" : "kept", changed);
	}
}

static void
keep_one(struct cli *cli, const struct input_row *row)
{
	decide(cli, row, "keep");
}

static void
revoke_one(struct cli *cli, const struct input_row *row)
{
	decide(cli, row, "revoke");
}

int
cmd_review_keep(struct cli *cli)
{
	return input_apply(cli, 1, keep_one);
}

int
cmd_review_revoke(struct cli *cli)
{
	return input_apply(cli, 1, revoke_one);
}
