/*
 * number.h - whole numbers as people write them: digits and nothing else.
 */
#ifndef UADM_BASE_NUMBER_H
#define UADM_BASE_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* No sign, no blanks, no leading zero, within the bounds (both inclusive, not negative). */
bool number_parse(const char *text, int64_t least, int64_t most, int64_t *out);

#endif
