/*
 * key.h - the host's secret key (/etc/uadm/secret.key, 32 random bytes), split by purpose so
 * that a value made for one is worthless for another.
 */
#ifndef UADM_SECRETS_KEY_H
#define UADM_SECRETS_KEY_H

#include "libuadm/base/error.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { KEY_SIZE = 32 };

enum key_purpose {
	KEY_AUDIT = 1,   /* the audit chain */
	KEY_BUCKETS = 2, /* where attempts on unknown names are counted */
	KEY_BACKUP = 3,  /* that a backup was made here */
	KEY_SEAL = 4,    /* secrets that are read again: seal.h */
	KEY_CODES = 5,   /* hashes of one-time codes */
};

struct key {
	unsigned char bytes[KEY_SIZE];
};

/* Make the key file when there is none. *made tells. Never replaces one. */
enum uadm_code key_make(const char *dir, const char *name, uid_t owner, bool *made,
    struct uadm_err *err) UADM_CHECKED;

/* UADM_NOT_FOUND when there is none; UADM_UNAVAILABLE when it is not ours, loose or damaged. */
enum uadm_code key_load(const char *dir, const char *name, uid_t owner, struct key *out,
    struct uadm_err *err) UADM_CHECKED;

void key_derive(const struct key *key, enum key_purpose purpose, struct key *out);
void key_wipe(struct key *key);

/* A number from 0 to `buckets`-1 that only the key's holder can predict. */
uint32_t key_bucket(const struct key *key, const char *text, uint32_t buckets);

#endif
