#include "libuadm/ops/info.h"
#include "libuadm/ops/factors.h"

#include "libuadm/base/paths.h"
#include "libuadm/directory/writer.h"
#include "libuadm/ops/published.h"
#include "libuadm/store/accounts.h"
#include "libuadm/store/audit.h"
#include "libuadm/store/groups.h"
#include "libuadm/store/numbers.h"
#include "libuadm/store/repair.h"
#include "libuadm/store/users.h"

#include <stdio.h>
#include <string.h>

static enum uadm_code
count_group(void *arg, const struct group *g, struct uadm_err *err)
{
	(void)g;
	(void)err;
	(*(int64_t *)arg)++;
	return UADM_OK;
}

enum uadm_code
op_store_info(struct uadm *u, struct store_info *info, struct uadm_err *err)
{
	struct uadm_err ignored;
	enum uadm_code c;

	*info = (struct store_info){ .schema = store_schema_version() };
	if ((c = store_generation(u->store, &info->generation, NULL, err)) != UADM_OK ||
	    (c = users_count(u->store, &info->users, err)) != UADM_OK ||
	    (c = groups_each(u->store, 0, count_group, &info->groups, err)) !=
		UADM_OK ||
	    (c = users_count_imported(u->store, &info->imported, err)) != UADM_OK ||
	    (c = audit_count(u->store, &info->audit_rows, err)) != UADM_OK)
		return c;
	if (directory_generation(UADM_DIRECTORY_DIR, UADM_TRUSTED_UID, &info->published,
		&ignored) != UADM_OK)
		info->published = 0;
	return UADM_OK;
}

struct checking {
	void (*found)(void *, const char *, const char *);
	void *arg;
};

static void
file_complaint(void *arg, const char *what)
{
	struct checking *k = arg;

	/* An index or a row of nobody's can be mended; a page that cannot be read cannot. */
	k->found(k->arg, what,
	    strstr(what, "index") != NULL || strstr(what, "refers to") != NULL
		? "uadmctl store check --repair"
		: "uadmctl store restore FILE, of a backup");
}

static void
derived_complaint(void *arg, const char *what)
{
	struct checking *k = arg;

	k->found(k->arg, what, "uadmctl store check --repair");
}

static void
range_complaint(void *arg, const char *what)
{
	struct checking *k = arg;

	k->found(k->arg, what, "widen the ranges of [ids] in uadm.conf");
}

enum { TOLD_MOST = 100, CHECK_ATTEMPTS = 3 };

struct published_check {
	struct checking *to; /* NULL: only count */
	size_t count;
};

static void
published_complaint(void *arg, const char *what)
{
	struct published_check *p = arg;

	p->count++;
	if (p->to == NULL || p->count > TOLD_MOST + 1)
		return;
	derived_complaint(p->to,
	    p->count <= TOLD_MOST ? what
				  : "and more entries of the published file differ");
}

/* Every byte of it by its checksums, then every entry against the store. Somebody may change
 * something meanwhile: then once more. */
static enum uadm_code
check_published(struct uadm *u, struct published_check *p, struct uadm_err *err)
{
	struct uadm_err why = { 0 };
	enum uadm_code c = UADM_OK;
	bool compared = false;
	uint64_t published;

	if (directory_generation(
		UADM_DIRECTORY_DIR, UADM_TRUSTED_UID, &published, &why) != UADM_OK)
		published_complaint(p, why.msg);
	for (int i = 0; i < CHECK_ATTEMPTS && c == UADM_OK && !compared; i++)
		c = op_published_compare(u, &compared, published_complaint, p, err);
	if (c == UADM_INVALID)
		published_complaint(p, err->msg);
	else if (c != UADM_OK)
		return c;
	if (p->count == 0 && (!compared || op_publish_is_due(u)))
		published_complaint(p, "the published file is not that of the store");
	return UADM_OK;
}

enum uadm_code
op_store_check(struct uadm *u, void (*found)(void *, const char *, const char *),
    void *arg, struct uadm_err *err)
{
	struct checking k = { found, arg };
	struct published_check p = { .to = &k };
	struct audit_verdict v;
	enum uadm_code c;

	if ((c = store_check_file(u->store, file_complaint, &k, err)) != UADM_OK ||
	    (c = audit_verify(u->store, &v, err)) != UADM_OK)
		return c;
	if (v.problem[0] != '\0')
		found(arg, v.problem, "uadmctl audit reseal");
	if ((c = check_published(u, &p, err)) != UADM_OK)
		return c;
	if ((c = store_check_ranges(u->store, u->config.uid_min, u->config.uid_max,
		 u->config.gid_min, u->config.gid_max, range_complaint, &k, err)) !=
	    UADM_OK)
		return c;
	if ((c = accounts_check(u->store, derived_complaint, &k, err)) != UADM_OK ||
	    (c = factors_check(u, found, arg, err)) != UADM_OK)
		return c;
	return numbers_check(u->store, derived_complaint, &k, err);
}

struct repairing {
	void (*done)(void *, const char *, int64_t);
	void *arg;
	int64_t rows;
};

static void
count_repair(void *arg, const char *what, int64_t rows)
{
	struct repairing *r = arg;

	r->rows += rows;
	r->done(r->arg, what, rows);
}

static bool
published_is_right(struct uadm *u)
{
	struct published_check p = { 0 };
	struct uadm_err ignored;

	return check_published(u, &p, &ignored) == UADM_OK && p.count == 0;
}

enum uadm_code
op_store_repair(struct uadm *u, void (*done)(void *, const char *, int64_t), void *arg,
    struct uadm_err *err)
{
	struct repairing r = { done, arg, 0 };
	char detail[40];
	bool published, right = published_is_right(u);
	enum uadm_code c;

	{
		CHANGE ch = { 0 };

		if ((c = change_begin(&ch, u, err)) != UADM_OK ||
		    (c = store_repair(u->store, count_repair, &r, err)) != UADM_OK)
			return c;
		snprintf(detail, sizeof(detail), "rows=%lld", (long long)r.rows);
		if (r.rows > 0 &&
		    (c = change_commit(
			 &ch, u, "store.repair", NULL, detail, true, err)) != UADM_OK)
			return c;
	}
	if (right && r.rows == 0)
		return UADM_OK;
	if ((c = op_publish(u, !right, &published, err)) == UADM_OK && !right)
		done(arg, "the file that NSS reads is written again", 1);
	return c;
}
