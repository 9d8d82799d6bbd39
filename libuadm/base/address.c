#include "libuadm/base/address.h"

#include "libuadm/base/user.h"

#include <ctype.h>
#include <string.h>

bool
address_is_valid(const char *s)
{
	const char *at = strrchr(s, '@'), *dot;
	size_t local = at == NULL ? 0 : (size_t)(at - s);

	if (local == 0 || local > 64 || strlen(s) >= UADM_EMAIL_SIZE ||
	    strspn(s,
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
		"!#$%&'*+-/=?^_`{|}~.") != local ||
	    s[0] == '.' || at[-1] == '.' || strstr(s, "..") != NULL)
		return false;
	for (dot = at + 1; *dot != '\0'; dot++)
		if (!isalnum((unsigned char)*dot) && *dot != '-' && *dot != '.')
			return false;
	return isalnum((unsigned char)at[1]) && isalnum((unsigned char)dot[-1]);
}
