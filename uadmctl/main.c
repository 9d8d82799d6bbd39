/*
 * uadmctl - administer the users of this host that uadm looks after.
 *
 * Threat: what sudo lets through. Nothing here is chosen by the environment but how output
 * looks (TERM, NO_COLOR, LANG, TZ): the rest is dropped before a library can look at it.
 */
#include "uadmctl/cli.h"
#include "uadmctl/when.h"

#include "libuadm/base/paths.h"
#include "libuadm/base/zones.h"
#include "libuadm/ops/act.h"
#include "libuadm/ops/members.h"
#include "uadmctl/mail.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

extern char **environ;

static void
clean_environment(void)
{
	static const char *const kept[] = { "TERM", "NO_COLOR", "LANG", "LC_ALL",
		"LC_CTYPE", "TZ", "COLUMNS" };
	char *values[ARRAY_LEN(kept)];

	for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
		const char *v = getenv(kept[i]);

		values[i] = v == NULL || strlen(v) > 200 ? NULL : strdup(v);
	}
	clearenv();
	setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
	for (size_t i = 0; i < ARRAY_LEN(kept); i++)
		if (values[i] != NULL) {
			setenv(kept[i], values[i], 1);
			free(values[i]);
		}
	/* A TZ that is a path would be a file for us to read, and what is no zone would be UTC without a
	 * word: zones are names. */
	const char *tz = getenv("TZ");
	if (tz != NULL && !zone_enter(tz))
		unsetenv("TZ");
}

/* A cache would go on showing who was deleted. It is there only where its socket is. */
static void
flush_nscd(void)
{
	static const char *const tables[] = { "passwd", "group" };

	for (size_t i = 0;
	     i < ARRAY_LEN(tables) && access("/run/nscd/socket", F_OK) == 0; i++) {
		char *const argv[] = { (char *)"nscd", (char *)"-i", (char *)tables[i],
			NULL };
		char *const envp[] = { NULL };
		pid_t pid;

		if (posix_spawn(&pid, "/usr/sbin/nscd", NULL, NULL, argv, envp) == 0)
			waitpid(pid, NULL, 0);
	}
}

/* Where a store begins nothing can be missing yet. */
static bool
begins_store(const struct cli *cli)
{
	return cli->command->run == cmd_store_init ||
	    cli->command->run == cmd_store_restore ||
	    cli->command->run == cmd_host_enable;
}

void
cli_publish(struct cli *cli)
{
	struct uadm_err err = { 0 };
	enum published_state before;
	bool published;

	if (cli->uadm.store == NULL || cli->uadm.dry_run)
		return;
	before = op_published_state(false);
	if (op_publish(&cli->uadm, false, &published, &err) == UADM_OK) {
		if (published)
			flush_nscd();
		/* Nobody finds it so any more: whoever healed it has to say what was. */
		if (published && before != PUBLISHED_SOUND && !begins_store(cli))
			cli_warn("%s was %s: written anew", UADM_DIRECTORY_FILE,
			    before == PUBLISHED_MISSING ? "missing" : "damaged");
		return;
	}
	if (err.hint[0] == '\0')
		uadm_hint(&err,
		    "the store is sound; NSS shows the state before: "
		    "uadmctl store publish");
	/* What was asked for has been answered: JSON is one document. */
	cli_say_error(cli, "publishing", &err);
	cli->worst = cli_worse(cli->worst, uadm_exit_status(err.code));
}

/* A process of its own, which nobody waits for: it has no descriptor of ours and is not in the
 * caller's session. true: in that one. */
static bool
go_on_alone(void)
{
	if (fork() != 0)
		return false;
	setsid();
	signal(SIGHUP, SIG_IGN);
	for (int fd = 0, null = open("/dev/null", O_RDWR | O_CLOEXEC); fd < 3; fd++)
		dup2(null, fd);
	closefrom(3);
	if (chdir("/") != 0)
		_exit(0);
	return true;
}

/* See op_end_watch(). */
static void
watch(struct cli *cli)
{
	if (!cli->watch || cli->ending.count == 0 || !go_on_alone())
		return;
	op_end_watch(&cli->ending, cli_value(cli, "conf"), cli->uadm.actor);
	_exit(0);
}

/* Mail goes out now, not within a minute. Where there is systemd it has seen that (letters.h). */
static void
deliver(const struct cli *cli, int64_t queued)
{
	if (queued == 0 || cli->uadm.config.mail_command[0] == '\0' ||
	    access("/run/systemd/system", F_OK) == 0 || !go_on_alone())
		return;
	mail_deliver_quietly(cli_value(cli, "conf"));
	_exit(0);
}

static void
warn(const char *text)
{
	cli_warn("%s", text);
}

/* What nobody but root does is not even tried for others. */
static int
act_as(struct cli *cli)
{
	const char *name = cli_value(cli, "as");
	struct uadm_err err = { 0 };

	if (name == NULL)
		return 0;
	if ((cli->command->flags & CMD_AS) == 0)
		uadm_fail(&err, UADM_DENIED, "only root may do that");
	else if (cli_has(cli, "break-glass"))
		uadm_fail(&err, UADM_DENIED, "only root may break the glass");
	else if (op_act_as(&cli->uadm, name, &err) == UADM_OK)
		return 0;
	return cli_fail(cli, NULL, &err);
}

/* Ends that are due come before what is asked for: it is decided by how things are. */
static int
end_due(struct cli *cli)
{
	struct uadm_err err = { 0 };
	int64_t ended;

	if ((cli->command->flags & CMD_STORE) == 0 ||
	    (cli->command->flags & CMD_CHANGES) == 0 || cli->uadm.store == NULL ||
	    cli->uadm.dry_run || cli->command->run == cmd_maintain ||
	    cli->command->run == cmd_audit_reseal ||
	    op_members_end_due(&cli->uadm, &ended, &err) == UADM_OK)
		return 0;
	return cli_fail(cli, NULL, &err);
}

static int
run(struct cli *cli)
{
	const struct command *c = cli->command;
	struct uadm_err err = { 0 };
	enum uadm_code code;

	if (cli_has(cli, "help")) {
		help_command(c);
		return 0;
	}
	if (c->run == cmd_maintain)
		host_end_trial(cli);
	if ((c->flags & CMD_OPTIONAL) != 0 && access(UADM_STORE_FILE, F_OK) != 0 &&
	    errno == ENOENT)
		return 0;
	code = (c->flags & CMD_STORE) != 0
	    ? (cli_has(cli, "other-key") ? uadm_open_any_key : uadm_open)(
		  &cli->uadm, cli_value(cli, "conf"), &err)
	    : c->run == cmd_help
	    ? UADM_OK
	    : uadm_open_config(&cli->uadm, cli_value(cli, "conf"), &err);
	/* A policy that other hands have broken is mended by setting it. */
	if (code != UADM_OK && (c->flags & CMD_ANYHOW) == 0 &&
	    ((c->run != cmd_policy_set && c->run != cmd_policy_unset) ||
		cli->uadm.store == NULL || cli_has(cli, "account")))
		return cli_fail(cli, NULL, &err);
	if ((c->flags & (CMD_CHANGES | CMD_ANYHOW)) != 0 || c->run == cmd_store_init)
		uadm_actor_name(getpid(), cli->uadm.actor, sizeof(cli->uadm.actor));
	/* Who reads a list may stop reading; who changes something is not ended by that. */
	if ((c->flags & (CMD_CHANGES | CMD_DESTROYS)) == 0)
		signal(SIGPIPE, SIG_DFL);
	cli->uadm.dry_run = cli_has(cli, "dry-run");
	cli->uadm.break_glass = cli_has(cli, "break-glass");
	cli->uadm.warn = warn;
	if (end_due(cli) != 0 || act_as(cli) != 0 || !when_begin(cli))
		return cli->worst;
	cli->worst = cli_worse(c->run(cli), cli->worst);
	/* A check tells how things are: it changes nothing on the way. */
	if (c->run != cmd_store_check && c->run != cmd_store_info &&
	    c->run != cmd_host_status)
		cli_publish(cli);
	return cli->worst;
}

int
main(int argc, char **argv)
{
	struct cli cli = { 0 };
	int64_t queued;
	int status, fd;

	/* A closed descriptor must not become the store. */
	while ((fd = open("/dev/null", O_RDWR | O_CLOEXEC)) >= 0 && fd <= 2)
		;
	close(fd);
	clean_environment();
	setlocale(LC_CTYPE, "C.UTF-8");
	signal(SIGPIPE, SIG_IGN);
	umask(077);
	status = cli_parse(&cli, argc, argv) ? run(&cli) : cli.worst;
	queued = cli.uadm.letters_queued;
	uadm_close(&cli.uadm);
	/* Output that went nowhere was not given: /dev/full, a closed pipe. */
	if (fflush(stdout) != 0 || ferror(stdout) != 0) {
		fputs("uadmctl: error: cannot write the output\n", stderr);
		status = cli_worse(status, EX_IOERR);
	}
	deliver(&cli, queued);
	watch(&cli);
	ending_wipe(&cli.ending);
	return status;
}
