/*
 * json.h - JSON that stays JSON whatever is in it, and does nothing to a terminal.
 */
#ifndef UADM_UADMCTL_JSON_H
#define UADM_UADMCTL_JSON_H

#include <jansson.h>
#include <stdbool.h>

/* A string; what is no UTF-8 in it is escaped, not left out. NULL: null. */
json_t *json_text(const char *text);

/* To stdout; every character that is not for showing as \uXXXX, which reads as the same one. */
void json_write(const json_t *value, bool pretty);

#endif
