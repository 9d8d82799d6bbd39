/*
 * feed.h - all rows of a table, to a callback from within SQLite. Seen by store/ only.
 */
#ifndef UADM_STORE_FEED_H
#define UADM_STORE_FEED_H

#include "libuadm/store/private.h"

/* A row's values, to be read with sqlite3_value_int64() and feed_text(). */
typedef enum uadm_code feed_found(void *arg, sqlite3_value **row, struct uadm_err *err);

/* `sql` selects feed(...) of so many columns and nothing else; its rows come in the order in which
 * they are read. `found` stops it by returning anything but UADM_OK, and asks nothing of the store. */
enum uadm_code feed_rows(struct store *st, const char *sql, int columns,
    feed_found *found, void *arg, struct uadm_err *err) UADM_CHECKED;

/* Copies as stmt_col_text() does. */
enum uadm_code feed_text(
    sqlite3_value *value, char *out, size_t size, struct uadm_err *err) UADM_CHECKED;

#endif
