/* P28: whoever is on this host is told apart from remote hosts, by whatever address. */
#include "libuadm/ops/source.h"

#include "tests/unit/check.h"

static void
test_P28_sources(void **state)
{
	static const struct {
		const char *rhost;
		uid_t uid;
		const char *text;
		bool local;
	} cases[] = {
		{ "", 0, "", true },
		{ "", 1000, "uid:1000", true },
		{ "127.0.0.1", 0, "host:this", true },
		{ "127.99.3.4", 0, "host:this", true },
		{ "::1", 0, "host:this", true },
		{ "::ffff:127.0.0.1", 0, "host:this", true },
		{ "localhost", 0, "host:this", true },
		{ "192.0.2.1", 0, "host:192.0.2.1", false },
		{ "192.0.2.1", 1000, "host:192.0.2.1", false },
		{ "2001:db8::1", 0, "host:2001:db8::1", false },
		{ "::ffff:192.0.2.1", 0, "host:::ffff:192.0.2.1", false },
		{ "somewhere.example", 0, "host:somewhere.example", false },
		{ "128.0.0.1", 0, "host:128.0.0.1", false },
	};
	struct source s;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		source_find(&s, cases[i].rhost, cases[i].uid);
		CHECK_TEXT(s.text, cases[i].text, cases[i].rhost);
		CHECK_EQ(s.local, cases[i].local, cases[i].rhost);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_P28_sources) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
