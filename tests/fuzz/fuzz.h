/*
 * fuzz.h - one input of bytes, made into published files and a list of lookups, and what the NSS
 * module answers held against what it may answer.
 *
 * The same code runs under libFuzzer (`make fuzz`, main_libfuzzer.c) and over the kept inputs of
 * corpus/ (tests/module/test_nss_corpus.c), in any build. It is linked with the module's own
 * objects; the files are in memory (memory.c), so that nothing on a disk is touched.
 */
#ifndef UADM_TESTS_FUZZ_FUZZ_H
#define UADM_TESTS_FUZZ_FUZZ_H

#include "libuadm/directory/format.h"

#include <stddef.h>
#include <stdint.h>

/*
 * An input: this, then for each file its header, its stale word and body[n] bytes, then the
 * damage and the lookups (run.c). What is missing at the end is zero; a body then ends early.
 */
struct fuzz_plan {
	uint8_t flags;
	uint8_t care[2]; /* enum care, of the entry and of the base */
	uint8_t damage;  /* so many bytes are changed at last: see struct fuzz_flip */
	uint16_t body[2];
};

/* In front of the lookups. Nothing puts these right. */
struct fuzz_flip {
	uint16_t where; /* in units; the high bit: in the base */
	uint8_t byte;   /* of the unit; FUZZ_CUT: the file ends here */
	uint8_t with;
};

enum { FUZZ_FLIPS = 16, FUZZ_CUT = 8, FUZZ_IN_BASE = 0x8000 };

enum {
	FUZZ_TWO = 1,
	FUZZ_READ_ENTRY = 2,
	FUZZ_READ_BASE = 4,
	FUZZ_STRANGER = 8, /* the delta is one to another base */
};

/* How much of a file is put right. Without, no mutation would ever get past a checksum. */
enum care {
	CARE_NONE,   /* as the bytes say */
	CARE_SUMS,   /* magic, size and every checksum */
	CARE_BOUNDS, /* and the parts of the file lie one behind the other, within it */
	CARE_TABLES, /* the body is nothing but records: sizes and tables are made for them */
	CARES,
};

struct fuzz_file {
	unsigned char *bytes;
	size_t size;
};

struct fuzz_input {
	struct fuzz_file file[2];  /* entry, and base if `two`, as they should be */
	struct fuzz_file shown[2]; /* as they are published */
	bool two;
	bool sound;   /* `file` holds together: every answer is known */
	bool damaged; /* and may be withheld */
	bool strange; /* and nothing may be answered */
	unsigned unmappable;
	const uint8_t *ops;
	size_t ops_size;
};

/* What happened, for the test that wants the corpus to reach it all. */
enum outcome {
	GOT_FOUND,
	GOT_NOT_FOUND,
	GOT_DAMAGED,
	GOT_TOO_SMALL,
	GOT_IN_DELTA,
	GOT_IN_BASE,
	GOT_GONE,
	GOT_BY_READING,
	GOT_MEMBERS,
	GOT_MEMBERSHIPS,
	GOT_WALKED,
	OUTCOMES,
};

/* shape.c: the caller frees with fuzz_input_free(). */
void fuzz_input_make(struct fuzz_input *in, const uint8_t *data, size_t size);
void fuzz_input_free(struct fuzz_input *in);
/* Put sums right in a file, as CARE_SUMS does; `base` may be NULL. */
void fuzz_sums(struct fuzz_file *f, const struct fuzz_file *base);

/* memory.c: what open(), lstat(), mmap() and munmap() meet at the published names. */
void memory_put(const struct fuzz_input *in, unsigned unmappable);
void memory_replace(void); /* by the same bytes, as a publish does it */
void memory_clear(void);   /* nothing is published */
unsigned memory_mapped(void);

/* run.c: NULL, or what is wrong. Adds to `outcomes`. */
const char *fuzz_run(const uint8_t *data, size_t size, unsigned outcomes[OUTCOMES]);

#endif
