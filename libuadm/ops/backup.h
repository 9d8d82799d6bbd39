/*
 * backup.h - the store into one file, and back.
 *
 * The file: lines of text that say what it is (head -20 shows them), an empty line, and then the
 * store as an SQLite file. `sha256` is of the latter; `mac` is a keyed hash of the lines above
 * it, by the key of the host that made it.
 */
#ifndef UADM_OPS_BACKUP_H
#define UADM_OPS_BACKUP_H

#include "libuadm/base/account.h"
#include "libuadm/ops/context.h"
#include "libuadm/ops/workdir.h"
#include "libuadm/policy/settings.h"
#include "libuadm/store/backup.h"

struct backup_manifest {
	int64_t made_at;
	char host[256];
	char uadm[32]; /* version */
	int64_t schema, generation, users, groups, audit_rows;
	int64_t size; /* of the SQLite file */
	char sha256[65];
	char mac[65];
};

/* Write a backup, mode 0600. An existing file is replaced only with `force`, and in one step; never
 * one in our own directories. */
enum uadm_code op_store_backup(struct uadm *u, const char *path, bool force,
    struct backup_manifest *m, struct uadm_err *err) UADM_CHECKED;

/* A backup that has been checked and laid out beside the store, to be looked at and taken. */
struct backup {
	struct backup_manifest manifest;
	struct store *past; /* its own store, open */
	bool other_key;     /* another key made it, or ours is new */
	bool trail_whole;
	struct workdir work; /* where it lies */
};
#define BACKUP CLEANUP(backup_done) struct backup

/* Check the file: form, size, checksum, then SQLite's own look, references, names, and trail.
 * UADM_INVALID says what is wrong with it. With another key: UADM_DENIED unless
 * `allow_other_key`. */
enum uadm_code op_backup_open(const char *path, bool allow_other_key, struct backup *b,
    struct uadm_err *err) UADM_CHECKED;
void backup_done(struct backup *b);

/* What restoring it would do to users (past_changes()), but for another store's, which is refused
 * (UADM_INVALID); then do it, in one transaction with its audit row. u->store is open. */
enum uadm_code op_backup_look(struct uadm *u, struct backup *b,
    enum uadm_code (*found)(
	void *arg, enum past_change what, const char *name, struct uadm_err *err),
    void *arg, struct uadm_err *err) UADM_CHECKED;
/* And to the policy, the host's and those of accounts: the value of now and the one that comes back. */
enum uadm_code op_backup_look_policy(struct uadm *u, struct backup *b,
    enum uadm_code (*found)(void *arg, const struct setting *setting,
	const struct past_setting *s, struct uadm_err *err),
    void *arg, struct uadm_err *err) UADM_CHECKED;
/* `unable` gets the accounts that are without an able administrator then. */
enum uadm_code op_store_restore(struct uadm *u, struct backup *b,
    enum uadm_code (*unable)(void *arg, const struct account *a, struct uadm_err *err),
    void *arg, struct uadm_err *err) UADM_CHECKED;

/* Open the store to restore into: the one there is, or a new one where there is none or, with
 * `set_aside`, in the place of one that cannot be used, which is kept under another name.
 * aside[0] is '\0' unless it was. */
enum uadm_code op_restore_place(struct uadm *u, bool set_aside, char *aside,
    size_t size, struct uadm_err *err) UADM_CHECKED;

#endif
