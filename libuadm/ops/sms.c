/*
 * Threat: a program that somebody else could have written, or that runs as root. So it, and each directory
 * on the way to it, is root's, writable by nobody else and no symbolic link.
 */
#include "libuadm/ops/sms.h"

#include "libuadm/base/cleanup.h"
#include "libuadm/base/files.h"
#include "libuadm/base/paths.h"

#include <fcntl.h>
#include <pwd.h>
#include <string.h>

static size_t
split(char *command, char *argv[SMS_WORDS + 1])
{
	char *save = NULL;
	size_t n = 0;

	for (char *word = strtok_r(command, " \t", &save);
	     word != NULL && n < SMS_WORDS; word = strtok_r(NULL, " \t", &save))
		argv[n++] = word;
	argv[n] = NULL;
	return n;
}

static enum uadm_code
open_program(const char *path, int *fd, struct uadm_err *err)
{
	CLEANUP(cleanup_fd) int dir = -1;
	const char *slash = strrchr(path, '/');
	char folder[512];
	enum uadm_code c;

	snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
	if ((c = files_open_dir(folder[0] == '\0' ? "/" : folder, UADM_TRUSTED_UID,
		 &dir, err)) != UADM_OK ||
	    (c = files_open(dir, slash + 1, O_RDONLY, 0755, UADM_TRUSTED_UID, path, fd,
		 err)) != UADM_OK)
		return err->code = UADM_UNAVAILABLE;
	return UADM_OK;
}

enum uadm_code
sms_open(const struct config *cf, struct sms_program *p, struct uadm_err *err)
{
	const struct passwd *pw;

	p->fd = -1;
	snprintf(p->copy, sizeof(p->copy), "%s", cf->sms_command);
	if (split(p->copy, p->argv) == 0 || p->argv[0][0] != '/')
		return uadm_fail(
		    err, UADM_UNAVAILABLE, "there is no [sms] command to send with");
	if ((pw = getpwnam(cf->sms_user)) == NULL || pw->pw_uid == 0)
		return uadm_fail(err, UADM_UNAVAILABLE,
		    "[sms] user \"%s\" is not there, or root", cf->sms_user);
	p->uid = pw->pw_uid;
	p->gid = pw->pw_gid;
	return open_program(p->argv[0], &p->fd, err);
}
