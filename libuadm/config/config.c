/*
 * Threat: whoever can write the configuration decides where homes are made and how dear a guess
 * is. So each file must belong to root, be a regular file and be writable by nobody else, and
 * the directory is walked as files.h says.
 */
#include "libuadm/config/config.h"

#include "libuadm/base/address.h"
#include "libuadm/base/files.h"
#include "libuadm/base/names.h"
#include "libuadm/base/number.h"
#include "libuadm/base/paths.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <libeconf.h>
#include <libeconf_ext.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#define VENDOR_DIR UADM_ROOT "/usr/etc/uadm"

enum { FILE_MOST = 256 * 1024 };
enum kind { NUMBER, PATH, NAMES, SERVICES, COMMAND, ADDRESS, LANGUAGE, ASKING, NAME };

static const struct setting {
	const char *section;
	const char *key;
	enum kind kind;
	size_t offset;
	int64_t least, most; /* NUMBER: both inclusive; else most = size of the field */
} settings[] = {
	{ "ids", "uid-min", NUMBER, offsetof(struct config, uid_min), 1000,
	    2147483646 },
	{ "ids", "uid-max", NUMBER, offsetof(struct config, uid_max), 1000,
	    2147483646 },
	{ "ids", "gid-min", NUMBER, offsetof(struct config, gid_min), 1000,
	    2147483646 },
	{ "ids", "gid-max", NUMBER, offsetof(struct config, gid_max), 1000,
	    2147483646 },
	{ "hash", "opslimit", NUMBER, offsetof(struct config, opslimit), 1, 100 },
	{ "hash", "memlimit", NUMBER, offsetof(struct config, memlimit), 8 << 20,
	    4LL << 30 },
	{ "directory", "max-group-members", NUMBER,
	    offsetof(struct config, max_group_members), 0, 100000000 },
	{ "sessions", "history-days", NUMBER,
	    offsetof(struct config, session_history_days), 0, 36500 },
	{ "access", "accounts", NAMES, offsetof(struct config, access_accounts), 0,
	    sizeof(((struct config *)0)->access_accounts) },
	{ "access", "service-identities", SERVICES,
	    offsetof(struct config, access_services), 0,
	    sizeof(((struct config *)0)->access_services) },
	{ "factor", "services", ASKING, offsetof(struct config, factor_services), 0,
	    sizeof(((struct config *)0)->factor_services) },
	{ "sms", "command", COMMAND, offsetof(struct config, sms_command), 0,
	    sizeof(((struct config *)0)->sms_command) },
	{ "sms", "user", NAME, offsetof(struct config, sms_user), 0,
	    sizeof(((struct config *)0)->sms_user) },
	{ "home", "base", PATH, offsetof(struct config, home_base), 0,
	    sizeof(((struct config *)0)->home_base) },
	{ "home", "skel", PATH, offsetof(struct config, home_skel), 0,
	    sizeof(((struct config *)0)->home_skel) },
	{ "mail", "command", COMMAND, offsetof(struct config, mail_command), 0,
	    sizeof(((struct config *)0)->mail_command) },
	{ "mail", "from", ADDRESS, offsetof(struct config, mail_from), 0,
	    sizeof(((struct config *)0)->mail_from) },
	{ "mail", "language", LANGUAGE, offsetof(struct config, mail_language), 0,
	    sizeof(((struct config *)0)->mail_language) },
};

void
config_defaults(struct config *cf)
{
	*cf = (struct config){
		.uid_min = 30000,
		.uid_max = 59999,
		.gid_min = 20000,
		.gid_max = 29999,
		.opslimit = 2,        /* crypto_pwhash_OPSLIMIT_INTERACTIVE */
		.memlimit = 64 << 20, /* crypto_pwhash_MEMLIMIT_INTERACTIVE */
		.session_history_days = 400,
		.access_services = "sshd,systemd-user",
		/* Where a password is a login. sudo asks its own caller, who is in already. */
		.factor_services =
		    "sshd,login,remote,su,su-l,gdm-password,lightdm,sddm,"
		    "cockpit,xrdp-sesman",
		.sms_user = "nobody",
		.home_base = "/home",
		.home_skel = "/etc/skel",
		.mail_language = "en",
	};
}

struct place {
	const char *file;
	uint64_t line;
};

static enum uadm_code
bad_value(struct place at, const struct setting *s, const char *value, const char *rule,
    struct uadm_err *err)
{
	char shown[80];

	return uadm_fail(err, UADM_CONFIG, "%s:%llu: [%s] %s = \"%s\": %s", at.file,
	    (unsigned long long)at.line, s->section, s->key,
	    text_escape(shown, sizeof(shown), value), rule);
}

static bool
goes_up(const char *path)
{
	const char *up = path;

	while ((up = strstr(up, "/..")) != NULL && up[3] != '/' && up[3] != '\0')
		up++;
	return up != NULL;
}

/* A file of pam.d(5). */
static bool
service_is_valid(const char *name)
{
	for (const char *p = name; *p != '\0'; p++)
		if (!isalnum((unsigned char)*p) && strchr("-_.@", *p) == NULL)
			return false;
	return isalnum((unsigned char)*name);
}

/* ... or all of them. */
static bool
asking_is_valid(const char *name)
{
	return strcmp(name, "*") == 0 || service_is_valid(name);
}

/* Names with a comma between two, as they are asked about. One that cannot be what it is to be would
 * bind the host to nobody: that is an error that says so. */
static bool
take_names(
    const char *value, bool (*is_valid)(const char *name), char *out, size_t size)
{
	size_t used = 0;

	for (const char *p = value + strspn(value, " ,"); *p != '\0';
	     p += strspn(p, " ,")) {
		char name[64];
		size_t n = strcspn(p, " ,");

		if (n >= sizeof(name) || used + n + 2 > size)
			return false;
		snprintf(name, sizeof(name), "%.*s", (int)n, p);
		if (!is_valid(name))
			return false;
		used += (size_t)snprintf(
		    out + used, size - used, "%s%s", used > 0 ? "," : "", name);
		p += n;
	}
	return used > 0;
}

/* "de", "pt_BR": it is a name in a path. */
static bool
is_language(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz");

	if (n < 2 || n > 3)
		return false;
	return s[n] == '\0' ||
	    (s[n] == '_' && strspn(s + n + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 2 &&
		s[n + 3] == '\0');
}

static bool
is_absolute(const char *value, size_t size)
{
	struct uadm_err ignored;

	return value[0] == '/' && !goes_up(value) &&
	    text_check("path", value, size, &ignored) == UADM_OK;
}

/* No shell reads it, so what only a shell would understand is a mistake. */
static bool
is_command(const char *value, size_t size)
{
	return is_absolute(value, size) && strpbrk(value, "\"'`\\$|;&<>()*") == NULL;
}

static enum uadm_code
take_text(const struct setting *s, const char *value, char *field, struct place at,
    struct uadm_err *err)
{
	const char *rule = NULL;

	if (s->kind == PATH &&
	    (!is_absolute(value, (size_t)s->most) || strchr(value, ':') != NULL))
		rule = "not an absolute path";
	else if (s->kind == COMMAND && !is_command(value, (size_t)s->most))
		rule =
		    "not the absolute path of a program with words behind it (no shell reads them)";
	else if (s->kind == ADDRESS && !address_is_valid(value))
		rule = "not a mail address";
	else if (s->kind == LANGUAGE && !is_language(value))
		rule = "not a language, such as en or pt_BR";
	else if (s->kind == NAME && !name_is_valid(value))
		rule = "not the name of a user";
	if (rule != NULL)
		return bad_value(at, s, value, rule, err);
	snprintf(field, (size_t)s->most, "%s", value);
	return UADM_OK;
}

static enum uadm_code
set_value(struct config *cf, const struct setting *s, const char *value,
    struct place at, struct uadm_err *err)
{
	char *field = (char *)cf + s->offset, rule[80];
	int64_t n;

	if (s->kind == NAMES)
		return take_names(value, name_is_valid, field, (size_t)s->most)
		    ? UADM_OK
		    : bad_value(
			  at, s, value, "no names of accounts, separated by ,", err);
	if ((s->kind == SERVICES || s->kind == ASKING) && strcmp(value, "none") == 0) {
		*field = '\0';
		return UADM_OK;
	}
	if (s->kind == SERVICES || s->kind == ASKING)
		return take_names(value,
			   s->kind == ASKING ? asking_is_valid : service_is_valid,
			   field, (size_t)s->most)
		    ? UADM_OK
		    : bad_value(at, s, value,
			  "neither none nor names of PAM services, separated by ,",
			  err);
	if (s->kind != NUMBER)
		return take_text(s, value, field, at, err);
	if (!number_parse(value, s->least, s->most, &n)) {
		snprintf(rule, sizeof(rule), "not a number from %lld to %lld",
		    (long long)s->least, (long long)s->most);
		return bad_value(at, s, value, rule, err);
	}
	memcpy(field, &n, sizeof(n));
	return UADM_OK;
}

static const struct setting *
find_setting(const char *section, const char *key)
{
	for (size_t i = 0; i < ARRAY_LEN(settings); i++)
		if (strcmp(settings[i].section, section) == 0 &&
		    strcmp(settings[i].key, key) == 0)
			return &settings[i];
	return NULL;
}

/* The one value of a key; a line without `=` comes as a second one. */
static enum uadm_code
read_value(struct config *cf, const struct setting *s, const econf_ext_value *v,
    struct uadm_err *err)
{
	struct place at = { v->file, v->line_number };
	char shown[80];

	if (v->values == NULL || v->values[0] == NULL)
		return bad_value(at, s, "", "no value", err);
	if (v->values[1] != NULL)
		return uadm_fail(err, UADM_CONFIG,
		    "%s:%llu: a line that is no key: \"%s\"", at.file,
		    (unsigned long long)at.line,
		    text_escape(shown, sizeof(shown), v->values[1]));
	return set_value(cf, s, v->values[0], at, err);
}

/* libeconf keeps the first of two equal keys and says nothing. */
static enum uadm_code
check_twice(const char *file, struct uadm_err *err)
{
	CLEANUP(cleanup_file) FILE *f = fopen(file, "re");
	CLEANUP(cleanup_free) char *text = NULL;
	unsigned long long at[ARRAY_LEN(settings)] = { 0 }, line = 0;
	char section[64] = "", key[64];
	const struct setting *s;
	size_t size = 0;

	if (f == NULL)
		return uadm_fail(err, UADM_CONFIG, "cannot read %s: %m", file);
	while (getline(&text, &size, f) >= 0) {
		line++;
		if (sscanf(text, " [ %63[^] \t\n]", section) == 1 ||
		    strchr(text, '=') == NULL ||
		    sscanf(text, " %63[^= \t]", key) != 1 ||
		    (s = find_setting(section, key)) == NULL)
			continue;
		if (at[s - settings] != 0)
			return uadm_fail(err, UADM_CONFIG,
			    "%s:%llu: [%s] %s is given twice, first in line %llu", file,
			    line, section, key, at[s - settings]);
		at[s - settings] = line;
	}
	return UADM_OK;
}

static enum uadm_code
parse_failed(econf_err e, const char *what, struct uadm_err *err)
{
	char *file = NULL;
	uint64_t line = 0;

	if (e == ECONF_PARSING_CALLBACK_FAILED)
		return err->code;
	econf_errLocation(&file, &line);
	if (file != NULL && *file != '\0' && line > 0)
		uadm_fail(err, UADM_CONFIG, "%s:%llu: %s", file,
		    (unsigned long long)line, econf_errString(e));
	else /* of no line: a file that cannot be read, say */
		uadm_fail(err, UADM_CONFIG, "%s: %s",
		    file != NULL && *file != '\0' ? file : what, econf_errString(e));
	free(file);
	return err->code;
}

static enum uadm_code
read_key(struct config *cf, econf_file *kf, const char *section, const char *key,
    struct uadm_err *err)
{
	const char *in = section == NULL ? "" : section;
	const struct setting *s;
	econf_ext_value *v = NULL;
	enum uadm_code c;
	char shown[80];

	if (key == NULL) /* libeconf had no memory for it and does not say so */
		return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
	s = find_setting(in, key);
	if (econf_getExtValue(kf, section, key, &v) != ECONF_SUCCESS || v == NULL)
		return uadm_fail(err, UADM_CONFIG, "[%s] %s cannot be read", in, key);
	if (s == NULL && in[0] == '\0')
		c = uadm_fail(err, UADM_CONFIG,
		    "%s:%llu: the key %s is outside of any section", v->file,
		    (unsigned long long)v->line_number,
		    text_escape(shown, sizeof(shown), key));
	else if (s == NULL)
		c = uadm_fail(err, UADM_CONFIG, "%s:%llu: unknown key [%s] %s", v->file,
		    (unsigned long long)v->line_number, in,
		    text_escape(shown, sizeof(shown), key));
	else
		c = read_value(cf, s, v, err);
	econf_freeExtValue(v);
	return c;
}

static enum uadm_code
read_section(
    struct config *cf, econf_file *kf, const char *section, struct uadm_err *err)
{
	enum uadm_code c = UADM_OK;
	char **keys = NULL;
	size_t n = 0;
	econf_err e = econf_getKeys(kf, section, &n, &keys);

	/* A section without keys is no error; of an unknown one the first key is. */
	if (e == ECONF_NOKEY || e == ECONF_NOGROUP)
		return UADM_OK;
	if (e != ECONF_SUCCESS)
		return parse_failed(e, "a section", err);
	for (size_t i = 0; i < n && c == UADM_OK; i++)
		c = read_key(cf, kf, section, keys[i], err);
	econf_freeArray(keys);
	return c;
}

static enum uadm_code
read_file(struct config *cf, econf_file *kf, struct uadm_err *err)
{
	CLEANUP(cleanup_free) char *path = econf_getPath(kf);
	char **sections = NULL;
	size_t n = 0;
	enum uadm_code c;
	econf_err e;

	if (path == NULL)
		return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
	if ((c = check_twice(path, err)) != UADM_OK ||
	    (c = read_section(cf, kf, NULL, err)) != UADM_OK)
		return c;
	e = econf_getGroups(kf, &n, &sections);
	if (e == ECONF_NOGROUP)
		return UADM_OK;
	if (e != ECONF_SUCCESS)
		return parse_failed(e, path, err);
	for (size_t i = 0; i < n && c == UADM_OK; i++)
		c = read_section(cf, kf, sections[i], err);
	econf_freeArray(sections);
	return c;
}

static enum uadm_code
check_ranges(const struct config *cf, struct uadm_err *err)
{
	if (cf->uid_min > cf->uid_max)
		return uadm_fail(err, UADM_CONFIG,
		    "[ids] uid-min %lld is above uid-max %lld", (long long)cf->uid_min,
		    (long long)cf->uid_max);
	if (cf->gid_min > cf->gid_max)
		return uadm_fail(err, UADM_CONFIG,
		    "[ids] gid-min %lld is above gid-max %lld", (long long)cf->gid_min,
		    (long long)cf->gid_max);
	if (cf->uid_min <= cf->gid_max && cf->gid_min <= cf->uid_max)
		return uadm_fail(err, UADM_CONFIG,
		    "[ids] the uids %lld-%lld and the gids %lld-%lld overlap: a private group "
		    "has its user's uid as gid",
		    (long long)cf->uid_min, (long long)cf->uid_max,
		    (long long)cf->gid_min, (long long)cf->gid_max);
	return UADM_OK;
}

/* Also asked by libeconf before it parses the main file. The reason goes through *data. */
static bool
file_is_trusted(const char *path, const void *data)
{
	struct uadm_err *err = *(struct uadm_err *const *)data;
	struct stat st;

	if (lstat(path, &st) != 0)
		uadm_fail(err, UADM_CONFIG, "cannot look at %s: %m", path);
	else if (!S_ISREG(st.st_mode))
		uadm_fail(err, UADM_CONFIG, "%s is not a regular file", path);
	else if (st.st_uid != 0 && st.st_uid != UADM_TRUSTED_UID)
		uadm_fail(err, UADM_CONFIG, "%s belongs to uid %u, not to root", path,
		    (unsigned)st.st_uid);
	else if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		uadm_fail(err, UADM_CONFIG, "%s is writable by others (mode %04o)",
		    path, (unsigned)st.st_mode & 07777);
	else if (st.st_size > FILE_MOST) /* libeconf would chew on it for minutes */
		uadm_fail(err, UADM_CONFIG, "%s is larger than %d KiB", path,
		    FILE_MOST / 1024);
	else
		return true;
	return false;
}

static enum uadm_code
load_one(struct config *cf, const char *file, struct uadm_err *err)
{
	econf_file *kf = NULL;
	econf_err e =
	    econf_readFileWithCallback(&kf, file, "=", "#", file_is_trusted, &err);
	enum uadm_code c;

	if (e != ECONF_SUCCESS)
		return parse_failed(e, file, err);
	c = read_file(cf, kf, err);
	econf_freeFile(kf);
	return c;
}

static int
is_conf(const struct dirent *e)
{
	size_t n = strlen(e->d_name);

	return n > 5 && strcmp(e->d_name + n - 5, ".conf") == 0;
}

/* The way to `dir`, and every drop-in in it: libeconf asks about the main file alone. */
static enum uadm_code
check_dir(const char *dir, bool drop_ins, struct uadm_err *err)
{
	CLEANUP(cleanup_fd) int fd = -1;
	enum uadm_code c = files_open_dir(dir, UADM_TRUSTED_UID, &fd, err);
	struct dirent **entries = NULL;
	char path[PATH_MAX];
	int n;

	if (c != UADM_OK)
		return c == UADM_NOT_FOUND ? UADM_OK : (err->code = UADM_CONFIG);
	if (!drop_ins)
		return UADM_OK;
	if ((n = scandir(dir, &entries, is_conf, alphasort)) < 0)
		return uadm_fail(err, UADM_CONFIG, "cannot read %s: %m", dir);
	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, entries[i]->d_name);
		if (c == UADM_OK && !file_is_trusted(path, &err))
			c = err->code;
		free(entries[i]);
	}
	free(entries);
	return c;
}

static enum uadm_code
load_host(struct config *cf, struct uadm_err *err)
{
	static const char *const dirs[] = { VENDOR_DIR, VENDOR_DIR "/uadm.conf.d",
		UADM_CONFIG_DIR, UADM_CONFIG_DIR "/uadm.conf.d" };
	econf_file **files = NULL;
	size_t n = 0;
	enum uadm_code c;
	econf_err e;

	for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
		if ((c = check_dir(dirs[i], i % 2 == 1, err)) != UADM_OK)
			return c;
	e = econf_readDirsHistoryWithCallback(&files, &n, VENDOR_DIR, UADM_CONFIG_DIR,
	    "uadm", "conf", "=", "#", file_is_trusted, &err);
	if (e == ECONF_NOFILE) {
		free(files); /* 0.5 leaves an empty list, later ones NULL */
		/* It says so also of a file that it could not open. */
		return access(UADM_CONFIG_DIR "/uadm.conf", F_OK) != 0
		    ? UADM_OK
		    : uadm_fail(err, UADM_CONFIG, "cannot read %s/uadm.conf",
			  UADM_CONFIG_DIR);
	}
	if (e != ECONF_SUCCESS)
		return parse_failed(e, UADM_CONFIG_DIR "/uadm.conf", err);
	c = UADM_OK;
	for (size_t i = 0; i < n; i++) {
		if (c == UADM_OK)
			c = read_file(cf, files[i], err);
		econf_freeFile(files[i]);
	}
	free(files);
	return c;
}

enum uadm_code
config_load(struct config *cf, const char *file, struct uadm_err *err)
{
	enum uadm_code c;

	config_defaults(cf);
	c = file != NULL ? load_one(cf, file, err) : load_host(cf, err);
	return c != UADM_OK ? c : check_ranges(cf, err);
}
