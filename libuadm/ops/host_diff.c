/*
 * host_diff.c - a unified diff in one hunk: from the first line that differs to the last one,
 * with three lines around it. Enough for files of which one or two lines change, and patch(1)
 * reads it.
 */
#include "libuadm/ops/host_files.h"

#include <string.h>

enum {
	CONTEXT = 3,
};

struct lines {
	const char *text;
	size_t count, first, last; /* what differs is [first, last) */
};

static const char *
line_at(const char *text, size_t n)
{
	while (n-- > 0)
		text += strcspn(text, "\n") + 1;
	return text;
}

static size_t
lines_count(const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; n++) {
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return n;
}

static bool
line_same(const struct lines *a, size_t i, const struct lines *b, size_t j)
{
	const char *p = line_at(a->text, i), *q = line_at(b->text, j);
	size_t n = strcspn(p, "\n");

	/* a newline at the end counts as well */
	return strncmp(p, q, n) == 0 && p[n] == q[n];
}

static void
find_changed(struct lines *a, struct lines *b)
{
	while (a->first < a->count && b->first < b->count &&
	    line_same(a, a->first, b, b->first)) {
		a->first++;
		b->first++;
	}
	while (a->last > a->first && b->last > b->first &&
	    line_same(a, a->last - 1, b, b->last - 1)) {
		a->last--;
		b->last--;
	}
}

static void
print_lines(FILE *out, char sign, const struct lines *l, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		const char *p = line_at(l->text, i);
		size_t n = strcspn(p, "\n");

		fprintf(out, "%c%.*s\n", sign, (int)n, p);
		if (p[n] == '\0')
			fputs("\\ No newline at end of file\n", out);
	}
}

static void
print_hunk(FILE *out, const struct lines *a, const struct lines *b)
{
	size_t lead = a->first < CONTEXT ? a->first : CONTEXT;
	size_t trail = a->count - a->last < CONTEXT ? a->count - a->last : CONTEXT;
	size_t from = a->first - lead, na = a->last + trail - from,
	       nb = b->last + trail - from;

	fprintf(
	    out, "@@ -%zu,%zu +%zu,%zu @@\n", from + (na > 0), na, from + (nb > 0), nb);
	print_lines(out, ' ', a, from, a->first);
	print_lines(out, '-', a, a->first, a->last);
	print_lines(out, '+', b, b->first, b->last);
	print_lines(out, ' ', a, a->last, a->last + trail);
}

static struct lines
lines_of(const char *text)
{
	size_t n = text != NULL ? lines_count(text) : 0;

	return (
	    struct lines){ .text = text != NULL ? text : "", .count = n, .last = n };
}

char *
host_diff(const char *path, const char *before, const char *after)
{
	struct lines a = lines_of(before), b = lines_of(after);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	bool failed;

	if (out == NULL)
		return NULL;
	find_changed(&a, &b);
	if (a.first < a.last || b.first < b.last) {
		fprintf(out, "--- %s\n", before != NULL ? path : "/dev/null");
		fprintf(out, "+++ %s\n", after != NULL ? path : "/dev/null");
		print_hunk(out, &a, &b);
	}
	failed = ferror(out) != 0;
	if (fclose(out) == 0 && !failed)
		return text;
	free(text);
	return NULL;
}
