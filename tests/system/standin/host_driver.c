/*
 * host_driver.c - host_enable() and host_disable() from a shell:
 * `host_driver enable|disable|look [dry]` prints `FILE WHAT` lines, diffs with `|` before each
 * line, `advice`, and exits as uadmctl would.
 */
#include "libuadm/ops/host.h"

#include <string.h>

static void
print_indented(const char *text)
{
	for (const char *p = text; *p != '\0'; p += strcspn(p, "\n"), p += *p == '\n')
		printf("| %.*s\n", (int)strcspn(p, "\n"), p);
}

static void
print_report(const struct host_report *report)
{
	if (report->already)
		puts("already");
	for (size_t i = 0; i < report->count; i++) {
		printf("%s %s\n", report->changes[i].path,
		    host_what_name(report->changes[i].what));
		if (report->changes[i].diff != NULL)
			print_indented(report->changes[i].diff);
	}
	if (report->advice != NULL)
		printf("advice: %s\n", report->advice);
}

static enum uadm_code
look(struct uadm_err *err)
{
	static const char *const names[] = { "off", "partly", "on" };
	const char *missing = NULL;
	enum host_state state;
	enum uadm_code c = host_look(&state, &missing, err);

	if (c == UADM_OK)
		printf("%s %s\n", names[state], missing != NULL ? missing : "-");
	return c;
}

int
main(int argc, char **argv)
{
	bool dry = argc == 3 && strcmp(argv[2], "dry") == 0;
	struct host_report report = { 0 };
	struct uadm_err err = { 0 };
	enum uadm_code c = UADM_USAGE;

	if (argc > 1 && strcmp(argv[1], "look") == 0)
		c = look(&err);
	else if (argc > 1 && strcmp(argv[1], "enable") == 0)
		c = host_enable(dry, 0, NULL, &report, &err);
	else if (argc > 1 && strcmp(argv[1], "disable") == 0)
		c = host_disable(dry, &report, &err);
	print_report(&report);
	host_report_wipe(&report);
	if (c != UADM_OK)
		printf("error: %s\nhint: %s\n", err.msg, err.hint);
	return uadm_exit_status(c);
}
