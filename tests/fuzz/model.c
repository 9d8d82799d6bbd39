#include "tests/fuzz/model.h"

#include <string.h>

static const struct directory_header *
head_of(const struct fuzz_input *in, int file)
{
	return (const void *)in->file[file].bytes;
}

bool
model_at(const struct fuzz_input *in, int file, uint64_t at, struct model_entry *e)
{
	const struct fuzz_file *f = &in->file[file];
	const struct directory_header *h = head_of(in, file);
	const unsigned char *bytes;

	if (at == 0)
		at = directory_users_at(h);
	if (f->size < DIRECTORY_BODY_AT || at >= f->size ||
	    f->size - at < sizeof(e->r) || at % DIRECTORY_UNIT != 0)
		return false;
	bytes = f->bytes + at;
	memcpy(&e->r, bytes, sizeof(e->r));
	e->file = file;
	e->user = at < h->groups_at;
	e->gone = at >= h->gone_at;
	if (directory_record_size(&e->r, e->user) != e->r.size ||
	    e->r.size > f->size - at)
		return false;
	e->next = at + e->r.size;
	e->gids = bytes + sizeof(e->r);
	e->name = (const char *)e->gids + (e->user ? e->r.count * 4 : 0);
	e->members = e->name + e->r.name_len + 1;
	return true;
}

static bool
is(const struct model_entry *e, const char *name, uint32_t id)
{
	if (!directory_id_allowed(e->r.id))
		return false;
	return name == NULL ? e->r.id == id
			    : strlen(name) == e->r.name_len && e->r.name_len > 0 &&
		e->r.name_len <= DIRECTORY_NAME_MAX &&
		memcmp(e->name, name, e->r.name_len) == 0;
}

bool
model_find(
    const struct fuzz_input *in, const char *name, uint32_t id, struct model_entry *e)
{
	for (int file = 0; file < 1 + in->two; file++)
		for (uint64_t at = 0; model_at(in, file, at, e); at = e->next)
			if (is(e, name, id))
				return true;
	return false;
}

static bool
delta_has(const struct fuzz_input *in, uint32_t id)
{
	struct model_entry e;

	for (uint64_t at = 0; model_at(in, 0, at, &e); at = e.next)
		if (is(&e, NULL, id))
			return true;
	return false;
}

bool
model_next(const struct fuzz_input *in, bool groups, int *file, uint64_t *at,
    struct model_entry *e)
{
	while (*file >= 0) {
		if (!model_at(in, *file, *at, e) || (groups ? e->gone : !e->user)) {
			(*file)--;
			*at = 0;
			continue;
		}
		*at = e->next;
		if (directory_id_allowed(e->r.id) &&
		    (*file == 0 || !delta_has(in, e->r.id)))
			return true;
	}
	return false;
}

bool
model_members_whole(const struct model_entry *e)
{
	uint32_t ends = 0;

	for (uint32_t i = 0; !e->user && i < e->r.members_size; i++)
		ends += e->members[i] == '\0';
	return e->user || ends >= e->r.count;
}

bool
model_has(const struct fuzz_input *in, const char *name, uint32_t id)
{
	size_t len = strlen(name);

	for (int file = 0; file < 1 + in->two; file++) {
		const struct fuzz_file *f = &in->shown[file];
		struct directory_record r;

		for (uint64_t at = DIRECTORY_BODY_AT; at + sizeof(r) <= f->size;
		     at += DIRECTORY_UNIT) {
			uint64_t plain = at + sizeof(r), behind;

			memcpy(&r, f->bytes + at, sizeof(r));
			behind = plain + (uint64_t)r.count * sizeof(uint32_t);
			if (r.id != id)
				continue;
			if (plain + len <= f->size &&
			    memcmp(f->bytes + plain, name, len) == 0)
				return true;
			if (behind + len <= f->size &&
			    memcmp(f->bytes + behind, name, len) == 0)
				return true;
		}
	}
	return false;
}
