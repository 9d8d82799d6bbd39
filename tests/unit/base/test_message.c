/* Mails as bytes (S7): nothing that goes in becomes a header, a line that is too long, or anything but
 * ASCII; and what comes out is what was meant. */
#include "libuadm/base/message.h"

#include "libuadm/base/user.h"
#include "tests/unit/check.h"

#include <ctype.h>

static const struct message plain = {
	.from = "uadm@example.org",
	.to = "jo@example.org",
	.subject = "Your code",
	.body = "Hello\n",
	.message_id = "1.uadm@box",
	.language = "pt_BR",
	.at = 1789000000,
};

static void
test_a_mail(void **state)
{
	CLEANUP(cleanup_free) char *out = NULL;
	struct uadm_err err;
	size_t size;

	(void)state;
	CHECK_OK(message_write(&plain, &out, &size, &err));
	CHECK_TEXT(out,
	    "Date: Thu, 10 Sep 2026 00:26:40 +0000\n"
	    "From: uadm@example.org\nTo: jo@example.org\nSubject: Your code\n"
	    "Message-ID: <1.uadm@box>\nMIME-Version: 1.0\n"
	    "Content-Type: text/plain; charset=UTF-8\n"
	    "Content-Transfer-Encoding: quoted-printable\n"
	    "Content-Language: pt-BR\nAuto-Submitted: auto-generated\n\nHello\n",
	    "a mail");
	CHECK_EQ(size, strlen(out), "its size");
}

#define TEN "0123456789"

static const struct {
	const char *label, *subject, *want;
} subjects[] = {
	{ "plain", "Hi", "Subject: Hi\n" },
	{ "none", "", "Subject: uadm\n" },
	{ "umlaut", "\xc3\xbc", "Subject: =?UTF-8?B?w7w=?=\n" },
	{ "looks encoded", "=?x?=", "Subject: =?UTF-8?B?PT94Pz0=?=\n" },
	{ "newline", "a\nBcc: b@c.d", "Subject: =?UTF-8?B?YSBCY2M6IGJAYy5k?=\n" },
	{ "return", "a\rb", "Subject: =?UTF-8?B?YSBi?=\n" },
	{ "escape", "\x1b[2J", "Subject: =?UTF-8?B?IFsySg==?=\n" },
	{ "no UTF-8", "a\xff", "Subject: =?UTF-8?B?Ye+/vQ==?=\n" },
	{ "bidi", "a\u202e", "Subject: =?UTF-8?B?Ye+/vQ==?=\n" },
	{ "blank at the end", "a ", "Subject: =?UTF-8?B?YSA=?=\n" },
	{ "as long as it may be plain", TEN TEN TEN TEN TEN TEN,
	    "Subject: " TEN TEN TEN TEN TEN TEN "\n" },
	{ "longer: folded", TEN TEN TEN TEN TEN TEN "x",
	    "Subject: =?UTF-8?B?MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4?=\n =?UTF-8?B?OTAxMjM0NTY3ODkwMTIzNDU2Nzg5eA==?=\n" },
	{ "a character is not cut in two", TEN TEN TEN "12345678\xc3\xbc",
	    "Subject: =?UTF-8?B?MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MTIzNDU2Nzg=?=\n =?UTF-8?B?w7w=?=\n" },
};

static const struct {
	const char *label, *body, *want;
} bodies[] = {
	{ "empty", "", "\n\n" },
	{ "no end of line", "a", "\n\na\n" },
	{ "equals", "a=b\n", "\n\na=3Db\n" },
	{ "a dot alone", "a\n.\nb\n", "\n\na\n=2E\nb\n" },
	{ "From", "From me\n", "\n\n=46rom me\n" },
	{ "blank at the end", "a \nb\t\n ", "\n\na=20\nb=09\n=20\n" },
	{ "a tab", "a\tb\n", "\n\na\tb\n" },
	{ "umlaut", "\xc3\xbc\n", "\n\n=C3=BC\n" },
	{ "return", "a\rb\n", "\n\na=20b\n" },
	{ "no UTF-8", "\xc0\xaf\n", "\n\n=EF=BF=BD=EF=BF=BD\n" },
	{ "escape", "\x1b[2J\n", "\n\n=20[2J\n" },
	{ "C1", "\xc2\x9b\n", "\n\n=EF=BF=BD\n" },
	{ "75 characters", TEN TEN TEN TEN TEN TEN TEN "12345\n",
	    "\n\n" TEN TEN TEN TEN TEN TEN TEN "12345\n" },
	{ "76: a soft end", TEN TEN TEN TEN TEN TEN TEN "123456\n",
	    "\n\n" TEN TEN TEN TEN TEN TEN TEN "12345=\n6\n" },
	{ "a dot behind a soft end", TEN TEN TEN TEN TEN TEN TEN "12345.\n",
	    "\n\n" TEN TEN TEN TEN TEN TEN TEN "12345=\n=2E\n" },
};

static void
test_S7_subjects_and_bodies(void **state)
{
	struct uadm_err err;
	size_t size;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(subjects); i++) {
		CLEANUP(cleanup_free) char *out = NULL;
		struct message m = plain;
		char *line, *end;

		m.subject = subjects[i].subject;
		CHECK_OK(message_write(&m, &out, &size, &err));
		line = strstr(out, "Subject: ");
		end = strstr(out, "Message-ID: ");
		assert_true(line != NULL && end != NULL);
		*end = '\0';
		CHECK_TEXT(line, subjects[i].want, subjects[i].label);
	}
	for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
		CLEANUP(cleanup_free) char *out = NULL;
		struct message m = plain;

		m.body = bodies[i].body;
		CHECK_OK(message_write(&m, &out, &size, &err));
		CHECK_TEXT(strstr(out, "\n\n"), bodies[i].want, bodies[i].label);
	}
}

static const struct {
	const char *label;
	struct message m; /* what is not given is as in `plain` */
} refused[] = {
	{ "no address", { .to = "jo" } },
	{ "empty", { .to = "" } },
	{ "a header in it", { .to = "jo@example.org\nBcc: eve@example.org" } },
	{ "return", { .to = "jo@example.org\r" } },
	{ "two", { .to = "jo@example.org,eve@example.org" } },
	{ "a blank", { .to = "jo @example.org" } },
	{ "a bracket", { .to = "<jo@example.org>" } },
	{ "no UTF-8", { .to = "\xff@example.org" } },
	{ "from nobody", { .from = "root" } },
	{ "from with a header", { .from = "a@b\nX: y" } },
	{ "a number with a header", { .message_id = "1>\nX: <y" } },
	{ "no number", { .message_id = "" } },
	{ "a language with a header", { .language = "en\nX: y" } },
};

static void
test_S7_addresses(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		struct message m = plain, n = refused[i].m;
		struct uadm_err err;
		char *out;
		size_t size;

		m.to = n.to != NULL ? n.to : m.to;
		m.from = n.from != NULL ? n.from : m.from;
		m.message_id = n.message_id != NULL ? n.message_id : m.message_id;
		m.language = n.language != NULL ? n.language : m.language;
		CHECK_EQ(message_write(&m, &out, &size, &err), UADM_INVALID,
		    refused[i].label);
		assert_null(out);
	}
}

static void
test_S7_too_long(void **state)
{
	char *text = malloc(10 << 20);
	struct message m = plain;
	struct uadm_err err;
	char *out;
	size_t size;

	(void)state;
	memset(text, 'x', (10 << 20) - 1);
	text[(10 << 20) - 1] = '\0';
	m.subject = text;
	CHECK_FAILS(UADM_INVALID, message_write(&m, &out, &size, &err));
	m = plain;
	m.body = text;
	CHECK_FAILS(UADM_INVALID, message_write(&m, &out, &size, &err));
	m = plain;
	m.to = text;
	CHECK_FAILS(UADM_INVALID, message_write(&m, &out, &size, &err));
	free(text);
}

/* Any bytes at all: the same headers, short lines, ASCII alone, and no end before the end. */
static void
test_S7_any_bytes(void **state)
{
	uint64_t seed = 88172645463325252u;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		CLEANUP(cleanup_free) char *out = NULL;
		char subject[120], body[400];
		struct message m = plain;
		struct uadm_err err;
		size_t size, column = 0, headers = 0;
		const char *end;

		for (size_t i = 0; i < sizeof(subject) + sizeof(body); i++) {
			static const char often[] = "\n\r.=?: F\xc3\xbc\xff\x1b\x01";
			char *at = i < sizeof(subject) ? &subject[i]
						       : &body[i - sizeof(subject)];

			seed ^= seed << 13;
			seed ^= seed >> 7;
			seed ^= seed << 17;
			*at = (seed & 1) != 0 ? often[(seed >> 8) % (sizeof(often) - 1)]
					      : (char)(1 + (seed >> 8) % 255);
		}
		subject[seed % sizeof(subject)] = '\0';
		body[(seed >> 20) % sizeof(body)] = '\0';
		subject[sizeof(subject) - 1] = body[sizeof(body) - 1] = '\0';
		m.subject = subject;
		m.body = body;
		CHECK_OK(message_write(&m, &out, &size, &err));
		end = strstr(out, "\n\n");
		assert_non_null(end);
		for (const char *p = out; *p != '\0'; p++) {
			assert_true(
			    *p == '\n' || *p == '\t' || (*p >= ' ' && *p <= '~'));
			column = *p == '\n' ? 0 : column + 1;
			assert_true(column <= 78);
			if (*p == '\n' && p < end && p[1] != ' ')
				headers++;
			if (*p == '\n' && p > end)
				assert_false(
				    p[1] == '.' || strncmp(p + 1, "From ", 5) == 0);
		}
		CHECK_EQ(headers, 9, "ten headers");
		assert_true(out[size - 1] == '\n' && strlen(out) == size);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_mail),
		cmocka_unit_test(test_S7_subjects_and_bodies),
		cmocka_unit_test(test_S7_addresses),
		cmocka_unit_test(test_S7_too_long),
		cmocka_unit_test(test_S7_any_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
