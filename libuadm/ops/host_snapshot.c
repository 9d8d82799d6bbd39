/*
 * host_snapshot.c - what the host looked like before enable, and what enable made of it.
 *
 * Threat: a crash right after the first change must leave enough to undo it, so the snapshot is
 * complete and on disk before that. It is one file, replaced as a whole: a line of numbers and
 * the path, then the bytes, for each of the files, twice.
 */
#include "libuadm/ops/host_files.h"

#include "libuadm/base/files.h"
#include "libuadm/base/paths.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define NAME  "snapshot"
#define MAGIC "uadm host snapshot 1\n"
#define SHOWN UADM_HOST_DIR "/" NAME

enum {
	SNAPSHOT_CAP = 8 * 1024 * 1024, /* 24 files of 256 KiB and their lines */
};

void
host_snapshot_wipe(struct host_snapshot *s)
{
	host_set_wipe(&s->before);
	host_set_wipe(&s->after);
}

static void
print_text(FILE *out, const char *path, const struct host_text *t)
{
	const char *text = t->text != NULL ? t->text : "";

	fprintf(out, "%d %04o %u %u %zu %s\n%s\n", t->text != NULL, (unsigned)t->mode,
	    (unsigned)t->uid, (unsigned)t->gid, strlen(text), path, text);
}

enum uadm_code
host_snapshot_write(int dir, const struct host_snapshot *s, struct uadm_err *err)
{
	CLEANUP(cleanup_free) char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL)
		return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
	fputs(MAGIC, out);
	for (size_t i = 0; i < HOST_FILES_MAX; i++) {
		print_text(out, host_files[i].path, &s->before.at[i]);
		print_text(out, host_files[i].path, &s->after.at[i]);
	}
	if (fclose(out) != 0)
		return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
	return files_replace(dir, NAME, text, size, 0600, SHOWN, err);
}

/* One text of `path` at *at, which moves behind it. false: not what we wrote. */
static bool
parse_text(const char **at, const char *end, const char *path, struct host_text *t)
{
	unsigned there, mode, uid, gid;
	size_t size;
	int used = 0;

	if (sscanf(*at, "%u %o %u %u %zu %n", &there, &mode, &uid, &gid, &size,
		&used) != 5 ||
	    used == 0 || strncmp(*at + used, path, strlen(path)) != 0)
		return false;
	*at += (size_t)used + strlen(path);
	if (**at != '\n' || size > (size_t)(end - *at) - 1 || (*at)[1 + size] != '\n')
		return false;
	if (there != 0) {
		t->text = strndup(*at + 1, size);
		if (t->text == NULL || strlen(t->text) != size)
			return false;
	}
	t->mode = (mode_t)mode;
	t->uid = uid;
	t->gid = gid;
	*at += size + 2;
	return true;
}

static bool
parse(const char *text, size_t size, struct host_snapshot *s)
{
	const char *at = text + strlen(MAGIC), *end = text + size;

	if (strncmp(text, MAGIC, strlen(MAGIC)) != 0)
		return false;
	for (size_t i = 0; i < HOST_FILES_MAX; i++)
		if (!parse_text(&at, end, host_files[i].path, &s->before.at[i]) ||
		    !parse_text(&at, end, host_files[i].path, &s->after.at[i]))
			return false;
	return at == end;
}

enum uadm_code
host_snapshot_read(struct host_snapshot *s, struct uadm_err *err)
{
	CLEANUP(cleanup_fd) int dir = -1;
	CLEANUP(cleanup_fd) int fd = -1;
	CLEANUP(cleanup_free) char *text = NULL;
	size_t size;
	enum uadm_code c;

	if ((c = files_open_dir(UADM_HOST_DIR, UADM_TRUSTED_UID, &dir, err)) !=
		UADM_OK ||
	    (c = files_open(dir, NAME, O_RDONLY, 0600, UADM_TRUSTED_UID, SHOWN, &fd,
		 err)) != UADM_OK ||
	    (c = files_read(fd, SNAPSHOT_CAP, SHOWN, &text, &size, err)) != UADM_OK)
		return c;
	if (parse(text, size, s))
		return UADM_OK;
	uadm_fail(err, UADM_UNAVAILABLE, "%s is damaged", SHOWN);
	return uadm_hint(
	    err, "move it away: disable then takes out our lines without it");
}

enum uadm_code
host_snapshot_drop(int dir, bool keep, struct uadm_err *err)
{
	int rc = keep ? renameat(dir, NAME, dir, NAME ".last") : unlinkat(dir, NAME, 0);

	if (rc != 0 && errno == ENOENT)
		return UADM_OK;
	if (rc != 0 || fsync(dir) != 0)
		return uadm_fail(err, UADM_UNAVAILABLE, "cannot remove %s: %m", SHOWN);
	return UADM_OK;
}
