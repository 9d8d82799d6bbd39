/*
 * Threat: code that runs as somebody else. Whoever is first in a directory owns what is read there at each
 * login (.profile, authorized_keys), so a home that is another user's, or holds or lies in one, is a way to be
 * that user.
 */
#include "libuadm/ops/homes.h"

#include "libuadm/base/paths.h"
#include "libuadm/ops/act.h"
#include "libuadm/store/users.h"

#include <pwd.h>
#include <string.h>
#include <sys/stat.h>

bool
home_is_derived(const struct uadm *u, const struct user *user)
{
	char derived[sizeof(user->home)];

	snprintf(derived, sizeof(derived), "%s/%s", u->config.home_base, user->name);
	return strcmp(user->home, derived) == 0;
}

static bool
is_in(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return strncmp(path, dir, n) == 0 && (path[n] == '\0' || path[n] == '/');
}

/* A home is clean (fields.c), others' need not be. What everything lies in is nobody's to mind. */
static bool
meets(const struct uadm *u, const char *home, const char *other)
{
	char clean[256];
	size_t n = strlen(other);

	while (n > 1 && other[n - 1] == '/')
		n--;
	if (n <= 1 || n >= sizeof(clean))
		return false;
	snprintf(clean, sizeof(clean), "%.*s", (int)n, other);
	return is_in(clean, home) ||
	    (is_in(home, clean) && !is_in(u->config.home_base, clean));
}

static bool
local_has(const struct uadm *u, const struct user *user, char *name, size_t size)
{
	CLEANUP(cleanup_file) FILE *f = fopen(UADM_LOCAL_PASSWD, "re");
	const struct passwd *pw;

	while (f != NULL && (pw = fgetpwent(f)) != NULL)
		if (meets(u, user->home, pw->pw_dir)) {
			snprintf(name, size, "%s", pw->pw_name);
			return true;
		}
	return false;
}

/* One whose home it is or lies in this one; and the same for each directory above. */
static enum uadm_code
store_has(struct uadm *u, const struct user *user, char name[UADM_NAME_SIZE], bool *has,
    struct uadm_err *err)
{
	char above[sizeof(user->home)], *slash;
	enum uadm_code c =
	    users_home_below(u->store, user->home, user->uid, name, has, err);

	snprintf(above, sizeof(above), "%s", user->home);
	while (c == UADM_OK && !*has && (slash = strrchr(above, '/')) != above) {
		*slash = '\0';
		if (is_in(u->config.home_base, above))
			break;
		c = users_home_is(u->store, above, user->uid, name, has, err);
	}
	return c;
}

static bool
disk_has(const struct user *user, char *whose, size_t size)
{
	struct stat st;

	if (lstat(user->home, &st) != 0 ||
	    (S_ISDIR(st.st_mode) && st.st_uid == user->uid))
		return false;
	if (S_ISDIR(st.st_mode))
		snprintf(whose, size, "belongs to uid %u", (unsigned)st.st_uid);
	else
		snprintf(whose, size, "is no directory");
	return true;
}

enum uadm_code
home_may_be(struct uadm *u, const struct user *user, struct uadm_err *err)
{
	char name[UADM_TEXT_SIZE] = "", why[400], text[700];
	bool has = false;
	enum uadm_code c = store_has(u, user, name, &has, err);

	if (c != UADM_OK)
		return c;
	if (has || local_has(u, user, name, sizeof(name)))
		snprintf(why, sizeof(why), "is the home of %s, or meets it", name);
	else if (disk_has(user, name, sizeof(name)))
		snprintf(why, sizeof(why), "is there already and %s", name);
	else
		return UADM_OK;
	if (!act_is_root(u)) {
		uadm_fail(err, UADM_DENIED, "%s may not do that: %s %s", u->acting.name,
		    user->home, why);
		return uadm_hint(err, "only root gives such a home");
	}
	snprintf(text, sizeof(text), "%s: %s %s", user->name, user->home, why);
	if (u->warn != NULL)
		u->warn(text);
	return UADM_OK;
}
