/*
 * user_end.c - user suspend, maintain, and for user delete: what also ends processes.
 *
 * Names are taken one after the other, and what they run is ended together, for a look at all
 * processes of the host costs as much for one user as for a hundred.
 */
#include "libuadm/base/names.h"
#include "libuadm/ops/owners.h"
#include "libuadm/ops/show.h"
#include "libuadm/ops/users.h"
#include "uadmctl/bulk.h"
#include "uadmctl/end.h"
#include "uadmctl/input.h"
#include "uadmctl/leaving.h"
#include "uadmctl/logind.h"
#include "uadmctl/mail.h"
#include "uadmctl/plan.h"
#include "uadmctl/print.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* What a person has to know of what was found. */
static void
warn_spared(const struct ending *e, const struct ending_user *user)
{
	char shown[PROCESS_COMMAND_SIZE * 4];
	bool own = false;

	for (size_t i = 0; i < e->job.note_count; i++) {
		const struct process_note *n = &e->job.notes[i];

		if (n->uid != user->uid)
			continue;
		own = own || n->fate == PROCESS_OWN;
		if (n->fate == PROCESS_DAEMON)
			cli_warn(
			    "%s: %s (pid %d) goes on: a daemon that was started from a "
			    "login of theirs",
			    user->name, text_escape(shown, sizeof(shown), n->command),
			    (int)n->pid);
	}
	if (own)
		cli_warn("%s: this very session is theirs: it goes on until you leave "
			 "it%s",
		    user->name,
		    user->anyway ? "" : ", or uadmctl maintain runs (once a minute)");
	if (user->is_local)
		cli_warn("%s: nothing is ended, for /etc/passwd has the uid %u, too",
		    user->name, (unsigned)user->uid);
}

/* What is left after all that; empty when nothing is. */
static void
explain_alive(
    const struct ending *e, const struct ending_user *user, struct uadm_err *err)
{
	char shown[PROCESS_COMMAND_SIZE * 4];

	for (size_t i = 0; i < e->job.note_count; i++) {
		const struct process_note *n = &e->job.notes[i];

		if (n->uid != user->uid || !n->alive)
			continue;
		uadm_fail(err, UADM_BUSY,
		    "%s (pid %d)%s cannot be ended: still there after 2 s",
		    text_escape(shown, sizeof(shown), n->command), (int)n->pid,
		    user->alive > 1 ? " and others" : "");
		uadm_hint(err,
		    user->anyway ? "try again"
				 : "uadmctl maintain tries again, once a minute");
		return;
	}
}

static json_t *
processes_json(const struct cli *cli, const struct ending_user *user)
{
	json_t *all = json_array();

	for (size_t i = 0; i < cli->ending.job.note_count; i++) {
		const struct process_note *n = &cli->ending.job.notes[i];
		char shown[PROCESS_COMMAND_SIZE * 4];

		if (n->uid == user->uid && n->fate == PROCESS_END)
			json_array_append_new(all,
			    json_pack("{s:i, s:s}", "pid", (int)n->pid, "command",
				text_escape(shown, sizeof(shown), n->command)));
	}
	return all;
}

static json_t *
ended_json(const struct cli *cli, const struct ending_user *user)
{
	json_t *more = json_object();

	json_object_set_new(more, "processes_ended", json_integer(user->ended));
	if (cli->uadm.dry_run)
		json_object_set_new(more, "processes", processes_json(cli, user));
	return more;
}

/* On a dry run each with a line of its own: fewer than there are when there are thousands. */
static void
ended_text(
    const struct cli *cli, const struct ending_user *user, char *text, size_t size)
{
	bool dry = cli->uadm.dry_run;
	size_t used = 0;

	*text = '\0';
	if (user->ended > 0)
		used = (size_t)snprintf(text, size, ", %lld process%s %s",
		    (long long)user->ended, user->ended == 1 ? "" : "es",
		    dry ? "to end:" : "ended");
	for (size_t i = 0; dry && i < cli->ending.job.note_count && used < size; i++) {
		const struct process_note *n = &cli->ending.job.notes[i];
		char shown[PROCESS_COMMAND_SIZE * 4];

		if (n->uid == user->uid && n->fate == PROCESS_END)
			used += (size_t)snprintf(text + used, size - used, "\n  %d %s",
			    (int)n->pid, text_escape(shown, sizeof(shown), n->command));
	}
}

/* Of who still runs something the home stays: it would be made anew in the middle. */
static void
take_traces(struct cli *cli, const struct ending_user *user, struct traces *t,
    struct uadm_err *err)
{
	struct uadm_err failed = { 0 };

	if (user->alive > 0)
		t->remove_home = false;
	if (leaving_remove(cli, t, &failed) != UADM_OK && err->code == UADM_OK)
		*err = failed;
}

/* `plan`, `traces` and `owns`: of who is deleted, else NULL and "". */
static void
print_ended(struct cli *cli, const struct ending_user *user, const struct plan *plan,
    struct traces *traces, const char *owns)
{
	struct result r = {
		.name = user->name, .what = user->why, .changed = user->changed
	};
	struct uadm_err err = { 0 };
	char text[16384 + PLAN_TEXT_SIZE + LEAVING_TEXT_SIZE + OWNED_TEXT_SIZE + 200];
	char gone[LEAVING_TEXT_SIZE];

	explain_alive(&cli->ending, user, &err);
	if (traces != NULL)
		take_traces(cli, user, traces, &err);
	if (cli->json) {
		r.json = ended_json(cli, user);
		if (traces != NULL)
			leaving_json(traces, owns, r.json);
		if (plan != NULL && plan->any)
			json_object_set_new(r.json, "plan", plan_json(plan));
	} else {
		ended_text(cli, user, text, 16384);
		if (traces != NULL)
			snprintf(text + strlen(text), LEAVING_TEXT_SIZE, "%s",
			    leaving_text(cli, traces, gone));
		if (plan != NULL && plan->any)
			plan_text(plan, text + strlen(text), PLAN_TEXT_SIZE);
		if (*owns != '\0')
			snprintf(text + strlen(text), OWNED_TEXT_SIZE + 100,
			    "\n  leaves without an owner (user set NAME --owner): %s",
			    owns);
		r.text = text;
	}
	result_print(cli, &r, &err);
	warn_spared(&cli->ending, user);
}

/* End what those run of whom nothing was told yet. What is lost was not done to anybody. */
static void
settle(struct cli *cli, bool lost)
{
	struct ending *e = &cli->ending;
	struct uadm_err err = { 0 };

	e->end_logins = logind_end;
	if (lost)
		e->done = e->count;
	else if (e->done < e->count && op_end(&cli->uadm, e, &err) != UADM_OK)
		result_failed(cli, "ending processes", &err);
}

/* Where the user stands in cli->ending, and what follows. */
struct told {
	size_t at;
	struct plan plan;
	bool leaves;
	struct traces traces;
	char owns[OWNED_TEXT_SIZE];
};

static void
tell_ended(struct cli *cli, const void *what, const struct uadm_err *lost)
{
	struct told t = *(const struct told *)what;
	struct ending_user *user = &cli->ending.users[t.at];

	if (lost != NULL)
		result_failed(cli, user->name, lost);
	else
		print_ended(cli, user, &t.plan, t.leaves ? &t.traces : NULL, t.owns);
}

static void
tell_later(struct cli *cli, const struct plan *plan, const struct traces *traces,
    const char *owns)
{
	struct told t = { .at = cli->ending.count - 1, .leaves = traces != NULL };

	if (cli->uadm.dry_run)
		t.plan = *plan;
	if (traces != NULL)
		t.traces = *traces;
	snprintf(t.owns, sizeof(t.owns), "%s", owns);
	bulk_later(cli, tell_ended, &t, sizeof(t));
}

void
end_later_as_planned(struct cli *cli, const struct plan *plan)
{
	tell_later(cli, plan, NULL, "");
}

void
end_later_leaving(struct cli *cli, const struct plan *plan, const struct traces *traces,
    const char *owns)
{
	tell_later(cli, plan, traces, owns);
}

void
end_later(struct cli *cli)
{
	end_later_as_planned(cli, &(struct plan){ 0 });
}

static void
suspend_one(struct cli *cli, const struct input_row *row)
{
	bool keep = cli_has(cli, "keep-sessions"), changed;
	struct uadm_err err = { 0 };
	struct user user;
	char shown[80];

	text_escape(shown, sizeof(shown), row->name);
	if (op_user_suspend(&cli->uadm, row->name, keep, &changed, &err) != UADM_OK ||
	    (!keep && find_user(&cli->uadm, row->name, &user, &err) != UADM_OK) ||
	    (!keep &&
		ending_add(&cli->uadm, &cli->ending, &user, "suspended", changed,
		    &err) != UADM_OK)) {
		result_failed(cli, shown, &err);
		return;
	}
	if (keep)
		result_done(cli, shown, "suspended", changed);
	else
		end_later(cli);
}

int
end_each(
    struct cli *cli, size_t skip, void (*one)(struct cli *, const struct input_row *))
{
	result_begin(cli);
	cli->settle = settle;
	input_each(cli, skip, one);
	result_end(cli);
	cli->watch = !cli->uadm.dry_run;
	return cli->worst;
}

int
cmd_user_suspend(struct cli *cli)
{
	return end_each(cli, 0, suspend_one);
}

void
end_now(struct cli *cli)
{
	struct ending *e = &cli->ending;

	settle(cli, false);
	for (size_t i = 0; i < e->count; i++) {
		e->users[i].changed = e->users[i].ended > 0;
		print_ended(cli, &e->users[i], NULL, NULL, "");
	}
}

int
cmd_maintain(struct cli *cli)
{
	struct ending *e = &cli->ending;
	struct uadm_err err = { 0 };
	bool failed;

	e->end_logins = logind_end;
	failed = op_maintain(&cli->uadm, e, &err) != UADM_OK;
	result_begin(cli);
	for (size_t i = 0; i < e->count; i++) {
		struct ending_user *user = &e->users[i];

		/* A daemon that goes on is no news every minute. */
		user->changed = user->ended > 0;
		if (user->ended > 0 || user->alive > 0)
			print_ended(cli, user, NULL, NULL, "");
	}
	if (failed)
		result_failed(cli, NULL, &err);
	else if (!cli_has(cli, "no-mail") && cli->uadm.dry_run)
		mail_due(cli);
	else if (!cli_has(cli, "no-mail"))
		mail_deliver(cli, false);
	result_end(cli);
	return cli->worst;
}
