#include "uadmctl/csv.h"

/* A row that is bad is read to its end all the same, and what does not fit is dropped: its rest
 * must not pass for rows of its own. */
struct row {
	struct csv *c;
	size_t used;
	const char *bad; /* NULL: nothing is wrong with it */
};

static void
spoil(struct row *r, const char *why)
{
	if (r->bad == NULL)
		r->bad = why;
}

static void
put(struct row *r, int ch)
{
	if (r->used < sizeof(r->c->buf))
		r->c->buf[r->used++] = (char)ch;
	else
		spoil(r, "longer than 64 KiB");
}

static void
begin_cell(struct row *r)
{
	if (r->c->count == CSV_CELLS_MOST)
		spoil(r, "more than 64 cells");
	else if (r->used < sizeof(r->c->buf))
		r->c->cells[r->c->count++] = r->c->buf + r->used;
	else
		spoil(r, "longer than 64 KiB");
}

static void
put_data(struct row *r, int ch)
{
	if (ch == '\0')
		spoil(r, "contains a NUL byte");
	put(r, ch);
}

/* After an opening quote, up to and with the closing one; "" stands for one. */
static void
read_quoted(struct row *r)
{
	FILE *from = r->c->from;
	int ch, after;

	while ((ch = getc(from)) != EOF) {
		if (ch == '\n')
			r->c->next_line++;
		if (ch == '"' && (after = getc(from)) != '"') {
			if (after != EOF)
				ungetc(after, from);
			return;
		}
		put_data(r, ch);
	}
	spoil(r, "a quote is never closed");
}

/* Is this the end of a line that ends as in DOS? */
static bool
ends_line(FILE *from)
{
	int ch = getc(from);

	if (ch != EOF)
		ungetc(ch, from);
	return ch == EOF || ch == '\n';
}

/* One row; *blank tells that there was nothing on the line. */
static enum csv_answer
read_row(struct csv *c, bool *blank, const char **why)
{
	struct row r = { .c = c };
	bool at_start = true, closed = false;
	int ch;

	c->count = 0;
	*blank = true;
	begin_cell(&r);
	while ((ch = getc(c->from)) != EOF && ch != '\n') {
		if (ch == '\r' && ends_line(c->from))
			continue;
		*blank = false;
		if (ch == '\r')
			spoil(&r, "contains a carriage return");
		if (ch == '"' && at_start) {
			read_quoted(&r);
			closed = true;
		} else if (ch == ',') {
			put(&r, '\0');
			begin_cell(&r);
			closed = false;
		} else {
			if (ch == '"' || closed)
				spoil(&r, "a quote in the middle of a cell");
			put_data(&r, ch);
		}
		at_start = ch == ',';
	}
	put(&r, '\0');
	c->next_line++;
	*why = r.bad;
	if (r.bad != NULL)
		return CSV_BAD;
	return ch == EOF && *blank ? CSV_END : CSV_ROW;
}

enum csv_answer
csv_read(struct csv *c, const char **why)
{
	enum csv_answer answer;
	bool blank;

	if (c->next_line == 0)
		c->next_line = 1;
	do {
		c->line = c->next_line;
		answer = read_row(c, &blank, why);
	} while (answer == CSV_ROW && blank);
	return answer;
}
