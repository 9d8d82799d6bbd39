/*
 * Does a delta go with its base? Each name and each id that is answered from the delta must not be
 * answered otherwise from the base, by its id or by its name.
 *
 * Threat: a base that is not what the store thinks it is (restored from somewhere, written by other
 * hands). So the base itself is asked: by what name it has who is gone, and whether it has who is
 * there under another name or number. Where anything is odd, a whole file is due, which needs no
 * such thought.
 */
#include "libuadm/directory/reader_file.h"
#include "libuadm/directory/writer_parts.h"

#include <stdlib.h>
#include <string.h>

/* The base alone, without the delta that lies over it now. */
static struct directory_view
base_view(const struct directory_view *v)
{
	return (struct directory_view){
		.entry = v->base, .base = v->base, .slot = v->slot
	};
}

static bool
is_gone(const struct directory_writer *w, uint32_t id)
{
	const struct part *gone = w->gone.data;

	for (size_t i = 0; i < w->gone.used; i++)
		if (gone[i].id == id)
			return true;
	return false;
}

static bool
name_is(const struct directory_entry *e, const char *name, size_t len)
{
	return e->name_len == len && memcmp(e->name, name, len) == 0;
}

/* Those whom the base has get its name for them; of the others nothing need be said. */
static enum uadm_code
gone_name(struct directory_writer *w, struct directory_view *base, bool *fits,
    struct uadm_err *err)
{
	size_t used = 0;

	for (size_t i = 0; i < w->gone.used; i++) {
		struct part part = ((struct part *)w->gone.data)[i];
		struct directory_entry e;
		char *text;

		if (part.kept) {
			((struct part *)w->gone.data)[used++] = part;
			continue;
		}
		switch (directory_by_id(base, part.id, &e)) {
		case DIRECTORY_NOT_FOUND:
			continue;
		case DIRECTORY_UNAVAILABLE:
			*fits = false;
			return UADM_OK;
		case DIRECTORY_FOUND:
			break;
		}
		part.text_at = w->text.used;
		part.name_len = (uint16_t)e.name_len;
		part.text_size = (uint32_t)e.name_len + 1;
		if ((text = parts_add(&w->text, part.text_size, 1)) == NULL)
			return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
		text_put(text, e.name, e.name_len);
		((struct part *)w->gone.data)[used++] = part;
	}
	w->gone.used = used;
	return UADM_OK;
}

static bool
part_fits(const struct directory_writer *w, struct directory_view *base,
    const struct part *p, bool user)
{
	const char *name = part_text(w, p);
	enum directory_answer by_id, by_name;
	struct directory_entry e;

	/* What is kept has been asked for, when it was new: the base is the same. */
	if (p->mentioned || p->kept)
		return true;
	by_id = directory_by_id(base, p->id, &e);
	if (by_id == DIRECTORY_UNAVAILABLE ||
	    (by_id == DIRECTORY_FOUND &&
		(e.user != user || !name_is(&e, name, p->name_len))))
		return false;
	by_name = directory_by_name(base, name, &e);
	return by_name == DIRECTORY_NOT_FOUND ||
	    (by_name == DIRECTORY_FOUND && (e.id == p->id || is_gone(w, e.id)));
}

static bool
parts_fit(const struct directory_writer *w, struct directory_view *base,
    const struct parts *parts, bool users)
{
	const struct part *part = parts->data;

	for (size_t i = 0; i < parts->used; i++)
		if (!part_fits(w, base, &part[i], users))
			return false;
	return true;
}

/* The state in place, opened once; not with directory_open(), which may have the one of a moment
 * ago. NULL: there is none that could be used. */
static struct directory_view *
view_now(struct directory_writer *w)
{
	struct directory_places places;

	if (w->now != NULL)
		return w->now;
	if ((w->now = calloc(1, sizeof(*w->now))) != NULL &&
	    directory_file_open(w->now, &places) != 0) {
		free(w->now);
		w->now = NULL;
	}
	return w->now;
}

/* What follows the record, as it stands there. */
static struct part
kept_part(const struct directory_entry *e)
{
	struct part part = { .id = e->id, .stamp = e->stamp, .kept = true };

	part.name_len = (uint16_t)e->name_len;
	if (!e->user) {
		part.count = (uint32_t)e->member_count;
		part.members_size = (uint32_t)e->members_size;
		part.text_size = (uint32_t)(e->name_len + 1 + e->members_size);
		return part;
	}
	part.gecos_len = (uint16_t)e->gecos_len;
	part.home_len = (uint16_t)e->home_len;
	part.shell_len = (uint16_t)e->shell_len;
	part.count = (uint32_t)e->gid_count;
	part.name_at = (uint32_t)(e->gid_count * sizeof(uint32_t));
	part.text_size = part.name_at +
	    (uint32_t)(e->name_len + e->gecos_len + e->home_len + e->shell_len + 4);
	return part;
}

enum uadm_code
directory_keep(struct directory_writer *w, id_t id, uint32_t stamp, bool *kept,
    struct uadm_err *err)
{
	struct directory_view *v = view_now(w);
	struct directory_entry e;
	struct part part, *slot;
	char *text;

	*kept = v != NULL && directory_delta_record(v, id, &e) == DIRECTORY_FOUND &&
	    e.stamp == stamp;
	if (!*kept)
		return UADM_OK;
	part = kept_part(&e);
	part.text_at = w->text.used;
	text = parts_add(&w->text, part.text_size, 1);
	slot = parts_add(e.gone ? &w->gone
		: e.user        ? &w->users
				: &w->groups,
	    1, sizeof(*slot));
	if (text == NULL || slot == NULL)
		return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
	memcpy(text, e.user ? (const char *)e.gids : e.name, part.text_size);
	*slot = part;
	return UADM_OK;
}

enum uadm_code
delta_prepare(struct directory_writer *w, const struct directory_state *was, bool *fits,
    struct directory_header *base, struct uadm_err *err)
{
	struct directory_view *v = view_now(w), whole;
	enum uadm_code c = UADM_OK;

	*fits = false;
	if (v == NULL)
		return UADM_OK;
	whole = base_view(v);
	*base = v->base->head;
	*fits = v->entry->head.generation == was->generation &&
	    base->generation == was->base_generation && base->seed[0] == was->base_seed;
	if (*fits)
		c = gone_name(w, &whole, fits, err);
	if (c == UADM_OK && *fits)
		*fits = parts_fit(w, &whole, &w->users, true) &&
		    parts_fit(w, &whole, &w->groups, false);
	free(whole.heap);
	return c;
}
