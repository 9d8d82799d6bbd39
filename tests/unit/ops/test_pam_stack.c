/* What a PAM service does with somebody whom we refuse, by table; and the same as libpam says. */
#include "libuadm/ops/pam_stack.h"

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
};

struct service {
	const char *text;
};

static char *
give(void *arg, const char *name)
{
	const struct service *s = arg;

	if (strcmp(name, "service") == 0)
		return s->text == NULL ? NULL : strdup(s->text);
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
		{ "su", "auth sufficient pam_rootok.so\n@include common-auth\n",
		    PAM_DECIDED, "" },
		{ "runuser", "auth sufficient pam_rootok.so\n", PAM_CLOSED, "" },
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
		{ "path", "auth required /lib/security/pam_uadm.so conf=/x\n",
		    PAM_DECIDED, "" },
		{ "no file", "@include nowhere\n", PAM_BROKEN, "nowhere" },
		{ "itself", "auth include loop\n", PAM_BROKEN, "loop" },
		{ "no module", "auth required\n", PAM_BROKEN, "" },
		{ "nonsense control", "auth maybe pam_uadm.so\n", PAM_BROKEN, "" },
		{ "open bracket", "auth [success=1 pam_uadm.so\n", PAM_BROKEN, "" },
		{ "unknown code", "auth [sucess=ok default=die] pam_uadm.so\n",
		    PAM_BROKEN, "" },
		{ "jump past the end",
		    "auth [success=9 default=ignore] pam_ldap.so\nauth required pam_uadm.so\n",
		    PAM_DECIDED, "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct service s = { cases[i].text };
		struct pam_outcome out[PAM_PHASES];

		stack_look(give, &s, "service", out);
		CHECK_EQ(out[PAM_PHASE_AUTH].verdict, cases[i].want, cases[i].label);
		if (strstr(out[PAM_PHASE_AUTH].why, cases[i].why) == NULL)
			fail_msg("%s: \"%s\" has no \"%s\"", cases[i].label,
			    out[PAM_PHASE_AUTH].why, cases[i].why);
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
		struct service s = { cases[i].text };
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
		cmocka_unit_test(test_phases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
