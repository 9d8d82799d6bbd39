/* uadm.conf: what is good is taken, and every mistake is told with file and line. */
#include "libuadm/config/config.h"

#include "tests/unit/check.h"

#define MAIN  UADM_CONFIG_DIR "/uadm.conf"
#define FIRST UADM_CONFIG_DIR "/uadm.conf.d/10-first.conf"

static int
setup(void **state)
{
	(void)state;
	root_clean();
	root_dir("/etc/uadm/uadm.conf.d", 0755);
	root_dir("/usr/etc/uadm", 0755);
	return 0;
}

static void
test_defaults(void **state)
{
	struct config cf, none;
	struct uadm_err err;

	(void)state;
	config_defaults(&none);
	CHECK_EQ(none.uid_min, 30000, "uid-min");
	CHECK_EQ(none.memlimit, 64 << 20, "memlimit");
	CHECK_OK(config_load(&cf, NULL, &err)); /* no file at all */
	assert_memory_equal(&cf, &none, sizeof(cf));
	root_text("/etc/uadm/uadm.conf", "# nothing\n\n[ids]\n");
	CHECK_OK(config_load(&cf, NULL, &err));
	assert_memory_equal(&cf, &none, sizeof(cf));
	root_clean(); /* no directory either */
	CHECK_OK(config_load(&cf, NULL, &err));
}

static void
test_every_key(void **state)
{
	struct config cf;
	struct uadm_err err;

	(void)state;
	root_text("/etc/uadm/uadm.conf",
	    "[ids]\nuid-min = 3001\nuid-max=4000\ngid-min = 2001\ngid-max = 3000\n"
	    "[hash]\nopslimit = 3\nmemlimit = 8388608\n"
	    "[directory]\nmax-group-members = 500\n"
	    "[home]\nbase = /srv/home\nskel = /etc/other skel\n"
	    "[mail]\ncommand = /usr/bin/msmtp -t --tls=on --fp=AA:BB\nfrom = uadm@example.org\n"
	    "language = pt_BR\n");
	CHECK_OK(config_load(&cf, NULL, &err));
	CHECK_EQ(cf.uid_min, 3001, "uid-min");
	CHECK_EQ(cf.uid_max, 4000, "uid-max");
	CHECK_EQ(cf.gid_min, 2001, "gid-min");
	CHECK_EQ(cf.gid_max, 3000, "gid-max");
	CHECK_EQ(cf.opslimit, 3, "opslimit");
	CHECK_EQ(cf.memlimit, 8388608, "memlimit");
	CHECK_EQ(cf.max_group_members, 500, "max-group-members");
	CHECK_TEXT(cf.home_base, "/srv/home", "base");
	CHECK_TEXT(cf.home_skel, "/etc/other skel", "skel");
	CHECK_TEXT(cf.mail_command, "/usr/bin/msmtp -t --tls=on --fp=AA:BB", "command");
	CHECK_TEXT(cf.mail_from, "uadm@example.org", "from");
	CHECK_TEXT(cf.mail_language, "pt_BR", "language");
}

/* Each mistake, with the line it stands on. */
static void
test_mistakes(void **state)
{
	static const struct {
		const char *text;
		const char *says;
	} cases[] = {
		{ "[ids]\nuid-mni = 3000\n", MAIN ":2: unknown key [ids] uid-mni" },
		{ "[idz]\nuid-min = 3000\n", MAIN ":2: unknown key [idz] uid-min" },
		{ "[home]\nuid-min = 3000\n", MAIN ":2: unknown key [home] uid-min" },
		{ "uid-min = 3000\n",
		    MAIN ":1: the key uid-min is outside of any section" },
		{ "[IDS]\nuid-min = 3000\n", MAIN ":2: unknown key [IDS] uid-min" },
		{ "[ids]\nuid-min = 30001\nuid-min = 30002\n",
		    MAIN ":3: [ids] uid-min is given twice, first in line 2" },
		{ "[ids]\n uid-min=30001\n\tuid-min =30001\n",
		    MAIN ":3: [ids] uid-min is given twice" },
		{ "[ids]\nuid-min = 30001\n[hash]\nopslimit = 1\n[ids]\nuid-min = 30002\n",
		    MAIN ":6: [ids] uid-min is given twice, first in line 2" },
		{ "\n[ids]\nuid-min = many\n",
		    MAIN ":3: [ids] uid-min = \"many\": not a number from 1000" },
		{ "[ids]\nuid-min = 30001x\n", MAIN ":2: [ids] uid-min = \"30001x\"" },
		{ "[ids]\nuid-min = 0x7531\n", MAIN ":2: [ids] uid-min = \"0x7531\"" },
		{ "[ids]\nuid-min =\n", MAIN ":2: [ids] uid-min = \"\"" },
		{ "[ids]\nuid-min = -1\n", MAIN ":2: [ids] uid-min = \"-1\"" },
		{ "[ids]\nuid-min = 999\n", MAIN ":2: [ids] uid-min = \"999\"" },
		{ "[ids]\nuid-max = 2147483647\n", MAIN ":2: [ids] uid-max" },
		{ "[ids]\nuid-max = 99999999999999999999\n", MAIN ":2: [ids] uid-max" },
		{ "[hash]\nopslimit = 0\n",
		    MAIN ":2: [hash] opslimit = \"0\": not a number from 1 to 100" },
		{ "[hash]\nopslimit = 101\n", MAIN ":2: [hash] opslimit" },
		{ "[hash]\nmemlimit = 8388607\n", MAIN ":2: [hash] memlimit" },
		{ "[home]\nbase = home\n", MAIN ":2: [home] base = \"home\": not an" },
		{ "[home]\nbase = /a:b\n", MAIN ":2: [home] base" },
		{ "[home]\nbase = /a/../b\n", MAIN ":2: [home] base" },
		{ "[home]\nbase = /home/..\n", MAIN ":2: [home] base" },
		{ "[mail]\ncommand = sendmail -t\n",
		    MAIN
		    ":2: [mail] command = \"sendmail -t\": not the absolute path" },
		{ "[mail]\ncommand = /x | y\n", MAIN ":2: [mail] command" },
		{ "[mail]\ncommand = /x \"a b\"\n", MAIN ":2: [mail] command" },
		{ "[mail]\ncommand = /x $HOME\n", MAIN ":2: [mail] command" },
		{ "[mail]\ncommand = /x\x1b[2J\n", "\\x1b[2J" },
		{ "[mail]\nfrom = root\n",
		    MAIN ":2: [mail] from = \"root\": not a mail address" },
		{ "[mail]\nfrom = A <a@b.c>\n", MAIN ":2: [mail] from" },
		{ "[mail]\nlanguage = ../x\n",
		    MAIN ":2: [mail] language = \"../x\": not a language" },
		{ "[mail]\nlanguage = e\n", MAIN ":2: [mail] language" },
		{ "[mail]\nlanguage = en_us\n", MAIN ":2: [mail] language" },
		{ "[mail]\nlanguage = pt_BRA\n", MAIN ":2: [mail] language" },
		{ "[home]\nbase = /\x1b[2J\n", "\\x1b[2J" },
		{ "[home]\nbase = /\xff\n", "\\xff" },
		{ "[ids]\nuid-min = 30001\nstray words\n", MAIN ":" },
		{ "[ids\nuid-min = 30001\n", MAIN ":1: " },
		{ "[ids]\nuid-min = 40000\nuid-max = 39999\n",
		    "uid-min 40000 is above uid-max 39999" },
		{ "[ids]\ngid-min = 2000\ngid-max = 1999\n",
		    "gid-min 2000 is above gid-max 1999" },
		{ "[ids]\ngid-max = 30000\n",
		    "the uids 30000-59999 and the gids 20000-30000 overlap" },
		{ "[ids]\ngid-min = 59999\ngid-max = 60000\n", "overlap" },
	};
	struct config cf;
	struct uadm_err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		root_text("/etc/uadm/uadm.conf", cases[i].text);
		CHECK_EQ(config_load(&cf, NULL, &err), UADM_CONFIG, cases[i].text);
		CHECK_HAS(err.msg, cases[i].says);
		/* The same in a file that was named. */
		CHECK_EQ(config_load(&cf, MAIN, &err), UADM_CONFIG, cases[i].text);
		CHECK_HAS(err.msg, cases[i].says);
	}
}

static void
test_bounds_are_inclusive(void **state)
{
	static const char *const cases[] = { "[ids]\ngid-min = 1000\n",
		"[ids]\nuid-max = 2147483646\n",
		"[ids]\nuid-min=30000\nuid-max=30000\n", "[ids]\ngid-max = 29999\n",
		"[hash]\nopslimit = 1\n", "[hash]\nopslimit = 100\n",
		"[hash]\nmemlimit = 8388608\n", "[directory]\nmax-group-members = 0\n",
		"[home]\nbase = /\n" };
	char text[400];
	struct config cf;
	struct uadm_err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		root_text("/etc/uadm/uadm.conf", cases[i]);
		CHECK_EQ(config_load(&cf, NULL, &err), UADM_OK, cases[i]);
	}
	/* The longest base leaves room for a slash and a name. */
	snprintf(text, sizeof(text), "[home]\nbase = /%0222d\n", 0);
	root_text("/etc/uadm/uadm.conf", text);
	CHECK_OK(config_load(&cf, NULL, &err));
	assert_int_equal(strlen(cf.home_base), 223);
	snprintf(text, sizeof(text), "[home]\nbase = /%0223d\n", 0);
	root_text("/etc/uadm/uadm.conf", text);
	CHECK_FAILS(UADM_CONFIG, config_load(&cf, NULL, &err));
}

/* The host's file replaces the vendor's; drop-ins come after, in order; conf= is alone. */
static void
test_order_of_files(void **state)
{
	struct config cf;
	struct uadm_err err;

	(void)state;
	root_text("/usr/etc/uadm/uadm.conf", "[hash]\nopslimit = 9\n");
	CHECK_OK(config_load(&cf, NULL, &err));
	CHECK_EQ(cf.opslimit, 9, "vendor");
	root_text(
	    "/etc/uadm/uadm.conf", "[ids]\nuid-max = 40000\n[hash]\nopslimit=3\n");
	CHECK_OK(config_load(&cf, NULL, &err));
	CHECK_EQ(cf.opslimit, 3, "host");
	root_text("/etc/uadm/uadm.conf.d/20-second.conf", "[hash]\nopslimit = 5\n");
	root_text("/etc/uadm/uadm.conf.d/10-first.conf", "[hash]\nopslimit = 4\n");
	root_text("/etc/uadm/uadm.conf.d/README", "no configuration\n");
	CHECK_OK(config_load(&cf, NULL, &err));
	CHECK_EQ(cf.opslimit, 5, "drop-in");
	CHECK_EQ(cf.uid_max, 40000, "kept");
	CHECK_OK(config_load(&cf, FIRST, &err));
	CHECK_EQ(cf.opslimit, 4, "conf=");
	CHECK_EQ(cf.uid_max, 59999, "conf= is alone");
	CHECK_FAILS(UADM_CONFIG, config_load(&cf, UADM_ROOT "/none", &err));

	root_text("/etc/uadm/uadm.conf.d/10-first.conf", "[hash]\n\nopslimit = x\n");
	CHECK_FAILS(UADM_CONFIG, config_load(&cf, NULL, &err));
	CHECK_HAS(err.msg, FIRST ":3: [hash] opslimit = \"x\"");
}

/* Who can write it could choose where homes are made. */
static void
test_files_are_trusted(void **state)
{
	struct config cf;
	struct uadm_err err;

	(void)state;
	root_file("/etc/uadm/uadm.conf", 0666, "", 0);
	CHECK_FAILS(UADM_CONFIG, config_load(&cf, NULL, &err));
	CHECK_HAS(err.msg, MAIN " is writable by others (mode 0666)");
	CHECK_FAILS(UADM_CONFIG, config_load(&cf, MAIN, &err));
	root_file("/etc/uadm/uadm.conf", 0644, "", 0);
	root_file("/etc/uadm/uadm.conf.d/10-first.conf", 0664, "", 0);
	CHECK_FAILS(UADM_CONFIG, config_load(&cf, NULL, &err));
	CHECK_HAS(err.msg, FIRST " is writable by others");
	assert_int_equal(unlink(FIRST), 0);
	assert_int_equal(symlink("/dev/null", FIRST), 0);
	CHECK_FAILS(UADM_CONFIG, config_load(&cf, NULL, &err));
	CHECK_HAS(err.msg, "is not a regular file");
	assert_int_equal(unlink(FIRST), 0);
	assert_int_equal(mkfifo(FIRST, 0644), 0);
	CHECK_FAILS(UADM_CONFIG, config_load(&cf, NULL, &err));
	assert_int_equal(unlink(FIRST), 0);
	root_dir("/etc/uadm/uadm.conf.d", 0777);
	CHECK_FAILS(UADM_CONFIG, config_load(&cf, NULL, &err));
	CHECK_HAS(err.msg, "uadm.conf.d is writable by others");
	root_dir("/etc/uadm/uadm.conf.d", 0755);
	CHECK_OK(config_load(&cf, NULL, &err));
	root_dir("/etc/uadm", 0777);
	CHECK_FAILS(UADM_CONFIG, config_load(&cf, NULL, &err));
	CHECK_HAS(err.msg, "/etc/uadm is writable by others");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_defaults, setup),
		cmocka_unit_test_setup(test_every_key, setup),
		cmocka_unit_test_setup(test_mistakes, setup),
		cmocka_unit_test_setup(test_bounds_are_inclusive, setup),
		cmocka_unit_test_setup(test_order_of_files, setup),
		cmocka_unit_test_setup(test_files_are_trusted, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
