#include "libuadm/ops/info.h"

#include "libuadm/base/paths.h"
#include "libuadm/directory/writer.h"
#include "libuadm/store/audit.h"
#include "libuadm/store/groups.h"
#include "libuadm/store/numbers.h"
#include "libuadm/store/users.h"

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
	if ((c = store_generation(u->store, &info->generation, err)) != UADM_OK ||
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

	k->found(k->arg, what, "restore a backup of the store");
}

enum uadm_code
op_store_check(struct uadm *u, void (*found)(void *, const char *, const char *),
    void *arg, struct uadm_err *err)
{
	struct checking k = { found, arg };
	struct audit_verdict v;
	struct uadm_err why = { 0 };
	uint64_t generation = 0, published = 0;
	enum uadm_code c;

	if ((c = store_check_file(u->store, file_complaint, &k, err)) != UADM_OK ||
	    (c = audit_verify(u->store, &v, err)) != UADM_OK)
		return c;
	if (v.problem[0] != '\0')
		found(arg, v.problem, NULL);
	if ((c = store_generation(u->store, &generation, err)) != UADM_OK)
		return c;
	if (directory_generation(
		UADM_DIRECTORY_DIR, UADM_TRUSTED_UID, &published, &why) != UADM_OK)
		found(arg, why.msg, "uadmctl store publish --force");
	else if (published != generation || op_publish_is_due(u))
		found(arg, "the published file is not that of the store",
		    "uadmctl store publish --force");
	return numbers_check(u->store, file_complaint, &k, err);
}
