/* P14: what a PAM service does with somebody whom we refuse, by table. tests/system/test_status_fuzz.py
 * holds the same against libpam. */
#include "libuadm/ops/pam_stack.h"

#include "libuadm/base/paths.h"
#include "tests/unit/check.h"

#include <stdlib.h>

static const struct {
	const char *name, *text;
} files[] = {
	{ "common-auth",
	    "# comment\nauth\t[success=1 default=ignore]\tpam_localuser.so\n"
	    "auth [success=2 user_unknown=ignore module_unknown=ignore default=die] pam_uadm.so\n"
	    "auth [success=1 default=ignore] pam_unix.so nullok try_first_pass\n"
	    "auth requisite pam_deny.so\nauth required pam_permit.so\n" },
	{ "common-account",
	    "account [success=1 new_authtok_reqd=done default=ignore] pam_unix.so\n"
	    "account requisite pam_deny.so\naccount required pam_permit.so\n"
	    "account [success=1 default=ignore] pam_localuser.so\n"
	    "account [success=ok new_authtok_reqd=ok user_unknown=ignore default=bad] pam_uadm.so\n" },
	{ "common-session",
	    "session [default=1] pam_permit.so\nsession requisite pam_deny.so\n"
	    "session required pam_permit.so\nsession required pam_unix.so\n"
	    "session [success=1 default=ignore] pam_localuser.so\n"
	    "session [success=ok user_unknown=ignore default=die] pam_uadm.so\n"
	    "session optional pam_systemd.so\n" },
	{ "common-password",
	    "password [success=2 default=ignore] pam_unix.so obscure yescrypt\n"
	    "password [success=1 user_unknown=ignore default=die] pam_uadm.so try_first_pass\n"
	    "password requisite pam_deny.so\npassword required pam_permit.so\n" },
	{ "other",
	    "@include common-auth\n@include common-account\n@include common-password\n"
	    "@include common-session\n" },
	{ "loop", "auth include loop\n" },
	{ "empty", "" },
	{ "permits", "auth required pam_permit.so\n" },
	{ "optional", "auth optional pam_permit.so\n" },
	{ "sufficient", "auth sufficient pam_permit.so\n" },
	{ "denies", "auth requisite pam_deny.so\n" },
	{ "uadm", "auth requisite pam_uadm.so\n" },
	{ "accounts", "account required pam_permit.so\n" },
	{ "resets", "auth [default=reset] pam_permit.so\n" },
	{ "jumps", "auth [default=1] pam_permit.so\n" },
	{ "types", "auht sufficient pam_permit.so\n" },
	{ "b0", "@include b1\n@include b1\n@include b1\n@include b1\n" },
	{ "b1", "@include b2\n@include b2\n@include b2\n@include b2\n" },
	{ "b2", "@include b3\n@include b3\n@include b3\n@include b3\n" },
	{ "b3", "@include b4\n@include b4\n@include b4\n@include b4\n" },
	{ "b4", "@include b5\n@include b5\n@include b5\n@include b5\n" },
	{ "b5", "# nothing\n" },
};

struct service {
	const char *text;
	const char *name; /* NULL: "service" */
	unsigned asked;
};

static char *
give(void *arg, const char *name, bool is_included)
{
	struct service *s = arg;

	s->asked++;
	if (strcmp(name, s->name == NULL ? "service" : s->name) == 0 ||
	    strcmp(name, "service") == 0)
		return s->text == NULL ? NULL : strdup(s->text);
	/* is there for services only, as what /usr/lib/pam.d has */
	if (strcmp(name, "vendor") == 0)
		return is_included ? NULL : strdup("");
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		if (strcmp(name, files[i].name) == 0)
			return strdup(files[i].text);
	return NULL;
}

#define LOCAL "auth [success=1 default=ignore] pam_localuser.so\n"

static void
test_auth(void **state)
{
	static const struct {
		const char *label, *text;
		enum pam_verdict want;
		const char *why;
	} cases[] = {
		{ "as shipped", "auth required pam_env.so\n@include common-auth\n",
		    PAM_DECIDED, "" },
		{ "of other", "", PAM_DECIDED, "" },
		{ "rootok in a daemon",
		    "auth sufficient pam_rootok.so\n@include common-auth\n", PAM_OPEN,
		    "pam_rootok" },
		{ "permit", "auth sufficient pam_permit.so\n@include common-auth\n",
		    PAM_OPEN, "pam_permit" },
		{ "another before",
		    "auth sufficient pam_ldap.so\n@include common-auth\n", PAM_OPEN,
		    "pam_ldap" },
		{ "jump over us",
		    "auth [success=4 default=ignore] pam_ldap.so\n@include common-auth\n",
		    PAM_OPEN, "pam_ldap" },
		{ "jump to us",
		    "auth [success=1 default=ignore] pam_ldap.so\n@include common-auth\n",
		    PAM_DECIDED, "" },
		{ "required before",
		    "auth required pam_ldap.so\n@include common-auth\n", PAM_DECIDED,
		    "" },
		{ "alone", "auth required pam_uadm.so\n", PAM_DECIDED, "" },
		{ "requisite",
		    "auth requisite pam_uadm.so\nauth required pam_permit.so\n",
		    PAM_DECIDED, "" },
		{ "sufficient",
		    "auth sufficient pam_uadm.so\nauth required pam_deny.so\n",
		    PAM_DECIDED, "" },
		{ "sufficient and another",
		    "auth sufficient pam_uadm.so\nauth sufficient pam_ldap.so\n",
		    PAM_OPEN, "pam_ldap" },
		{ "optional",
		    "auth optional pam_uadm.so\nauth required pam_permit.so\n",
		    PAM_OPEN, "pam_permit" },
		{ "required and another",
		    "auth required pam_uadm.so\nauth sufficient pam_ldap.so\n",
		    PAM_DECIDED, "" },
		{ "reset behind us",
		    "auth required pam_uadm.so\nauth [default=reset] pam_x.so\nauth required pam_permit.so\n",
		    PAM_OPEN, "pam_permit" },
		{ "unix never knows ours",
		    "auth [success=2 default=ignore] pam_unix.so\nauth required pam_uadm.so\n",
		    PAM_DECIDED, "" },
		{ "not in it", "auth required pam_unix.so\n", PAM_CLOSED, "" },
		{ "another alone", "auth required pam_ldap.so\n", PAM_NOT_ASKED, "" },
		{ "substack",
		    "auth substack common-auth\nauth required pam_permit.so\n",
		    PAM_DECIDED, "" },
		{ "include", "auth include common-auth\nauth required pam_permit.so\n",
		    PAM_DECIDED, "" },
		{ "silent", "-auth sufficient pam_ldap.so\n@include common-auth\n",
		    PAM_OPEN, "pam_ldap" },
		{ "upper case", "AUTH REQUIRED pam_uadm.so\n", PAM_DECIDED, "" },
		{ "continued", "auth required \\\n pam_uadm.so\n", PAM_DECIDED, "" },
		{ "commented out",
		    "# auth required pam_uadm.so\nauth sufficient pam_ldap.so # pam_uadm.so\n",
		    PAM_NOT_ASKED, "" },
		{ "no file", "@include nowhere\n", PAM_BROKEN, "nowhere" },
		{ "itself", "auth include loop\n", PAM_BROKEN, "loop" },
		{ "no module", "auth required\n", PAM_BROKEN, "" },
		{ "nonsense control", "auth maybe pam_uadm.so\n", PAM_BROKEN, "" },
		{ "open bracket", "auth [success=1 pam_uadm.so\n", PAM_BROKEN, "" },
		{ "its own code", "auth [Success=ok default=die] pam_uadm.so\n",
		    PAM_BROKEN, "" },
		{ "unknown code", "auth [sucess=ok default=die] pam_uadm.so\n",
		    PAM_BROKEN, "" },
		{ "jump past the end",
		    "auth [success=9 default=ignore] pam_ldap.so\nauth required pam_uadm.so\n",
		    PAM_DECIDED, "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct service s = { .text = cases[i].text };
		struct pam_outcome out[PAM_PHASES];

		stack_look(give, &s, "service", out);
		CHECK_EQ(out[PAM_PHASE_AUTH].verdict, cases[i].want, cases[i].label);
		if (strstr(out[PAM_PHASE_AUTH].why, cases[i].why) == NULL)
			fail_msg("%s: \"%s\" has no \"%s\"", cases[i].label,
			    out[PAM_PHASE_AUTH].why, cases[i].why);
	}
}

#define DENIED_BY_US "auth requisite pam_uadm.so\n"
#define PERMITS      "auth required pam_permit.so\n"
#define FIRST        "auth sufficient pam_permit.so\n"

/* As libpam takes it to the letter, whatever it looks like. */
static void
test_letter(void **state)
{
	static const struct {
		const char *label, *text;
		enum pam_verdict want;
		const char *why;
	} cases[] = {
		{ "a comment is not continued", "# old \\\n" FIRST DENIED_BY_US,
		    PAM_OPEN, "pam_permit" },
		{ "a comment does not end what is continued",
		    "auth required pam_permit.so \\\n# old:\n" DENIED_BY_US,
		    PAM_NOT_ASKED, "" },
		{ "nor does an empty line",
		    "auth required pam_permit.so \\\n\n \t\n" DENIED_BY_US,
		    PAM_NOT_ASKED, "" },
		{ "backslash and blanks",
		    "auth required pam_permit.so \\ \t\n" DENIED_BY_US, PAM_NOT_ASKED,
		    "" },
		{ "backslash in the middle",
		    "auth required pam_env.so a\\b\n" DENIED_BY_US, PAM_DECIDED, "" },
		{ "backslash before a comment",
		    "auth required pam_env.so \\ # more\n" DENIED_BY_US, PAM_DECIDED,
		    "" },
		{ "type in brackets", "[auth] sufficient pam_permit.so\n" DENIED_BY_US,
		    PAM_OPEN, "pam_permit" },
		{ "all in brackets", "[auth][sufficient][pam_permit.so]\n" DENIED_BY_US,
		    PAM_OPEN, "pam_permit" },
		{ "simple control in brackets",
		    "auth [sufficient] pam_permit.so\n" DENIED_BY_US, PAM_OPEN,
		    "pam_permit" },
		{ "ours in brackets", "auth [requisite] [pam_uadm.so]\n" PERMITS,
		    PAM_DECIDED, "" },
		{ "bracket in brackets",
		    "auth [success=ok\\] default=ignore] pam_permit.so\n", PAM_BROKEN,
		    "control" },
		{ "blanks around =",
		    "auth [success = done default = ignore] pam_permit.so\n" DENIED_BY_US,
		    PAM_OPEN, "pam_permit" },
		{ "no blank between",
		    "auth [success=donedefault=ignore] pam_permit.so\n" DENIED_BY_US,
		    PAM_OPEN, "pam_permit" },
		{ "the first default counts",
		    "auth [default=ignore default=die] pam_uadm.so\n" PERMITS, PAM_OPEN,
		    "pam_permit" },
		{ "nothing in the brackets is bad", "auth [] pam_uadm.so\n" PERMITS,
		    PAM_DECIDED, "" },
		{ "jump of none", "auth [success=0 default=die] pam_uadm.so\n",
		    PAM_BROKEN, "control" },
		{ "jump that overflows",
		    "auth [success=ok default=4294967295] pam_uadm.so\n" PERMITS,
		    PAM_BROKEN, "control" },
		{ "empty type", "[] sufficient pam_permit.so\n" DENIED_BY_US,
		    PAM_BROKEN, "type" },
		{ "unknown type", "auht required pam_env.so\n" DENIED_BY_US, PAM_BROKEN,
		    "auht" },
		{ "unknown type of another phase",
		    "account include types\n" DENIED_BY_US, PAM_DECIDED, "" },
		{ "unknown type that is included", "auth include types\n" DENIED_BY_US,
		    PAM_BROKEN, "auht" },
		{ "two dashes", "--auth sufficient pam_permit.so\n" DENIED_BY_US,
		    PAM_BROKEN, "type" },
		{ "upper case include", "auth INCLUDE permits\n", PAM_NOT_ASKED, "" },
		{ "upper case @include", "@Include sufficient\n" DENIED_BY_US, PAM_OPEN,
		    "pam_permit" },
		{ "silent @include", "-@include sufficient\n" DENIED_BY_US, PAM_OPEN,
		    "pam_permit" },
		{ "words behind @include", "@include common-auth junk\n", PAM_DECIDED,
		    "" },
		{ "continued into nothing", DENIED_BY_US "auth required pam_x.so \\\n",
		    PAM_BROKEN, "without an end" },
		{ "not of services", "auth include vendor\n" DENIED_BY_US, PAM_BROKEN,
		    "vendor" },
		{ "no text", "auth include binary\n" DENIED_BY_US, PAM_BROKEN,
		    "binary" },
		{ "no name of a module", "auth required /lib/\n", PAM_BROKEN,
		    "module" },
		{ "CR", "auth requisite pam_uadm.so\r\n" PERMITS, PAM_NOT_ASKED,
		    "not the installed" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct service s = { .text = cases[i].text };
		struct pam_outcome out[PAM_PHASES];

		stack_look(give, &s, "service", out);
		CHECK_EQ(out[PAM_PHASE_AUTH].verdict, cases[i].want, cases[i].label);
		if (strstr(out[PAM_PHASE_AUTH].why, cases[i].why) == NULL)
			fail_msg("%s: \"%s\" has no \"%s\"", cases[i].label,
			    out[PAM_PHASE_AUTH].why, cases[i].why);
	}
}

#define JUMP1 "auth [default=1] pam_permit.so\n"

/* A substack is one for a jump, whatever is in it, and a decision ends there. */
static void
test_substacks(void **state)
{
	static const struct {
		const char *label, *text;
		enum pam_verdict want;
	} cases[] = {
		{ "over us onto a substack",
		    JUMP1 DENIED_BY_US "auth substack permits\n", PAM_OPEN },
		{ "over us onto an include",
		    JUMP1 DENIED_BY_US "auth include permits\n", PAM_OPEN },
		{ "over a substack onto us",
		    JUMP1 "auth substack permits\n" DENIED_BY_US, PAM_DECIDED },
		{ "empty substack is one",
		    JUMP1 "auth substack empty\n" FIRST DENIED_BY_US, PAM_OPEN },
		{ "and ends before the next",
		    JUMP1 "auth substack empty\n" DENIED_BY_US PERMITS, PAM_DECIDED },
		{ "with lines of another phase alone",
		    JUMP1 "auth substack accounts\n" FIRST DENIED_BY_US, PAM_OPEN },
		{ "empty include is none",
		    JUMP1 "auth include empty\n" FIRST DENIED_BY_US, PAM_DECIDED },
		{ "two that follow one another",
		    JUMP1 "auth substack optional\nauth substack uadm\n" PERMITS,
		    PAM_DECIDED },
		{ "over the second of two",
		    "auth [default=2] pam_permit.so\nauth substack optional\nauth substack uadm\n" PERMITS,
		    PAM_OPEN },
		{ "done in a substack is not all",
		    "auth substack sufficient\n" DENIED_BY_US, PAM_DECIDED },
		{ "died in a substack is not all",
		    "auth substack uadm\nauth [default=reset] pam_deny.so\n" PERMITS,
		    PAM_OPEN },
		{ "reset in a substack does not reach before it",
		    "auth required pam_uadm.so\nauth substack resets\n" PERMITS,
		    PAM_DECIDED },
		{ "an empty substack is a stack", "auth substack empty\n", PAM_CLOSED },
		{ "jump out of a substack",
		    "auth substack jumps\n" DENIED_BY_US PERMITS, PAM_DECIDED },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct service s = { .text = cases[i].text };
		struct pam_outcome out[PAM_PHASES];

		stack_look(give, &s, "service", out);
		CHECK_EQ(out[PAM_PHASE_AUTH].verdict, cases[i].want, cases[i].label);
	}
}

static enum pam_verdict
look_with(const char *text, enum pam_phase phase, const char **why)
{
	static struct pam_outcome out[PAM_PHASES];
	struct service s = { .text = text };

	stack_look(give, &s, "service", out);
	if (why != NULL)
		*why = out[phase].why;
	return out[phase].verdict;
}

/* Whatever pam_uadm/result.c refuses with in a phase must not be forgiven there. */
static void
test_refusals(void **state)
{
	static const struct {
		const char *code;
		const char *phases; /* a: auth, c: account, s: session, p: password */
	} cases[] = {
		{ "perm_denied", "acsp" },
		{ "authinfo_unavail", "acsp" },
		{ "conv_err", "acsp" },
		{ "service_err", "acsp" },
		{ "auth_err", "acp" },
		{ "acct_expired", "acp" },
		{ "new_authtok_reqd", "c" },
		{ "authtok_err", "p" },
		{ "authtok_recover_err", "p" },
		{ "try_again", "p" },
		{ "system_err", "p" },
		{ "user_unknown", "" }, /* that is for others than ours */
		{ "cred_err", "" },
	};
	const char *why;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		for (int p = 0; p < PAM_PHASES; p++) {
			const char *phase = stack_phase_name((enum pam_phase)p);
			const bool counts = strchr(cases[i].phases, "acsp"[p]) != NULL;
			char text[300];

			snprintf(text, sizeof(text),
			    "%s [%s=ignore success=ok default=die] pam_uadm.so\n"
			    "%s sufficient pam_permit.so\n",
			    phase, cases[i].code, phase);
			CHECK_EQ(look_with(text, (enum pam_phase)p, NULL),
			    counts ? PAM_OPEN : PAM_DECIDED, text);
		}
	CHECK_EQ(
	    look_with("auth [perm_denied=die success=ok default=ignore] pam_uadm.so\n"
		      "auth sufficient pam_permit.so\n",
		PAM_PHASE_AUTH, NULL),
	    PAM_OPEN, "one counts");
	CHECK_EQ(
	    look_with(
		"auth [perm_denied=ignore success=ok default=die] pam_uadm.so\n" PERMITS
		    PERMITS,
		PAM_PHASE_AUTH, &why),
	    PAM_OPEN, "one does not");
	CHECK_HAS(why, "not every refusal of pam_uadm");
	CHECK_EQ(
	    look_with(PERMITS "auth [perm_denied=ignore default=die] pam_uadm.so\n",
		PAM_PHASE_AUTH, NULL),
	    PAM_OPEN, "behind");
}

/* A module is ours where the installed file is asked, by the host's configuration. */
static void
test_modules(void **state)
{
	static const struct {
		const char *module;
		enum pam_verdict want;
		const char *why;
	} cases[] = {
		{ "pam_uadm.so", PAM_DECIDED, "" },
		{ "pam_uadm.so nodelay debug", PAM_DECIDED, "" },
		{ UADM_LIBDIR "/security/pam_uadm.so", PAM_DECIDED, "" },
		{ "pam_uadm.so conf=" UADM_CONFIG_DIR "/uadm.conf", PAM_DECIDED, "" },
		{ "pam_uadm.so debug conf=/other", PAM_NOT_ASKED, "conf=/other" },
		{ "pam_uadm.so [conf=/other]", PAM_NOT_ASKED, "conf=/other" },
		{ "/opt/x/pam_uadm.so", PAM_NOT_ASKED, "/opt/x/pam_uadm.so" },
		{ "/lib/security/../../opt/pam_uadm.so", PAM_NOT_ASKED, "opt" },
		{ "../pam_uadm.so", PAM_NOT_ASKED, "../pam_uadm.so" },
		{ "pam_uadm.so.1", PAM_NOT_ASKED, "pam_uadm.so.1" },
		{ "pam_uadm", PAM_NOT_ASKED, "pam_uadm" },
		{ "pam_deny.so", PAM_CLOSED, "" },
		{ UADM_LIBDIR "/security/pam_deny.so", PAM_CLOSED, "" },
		{ "/opt/pam_deny.so", PAM_NOT_ASKED, "" },
		{ "deny", PAM_NOT_ASKED, "" },
		{ "pam_localuser.so", PAM_CLOSED, "" },
		{ "pam_localuser.so file=/opt/list", PAM_NOT_ASKED, "" },
	};
	const char *why;
	char text[300];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		snprintf(text, sizeof(text), "auth required %s\n", cases[i].module);
		CHECK_EQ(look_with(text, PAM_PHASE_AUTH, &why), cases[i].want,
		    cases[i].module);
		CHECK_HAS(why, cases[i].why);
	}
	CHECK_EQ(look_with("session [session_err=ignore default=die] pam_deny.so\n"
			   "session required pam_permit.so\n",
		     PAM_PHASE_SESSION, NULL),
	    PAM_NOT_ASKED, "what pam_deny says in a session");
}

/* pam_rootok is about who calls: root calls for everybody in a daemon. */
static void
test_rootok(void **state)
{
	static const struct {
		const char *service, *text;
		enum pam_verdict want;
	} cases[] = {
		{ "su", "auth sufficient pam_rootok.so\n@include common-auth\n",
		    PAM_DECIDED },
		{ "runuser", "auth sufficient pam_rootok.so\n", PAM_CLOSED },
		{ "sshd", "auth sufficient pam_rootok.so\n@include common-auth\n",
		    PAM_OPEN },
		{ "login", "auth sufficient pam_rootok.so\n", PAM_NOT_ASKED },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct service s = { .text = cases[i].text, .name = cases[i].service };
		struct pam_outcome out[PAM_PHASES];

		stack_look(give, &s, cases[i].service, out);
		CHECK_EQ(out[PAM_PHASE_AUTH].verdict, cases[i].want, cases[i].service);
	}
}

/* Long, deep and many: never followed half-way and called proven, and never without an end. */
static void
test_bounds(void **state)
{
	static char text[64 * 1024];
	struct service s = { .text = "@include b0\n" DENIED_BY_US };
	struct pam_outcome out[PAM_PHASES];
	size_t used;

	(void)state;
	stack_look(give, &s, "service", out);
	for (int p = 0; p < PAM_PHASES; p++)
		CHECK_EQ(out[p].verdict, PAM_BROKEN, "4^5 files");
	assert_true(s.asked < 1000);

	for (int lines = 100; lines <= 200; lines += 100) {
		used = (size_t)snprintf(text, sizeof(text), "%s", DENIED_BY_US);
		for (int i = 0; i < lines; i++)
			used += (size_t)snprintf(text + used, sizeof(text) - used,
			    "auth optional pam_permit.so\n");
		CHECK_EQ(look_with(text, PAM_PHASE_AUTH, NULL),
		    lines == 100 ? PAM_DECIDED : PAM_BROKEN, "many lines");
	}
	for (int width = 900; width <= 1100; width += 100) {
		snprintf(text, sizeof(text),
		    "#%0*dauth sufficient pam_permit.so\n" DENIED_BY_US,
		    width - 1 - (int)strlen("auth sufficient pam_permit.so"), 0);
		CHECK_EQ(look_with(text, PAM_PHASE_AUTH, NULL),
		    width <= 1000 ? PAM_DECIDED : PAM_BROKEN, "long comment");
	}
}

static void
test_phases(void **state)
{
	static const struct {
		const char *label, *text;
		enum pam_verdict want[PAM_PHASES];
	} cases[] = {
		{ "as shipped",
		    "@include common-auth\n@include common-account\n@include common-session\n",
		    { PAM_DECIDED, PAM_DECIDED, PAM_DECIDED, PAM_DECIDED } },
		{ "session of its own",
		    "@include common-auth\n@include common-account\nsession required pam_unix.so\n",
		    { PAM_DECIDED, PAM_DECIDED, PAM_NOT_ASKED, PAM_DECIDED } },
		{ "account sufficient before",
		    "account sufficient pam_ldap.so\n@include common-account\n",
		    { PAM_DECIDED, PAM_OPEN, PAM_DECIDED, PAM_DECIDED } },
		{ "session done before",
		    "session sufficient pam_x.so\n@include common-session\n",
		    { PAM_DECIDED, PAM_DECIDED, PAM_OPEN, PAM_DECIDED } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct service s = { .text = cases[i].text };
		struct pam_outcome out[PAM_PHASES];

		stack_look(give, &s, "service", out);
		for (int p = 0; p < PAM_PHASES; p++)
			CHECK_EQ(out[p].verdict, cases[i].want[p], cases[i].label);
		CHECK_TEXT(out[PAM_PHASE_PASSWORD].modules, "unix uadm deny permit",
		    "in order");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_auth),
		cmocka_unit_test(test_letter),
		cmocka_unit_test(test_substacks),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_modules),
		cmocka_unit_test(test_rootok),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_phases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
