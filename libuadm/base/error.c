#include "libuadm/base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <sysexits.h>

enum uadm_code
uadm_fail(struct uadm_err *err, enum uadm_code code, const char *fmt, ...)
{
	int saved = errno; /* the caller may still want it; "%m" needs it now */
	va_list ap;

	err->code = code;
	err->hint[0] = '\0';
	va_start(ap, fmt);
	vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
	va_end(ap);
	errno = saved;
	return code;
}

enum uadm_code
uadm_hint(struct uadm_err *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(err->hint, sizeof(err->hint), fmt, ap);
	va_end(ap);
	return err->code;
}

static const struct {
	const char *name;
	int exit_status;
} codes[] = {
	[UADM_OK] = { "ok", EX_OK },
	[UADM_USAGE] = { "usage", EX_USAGE },
	[UADM_INVALID] = { "invalid", EX_DATAERR },
	[UADM_EXISTS] = { "exists", EX_DATAERR },
	[UADM_NOT_FOUND] = { "not-found", EX_NOUSER },
	[UADM_UNAVAILABLE] = { "unavailable", EX_UNAVAILABLE },
	[UADM_BUSY] = { "busy", EX_TEMPFAIL },
	[UADM_DENIED] = { "denied", EX_NOPERM },
	[UADM_CONFIG] = { "config", EX_CONFIG },
	[UADM_INTERNAL] = { "internal", EX_SOFTWARE },
};

int
uadm_exit_status(enum uadm_code code)
{
	return (size_t)code < ARRAY_LEN(codes) ? codes[code].exit_status : EX_SOFTWARE;
}

const char *
uadm_code_name(enum uadm_code code)
{
	return (size_t)code < ARRAY_LEN(codes) ? codes[code].name : "internal";
}
