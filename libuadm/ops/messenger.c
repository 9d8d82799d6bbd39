/*
 * Threat: a program that somebody else could have written, run with a code in its hands. Neither it nor a
 * directory on the way to it may be writable by anybody but root, and it never runs as root.
 */
#include "libuadm/ops/messenger.h"

#include "libuadm/base/cleanup.h"
#include "libuadm/base/files.h"
#include "libuadm/base/paths.h"

#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static enum uadm_code
find_user(const char *name, struct messenger *m, struct uadm_err *err)
{
	const struct passwd *pw = getpwnam(name);

	if (pw == NULL || pw->pw_uid == 0)
		return uadm_fail(err, UADM_UNAVAILABLE,
		    "[sms] user \"%s\" is not there, or root", name);
	m->uid = pw->pw_uid;
	m->gid = pw->pw_gid;
	return UADM_OK;
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

/* The kernel asks the file alone, for it is open by then: the way to it is root's. */
static bool
may_run(const struct messenger *m)
{
	struct stat st;

	return fstat(m->program, &st) == 0 &&
	    (st.st_mode &
		(st.st_uid == m->uid          ? S_IXUSR
			: st.st_gid == m->gid ? S_IXGRP
					      : S_IXOTH)) != 0;
}

enum uadm_code
messenger_open(const struct config *cf, struct messenger *m, struct uadm_err *err)
{
	char path[sizeof(cf->sms_command)];
	enum uadm_code c;

	*m = (struct messenger){ .program = -1 };
	snprintf(path, sizeof(path), "%.*s", (int)strcspn(cf->sms_command, " \t"),
	    cf->sms_command);
	if (path[0] != '/')
		return uadm_fail(err, UADM_UNAVAILABLE, "there is no [sms] command");
	if ((c = find_user(cf->sms_user, m, err)) != UADM_OK ||
	    (c = open_program(path, &m->program, err)) != UADM_OK)
		return c;
	if (may_run(m))
		return UADM_OK;
	cleanup_fd(&m->program);
	m->program = -1;
	return uadm_fail(
	    err, UADM_UNAVAILABLE, "%s may not be run by %s", path, cf->sms_user);
}
