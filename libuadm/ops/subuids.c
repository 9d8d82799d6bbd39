/*
 * subuids.c - see subuids.h.
 *
 * Threat: a suspended user goes on under a uid that is theirs to use, of a container or by a setuid
 * program that was made in one. And from the other side: /etc/subuid is written by hand and copied
 * between hosts. `ada:1000:65536` must not end what other people run, nor may ada's suspension end
 * what is eve's because one range was given to both.
 *
 * So an id is a user's only where nobody else can mean it: no user has it, as far as this host can
 * tell (a source that does not answer may know one), systemd does not give it to services
 * (DynamicUser=), and every line that has it is of somebody who is to be ended as well.
 */
#include "libuadm/ops/subuids.h"

#include "libuadm/base/cleanup.h"
#include "libuadm/base/number.h"
#include "libuadm/base/paths.h"

#include <pwd.h>
#include <string.h>

enum { DYNAMIC_FIRST = 61184, DYNAMIC_LAST = 65519 };
static const int64_t ID_LAST = (int64_t)UINT32_MAX - 1; /* the one above is no uid */

void
subuids_wipe(struct subuids *s)
{
	free(s->ranges);
	memset(s, 0, sizeof(*s));
}

static bool
split(char *text, char *field[3])
{
	for (size_t i = 0; i < 3; i++)
		if ((field[i] = strsep(&text, ":")) == NULL || *field[i] == '\0')
			return false;
	return text == NULL;
}

bool
subuid_parse(const char *line, struct subuid_range *range)
{
	CLEANUP(cleanup_free) char *copy = strdup(line);
	char *field[3];
	int64_t first, count;

	if (copy == NULL || !split(copy, field) ||
	    !number_parse(field[1], 0, ID_LAST, &first) ||
	    !number_parse(field[2], 1, ID_LAST, &count) || count - 1 > ID_LAST - first)
		return false;
	*range = (struct subuid_range){ .uid = SUBUID_OTHERS,
		.first = (uid_t)first,
		.last = (uid_t)(first + count - 1) };
	/* One that is longer owns the ids all the same, and is no user of ours. */
	if (strlen(field[0]) < sizeof(range->owner))
		snprintf(range->owner, sizeof(range->owner), "%s", field[0]);
	return true;
}

static enum uadm_code
add(struct subuids *s, const struct subuid_range *range, struct uadm_err *err)
{
	if (s->count == s->room) {
		size_t room = s->room * 2 + 64;
		struct subuid_range *more =
		    reallocarray(s->ranges, room, sizeof(*more));

		if (more == NULL)
			return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
		s->ranges = more;
		s->room = room;
	}
	s->ranges[s->count++] = *range;
	return UADM_OK;
}

enum uadm_code
subuids_read(struct subuids *s, struct uadm_err *err)
{
	CLEANUP(cleanup_file) FILE *f = fopen(UADM_SUBUID_FILE, "re");
	CLEANUP(cleanup_free) char *line = NULL;
	size_t size = 0;
	enum uadm_code c = UADM_OK;

	memset(s, 0, sizeof(*s));
	for (ssize_t n;
	     f != NULL && c == UADM_OK && (n = getline(&line, &size, f)) > 0;) {
		struct subuid_range range;

		if (line[n - 1] == '\n')
			line[--n] = '\0';
		if (strlen(line) == (size_t)n && subuid_parse(line, &range))
			c = add(s, &range, err);
	}
	return c;
}

bool
subuid_is_in(const struct subuid_range *range, uid_t id)
{
	return range->first <= id && id <= range->last;
}

static bool
may_be_somebodys(uid_t id)
{
	struct passwd pw, *found = NULL;
	char text[16384];

	return id == 0 || id == SUBUID_OTHERS ||
	    (id >= DYNAMIC_FIRST && id <= DYNAMIC_LAST) ||
	    getpwuid_r(id, &pw, text, sizeof(text), &found) != 0 || found != NULL;
}

static uid_t
find_owner(const struct subuids *s, uid_t id)
{
	uid_t owner = SUBUID_OTHERS;

	for (size_t i = 0; i < s->count; i++) {
		if (!subuid_is_in(&s->ranges[i], id))
			continue;
		if (s->ranges[i].uid == SUBUID_OTHERS)
			return SUBUID_OTHERS;
		if (owner == SUBUID_OTHERS)
			owner = s->ranges[i].uid;
	}
	return owner == SUBUID_OTHERS || may_be_somebodys(id) ? SUBUID_OTHERS : owner;
}

uid_t
subuids_owner(struct subuids *s, uid_t id)
{
	size_t at = id % SUBUIDS_KNOWN;

	if (s == NULL || s->count == 0)
		return SUBUID_OTHERS;
	if (!s->known[at].is_set || s->known[at].id != id) {
		s->known[at].owner = find_owner(s, id);
		s->known[at].id = id;
		s->known[at].is_set = true;
	}
	return s->known[at].owner;
}

uid_t
subuids_resolve(struct subuids *s, uid_t id)
{
	uid_t owner = subuids_owner(s, id);

	return owner == SUBUID_OTHERS ? id : owner;
}
