/*
 * print_json.c - JSON by jansson. Rows that nobody looks at on a terminal go straight to stdout, all
 * but text that has to be escaped: a tree for each of a hundred thousand costs more than reading
 * them from the store.
 */
#include "uadmctl/print_json.h"

#include "libuadm/base/times.h"
#include "uadmctl/json.h"

#include <string.h>

static json_t *
json_list(const char *joined)
{
	json_t *list = json_array();

	for (const char *p = joined; p != NULL && *p != '\0';) {
		size_t n = strcspn(p, ",");

		CLEANUP(cleanup_free) char *one = strndup(p, n);

		if (one == NULL)
			abort();
		json_array_append_new(list, json_text(one));
		p += n + (p[n] == ',');
	}
	return list;
}

static json_t *json_row(const struct column *columns, size_t count,
    const struct cell *cells, const size_t *order);

static json_t *
json_objects(const struct cell_objects *o)
{
	struct cell cells[OBJECT_CELLS] = { 0 };
	char line[CELL_LINE_SIZE];
	json_t *list = json_array();

	for (size_t i = 0; i < o->count; i++) {
		o->get(o->arg, i, cells, line);
		json_array_append_new(
		    list, json_row(o->columns, o->column_count, cells, NULL));
	}
	return list;
}

static json_t *
json_cell(enum cell_type type, const struct cell *c)
{
	char when[TIME_SIZE];

	switch (type) {
	case CELL_TEXT:
		return c->text == NULL || *c->text == '\0' ? json_null()
							   : json_text(c->text);
	case CELL_NUMBER:
		return json_integer(c->number);
	case CELL_TIME:
		return c->number == 0 ? json_null()
				      : json_string(time_utc(c->number, when));
	case CELL_SPAN:
		return c->number < 0 ? json_null() : json_integer(c->number);
	case CELL_BOOL:
		return json_boolean(c->number != 0);
	case CELL_LIST:
		return json_list(c->text);
	case CELL_OBJECTS:
		return json_objects(c->objects);
	}
	return json_null();
}

static json_t *
json_row(const struct column *columns, size_t count, const struct cell *cells,
    const size_t *order)
{
	json_t *row = json_object();

	for (size_t i = 0; i < count; i++) {
		size_t at = order == NULL ? i : order[i];

		json_object_set_new(
		    row, columns[at].key, json_cell(columns[at].type, &cells[at]));
	}
	return row;
}

/* Text that stands in JSON as it is. */
static bool
is_plain(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] < ' ' || text[i] > '~' || text[i] == '"' || text[i] == '\\')
			return false;
	return true;
}

static void
put_plain(const char *text, size_t len)
{
	putc_unlocked('"', stdout);
	fwrite_unlocked(text, 1, len, stdout);
	putc_unlocked('"', stdout);
}

static void
put_plain_list(const char *joined)
{
	size_t n;

	putc_unlocked('[', stdout);
	for (const char *p = joined; *p != '\0'; p += n + (p[n] == ',')) {
		if (p != joined)
			putc_unlocked(',', stdout);
		n = strcspn(p, ",");
		put_plain(p, n);
	}
	putc_unlocked(']', stdout);
}

/* As json_cell() has it. */
static void
put_cell(enum cell_type type, const struct cell *c)
{
	bool is_text = type == CELL_TEXT || type == CELL_LIST;
	const char *text = is_text && c->text != NULL ? c->text : "";
	size_t len = strlen(text);
	char shown[TIME_SIZE];

	if (type == CELL_OBJECTS || (is_text && !is_plain(text, len))) {
		json_t *value = json_cell(type, c);

		json_write(value, false);
		json_decref(value);
	} else if (type == CELL_LIST) {
		put_plain_list(text);
	} else if (type == CELL_TEXT && len > 0) {
		put_plain(text, len);
	} else if (type == CELL_TIME && c->number != 0) {
		time_utc(c->number, shown);
		put_plain(shown, strlen(shown));
	} else if (type == CELL_NUMBER || (type == CELL_SPAN && c->number >= 0)) {
		snprintf(shown, sizeof(shown), "%lld", (long long)c->number);
		fputs_unlocked(shown, stdout);
	} else if (type == CELL_BOOL) {
		fputs_unlocked(c->number != 0 ? "true" : "false", stdout);
	} else {
		fputs_unlocked("null", stdout);
	}
}

/* A column that -o names twice is one key. */
static bool
is_repeated(const size_t *order, size_t i)
{
	for (size_t j = 0; order != NULL && j < i; j++)
		if (order[j] == order[i])
			return true;
	return false;
}

static void
put_compact_row(const struct column *columns, size_t count, const struct cell *cells,
    const size_t *order)
{
	putc_unlocked('{', stdout);
	for (size_t i = 0; i < count; i++) {
		size_t at = order == NULL ? i : order[i];

		if (is_repeated(order, i))
			continue;
		if (i > 0)
			putc_unlocked(',', stdout);
		put_plain(columns[at].key, strlen(columns[at].key));
		putc_unlocked(':', stdout);
		put_cell(columns[at].type, &cells[at]);
	}
	putc_unlocked('}', stdout);
}

void
json_put_row(const struct column *columns, size_t count, const struct cell *cells,
    const size_t *order, bool pretty)
{
	json_t *row;

	if (!pretty) {
		put_compact_row(columns, count, cells, order);
		return;
	}
	row = json_row(columns, count, cells, order);
	json_write(row, true);
	json_decref(row);
}
