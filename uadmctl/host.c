/*
 * host.c - host enable, host disable.
 */
#include "libuadm/ops/host.h"

#include "libuadm/base/names.h"
#include "libuadm/base/paths.h"
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

static int
wire(struct cli *cli,
    enum uadm_code (*op)(bool, struct host_report *, struct uadm_err *),
    const char *done)
{
	CLEANUP(host_report_wipe) struct host_report report = { 0 };
	struct uadm_err err = { 0 };
	int status = 0;

	/* What was only looked for on the way may have left words in err. */
	if (op(cli->uadm.dry_run, &report, &err) == UADM_OK)
		err = (struct uadm_err){ 0 };
	else
		status = uadm_exit_status(err.code);
	if (status != 0)
		cli_say_error(cli, NULL, &err);
	if (cli->json)
		report_json(cli, &report, &err);
	else
		print_report(cli, &report);
	if (status == 0 && !cli->uadm.dry_run)
		print_note(
		    cli, "this host is %s%s", done, report.already ? " already" : "");
	return status;
}

/* The store comes first: a host that asks a store that is not there lets nobody in. */
int
cmd_host_enable(struct cli *cli)
{
	struct uadm_err err = { 0 };
	bool made, published;

	if (!input_confirm(cli, "Let this host's logins and lookups ask uadm?", NULL))
		return cli->worst;
	if (cli->uadm.dry_run)
		print_note(cli, "%s: would be there", UADM_STORE_DIR);
	else if ((op_store_init(&cli->uadm, &made, &err) != UADM_OK ||
		     op_publish(&cli->uadm, false, &published, &err) != UADM_OK))
		return cli_fail(cli, NULL, &err);
	return wire(cli, host_enable, "enabled");
}

int
cmd_host_disable(struct cli *cli)
{
	if (!input_confirm(cli,
		"Put /etc/pam.d and /etc/nsswitch.conf back? Users of uadm will "
		"not be able to log in.",
		NULL))
		return cli->worst;
	return wire(cli, host_disable, "disabled");
}
