/* P28: whoever is on this host is told apart from remote hosts, by whatever address and spelling;
 * and no spelling makes two sources of one. */
#include "libuadm/ops/source.h"

#include "libuadm/base/cleanup.h"
#include "tests/unit/check.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <pwd.h>
#include <unistd.h>

static void
check_source(const char *rhost, uid_t uid, const char *text, bool local)
{
	struct source s;

	source_find(&s, rhost, uid);
	CHECK_TEXT(s.text, text, rhost);
	CHECK_EQ(s.kind,
	    local                 ? LOCKOUT_FROM_HERE
		: text[0] == '\0' ? LOCKOUT_FROM_CONSOLE
				  : LOCKOUT_FROM_AFAR,
	    rhost);
}

static void
test_P28_sources(void **state)
{
	static const struct {
		const char *rhost;
		uid_t uid;
		const char *text;
		bool local;
	} cases[] = {
		{ "", 0, "", false },
		{ "", 1, "uid:1", true },
		/* a subordinate uid, of which there are thousands to one user */
		{ "", 1999999999, "local", true },
		/* this host */
		{ "127.0.0.1", 0, "local", true },
		{ "127.99.3.4", 0, "local", true },
		{ "127.1", 0, "local", true },
		{ "0x7f000001", 0, "local", true },
		{ "::1", 0, "local", true },
		{ "0:0::0001", 0, "local", true },
		{ "::1%lo", 0, "local", true },
		{ "[::1]", 0, "local", true },
		{ "::ffff:127.0.0.1", 0, "local", true },
		{ "::ffff:127.3.3.3", 0, "local", true },
		{ "::FFFF:7f00:1", 0, "local", true },
		{ "localhost", 0, "local", true },
		{ "LocalHost.", 0, "local", true },
		{ "localhost.localdomain", 0, "local", true },
		{ "ip6-localhost", 0, "local", true },
		/* others: an address is one source however it is written */
		{ "192.0.2.1", 0, "host:192.0.2.1", false },
		{ "192.0.2.1", 1000, "host:192.0.2.1", false },
		{ "0xc0.0.0x2.1", 0, "host:192.0.2.1", false },
		{ "::ffff:192.0.2.1", 0, "host:192.0.2.1", false },
		{ "::ffff:c000:201", 0, "host:192.0.2.1", false },
		{ "128.0.0.1", 0, "host:128.0.0.1", false },
		{ "2001:db8::1", 0, "host:2001:db8::/64", false },
		{ "2001:DB8:0::ffff:ffff:ffff:ffff", 0, "host:2001:db8::/64", false },
		{ "2001:0db8:0:0:1:2:3:4", 0, "host:2001:db8::/64", false },
		{ "2001:db8:0:1::1", 0, "host:2001:db8:0:1::/64", false },
		{ "fe80::dead:beef%nosuch0", 0, "host:fe80::/64", false },
		{ "fe80::1%nosuch1", 0, "host:fe80::/64", false },
		/* names are compared, never resolved */
		{ "somewhere.example", 0, "host:somewhere.example", false },
		{ "SomeWhere.Example.", 0, "host:somewhere.example", false },
		{ "localhostile.example", 0, "host:localhostile.example", false },
		{ "localhost.example", 0, "host:localhost.example", false },
		{ "127.0.0.1 ", 0, "host:127.0.0.1 ", false },
		{ "127.0.0.1.example", 0, "host:127.0.0.1.example", false },
		/* nobody can say that they are one of ours */
		{ "uid:1000", 0, "host:uid:1000", false },
		{ "local", 0, "host:local", false },
		{ ".", 0, "host:.", false },
	};
	char longest[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check_source(
		    cases[i].rhost, cases[i].uid, cases[i].text, cases[i].local);
	memset(longest, '\x1b', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	struct source s;
	source_find(&s, longest, 0);
	CHECK_EQ(strlen(s.text), 5 + 255, "nothing is cut");
}

/* Every address of an interface, and our name with and without a domain. */
static void
test_P28_our_own(void **state)
{
	char name[300] = "", text[NI_MAXHOST], domain[400], other[400], hosts[2000];
	struct ifaddrs *list = NULL;
	size_t seen = 0;

	(void)state;
	assert_int_equal(getifaddrs(&list), 0);
	for (const struct ifaddrs *i = list; i != NULL; i = i->ifa_next) {
		socklen_t size = 0;

		if (i->ifa_addr != NULL && i->ifa_addr->sa_family == AF_INET)
			size = sizeof(struct sockaddr_in);
		else if (i->ifa_addr != NULL && i->ifa_addr->sa_family == AF_INET6)
			size = sizeof(struct sockaddr_in6);
		if (size == 0)
			continue;
		/* As sshd does it: a link-local one comes with its scope. */
		assert_int_equal(getnameinfo(i->ifa_addr, size, text, sizeof(text),
				     NULL, 0, NI_NUMERICHOST),
		    0);
		check_source(text, 0, "local", true);
		seen++;
	}
	freeifaddrs(list);
	assert_true(seen > 0);

	assert_int_equal(gethostname(name, sizeof(name) - 20), 0);
	check_source(name, 0, "local", true);
	name[strcspn(name, ".")] = '\0';
	check_source(name, 0, "local", true);
	/* The same label in a domain is anybody's, but for what hosts(5) says. */
	snprintf(domain, sizeof(domain), "%s.example.org", name);
	snprintf(other, sizeof(other), "%s.evil.example", name);
	snprintf(text, sizeof(text), "host:%.1000s", other);
	for (char *p = text; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	check_source(other, 0, text, false);
	root_dir("/etc", 0755);
	snprintf(hosts, sizeof(hosts), "# x\n192.0.2.1 %s\n127.0.1.1\t%s %s # y\n",
	    other, domain, name);
	root_text("/etc/hosts", hosts);
	check_source(domain, 0, "local", true);
	check_source(other, 0, text, false);
	strcat(name, "x");
	assert_true(strlen(name) < 250);
	struct source s;
	source_find(&s, name, 0);
	CHECK_EQ(s.kind, LOCKOUT_FROM_AFAR, name);
}

/* S7: what is shown is ours where it says so, and stays on its line. */
static void
test_S7_shown(void **state)
{
	static const struct {
		const char *text, *shown;
	} cases[] = {
		{ "", "console" },
		{ "local", "this host" },
		{ "uid:0", "uid 0 (root)" },
		{ "uid:4294967294", "uid 4294967294" },
		{ "uid:\x1b[2J", "uid \\x1b[2J" },
		{ "host:203.0.113.5", "203.0.113.5" },
		{ "host:2001:db8::/64", "2001:db8::/64" },
		{ "host:mail.example", "\"mail.example\"" },
		{ "host:this host", "\"this host\"" },
		{ "host:console", "\"console\"" },
		{ "host:a\", \"b\n\x1b[31m,", "\"a', 'b\\x0a\\x1b[31m,\"" },
		{ "host:\xff", "\"\\xff\"" },
		{ "host:x::/64", "\"x::/64\"" },
		{ "host:1.2.3.4 blocked", "\"1.2.3.4 blocked\"" },
	};
	char out[SOURCE_SHOWN_SIZE], longest[SOURCE_SIZE] = "host:";

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		CHECK_TEXT(
		    source_show(cases[i].text, out), cases[i].shown, cases[i].text);
	memset(longest + 5, '\xff', 255);
	CHECK_EQ(strlen(source_show(longest, out)), 255 * 4 + 2, "nothing is cut");
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_P28_sources),
		cmocka_unit_test(test_P28_our_own), cmocka_unit_test(test_S7_shown) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
