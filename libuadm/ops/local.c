#include "libuadm/ops/local.h"

#include "libuadm/base/paths.h"

#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

/* Sorted arrays: read once, asked for every user that is published. */
struct local_names {
	char **names;
	id_t *ids;
	size_t name_count, id_count, room;
};

static bool
grow(struct local_names *l)
{
	size_t room = l->room == 0 ? 256 : 2 * l->room;
	char **names = reallocarray(l->names, room, sizeof(*names));
	id_t *ids;

	if (names == NULL)
		return false;
	l->names = names;
	if ((ids = reallocarray(l->ids, room, sizeof(*ids))) == NULL)
		return false;
	l->ids = ids;
	l->room = room;
	return true;
}

static bool
add(struct local_names *l, const char *name, id_t id)
{
	if (l->name_count == l->room && !grow(l))
		return false;
	if ((l->names[l->name_count] = strdup(name)) == NULL)
		return false;
	l->name_count++;
	l->ids[l->id_count++] = id;
	return true;
}

static int
order_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int
order_ids(const void *a, const void *b)
{
	id_t x = *(const id_t *)a, y = *(const id_t *)b;

	return (x > y) - (x < y);
}

static bool
read_passwd(struct local_names *l)
{
	CLEANUP(cleanup_file) FILE *f = fopen(UADM_LOCAL_PASSWD, "re");
	const struct passwd *pw;

	while (f != NULL && (pw = fgetpwent(f)) != NULL)
		if (!add(l, pw->pw_name, pw->pw_uid))
			return false;
	return true;
}

static bool
read_group(struct local_names *l)
{
	CLEANUP(cleanup_file) FILE *f = fopen(UADM_LOCAL_GROUP, "re");
	const struct group *gr;

	while (f != NULL && (gr = fgetgrent(f)) != NULL)
		if (!add(l, gr->gr_name, gr->gr_gid))
			return false;
	return true;
}

enum uadm_code
local_read(struct local_names **out, struct uadm_err *err)
{
	CLEANUP(local_free) struct local_names *l = calloc(1, sizeof(*l));

	if (l == NULL || !read_passwd(l) || !read_group(l))
		return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
	if (l->name_count > 0) {
		qsort(l->names, l->name_count, sizeof(*l->names), order_names);
		qsort(l->ids, l->id_count, sizeof(*l->ids), order_ids);
	}
	*out = l;
	l = NULL;
	return UADM_OK;
}

void
local_free(struct local_names **l)
{
	if (*l == NULL)
		return;
	for (size_t i = 0; i < (*l)->name_count; i++)
		free((*l)->names[i]);
	free((*l)->names);
	free((*l)->ids);
	free(*l);
	*l = NULL;
}

bool
local_has(const struct local_names *l, const char *name, id_t id)
{
	return l->name_count > 0 &&
	    (bsearch(&name, l->names, l->name_count, sizeof(*l->names), order_names) !=
		    NULL ||
		bsearch(&id, l->ids, l->id_count, sizeof(*l->ids), order_ids) != NULL);
}

/* Both arrays are sorted for themselves, so a name and an id of one call need not belong
 * together. */
bool
local_nth(const struct local_names *l, size_t i, const char **name, id_t *id)
{
	if (i >= l->name_count)
		return false;
	*name = l->names[i];
	*id = l->ids[i];
	return true;
}

/* FNV-1a: only root chooses these names. */
static uint64_t
fingerprint(uint64_t hash, const void *data, size_t size)
{
	const unsigned char *p = data;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ p[i]) * 0x100000001b3;
	return hash;
}

uint64_t
local_fingerprint(const struct local_names *l)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (size_t i = 0; i < l->name_count; i++)
		hash = fingerprint(hash, l->names[i], strlen(l->names[i]) + 1);
	for (size_t i = 0; i < l->id_count; i++)
		hash = fingerprint(hash, &l->ids[i], sizeof(l->ids[i]));
	return hash;
}

bool
local_has_user(const char *name)
{
	CLEANUP(cleanup_file) FILE *f = fopen(UADM_LOCAL_PASSWD, "re");
	const struct passwd *pw;

	while (f != NULL && (pw = fgetpwent(f)) != NULL)
		if (strcmp(pw->pw_name, name) == 0)
			return true;
	return false;
}

bool
host_knows_name(const char *name, const char **source)
{
	*source = getpwnam(name) != NULL ? "user"
	    : getgrnam(name) != NULL     ? "group"
					 : NULL;
	return *source != NULL;
}

bool
host_knows_id(id_t id, const char **source)
{
	*source = getpwuid(id) != NULL ? "user" : getgrgid(id) != NULL ? "group" : NULL;
	return *source != NULL;
}
