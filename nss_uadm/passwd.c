/*
 * passwd.c - managed users, for getpwnam(3), getpwuid(3) and getpwent(3).
 *
 * Threat: this runs inside every program on the host, root's and others', with a buffer of the
 * caller's. So: measure first and write nothing that does not fit; no lock, no allocation, no
 * environment, no log; the host's errno stays what it was unless the answer is a failure. The
 * password field is `*`: hashes never come near this file.
 */
#include "nss_uadm/answer.h"

#include <pwd.h>

NSS_EXPORT enum nss_status _nss_uadm_getpwnam_r(
    const char *name, struct passwd *pw, char *buf, size_t size, int *errnop);
NSS_EXPORT enum nss_status _nss_uadm_getpwuid_r(
    uid_t uid, struct passwd *pw, char *buf, size_t size, int *errnop);
NSS_EXPORT enum nss_status _nss_uadm_setpwent(int stay_open);
NSS_EXPORT enum nss_status _nss_uadm_endpwent(void);
NSS_EXPORT enum nss_status _nss_uadm_getpwent_r(
    struct passwd *pw, char *buf, size_t size, int *errnop);

static struct directory_walk walk;

/* In the file the strings stand as they shall in the buffer: one behind the other. */
static enum nss_status
passwd_pack(const struct directory_entry *e, struct passwd *pw, char *buf, size_t size,
    int *errnop)
{
	size_t gecos = e->name_len + 1, home = gecos + e->gecos_len + 1,
	       shell = home + e->home_len + 1, star = shell + e->shell_len + 1;

	if (size < star + sizeof("*"))
		return answer_error(NSS_STATUS_TRYAGAIN, ERANGE, errnop);
	memcpy(buf, e->name, star);
	buf[gecos - 1] = buf[home - 1] = buf[shell - 1] = buf[star - 1] = '\0';
	memcpy(buf + star, "*", sizeof("*"));
	pw->pw_uid = e->id;
	pw->pw_gid = e->id;
	pw->pw_name = buf;
	pw->pw_gecos = buf + gecos;
	pw->pw_dir = buf + home;
	pw->pw_shell = buf + shell;
	pw->pw_passwd = buf + star;
	return NSS_STATUS_SUCCESS;
}

static enum nss_status
passwd_answer(enum directory_answer a, const struct directory_entry *e,
    struct passwd *pw, char *buf, size_t size, int *errnop)
{
	if (a != DIRECTORY_FOUND)
		return answer_none(a, errnop);
	if (!e->user)
		return answer_none(DIRECTORY_NOT_FOUND, errnop);
	return passwd_pack(e, pw, buf, size, errnop);
}

enum nss_status
_nss_uadm_getpwnam_r(
    const char *name, struct passwd *pw, char *buf, size_t size, int *errnop)
{
	struct directory_view v;
	struct directory_entry e;
	enum nss_status status;
	int error = directory_open(&v);

	if (error != 0)
		return answer_error(NSS_STATUS_UNAVAIL, error, errnop);
	status =
	    passwd_answer(directory_by_name(&v, name, &e), &e, pw, buf, size, errnop);
	directory_close(&v);
	return status;
}

enum nss_status
_nss_uadm_getpwuid_r(uid_t uid, struct passwd *pw, char *buf, size_t size, int *errnop)
{
	struct directory_view v;
	struct directory_entry e;
	enum nss_status status;
	int error = directory_open(&v);

	if (error != 0)
		return answer_error(NSS_STATUS_UNAVAIL, error, errnop);
	status = passwd_answer(directory_by_id(&v, uid, &e), &e, pw, buf, size, errnop);
	directory_close(&v);
	return status;
}

enum nss_status
_nss_uadm_setpwent(int stay_open)
{
	(void)stay_open;
	return directory_walk_start(&walk) == 0 ? NSS_STATUS_SUCCESS
						: NSS_STATUS_UNAVAIL;
}

enum nss_status
_nss_uadm_endpwent(void)
{
	directory_walk_end(&walk);
	return NSS_STATUS_SUCCESS;
}

enum nss_status
_nss_uadm_getpwent_r(struct passwd *pw, char *buf, size_t size, int *errnop)
{
	struct directory_view v;
	struct directory_entry e;
	enum nss_status status;
	uint64_t at, offset;
	bool mine;
	int error;

	do {
		if ((error = directory_walk_open(&walk, &v, &at)) != 0)
			return answer_error(NSS_STATUS_UNAVAIL, error, errnop);
		offset = directory_walk_offset(at);
		status = passwd_answer(
		    directory_next(&v, false, &offset, &e), &e, pw, buf, size, errnop);
		/* An entry that did not fit comes again. */
		mine = status != NSS_STATUS_SUCCESS ||
		    directory_walk_move(&walk, at, offset);
		directory_close(&v);
	} while (!mine);
	return status;
}
