/*
 * host_files.c - see host_files.h.
 *
 * Threat: a crash, a full disk or a person with an editor between any two steps. So a file is
 * only ever replaced as a whole, and only while it still is what the plan was made for.
 *
 * The order, and why no step in between is dangerous. enable: account first and nsswitch.conf
 * last, for a managed user who is visible while the account phase is not ours yet would get in
 * with a key although suspended; while they are not visible nobody can be them. Each file
 * by itself lets local users pass without us. disable: backwards, so nobody is visible
 * any more when the first refusal goes. pam-auth-update's state goes before its
 * common-* file (and after it on the way back): a module that the state has and the file lacks is
 * to pam-auth-update one that was taken out by hand, the opposite makes it refuse to work.
 */
#include "libuadm/ops/host_files.h"

#include "libuadm/base/files.h"
#include "libuadm/base/paths.h"
#include "libuadm/ops/nsswitch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

enum {
	FILE_CAP = 256 * 1024,
	MODE_MAX = 0755, /* beyond it somebody else writes our login stack */
};

#define PAM_D       UADM_ROOT "/etc/pam.d"
#define PAM_LIB     UADM_ROOT "/var/lib/pam"
#define TEMP_FORMAT ".%s.uadm"
#define STATE(name)                                                                    \
	{                                                                              \
		PAM_LIB, name, PAM_LIB "/" name, HOST_PAM_STATE, NULL                  \
	}
#define CONFIG(name, type)                                                             \
	{                                                                              \
		PAM_D, "common-" name, PAM_D "/common-" name, HOST_PAM_CONFIG, type    \
	}

const struct host_file host_files[HOST_FILES_MAX] = {
	STATE("seen"),
	STATE("account"),
	CONFIG("account", "account"),
	STATE("session"),
	CONFIG("session", "session"),
	STATE("session-noninteractive"),
	CONFIG("session-noninteractive", "session"),
	STATE("auth"),
	CONFIG("auth", "auth"),
	STATE("password"),
	CONFIG("password", "password"),
	{ UADM_ROOT "/etc", "nsswitch.conf", UADM_ROOT "/etc/nsswitch.conf",
	    HOST_NSSWITCH, NULL },
};

void
host_set_wipe(struct host_set *set)
{
	for (size_t i = 0; i < HOST_FILES_MAX; i++) {
		free(set->at[i].text);
		set->at[i] = (struct host_text){ 0 };
	}
}

bool
host_text_copy(struct host_text *to, const struct host_text *from)
{
	char *text = from->text != NULL ? strdup(from->text) : NULL;

	if (from->text != NULL && text == NULL)
		return false;
	free(to->text);
	*to = *from;
	to->text = text;
	return true;
}

bool
host_text_equal(const struct host_text *a, const struct host_text *b)
{
	if (a->text == NULL || b->text == NULL)
		return a->text == b->text;
	return strcmp(a->text, b->text) == 0 && a->mode == b->mode &&
	    a->uid == b->uid && a->gid == b->gid;
}

static enum uadm_code
file_read(int dir, const struct host_file *f, struct host_text *t, struct uadm_err *err)
{
	CLEANUP(cleanup_fd) int fd = -1;
	struct stat st;
	size_t size;
	enum uadm_code c;

	c = files_open(
	    dir, f->name, O_RDONLY, MODE_MAX, UADM_TRUSTED_UID, f->path, &fd, err);
	if (c == UADM_NOT_FOUND)
		return UADM_OK;
	if (c != UADM_OK ||
	    (c = files_read(fd, FILE_CAP, f->path, &t->text, &size, err)) != UADM_OK)
		return c;
	if (strlen(t->text) != size)
		return uadm_fail(err, UADM_INVALID, "%s is not a text", f->path);
	if (fstat(fd, &st) != 0)
		return uadm_fail(
		    err, UADM_UNAVAILABLE, "cannot look at %s: %m", f->path);
	t->mode = st.st_mode & 07777;
	t->uid = st.st_uid;
	t->gid = st.st_gid;
	return UADM_OK;
}

static enum uadm_code
file_look(const struct host_file *f, struct host_text *t, struct uadm_err *err)
{
	CLEANUP(cleanup_fd) int dir = -1;
	enum uadm_code c = files_open_dir(f->dir, UADM_TRUSTED_UID, &dir, err);

	if (c == UADM_NOT_FOUND)
		return UADM_OK;
	return c != UADM_OK ? c : file_read(dir, f, t, err);
}

enum uadm_code
host_set_read(struct host_set *set, struct uadm_err *err)
{
	enum uadm_code c = UADM_OK;

	for (size_t i = 0; i < HOST_FILES_MAX && c == UADM_OK; i++)
		c = file_look(&host_files[i], &set->at[i], err);
	return c;
}

/* An active line that names the module, whatever stands around it. */
static bool
pam_text_names_us(const char *text)
{
	for (const char *p = text; *p != '\0'; p += strcspn(p, "\n"), p += *p == '\n') {
		const char *us = strstr(p, "pam_uadm.so");

		if (us == NULL)
			return false;
		if (us < p + strcspn(p, "#\n"))
			return true;
	}
	return false;
}

bool
host_text_is_wired(const struct host_file *f, const struct host_text *t, bool all)
{
	if (t->text == NULL)
		return false;
	switch (f->kind) {
	case HOST_PAM_STATE:
		return strstr(t->text, "pam_uadm.so") != NULL;
	case HOST_PAM_CONFIG:
		return pam_text_names_us(t->text);
	case HOST_NSSWITCH:
		return all ? nsswitch_has_all(t->text) : nsswitch_has_any(t->text);
	}
	return false;
}

static enum uadm_code
put_failed(int dir, const char *temp, const struct host_file *f, struct uadm_err *err)
{
	uadm_fail(err, UADM_UNAVAILABLE, "cannot write %s: %m", f->path);
	unlinkat(dir, temp, 0);
	return err->code;
}

/* As files_replace(), but the owner is as it was, before anybody can see the file. */
static enum uadm_code
replace(int dir, const struct host_file *f, const struct host_text *to,
    struct uadm_err *err)
{
	CLEANUP(cleanup_fd) int fd = -1;
	char temp[NAME_MAX + 1];

	snprintf(temp, sizeof(temp), TEMP_FORMAT, f->name);
	/* We hold the lock of UADM_HOST_DIR: one that is there was left by a crash. */
	unlinkat(dir, temp, 0);
	fd = openat(
	    dir, temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 || !files_write_all(fd, to->text, strlen(to->text)) ||
	    fchown(fd, to->uid, to->gid) != 0 || fchmod(fd, to->mode) != 0 ||
	    fsync(fd) != 0 || renameat(dir, temp, dir, f->name) != 0)
		return put_failed(dir, temp, f, err);
	return UADM_OK;
}

enum uadm_code
host_file_put(unsigned i, const struct host_text *from, const struct host_text *to,
    struct uadm_err *err)
{
	const struct host_file *f = &host_files[i];
	CLEANUP(cleanup_fd) int dir = -1;
	struct host_set now = { 0 };
	bool is_from, is_to;
	enum uadm_code c;

	if ((c = files_open_dir(f->dir, UADM_TRUSTED_UID, &dir, err)) == UADM_NOT_FOUND)
		c = files_make_dir(f->dir, 0755, UADM_TRUSTED_UID, &dir, err);
	if (c != UADM_OK)
		return c;
	c = file_read(dir, f, &now.at[i], err);
	is_from = host_text_equal(&now.at[i], from);
	is_to = host_text_equal(&now.at[i], to);
	host_set_wipe(&now);
	if (c != UADM_OK || is_to)
		return c;
	if (!is_from) {
		uadm_fail(err, UADM_BUSY, "%s was changed meanwhile", f->path);
		return uadm_hint(err, "try again when nobody else works on it");
	}
	if (to->text != NULL)
		c = replace(dir, f, to, err);
	else if (unlinkat(dir, f->name, 0) != 0)
		c = uadm_fail(err, UADM_UNAVAILABLE, "cannot remove %s: %m", f->path);
	if (c == UADM_OK && fsync(dir) != 0)
		c = uadm_fail(err, UADM_UNAVAILABLE, "cannot sync %s: %m", f->dir);
	return c;
}

void
host_files_sweep(void)
{
	for (size_t i = 0; i < HOST_FILES_MAX; i++) {
		CLEANUP(cleanup_fd) int dir = -1;
		char temp[NAME_MAX + 1];
		struct uadm_err err;

		if (files_open_dir(host_files[i].dir, UADM_TRUSTED_UID, &dir, &err) !=
		    UADM_OK)
			continue;
		snprintf(temp, sizeof(temp), TEMP_FORMAT, host_files[i].name);
		unlinkat(dir, temp, 0); /* nearly always there is none */
	}
}
