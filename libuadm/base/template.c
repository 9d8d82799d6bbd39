/*
 * Threat: a name that holds what a template is made of: a line break and a header, {code}, a control
 * sequence. What is filled in is never read as a template, and is cleaned to one line.
 */
#include "libuadm/base/template.h"

#include "libuadm/base/names.h"

#include <stdbool.h>
#include <string.h>

enum { VALUE_MOST = 1024, PLACE_NAME_MOST = 31 };

#define SUBJECT "Subject: "

/* "{name}" at `p`: its length with the braces, or 0. Any other brace is just a brace. */
static size_t
place_at(const char *p)
{
	size_t n;

	if (*p != '{')
		return 0;
	n = strspn(p + 1, "abcdefghijklmnopqrstuvwxyz_");
	return n > 0 && n <= PLACE_NAME_MOST && p[1 + n] == '}' ? n + 2 : 0;
}

static const struct template_place *
find_place(const char *p, size_t len, const struct template_place *places, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(places[i].name) == len - 2 &&
		    strncmp(places[i].name, p + 1, len - 2) == 0)
			return &places[i];
	return NULL;
}

static bool
has_value(const struct template_place *place)
{
	return place->value != NULL && place->value[0] != '\0';
}

static enum uadm_code
check_line(const char *line, size_t len, int number,
    const struct template_place *places, size_t count, struct uadm_err *err)
{
	unsigned c;
	size_t n;

	for (const char *p = line; p < line + len; p += n) {
		if ((n = place_at(p)) > 0) {
			if (find_place(p, n, places, count) == NULL)
				return uadm_fail(err, UADM_INVALID,
				    "line %d: %.*s is nothing that can be filled in",
				    number, (int)n, p);
			continue;
		}
		if ((n = text_decode(p, &c)) == 0)
			return uadm_fail(
			    err, UADM_INVALID, "line %d is not valid UTF-8", number);
		if (!text_is_printable(c) && c != '\t')
			return uadm_fail(err, UADM_INVALID,
			    "line %d has a control character or an invisible one",
			    number);
	}
	return UADM_OK;
}

enum uadm_code
template_check(const char *text, const struct template_place *places, size_t count,
    struct uadm_err *err)
{
	size_t len, head = strcspn(text, "\n");
	enum uadm_code c;
	int number = 1;

	if (strnlen(text, TEMPLATE_MOST + 1) > TEMPLATE_MOST)
		return uadm_fail(err, UADM_INVALID, "it is longer than %d KiB",
		    TEMPLATE_MOST / 1024);
	if (strncmp(text, SUBJECT, strlen(SUBJECT)) != 0 || head == strlen(SUBJECT))
		return uadm_fail(
		    err, UADM_INVALID, "line 1 is not \"Subject: \" and a text");
	if (strncmp(text + head, "\n\n", 2) != 0)
		return uadm_fail(err, UADM_INVALID, "line 2 is not empty");
	for (const char *p = text; *p != '\0'; p += len + (p[len] == '\n')) {
		len = strcspn(p, "\n");
		if ((c = check_line(p, len, number++, places, count, err)) != UADM_OK)
			return c;
	}
	return UADM_OK;
}

static void
put_value(FILE *f, const char *value)
{
	size_t n, used = 0;
	unsigned c;

	if (strcmp(value, TEMPLATE_CODE) == 0) {
		fputs(value, f);
		return;
	}
	for (const char *p = value; *p != '\0' && used < VALUE_MOST; p += n) {
		n = text_decode(p, &c);
		used += n == 0 ? 1 : n;
		if (n > 0 && text_is_printable(c))
			fwrite(p, 1, n, f);
		else
			fputc('?', f);
		n += n == 0;
	}
}

/* Is there something for each place in it? */
static bool
line_is_whole(
    const char *line, size_t len, const struct template_place *places, size_t count)
{
	for (size_t i = 0; i < len; i++) {
		size_t n = place_at(line + i);
		const struct template_place *place =
		    n > 0 ? find_place(line + i, n, places, count) : NULL;

		if (place != NULL && !has_value(place))
			return false;
	}
	return true;
}

static void
put_line(FILE *f, const char *line, size_t len, const struct template_place *places,
    size_t count)
{
	size_t n;

	for (const char *p = line; p < line + len; p += n) {
		const struct template_place *place = NULL;

		if ((n = place_at(p)) > 0)
			place = find_place(p, n, places, count);
		if (place == NULL) {
			n = 1;
			fputc(*p, f);
		} else if (has_value(place)) {
			put_value(f, place->value);
		}
	}
}

static bool
fill_subject(const char *line, size_t len, const struct template_place *places,
    size_t count, char out[TEMPLATE_SUBJECT_SIZE])
{
	char *text = NULL;
	size_t size = 0, cut;
	FILE *f = open_memstream(&text, &size);

	if (f == NULL)
		return false;
	put_line(f, line, len, places, count);
	if (fclose(f) != 0) {
		free(text);
		return false;
	}
	/* Cut between two characters. */
	for (cut = size < TEMPLATE_SUBJECT_SIZE ? size : TEMPLATE_SUBJECT_SIZE - 1;
	     cut < size && ((unsigned char)text[cut] & 0xc0) == 0x80; cut--)
		;
	while (cut > 0 && text[cut - 1] == ' ') /* where there was nothing to fill in */
		cut--;
	memcpy(out, text, cut);
	out[cut] = '\0';
	explicit_bzero(text, size);
	free(text);
	return true;
}

enum uadm_code
template_fill(const char *text, const struct template_place *places, size_t count,
    char subject[TEMPLATE_SUBJECT_SIZE], char **body, struct uadm_err *err)
{
	enum uadm_code c = template_check(text, places, count, err);
	size_t len = strcspn(text, "\n"), size;
	FILE *f;

	*body = NULL;
	if (c != UADM_OK)
		return c;
	if (!fill_subject(text + strlen(SUBJECT), len - strlen(SUBJECT), places, count,
		subject) ||
	    (f = open_memstream(body, &size)) == NULL)
		return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
	for (const char *p = text + len + 2; *p != '\0'; p += len + (p[len] == '\n')) {
		len = strcspn(p, "\n");
		if (!line_is_whole(p, len, places, count))
			continue;
		put_line(f, p, len, places, count);
		fputc('\n', f);
	}
	if (fclose(f) == 0)
		return UADM_OK;
	free(*body);
	*body = NULL;
	return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
}
