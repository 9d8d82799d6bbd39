#include "uadmctl/json.h"

#include "libuadm/base/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

json_t *
json_text(const char *text)
{
	json_t *value;
	size_t size;
	char *shown;

	if (text == NULL)
		return json_null();
	if ((value = json_string(text)) != NULL)
		return value;
	size = 4 * strlen(text) + sizeof("...");
	if ((shown = malloc(size)) == NULL)
		abort();
	value = json_string(text_escape(shown, size, text));
	free(shown);
	return value;
}

static void
write_escaped(unsigned c)
{
	if (c < 0x10000)
		printf("\\u%04x", c);
	else
		printf("\\u%04x\\u%04x", 0xd800 + ((c - 0x10000) >> 10),
		    0xdc00 + ((c - 0x10000) & 0x3ff));
}

/* Between strings there is nothing but ASCII and ends of lines; jansson escapes those within. */
static void
write_text(const char *text)
{
	size_t n;
	unsigned c;

	for (const char *p = text; *p != '\0'; p += n) {
		n = text_decode(p, &c);
		if (n == 0 || c == '\n' || text_is_printable(c)) {
			n += n == 0;
			fwrite(p, 1, n, stdout);
		} else {
			write_escaped(c);
		}
	}
}

void
json_write(const json_t *value, bool pretty)
{
	char *text = json_dumps(
	    value, JSON_ENCODE_ANY | (pretty ? JSON_INDENT(2) : JSON_COMPACT));

	if (text == NULL)
		abort();
	write_text(text);
	free(text);
}
