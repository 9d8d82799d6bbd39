/*
 * nss_standin.c - an NSS source with one user, so that the login stack has somebody to judge.
 * Compiled once for each source: -DSOURCE=uadm -DNAME='"mng"' -DID=60001.
 */
#include <errno.h>
#include <grp.h>
#include <nss.h>
#include <pwd.h>
#include <string.h>

#ifndef NAME /* for who only looks at it */
#define SOURCE uadm
#define NAME   "mng"
#define ID     60001
#endif
#define JOIN_(a, b, c) a##b##c
#define JOIN(a, b, c)  JOIN_(a, b, c)
#define NSS(call)      JOIN(_nss_, SOURCE, call)
#define EXPORT         __attribute__((visibility("default")))

enum nss_status NSS(_getpwnam_r)(const char *, struct passwd *, char *, size_t, int *);
enum nss_status NSS(_getpwuid_r)(uid_t, struct passwd *, char *, size_t, int *);

static enum nss_status
answer(struct passwd *out)
{
	static char name[] = NAME, star[] = "*", empty[] = "", home[] = "/tmp",
		    shell[] = "/bin/sh";

	*out = (struct passwd){ name, star, ID, ID, empty, home, shell };
	return NSS_STATUS_SUCCESS;
}

EXPORT enum nss_status
NSS(_getpwnam_r)(const char *name, struct passwd *out, char *buf, size_t size, int *err)
{
	(void)buf;
	(void)size;
	*err = ENOENT;
	return strcmp(name, NAME) == 0 ? answer(out) : NSS_STATUS_NOTFOUND;
}

EXPORT enum nss_status
NSS(_getpwuid_r)(uid_t uid, struct passwd *out, char *buf, size_t size, int *err)
{
	(void)buf;
	(void)size;
	*err = ENOENT;
	return uid == ID ? answer(out) : NSS_STATUS_NOTFOUND;
}
