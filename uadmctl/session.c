/*
 * session.c - session list and session terminate.
 */
#include "libuadm/ops/sessions.h"

#include "libuadm/base/names.h"
#include "libuadm/base/number.h"
#include "libuadm/base/times.h"
#include "libuadm/ops/act.h"
#include "libuadm/ops/session_end.h"
#include "libuadm/ops/show.h"
#include "uadmctl/end.h"
#include "uadmctl/json.h"
#include "uadmctl/logind.h"
#include "uadmctl/print.h"
#include "uadmctl/when.h"

#include <string.h>

enum { QUESTION_SIZE = 4096 };

static const struct column columns[] = { { "id", CELL_NUMBER, true },
	{ "user", CELL_TEXT, true }, { "uid", CELL_NUMBER, false },
	{ "kind", CELL_TEXT, false }, { "service", CELL_TEXT, true },
	{ "tty", CELL_TEXT, true }, { "source", CELL_TEXT, true, FIT_CUT },
	{ "since", CELL_TIME, true }, { "idle", CELL_SPAN, true },
	{ "leader", CELL_NUMBER, true }, { "state", CELL_TEXT, false },
	{ "ended_at", CELL_TIME, false } };

static const struct column history_columns[] = { { "id", CELL_NUMBER, true },
	{ "user", CELL_TEXT, true }, { "uid", CELL_NUMBER, false },
	{ "kind", CELL_TEXT, false }, { "service", CELL_TEXT, true },
	{ "tty", CELL_TEXT, true }, { "source", CELL_TEXT, true, FIT_CUT },
	{ "since", CELL_TIME, true }, { "idle", CELL_SPAN, false },
	{ "leader", CELL_NUMBER, false }, { "state", CELL_TEXT, true },
	{ "ended_at", CELL_TIME, true } };

static enum uadm_code
print_session(void *arg, const struct session_view *v, struct uadm_err *err)
{
	const struct session *s = &v->s;
	const struct cell cells[] = { { .number = s->id }, { .text = s->user },
		{ .number = s->uid }, { .text = policy_session_kind_word(v->kind) },
		{ .text = s->service }, { .text = v->tty }, { .text = s->source },
		{ .number = s->opened_at }, { .number = v->idle },
		{ .number = s->leader }, { .text = v->open ? "open" : "ended" },
		{ .number = s->closed_at } };

	(void)err;
	print_row(arg, cells);
	return UADM_OK;
}

int
cmd_session_list(struct cli *cli)
{
	struct session_query q = { .users = cli->args,
		.user_count = cli->arg_count,
		.account = cli_value(cli, "account"),
		.ended = cli_has(cli, "history"),
		.idle_since = logind_idle_since };
	struct uadm_err err = { 0 };

	if (q.user_count > 0 && q.account != NULL)
		return cli_usage(cli, "USER and --account do not go together");
	if (cli_has(cli, "since") && !q.ended)
		return cli_usage(cli, "--since goes with --history");
	if (!cli_past(cli, "since", &q.since) ||
	    !print_begin(cli, q.ended ? history_columns : columns, ARRAY_LEN(columns)))
		return cli->worst;
	if (op_sessions(&cli->uadm, &q, print_session, cli, &err) != UADM_OK)
		return print_abort(cli, &err);
	print_end(cli);
	return cli->worst;
}

/* What is to be terminated, and the question about it. */
struct chosen {
	struct session *at;
	size_t count, room;
	bool others; /* somebody else's is among them */
	char question[QUESTION_SIZE];
};

static void
chosen_done(struct chosen *k)
{
	free(k->at);
}

static bool
is_own(const struct cli *cli, uid_t uid)
{
	return !act_is_root(&cli->uadm) && uid == cli->uadm.acting.uid;
}

static void ask_about(struct chosen *k, const char *fmt, ...) UADM_PRINTF(2, 3);

/* What does not fit is told by how many there are, in the first line. */
static void
ask_about(struct chosen *k, const char *fmt, ...)
{
	size_t used = strlen(k->question);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(k->question + used, sizeof(k->question) - used, fmt, ap);
	va_end(ap);
}

static void
describe(struct chosen *k, const struct session *s)
{
	char when[TIME_SIZE], service[80], source[200];

	ask_about(k, "\n  %lld  %s by %s%s%s since %s", (long long)s->id, s->user,
	    text_escape(service, sizeof(service), s->service),
	    s->source[0] != '\0' ? " from " : "",
	    text_escape(source, sizeof(source), s->source),
	    when_said(s->opened_at, when));
}

static bool
choose(struct cli *cli, struct chosen *k, const char *id)
{
	struct uadm_err err = { 0 };
	char shown[60];
	int64_t n;

	text_escape(shown, sizeof(shown), id);
	if (!number_parse(id, 1, INT64_MAX, &n)) {
		cli_usage(cli, "\"%s\" is not the number of a session", shown);
		return false;
	}
	if (op_session_find(&cli->uadm, n, &k->at[k->count], &err) != UADM_OK) {
		result_failed(cli, shown, &err);
		return true;
	}
	k->others = k->others || !is_own(cli, k->at[k->count].uid);
	describe(k, &k->at[k->count++]);
	return true;
}

static json_t *
processes_json(const struct session_end *e)
{
	char shown[PROCESS_COMMAND_SIZE * 4];
	json_t *all = json_array();

	for (size_t i = 0; i < e->count; i++)
		json_array_append_new(all,
		    json_pack("{s:i, s:s}", "pid", (int)e->gone[i].pid, "command",
			text_escape(shown, sizeof(shown), e->gone[i].command)));
	return all;
}

static json_t *
ended_json(const struct cli *cli, const struct session_end *e, int64_t ended)
{
	json_t *more = json_pack("{s:o, s:I}", "user", json_text(e->s.user),
	    "processes_ended", (json_int_t)ended);

	if (cli->uadm.dry_run)
		json_object_set_new(more, "processes", processes_json(e));
	return more;
}

/* The first that is left tells what to do about it. */
static void
explain(const struct cli *cli, const struct session_end *e, struct uadm_err *err)
{
	char shown[PROCESS_COMMAND_SIZE * 4];

	if (cli->uadm.dry_run)
		return;
	for (size_t i = 0; i < e->count; i++)
		if (e->gone[i].alive) {
			uadm_fail(err, UADM_BUSY,
			    "%s (pid %d) cannot be ended: still there after 2 s",
			    text_escape(shown, sizeof(shown), e->gone[i].command),
			    (int)e->gone[i].pid);
			uadm_hint(err, "try again");
			return;
		}
	if (!e->over) {
		uadm_fail(err, UADM_BUSY,
		    "pid %d, which opened it, serves others, too, and goes on",
		    (int)e->s.leader);
		uadm_hint(err, "what the user ran in it was ended");
	}
}

static void
print_ended(struct cli *cli, const struct session_end *e)
{
	char name[32], text[8192];
	struct uadm_err err = { 0 };
	int64_t ended = 0;
	size_t used;

	for (size_t i = 0; i < e->count; i++)
		ended += e->gone[i].alive ? 0 : 1;
	explain(cli, e, &err);
	snprintf(name, sizeof(name), "%lld", (long long)e->s.id);
	used = (size_t)snprintf(text, sizeof(text), " (%s), %lld process%s %s",
	    e->s.user, (long long)ended, ended == 1 ? "" : "es",
	    cli->uadm.dry_run ? "to end:" : "ended");
	for (size_t i = 0; cli->uadm.dry_run && i < e->count && used < sizeof(text);
	     i++) {
		char shown[PROCESS_COMMAND_SIZE * 4];

		used += (size_t)snprintf(text + used, sizeof(text) - used, "\n  %d %s",
		    (int)e->gone[i].pid,
		    text_escape(shown, sizeof(shown), e->gone[i].command));
	}
	result_print(cli,
	    &(struct result){ .name = name,
		.what = "terminated",
		.changed = true,
		.text = text,
		.json = ended_json(cli, e, ended) },
	    &err);
	for (size_t i = 0; i < e->spared_count; i++) {
		char shown[PROCESS_COMMAND_SIZE * 4];

		if (e->spared[i].alive)
			cli_warn(
			    "%s: %s (pid %d) goes on: a daemon that was started from it",
			    name,
			    text_escape(shown, sizeof(shown), e->spared[i].command),
			    (int)e->spared[i].pid);
	}
}

static void
terminate(struct cli *cli, const struct session *s)
{
	SESSION_END e = { .s = *s, .end_login = logind_end_session };
	struct uadm_err err = { 0 };
	char name[32];

	snprintf(name, sizeof(name), "%lld", (long long)s->id);
	if (op_session_end(&cli->uadm, &e, &err) != UADM_OK)
		result_failed(cli, name, &err);
	else
		print_ended(cli, &e);
}

static int
terminate_ids(struct cli *cli)
{
	CLEANUP(chosen_done) struct chosen k = { .question = "" };
	const char *first;

	if ((k.at = calloc(cli->arg_count, sizeof(*k.at))) == NULL)
		abort();
	result_begin(cli);
	first = cli->arg_count == 1
	    ? "Terminate this session? What runs in it is ended"
	    : "Terminate these sessions? What runs in them is ended";
	ask_about(&k, "%s, unsaved work is lost.", first);
	for (size_t i = 0; i < cli->arg_count; i++)
		if (!choose(cli, &k, cli->args[i])) {
			result_end(cli);
			return cli->worst;
		}
	ask_about(&k, "\n");
	if (k.count > 0 && (!k.others || input_confirm(cli, k.question, NULL)))
		for (size_t i = 0; i < k.count; i++)
			terminate(cli, &k.at[i]);
	result_end(cli);
	return cli->worst;
}

static void
add_user(struct cli *cli, const struct user *user)
{
	struct uadm_err err = { 0 };

	for (size_t i = 0; i < cli->ending.count; i++)
		if (cli->ending.users[i].uid == user->uid)
			return;
	if (ending_add(&cli->uadm, &cli->ending, user, "terminated", false, &err) !=
	    UADM_OK)
		result_failed(cli, user->name, &err);
	else
		cli->ending.users[cli->ending.count - 1].anyway = true;
}

/* Whose service manager comes back by itself is no longer in, and yet not gone. */
static void
look_at_linger(struct cli *cli)
{
	for (size_t i = 0; i < cli->ending.count; i++) {
		const struct ending_user *e = &cli->ending.users[i];

		if (!logind_lingers(e->name))
			continue;
		if (!cli_has(cli, "linger-off"))
			cli_warn(
			    "%s lingers: user@%u.service starts again, at the next boot "
			    "at the latest; --linger-off ends that",
			    e->name, (unsigned)e->uid);
		else if (!cli->uadm.dry_run && !logind_linger_off(e->uid, e->name))
			cli_warn(
			    "%s still lingers: loginctl disable-linger %s tells why",
			    e->name, e->name);
	}
}

struct naming {
	char **names;
	size_t count;
};

static void
naming_done(struct naming *n)
{
	for (size_t i = 0; i < n->count; i++)
		free(n->names[i]);
	free((void *)n->names);
}

static enum uadm_code
add_name(void *arg, const struct user_view *v, struct uadm_err *err)
{
	struct naming *n = arg;
	char **more = reallocarray((void *)n->names, n->count + 1, sizeof(*more));

	if (more == NULL || (more[n->count] = strdup(v->row.user.name)) == NULL)
		return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
	n->names = more;
	n->count++;
	return UADM_OK;
}

/* --user, or who belongs to --account. false: said why not. */
static bool
name_users(struct cli *cli, struct naming *n)
{
	const struct user_query q = { .account = cli_value(cli, "account"),
		.bare = true };
	struct uadm_err err = { 0 };

	if (q.account == NULL) {
		n->names = cli_values(cli, "user", &n->count);
		if (n->count == 0)
			cli_usage(cli, "--user needs a name");
		return n->count > 0;
	}
	if (op_users(&cli->uadm, &q, add_name, n, &err) == UADM_OK)
		return true;
	result_failed(cli, NULL, &err);
	return false;
}

static int
terminate_users(struct cli *cli)
{
	CLEANUP(naming_done) struct naming n = { 0 };
	CLEANUP(chosen_done) struct chosen k = { .question = "" };
	struct uadm_err err = { 0 };
	struct user user;
	char shown[80];

	result_begin(cli);
	if (!name_users(cli, &n)) {
		result_end(cli);
		return cli->worst;
	}
	ask_about(&k, "End everything that these users run?");
	for (size_t i = 0; i < n.count; i++) {
		text_escape(shown, sizeof(shown), n.names[i]);
		if (op_session_may_end(&cli->uadm, n.names[i], &user, &err) !=
		    UADM_OK) {
			result_failed(cli, shown, &err);
			continue;
		}
		k.others = k.others || !is_own(cli, user.uid);
		ask_about(&k, "\n  %s", user.name);
		add_user(cli, &user);
	}
	ask_about(&k, "\n");
	if (cli->ending.count > 0 &&
	    (!k.others || input_confirm(cli, k.question, NULL))) {
		look_at_linger(cli);
		end_now(cli);
	}
	result_end(cli);
	return cli->worst;
}

int
cmd_session_terminate(struct cli *cli)
{
	const int ways =
	    (cli->arg_count > 0) + cli_has(cli, "user") + cli_has(cli, "account");

	if (ways != 1)
		return cli_usage(
		    cli, "either numbers of sessions, --user or --account");
	if (cli->arg_count > 0 && cli_has(cli, "linger-off"))
		return cli_usage(cli, "--linger-off goes with --user or --account");
	return cli->arg_count > 0 ? terminate_ids(cli) : terminate_users(cli);
}
