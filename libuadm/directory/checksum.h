/*
 * checksum.h - CRC32C (Castagnoli), by the processor where it can, by a table elsewhere.
 *
 * Linked into every program that looks up a user: no constructor, no thread-local storage,
 * nothing but the bytes it is given.
 */
#ifndef UADM_DIRECTORY_CHECKSUM_H
#define UADM_DIRECTORY_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/* Start with 0, or go on with what an earlier call returned. */
uint32_t crc32c(uint32_t crc, const void *data, size_t size);

/* The same by table, whatever the processor: for the test that compares them. */
uint32_t crc32c_table(uint32_t crc, const void *data, size_t size);

#endif
