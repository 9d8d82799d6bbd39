/*
 * reader_file.h - get at the file itself. For the reader's own files.
 */
#ifndef UADM_DIRECTORY_READER_FILE_H
#define UADM_DIRECTORY_READER_FILE_H

#include "libuadm/directory/reader.h"

#include <sys/stat.h>

/* Open, look at and map the file in place into a view of its own (slot -1). Where it cannot be
 * mapped the view keeps the descriptor, until directory_file_close(). Returns as
 * directory_open() does; errno is left as it was. */
int directory_file_open(struct directory_view *v, struct stat *st);
void directory_file_close(struct directory_view *v);

/* Is the file in place, by name, the one that *st was taken of, and still to be trusted? */
bool directory_file_same(dev_t dev, ino_t ino);

/* Do the header's numbers hold together, for a file of `size` bytes? Nothing later looks at
 * them again. */
bool directory_header_sound(const struct directory_header *h, uint64_t size);

#endif
