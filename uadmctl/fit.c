/*
 * Threat: a table that shows half of a value as if it were all of it: an address, a domain or a list of
 * rights that an administrator decides by. So what is cut ends in a mark, and a list is broken where one
 * of its words ends, and not cut at all.
 */
#include "uadmctl/fit.h"

#include "libuadm/base/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

enum { CUT_LEAST = 10 }; /* of which something can still be read */

/* One character: how many bytes it is and how wide. What is none takes what its escape would take. */
static size_t
step(const char *text, size_t *width)
{
	mbstate_t state = { 0 };
	wchar_t wide;
	size_t n = mbrtowc(&wide, text, strlen(text), &state);
	int columns;

	if (n == 0 || n == (size_t)-1 || n == (size_t)-2) {
		*width = sizeof("\\xff") - 1;
		return 1;
	}
	columns = wcwidth(wide);
	*width = columns < 0 ? n * (sizeof("\\xff") - 1) : (size_t)columns;
	return n;
}

size_t
fit_width_of(const char *text)
{
	size_t sum = 0, width;

	for (; *text != '\0'; text += step(text, &width), sum += width)
		width = 0;
	return sum;
}

/* The bytes of the next piece, what it is broken behind included. */
static size_t
piece(enum fit_how how, const char *text)
{
	const size_t n = strcspn(text, how == FIT_LIST ? "," : " ");

	return n + (text[n] != '\0');
}

/* Of the first `len` bytes. */
static size_t
width_of_part(const char *text, size_t len)
{
	size_t sum = 0, width;

	for (const char *end = text + len; text < end; sum += width)
		text += step(text, &width);
	return sum;
}

void
fit_measure(struct fit_column *c, const char *text)
{
	const size_t all = fit_width_of(text);
	size_t n;

	if (all > c->widest)
		c->widest = all;
	if (c->how != FIT_LIST && c->how != FIT_WORDS)
		return;
	for (; *text != '\0'; text += n) {
		n = piece(c->how, text);
		if (width_of_part(text, n) > c->word)
			c->word = width_of_part(text, n);
	}
}

static size_t
larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* Not below what can be read; `harder`: words may be broken as well. */
static size_t
least(const struct fit_column *c, bool harder)
{
	size_t floor = c->how == FIT_ELLIPSIS || harder ? CUT_LEAST : c->word;

	if (c->how == FIT_AS_IS || floor > c->widest)
		floor = c->widest;
	return larger(floor, c->heading);
}

/* The widest one gives first, one column after the other. */
static size_t
shrink(struct fit_column *columns, size_t count, size_t excess, bool harder)
{
	for (; excess > 0; excess--) {
		struct fit_column *most = NULL;

		for (size_t i = 0; i < count; i++)
			if (columns[i].width > least(&columns[i], harder) &&
			    (most == NULL || columns[i].width > most->width))
				most = &columns[i];
		if (most == NULL)
			break;
		most->width--;
	}
	return excess;
}

void
fit_widths(struct fit_column *columns, size_t count, size_t all)
{
	size_t sum = count > 0 ? count - 1 : 0;

	for (size_t i = 0; i < count; i++) {
		columns[i].width = larger(columns[i].widest, columns[i].heading);
		sum += columns[i].width;
	}
	if (sum > all)
		shrink(columns, count, shrink(columns, count, sum - all, false), true);
}

/* As many bytes of it as fit. */
static size_t
bytes_that_fit(const char *text, size_t len, size_t room)
{
	size_t used = 0, sum = 0, width;

	while (used < len) {
		const size_t n = step(text + used, &width);

		/* One at least: it has to come to an end. */
		if (sum + width > room && used > 0)
			break;
		sum += width;
		used += n;
	}
	return used;
}

static char *
cut(const char *text, size_t width, const char *ellipsis)
{
	const size_t mark = fit_width_of(ellipsis);
	const size_t n =
	    bytes_that_fit(text, strlen(text), width > mark ? width - mark : 1);
	char *out = NULL;

	if (asprintf(&out, "%.*s%s", (int)n, text, ellipsis) < 0)
		abort();
	return out;
}

/* In a list the comma stays where it was, a blank at the end of a line goes. */
static char *
wrap(enum fit_how how, const char *text, size_t width)
{
	char *out = NULL;
	size_t size, line = 0, blank = 0;
	FILE *f = open_memstream(&out, &size);

	if (f == NULL)
		abort();
	while (*text != '\0') {
		size_t n = piece(how, text);
		size_t seen = n - (how == FIT_WORDS && text[n - 1] == ' ');

		if (line > 0 && line + blank + width_of_part(text, seen) > width) {
			fputc('\n', f);
			line = 0;
		} else if (line > 0 && blank > 0) {
			fputc(' ', f);
			line++;
		}
		if (line == 0 && width_of_part(text, seen) > width)
			seen = n = bytes_that_fit(text, n, width);
		fwrite(text, 1, seen, f);
		line += width_of_part(text, seen);
		blank = n - seen;
		text += n;
	}
	if (fclose(f) != 0)
		abort();
	return out;
}

char *
fit_cell(const struct fit_column *c, const char *text, const char *ellipsis)
{
	if (fit_width_of(text) <= c->width || c->how == FIT_AS_IS)
		return NULL;
	return c->how == FIT_ELLIPSIS ? cut(text, c->width, ellipsis)
				      : wrap(c->how, text, c->width);
}

void
fit_screen(size_t *columns, size_t *lines)
{
	struct winsize w = { 0 };

	if (isatty(STDOUT_FILENO) != 1 || ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) != 0)
		w = (struct winsize){ 0 };
	*columns = w.ws_col;
	*lines = w.ws_row;
}

size_t
fit_terminal(void)
{
	size_t columns, lines;

	fit_screen(&columns, &lines);
	return columns;
}

/* The first variable that says something counts, as in setlocale(3). */
bool
fit_shows_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	const char *value;

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if ((value = getenv(names[i])) != NULL && *value != '\0')
			return strcasestr(value, "utf-8") != NULL ||
			    strcasestr(value, "utf8") != NULL;
	return false;
}

const char *
fit_ellipsis(void)
{
	return fit_shows_utf8() ? "…" : "...";
}
