/*
 * host_pam.c - ask pam-auth-update what it would make of the login stack, on a copy.
 *
 * Threat: pam-auth-update writes five files one after the other, not durably, exits with 0 also
 * when it did nothing, and asks debconf (whose database another package may hold locked, and
 * which may hold answers from long ago). So it works below a stage of its own (--root) with a
 * debconf of its own; what it made is read back and judged, and the caller writes it.
 *
 * Seen on Debian 12 (pam 1.5.2): files that were changed by hand inside its block make it print
 * "Local modifications" and exit 0. Versions that don't know --root ignore it silently and
 * would work on the host, so the script is asked first whether it does. --remove is
 * used rather than --disable: it is older, and forgets the profile in `seen` too, as before.
 */
#include "libuadm/base/files.h"
#include "libuadm/base/paths.h"
#include "libuadm/ops/home_tree.h"
#include "libuadm/ops/host_files.h"
#include "libuadm/ops/host_run.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#define PAM_AUTH_UPDATE "/usr/sbin/pam-auth-update"
#define PROFILES_DIR    "/usr/share/pam-configs" /* no other is read, whatever PREFIX is */
/* Without effect on the result of any stack, but it counts as a line for jumps. */
#define NEUTRAL "[default=ignore]\tpam_permit.so # was uadm's"

enum {
	SCRIPT_CAP = 1024 * 1024,
	STAGED_CAP = 256 * 1024,
};

/* A directory in /tmp that goes when the plan is made. */
struct stage {
	char path[32];
	int dir;
};

static void
stage_done(struct stage *s)
{
	CLEANUP(cleanup_fd) int tmp = -1;

	if (s->path[0] == '\0')
		return;
	cleanup_fd(&s->dir);
	tmp = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (tmp >= 0)
		home_tree_remove(tmp, s->path + strlen("/tmp/"));
}

bool
host_pam_is_debian(void)
{
	return access(PAM_AUTH_UPDATE, X_OK) == 0;
}

static enum uadm_code
knows_root(struct uadm_err *err)
{
	CLEANUP(cleanup_fd) int dir = -1;
	CLEANUP(cleanup_fd) int fd = -1;
	CLEANUP(cleanup_free) char *script = NULL;
	size_t size;
	enum uadm_code c;

	if ((c = files_open_dir("/usr/sbin", 0, &dir, err)) != UADM_OK ||
	    (c = files_open(dir, "pam-auth-update", O_RDONLY, 0755, 0, PAM_AUTH_UPDATE,
		 &fd, err)) != UADM_OK ||
	    (c = files_read(fd, SCRIPT_CAP, PAM_AUTH_UPDATE, &script, &size, err)) !=
		UADM_OK)
		return c;
	if (strstr(script, "--root") != NULL)
		return UADM_OK;
	uadm_fail(err, UADM_UNAVAILABLE,
	    "%s is too old: it cannot work on a copy (--root)", PAM_AUTH_UPDATE);
	return uadm_hint(err,
	    "Debian 12 has a newer one; here: pam-auth-update --enable " HOST_PROFILES);
}

/* Path of a staged file below the stage: what follows UADM_ROOT. */
static const char *
staged_path(size_t i)
{
	return host_files[i].path + strlen(UADM_ROOT "/");
}

static enum uadm_code
stage_failed(const char *what, struct uadm_err *err)
{
	return uadm_fail(err, UADM_UNAVAILABLE, "cannot prepare %s in /tmp: %m", what);
}

static bool
stage_write(const struct stage *s, const char *path, const char *text)
{
	CLEANUP(cleanup_fd)
	int fd = openat(
	    s->dir, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);

	return fd >= 0 && files_write_all(fd, text, strlen(text));
}

/* A debconf that knows nothing and forgets everything: nobody's answers, nobody's lock. */
static bool
stage_debconf(const struct stage *s)
{
	char text[512];

	snprintf(text, sizeof(text),
	    "Config: c\nTemplates: t\n\n"
	    "Name: c\nDriver: File\nMode: 600\nFilename: %s/config.dat\n\n"
	    "Name: t\nDriver: File\nMode: 600\nFilename: %s/templates.dat\n",
	    s->path, s->path);
	return stage_write(s, "debconf.conf", text);
}

static enum uadm_code
stage_profiles(const struct stage *s, struct uadm_err *err)
{
	CLEANUP(cleanup_fd) int from = -1;
	CLEANUP(cleanup_fd)
	int to = openat(
	    s->dir, &PROFILES_DIR[1], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	enum uadm_code c;

	if (to < 0)
		return stage_failed(PROFILES_DIR, err);
	c = files_open_dir(UADM_ROOT PROFILES_DIR, UADM_TRUSTED_UID, &from, err);
	if (c != UADM_OK)
		return c;
	return home_tree_copy(from, to, geteuid(), getegid(), PROFILES_DIR, err);
}

static enum uadm_code
stage_make(struct stage *s, const struct host_set *set, struct uadm_err *err)
{
	static const char *const dirs[] = { "etc", "etc/pam.d", "var", "var/lib",
		"var/lib/pam", "usr", "usr/share", "usr/share/pam-configs" };

	strcpy(s->path, "/tmp/uadm-stage.XXXXXX");
	if (mkdtemp(s->path) == NULL) {
		s->path[0] = '\0';
		return stage_failed("a copy", err);
	}
	s->dir = open(s->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
		if (mkdirat(s->dir, dirs[i], 0755) != 0)
			return stage_failed(dirs[i], err);
	for (size_t i = 0; i < HOST_FILES_MAX; i++)
		if (host_files[i].kind != HOST_NSSWITCH && set->at[i].text != NULL &&
		    !stage_write(s, staged_path(i), set->at[i].text))
			return stage_failed(host_files[i].path, err);
	if (!stage_debconf(s))
		return stage_failed("debconf", err);
	return stage_profiles(s, err);
}

static enum uadm_code
stage_run(const struct stage *s, enum host_pam_verb verb, char *said, size_t size,
    struct uadm_err *err)
{
	char program[] = PAM_AUTH_UPDATE, root[] = "--root", name[] = "uadm",
	     password[] = "uadm-password", enable[] = "--enable", remove[] = "--remove",
	     path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin", locale[] = "LC_ALL=C",
	     frontend[] = "DEBIAN_FRONTEND=noninteractive", debconf[128], stage[32];
	char *argv[] = { program, root, stage,
		verb == HOST_PAM_ENABLE ? enable : remove, name, password, NULL };
	char *env[] = { path, locale, frontend, debconf, NULL };

	snprintf(stage, sizeof(stage), "%s", s->path);
	snprintf(debconf, sizeof(debconf), "DEBCONF_SYSTEMRC=%s/debconf.conf", s->path);
	return host_run(argv, env, said, size, err);
}

static enum uadm_code
stage_read(const struct stage *s, const struct host_set *set, struct host_set *out,
    struct uadm_err *err)
{
	for (size_t i = 0; i < HOST_FILES_MAX; i++) {
		struct host_text *t = &out->at[i];
		CLEANUP(cleanup_fd) int fd = -1;
		size_t size;
		enum uadm_code c;

		if (host_files[i].kind == HOST_NSSWITCH)
			continue;
		/* owner and mode stay; a new file is as pam-auth-update would make it */
		*t = set->at[i];
		if (t->text == NULL)
			*t = (struct host_text){ NULL, 0644, geteuid(), getegid() };
		t->text = NULL;
		fd = openat(s->dir, staged_path(i), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0 && errno == ENOENT)
			continue;
		if (fd < 0)
			return uadm_fail(err, UADM_UNAVAILABLE,
			    "cannot read the copy of %s: %m", host_files[i].path);
		c = files_read(
		    fd, STAGED_CAP, host_files[i].path, &t->text, &size, err);
		if (c != UADM_OK)
			return c;
	}
	return UADM_OK;
}

/* The next active line (no comment, not empty); NULL at the end. *at moves behind it. */
static const char *
active_next(const char **at, size_t *len)
{
	while (**at != '\0') {
		const char *line = *at + strspn(*at, " \t");

		*at += strcspn(*at, "\n");
		*len = (size_t)(*at - line);
		*at += **at == '\n';
		if (*len > 0 && *line != '#')
			return line;
	}
	return NULL;
}

static bool
line_has(const char *line, size_t len, const char *word)
{
	return memmem(line, len, word, strlen(word)) != NULL;
}

/* Ours exactly once and of the right type; and, but for passwords, pam_localuser before it. */
static bool
is_as_shipped(const struct host_file *f, const char *text)
{
	const char *line, *before = NULL;
	size_t len, len_before = 0;
	int ours = 0;

	while ((line = active_next(&text, &len)) != NULL) {
		if (line_has(line, len, "pam_uadm.so")) {
			ours++;
			if (strncmp(line, f->type, strlen(f->type)) != 0 ||
			    !isspace((unsigned char)line[strlen(f->type)]))
				return false;
			if (strcmp(f->type, "password") != 0 &&
			    (before == NULL ||
				!line_has(before, len_before, "pam_localuser.so") ||
				!line_has(
				    before, len_before, "[success=1 default=ignore]")))
				return false;
		}
		before = line;
		len_before = len;
	}
	return ours == 1;
}

/* Does the block of pam-auth-update in this file have a module that its state does not know? */
static bool
is_changed_by_hand(const char *config, const char *state)
{
	const char *at = strstr(config, "# here are the per-package modules");
	const char *line;
	size_t len;

	if (at == NULL || state == NULL ||
	    strstr(at, "# here's the fallback") == NULL ||
	    strstr(at, "# end of pam-auth-update config") == NULL)
		return true;
	while ((line = active_next(&at, &len)) != NULL) {
		char module[64];

		if (line > strstr(config, "# end of pam-auth-update config"))
			break;
		if (sscanf(line, "%*s %*[^]\n]] %63s", module) != 1 &&
		    sscanf(line, "%*s %*s %63s", module) != 1)
			return true;
		if (strcmp(module, "pam_deny.so") != 0 &&
		    strcmp(module, "pam_permit.so") != 0 &&
		    strstr(state, module) == NULL)
			return true;
	}
	return false;
}

static enum uadm_code
not_as_shipped(
    size_t i, const struct host_set *set, const char *said, struct uadm_err *err)
{
	for (size_t k = 1; k < HOST_FILES_MAX; k++)
		if (host_files[k].kind == HOST_PAM_CONFIG && set->at[k].text != NULL &&
		    is_changed_by_hand(set->at[k].text, set->at[k - 1].text)) {
			i = k;
			break;
		}
	uadm_fail(err, UADM_UNAVAILABLE,
	    "pam-auth-update does not put our lines into %s%s%.200s",
	    host_files[i].path, said[0] != '\0' ? ": " : "", said);
	return uadm_hint(err,
	    "move local lines of %s out of its pam-auth-update block, or let "
	    "pam-auth-update --force write it anew, then try again",
	    host_files[i].path);
}

static enum uadm_code
plan_check(enum host_pam_verb verb, const struct host_set *set,
    const struct host_set *out, const char *said, struct uadm_err *err)
{
	for (size_t i = 0; i < HOST_FILES_MAX; i++) {
		const struct host_file *f = &host_files[i];
		const char *text = out->at[i].text;

		if (f->kind != HOST_PAM_CONFIG)
			continue;
		if (verb == HOST_PAM_ENABLE ? text == NULL || !is_as_shipped(f, text)
					    : host_text_is_wired(f, &out->at[i], false))
			return not_as_shipped(i, set, said, err);
	}
	return UADM_OK;
}

enum uadm_code
host_pam_plan(enum host_pam_verb verb, const struct host_set *set, struct host_set *out,
    struct uadm_err *err)
{
	CLEANUP(stage_done) struct stage s = { .dir = -1 };
	char said[2048];
	enum uadm_code c;

	if ((c = knows_root(err)) != UADM_OK ||
	    (c = stage_make(&s, set, err)) != UADM_OK ||
	    (c = stage_run(&s, verb, said, sizeof(said), err)) != UADM_OK ||
	    (c = stage_read(&s, set, out, err)) != UADM_OK)
		return c;
	host_run_one_line(said);
	return plan_check(verb, set, out, said, err);
}

static bool
is_jump(const char *line, size_t len)
{
	return line_has(line, len, "pam_localuser.so") &&
	    line_has(line, len, "[success=1 default=ignore]");
}

/* A jump over a line of ours that is no longer there: where nothing is behind it (whoever includes
 * the file has a rule there), or, with `all`, anywhere. */
static bool
is_stray(const char *line, size_t len, const char *next, size_t len_next, bool all)
{
	return is_jump(line, len) && (all || next == NULL) &&
	    (next == NULL || !line_has(next, len_next, "pam_uadm.so"));
}

size_t
host_pam_strays(const char *text, bool all)
{
	const char *at = text, *next;
	size_t len = 0, len_next = 0, n = 0;

	for (const char *line = active_next(&at, &len); line != NULL;
	     line = next, len = len_next) {
		next = active_next(&at, &len_next);
		n += is_stray(line, len, next, len_next, all);
	}
	return n;
}

/* The module's line, or the jump over it. */
static bool
is_ours(const char *line, size_t len, const char *next, size_t len_next)
{
	return line_has(line, len, "pam_uadm.so") ||
	    (is_jump(line, len) && next != NULL &&
		line_has(next, len_next, "pam_uadm.so"));
}

char *
host_pam_drop(const char *text)
{
	const char *at = text, *copied = text, *line, *next;
	size_t len = 0, len_next = 0, size;
	char *result = NULL;
	FILE *out = open_memstream(&result, &size);

	if (out == NULL)
		return NULL;
	for (line = active_next(&at, &len); line != NULL; line = next, len = len_next) {
		const char *from = line, *end = line + len;

		next = active_next(&at, &len_next);
		if (!is_ours(line, len, next, len_next) &&
		    !is_stray(line, len, next, len_next, true))
			continue;
		while (from > text && from[-1] != '\n')
			from--;
		fwrite(copied, 1, (size_t)(from - copied), out);
		copied = end + (*end == '\n');
	}
	fputs(copied, out);
	return fclose(out) == 0 ? result : (free(result), NULL);
}

char *
host_pam_neutralise(const char *text, enum host_pam_strays strays)
{
	const char *at = text, *copied = text, *line, *next;
	size_t len = 0, len_next = 0, size;
	char *result = NULL;
	FILE *out = open_memstream(&result, &size);

	if (out == NULL)
		return NULL;
	for (line = active_next(&at, &len); line != NULL; line = next, len = len_next) {
		next = active_next(&at, &len_next);
		if (!is_ours(line, len, next, len_next) &&
		    (strays == HOST_STRAYS_NONE ||
			!is_stray(
			    line, len, next, len_next, strays == HOST_STRAYS_ALL)))
			continue;
		fwrite(copied, 1, (size_t)(line - copied), out);
		fprintf(out, "%.*s\t" NEUTRAL, (int)strcspn(line, " \t\n"), line);
		copied = line + len;
	}
	fputs(copied, out);
	return fclose(out) == 0 ? result : (free(result), NULL);
}
