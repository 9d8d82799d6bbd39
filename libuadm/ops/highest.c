#include "libuadm/ops/highest.h"

#include "libuadm/base/files.h"
#include "libuadm/base/number.h"
#include "libuadm/base/paths.h"
#include "libuadm/store/numbers.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MOST = 100 };
#define NAME "highest-ids"

struct highest {
	int64_t uid, gid; /* 0 = none */
};

static bool
take(char **at, const char *key, int64_t *out)
{
	char *line = *at, *end = strchr(line, '\n');
	size_t n = strlen(key);

	if (end == NULL || strncmp(line, key, n) != 0 || line[n] != ' ')
		return false;
	*end = '\0';
	*at = end + 1;
	return number_parse(line + n + 1, 0, 2147483646, out);
}

/* What is written down; all zeros when nothing is. */
static enum uadm_code
read_file(int dir, struct highest *h, struct uadm_err *err)
{
	CLEANUP(cleanup_fd) int fd = -1;
	CLEANUP(cleanup_free) char *text = NULL;
	size_t size;
	char *at;
	enum uadm_code c;

	*h = (struct highest){ 0 };
	c = files_open(
	    dir, NAME, O_RDONLY, 0644, UADM_TRUSTED_UID, UADM_HIGHEST_FILE, &fd, err);
	if (c == UADM_NOT_FOUND)
		return UADM_OK;
	if (c != UADM_OK ||
	    (c = files_read(fd, TEXT_MOST, UADM_HIGHEST_FILE, &text, &size, err)) !=
		UADM_OK)
		return c;
	at = text;
	if (take(&at, "uid", &h->uid) && take(&at, "gid", &h->gid) && *at == '\0')
		return UADM_OK;
	uadm_fail(err, UADM_UNAVAILABLE, "%s is damaged", UADM_HIGHEST_FILE);
	return uadm_hint(err, "remove it; the next change writes it again");
}

static enum uadm_code
read_store(struct uadm *u, struct highest *h, struct uadm_err *err)
{
	const struct config *cf = &u->config;
	enum uadm_code c =
	    numbers_highest(u->store, cf->uid_min, cf->uid_max, &h->uid, err);

	return c == UADM_OK
	    ? numbers_highest(u->store, cf->gid_min, cf->gid_max, &h->gid, err)
	    : c;
}

enum uadm_code
highest_keep(struct uadm *u, struct uadm_err *err)
{
	CLEANUP(cleanup_fd) int dir = -1;
	struct highest is, was;
	char text[TEXT_MOST];
	enum uadm_code c;

	if ((c = files_open_dir(UADM_STATE_DIR, UADM_TRUSTED_UID, &dir, err)) !=
		UADM_OK ||
	    (c = read_file(dir, &was, err)) != UADM_OK ||
	    (c = read_store(u, &is, err)) != UADM_OK)
		return c;
	if (is.uid <= was.uid && is.gid <= was.gid)
		return UADM_OK;
	snprintf(text, sizeof(text), "uid %lld\ngid %lld\n",
	    (long long)(is.uid > was.uid ? is.uid : was.uid),
	    (long long)(is.gid > was.gid ? is.gid : was.gid));
	return files_replace(
	    dir, NAME, text, strlen(text), 0644, UADM_HIGHEST_FILE, err);
}

enum uadm_code
highest_bar(struct uadm *u, int64_t now, struct uadm_err *err)
{
	CLEANUP(cleanup_fd) int dir = -1;
	struct highest h;
	enum uadm_code c;

	if ((c = files_open_dir(UADM_STATE_DIR, UADM_TRUSTED_UID, &dir, err)) !=
		UADM_OK ||
	    (c = read_file(dir, &h, err)) != UADM_OK)
		return c;
	if (h.uid != 0 &&
	    (c = numbers_bar(u->store, NUMBER_USER, h.uid, now, err)) != UADM_OK)
		return c;
	return h.gid != 0 ? numbers_bar(u->store, NUMBER_GROUP, h.gid, now, err)
			  : UADM_OK;
}
