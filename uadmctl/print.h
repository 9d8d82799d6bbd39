/*
 * print.h - data on stdout: tables (libsmartcols), one object, or JSON (jansson).
 *
 * A verb gives rows of cells; how they look is decided here, once. Lists are streamed row by
 * row in JSON and --raw; a table has to know its widths first.
 */
#ifndef UADM_UADMCTL_PRINT_H
#define UADM_UADMCTL_PRINT_H

#include "uadmctl/cli.h"

enum cell_type {
	CELL_TEXT, /* empty: null in JSON */
	CELL_NUMBER,
	CELL_TIME, /* Unix seconds; RFC 3339 in JSON, local on a terminal; 0: null */
	CELL_BOOL,
	CELL_LIST, /* joined by ',': an array in JSON */
};

struct column {
	const char
	    *key; /* in JSON; upper-cased it is the heading and the name for -o */
	enum cell_type type;
	bool shown; /* in the table unless -o says otherwise */
};

struct cell {
	const char *text; /* TEXT, LIST */
	int64_t number;   /* NUMBER, TIME, BOOL */
};

struct printer;

/* Begin a list. false: -o names a column that is not there (said). */
bool print_begin(struct cli *cli, const struct column *columns, size_t count);
void print_row(struct cli *cli, const struct cell *cells);
void print_end(struct cli *cli);
/* End it because of an error: an object in the place of a list that has not begun, else its
 * last element. Returns the exit status. */
int print_abort(struct cli *cli, const struct uadm_err *err);

/* One object: "key: value" lines, or a JSON object. */
void print_object(struct cli *cli, const struct column *columns, size_t count,
    const struct cell *cells);

/* What became of each name: "jo: suspended", or in JSON an array of objects with name, result
 * ("suspended", or the code of the error), changed, and error and hint if it failed. */
void result_begin(struct cli *cli);
void result_done(struct cli *cli, const char *name, const char *what, bool changed);
/* The same with more to tell: `text` goes on in the line, the keys of `json` into the object (taken
 * over). What of it did not work although the rest is done (err->code UADM_OK: nothing) is said,
 * and remembered in the exit status. */
struct json_t;
struct result {
	const char *name, *what;
	bool changed;
	const char *text;
	struct json_t *json;
};
void result_print(struct cli *cli, const struct result *r, const struct uadm_err *err);
int result_failed(struct cli *cli, const char *name, const struct uadm_err *err);
void result_end(struct cli *cli);

/* Does -o (or what is shown by default) ask for this column? Without -o JSON has them all. */
bool print_wants(const struct cli *cli, const char *key);

/* Something that went wrong as an element of the list that has begun, or as an object: error,
 * hint, result (the code), and name when there is one. */
void print_error(struct cli *cli, const char *name, const struct uadm_err *err);

/* A JSON value that a verb has built: indented on a terminal. */
void print_json(const struct json_t *value);

/* A line for people; nothing with --json. */
void print_note(const struct cli *cli, const char *fmt, ...) UADM_PRINTF(2, 3);

#endif
