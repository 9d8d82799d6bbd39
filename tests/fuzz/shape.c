/*
 * From an input's bytes to files. Independent of the writer, which refuses what is malformed: here
 * it is wanted, under checksums that are right.
 */
#include "tests/fuzz/fuzz.h"

#include "libuadm/directory/checksum.h"
#include "libuadm/directory/hash.h"

#include <stdlib.h>
#include <string.h>

/* Small files are quick, and have room for all there is to go wrong. */
enum {
	BUCKETS = 16,
	BODY = 8192,
	ROOM = DIRECTORY_BODY_AT + BODY + 2 * BUCKETS * sizeof(struct directory_bucket)
};

/* The bytes not used yet. */
struct rest {
	const uint8_t *at;
	size_t size;
};

static void
take(struct rest *rest, void *into, size_t size)
{
	size_t n = size < rest->size ? size : rest->size;

	if (n > 0)
		memcpy(into, rest->at, n);
	rest->at += n;
	rest->size -= n;
}

static void
record_sum(const struct directory_header *h, unsigned char *bytes, uint64_t at)
{
	struct directory_record *r = (void *)(bytes + at);

	r->crc = crc32c(directory_crc_start(h, at), &r->size, r->size - sizeof(r->crc));
}

void
fuzz_sums(struct fuzz_file *f, const struct fuzz_file *base)
{
	struct directory_header *h = (void *)f->bytes;
	uint64_t at = DIRECTORY_BODY_AT;

	memcpy(h->magic, DIRECTORY_MAGIC, sizeof(h->magic));
	h->version = DIRECTORY_VERSION;
	h->size = f->size;
	if (base != NULL) {
		const struct directory_header *b = (const void *)base->bytes;

		h->base_crc = b->crc;
		h->base_generation = b->generation;
		memcpy(h->base_seed, b->seed, sizeof(h->base_seed));
	}
	for (; at < directory_users_at(h) &&
	     at + sizeof(struct directory_bucket) <= f->size;
	     at += sizeof(struct directory_bucket)) {
		struct directory_bucket *b = (void *)(f->bytes + at);

		b->crc = crc32c(
		    directory_crc_start(h, at), &b->used, sizeof(*b) - sizeof(b->crc));
	}
	while (at + sizeof(struct directory_record) <= f->size) {
		const struct directory_record *r = (const void *)(f->bytes + at);

		if (r->size < sizeof(*r) || r->size > f->size - at ||
		    r->size % DIRECTORY_UNIT != 0)
			break;
		record_sum(h, f->bytes, at);
		at += r->size;
	}
	h->crc = 0;
	h->body_crc =
	    crc32c(0, f->bytes + DIRECTORY_BODY_AT, f->size - DIRECTORY_BODY_AT);
	h->crc = crc32c(0, h, sizeof(*h));
}

/* False: there is no room that a reader would look at. */
static bool
table_put(struct fuzz_file *f, uint64_t table_at, uint64_t hash, uint64_t at)
{
	const struct directory_header *h = (const void *)f->bytes;
	uint32_t n = directory_bucket_of(h, hash);

	for (int probe = 0; probe < DIRECTORY_PROBES; probe++) {
		struct directory_bucket *b = (void *)(f->bytes + table_at);

		b += n;
		if (b->used < DIRECTORY_BUCKET_SLOTS) {
			b->tag[b->used] = (uint32_t)hash;
			b->at[b->used++] = (uint32_t)(at / DIRECTORY_UNIT);
			return true;
		}
		b->more = 1;
		n = n + 1 == h->buckets ? 0 : n + 1;
	}
	return false;
}

static bool
tables_make(struct fuzz_file *f, const struct fuzz_file *base)
{
	const struct directory_header *h = (const void *)f->bytes;
	const struct directory_header *keyed =
	    base != NULL ? (const void *)base->bytes : h;
	uint64_t at = directory_users_at(h);
	bool placed = true;

	while (at < f->size) {
		const struct directory_record *r = (const void *)(f->bytes + at);
		const unsigned char *name = f->bytes + at + sizeof(*r) +
		    (at < h->groups_at ? r->count * sizeof(uint32_t) : 0);
		uint64_t by_name = directory_hash(keyed->seed, name, r->name_len),
			 by_id = directory_hash_id(keyed->seed, r->id);

		if (base != NULL) {
			by_name = directory_delta_hash(h, by_name);
			by_id = directory_delta_hash(h, by_id);
		}
		placed = table_put(f, directory_names_at(), by_name, at) &&
		    table_put(f, directory_ids_at(h), by_id, at) && placed;
		at += r->size;
	}
	return placed;
}

/* Give a record the size its numbers ask for, these being brought down to what is likely to fit.
 * False: it is the end. */
static bool
record_fit(struct directory_record *r, bool user, size_t room)
{
	if (room < sizeof(*r))
		return false;
	r->name_len %= 80;
	r->gecos_len %= 1100;
	r->home_len %= 300;
	r->shell_len %= 300;
	r->members_size %= 2000;
	r->count %= user ? 40 : r->members_size + 1;
	r->size = (uint32_t)directory_record_size(r, user);
	return r->size <= room;
}

/* The body being records: `users` of the header are users, then come `groups`, and who is gone. */
static bool
file_build(struct fuzz_file *f, const struct fuzz_file *base)
{
	struct directory_header *h = (void *)f->bytes;
	uint32_t users = h->users % 64, groups = h->groups % 64;
	size_t body = f->size - DIRECTORY_BODY_AT, at;

	h->buckets = 1 + h->buckets % BUCKETS;
	h->delta = base != NULL;
	at = directory_users_at(h);
	memmove(f->bytes + at, f->bytes + DIRECTORY_BODY_AT, body);
	memset(f->bytes + DIRECTORY_BODY_AT, 0, at - DIRECTORY_BODY_AT);
	h->users = h->groups = h->gone = 0;
	h->groups_at = h->gone_at = at;
	for (size_t end = at + body;;) {
		struct directory_record *r = (void *)(f->bytes + at);
		bool user = h->users < users;

		if (!record_fit(r, user, end - at))
			break;
		at += r->size;
		if (user) {
			h->users++;
			h->groups_at = h->gone_at = at;
		} else if (h->groups < groups) {
			h->groups++;
			h->gone_at = at;
		} else {
			h->gone++;
		}
	}
	f->size = at;
	return tables_make(f, base);
}

static uint64_t
between(uint64_t low, uint64_t x, uint64_t high)
{
	return (x < low ? low : x > high ? high : x) / DIRECTORY_UNIT * DIRECTORY_UNIT;
}

static void
bounds_fit(struct fuzz_file *f, bool delta)
{
	struct directory_header *h = (void *)f->bytes;
	uint64_t most =
	    (f->size - DIRECTORY_BODY_AT) / 2 / sizeof(struct directory_bucket);

	h->buckets = most == 0 ? 1 : 1 + (uint32_t)((h->buckets - 1) % most);
	h->delta = delta;
	h->groups_at = between(directory_users_at(h), h->groups_at, f->size);
	h->gone_at = between(h->groups_at, h->gone_at, f->size);
}

/* Returns whether nothing in it is damaged. */
static bool
file_make(struct fuzz_file *f, const struct fuzz_file *base, enum care care)
{
	bool sound = false;

	if (care == CARE_TABLES)
		sound = file_build(f, base);
	if (care == CARE_BOUNDS)
		bounds_fit(f, base != NULL);
	if (care != CARE_NONE)
		fuzz_sums(f, base);
	return sound;
}

/* The entry's or the base's bytes out of the input, and what is left. */
static void
file_take(struct fuzz_file *f, size_t body, struct rest *rest)
{
	f->bytes = calloc(1, ROOM);
	if (f->bytes == NULL)
		abort();
	take(rest, f->bytes, sizeof(struct directory_header));
	take(rest, f->bytes + DIRECTORY_STALE_AT, sizeof(uint32_t));
	body %= BODY + 1;
	body = body < rest->size ? body : rest->size;
	take(rest, f->bytes + DIRECTORY_BODY_AT, body);
	body = (body + DIRECTORY_UNIT - 1) / DIRECTORY_UNIT * DIRECTORY_UNIT;
	f->size = DIRECTORY_BODY_AT + body;
}

/* Of the base in place but for one number: all that it is known by counts. */
static void
estrange(struct fuzz_input *in)
{
	struct directory_header *h = (void *)in->shown[0].bytes;

	in->strange = true;
	switch (h->seed[0] % 4) {
	case 0:
		h->base_crc ^= 1;
		break;
	case 1:
		h->base_generation ^= 1;
		break;
	case 2:
		h->base_seed[1] ^= 1;
		break;
	default:
		h->base_seed[0] ^= 1;
	}
	h->crc = 0;
	h->crc = crc32c(0, h, sizeof(*h));
}

static void
damage(struct fuzz_input *in, unsigned flips, struct rest *rest)
{
	in->damaged = flips % FUZZ_FLIPS > 0;
	for (unsigned i = 0; i < flips % FUZZ_FLIPS; i++) {
		struct fuzz_flip flip = { 0 };
		struct fuzz_file *f;
		size_t at;

		take(rest, &flip, sizeof(flip));
		f = &in->shown[(flip.where & FUZZ_IN_BASE) != 0 && in->two];
		at = (size_t)(flip.where % FUZZ_IN_BASE) * DIRECTORY_UNIT;
		if (flip.byte % 16 == FUZZ_CUT)
			f->size = at < f->size ? at : f->size;
		else if (at < f->size)
			f->bytes[at + flip.byte % DIRECTORY_UNIT] ^= flip.with;
	}
}

void
fuzz_input_make(struct fuzz_input *in, const uint8_t *data, size_t size)
{
	struct rest rest = { data, size };
	struct fuzz_plan plan = { 0 };

	take(&rest, &plan, sizeof(plan));
	*in = (struct fuzz_input){ .two = (plan.flags & FUZZ_TWO) != 0,
		.unmappable = plan.flags / FUZZ_READ_ENTRY % 4 };
	for (int n = 0; n < 1 + in->two; n++)
		file_take(&in->file[n], plan.body[n], &rest);
	in->sound = true;
	if (in->two)
		in->sound &= file_make(&in->file[1], NULL, plan.care[1] % CARES);
	in->sound &= file_make(
	    &in->file[0], in->two ? &in->file[1] : NULL, plan.care[0] % CARES);
	for (int n = 0; n < 1 + in->two; n++) {
		in->shown[n] = (struct fuzz_file){ malloc(ROOM), in->file[n].size };
		if (in->shown[n].bytes == NULL)
			abort();
		memcpy(in->shown[n].bytes, in->file[n].bytes, in->file[n].size);
	}
	if (in->two && in->sound && (plan.flags & FUZZ_STRANGER) != 0)
		estrange(in);
	damage(in, plan.damage, &rest);
	in->ops = rest.at;
	in->ops_size = rest.size;
}

void
fuzz_input_free(struct fuzz_input *in)
{
	for (int n = 0; n < 2; n++) {
		free(in->file[n].bytes);
		free(in->shown[n].bytes);
	}
}
