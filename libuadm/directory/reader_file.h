/*
 * reader_file.h - get at the files themselves. For the reader's own files, and the writer's.
 */
#ifndef UADM_DIRECTORY_READER_FILE_H
#define UADM_DIRECTORY_READER_FILE_H

#include "libuadm/directory/reader.h"

#include <sys/stat.h>

/* Which files they are, for a later look at the names: of the entry and of its base. */
struct directory_places {
	struct {
		dev_t dev;
		ino_t ino;
	} file[2];
};

/* Open, look at and map the files in place into a view of its own (slot -1). What cannot be
 * mapped is read through the descriptor that the view then keeps, until directory_file_close().
 * Returns as directory_open() does; errno is left as it was. */
int directory_file_open(struct directory_view *v, struct directory_places *places);
void directory_file_close(struct directory_view *v);
/* Of files that are all mapped. */
void directory_file_unmap(struct directory_file files[2]);

/* Are the files in place, by name, those, and still to be trusted? */
bool directory_file_same(
    const struct directory_header *entry, const struct directory_places *places);

/* What the delta itself has of an id: FOUND is also who is gone. For the writer. */
enum directory_answer directory_delta_record(
    struct directory_view *v, uint32_t id, struct directory_entry *e);

/* Do the header's numbers hold together, for a file of `size` bytes? Nothing later looks at
 * them again. */
bool directory_header_sound(const struct directory_header *h, uint64_t size);

#endif
