#include "uadmctl/csv.h"

static bool
put(struct csv *c, size_t *used, int ch)
{
	if (*used >= sizeof(c->buf))
		return false;
	c->buf[(*used)++] = (char)ch;
	return true;
}

static bool
begin_cell(struct csv *c, size_t used)
{
	if (c->count == CSV_CELLS_MOST || used >= sizeof(c->buf))
		return false;
	c->cells[c->count++] = c->buf + used;
	return true;
}

/* After an opening quote, up to and with the closing one; "" stands for one. */
static bool
read_quoted(struct csv *c, size_t *used, const char **why)
{
	int ch;

	for (;;) {
		ch = getc(c->from);
		if (ch == EOF) {
			*why = "a quote is never closed";
			return false;
		}
		if (ch == '\n')
			c->next_line++;
		if (ch == '"') {
			int after = getc(c->from);

			if (after != '"') {
				if (after != EOF)
					ungetc(after, c->from);
				return true;
			}
		}
		if (!put(c, used, ch)) {
			*why = "longer than 64 KiB";
			return false;
		}
	}
}

/* One row; *blank tells that there was nothing on the line. */
static enum csv_answer
read_row(struct csv *c, bool *blank, const char **why)
{
	size_t used = 0, start = 0;
	int ch;

	c->count = 0;
	*blank = true;
	*why = "more than 64 cells or 64 KiB";
	if (!begin_cell(c, used))
		return CSV_BAD;
	while ((ch = getc(c->from)) != EOF && ch != '\n') {
		if (ch == '\r')
			continue;
		*blank = false;
		if (ch == '\0') {
			*why = "contains a NUL byte";
			return CSV_BAD;
		}
		if (ch == '"' && used == start) {
			if (!read_quoted(c, &used, why))
				return CSV_BAD;
		} else if (ch == ',') {
			if (!put(c, &used, '\0') || !begin_cell(c, used))
				return CSV_BAD;
			start = used;
		} else if (!put(c, &used, ch)) {
			return CSV_BAD;
		}
	}
	if (!put(c, &used, '\0'))
		return CSV_BAD;
	c->next_line++;
	return ch == EOF && *blank ? CSV_END : CSV_ROW;
}

enum csv_answer
csv_read(struct csv *c, const char **why)
{
	enum csv_answer answer;
	bool blank;
	int ch;

	if (c->next_line == 0)
		c->next_line = 1;
	do {
		c->line = c->next_line;
		answer = read_row(c, &blank, why);
	} while (answer == CSV_ROW && blank);
	/* The rest of a bad line is not read as a row of its own. */
	if (answer == CSV_BAD) {
		while ((ch = getc(c->from)) != EOF && ch != '\n')
			;
		c->next_line++;
	}
	return answer;
}
