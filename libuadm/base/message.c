/*
 * Threat: whatever a name or a template holds, it must not become a header, a second mail, an end of
 * the message or a sequence for a terminal. So a header is one line until it is folded here, by an
 * encoding that has no such characters; addresses and the number are of the few characters that they
 * may have; and the body is quoted-printable, which also keeps a line of one dot and a "From " at the
 * beginning of one from meaning anything to a mailer.
 */
#include "libuadm/base/message.h"

#include "libuadm/base/address.h"
#include "libuadm/base/names.h"

#include <stdbool.h>
#include <string.h>
#include <time.h>

enum {
	LINE_MOST = 76,
	/* Bytes of a subject in one encoded word, which is 75 characters at the most (RFC 2047), and in the
	 * first, behind the name of the header. */
	WORD_BYTES = 45,
	FIRST_BYTES = 39,
	PLAIN_SUBJECT_MOST = 60,
};

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* The next character as it may stand in a mail: itself, or what takes its place. */
static size_t
take_character(const char *p, const char **shown, size_t *len)
{
	unsigned c;
	size_t n = text_decode(p, &c);

	*shown = p;
	*len = n;
	if (n == 0 || !text_is_printable(c)) {
		*shown = n == 1 ? " " : REPLACEMENT;
		*len = strlen(*shown);
	}
	return n == 0 ? 1 : n;
}

static void
put_base64(FILE *f, const unsigned char *p, size_t n)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (; n > 0; p += 3, n = n > 3 ? n - 3 : 0) {
		unsigned v = (unsigned)p[0] << 16 | (n > 1 ? (unsigned)p[1] << 8 : 0) |
		    (n > 2 ? p[2] : 0);

		fputc(digits[v >> 18], f);
		fputc(digits[v >> 12 & 63], f);
		fputc(n > 1 ? digits[v >> 6 & 63] : '=', f);
		fputc(n > 2 ? digits[v & 63] : '=', f);
	}
}

/* May it stand as it is? "=?" would be taken for the beginning of what is encoded. */
static bool
is_plain_subject(const char *s)
{
	size_t n = strlen(s);

	if (n == 0 || n > PLAIN_SUBJECT_MOST || s[0] == ' ' || s[n - 1] == ' ' ||
	    strstr(s, "=?") != NULL)
		return false;
	for (const char *p = s; *p != '\0'; p++)
		if (*p < ' ' || *p > '~')
			return false;
	return true;
}

static void
put_subject(FILE *f, const char *subject)
{
	unsigned char word[WORD_BYTES];
	const char *p = subject, *shown, *between = "";
	size_t used = 0, room = FIRST_BYTES, len;

	fputs("Subject: ", f);
	if (is_plain_subject(subject) || *subject == '\0') {
		fprintf(f, "%s\n", *subject != '\0' ? subject : "uadm");
		return;
	}
	while (*p != '\0') {
		size_t n = take_character(p, &shown, &len);

		/* A character is whole in its word. */
		if (used + len > room) {
			fprintf(f, "%s=?UTF-8?B?", between);
			put_base64(f, word, used);
			fputs("?=", f);
			between = "\n ";
			room = sizeof(word);
			used = 0;
		}
		memcpy(word + used, shown, len);
		used += len;
		p += n;
	}
	fprintf(f, "%s=?UTF-8?B?", between);
	put_base64(f, word, used);
	fputs("?=\n", f);
}

struct body {
	FILE *f;
	size_t column;
};

static void
put_quoted(struct body *b, unsigned char c, bool quote)
{
	size_t width = quote ? 3 : 1;

	/* The last column is the soft line end's. */
	if (b->column + width > LINE_MOST - 1) {
		fputs("=\n", b->f);
		b->column = 0;
		/* A soft end is no beginning of a line that a mailer may see otherwise. */
		if (!quote && (c == '.' || c == 'F')) {
			quote = true;
			width = 3;
		}
	}
	fprintf(b->f, quote ? "=%02X" : "%c", c);
	b->column += width;
}

static bool
must_be_quoted(const char *p, bool begins)
{
	unsigned char c = (unsigned char)*p;

	if (c == '=' || c > '~' || (c < ' ' && c != '\t'))
		return true;
	if ((c == ' ' || c == '\t') && (p[1] == '\n' || p[1] == '\0'))
		return true;
	return begins && (c == '.' || strncmp(p, "From ", 5) == 0);
}

static void
put_body(FILE *f, const char *text)
{
	struct body b = { .f = f };
	const char *p = text, *shown;
	size_t len;

	while (*p != '\0') {
		bool begins = b.column == 0;

		if (*p == '\n') {
			fputc('\n', f);
			b.column = 0;
			p++;
		} else if (*p == '\t' || (*p >= ' ' && *p <= '~')) {
			put_quoted(&b, (unsigned char)*p, must_be_quoted(p, begins));
			p++;
		} else {
			p += take_character(p, &shown, &len);
			for (size_t i = 0; i < len; i++)
				put_quoted(&b, (unsigned char)shown[i], true);
		}
	}
	if (b.column > 0)
		fputc('\n', f);
}

static bool
is_word(const char *s, const char *also)
{
	size_t n = strlen(s);

	for (const char *p = s; *p != '\0'; p++)
		if (!(*p >= 'a' && *p <= 'z') && !(*p >= 'A' && *p <= 'Z') &&
		    !(*p >= '0' && *p <= '9') && strchr(also, *p) == NULL)
			return false;
	return n > 0 && n < 300;
}

static enum uadm_code
check(const struct message *m, struct uadm_err *err)
{
	char shown[80];

	if (!address_is_valid(m->from) || !address_is_valid(m->to))
		return uadm_fail(err, UADM_INVALID, "\"%s\" is not a mail address",
		    text_escape(shown, sizeof(shown),
			address_is_valid(m->from) ? m->to : m->from));
	if (!is_word(m->message_id, ".@_-") || !is_word(m->language, "_-"))
		return uadm_fail(
		    err, UADM_INVALID, "the number or the language of a mail is none");
	if (strnlen(m->subject, MESSAGE_SUBJECT_MOST + 1) > MESSAGE_SUBJECT_MOST ||
	    strnlen(m->body, MESSAGE_BODY_MOST + 1) > MESSAGE_BODY_MOST)
		return uadm_fail(err, UADM_INVALID, "a mail is too long");
	return UADM_OK;
}

/* RFC 5322's own names, whatever the locale has. */
static void
put_date(FILE *f, int64_t at)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t secs = (time_t)at;
	struct tm tm = { 0 };

	gmtime_r(&secs, &tm);
	fprintf(f, "Date: %.3s, %d %.3s %d %02d:%02d:%02d +0000\n",
	    days + 3 * tm.tm_wday, tm.tm_mday, months + 3 * tm.tm_mon,
	    tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

enum uadm_code
message_write(const struct message *m, char **out, size_t *size, struct uadm_err *err)
{
	enum uadm_code c = check(m, err);
	char language[16], *dash;
	FILE *f;

	*out = NULL;
	*size = 0;
	if (c != UADM_OK)
		return c;
	if ((f = open_memstream(out, size)) == NULL)
		return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
	snprintf(language, sizeof(language), "%s", m->language);
	if ((dash = strchr(language, '_')) != NULL)
		*dash = '-';
	put_date(f, m->at);
	fprintf(f, "From: %s\nTo: %s\n", m->from, m->to);
	put_subject(f, m->subject);
	fprintf(f, "Message-ID: <%s>\nMIME-Version: 1.0\n", m->message_id);
	fputs("Content-Type: text/plain; charset=UTF-8\n"
	      "Content-Transfer-Encoding: quoted-printable\n",
	    f);
	/* Nobody's vacation answers it (RFC 3834). */
	fprintf(
	    f, "Content-Language: %s\nAuto-Submitted: auto-generated\n\n", language);
	put_body(f, m->body);
	if (fclose(f) == 0)
		return UADM_OK;
	free(*out);
	*out = NULL;
	return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
}
