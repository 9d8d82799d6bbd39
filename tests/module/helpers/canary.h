/*
 * canary.h - passwords that are looked for in the memory of the program itself (P24). They are kept
 * masked, so that the searcher does not find its own copy.
 */
#ifndef UADM_TESTS_MODULE_CANARY_H
#define UADM_TESTS_MODULE_CANARY_H

#include <fcntl.h>
#include <security/pam_appl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CANARY_SIZE = 24, CANARY_COUNT = 2, CANARY_MASK = 0x55 };

#define M(c) ((c) ^ CANARY_MASK)
/* canary-7qK0wZb3xV9mT5pLe and magpie+4Hd8sRf2jXu6gYn0 */
static const unsigned char canary_masked[CANARY_COUNT][CANARY_SIZE] = {
	{ M('c'), M('a'), M('n'), M('a'), M('r'), M('y'), M('-'), M('7'), M('q'),
	    M('K'), M('0'), M('w'), M('Z'), M('b'), M('3'), M('x'), M('V'), M('9'),
	    M('m'), M('T'), M('5'), M('p'), M('L'), M('e') },
	{ M('m'), M('a'), M('g'), M('p'), M('i'), M('e'), M('+'), M('4'), M('H'),
	    M('d'), M('8'), M('s'), M('R'), M('f'), M('2'), M('j'), M('X'), M('u'),
	    M('6'), M('g'), M('Y'), M('n'), M('0'), M('Q') },
};
#undef M

/* A copy from malloc, as a conversation has to give it. */
static inline char *
canary_copy(int which)
{
	volatile char *copy = calloc(1, CANARY_SIZE + 1);

	for (int i = 0; copy != NULL && i < CANARY_SIZE; i++)
		copy[i] = (char)(canary_masked[which][i] ^ CANARY_MASK);
	return (char *)copy;
}

/* All but the first bytes, which an allocator overwrites in what was freed. */
static inline bool
canary_is_at(const unsigned char *p, int which)
{
	for (int i = 4; i < CANARY_SIZE; i++)
		if ((p[i] ^ CANARY_MASK) != canary_masked[which][i])
			return false;
	return true;
}

/* How many there are in what this process can write to; -1 when that cannot be read. */
static inline long
canary_find(void)
{
	static unsigned char page[4096 + CANARY_SIZE];
	unsigned long from, to;
	long found = 0;
	char line[512], mode[8];
	FILE *maps = fopen("/proc/self/maps", "re");
	int mem = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);

	if (maps == NULL || mem < 0)
		return -1;
	while (fgets(line, sizeof(line), maps) != NULL) {
		if (sscanf(line, "%lx-%lx %7s", &from, &to, mode) != 3 ||
		    mode[1] != 'w' || to - from > 1UL << 30)
			continue;
		for (unsigned long at = from; at < to; at += 4096) {
			ssize_t n = pread(mem, page, sizeof(page), (off_t)at);

			/* One that begins in this page is counted with it, and not again. */
			for (ssize_t i = 0; i < 4096 && i + CANARY_SIZE <= n; i++)
				for (int w = 0; w < CANARY_COUNT; w++)
					found += canary_is_at(page + i, w);
			explicit_bzero(page, sizeof(page));
		}
	}
	fclose(maps);
	close(mem);
	return found;
}

#endif
