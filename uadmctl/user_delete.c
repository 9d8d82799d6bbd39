/*
 * user_delete.c - user delete: what will follow is told, agreed to, and done.
 *
 * Threat: a confirmation that says less than what is done. So one is made of the same facts, for one user and
 * for many: who is there, what goes with each of them and what stays.
 */
#include "libuadm/base/names.h"
#include "libuadm/ops/owners.h"
#include "libuadm/ops/show.h"
#include "libuadm/ops/users.h"
#include "uadmctl/end.h"
#include "uadmctl/input.h"
#include "uadmctl/leaving.h"
#include "uadmctl/plan.h"
#include "uadmctl/print.h"

#include <stdlib.h>
#include <string.h>

static enum uadm_code
delete_user(
    struct cli *cli, const struct input_row *row, void *arg, struct uadm_err *err)
{
	(void)arg;
	return op_user_delete(&cli->uadm, row->name, err);
}

/* One who is to go, and all that is told of it before. */
struct leaver {
	struct user user;
	struct traces traces;
	struct plan plan;
	char owns[OWNED_TEXT_SIZE];
};

static enum uadm_code
look(struct cli *cli, const struct input_row *row, struct leaver *l,
    struct uadm_err *err)
{
	enum uadm_code c;

	if ((c = find_user(&cli->uadm, row->name, &l->user, err)) != UADM_OK)
		return c;
	if (!leaving_find(cli, &l->user, &l->traces, err))
		return err->code;
	if ((c = plan_make(cli, row, delete_user, NULL, &l->plan, err)) != UADM_OK ||
	    (!l->plan.any &&
		(c = plan_rehearse(cli, row->name, op_user_delete, err)) != UADM_OK))
		return c;
	return op_owned_by(&cli->uadm, l->user.name, l->owns, err);
}

/* A line for each thing that goes, stays, or will follow, each behind a newline. */
static void
say_what_follows(FILE *to, const struct leaver *l)
{
	char leaves[LEAVING_TEXT_SIZE], text[PLAN_TEXT_SIZE];

	fputs(leaving_question(&l->traces, leaves), to);
	fputs(plan_text(&l->plan, text, sizeof(text)), to);
	if (l->owns[0] != '\0')
		fprintf(to, "\n  leaves without an owner: %s", l->owns);
}

/* The caller frees it. */
static char *
ask_for(const struct leaver *l)
{
	char *question = NULL;
	size_t size;
	FILE *f = open_memstream(&question, &size);

	if (f == NULL)
		abort();
	fprintf(f,
	    "Delete %s (uid %u) for good? What they run is ended, %s, the uid is "
	    "never given again.\n"
	    "Suspending may be enough: uadmctl user suspend %s",
	    l->user.name, (unsigned)l->user.uid,
	    l->traces.remove_home ? "their home is removed" : "files stay",
	    l->user.name);
	say_what_follows(f, l);
	if (fclose(f) != 0)
		abort();
	return question;
}

static void
delete_one(struct cli *cli, const struct input_row *row)
{
	CLEANUP(cleanup_free) struct leaver *l = calloc(1, sizeof(*l));
	CLEANUP(cleanup_free) char *question = NULL;
	struct uadm_err err = { 0 };
	char shown[80], along[TRACES_DETAIL_SIZE];

	if (l == NULL)
		abort();
	text_escape(shown, sizeof(shown), row->name);
	if (look(cli, row, l, &err) != UADM_OK) {
		result_failed(cli, shown, &err);
		return;
	}
	question = ask_for(l);
	if (!cli->asked && !input_confirm(cli, question, l->user.name))
		return;
	if (ending_add(&cli->uadm, &cli->ending, &l->user, "deleted", true, &err) !=
	    UADM_OK) {
		result_failed(cli, shown, &err);
	} else if (op_user_delete_along(&cli->uadm, row->name,
		       traces_detail(&l->traces, along, sizeof(along)),
		       &err) != UADM_OK) {
		ending_drop(&cli->ending);
		result_failed(cli, shown, &err);
	} else {
		end_later_leaving(cli, &l->plan, &l->traces, l->owns);
	}
}

/* What is agreed to at once: who goes, and what with each. Who cannot be deleted is told so afterwards. */
struct agreement {
	char *names, *text;
	size_t names_size, text_size, count;
	FILE *to_names, *to_text;
};
static struct agreement all;

static void
note_one(struct cli *cli, const struct input_row *row)
{
	CLEANUP(cleanup_free) struct leaver *l = calloc(1, sizeof(*l));
	struct uadm_err why = { 0 };
	char shown[80];

	if (l == NULL)
		abort();
	if (look(cli, row, l, &why) != UADM_OK) {
		fprintf(all.to_text, "\n%s: stays: %s",
		    text_escape(shown, sizeof(shown), row->name), why.msg);
		return;
	}
	all.count++;
	fprintf(all.to_names, " %s", l->user.name);
	fprintf(all.to_text, "\n%s (uid %u)", l->user.name, (unsigned)l->user.uid);
	say_what_follows(all.to_text, l);
}

/* Who has typed a name twenty times types the next one unread: several are listed and agreed to once. */
static bool
agree_to_all(struct cli *cli)
{
	CLEANUP(cleanup_free) char *question = NULL;
	const char *file = cli_value(cli, "from");
	char typed[60], shown[200];

	if (asprintf(&question,
		"Delete %zu users for good? What they run is ended, %s, the uids are "
		"never given again.\n"
		"Suspending may be enough: uadmctl user suspend%s%s%s",
		all.count,
		cli_has(cli, "remove-home") ? "their homes are removed" : "files stay",
		file != NULL ? " --from " : "",
		file != NULL ? text_escape(shown, sizeof(shown), file) : all.names,
		all.text) < 0)
		abort();
	snprintf(typed, sizeof(typed), "delete %zu users", all.count);
	cli->asked = input_confirm(cli, question, typed);
	return cli->asked;
}

/* false: the file cannot be read, which was said, or it was declined. */
static bool
ask_for_all(struct cli *cli)
{
	bool go_on;

	all =
	    (struct agreement){ .to_names = open_memstream(&all.names, &all.names_size),
		    .to_text = open_memstream(&all.text, &all.text_size) };
	if (all.to_names == NULL || all.to_text == NULL)
		abort();
	result_begin(cli);
	go_on = input_each(cli, 0, note_one);
	result_end(cli);
	if (fclose(all.to_names) != 0 || fclose(all.to_text) != 0)
		abort();
	if (go_on && all.count > 1)
		go_on = agree_to_all(cli);
	free(all.names);
	free(all.text);
	return go_on;
}

int
cmd_user_delete(struct cli *cli)
{
	const char *file = cli_value(cli, "from");
	const bool one = file == NULL ? cli->arg_count < 2 : strcmp(file, "-") == 0;

	return one || cli->json || cli->uadm.dry_run || !plan_is_wanted(cli) ||
		ask_for_all(cli)
	    ? end_each(cli, 0, delete_one)
	    : cli->worst;
}
