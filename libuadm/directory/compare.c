/*
 * What is published against what should be: each record of the one is looked up in the other, by
 * name and by id, and the other way round. Both are asked through the reader: what nobody can find
 * is not published.
 *
 * Threat: a record whose checksum is right and whose content is not: written by an older uadm with
 * a mistake, or by other hands. Only a comparison shows it.
 */
#include "libuadm/directory/reader_file.h"
#include "libuadm/directory/writer_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct comparing {
	struct directory_view want, have;
	void (*found)(void *arg, const char *what);
	void *arg;
};

static void
tell(const struct comparing *k, const struct directory_entry *e, const char *what)
{
	char text[160];

	snprintf(text, sizeof(text), "the %s %.*s (%u) %s", e->user ? "user" : "group",
	    (int)e->name_len, e->name, (unsigned)e->id, what);
	k->found(k->arg, text);
}

static bool
same_bytes(const void *a, size_t a_size, const void *b, size_t b_size)
{
	return a_size == b_size && (a_size == 0 || memcmp(a, b, a_size) == 0);
}

/* A user's texts lie one behind the other, from the name to the end of the shell. */
static size_t
texts_size(const struct directory_entry *e)
{
	return (size_t)(e->shell - e->name) + e->shell_len;
}

static bool
same(const struct directory_entry *a, const struct directory_entry *b)
{
	if (a->user != b->user || a->id != b->id ||
	    !same_bytes(a->name, a->name_len, b->name, b->name_len))
		return false;
	if (!a->user)
		return a->member_count == b->member_count &&
		    same_bytes(
			a->members, a->members_size, b->members, b->members_size);
	return a->gecos_len == b->gecos_len && a->home_len == b->home_len &&
	    same_bytes(a->name, texts_size(a), b->name, texts_size(b)) &&
	    same_bytes(a->gids, a->gid_count * sizeof(uint32_t), b->gids,
		b->gid_count * sizeof(uint32_t));
}

/* Is it found by its name and by its id, as it should be? */
static void
compare_one(struct comparing *k, const struct directory_entry *want)
{
	enum directory_answer by_id, by_name;
	struct directory_entry have;
	char name[DIRECTORY_NAME_MAX + 1];

	snprintf(name, sizeof(name), "%.*s", (int)want->name_len, want->name);
	by_id = directory_by_id(&k->have, want->id, &have);
	if (by_id == DIRECTORY_FOUND && !same(want, &have)) {
		tell(k, want, "is published otherwise than the store has it");
		return;
	}
	by_name = directory_by_name(&k->have, name, &have);
	if (by_name == DIRECTORY_FOUND && !same(want, &have))
		tell(k, want, "is published otherwise than the store has it");
	else if (by_id == DIRECTORY_UNAVAILABLE || by_name == DIRECTORY_UNAVAILABLE)
		tell(k, want, "has a damaged record in the published file");
	else if (by_id != DIRECTORY_FOUND || by_name != DIRECTORY_FOUND)
		tell(k, want, "is not in the published file");
}

static void
compare_wanted(struct comparing *k)
{
	struct directory_entry e;
	uint64_t offset = 0;

	while (directory_next(&k->want, true, &offset, &e) == DIRECTORY_FOUND)
		compare_one(k, &e);
}

/* What is there and should not be. A walk ends at a record that is damaged, which has been told. */
static void
compare_had(struct comparing *k)
{
	struct directory_entry e, want;
	uint64_t offset = 0;
	enum directory_answer a;

	while ((a = directory_next(&k->have, true, &offset, &e)) == DIRECTORY_FOUND)
		if (directory_by_id(&k->want, e.id, &want) == DIRECTORY_NOT_FOUND)
			tell(k, &e, "is published, and the store has none such");
	if (a == DIRECTORY_UNAVAILABLE)
		k->found(k->arg, "the published file cannot be read to its end");
}

enum uadm_code
directory_compare(struct directory_writer *w, uint64_t generation, bool *compared,
    void (*found)(void *, const char *), void *arg, struct uadm_err *err)
{
	struct comparing k = { .found = found, .arg = arg };
	struct directory_file *file = &k.want.own[0];
	struct directory_places places;
	struct image image = { 0 };
	enum uadm_code c = image_build(w, generation, NULL, &image, err);

	*compared = false;
	if (c != UADM_OK)
		return c;
	*file = (struct directory_file){ .bytes = image.bytes, .fd = -1 };
	memcpy(&file->head, image.bytes, sizeof(file->head));
	k.want.entry = k.want.base = file;
	if (directory_file_open(&k.have, &places) == 0) {
		*compared = k.have.entry->head.generation == generation;
		if (*compared) {
			compare_wanted(&k);
			compare_had(&k);
		}
		directory_close(&k.have);
	}
	free(image.bytes);
	return UADM_OK;
}
