#include "libuadm/ops/host_timer.h"

#include "libuadm/base/paths.h"
#include "libuadm/ops/host_files.h"
#include "libuadm/ops/host_run.h"

#define SYSTEMCTL "/usr/bin/systemctl"
#define TIMER     "uadm-maintain.timer"
#define MAIL      "uadm-mail.path"

/* Said by systemctl: nothing of ours is installed as a unit. */
static bool
is_there(void)
{
	char *const argv[] = { (char *)SYSTEMCTL, (char *)"cat", (char *)TIMER, NULL };
	char *const env[] = { NULL };
	struct uadm_err ignored;
	char said[16];

	return access(UADM_ROOT "/run/systemd/system", F_OK) == 0 &&
	    host_run(argv, env, said, sizeof(said), &ignored) == UADM_OK;
}

void
host_timer_set(bool on, struct host_report *report)
{
	char *const argv[] = { (char *)SYSTEMCTL, (char *)(on ? "enable" : "disable"),
		(char *)"--now", (char *)TIMER, (char *)MAIL, NULL };
	char *const env[] = { NULL };
	struct uadm_err err = { 0 };
	char said[300];

	if (is_there() && host_run(argv, env, said, sizeof(said), &err) != UADM_OK)
		host_report_advise(report, "systemctl %s --now %s %s did not work: %s",
		    argv[1], TIMER, MAIL, err.msg);
}
