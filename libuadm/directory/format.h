/*
 * format.h - the published files, byte for byte. Reader and writer share nothing else.
 *
 *	0	struct directory_header
 *	2048	the stale word (uint32_t)
 *	4096	buckets of the table by name, then as many of the table by id
 *		user records by rising uid, from directory_users_at()
 *		group records by rising gid, from groups_at
 *		records of who is gone, from gone_at to the end
 *
 * Readers open one name, `directory`. The file there is either whole, or a delta: what has
 * changed since another whole file, its base, which lies beside it as `base.` and the first half
 * of its seed in 16 hex digits. The delta's header names its base by seed, generation and the
 * base's own header checksum, so no other file can pass for it. What a delta has a record of, by
 * name or by id, its base is not asked for; a record of who is gone says that there is nobody.
 * Only a delta has such records; a base is never a delta itself.
 *
 * A base is a whole file that got a second name before the first was given to a delta. So
 * nothing is ever copied, and a change costs what has changed since the base was written, not
 * what there is. The writer begins a new whole file when that becomes too much.
 *
 * A file is written once, beside, and renamed into place; it is never truncated and never
 * changed, except for the stale word. So a mapping of it stays whole for as long as somebody
 * has it: no reader can run into SIGBUS. The stale word is that of the file that readers opened
 * by name; in a base nobody looks at it.
 *
 * Two tables serve all four lookups, because published names share one namespace and so do
 * ids: a user's record is also the record of the private group (gid = uid, same name, no
 * members). Which kind a record is, its place says.
 *
 * A lookup costs one bucket (one cache line) and one record, in which everything that the
 * answer consists of lies together, under one checksum; in front of that the bucket of a delta,
 * which is small enough to stay in the processor's cache.
 *
 * Threat: a damaged or chosen content. Checksums are CRC32C (accidents; against people the
 * file's owner and mode are the defence). They start from a value made of the file's seed and
 * of the record's own offset, so neither a record that stands in the wrong place nor a disk
 * block of an older file passes. The seed also keys the hash, so nobody can choose
 * names or ids that collide; it is drawn after they are known, for each file anew. In a delta
 * the hash is the base's, times a number from the delta's own seed: one lookup hashes once, and
 * names that were chosen to meet in the base, whose seed is no secret, part again.
 *
 * Everything is in host byte order: the file never leaves its host, and the version would not
 * match elsewhere. Magic and stale word stay where they are in every later version, so
 * that a new writer can tell the readers of an old file.
 */
#ifndef UADM_DIRECTORY_FORMAT_H
#define UADM_DIRECTORY_FORMAT_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define DIRECTORY_MAGIC "uadmdir" /* with its NUL */

enum {
	DIRECTORY_VERSION = 2,
	DIRECTORY_STALE_AT = 2048, /* outside of every checksum */
	DIRECTORY_BODY_AT = 4096,
	DIRECTORY_UNIT = 8,         /* records begin and end at multiples of it */
	DIRECTORY_BUCKET_SLOTS = 7, /* what fits a cache line */
	DIRECTORY_BUCKET_FILL = 4,  /* entries a bucket, on average */
	DIRECTORY_PROBES = 16,      /* buckets looked at; the writer sees to it */
	DIRECTORY_NAME_MAX = 63,    /* bytes */
	DIRECTORY_ID_MIN = 1000,
};

struct directory_header {
	char magic[8];
	uint32_t version;
	uint32_t crc; /* of this struct with 0 here */
	uint64_t generation;
	uint64_t seed[2];
	uint64_t size; /* of the file */
	uint64_t groups_at;
	uint64_t gone_at;
	uint64_t base_seed[2]; /* from here to base_crc: all 0 in a whole file */
	uint64_t base_generation;
	uint32_t delta;    /* 1: there is a base */
	uint32_t base_crc; /* of the base's header, as it stands there */
	uint32_t buckets;  /* of each table */
	uint32_t users;
	uint32_t groups;
	uint32_t gone;
	uint32_t
	    body_crc; /* from DIRECTORY_BODY_AT on; for `store check`, not for lookups */
	uint32_t origin; /* what it was made from, as a number of the writer's caller */
};

/* An entry goes to the bucket its hash chooses or, where that is full, to the next one with
 * room; `more` is set in those it passed. Absence is proven by the bucket's checksum. */
struct directory_bucket {
	uint32_t crc; /* of what follows it */
	uint16_t used;
	uint16_t more;
	uint32_t tag[DIRECTORY_BUCKET_SLOTS]; /* low half of the hash */
	uint32_t at[DIRECTORY_BUCKET_SLOTS];  /* offset of the record, in units */
};

/* Followed by
 * - user: gids (uint32_t x count), then name, gecos, home, shell, each with its NUL;
 * - group: name with its NUL, then the members' names (count of them, members_size bytes in
 *   all), each with its NUL;
 * - who is gone: like a group without members. By its name it is found only where that has not
 *   become somebody else's;
 * and zeros up to the unit. */
struct directory_record {
	uint32_t crc; /* of what follows it, up to `size` */
	uint32_t size;
	uint32_t id;
	uint32_t count;
	uint32_t members_size;
	uint16_t name_len;
	uint16_t gecos_len;
	uint16_t home_len;
	uint16_t shell_len;
	uint32_t
	    stamp; /* in a delta: which change it comes from; for the writer alone */
};

_Static_assert(sizeof(struct directory_header) == 120, "no padding");
_Static_assert(sizeof(struct directory_bucket) == 64, "one cache line");
_Static_assert(sizeof(struct directory_record) == 32, "no padding");

static inline uint64_t
directory_names_at(void)
{
	return DIRECTORY_BODY_AT;
}

static inline uint64_t
directory_ids_at(const struct directory_header *h)
{
	return DIRECTORY_BODY_AT +
	    (uint64_t)h->buckets * sizeof(struct directory_bucket);
}

static inline uint64_t
directory_users_at(const struct directory_header *h)
{
	return directory_ids_at(h) +
	    (uint64_t)h->buckets * sizeof(struct directory_bucket);
}

/* What a record's size has to be. 64 bits: nothing in `r` can make it overflow. */
static inline uint64_t
directory_record_size(const struct directory_record *r, bool user)
{
	uint64_t size = sizeof(*r) + (uint64_t)r->name_len + 1;

	if (user)
		size += (uint64_t)r->count * sizeof(uint32_t) + r->gecos_len +
		    r->home_len + r->shell_len + 3;
	else
		size += r->members_size;
	return (size + DIRECTORY_UNIT - 1) / DIRECTORY_UNIT * DIRECTORY_UNIT;
}

/* Is `base` the file that this header of a delta means? */
static inline bool
directory_is_base_of(
    const struct directory_header *delta, const struct directory_header *base)
{
	return base->delta == 0 && base->crc == delta->base_crc &&
	    base->generation == delta->base_generation &&
	    base->seed[0] == delta->base_seed[0] &&
	    base->seed[1] == delta->base_seed[1];
}

/* The name of a base, from the first half of its seed. Without printf, for readers may be in a
 * signal handler. */
#define DIRECTORY_BASE_PREFIX "base."
#define DIRECTORY_BASE_SIZE   sizeof(DIRECTORY_BASE_PREFIX "0123456789abcdef")

static inline char *
directory_base_name(uint64_t seed, char out[DIRECTORY_BASE_SIZE])
{
	char *end = out + DIRECTORY_BASE_SIZE - 1;

	memcpy(out, DIRECTORY_BASE_PREFIX, sizeof(DIRECTORY_BASE_PREFIX) - 1);
	*end = '\0';
	for (int i = 0; i < 16; i++, seed >>= 4)
		*--end = "0123456789abcdef"[seed & 15];
	return out;
}

/* Whatever the file says: the system's ids, nobody and (uid_t)-1 are never ours. */
static inline bool
directory_id_allowed(uint32_t id)
{
	return id >= DIRECTORY_ID_MIN && id != 65534 && id != UINT32_MAX;
}

/* Where a checksum starts, for the bucket or record at `offset`. CRCs of two starts differ for
 * any content, so the offset needs no bytes of its own. */
static inline uint32_t
directory_crc_start(const struct directory_header *h, uint64_t offset)
{
	return (uint32_t)(h->seed[0] ^ h->seed[1] >> 32) ^
	    (uint32_t)(offset / DIRECTORY_UNIT);
}

/* From the hash in the base to that in the delta. */
static inline uint64_t
directory_delta_hash(const struct directory_header *delta, uint64_t hash)
{
	return hash * (delta->seed[0] | 1);
}

static inline uint32_t
directory_bucket_of(const struct directory_header *h, uint64_t hash)
{
	return (uint32_t)((hash >> 32) * h->buckets >> 32);
}

#endif
