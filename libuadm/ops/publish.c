/*
 * publish.c - from the store to the files that NSS reads: what has changed since a whole file was
 * written, or everything.
 *
 * Threat: a name that another source of this host knows (say, a daemon's user that a package
 * made after our user) must keep its meaning. Local files win: such users and groups are left
 * out of the published file.
 */
#include "libuadm/policy/publish.h"
#include "libuadm/base/names.h"
#include "libuadm/base/paths.h"
#include "libuadm/directory/reader.h"
#include "libuadm/directory/writer.h"
#include "libuadm/ops/context.h"
#include "libuadm/ops/highest.h"
#include "libuadm/ops/local.h"
#include "libuadm/ops/published.h"
#include "libuadm/ops/show.h"
#include "libuadm/store/changes.h"
#include "libuadm/store/groups.h"
#include "libuadm/store/users.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

struct filling {
	struct directory_writer *w;
	const struct local_names *local;
	id_t *left_out; /* as a rule none */
	size_t left_out_count;
};

static bool
is_left_out(const struct filling *f, id_t id)
{
	for (size_t i = 0; i < f->left_out_count; i++)
		if (f->left_out[i] == id)
			return true;
	return false;
}

static enum uadm_code
leave_out(struct filling *f, id_t id, struct uadm_err *err)
{
	id_t *more = reallocarray(f->left_out, f->left_out_count + 1, sizeof(*more));

	if (more == NULL)
		return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
	f->left_out = more;
	f->left_out[f->left_out_count++] = id;
	return UADM_OK;
}

/* A text that was taken when fewer were refused, or that other hands wrote, keeps nobody else's
 * changes from showing: it is published escaped. */
static const char *
publishable(const char *text, char out[UADM_DISPLAY_SIZE])
{
	struct uadm_err ignored;

	return text_check("display name", text, UADM_DISPLAY_SIZE, &ignored) == UADM_OK
	    ? text
	    : text_escape(out, UADM_DISPLAY_SIZE, text);
}

static enum uadm_code
add_user(void *arg, const struct user *u, struct uadm_err *err)
{
	struct filling *f = arg;
	char name[UADM_DISPLAY_SIZE], gecos[UADM_DISPLAY_SIZE];

	if (local_has(f->local, u->name, u->uid))
		return leave_out(f, u->uid, err);
	return directory_add_user(f->w,
	    &(struct directory_user){ .name = u->name,
		.uid = u->uid,
		.gecos = publishable(user_display_name(u, name), gecos),
		.home = u->home,
		.shell = u->shell },
	    err);
}

static enum uadm_code
add_group(void *arg, gid_t gid, const char *name, struct uadm_err *err)
{
	struct filling *f = arg;

	if (local_has(f->local, name, gid))
		return leave_out(f, gid, err);
	return directory_add_group(f->w, name, gid, err);
}

static enum uadm_code
add_pair(void *arg, gid_t gid, uid_t uid, struct uadm_err *err)
{
	struct filling *f = arg;

	if (is_left_out(f, gid) || is_left_out(f, uid))
		return UADM_OK;
	return directory_add_member(f->w, gid, uid, err);
}

/* What the files are made from besides the store: when it is another, so is what everybody would
 * be published as. */
static uint64_t
settings_of(const struct uadm *u, const struct local_names *local)
{
	return local_fingerprint(local) ^ (uint64_t)u->config.max_group_members;
}

/* What they are made from, generation aside. */
static uint32_t
origin_of(const struct uadm *u, const struct local_names *local, uint32_t mark)
{
	uint64_t settings = settings_of(u, local);

	return (uint32_t)(settings ^ settings >> 32) ^ mark;
}

/* Everything there is, in this generation. */
static enum uadm_code
fill(struct uadm *u, struct filling *f, uint64_t *generation, struct uadm_err *err)
{
	TXN t = { 0 };
	uint32_t mark = 0;
	enum uadm_code c;

	directory_limit_members(f->w, (size_t)u->config.max_group_members);

	if ((c = txn_read(&t, u->store, err)) != UADM_OK ||
	    (c = store_generation(u->store, generation, &mark, err)) != UADM_OK)
		return c;
	directory_origin(f->w, origin_of(u, f->local, mark));
	if ((c = users_each_published(u->store, add_user, f, err)) != UADM_OK ||
	    (c = groups_each_published(u->store, add_group, f, err)) != UADM_OK)
		return c;
	return groups_each_pair(u->store, add_pair, f, err);
}

/* One that has changed: what it is now, if anything. */
struct changing {
	struct filling f;
	struct uadm *u;
	bool there;    /* and shown */
	int64_t shown; /* members of a group */
};

static enum uadm_code
add_changed_pair(void *arg, const struct pair *p, struct uadm_err *err)
{
	const struct changing *k = arg;
	struct directory_writer *w = k->f.w;
	enum uadm_code c;

	if (local_has(k->f.local, p->group, p->gid) ||
	    local_has(k->f.local, p->user, p->uid))
		return UADM_OK;
	if ((c = directory_mention_group(w, p->group, p->gid, err)) != UADM_OK ||
	    (c = directory_mention_user(w, p->user, p->uid, err)) != UADM_OK)
		return c;
	return directory_add_member(w, p->gid, p->uid, err);
}

static enum uadm_code
add_changed_user(void *arg, const struct user *user, struct uadm_err *err)
{
	struct changing *k = arg;
	enum uadm_code c;

	if (local_has(k->f.local, user->name, user->uid))
		return UADM_OK;
	k->there = true;
	if ((c = add_user(&k->f, user, err)) != UADM_OK)
		return c;
	return changes_pairs_of_user(k->u->store, user->uid, add_changed_pair, k, err);
}

static enum uadm_code
count_pair(void *arg, const struct pair *p, struct uadm_err *err)
{
	struct changing *k = arg;

	(void)err;
	k->shown += !local_has(k->f.local, p->user, p->uid);
	return UADM_OK;
}

/* How many members a group has that are certainly too many: each local name hides one at the most. */
static int64_t
too_many(const struct changing *k)
{
	int64_t most = k->u->config.max_group_members;
	const char *name;
	size_t n = 0;
	id_t id;

	while (local_nth(k->f.local, n, &name, &id))
		n++;
	return most == 0 ? 0 : most + (int64_t)n;
}

static enum uadm_code
add_changed_group(
    void *arg, gid_t gid, const char *name, bool large, struct uadm_err *err)
{
	struct changing *k = arg;
	int64_t most = k->u->config.max_group_members;
	enum uadm_code c;

	if (local_has(k->f.local, name, gid))
		return UADM_OK;
	k->there = true;
	k->shown = 0;
	/* Who is not shown does not count, as where everything is published. */
	if (!large && most > 0 &&
	    (c = changes_pairs_in_group(k->u->store, gid, count_pair, k, err)) !=
		UADM_OK)
		return c;
	if (large || (most > 0 && k->shown > most))
		return directory_add_large_group(k->f.w, name, gid, err);
	if ((c = directory_add_group(k->f.w, name, gid, err)) != UADM_OK)
		return c;
	return changes_pairs_in_group(k->u->store, gid, add_changed_pair, k, err);
}

/* From the delta in place, if that was made after this change; else from the store. */
static enum uadm_code
add_changed(void *arg, id_t id, uint32_t stamp, struct uadm_err *err)
{
	struct changing *k = arg;
	bool kept;
	enum uadm_code c;

	if ((c = directory_keep(k->f.w, id, stamp, &kept, err)) != UADM_OK || kept)
		return c;
	k->there = false;
	directory_stamp(k->f.w, stamp);
	if ((c = users_published(k->u->store, id, add_changed_user, k, err)) !=
		UADM_OK ||
	    (c = changes_group(
		 k->u->store, id, too_many(k), add_changed_group, k, err)) != UADM_OK)
		return c;
	return k->there ? UADM_OK : directory_add_gone(k->f.w, id, err);
}

/* Does the published file show a name or a number that a local one has taken since? */
static bool
shows_local(const struct local_names *local)
{
	struct directory_view v;
	struct directory_entry e;
	bool shown = false;
	const char *name;
	id_t id;

	if (directory_open(&v) != 0)
		return true;
	for (size_t i = 0; !shown && local_nth(local, i, &name, &id); i++)
		shown = directory_by_name(&v, name, &e) == DIRECTORY_FOUND ||
		    directory_by_id(&v, id, &e) == DIRECTORY_FOUND;
	directory_close(&v);
	return shown;
}

/* Asked at the end of every command, and the files may be large: the headers have to be sound and
 * the sizes right. For the rest there is a checksum in each record, and `store check`. */
static bool
is_current(struct uadm *u, const struct local_names *local)
{
	struct uadm_err ignored;
	struct directory_state state;
	uint64_t store = 0;
	uint32_t mark = 0;

	return store_generation(u->store, &store, &mark, &ignored) == UADM_OK &&
	    directory_state(UADM_DIRECTORY_DIR, UADM_TRUSTED_UID, &state, &ignored) ==
	    UADM_OK &&
	    store == state.generation && origin_of(u, local, mark) == state.origin &&
	    !shows_local(local);
}

enum published_state
op_published_state(bool whole)
{
	struct uadm_err ignored;
	struct directory_state state;
	uint64_t generation;
	enum uadm_code c;

	if (access(UADM_DIRECTORY_FILE, F_OK) != 0 && errno == ENOENT)
		return PUBLISHED_MISSING;
	c = whole
	    ? directory_generation(
		  UADM_DIRECTORY_DIR, UADM_TRUSTED_UID, &generation, &ignored)
	    : directory_state(UADM_DIRECTORY_DIR, UADM_TRUSTED_UID, &state, &ignored);
	return c == UADM_OK ? PUBLISHED_SOUND : PUBLISHED_DAMAGED;
}

bool
op_publish_is_due(struct uadm *u)
{
	CLEANUP(local_free) struct local_names *local = NULL;
	struct uadm_err ignored;

	return local_read(&local, &ignored) == UADM_OK && !is_current(u, local);
}

/* May the base in place be built on, and is it worth it? In a transaction. */
static enum uadm_code
delta_is_due(struct uadm *u, const struct local_names *local,
    const struct directory_state *state, bool *due, struct uadm_err *err)
{
	int64_t most = publish_delta_most((int64_t)state->base_entries), n = 0;
	struct base base;
	enum uadm_code c = changes_base(u->store, &base, err);

	*due = false;
	if (c != UADM_OK || most == 0 || !base.known || base.seed != state->base_seed ||
	    base.settings != settings_of(u, local))
		return c;
	c = changes_count(u->store, state->base_generation, most + 1, &n, err);
	*due = c == UADM_OK && n <= most;
	return c;
}

/* *done is false where everything has to be published. */
static enum uadm_code
publish_changes(
    struct uadm *u, const struct local_names *local, bool *done, struct uadm_err *err)
{
	CLEANUP(directory_writer_free) struct directory_writer *w = NULL;
	struct changing k = { .f.local = local, .u = u };
	struct directory_state state;
	uint64_t generation = 0;
	uint32_t mark = 0;
	TXN t = { 0 };
	enum uadm_code c;
	bool due = false;

	if (directory_state(UADM_DIRECTORY_DIR, UADM_TRUSTED_UID, &state, err) !=
		UADM_OK ||
	    shows_local(local))
		return UADM_OK;
	if ((c = txn_read(&t, u->store, err)) != UADM_OK ||
	    (c = store_generation(u->store, &generation, &mark, err)) != UADM_OK ||
	    (c = delta_is_due(u, local, &state, &due, err)) != UADM_OK || !due ||
	    (c = directory_writer_new(&w, err)) != UADM_OK)
		return c;
	k.f.w = w;
	directory_origin(w, origin_of(u, local, mark));
	if ((c = changes_each(u->store, state.base_generation, add_changed, &k, err)) !=
	    UADM_OK)
		return c;
	txn_done(&t);
	/* Before it shows: whoever is stopped after that would never come back to it. */
	if ((c = highest_keep(u, err)) != UADM_OK)
		return c;
	return directory_publish_delta(
	    w, UADM_DIRECTORY_DIR, UADM_TRUSTED_UID, generation, &state, done, err);
}

/* Where this fails, the next publish is a whole one again. */
static void
begin_log(struct uadm *u, const struct local_names *local, uint64_t generation)
{
	struct directory_state state;
	struct uadm_err ignored;
	TXN t = { 0 };
	int64_t n = 0;

	if (directory_state(UADM_DIRECTORY_DIR, UADM_TRUSTED_UID, &state, &ignored) !=
		UADM_OK ||
	    changes_count(u->store, 0, INT64_MAX, &n, &ignored) != UADM_OK ||
	    !publish_begins_log((int64_t)state.base_entries, n))
		return;
	const struct base base = { .seed = state.base_seed,
		.settings = settings_of(u, local) };

	if (txn_begin(&t, u->store, &ignored) != UADM_OK ||
	    changes_begin(u->store, &base, generation, &ignored) != UADM_OK ||
	    txn_commit(&t, &ignored) != UADM_OK)
		return;
}

static enum uadm_code
publish_everything(
    struct uadm *u, const struct local_names *local, struct uadm_err *err)
{
	CLEANUP(directory_writer_free) struct directory_writer *w = NULL;
	uint64_t generation = 0;
	enum uadm_code c = directory_writer_new(&w, err);
	struct filling f = { .w = w, .local = local };

	if (c != UADM_OK)
		return c;
	c = fill(u, &f, &generation, err);
	free(f.left_out);
	if (c == UADM_OK)
		c = highest_keep(u, err);
	if (c == UADM_OK)
		c = directory_publish(
		    w, UADM_DIRECTORY_DIR, UADM_TRUSTED_UID, generation, err);
	if (c == UADM_OK)
		begin_log(u, local, generation);
	return c;
}

/* With the lock held nobody publishes what the store is yet to get to: if what is in place is newer,
 * it is the store that went back (a copy put in its place by hand). It is what counts. */
static enum uadm_code
catch_up_with(struct uadm *u, struct uadm_err *err)
{
	struct directory_state state;
	struct uadm_err ignored;
	uint64_t generation = 0;
	TXN t = { 0 };
	enum uadm_code c;

	if (directory_state(UADM_DIRECTORY_DIR, UADM_TRUSTED_UID, &state, &ignored) !=
	    UADM_OK)
		return UADM_OK;
	if ((c = store_generation(u->store, &generation, NULL, err)) != UADM_OK ||
	    generation >= state.generation)
		return c;
	if ((c = txn_begin(&t, u->store, err)) != UADM_OK ||
	    (c = store_raise_generation(u->store, state.generation, err)) != UADM_OK)
		return c;
	return txn_commit(&t, err);
}

enum uadm_code
op_publish(struct uadm *u, bool force, bool *published, struct uadm_err *err)
{
	CHANGE hold = { 0 };
	CLEANUP(cleanup_fd) int lock = -1;
	CLEANUP(local_free) struct local_names *local = NULL;
	enum uadm_code c;

	*published = false;
	if ((c = local_read(&local, err)) != UADM_OK)
		return c;
	if (u->dry_run || (!force && is_current(u, local)))
		return UADM_OK;
	change_hold(&hold);
	if ((c = directory_lock(UADM_DIRECTORY_DIR, UADM_TRUSTED_UID, &lock, err)) !=
	    UADM_OK)
		return c;
	/* Whoever had the lock before may have done it. */
	if ((!force && is_current(u, local)) || (c = catch_up_with(u, err)) != UADM_OK)
		return c;
	/* What cannot be done in part is done whole, or is said then what is wrong. */
	if (!force && (c = publish_changes(u, local, published, err)) != UADM_OK &&
	    c != UADM_INVALID && c != UADM_INTERNAL)
		return c;
	if (*published)
		return UADM_OK;
	c = publish_everything(u, local, err);
	*published = c == UADM_OK;
	return c;
}

enum uadm_code
op_published_compare(struct uadm *u, bool *compared,
    void (*found)(void *, const char *), void *arg, struct uadm_err *err)
{
	CLEANUP(directory_writer_free) struct directory_writer *w = NULL;
	CLEANUP(local_free) struct local_names *local = NULL;
	uint64_t generation = 0;
	enum uadm_code c;

	if ((c = local_read(&local, err)) != UADM_OK ||
	    (c = directory_writer_new(&w, err)) != UADM_OK)
		return c;
	struct filling f = { .w = w, .local = local };

	c = fill(u, &f, &generation, err);
	free(f.left_out);
	return c == UADM_OK
	    ? directory_compare(w, generation, compared, found, arg, err)
	    : c;
}
