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

static inline uint64_t
directory_hash(const uint64_t seed[2], const void *data, size_t size)
{
	struct sip s = { seed[0] ^ 0x736f6d6570736575, seed[1] ^ 0x646f72616e646f6d,
		seed[0] ^ 0x6c7967656e657261, seed[1] ^ 0x7465646279746573 };
	const unsigned char *p = data;
	uint64_t word, last = (uint64_t)size << 56;

	for (; size >= sizeof(word); p += sizeof(word), size -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		sip_word(&s, word);
	}
	for (size_t i = 0; i < size; i++)
		last |= (uint64_t)p[i] << 8 * i;
	sip_word(&s, last);
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
