/*
 * floor.c - what the memory alone takes for a lookup.
 *
 *	floor FILE
 *
 * Maps the published file as the module does, and reads what a lookup cannot do without: a bucket at
 * random, and the first line of a record at random whose address depends on what was in the bucket;
 * for somebody whom there is not, the bucket alone. No hash, no checksum, no comparison, no answer.
 * A line for each, as bench/lookup has them. Run by bench/lookups.py.
 */
#include "libuadm/directory/format.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 9, PLACES = 200000 };

static uint64_t bucket[PLACES], record[PLACES]; /* offsets, in the order of the reads */

static double
now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* `mask` is 0, which the compiler does not know: each address waits for the read before it. */
static double
read_all(const unsigned char *file, int both, uint64_t mask)
{
	double from = now_ns();
	uint64_t next = 0;

	for (int i = 0; i < PLACES; i++) {
		next = *(const uint32_t *)(file + bucket[i] + next) & mask;
		if (both)
			next = *(const uint32_t *)(file + record[i] + next) & mask;
	}
	return (now_ns() - from) / PLACES + (double)next;
}

static void
measure(const unsigned char *file, const char *label, const char *who, int both)
{
	static volatile uint64_t zero;
	double ns[ROUNDS];

	read_all(file, both, zero);
	for (int i = 0; i < ROUNDS; i++)
		ns[i] = read_all(file, both, zero);
	qsort(ns, ROUNDS, sizeof(*ns), by_value);
	printf("%s\t%s\t%.1f\t%.1f\t%d\t%d\t%d\n", label, who, ns[ROUNDS / 2], ns[0],
	    ROUNDS, PLACES, PLACES);
}

int
main(int argc, char **argv)
{
	int fd = argc == 2 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;
	const struct directory_header *h;
	const unsigned char *file;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0 ||
	    (file = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0)) ==
		MAP_FAILED) {
		fputs("usage: floor FILE\n", stderr);
		return 1;
	}
	h = (const void *)file;
	srandom(1);
	for (int i = 0; i < PLACES; i++) {
		uint64_t users = h->groups_at - directory_users_at(h);

		bucket[i] = directory_names_at() +
		    (uint64_t)random() % h->buckets * sizeof(struct directory_bucket);
		record[i] =
		    directory_users_at(h) + (uint64_t)random() % users / 64 * 64;
	}
	measure(file, "getpwnam", "two reads", 1);
	measure(file, "miss", "one read", 0);
	return 0;
}
