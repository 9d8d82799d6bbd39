/*
 * The instruction is chosen at the first call and remembered in one word that any number of
 * threads may write: they all write the same. The C library has asked the processor already: in
 * a virtual machine cpuid traps, which costs more than the rest of a process's only lookup. An
 * ifunc would run before the host's main().
 */
#include "libuadm/directory/checksum.h"

#include <string.h>

#ifdef __x86_64__
#include <nmmintrin.h>
#include <stdatomic.h>
#include <sys/platform/x86.h>
#endif

/* The table, by the compiler: eight steps of the reflected polynomial for each byte. */
#define STEP1(c) ((c) >> 1 ^ (0x82f63b78u & (0u - ((c)&1u))))
#define STEP2(c) STEP1(STEP1(c))
#define STEP8(c) STEP2(STEP2(STEP2(STEP2(c))))
#define ROW4(n)  STEP8((n) + 0u), STEP8((n) + 1u), STEP8((n) + 2u), STEP8((n) + 3u)
#define ROW16(n) ROW4((n) + 0u), ROW4((n) + 4u), ROW4((n) + 8u), ROW4((n) + 12u)
#define ROW64(n) ROW16((n) + 0u), ROW16((n) + 16u), ROW16((n) + 32u), ROW16((n) + 48u)

static const uint32_t table[256] = { ROW64(0u), ROW64(64u), ROW64(128u), ROW64(192u) };

uint32_t
crc32c_table(uint32_t crc, const void *data, size_t size)
{
	const unsigned char *p = data;

	crc = ~crc;
	for (; size > 0; size--)
		crc = crc >> 8 ^ table[(crc ^ *p++) & 0xff];
	return ~crc;
}

#ifdef __x86_64__

enum { CPU_UNKNOWN = 0, CPU_PLAIN, CPU_SSE42 };

__attribute__((target("sse4.2"))) static uint32_t
crc32c_sse42(uint32_t crc, const void *data, size_t size)
{
	const unsigned char *p = data;
	uint64_t c = ~crc, word;
	uint32_t half;

	for (; size >= sizeof(word); p += sizeof(word), size -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		c = _mm_crc32_u64(c, word);
	}
	/* Records end like this: their own checksum is not in what is checked. */
	if (size >= sizeof(half)) {
		memcpy(&half, p, sizeof(half));
		c = _mm_crc32_u32((uint32_t)c, half);
		p += sizeof(half);
		size -= sizeof(half);
	}
	for (; size > 0; size--)
		c = _mm_crc32_u8((uint32_t)c, *p++);
	return ~(uint32_t)c;
}

static int
cpu_look(void)
{
	return CPU_FEATURE_ACTIVE(SSE4_2) ? CPU_SSE42 : CPU_PLAIN;
}

uint32_t
crc32c(uint32_t crc, const void *data, size_t size)
{
	static _Atomic int cpu = CPU_UNKNOWN;
	int known = atomic_load_explicit(&cpu, memory_order_relaxed);

	if (known == CPU_UNKNOWN) {
		known = cpu_look();
		atomic_store_explicit(&cpu, known, memory_order_relaxed);
	}
	return known == CPU_SSE42 ? crc32c_sse42(crc, data, size)
				  : crc32c_table(crc, data, size);
}

#else

uint32_t
crc32c(uint32_t crc, const void *data, size_t size)
{
	return crc32c_table(crc, data, size);
}

#endif
