/*
 * Make the file's bytes: order the entries, give each its memberships, lay out the records, then
 * the tables and the checksums. All in memory; format.h says what goes where.
 *
 * Names and ids given twice come to light in the tables, where equal keys meet. That is across
 * users and groups, since a user's name and uid are those of a private group as well: a login
 * must not become a group that somebody trusts.
 */
#include "libuadm/directory/writer_parts.h"

#include "libuadm/directory/checksum.h"
#include "libuadm/directory/hash.h"

#include <stdbool.h>
#include <string.h>
#include <sys/random.h>

enum { SEED_ATTEMPTS = 8 };

struct build {
	struct directory_writer *w;
	struct directory_header head;
	uint64_t *spare; /* for sorting: as many as there are entries or memberships */
	uint64_t *by_group; /* gid << 32 | place of the user, sorted */
	unsigned char *bytes;
};

static void
build_done(struct build *b)
{
	free(b->spare);
	free(b->by_group);
	free(b->bytes);
}

static enum uadm_code
out_of_memory(struct uadm_err *err)
{
	return uadm_fail(
	    err, UADM_UNAVAILABLE, "out of memory while building the directory");
}

const char *
part_text(const struct directory_writer *w, const struct part *p)
{
	return (const char *)w->text.data + p->text_at + p->name_at;
}

static struct part *
users_of(const struct build *b)
{
	return b->w->users.data;
}

static struct part *
groups_of(const struct build *b)
{
	return b->w->groups.data;
}

/* Who is mentioned beside a record of the same id, or mentioned before, is there already. */
static void
mentions_unique(struct parts *p)
{
	struct part *part = p->data;
	size_t used = 0;

	for (size_t i = 0; i < p->used; i++) {
		bool again = used > 0 && part[used - 1].id == part[i].id;

		if (again && part[i].mentioned)
			continue;
		if (again && part[used - 1].mentioned)
			used--;
		part[used++] = part[i];
	}
	p->used = used;
}

/* Put users, or groups, into the order of their ids. */
static bool
entries_sort(struct build *b, struct parts *p)
{
	struct part *from = p->data, *to = calloc(p->used + 1, sizeof(*to));
	CLEANUP(cleanup_free) uint64_t *order = calloc(p->used + 1, sizeof(*order));

	if (to == NULL || order == NULL) {
		free(to);
		return false;
	}
	for (size_t i = 0; i < p->used; i++)
		order[i] = (uint64_t)from[i].id << 32 | i;
	sort_numbers(order, b->spare, p->used);
	for (size_t i = 0; i < p->used; i++)
		to[i] = from[(uint32_t)order[i]];
	free(from);
	p->data = to;
	p->room = p->used;
	mentions_unique(p);
	return true;
}

/* A membership said twice is one. */
static void
members_unique(struct parts *p)
{
	uint64_t *m = p->data;
	size_t used = 0;

	for (size_t i = 0; i < p->used; i++)
		if (i == 0 || m[i] != m[i - 1])
			m[used++] = m[i];
	p->used = used;
}

/* Give each user its run of the memberships, and prepare those of the groups. */
static enum uadm_code
members_to_users(struct build *b, struct uadm_err *err)
{
	struct part *u = users_of(b), *end = u + b->w->users.used;
	const uint64_t *m = b->w->members.data;

	for (; u < end; u++)
		u->count = u->kept ? u->count : 0;
	u = users_of(b);
	for (size_t i = 0; i < b->w->members.used; i++) {
		uint32_t uid = (uint32_t)(m[i] >> 32);

		while (u < end && u->id < uid)
			u++;
		if (u == end || u->id != uid)
			return uadm_fail(err, UADM_INVALID,
			    "a member of group %u is uid %u, who does not exist",
			    (unsigned)(uint32_t)m[i], (unsigned)uid);
		if (!u->kept && u->count++ == 0)
			u->first = i;
		b->by_group[i] = m[i] << 32 | (uint64_t)(u - users_of(b));
	}
	return UADM_OK;
}

static void
group_measure(struct build *b, struct part *g, size_t count)
{
	bool listed = !g->large && !g->mentioned &&
	    (b->w->max_members == 0 || count <= b->w->max_members);

	if (g->kept)
		return;
	g->count = listed ? (uint32_t)count : 0;
	g->members_size = 0;
	for (size_t i = 0; i < g->count; i++)
		g->members_size +=
		    users_of(b)[(uint32_t)b->by_group[g->first + i]].name_len + 1u;
}

static enum uadm_code
members_to_groups(struct build *b, struct uadm_err *err)
{
	struct part *g = groups_of(b), *end = g + b->w->groups.used;
	size_t i = 0;

	for (; g < end; g++) {
		g->first = i;
		while (i < b->w->members.used && b->by_group[i] >> 32 == g->id)
			i++;
		group_measure(b, g, i - g->first);
	}
	if (i < b->w->members.used)
		return uadm_fail(err, UADM_INVALID,
		    "there is no group %u, of which uid %u should be a member",
		    (unsigned)(b->by_group[i] >> 32),
		    (unsigned)users_of(b)[(uint32_t)b->by_group[i]].id);
	return UADM_OK;
}

static enum uadm_code
entries_prepare(struct build *b, struct uadm_err *err)
{
	struct directory_writer *w = b->w;
	size_t most = w->members.used;
	enum uadm_code c;

	most = most < w->users.used ? w->users.used : most;
	most = most < w->groups.used ? w->groups.used : most;
	b->spare = calloc(most + 1, sizeof(*b->spare));
	b->by_group = calloc(w->members.used + 1, sizeof(*b->by_group));
	if (b->spare == NULL || b->by_group == NULL || !entries_sort(b, &w->users) ||
	    !entries_sort(b, &w->groups))
		return out_of_memory(err);
	sort_numbers(w->members.data, b->spare, w->members.used);
	members_unique(&w->members);
	if ((c = members_to_users(b, err)) != UADM_OK)
		return c;
	sort_numbers(b->by_group, b->spare, w->members.used);
	return members_to_groups(b, err);
}

static struct directory_record
record_of(const struct part *p, bool user)
{
	struct directory_record r = { .id = p->id,
		.count = p->count,
		.members_size = user ? 0 : p->members_size,
		.name_len = p->name_len,
		.gecos_len = p->gecos_len,
		.home_len = p->home_len,
		.shell_len = p->shell_len,
		.stamp = p->stamp };

	r.size = (uint32_t)directory_record_size(&r, user);
	return r;
}

/* Those that get a record. */
static uint32_t
parts_count(const struct parts *p)
{
	const struct part *part = p->data;
	uint32_t count = 0;

	for (size_t i = 0; i < p->used; i++)
		count += !part[i].mentioned;
	return count;
}

static uint64_t
parts_size(const struct parts *p, bool users)
{
	const struct part *part = p->data;
	uint64_t size = 0;

	for (size_t i = 0; i < p->used; i++)
		if (!part[i].mentioned)
			size += record_of(&part[i], users).size;
	return size;
}

/* The size of it all, and where in it things go. */
static enum uadm_code
layout(struct build *b, struct uadm_err *err)
{
	struct directory_writer *w = b->w;
	struct directory_header *h = &b->head;
	uint64_t entries = (uint64_t)w->users.used + w->groups.used + w->gone.used;

	if (entries > UINT32_MAX / 2)
		return uadm_fail(err, UADM_INVALID, "too many users and groups");
	h->users = parts_count(&w->users);
	h->groups = parts_count(&w->groups);
	h->gone = parts_count(&w->gone);
	entries = (uint64_t)h->users + h->groups + h->gone;
	h->buckets = (uint32_t)(entries / DIRECTORY_BUCKET_FILL + 1);
	h->groups_at = directory_users_at(h) + parts_size(&w->users, true);
	h->gone_at = h->groups_at + parts_size(&w->groups, false);
	h->size = h->gone_at + parts_size(&w->gone, false);
	if (h->size / DIRECTORY_UNIT > UINT32_MAX)
		return uadm_fail(
		    err, UADM_INVALID, "the directory would be larger than 32 GiB");
	b->bytes = calloc(1, h->size);
	return b->bytes == NULL ? out_of_memory(err) : UADM_OK;
}

static void
user_fill(const struct build *b, const struct part *u, unsigned char *to)
{
	const uint64_t *m = (uint64_t *)b->w->members.data + u->first;

	if (u->kept) {
		memcpy(to, part_text(b->w, u) - u->name_at, u->text_size);
		return;
	}
	for (uint32_t i = 0; i < u->count; i++, to += sizeof(uint32_t)) {
		uint32_t gid = (uint32_t)m[i];

		memcpy(to, &gid, sizeof(gid));
	}
	memcpy(to, part_text(b->w, u), u->text_size);
}

static void
group_fill(const struct build *b, const struct part *g, unsigned char *to)
{
	memcpy(to, part_text(b->w, g), g->text_size);
	to += g->text_size;
	for (uint32_t i = 0; i < g->count && !g->kept; i++) {
		const struct part *u =
		    &users_of(b)[(uint32_t)b->by_group[g->first + i]];

		memcpy(to, part_text(b->w, u), u->name_len + 1u);
		to += u->name_len + 1u;
	}
}

static void
gone_fill(const struct build *b, const struct part *g, unsigned char *to)
{
	memcpy(to, part_text(b->w, g), g->text_size);
}

static unsigned char *
records_fill(const struct build *b, const struct parts *p, bool users,
    void (*fill)(const struct build *, const struct part *, unsigned char *),
    unsigned char *to)
{
	const struct part *part = p->data;

	for (size_t i = 0; i < p->used; i++) {
		struct directory_record r;

		if (part[i].mentioned)
			continue;
		r = record_of(&part[i], users);
		// NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): layout() made it
		memcpy(to, &r, sizeof(r));
		fill(b, &part[i], to + sizeof(r));
		to += r.size;
	}
	return to;
}

static void
all_records_fill(const struct build *b)
{
	unsigned char *to = b->bytes + directory_users_at(&b->head);

	to = records_fill(b, &b->w->users, true, user_fill, to);
	to = records_fill(b, &b->w->groups, false, group_fill, to);
	records_fill(b, &b->w->gone, false, gone_fill, to);
}

static struct directory_record *
record_at(const struct build *b, uint64_t offset)
{
	return (void *)(b->bytes + offset);
}

static const char *
record_name(const struct build *b, uint64_t offset)
{
	const struct directory_record *r = record_at(b, offset);
	size_t gids = offset < b->head.groups_at ? r->count * sizeof(uint32_t) : 0;

	return (const char *)(r + 1) + gids;
}

/* What a table is keyed by. */
enum key { KEY_NAME, KEY_ID };

static uint64_t
key_hash(const struct build *b, enum key key, uint64_t offset)
{
	const struct directory_record *r = record_at(b, offset);
	const uint64_t *seed = b->head.delta ? b->head.base_seed : b->head.seed;
	uint64_t hash = key == KEY_ID
	    ? directory_hash_id(seed, r->id)
	    : directory_hash(seed, record_name(b, offset), r->name_len);

	return b->head.delta ? directory_delta_hash(&b->head, hash) : hash;
}

static bool
key_same(const struct build *b, enum key key, uint64_t old, uint64_t new)
{
	if (key == KEY_ID)
		return record_at(b, old)->id == record_at(b, new)->id;
	return strcmp(record_name(b, old), record_name(b, new)) == 0;
}

static enum uadm_code
given_twice(const struct build *b, enum key key, uint64_t old, uint64_t new,
    struct uadm_err *err)
{
	const char *a = record_name(b, old), *z = record_name(b, new);

	if (key == KEY_NAME)
		return uadm_fail(err, UADM_INVALID, "the name %s is given twice", a);
	return uadm_fail(err, UADM_INVALID, "the id %u is given to both %s and %s",
	    (unsigned)record_at(b, old)->id, a, z);
}

/* *placed is false when there was no room within the probes that a reader makes. */
static enum uadm_code
table_put(
    struct build *b, enum key key, uint64_t offset, bool *placed, struct uadm_err *err)
{
	uint64_t hash = key_hash(b, key, offset);
	uint32_t n = directory_bucket_of(&b->head, hash);
	struct directory_bucket *table = (void *)(b->bytes +
	    (key == KEY_ID ? directory_ids_at(&b->head) : directory_names_at()));

	*placed = false;
	for (int probe = 0; probe < DIRECTORY_PROBES; probe++) {
		struct directory_bucket *bucket = &table[n];

		for (unsigned i = 0; i < bucket->used; i++) {
			uint64_t old = (uint64_t)bucket->at[i] * DIRECTORY_UNIT;

			if (bucket->tag[i] != (uint32_t)hash ||
			    !key_same(b, key, old, offset))
				continue;
			/* A name that was somebody's is another's now. */
			*placed = true;
			return offset >= b->head.gone_at
			    ? UADM_OK
			    : given_twice(b, key, old, offset, err);
		}
		if (bucket->used < DIRECTORY_BUCKET_SLOTS) {
			bucket->tag[bucket->used] = (uint32_t)hash;
			bucket->at[bucket->used++] =
			    (uint32_t)(offset / DIRECTORY_UNIT);
			*placed = true;
			return UADM_OK;
		}
		bucket->more = 1;
		n = n + 1 == b->head.buckets ? 0 : n + 1;
	}
	return UADM_OK;
}

static enum uadm_code
tables_fill(struct build *b, bool *placed, struct uadm_err *err)
{
	uint64_t users_at = directory_users_at(&b->head);
	enum uadm_code c = UADM_OK;

	*placed = true;
	memset(b->bytes + DIRECTORY_BODY_AT, 0, users_at - DIRECTORY_BODY_AT);
	for (uint64_t at = users_at; at < b->head.size && c == UADM_OK && *placed;
	     at += record_at(b, at)->size)
		if ((c = table_put(b, KEY_NAME, at, placed, err)) == UADM_OK && *placed)
			c = table_put(b, KEY_ID, at, placed, err);
	return c;
}

/* Another seed where this one, by chance, has made a run too long for readers. */
static enum uadm_code
tables_seed(struct build *b, struct uadm_err *err)
{
	for (int attempt = 0; attempt < SEED_ATTEMPTS; attempt++) {
		enum uadm_code c;
		bool placed;

		if (getrandom(b->head.seed, sizeof(b->head.seed), 0) !=
		    (ssize_t)sizeof(b->head.seed))
			return uadm_fail(
			    err, UADM_UNAVAILABLE, "no random numbers: %m");
		if ((c = tables_fill(b, &placed, err)) != UADM_OK || placed)
			return c;
	}
	return uadm_fail(err, UADM_INTERNAL, "the directory's tables overflow");
}

static void
checksums_fill(struct build *b)
{
	struct directory_header *h = &b->head;
	uint64_t at = DIRECTORY_BODY_AT;

	for (; at < directory_users_at(h); at += sizeof(struct directory_bucket)) {
		struct directory_bucket *bucket = (void *)(b->bytes + at);

		bucket->crc = crc32c(directory_crc_start(h, at), &bucket->used,
		    sizeof(*bucket) - sizeof(bucket->crc));
	}
	for (; at < h->size; at += record_at(b, at)->size) {
		struct directory_record *r = record_at(b, at);

		r->crc = crc32c(
		    directory_crc_start(h, at), &r->size, r->size - sizeof(r->crc));
	}
	memcpy(h->magic, DIRECTORY_MAGIC, sizeof(h->magic));
	h->version = DIRECTORY_VERSION;
	h->body_crc =
	    crc32c(0, b->bytes + DIRECTORY_BODY_AT, h->size - DIRECTORY_BODY_AT);
	h->crc = crc32c(0, h, sizeof(*h));
	memcpy(b->bytes, h, sizeof(*h));
}

enum uadm_code
image_build(struct directory_writer *w, uint64_t generation,
    const struct directory_header *base, struct image *image, struct uadm_err *err)
{
	CLEANUP(build_done)
	struct build b = { .w = w,
		.head = { .generation = generation, .origin = w->origin } };
	enum uadm_code c;

	if (base != NULL) {
		b.head.delta = 1;
		b.head.base_crc = base->crc;
		b.head.base_generation = base->generation;
		memcpy(b.head.base_seed, base->seed, sizeof(base->seed));
	}
	if ((c = entries_prepare(&b, err)) != UADM_OK ||
	    (c = layout(&b, err)) != UADM_OK)
		return c;
	all_records_fill(&b);
	if ((c = tables_seed(&b, err)) != UADM_OK)
		return c;
	checksums_fill(&b);
	*image = (struct image){ .bytes = b.bytes, .size = b.head.size };
	b.bytes = NULL;
	return UADM_OK;
}
