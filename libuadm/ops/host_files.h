/*
 * host_files.h - the files that `host enable` may touch: reading, comparing, replacing them.
 * Private to host_*.c.
 */
#ifndef UADM_OPS_HOST_FILES_H
#define UADM_OPS_HOST_FILES_H

#include "libuadm/base/error.h"
#include "libuadm/ops/host.h"

#include <sys/types.h>

enum host_kind { HOST_PAM_STATE = 0, HOST_PAM_CONFIG, HOST_NSSWITCH };

struct host_file {
	const char *dir, *name, *path;
	enum host_kind kind;
	const char *type; /* HOST_PAM_CONFIG: what its lines begin with */
};

/* In the order in which enable writes them; disable goes backwards. */
extern const struct host_file host_files[HOST_FILES_MAX];

/* One file as it is, was, or shall be. An absent one has no text. */
struct host_text {
	char *text; /* owned; NUL-ended, and no NUL in it */
	mode_t mode;
	uid_t uid;
	gid_t gid;
};

/* All of them, index for index; owns the texts. */
struct host_set {
	struct host_text at[HOST_FILES_MAX];
};

void host_set_wipe(struct host_set *set);

enum uadm_code host_set_read(struct host_set *set, struct uadm_err *err) UADM_CHECKED;

/* false: out of memory. */
bool host_text_copy(struct host_text *to, const struct host_text *from);
bool host_text_equal(const struct host_text *a, const struct host_text *b);

/* Does an active line of it name uadm? `all`: everywhere where it should. */
bool host_text_is_wired(const struct host_file *f, const struct host_text *t, bool all);

/* Make file `i`, which must still be `from`, into `to`; as a whole and durable. UADM_BUSY when
 * it is neither `from` nor `to` by now. */
enum uadm_code host_file_put(unsigned i, const struct host_text *from,
    const struct host_text *to, struct uadm_err *err) UADM_CHECKED;

/* Remove what a crash in the middle of host_file_put() left beside the files. */
void host_files_sweep(void);

/* What came before a change and what after: written before the first change. */
struct host_snapshot {
	struct host_set before, after;
};

void host_snapshot_wipe(struct host_snapshot *s);

/* UADM_NOT_FOUND when there is none. */
enum uadm_code host_snapshot_read(
    struct host_snapshot *s, struct uadm_err *err) UADM_CHECKED;
enum uadm_code host_snapshot_write(
    int dir, const struct host_snapshot *s, struct uadm_err *err) UADM_CHECKED;

/* It served its purpose. `keep`: rename it to snapshot.last, for a person to look into. */
enum uadm_code host_snapshot_drop(
    int dir, bool keep, struct uadm_err *err) UADM_CHECKED;

/* Unified diff of two texts (NULL: no file) in one hunk; "" when equal, NULL out of memory. */
char *host_diff(const char *path, const char *before, const char *after);

/* host_pam.c */
enum host_pam_verb { HOST_PAM_ENABLE, HOST_PAM_REMOVE };

/* What pam-auth-update would make of `set`: *out gets all PAM files, nsswitch.conf left out.
 * Runs it on a copy and touches nothing else. Fails when its result is not what it must be. */
enum uadm_code host_pam_plan(enum host_pam_verb verb, const struct host_set *set,
    struct host_set *out, struct uadm_err *err) UADM_CHECKED;

/* Threat: somebody takes the pam_uadm line out of a common-* file and leaves the one before it,
 * which jumps over it for local users: then it jumps over a rule of somebody else's, over a
 * pam_deny of the including service, say. Such a stray jump is ours where it is the last line of
 * the file, and anywhere in it where enable is known to have written there and the file no longer
 * names us. */
enum host_pam_strays { HOST_STRAYS_NONE = 0, HOST_STRAYS_LAST, HOST_STRAYS_ALL };
size_t host_pam_strays(const char *text, bool all);

/* Which jumps in file `i` of `now` are ours if nothing of ours is behind them, and how many there
 * are. `s` may be NULL. */
enum host_pam_strays host_strays_known(
    const struct host_set *now, const struct host_snapshot *s, size_t i);
size_t host_strays_in(
    const struct host_set *now, const struct host_snapshot *s, size_t i);

/* The text with our lines turned into lines without effect, for files that pam-auth-update
 * refuses to touch. Their number stays, for jumps count lines. */
char *host_pam_neutralise(const char *text, enum host_pam_strays strays);

/* The text without our lines and jumps, to compare the rest of it. */
char *host_pam_drop(const char *text);

/* Is pam-auth-update there at all? */
bool host_pam_is_debian(void);

/* Take back what the snapshot (NULL: none) and the present files say; disable's work. */
enum uadm_code host_take_back(int dir, const struct host_snapshot *s, bool dry_run,
    struct host_report *report, struct uadm_err *err) UADM_CHECKED;

/* host_disable() of who has the lock of `dir` already. */
enum uadm_code host_disable_locked(int dir, bool dry_run, struct host_report *report,
    struct uadm_err *err) UADM_CHECKED;
/* Would enable know what to write? Runs pam-auth-update on a copy, as enable would on a host that
 * is half enabled. */
enum uadm_code host_could_enable(struct uadm_err *err) UADM_CHECKED;

/* host_enable.c: UADM_HOST_DIR, made where missing, and locked. */
enum uadm_code host_dir_lock(int *dir, struct uadm_err *err) UADM_CHECKED;

/* Is the i-th of what the lines need there, root's and nobody else's to write? */
enum { HOST_NEEDED = 6 };
enum uadm_code host_has(size_t i, struct uadm_err *err) UADM_CHECKED;

/* Add lines to the report's advice, to be freed by its wipe. */
void host_report_advise(struct host_report *report, const char *fmt, ...)
    UADM_PRINTF(2, 3);
void host_report_add(struct host_report *report, unsigned file, enum host_what what,
    const char *before, const char *after);

#endif
