/*
 * host_report.c - what host_enable() and host_disable() tell their caller.
 */
#include "libuadm/ops/host_files.h"

#include <stdarg.h>
#include <string.h>

static const char *const what_names[] = {
	[HOST_UNCHANGED] = "unchanged",
	[HOST_WIRED] = "wired",
	[HOST_RESTORED] = "restored",
	[HOST_CLEANED] = "cleaned",
	[HOST_REMOVED] = "removed",
};

const char *
host_what_name(enum host_what what)
{
	return (size_t)what < ARRAY_LEN(what_names) ? what_names[what] : "unchanged";
}

void
host_report_wipe(struct host_report *report)
{
	for (size_t i = 0; i < report->count; i++)
		free(report->changes[i].diff);
	free(report->advice);
	*report = (struct host_report){ 0 };
}

void
host_report_advise(struct host_report *report, const char *fmt, ...)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	va_list ap;

	if (out == NULL)
		return;
	if (report->advice != NULL)
		fprintf(out, "%s\n", report->advice);
	va_start(ap, fmt);
	vfprintf(out, fmt, ap);
	va_end(ap);
	if (fclose(out) != 0) {
		free(text);
		return;
	}
	free(report->advice);
	report->advice = text;
}

void
host_report_add(struct host_report *report, unsigned file, enum host_what what,
    const char *before, const char *after)
{
	struct host_change *change = &report->changes[report->count];

	if (report->count == HOST_FILES_MAX)
		return;
	report->count++;
	change->path = host_files[file].path;
	change->what = what;
	/* the state of pam-auth-update repeats what its common-* files show */
	if (what != HOST_UNCHANGED && host_files[file].kind != HOST_PAM_STATE)
		change->diff = host_diff(change->path, before, after);
}
