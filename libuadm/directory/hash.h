/*
 * hash.h - SipHash-1-3, the keyed hash of the directory's tables.
 *
 * Threat: names and ids are chosen by people; without a key they could be chosen to collide
 * and turn every lookup of every program on the host into a scan. Inline, since it is a
 * quarter of a warm lookup.
 */
#ifndef UADM_DIRECTORY_HASH_H
#define UADM_DIRECTORY_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct sip {
	uint64_t v0, v1, v2, v3;
};

static inline uint64_t
sip_rotate(uint64_t x, int bits)
{
	return x << bits | x >> (64 - bits);
}

static inline void
sip_round(struct sip *s)
{
	s->v0 += s->v1;
	s->v2 += s->v3;
	s->v1 = sip_rotate(s->v1, 13) ^ s->v0;
	s->v3 = sip_rotate(s->v3, 16) ^ s->v2;
	s->v0 = sip_rotate(s->v0, 32) + s->v3;
	s->v2 += s->v1;
	s->v1 = sip_rotate(s->v1, 17) ^ s->v2;
	s->v3 = sip_rotate(s->v3, 21) ^ s->v0;
	s->v2 = sip_rotate(s->v2, 32);
}

static inline void
sip_word(struct sip *s, uint64_t word)
{
	s->v3 ^= word;
	sip_round(s);
	s->v0 ^= word;
}

/* The last size % 8 of `size` bytes at `p`, as a number. No loop: names differ in length at
 * every call, and each wrong guess of the processor's costs as much as the hash. */
static inline uint64_t
sip_tail(const unsigned char *p, size_t size)
{
	size_t rest = size % 8;
	uint64_t word = 0;
	uint32_t low, high;

	if (rest == 0)
		return 0;
	if (size > 8) {
		memcpy(&word, p + size - 8, 8);
		return word >> 8 * (8 - rest);
	}
	if (rest >= 4) {
		memcpy(&low, p, 4);
		memcpy(&high, p + rest - 4, 4);
		return low | (uint64_t)high << 8 * (rest - 4);
	}
	return p[0] | (uint64_t)p[rest / 2] << 8 * (rest / 2) |
	    (uint64_t)p[rest - 1] << 8 * (rest - 1);
}

static inline uint64_t
directory_hash(const uint64_t seed[2], const void *data, size_t size)
{
	struct sip s = { seed[0] ^ 0x736f6d6570736575, seed[1] ^ 0x646f72616e646f6d,
		seed[0] ^ 0x6c7967656e657261, seed[1] ^ 0x7465646279746573 };
	const unsigned char *p = data;

	for (size_t i = 0; i + 8 <= size; i += 8) {
		uint64_t word;

		memcpy(&word, p + i, 8);
		sip_word(&s, word);
	}
	sip_word(&s, (uint64_t)size << 56 | sip_tail(p, size));
	s.v2 ^= 0xff;
	sip_round(&s);
	sip_round(&s);
	sip_round(&s);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

static inline uint64_t
directory_hash_id(const uint64_t seed[2], uint32_t id)
{
	return directory_hash(seed, &id, sizeof(id));
}

#endif
