/*
 * publish.c - from the store to the file that NSS reads.
 *
 * Threat: a name that another source of this host knows (say, a daemon's user that a package
 * made after our user) must keep its meaning. Local files win: such users and groups are left
 * out of the published file.
 */
#include "libuadm/base/names.h"
#include "libuadm/base/paths.h"
#include "libuadm/directory/reader.h"
#include "libuadm/directory/writer.h"
#include "libuadm/ops/context.h"
#include "libuadm/ops/highest.h"
#include "libuadm/ops/local.h"
#include "libuadm/ops/show.h"
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

static enum uadm_code
fill(struct uadm *u, struct filling *f, uint64_t *generation, struct uadm_err *err)
{
	TXN t = { 0 };
	enum uadm_code c;

	if ((c = txn_read(&t, u->store, err)) != UADM_OK ||
	    (c = store_generation(u->store, generation, err)) != UADM_OK ||
	    (c = users_each_published(u->store, add_user, f, err)) != UADM_OK ||
	    (c = groups_each_published(u->store, add_group, f, err)) != UADM_OK)
		return c;
	return groups_each_pair(u->store, add_pair, f, err);
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

/* Asked at the end of every command, and the file may be large: its header has to be sound and
 * the size right. For the rest there is a checksum in each record, and `store check`. */
static bool
is_current(struct uadm *u, const struct local_names *local)
{
	struct uadm_err ignored;
	uint64_t store = 0, file = 0;

	return store_generation(u->store, &store, &ignored) == UADM_OK &&
	    directory_header_generation(
		UADM_DIRECTORY_DIR, UADM_TRUSTED_UID, &file, &ignored) == UADM_OK &&
	    store == file && !shows_local(local);
}

enum published_state
op_published_state(bool whole)
{
	struct uadm_err ignored;
	uint64_t generation;
	enum uadm_code c;

	if (access(UADM_DIRECTORY_FILE, F_OK) != 0 && errno == ENOENT)
		return PUBLISHED_MISSING;
	c = whole ? directory_generation(
			UADM_DIRECTORY_DIR, UADM_TRUSTED_UID, &generation, &ignored)
		  : directory_header_generation(
			UADM_DIRECTORY_DIR, UADM_TRUSTED_UID, &generation, &ignored);
	return c == UADM_OK ? PUBLISHED_SOUND : PUBLISHED_DAMAGED;
}

bool
op_publish_is_due(struct uadm *u)
{
	CLEANUP(local_free) struct local_names *local = NULL;
	struct uadm_err ignored;

	return local_read(&local, &ignored) == UADM_OK && !is_current(u, local);
}

enum uadm_code
op_publish(struct uadm *u, bool force, bool *published, struct uadm_err *err)
{
	CHANGE hold = { 0 };
	CLEANUP(cleanup_fd) int lock = -1;
	CLEANUP(directory_writer_free) struct directory_writer *w = NULL;
	CLEANUP(local_free) struct local_names *local = NULL;
	uint64_t generation = 0;
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
	if (!force && is_current(u, local))
		return UADM_OK;
	if ((c = directory_writer_new(&w, err)) != UADM_OK)
		return c;
	directory_limit_members(w, (size_t)u->config.max_group_members);
	struct filling f = { .w = w, .local = local };

	c = fill(u, &f, &generation, err);
	free(f.left_out);
	/* Before it shows: whoever is stopped after that would never come back to it. */
	if (c == UADM_OK)
		c = highest_keep(u, err);
	if (c == UADM_OK)
		c = directory_publish(
		    w, UADM_DIRECTORY_DIR, UADM_TRUSTED_UID, generation, err);
	*published = c == UADM_OK;
	return c;
}
