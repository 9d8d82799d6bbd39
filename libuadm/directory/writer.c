/*
 * Collect what gets published.
 *
 * Threat: this is the last gate before every program on the host believes what it is told. A
 * name with a colon or a newline would be two entries to whoever reads `getent`, an id below
 * 1000 a system account. So names and ids are checked again here, whoever calls, and a text
 * that could break out of its field is refused. A colon in a display name is a space when
 * published, as putpwent(3) does it: one such name must not stop everybody's changes.
 */
#include "libuadm/directory/writer.h"

#include "libuadm/base/names.h"
#include "libuadm/base/user.h"
#include "libuadm/directory/writer_parts.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum uadm_code
directory_writer_new(struct directory_writer **w, struct uadm_err *err)
{
	*w = calloc(1, sizeof(**w));
	if (*w == NULL)
		return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
	return UADM_OK;
}

void
directory_writer_free(struct directory_writer **w)
{
	if (*w == NULL)
		return;
	free((*w)->users.data);
	free((*w)->groups.data);
	if ((*w)->now != NULL)
		directory_close((*w)->now);
	free((*w)->now);
	free((*w)->gone.data);
	free((*w)->members.data);
	free((*w)->text.data);
	free(*w);
	*w = NULL;
}

void
directory_limit_members(struct directory_writer *w, size_t max_members)
{
	w->max_members = max_members;
}

void
directory_origin(struct directory_writer *w, uint32_t origin)
{
	w->origin = origin;
}

void *
parts_add(struct parts *p, size_t count, size_t item_size)
{
	if (p->room - p->used < count) {
		size_t room = 2 * p->room + count + 64;
		void *data = reallocarray(p->data, room, item_size);

		if (data == NULL)
			return NULL;
		p->data = data;
		p->room = room;
	}
	p->used += count;
	return (char *)p->data + (p->used - count) * item_size;
}

static enum uadm_code
id_check(const char *field, const char *name, uint32_t id, struct uadm_err *err)
{
	if (directory_id_allowed(id))
		return UADM_OK;
	return uadm_fail(err, UADM_INVALID,
	    "%s %u of %s belongs to the system and is not published",
	    strcmp(field, "user") == 0 ? "uid" : "gid", (unsigned)id, name);
}

static enum uadm_code
published_name_check(const char *field, const char *name, struct uadm_err *err)
{
	char shown[80];

	/* Not name_check(): a name that became reserved later must not stop all publishing. */
	if (name_is_valid(name))
		return UADM_OK;
	return uadm_fail(err, UADM_INVALID, "%s name \"%s\" cannot be published", field,
	    text_escape(shown, sizeof(shown), name));
}

/* Is `text` plain ASCII that needs no further look? Nearly all of it is, and there may be
 * millions. */
static bool
text_is_plain(const char *text, size_t size)
{
	size_t i = 0;

	while (text[i] >= ' ' && text[i] <= '~' && text[i] != ':')
		i++;
	return i < size && text[i] == '\0';
}

static enum uadm_code
path_check(const char *field, const char *path, struct uadm_err *err)
{
	char shown[80];

	if (text_is_plain(path, UADM_PATH_SIZE))
		return UADM_OK;
	if (strchr(path, ':') != NULL)
		return uadm_fail(err, UADM_INVALID, "%s contains a colon: \"%s\"",
		    field, text_escape(shown, sizeof(shown), path));
	return text_check(field, path, UADM_PATH_SIZE, err);
}

static enum uadm_code
user_check(const struct directory_user *u, struct uadm_err *err)
{
	enum uadm_code c;

	if ((c = published_name_check("user", u->name, err)) != UADM_OK ||
	    (c = id_check("user", u->name, u->uid, err)) != UADM_OK ||
	    (c = path_check("home", u->home, err)) != UADM_OK ||
	    (c = path_check("shell", u->shell, err)) != UADM_OK)
		return c;
	if (text_is_plain(u->gecos, UADM_DISPLAY_SIZE))
		return UADM_OK;
	return text_check("display name", u->gecos, UADM_DISPLAY_SIZE, err);
}

char *
text_put(char *to, const char *text, size_t len)
{
	memcpy(to, text, len);
	to[len] = '\0';
	return to + len + 1;
}

static enum uadm_code
out_of_memory(struct uadm_err *err)
{
	return uadm_fail(
	    err, UADM_UNAVAILABLE, "out of memory while collecting the directory");
}

void
directory_stamp(struct directory_writer *w, uint32_t stamp)
{
	w->stamp = stamp;
}

enum uadm_code
directory_add_user(
    struct directory_writer *w, const struct directory_user *u, struct uadm_err *err)
{
	enum uadm_code c = user_check(u, err);
	struct part part, *slot;
	char *text, *gecos;

	if (c != UADM_OK)
		return c;
	part = (struct part){ .text_at = w->text.used,
		.stamp = w->stamp,
		.id = u->uid,
		.name_len = (uint16_t)strlen(u->name),
		.gecos_len = (uint16_t)strlen(u->gecos),
		.home_len = (uint16_t)strlen(u->home),
		.shell_len = (uint16_t)strlen(u->shell) };
	part.text_size = (uint32_t)part.name_len + part.gecos_len + part.home_len +
	    part.shell_len + 4;
	text = parts_add(&w->text, part.text_size, 1);
	slot = parts_add(&w->users, 1, sizeof(*slot));
	if (text == NULL || slot == NULL)
		return out_of_memory(err);
	text = text_put(text, u->name, part.name_len);
	gecos = text;
	text = text_put(text, u->gecos, part.gecos_len);
	while ((gecos = strchr(gecos, ':')) != NULL)
		*gecos = ' ';
	text = text_put(text, u->home, part.home_len);
	text_put(text, u->shell, part.shell_len);
	*slot = part;
	return UADM_OK;
}

/* What has a name and an id, and no more. */
static enum uadm_code
add_named(struct directory_writer *w, struct parts *to, const char *field,
    const char *name, struct part part, struct uadm_err *err)
{
	enum uadm_code c;
	struct part *slot;
	char *text;

	if ((c = published_name_check(field, name, err)) != UADM_OK ||
	    (c = id_check(field, name, part.id, err)) != UADM_OK)
		return c;
	part.text_at = w->text.used;
	part.stamp = w->stamp;
	part.name_len = (uint16_t)strlen(name);
	part.text_size = (uint32_t)part.name_len + 1;
	text = parts_add(&w->text, part.text_size, 1);
	slot = parts_add(to, 1, sizeof(*slot));
	if (text == NULL || slot == NULL)
		return out_of_memory(err);
	text_put(text, name, part.name_len);
	*slot = part;
	return UADM_OK;
}

enum uadm_code
directory_add_group(
    struct directory_writer *w, const char *name, gid_t gid, struct uadm_err *err)
{
	return add_named(w, &w->groups, "group", name, (struct part){ .id = gid }, err);
}

enum uadm_code
directory_add_large_group(
    struct directory_writer *w, const char *name, gid_t gid, struct uadm_err *err)
{
	return add_named(w, &w->groups, "group", name,
	    (struct part){ .id = gid, .large = true }, err);
}

enum uadm_code
directory_mention_user(
    struct directory_writer *w, const char *name, uid_t uid, struct uadm_err *err)
{
	return add_named(w, &w->users, "user", name,
	    (struct part){ .id = uid, .mentioned = true }, err);
}

enum uadm_code
directory_mention_group(
    struct directory_writer *w, const char *name, gid_t gid, struct uadm_err *err)
{
	return add_named(w, &w->groups, "group", name,
	    (struct part){ .id = gid, .mentioned = true }, err);
}

/* Without a name yet; see delta_prepare(). */
enum uadm_code
directory_add_gone(struct directory_writer *w, id_t id, struct uadm_err *err)
{
	struct part *slot = parts_add(&w->gone, 1, sizeof(*slot));

	if (slot == NULL)
		return out_of_memory(err);
	*slot = (struct part){ .id = id, .stamp = w->stamp };
	return UADM_OK;
}

enum uadm_code
directory_add_member(
    struct directory_writer *w, gid_t gid, uid_t uid, struct uadm_err *err)
{
	uint64_t *slot = parts_add(&w->members, 1, sizeof(*slot));

	if (slot == NULL)
		return out_of_memory(err);
	*slot = (uint64_t)uid << 32 | gid;
	return UADM_OK;
}
