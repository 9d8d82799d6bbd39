/*
 * host_status.c - host status.
 */
#include "libuadm/ops/status.h"

#include "libuadm/base/names.h"
#include "uadmctl/json.h"
#include "uadmctl/print.h"

#include <string.h>

struct showing {
	struct cli *cli;
	json_t *services, *findings;
	bool begun;
};

static void
service_json(struct showing *s, const struct pam_service *v)
{
	char shown[400];
	json_t *row = json_pack("{s:s, s:s}", "service",
	    text_escape(shown, sizeof(shown), v->name), "level",
	    finding_level_name(v->level));

	for (int p = 0; p < PAM_PHASES; p++) {
		const struct pam_outcome *o = &v->phases[p];
		char modules[2 * PAM_MODULES_SIZE], why[4 * PAM_WHY_SIZE];

		json_object_set_new(row, stack_phase_name((enum pam_phase)p),
		    json_pack("{s:s, s:s, s:s?}", "verdict",
			stack_verdict_name(o->verdict), "modules",
			text_escape(modules, sizeof(modules), o->modules), "why",
			o->why[0] == '\0' ? NULL
					  : text_escape(why, sizeof(why), o->why)));
	}
	json_array_append_new(s->services, row);
}

static void
show_service(void *arg, const struct pam_service *v)
{
	static const struct column columns[] = { { "service", CELL_TEXT, true },
		{ "auth", CELL_TEXT, true }, { "account", CELL_TEXT, true },
		{ "session", CELL_TEXT, true }, { "password", CELL_TEXT, true } };
	struct showing *s = arg;
	struct cell cells[ARRAY_LEN(columns)] = { { .text = v->name } };

	if (s->cli->json) {
		service_json(s, v);
		return;
	}
	if (!s->begun && !print_begin(s->cli, columns, ARRAY_LEN(columns)))
		return;
	s->begun = true;
	for (int p = 0; p < PAM_PHASES; p++)
		cells[p + 1].text = stack_verdict_name(v->phases[p].verdict);
	print_row(s->cli, cells);
}

static void
show_finding(void *arg, const struct finding *f)
{
	struct showing *s = arg;
	char shown[1600];

	json_array_append_new(s->findings,
	    json_pack("{s:s, s:o, s:s, s:o, s:o}", "level",
		finding_level_name(f->level), "about", json_text(f->about), "what",
		text_escape(shown, sizeof(shown), f->what), "command",
		json_text(f->command[0] == '\0' ? NULL : f->command), "mend",
		json_text(f->mend[0] == '\0' ? NULL : f->mend)));
}

static void
print_findings(struct showing *s)
{
	size_t i;
	json_t *f;

	if (s->begun) {
		print_end(s->cli);
		putchar('\n');
	}
	json_array_foreach(s->findings, i, f)
	{
		const char *mend = json_string_value(json_object_get(f, "mend"));
		const char *command = json_string_value(json_object_get(f, "command"));

		printf("%-8s %-10s %s\n",
		    json_string_value(json_object_get(f, "level")),
		    json_string_value(json_object_get(f, "about")),
		    json_string_value(json_object_get(f, "what")));
		if (command != NULL)
			printf("%20srun: %s\n", "", command);
		if (mend != NULL)
			printf("%20smend: %s\n", "", mend);
	}
}

int
cmd_host_status(struct cli *cli)
{
	struct showing s = {
		.cli = cli, .services = json_array(), .findings = json_array()
	};
	const struct status_sink sink = { show_service, show_finding, &s };
	struct status_opened opened = { 0 };
	struct uadm_err err = { 0 };
	enum finding_level worst;
	int status;

	opened.conf.code =
	    uadm_open_config(&cli->uadm, cli_value(cli, "conf"), &opened.conf);
	opened.store.code = uadm_open_store(&cli->uadm, &opened.store);
	if (op_host_status(&cli->uadm, &opened, &sink, &worst, &err) != UADM_OK) {
		status = cli_fail(cli, NULL, &err);
	} else {
		status = worst == FINDING_BAD ? EXIT_NO : 0;
		if (cli->json) {
			json_t *all =
			    json_pack("{s:b, s:O, s:O}", "decided", status == 0,
				"services", s.services, "findings", s.findings);

			print_json(all);
			json_decref(all);
		} else {
			print_findings(&s);
		}
	}
	json_decref(s.services);
	json_decref(s.findings);
	return status;
}
