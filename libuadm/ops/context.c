#include "libuadm/ops/context.h"

#include "libuadm/base/files.h"
#include "libuadm/base/paths.h"
#include "libuadm/directory/writer.h"
#include "libuadm/ops/batch.h"
#include "libuadm/ops/detail.h"
#include "libuadm/ops/highest.h"
#include "libuadm/ops/letters.h"
#include "libuadm/ops/plan.h"
#include "libuadm/ops/policy.h"
#include "libuadm/policy/settings.h"
#include "libuadm/store/audit.h"

#include <fcntl.h>
#include <pwd.h>
#include <string.h>
#include <sys/file.h>

#define KEY_NAME "secret.key"

enum uadm_code
uadm_open_config(struct uadm *u, const char *conf, struct uadm_err *err)
{
	enum uadm_code c;

	memset(u, 0, sizeof(*u));
	u->policy = policy_shipped();
	config_defaults(&u->config);
	if ((c = secrets_init(err)) != UADM_OK)
		return c;
	snprintf(u->actor, sizeof(u->actor), "root");
	if ((c = config_load(&u->config, conf, err)) != UADM_OK)
		config_defaults(&u->config);
	return c;
}

/* A store whose key is gone still has its users, but no trail can be continued. */
static enum uadm_code
load_key(struct key *key, struct uadm_err *err)
{
	enum uadm_code c =
	    key_load(UADM_CONFIG_DIR, KEY_NAME, UADM_TRUSTED_UID, key, err);

	if (c != UADM_NOT_FOUND)
		return c;
	uadm_fail(err, UADM_UNAVAILABLE, "the key %s is missing", UADM_KEY_FILE);
	return uadm_hint(err,
	    "put it back from where you keep it; or: "
	    "uadmctl store restore BACKUP --other-key --set-aside");
}

static void
fill_place(struct store_place *place, const struct key *key)
{
	struct key audit;

	*place =
	    (struct store_place){ .dir = UADM_STORE_DIR, .owner = UADM_TRUSTED_UID };
	key_derive(key, KEY_AUDIT, &audit);
	memcpy(place->audit_key, audit.bytes, sizeof(place->audit_key));
	key_wipe(&audit);
}

enum uadm_code
uadm_key(enum key_purpose purpose, struct key *out, struct uadm_err *err)
{
	CLEANUP(key_wipe) struct key key = { 0 };
	enum uadm_code c =
	    key_load(UADM_CONFIG_DIR, KEY_NAME, UADM_TRUSTED_UID, &key, err);

	if (c == UADM_OK)
		key_derive(&key, purpose, out);
	return c;
}

enum uadm_code
uadm_place(const char *dir, struct store_place *place, struct uadm_err *err)
{
	CLEANUP(key_wipe) struct key key = { 0 };
	enum uadm_code c = uadm_key(KEY_AUDIT, &key, err);

	*place = (struct store_place){ .dir = dir, .owner = UADM_TRUSTED_UID };
	memcpy(place->audit_key, key.bytes, sizeof(place->audit_key));
	return c;
}

static bool
store_is_there(void)
{
	return access(UADM_STORE_FILE, F_OK) == 0;
}

/* With another key than its own it is as with none: whatever was written would break the trail. */
static enum uadm_code
refuse_other_key(struct uadm *u, struct uadm_err *err)
{
	store_close(&u->store);
	uadm_fail(
	    err, UADM_UNAVAILABLE, "the key %s is not this store's", UADM_KEY_FILE);
	return uadm_hint(err,
	    "put the right one back from where you keep it, or, if it is lost, run: "
	    "uadmctl audit reseal --other-key");
}

static enum uadm_code
open_store(struct uadm *u, const struct key *key, bool any_key, struct uadm_err *err)
{
	struct store_place place;
	enum uadm_code c;

	key_derive(key, KEY_BUCKETS, &u->buckets);
	key_derive(key, KEY_CODES, &u->codes);
	fill_place(&place, key);
	c = store_open(&place, &u->store, err);
	explicit_bzero(&place, sizeof(place));
	if (c != UADM_OK)
		return c;
	u->other_key = !store_key_is_its_own(u->store);
	return u->other_key && !any_key ? refuse_other_key(u, err) : UADM_OK;
}

static enum uadm_code
open_with(struct uadm *u, bool any_key, struct uadm_err *err)
{
	CLEANUP(key_wipe) struct key key = { 0 };
	enum uadm_code c;

	if (geteuid() != UADM_TRUSTED_UID) {
		uadm_fail(err, UADM_DENIED, "only root can open the store");
		return uadm_hint(err, "sudo uadmctl ...");
	}
	if ((c = load_key(&key, err)) != UADM_OK) {
		if (!store_is_there()) {
			uadm_fail(err, UADM_UNAVAILABLE, "there is no store in %s",
			    UADM_STORE_DIR);
			uadm_hint(err, "make one: uadmctl store init");
		}
		return c;
	}
	if ((c = open_store(u, &key, any_key, err)) != UADM_OK)
		return c == UADM_NOT_FOUND ? (err->code = UADM_UNAVAILABLE) : c;
	if ((c = op_policy_load(u, &u->policy, err)) != UADM_INVALID)
		return c;
	err->code = UADM_UNAVAILABLE; /* other hands wrote it */
	return uadm_hint(err, "uadmctl policy set KEY default");
}

enum uadm_code
uadm_open_store(struct uadm *u, struct uadm_err *err)
{
	return open_with(u, false, err);
}

enum uadm_code
uadm_open(struct uadm *u, const char *conf, struct uadm_err *err)
{
	enum uadm_code c = uadm_open_config(u, conf, err);

	return c == UADM_OK ? open_with(u, false, err) : c;
}

enum uadm_code
uadm_open_any_key(struct uadm *u, const char *conf, struct uadm_err *err)
{
	enum uadm_code c = uadm_open_config(u, conf, err);

	return c == UADM_OK ? open_with(u, true, err) : c;
}

void
uadm_close(struct uadm *u)
{
	batch_drop(u);
	store_close(&u->store);
	letters_close(u);
	explicit_bzero(&u->buckets, sizeof(u->buckets));
	explicit_bzero(&u->codes, sizeof(u->codes));
}

/* Two at once would make two keys; the second waits for the first. */
static enum uadm_code
take_init_lock(int *fd, struct uadm_err *err)
{
	CLEANUP(cleanup_fd) int dir = -1;
	enum uadm_code c =
	    files_make_dir(UADM_STATE_DIR, 0755, UADM_TRUSTED_UID, &dir, err);

	if (c != UADM_OK)
		return c;
	if (flock(dir, LOCK_EX) != 0)
		return uadm_fail(
		    err, UADM_UNAVAILABLE, "cannot lock %s: %m", UADM_STATE_DIR);
	*fd = dir;
	dir = -1;
	return UADM_OK;
}

static enum uadm_code
note_change(struct uadm *u, int64_t wall, const char *action, const char *target,
    const char *detail, bool published, struct uadm_err *err)
{
	struct audit_row row = { 0 };
	const char *some = detail == NULL ? "" : detail;
	CLEANUP(cleanup_free) char *all = NULL;
	struct detail_rows rows;
	enum uadm_code c;

	if (asprintf(&all, "%s%s%s%s", some,
		u->glass[0] != '\0' && *some != '\0' ? " " : "",
		u->glass[0] != '\0' ? "break_glass=" : "", u->glass) < 0) {
		all = NULL;
		return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
	}
	u->glass[0] = '\0';
	snprintf(row.actor, sizeof(row.actor), "%s", u->actor);
	snprintf(row.action, sizeof(row.action), "%s", action);
	snprintf(row.target, sizeof(row.target), "%s", target == NULL ? "" : target);
	/* A row at least; more where one cannot hold it all. */
	rows = (struct detail_rows){ .rest = all };
	(void)detail_next(&rows, row.detail);
	c = audit_append(u->store, &row, wall, err);
	while (c == UADM_OK && detail_next(&rows, row.detail))
		c = audit_append(u->store, &row, wall, err);
	return c == UADM_OK && published ? store_bump_generation(u->store, err) : c;
}

/* What a store that was here before has given out is part of the new one from its beginning: in
 * one transaction with it, so that there never is one that would give it out again. */
static enum uadm_code
begin_store(struct store *st, void *arg, struct uadm_err *err)
{
	struct uadm *u = arg;
	struct uadm_err ignored;
	struct clock_now now;
	uint64_t published = 0;
	enum uadm_code c;

	if (directory_generation(
		UADM_DIRECTORY_DIR, UADM_TRUSTED_UID, &published, &ignored) != UADM_OK)
		published = 0;
	clock_read(&now);
	u->store = st;
	if ((c = highest_bar(u, now.wall, err)) == UADM_OK &&
	    (c = store_raise_generation(st, published, err)) == UADM_OK)
		c = note_change(u, now.wall, "store.init", NULL, NULL, true, err);
	u->store = NULL;
	return c;
}

enum uadm_code
op_store_init(struct uadm *u, bool *made, struct uadm_err *err)
{
	CHANGE hold = { 0 };
	CLEANUP(cleanup_fd) int lock = -1;
	CLEANUP(key_wipe) struct key key = { 0 };
	struct store_place place;
	bool key_made = false;
	enum uadm_code c;

	*made = false;
	if (geteuid() != UADM_TRUSTED_UID) {
		uadm_fail(err, UADM_DENIED, "only root can make a store");
		return uadm_hint(err, "sudo uadmctl store init");
	}
	if ((c = take_init_lock(&lock, err)) != UADM_OK)
		return c;
	if (store_is_there() && (c = load_key(&key, err)) != UADM_OK)
		return c;
	if ((c = key_make(UADM_CONFIG_DIR, KEY_NAME, UADM_TRUSTED_UID, &key_made,
		 err)) != UADM_OK ||
	    (c = load_key(&key, err)) != UADM_OK)
		return c;
	fill_place(&place, &key);
	change_hold(&hold);
	c = store_create(&place, begin_store, u, err);
	*made = c == UADM_OK;
	explicit_bzero(&place, sizeof(place));
	return c == UADM_OK || c == UADM_EXISTS ? open_store(u, &key, false, err) : c;
}

void
uadm_actor_name(pid_t pid, char *out, size_t size)
{
	char path[40], text[16] = "";
	const struct passwd *pw;

	snprintf(path, sizeof(path), "/proc/%d/loginuid", (int)pid);
	CLEANUP(cleanup_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
	unsigned long uid = n > 0 ? strtoul(text, NULL, 10) : 0;

	snprintf(out, size, geteuid() == 0 ? "root" : "uid %u", (unsigned)geteuid());
	if (uid == 0 || uid >= 4294967295UL)
		return;
	pw = getpwuid((uid_t)uid);
	if (pw != NULL)
		snprintf(out, size, "root (login %s)", pw->pw_name);
	else
		snprintf(out, size, "root (login uid %lu)", uid);
}

struct pwhash_cost
uadm_hash_cost(const struct uadm *u)
{
	return (struct pwhash_cost){ .opslimit = (unsigned long long)u->config.opslimit,
		.memlimit = (size_t)u->config.memlimit };
}

bool
signals_hold(sigset_t *before)
{
	static const int held[] = { SIGTSTP, SIGTTIN, SIGTTOU, SIGINT, SIGQUIT, SIGTERM,
		SIGHUP };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_LEN(held); i++)
		sigaddset(&set, held[i]);
	return sigprocmask(SIG_BLOCK, &set, before) == 0;
}

void
change_hold(struct change *ch)
{
	ch->held = signals_hold(&ch->before);
}

enum uadm_code
change_begin(struct change *ch, struct uadm *u, struct uadm_err *err)
{
	enum uadm_code c;

	/* First, for signals are let go in the reverse order. */
	if (u->batch.on && (c = batch_begin(u, err)) != UADM_OK)
		return c;
	change_hold(ch);
	u->glass[0] = '\0'; /* of a change that came to nothing */
	clock_read(&ch->now);
	return u->batch.on ? txn_begin_part(&ch->txn, u->store, err)
			   : txn_begin(&ch->txn, u->store, err);
}

enum uadm_code
change_note(struct change *ch, struct uadm *u, const char *action, const char *target,
    const char *detail, bool published, struct uadm_err *err)
{
	return note_change(u, ch->now.wall, action, target, detail, published, err);
}

enum uadm_code
change_end(struct change *ch, struct uadm *u, struct uadm_err *err)
{
	enum uadm_code c;

	if (u->dry_run) {
		c = plan_look(u, err);
		txn_done(&ch->txn);
		return c;
	}
	return txn_commit(&ch->txn, err);
}

enum uadm_code
change_commit(struct change *ch, struct uadm *u, const char *action, const char *target,
    const char *detail, bool published, struct uadm_err *err)
{
	enum uadm_code c = change_note(ch, u, action, target, detail, published, err);

	return c == UADM_OK ? change_end(ch, u, err) : c;
}

void
change_done(struct change *ch)
{
	txn_done(&ch->txn);
	if (ch->held)
		sigprocmask(SIG_SETMASK, &ch->before, NULL);
	ch->held = false;
}
