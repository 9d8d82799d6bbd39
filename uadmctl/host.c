/*
 * host.c - host enable, confirm, disable.
 */
#include "libuadm/ops/host.h"

#include "libuadm/base/names.h"
#include "libuadm/base/paths.h"
#include "libuadm/base/times.h"
#include "libuadm/ops/host_trial.h"
#include "libuadm/ops/status.h"
#include "libuadm/ops/trail_host.h"
#include "uadmctl/input.h"
#include "uadmctl/json.h"
#include "uadmctl/print.h"

#include <string.h>

/* A diff is of files that people edit: each line is escaped, tabs are kept. */
static void
print_diff(const char *diff)
{
	for (const char *p = diff; *p != '\0';) {
		size_t n = strcspn(p, "\n");
		char line[1024], shown[4096];

		snprintf(line, sizeof(line), "%.*s", (int)(n < 1000 ? n : 1000), p);
		for (char *tab = line; (tab = strchr(tab, '\t')) != NULL;)
			*tab = ' ';
		printf("  %s\n", text_escape(shown, sizeof(shown), line));
		p += n + (p[n] == '\n');
	}
}

static void
report_json(
    const struct cli *cli, const struct host_report *r, const struct uadm_err *err)
{
	json_t *changes = json_array(), *all;

	for (size_t i = 0; i < r->count; i++)
		json_array_append_new(changes,
		    json_pack("{s:o, s:s, s:o}", "path", json_text(r->changes[i].path),
			"result", host_what_name(r->changes[i].what), "diff",
			json_text(r->changes[i].diff)));
	all = json_pack("{s:b, s:b, s:o, s:o, s:o, s:o}", "already", r->already,
	    "dry_run", cli->uadm.dry_run, "files", changes, "advice",
	    json_text(r->advice), "error",
	    json_text(err->code != UADM_OK ? err->msg : NULL), "hint",
	    json_text(err->code != UADM_OK && err->hint[0] != '\0' ? err->hint : NULL));
	print_json(all);
	json_decref(all);
}

static void
print_report(const struct cli *cli, const struct host_report *r)
{
	for (size_t i = 0; i < r->count; i++) {
		const struct host_change *c = &r->changes[i];

		if (c->what == HOST_UNCHANGED)
			continue;
		printf("%s: %s%s\n", c->path, cli->uadm.dry_run ? "would be " : "",
		    host_what_name(c->what));
		if (c->diff != NULL && (cli->uadm.dry_run || c->what == HOST_CLEANED))
			print_diff(c->diff);
	}
	if (r->advice != NULL)
		print_diff(r->advice);
}

/* Done is done: what the trail does not get is only told. */
static void
note(const char *action)
{
	struct uadm_err err = { 0 };

	if (host_note(action, &err) != UADM_OK)
		cli_warn("%s is not in the audit trail: %s", action, err.msg);
}

static void
note_trial_over(void)
{
	note("host.trial-over");
}

/* What came of it, and the exit status. */
static int
tell(struct cli *cli, enum uadm_code c, const struct host_report *report,
    struct uadm_err *err, const char *done, const char *action)
{
	int status = 0;

	/* What was only looked for on the way may have left words in err. */
	if (c == UADM_OK)
		*err = (struct uadm_err){ 0 };
	else
		status = uadm_exit_status(err->code);
	if (status != 0)
		cli_say_error(cli, NULL, err);
	else if (!cli->uadm.dry_run && !report->already)
		note(action);
	if (cli->json)
		report_json(cli, report, err);
	else
		print_report(cli, report);
	if (status == 0 && !cli->uadm.dry_run)
		print_note(
		    cli, "this host is %s%s", done, report->already ? " already" : "");
	return status;
}

/* How long a trial lasts; 0 = none. false: said what is wrong. */
static bool
trial_time(struct cli *cli, int64_t *secs)
{
	const char *text = cli_value(cli, "trial");
	char shown[60];

	*secs = 0;
	if (text == NULL)
		return true;
	if (duration_parse(text, secs) && *secs >= HOST_TRIAL_LEAST_SECS &&
	    *secs <= HOST_TRIAL_MOST_SECS)
		return true;
	cli_usage(cli, "--trial \"%s\" is no time from 10s to 24h",
	    text_escape(shown, sizeof(shown), text));
	return false;
}

/* What host status would say of it, before anybody finds out. */
static void
advise_after(const struct cli *cli)
{
	char pam[16];

	if (op_sshd_uses_pam(pam, sizeof(pam)) && strcmp(pam, "yes") != 0)
		cli_warn("sshd does not ask PAM (UsePAM %s): keys get in whatever uadm "
			 "says. UsePAM yes in /etc/ssh/sshd_config mends it.",
		    pam);
	if (!cli->uadm.dry_run)
		print_note(cli, "Does every login ask it? uadmctl host status");
}

/* The store comes first: a host that asks a store that is not there lets nobody in. */
int
cmd_host_enable(struct cli *cli)
{
	CLEANUP(host_report_wipe) struct host_report report = { 0 };
	struct uadm_err err = { 0 };
	bool made, published;
	enum uadm_code c;
	int64_t trial;
	int status;

	if (!trial_time(cli, &trial) ||
	    !input_confirm(cli, "Let this host's logins and lookups ask uadm?", NULL))
		return cli->worst;
	if (cli->uadm.dry_run && access(UADM_STORE_FILE, F_OK) != 0)
		print_note(cli, "%s: would be made", UADM_STORE_DIR);
	else if (!cli->uadm.dry_run &&
	    (op_store_init(&cli->uadm, &made, &err) != UADM_OK ||
		op_publish(&cli->uadm, false, &published, &err) != UADM_OK))
		return cli_fail(cli, NULL, &err);
	/* Who waits for the end of a trial opens it too, and is forked off here. */
	uadm_close(&cli->uadm);
	c = host_enable(cli->uadm.dry_run, trial, note_trial_over, &report, &err);
	status = tell(cli, c, &report, &err, "enabled", "host.enable");
	if (status == 0)
		advise_after(cli);
	if (trial > 0 && status == 0 && !cli->uadm.dry_run)
		print_note(cli,
		    "It goes back in %s. Log in from elsewhere, then: uadmctl host confirm",
		    cli_value(cli, "trial"));
	return status;
}

int
cmd_host_confirm(struct cli *cli)
{
	struct uadm_err err = { 0 };

	if (geteuid() != UADM_TRUSTED_UID)
		uadm_fail(&err, UADM_DENIED, "only root can confirm a trial");
	else if (host_trial_confirm(&err) == UADM_OK)
		err.code = UADM_OK;
	if (err.code != UADM_OK)
		return cli_fail(cli, NULL, &err);
	note("host.confirm");
	result_begin(cli);
	result_done(cli, "host", "confirmed", true);
	result_end(cli);
	return 0;
}

/* First of all, and without a store: a host that was wired to one that does not work is just what
 * a trial is for. */
void
host_end_trial(struct cli *cli)
{
	CLEANUP(host_report_wipe) struct host_report report = { 0 };
	struct uadm_err err = { 0 };
	bool ended = false;

	if (cli_has(cli, "dry-run"))
		return;
	if (host_trial_end(&ended, &report, &err) != UADM_OK)
		cli_fail(cli, "trial", &err);
	if (!ended)
		return;
	cli_warn("the trial is over: this host is disabled");
	note_trial_over();
}

int
cmd_host_disable(struct cli *cli)
{
	CLEANUP(host_report_wipe) struct host_report report = { 0 };
	struct uadm_err err = { 0 };
	enum uadm_code c;

	if (!input_confirm(cli,
		"Put /etc/pam.d and /etc/nsswitch.conf back? Users of uadm will "
		"not be able to log in.",
		NULL))
		return cli->worst;
	c = host_disable(cli->uadm.dry_run, &report, &err);
	return tell(cli, c, &report, &err, "disabled", "host.disable");
}
