/*
 * print_json.h - rows as JSON on stdout; for print.c.
 */
#ifndef UADM_UADMCTL_PRINT_JSON_H
#define UADM_UADMCTL_PRINT_JSON_H

#include "uadmctl/print.h"

/* An object of the columns that `order` names, or of all of them. */
void json_put_row(const struct column *columns, size_t count, const struct cell *cells,
    const size_t *order, bool pretty);

#endif
