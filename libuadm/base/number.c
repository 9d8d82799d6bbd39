#include "libuadm/base/number.h"

bool
number_parse(const char *text, int64_t least, int64_t most, int64_t *out)
{
	int64_t n = 0;

	if (*text == '\0' || (text[0] == '0' && text[1] != '\0'))
		return false;
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9' || n > (INT64_MAX - 9) / 10)
			return false;
		n = n * 10 + (*text - '0');
	}
	if (n < least || n > most)
		return false;
	*out = n;
	return true;
}
