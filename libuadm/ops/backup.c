/*
 * Threat: a backup is a door. Whoever can change one adds a user to it and waits for the day it
 * is restored. So it is sealed with the host's key, and one that another key sealed is taken
 * only when the administrator says so; its checksum finds what a disk did to it. What is in it is
 * looked at like any input before a row of it counts, in a directory of root's alone. And it
 * holds every password hash: mode 0600.
 */
#include "libuadm/ops/backup.h"

#include "libuadm/base/files.h"
#include "libuadm/base/names.h"
#include "libuadm/base/number.h"
#include "libuadm/base/paths.h"
#include "libuadm/base/times.h"
#include "libuadm/ops/info.h"
#include "libuadm/secrets/digest.h"
#include "libuadm/store/audit.h"
#include "libuadm/store/numbers.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#define MAGIC "uadm-backup 1\n"

enum { HEAD_MOST = 4096, CHUNK = 1 << 16 };

/* What stands in a line of the head: something, and nothing that could end it or show as
 * something else. */
static bool
is_word(const char *text)
{
	size_t n = 0;

	while (text[n] > ' ' && text[n] < 0x7f)
		n++;
	return n > 0 && text[n] == '\0';
}

/* The lines up to `mac`, which covers them. */
static void
head_text(const struct backup_manifest *m, char *out, size_t size)
{
	char when[TIME_SIZE];

	snprintf(out, size,
	    MAGIC
	    "made %s\nhost %s\nuadm %s\nschema %lld\ngeneration %lld\nusers %lld\n"
	    "groups %lld\naudit-rows %lld\nsize %lld\nsha256 %s\n",
	    time_utc(m->made_at, when), m->host, m->uadm, (long long)m->schema,
	    (long long)m->generation, (long long)m->users, (long long)m->groups,
	    (long long)m->audit_rows, (long long)m->size, m->sha256);
}

static enum uadm_code
seal(const struct backup_manifest *m, char mac[DIGEST_HEX_SIZE], struct uadm_err *err)
{
	CLEANUP(key_wipe) struct key key = { 0 };
	char text[HEAD_MOST];
	enum uadm_code c = uadm_key(KEY_BACKUP, &key, err);

	if (c != UADM_OK)
		return c;
	head_text(m, text, sizeof(text));
	digest_keyed(&key, text, mac);
	return UADM_OK;
}

/* Copy `from` to the end of `to` (-1: nowhere), and say what it was. What is longer than `most`
 * is not read on: somebody else says how much of our disk it takes. */
static enum uadm_code
pour(int from, int to, int64_t most, int64_t *size, char sha256[DIGEST_HEX_SIZE],
    struct uadm_err *err)
{
	struct digest d;
	char buf[CHUNK];
	ssize_t n;

	*size = 0;
	digest_begin(&d);
	while ((n = read(from, buf, sizeof(buf))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return uadm_fail(
			    err, UADM_UNAVAILABLE, "cannot read the backup: %m");
		if (n > most - *size)
			return uadm_fail(err, UADM_INVALID,
			    "the backup is not whole: there is more than %lld bytes",
			    (long long)most);
		digest_add(&d, buf, (size_t)n);
		*size += n;
		if (to >= 0 && !files_write_all(to, buf, (size_t)n))
			return uadm_fail(
			    err, UADM_UNAVAILABLE, "cannot write the backup: %m");
	}
	digest_end(&d, sha256);
	return UADM_OK;
}

static enum uadm_code
describe(const char *dir, struct backup_manifest *m, struct uadm_err *err)
{
	struct store_place place;
	struct uadm past = { 0 };
	struct store_info info;
	enum uadm_code c;

	memset(m, 0, sizeof(*m));
	if ((c = uadm_place(dir, &place, err)) != UADM_OK ||
	    (c = store_open(&place, &past.store, err)) != UADM_OK)
		return c;
	c = op_store_info(&past, &info, err);
	store_close(&past.store);
	m->schema = info.schema;
	m->generation = (int64_t)info.generation;
	m->users = info.users;
	m->groups = info.groups;
	m->audit_rows = info.audit_rows;
	snprintf(m->uadm, sizeof(m->uadm), "%s", UADM_VERSION);
	if (gethostname(m->host, sizeof(m->host) - 1) != 0 || !is_word(m->host))
		snprintf(m->host, sizeof(m->host), "-");
	return c;
}

static enum uadm_code
write_file(int out, const char *db, struct backup_manifest *m, struct uadm_err *err)
{
	CLEANUP(cleanup_fd) int in = open(db, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	char text[HEAD_MOST], tail[DIGEST_HEX_SIZE + 10];
	int64_t copied;
	enum uadm_code c;

	if (in < 0)
		return uadm_fail(err, UADM_UNAVAILABLE, "cannot read %s: %m", db);
	/* Twice through the file: the head comes first and knows what follows. */
	if ((c = pour(in, -1, INT64_MAX, &m->size, m->sha256, err)) != UADM_OK ||
	    (c = seal(m, m->mac, err)) != UADM_OK)
		return c;
	head_text(m, text, sizeof(text));
	snprintf(tail, sizeof(tail), "mac %s\n\n", m->mac);
	if (!files_write_all(out, text, strlen(text)) ||
	    !files_write_all(out, tail, strlen(tail)) || lseek(in, 0, SEEK_SET) != 0)
		return uadm_fail(err, UADM_UNAVAILABLE, "cannot write the backup: %m");
	if ((c = pour(in, out, m->size, &copied, m->sha256, err)) != UADM_OK)
		return c;
	if (copied != m->size || fsync(out) != 0)
		return uadm_fail(err, UADM_UNAVAILABLE, "cannot write the backup: %m");
	return UADM_OK;
}

static enum uadm_code
check_free(const char *path, bool force, struct uadm_err *err)
{
	struct stat st;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		uadm_fail(err, UADM_INVALID, "%s is a directory", path);
		return uadm_hint(err, "name a file in it");
	}
	if (lstat(path, &st) != 0)
		return UADM_OK;
	/* /dev/null would be a file from then on, and the host broken. */
	if (force && !S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode))
		return uadm_fail(err, UADM_INVALID, "%s is not a regular file", path);
	if (force)
		return UADM_OK;
	uadm_fail(err, UADM_EXISTS, "%s exists", path);
	return uadm_hint(err, "--force replaces it");
}

/* A rename that is durable, over the old one or, without `force`, only where nothing is. */
static enum uadm_code
put_in_place(const char *partial, const char *path, bool force, struct uadm_err *err)
{
	CLEANUP(cleanup_fd) int dir = -1;
	char parent[PATH_MAX], *slash;

	if (renameat2(
		AT_FDCWD, partial, AT_FDCWD, path, force ? 0 : RENAME_NOREPLACE) != 0)
		return uadm_fail(err, errno == EEXIST ? UADM_EXISTS : UADM_UNAVAILABLE,
		    "cannot make %s: %m", path);
	snprintf(parent, sizeof(parent), "%s", path);
	slash = strrchr(parent, '/');
	if (slash != NULL)
		slash[slash == parent] = '\0';
	dir = open(slash == NULL ? "." : parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 || fsync(dir) != 0)
		return uadm_fail(
		    err, UADM_UNAVAILABLE, "cannot sync the directory of %s: %m", path);
	return UADM_OK;
}

static enum uadm_code
copy_store(struct uadm *u, int out, struct backup_manifest *m, struct uadm_err *err)
{
	WORKDIR work = { .path = "" };
	char db[sizeof(work.path) + 16];
	struct clock_now now;
	enum uadm_code c = workdir_make(&work, err);

	clock_read(&now);
	snprintf(db, sizeof(db), "%s/uadm.db", work.path);
	if (c != UADM_OK || (c = store_copy(u->store, db, err)) != UADM_OK ||
	    (c = describe(work.path, m, err)) != UADM_OK)
		return c;
	m->made_at = now.wall;
	return write_file(out, db, m, err);
}

enum uadm_code
op_store_backup(struct uadm *u, const char *path, bool force, struct backup_manifest *m,
    struct uadm_err *err)
{
	CLEANUP(cleanup_fd) int out = -1;
	char partial[PATH_MAX];
	enum uadm_code c;

	if ((c = work_place(path, err)) != UADM_OK ||
	    (c = check_free(path, force, err)) != UADM_OK ||
	    (c = work_partial(path, partial, sizeof(partial), &out, err)) != UADM_OK)
		return c;
	if ((c = copy_store(u, out, m, err)) == UADM_OK)
		c = put_in_place(partial, path, force, err);
	if (c != UADM_OK)
		unlink(partial);
	return c;
}

/* One "key value" line of the head; NULL when it is not the one that has to be here. */
static char *
take_line(char **at, const char *key)
{
	char *line = *at, *end = strchr(line, '\n');
	size_t n = strlen(key);

	if (end == NULL || strncmp(line, key, n) != 0 || line[n] != ' ')
		return NULL;
	*end = '\0';
	*at = end + 1;
	return line + n + 1;
}

static bool
take_number(char **at, const char *key, int64_t *out)
{
	const char *text = take_line(at, key);

	return text != NULL && number_parse(text, 0, INT64_MAX, out);
}

static bool
take_text(char **at, const char *key, char *out, size_t size)
{
	const char *text = take_line(at, key);

	return text != NULL && (size_t)snprintf(out, size, "%s", text) < size &&
	    is_word(out);
}

static bool
parse_head(char *at, struct backup_manifest *m)
{
	char made[TIME_SIZE];
	struct uadm_err ignored;

	if (strncmp(at, MAGIC, strlen(MAGIC)) != 0)
		return false;
	at += strlen(MAGIC);
	return take_text(&at, "made", made, sizeof(made)) &&
	    time_parse("made", made, 0, &m->made_at, &ignored) == UADM_OK &&
	    take_text(&at, "host", m->host, sizeof(m->host)) &&
	    take_text(&at, "uadm", m->uadm, sizeof(m->uadm)) &&
	    take_number(&at, "schema", &m->schema) &&
	    take_number(&at, "generation", &m->generation) &&
	    take_number(&at, "users", &m->users) &&
	    take_number(&at, "groups", &m->groups) &&
	    take_number(&at, "audit-rows", &m->audit_rows) &&
	    take_number(&at, "size", &m->size) &&
	    take_text(&at, "sha256", m->sha256, sizeof(m->sha256)) &&
	    strlen(m->sha256) == DIGEST_HEX_SIZE - 1 &&
	    take_text(&at, "mac", m->mac, sizeof(m->mac)) &&
	    strlen(m->mac) == DIGEST_HEX_SIZE - 1 && *at == '\0';
}

/* Byte by byte up to the empty line, so that the rest of the file stands where it begins. */
static enum uadm_code
read_head(int fd, struct backup_manifest *m, struct uadm_err *err)
{
	char text[HEAD_MOST];
	size_t n = 0;

	memset(m, 0, sizeof(*m));
	while (n + 1 < sizeof(text) && read(fd, &text[n], 1) == 1) {
		n++;
		if (n >= 2 && text[n - 1] == '\n' && text[n - 2] == '\n') {
			text[n - 1] = '\0';
			if (memchr(text, '\0', n - 1) == NULL && parse_head(text, m))
				return UADM_OK;
			break;
		}
	}
	return uadm_fail(err, UADM_INVALID, "this is no backup of uadm's store");
}

static enum uadm_code
check_size(int64_t size, const struct backup *b, struct uadm_err *err)
{
	return size == b->manifest.size
	    ? UADM_OK
	    : uadm_fail(err, UADM_INVALID,
		  "the backup is not whole: %lld of %lld bytes", (long long)size,
		  (long long)b->manifest.size);
}

/* Lay the store out and see that it is what the head says. */
static enum uadm_code
unpack(int fd, struct backup *b, struct uadm_err *err)
{
	CLEANUP(cleanup_fd) int out = -1;
	off_t head = lseek(fd, 0, SEEK_CUR);
	char sha256[DIGEST_HEX_SIZE];
	struct stat st;
	int64_t size;
	enum uadm_code c;

	if (head < 0 || fstat(fd, &st) != 0)
		return uadm_fail(
		    err, UADM_UNAVAILABLE, "cannot look at the backup: %m");
	/* Before any of it lies beside the store; it may grow all the same. */
	if ((c = check_size(st.st_size - head, b, err)) != UADM_OK ||
	    (c = workdir_make(&b->work, err)) != UADM_OK)
		return c;
	out = openat(b->work.fd, "uadm.db",
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (out < 0)
		return uadm_fail(
		    err, UADM_UNAVAILABLE, "cannot write to %s: %m", b->work.path);
	if ((c = pour(fd, out, b->manifest.size, &size, sha256, err)) != UADM_OK ||
	    (c = check_size(size, b, err)) != UADM_OK)
		return c;
	if (!digest_same(sha256, b->manifest.sha256))
		return uadm_fail(err, UADM_INVALID,
		    "the backup is damaged: its checksum is another");
	return UADM_OK;
}

/* Did this host's key make it? */
static enum uadm_code
check_key(struct backup *b, bool allow_other_key, struct uadm_err *err)
{
	char mac[DIGEST_HEX_SIZE];
	struct uadm_err why = { 0 };
	enum uadm_code c = seal(&b->manifest, mac, &why);

	if (c != UADM_OK && c != UADM_NOT_FOUND) {
		*err = why;
		return c;
	}
	b->other_key = c == UADM_NOT_FOUND || !digest_same(mac, b->manifest.mac);
	if (!b->other_key || allow_other_key)
		return UADM_OK;
	uadm_fail(err, UADM_DENIED,
	    c == UADM_NOT_FOUND
		? "the key that made this backup is not here (%s)"
		: "another key than %s made this backup, or somebody has changed it",
	    UADM_KEY_FILE);
	return uadm_hint(
	    err, "put the key back, or, if you trust where the file was: --other-key");
}

struct first {
	char what[200];
	bool any;
};

static void
keep_first(void *arg, const char *what)
{
	struct first *f = arg;

	if (!f->any)
		snprintf(f->what, sizeof(f->what), "%s", what);
	f->any = true;
}

static enum uadm_code
check_content(struct backup *b, struct uadm_err *err)
{
	struct store_place place = { 0 };
	struct audit_verdict v;
	struct first f = { .any = false };
	struct uadm_err ignored, why;
	enum uadm_code c;

	/* Without a key the trail cannot be verified, and the rest can. */
	if (uadm_place(b->work.path, &place, &ignored) != UADM_OK)
		place = (struct store_place){ .dir = b->work.path,
			.owner = UADM_TRUSTED_UID };
	if ((c = store_open(&place, &b->past, err)) != UADM_OK ||
	    (c = store_check_file(b->past, keep_first, &f, err)) != UADM_OK ||
	    (c = numbers_check(b->past, keep_first, &f, err)) != UADM_OK ||
	    (c = audit_verify(b->past, &v, err)) != UADM_OK) {
		why = *err;
		uadm_fail(err, c, "the backup cannot be looked at: %s", why.msg);
		return uadm_hint(err, "%s",
		    c == UADM_UNAVAILABLE ? "is the disk full, read-only or broken?"
					  : why.hint);
	}
	b->trail_whole = v.problem[0] == '\0';
	return f.any
	    ? uadm_fail(err, UADM_INVALID, "the backup is not sound: %s", f.what)
	    : UADM_OK;
}

enum uadm_code
op_backup_open(
    const char *path, bool allow_other_key, struct backup *b, struct uadm_err *err)
{
	CLEANUP(cleanup_fd)
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;
	enum uadm_code c;

	memset(b, 0, sizeof(*b));
	if (fd < 0 || fstat(fd, &st) != 0)
		return uadm_fail(err,
		    errno == ENOENT ? UADM_NOT_FOUND : UADM_UNAVAILABLE,
		    "cannot open %s: %m", path);
	if (!S_ISREG(st.st_mode))
		return uadm_fail(err, UADM_INVALID, "%s is not a regular file", path);
	if ((c = read_head(fd, &b->manifest, err)) != UADM_OK ||
	    (c = check_key(b, allow_other_key, err)) != UADM_OK ||
	    (c = unpack(fd, b, err)) != UADM_OK)
		return c;
	return check_content(b, err);
}

void
backup_done(struct backup *b)
{
	store_close(&b->past);
	workdir_remove(&b->work);
}
