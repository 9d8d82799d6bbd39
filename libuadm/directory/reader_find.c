/*
 * Threat: every byte may be wrong, and may even change while we look (a page that was dropped
 * and read again from a failing disk). So a record's numbers are copied first, checked against
 * the file's bounds and each other, then the checksum decides; strings are used by those copied
 * lengths and never by looking for a NUL. A record that fails is "unavailable" and so is a
 * bucket that would prove an absence: "no such user" is said only on proof.
 */
#include "libuadm/directory/reader_file.h"

#include "libuadm/directory/checksum.h"
#include "libuadm/directory/hash.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

struct key {
	const char *name; /* NULL: by id */
	size_t name_len;
	uint32_t id;
};

static const unsigned char *
file_pread(const struct directory_file *f, uint64_t offset, size_t size, void *into)
{
	int saved = errno;
	ssize_t n = pread(f->fd, into, size, (off_t)offset);

	errno = saved;
	return n == (ssize_t)size ? into : NULL;
}

/* `size` bytes at `offset`, which are within the file: in place, or copied to `into`. */
static inline const unsigned char *
file_bytes(const struct directory_file *f, uint64_t offset, size_t size, void *into)
{
	return f->bytes != NULL ? f->bytes + offset : file_pread(f, offset, size, into);
}

/* All of a record, of which the beginning is there already. */
static const unsigned char *
read_record(struct directory_view *v, const struct directory_file *f, uint64_t offset,
    size_t size)
{
	int saved = errno;
	void *room = v->room;

	if (size > sizeof(v->room)) {
		free(v->heap);
		room = v->heap = malloc(size);
		errno = saved;
	}
	return room == NULL ? NULL : file_pread(f, offset, size, room);
}

static void
entry_fill(struct directory_entry *e, const struct directory_record *r, bool user,
    const unsigned char *bytes)
{
	size_t gids_size = user ? r->count * sizeof(uint32_t) : 0;

	e->user = user;
	e->stamp = r->stamp;
	e->id = r->id;
	e->size = r->size;
	e->name = (const char *)bytes + sizeof(*r) + gids_size;
	e->name_len = r->name_len;
	if (user) {
		e->gids = bytes + sizeof(*r);
		e->gid_count = r->count;
		e->gecos = e->name + r->name_len + 1;
		e->gecos_len = r->gecos_len;
		e->home = e->gecos + r->gecos_len + 1;
		e->home_len = r->home_len;
		e->shell = e->home + r->home_len + 1;
		e->shell_len = r->shell_len;
		e->members = NULL;
		e->members_size = e->member_count = 0;
	} else {
		e->members = e->name + r->name_len + 1;
		e->members_size = r->members_size;
		e->member_count = r->count;
	}
}

/* More names than bytes would ask for a buffer that nobody has, again and again. */
static bool
members_possible(const struct directory_record *r, bool user)
{
	return user || r->count <= r->members_size;
}

static enum directory_answer
record_at(struct directory_view *v, const struct directory_file *f, uint64_t offset,
    struct directory_entry *e)
{
	const struct directory_header *h = &f->head;
	bool user = offset < h->groups_at, gone = offset >= h->gone_at;
	uint64_t end = user ? h->groups_at : gone ? h->size : h->gone_at;
	const unsigned char *bytes;
	struct directory_record r;

	if (offset < directory_users_at(h) || offset >= end ||
	    end - offset < sizeof(r) || offset % DIRECTORY_UNIT != 0)
		return DIRECTORY_UNAVAILABLE;
	if ((bytes = file_bytes(f, offset, sizeof(r), v->room)) == NULL)
		return DIRECTORY_UNAVAILABLE;
	__builtin_prefetch(bytes + 64); /* the rest of it, while the first line comes */
	__builtin_prefetch(bytes + 128);
	memcpy(&r, bytes, sizeof(r));
	if (directory_record_size(&r, user) != r.size || r.size > end - offset ||
	    !members_possible(&r, user))
		return DIRECTORY_UNAVAILABLE;
	if (f->bytes == NULL && (bytes = read_record(v, f, offset, r.size)) == NULL)
		return DIRECTORY_UNAVAILABLE;
	if (crc32c(directory_crc_start(h, offset), bytes + sizeof(r.crc),
		r.size - sizeof(r.crc)) != r.crc)
		return DIRECTORY_UNAVAILABLE;
	entry_fill(e, &r, user, bytes);
	e->gone = gone;
	return directory_id_allowed(r.id) ? DIRECTORY_FOUND : DIRECTORY_NOT_FOUND;
}

static bool
bucket_sound(
    const struct directory_header *h, const struct directory_bucket *b, uint64_t offset)
{
	return crc32c(directory_crc_start(h, offset), &b->used,
		   sizeof(*b) - sizeof(b->crc)) == b->crc;
}

static bool
entry_is(const struct directory_entry *e, const struct key *key)
{
	if (key->name == NULL)
		return e->id == key->id;
	return e->name_len == key->name_len &&
	    memcmp(e->name, key->name, key->name_len) == 0;
}

/* In this bucket: FOUND, or NOT_FOUND whether or not there are more to look at. */
static enum directory_answer
bucket_find(struct directory_view *v, const struct directory_file *f,
    const struct directory_bucket *b, uint32_t tag, const struct key *key,
    struct directory_entry *e)
{
	if (b->used > DIRECTORY_BUCKET_SLOTS)
		return DIRECTORY_UNAVAILABLE;
	for (unsigned i = 0; i < b->used; i++) {
		enum directory_answer a;

		if (b->tag[i] != tag)
			continue;
		a = record_at(v, f, (uint64_t)b->at[i] * DIRECTORY_UNIT, e);
		if (a == DIRECTORY_UNAVAILABLE ||
		    (a == DIRECTORY_FOUND && entry_is(e, key)))
			return a;
	}
	return DIRECTORY_NOT_FOUND;
}

static enum directory_answer
table_find(struct directory_view *v, const struct directory_file *f, uint64_t table_at,
    uint64_t hash, const struct key *key, struct directory_entry *e)
{
	uint32_t n = directory_bucket_of(&f->head, hash);

	for (int probe = 0; probe < DIRECTORY_PROBES; probe++) {
		uint64_t offset =
		    table_at + (uint64_t)n * sizeof(struct directory_bucket);
		struct directory_bucket copy;
		const struct directory_bucket *b =
		    (const void *)file_bytes(f, offset, sizeof(copy), &copy);
		enum directory_answer a;

		if (b == NULL)
			return DIRECTORY_UNAVAILABLE;
		a = bucket_find(v, f, b, (uint32_t)hash, key, e);
		if (a != DIRECTORY_NOT_FOUND)
			return a;
		if (!bucket_sound(&f->head, b, offset))
			return DIRECTORY_UNAVAILABLE;
		if (b->more == 0)
			return DIRECTORY_NOT_FOUND;
		if (++n == f->head.buckets)
			n = 0;
	}
	return DIRECTORY_UNAVAILABLE; /* no writer of ours goes so far */
}

static inline uint64_t
key_hash(const struct directory_view *v, const struct key *key)
{
	const uint64_t *seed = v->base->head.seed;

	return key->name == NULL ? directory_hash_id(seed, key->id)
				 : directory_hash(seed, key->name, key->name_len);
}

static inline uint64_t
table_of(const struct directory_file *f, const struct key *key)
{
	return key->name == NULL ? directory_ids_at(&f->head) : directory_names_at();
}

/* FOUND is also who is gone. */
static inline enum directory_answer
delta_find(struct directory_view *v, uint64_t hash, const struct key *key,
    struct directory_entry *e)
{
	return table_find(v, v->entry, table_of(v->entry, key),
	    directory_delta_hash(&v->entry->head, hash), key, e);
}

/* The line of the base that a lookup goes on to comes while the delta is looked at. */
static inline void
base_prefetch(const struct directory_view *v, uint64_t table_at, uint64_t hash)
{
	if (v->base->bytes != NULL)
		__builtin_prefetch(v->base->bytes + table_at +
		    (uint64_t)directory_bucket_of(&v->base->head, hash) *
			sizeof(struct directory_bucket));
}

/* The delta first: only what it says nothing of is as it was in the base. */
static inline enum directory_answer
view_find(struct directory_view *v, const struct key *key, struct directory_entry *e)
{
	enum directory_answer a = DIRECTORY_NOT_FOUND;
	uint64_t hash = key_hash(v, key), table_at = table_of(v->base, key);

	if (v->entry != v->base) {
		base_prefetch(v, table_at, hash);
		a = delta_find(v, hash, key, e);
	}
	if (a == DIRECTORY_NOT_FOUND)
		a = table_find(v, v->base, table_at, hash, key, e);
	return a == DIRECTORY_FOUND && e->gone ? DIRECTORY_NOT_FOUND : a;
}

enum directory_answer
directory_by_name(struct directory_view *v, const char *name, struct directory_entry *e)
{
	struct key key = { .name = name,
		.name_len = strnlen(name, DIRECTORY_NAME_MAX + 1) };

	if (key.name_len == 0 || key.name_len > DIRECTORY_NAME_MAX)
		return DIRECTORY_NOT_FOUND;
	return view_find(v, &key, e);
}

enum directory_answer
directory_by_id(struct directory_view *v, uint32_t id, struct directory_entry *e)
{
	struct key key = { .id = id };

	if (!directory_id_allowed(id))
		return DIRECTORY_NOT_FOUND;
	return view_find(v, &key, e);
}

/* A record of the base counts where the delta has none of that id: NOT_FOUND where it does. */
static enum directory_answer
base_record_at(struct directory_view *v, uint64_t offset, struct directory_entry *e)
{
	enum directory_answer a = record_at(v, v->base, offset, e), newer;
	struct directory_entry other;
	struct key key = { 0 };

	if (a != DIRECTORY_FOUND || v->entry == v->base)
		return a;
	key.id = e->id;
	newer = delta_find(v, key_hash(v, &key), &key, &other);
	if (newer == DIRECTORY_UNAVAILABLE)
		return newer;
	if (newer == DIRECTORY_FOUND)
		return DIRECTORY_NOT_FOUND;
	/* What had to be read has been overwritten by that. */
	return v->base->bytes == NULL ? record_at(v, v->base, offset, e) : a;
}

/* Offsets in a delta, behind every offset in a base. */
#define IN_DELTA ((uint64_t)1 << 38)

static enum directory_answer
file_next(
    struct directory_view *v, bool groups, uint64_t *offset, struct directory_entry *e)
{
	uint64_t part = *offset & IN_DELTA, at = *offset - part;
	const struct directory_file *f = part != 0 ? v->entry : v->base;
	uint64_t end = groups ? f->head.gone_at : f->head.groups_at;
	enum directory_answer a = DIRECTORY_NOT_FOUND;

	if (at == 0)
		at = directory_users_at(&f->head);
	while (at < end && a == DIRECTORY_NOT_FOUND) {
		a = part != 0 ? record_at(v, f, at, e) : base_record_at(v, at, e);
		if (a != DIRECTORY_UNAVAILABLE)
			at += e->size;
	}
	*offset = at | part;
	return a;
}

enum directory_answer
directory_delta_record(struct directory_view *v, uint32_t id, struct directory_entry *e)
{
	struct key key = { .id = id };

	if (v->entry == v->base || !directory_id_allowed(id))
		return DIRECTORY_NOT_FOUND;
	return delta_find(v, key_hash(v, &key), &key, e);
}

enum directory_answer
directory_next(
    struct directory_view *v, bool groups, uint64_t *offset, struct directory_entry *e)
{
	enum directory_answer a = file_next(v, groups, offset, e);

	if (a != DIRECTORY_NOT_FOUND || v->entry == v->base ||
	    (*offset & IN_DELTA) != 0)
		return a;
	*offset = IN_DELTA;
	return file_next(v, groups, offset, e);
}
