/* A program of the administrator's: it is root's, it ends, and what it says is one line. */
#include "libuadm/ops/command.h"

#include "libuadm/base/clock.h"
#include "tests/unit/check.h"

#include <signal.h>
#include <sys/wait.h>

#define SCRIPT UADM_ROOT "/sbin/mailer"
#define OUT    UADM_ROOT "/out"

enum { LONG = 20 * 1000, SHORT = 300 };

static struct mailer_end end;
static char said[COMMAND_SAID_SIZE];

static int
setup(void **state)
{
	(void)state;
	root_clean();
	root_dir("/sbin", 0755);
	return 0;
}

static void
script(const char *text, mode_t mode)
{
	char all[600];

	snprintf(all, sizeof(all), "#!/bin/bash\n%s\n", text);
	root_file("/sbin/mailer", mode, all, strlen(all));
}

static void
run(const char *text, int64_t most)
{
	struct command_line line;
	struct uadm_err err;

	script(text, 0755);
	CHECK_OK(command_split(SCRIPT " -i\t-t", &line, &err));
	CHECK_EQ(line.count, 3, "words");
	command_run(&line, "hello\n", 6, most, &end, said);
}

static const struct {
	const char *label, *text, *said;
	int signal, status;
} ends[] = {
	{ "good", "cat >" OUT, "", 0, 0 },
	{ "says what it got", "echo \"$@\" \"$(cat)\"", "-i -t hello", 0, 0 },
	{ "a status", "echo no >&2; exit 75", "no", 0, 75 },
	{ "a signal", "kill -TERM $$", "", SIGTERM, 0 },
	{ "lines", "printf 'a\\n\\n b\\t\\nc\\n'", "a b c", 0, 0 },
	{ "a terminal's", "printf '\\033[2J\\233'", "\\x1b[2J\\x9b", 0, 0 },
	{ "does not read", "exit 3", "", 0, 3 },
	{ "does not speak", "exec >&- 2>&-; exit 4", "", 0, 4 },
};

static void
test_ends(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		run(ends[i].text, LONG);
		CHECK_EQ(end.begun && end.in_time, true, ends[i].label);
		CHECK_EQ(end.signal, ends[i].signal, ends[i].label);
		CHECK_EQ(end.status, ends[i].status, ends[i].label);
		CHECK_TEXT(said, ends[i].said, ends[i].label);
	}
}

static void
test_S7_much_output(void **state)
{
	(void)state;
	run("yes | head -c 2000000; exit 7", LONG);
	assert_true(end.in_time && end.status == 7);
	assert_true(strlen(said) < sizeof(said));
}

static pid_t
read_pid(void)
{
	FILE *f = fopen(OUT, "re");
	long pid = 0;
	int found = f == NULL ? 0 : fscanf(f, "%ld", &pid);

	if (f != NULL)
		fclose(f);
	return found == 1 ? (pid_t)pid : 0;
}

/* Ended with all that it has started, also where that ignores signals; also when it has shut its output. */
static void
test_hangs(void **state)
{
	static const char *const texts[] = {
		"trap '' TERM INT HUP; sleep 1000 & echo $! >" OUT "; wait",
		"exec >&- 2>&-; sleep 1000 & echo $! >" OUT "; wait",
		"echo begun; while :; do :; done & echo $! >" OUT "; wait",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		int64_t deadline;
		pid_t pid;

		unlink(OUT);
		/* Until it has come so far; on a busy machine that may take a while. */
		for (int64_t most = SHORT;
		     access(OUT, F_OK) != 0 || (pid = read_pid()) == 0; most *= 2) {
			assert_true(most < 60 * 1000);
			run(texts[i], most);
			assert_true(end.begun && !end.in_time);
		}
		deadline = clock_boot_ms() + LONG;
		while (kill(pid, 0) == 0 && clock_boot_ms() < deadline)
			usleep(1000);
		assert_true(kill(pid, 0) != 0 && errno == ESRCH);
	}
}

static const struct {
	const char *label;
	mode_t mode;
} modes[] = {
	{ "group", 0775 },
	{ "others", 0757 },
	{ "no program", 0644 },
};

static void
test_whose(void **state)
{
	struct uadm_err err;

	(void)state;
	script("exit 0", 0755);
	CHECK_OK(command_check(SCRIPT, &err));
	for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
		script("exit 0", modes[i].mode);
		CHECK_EQ(command_check(SCRIPT, &err), UADM_CONFIG, modes[i].label);
	}
	script("exit 0", 0755);
	assert_int_equal(symlink("../sbin/mailer", UADM_ROOT "/sbin/link"), 0);
	CHECK_OK(command_check(UADM_ROOT "/sbin/link", &err));
	CHECK_OK(command_check(UADM_ROOT "/sbin/../sbin/./link", &err));
	assert_int_equal(symlink("loop", UADM_ROOT "/sbin/loop"), 0);
	CHECK_FAILS(UADM_CONFIG, command_check(UADM_ROOT "/sbin/loop", &err));
	CHECK_FAILS(UADM_CONFIG, command_check(UADM_ROOT "/sbin", &err));
	CHECK_FAILS(UADM_CONFIG, command_check(UADM_ROOT "/sbin/none", &err));
	CHECK_FAILS(UADM_CONFIG, command_check("sbin/mailer", &err));
	CHECK_FAILS(UADM_CONFIG, command_check("", &err));
	CHECK_FAILS(UADM_CONFIG, command_check("/dev/null", &err));
	/* A way that leads through what others can write, also where the end is fine. */
	root_dir("/open", 0777);
	assert_int_equal(symlink(SCRIPT, UADM_ROOT "/open/mailer"), 0);
	CHECK_FAILS(UADM_CONFIG, command_check(UADM_ROOT "/open/mailer", &err));
	CHECK_HAS(err.msg, "/open is writable by others");
	assert_int_equal(symlink("../open/mailer", UADM_ROOT "/sbin/far"), 0);
	CHECK_FAILS(UADM_CONFIG, command_check(UADM_ROOT "/sbin/far", &err));
	if (geteuid() != 0)
		return;
	assert_int_equal(chown(SCRIPT, 12345, 0), 0);
	CHECK_FAILS(UADM_CONFIG, command_check(SCRIPT, &err));
	CHECK_HAS(err.msg, "belongs to uid 12345");
	run("touch " OUT, LONG);
	unlink(OUT);
	assert_int_equal(chown(SCRIPT, 12345, 0), 0);
	struct command_line line;
	CHECK_OK(command_split(SCRIPT, &line, &err));
	command_run(&line, "", 0, LONG, &end, said);
	assert_false(end.begun);
	CHECK_HAS(said, "belongs to uid 12345");
	assert_true(access(OUT, F_OK) != 0);
}

static void
test_words(void **state)
{
	struct command_line line;
	struct uadm_err err;
	char many[400] = "/x";

	(void)state;
	CHECK_FAILS(UADM_CONFIG, command_split("", &line, &err));
	CHECK_FAILS(UADM_CONFIG, command_split("  ", &line, &err));
	for (int i = 0; i < 80; i++)
		strncat(many, " y", sizeof(many) - strlen(many) - 1);
	CHECK_FAILS(UADM_CONFIG, command_split(many, &line, &err));
	CHECK_OK(command_split(" /a  b ", &line, &err));
	CHECK_EQ(line.count, 2, "words");
	command_add(&line, "c");
	CHECK_TEXT(line.argv[0], "/a", "the first");
	CHECK_TEXT(line.argv[2], "c", "the last");
	assert_null(line.argv[3]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_ends, setup),
		cmocka_unit_test_setup(test_S7_much_output, setup),
		cmocka_unit_test_setup(test_hangs, setup),
		cmocka_unit_test_setup(test_whose, setup),
		cmocka_unit_test_setup(test_words, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
