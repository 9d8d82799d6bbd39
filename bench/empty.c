/*
 * empty.c - libnss_empty.so.2: a module that knows nobody. What a lookup costs at least.
 */
#include <errno.h>
#include <nss.h>
#include <pwd.h>

__attribute__((visibility("default"))) enum nss_status _nss_empty_getpwnam_r(
    const char *name, struct passwd *pw, char *buf, size_t size, int *error);

enum nss_status
_nss_empty_getpwnam_r(
    const char *name, struct passwd *pw, char *buf, size_t size, int *error)
{
	(void)name, (void)pw, (void)buf, (void)size;
	*error = ENOENT;
	return NSS_STATUS_NOTFOUND;
}
