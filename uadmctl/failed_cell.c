#include "uadmctl/failed_cell.h"

#include "uadmctl/when.h"

static const struct column source_columns[] = { { "source", CELL_TEXT, true },
	{ "failures", CELL_NUMBER, true }, { "blocked", CELL_BOOL, true },
	{ "until", CELL_TIME, true } };

static void
get_failed(void *arg, size_t i, struct cell *cells, char line[CELL_LINE_SIZE])
{
	struct failed_cell *f = arg;
	const struct failed_source *s = &f->list.at[i];
	char when[TIME_SIZE];

	source_show(s->source, f->shown);
	cells[0] = (struct cell){ .text = f->shown };
	cells[1] = (struct cell){ .number = s->failures };
	cells[2] = (struct cell){ .number = s->blocked };
	cells[3] = (struct cell){ .number = s->until };
	snprintf(line, CELL_LINE_SIZE, "%s: %lld failed%s%s", f->shown,
	    (long long)s->failures, s->blocked ? ", blocked until " : "",
	    when_said(s->until, when));
}

struct cell
failed_cell(struct failed_cell *f)
{
	f->objects = (struct cell_objects){ .columns = source_columns,
		.column_count = ARRAY_LEN(source_columns),
		.count = f->list.count,
		.get = get_failed,
		.arg = f };
	return (struct cell){ .objects = &f->objects };
}
