#include "libuadm/store/memberships.h"

#include "libuadm/store/private.h"

#include <string.h>

void
memberships_free(struct memberships *m)
{
	free(m->all);
	free(m->names);
	free(m->ranks);
	free(m->text);
	*m = (struct memberships){ 0 };
}

static enum uadm_code
out_of_memory(struct uadm_err *err)
{
	return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
}

static bool
groups_grow(struct memberships *m)
{
	size_t room = 2 * m->groups_room + 64;
	void *names = reallocarray(m->names, room, sizeof(*m->names));
	void *ranks;

	if (names == NULL)
		return false;
	m->names = names;
	if ((ranks = reallocarray(m->ranks, room, sizeof(*m->ranks))) == NULL)
		return false;
	m->ranks = ranks;
	m->groups_room = room;
	return true;
}

static int
by_gid(const void *a, const void *b)
{
	gid_t x = ((const struct group_rank *)a)->gid,
	      y = ((const struct group_rank *)b)->gid;

	return (x > y) - (x < y);
}

static enum uadm_code
read_names(struct store *st, struct memberships *m, struct uadm_err *err)
{
	STMT q = stmt_make(st, "SELECT gid, name FROM \"group\" ORDER BY name");
	enum uadm_code c;
	bool more;

	while ((c = stmt_row(&q, &more, err)) == UADM_OK && more) {
		if (m->groups == m->groups_room && !groups_grow(m))
			return out_of_memory(err);
		m->ranks[m->groups] =
		    (struct group_rank){ .gid = (gid_t)stmt_col_int(&q, 0),
			    .rank = (uint32_t)m->groups };
		stmt_col_text(&q, 1, m->names[m->groups++], sizeof(*m->names));
	}
	if (m->groups > 0)
		qsort(m->ranks, m->groups, sizeof(*m->ranks), by_gid);
	return c;
}

static enum uadm_code
add_pair(struct memberships *m, uid_t uid, gid_t gid, struct uadm_err *err)
{
	const struct group_rank key = { .gid = gid }, *found;

	if (m->groups == 0 ||
	    (found = bsearch(&key, m->ranks, m->groups, sizeof(*m->ranks), by_gid)) ==
		NULL)
		return UADM_OK; /* of nothing that has a name */
	if (m->count == m->room) {
		size_t room = 2 * m->room + 1024;
		void *all = reallocarray(m->all, room, sizeof(*m->all));

		if (all == NULL)
			return out_of_memory(err);
		m->all = all;
		m->room = room;
	}
	m->all[m->count++] = (struct membership){ .uid = uid, .rank = found->rank };
	return UADM_OK;
}

enum uadm_code
memberships_read(
    struct store *st, const char *account, struct memberships *m, struct uadm_err *err)
{
	enum uadm_code c = read_names(st, m, err);
	bool more;

	if (c != UADM_OK)
		return c;
	STMT q = stmt_make(st,
	    account == NULL
		? "SELECT uid, gid FROM member ORDER BY uid, gid"
		: "SELECT m.uid, m.gid FROM \"group\" g CROSS JOIN membership s "
		  "ON s.account = g.gid CROSS JOIN member m ON m.uid = s.uid "
		  "WHERE g.name = :account ORDER BY s.uid");
	if (account != NULL)
		stmt_text(&q, ":account", account);
	while ((c = stmt_row(&q, &more, err)) == UADM_OK && more)
		if ((c = add_pair(m, (uid_t)stmt_col_int(&q, 0),
			 (gid_t)stmt_col_int(&q, 1), err)) != UADM_OK)
			return c;
	return c;
}

static size_t
first_of(const struct memberships *m, uid_t uid)
{
	size_t low = 0, high = m->count;

	if (m->next < m->count && m->all[m->next].uid == uid &&
	    (m->next == 0 || m->all[m->next - 1].uid != uid))
		return m->next;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (m->all[middle].uid < uid)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int
by_rank(const void *a, const void *b)
{
	uint32_t x = ((const struct membership *)a)->rank,
		 y = ((const struct membership *)b)->rank;

	return (x > y) - (x < y);
}

enum uadm_code
memberships_of(struct memberships *m, struct user_row *row, struct uadm_err *err)
{
	size_t first = first_of(m, row->user.uid), count = 0, used = 0, need;
	char *text;

	while (first + count < m->count && m->all[first + count].uid == row->user.uid)
		count++;
	m->next = first + count;
	row->group_count = (int64_t)count;
	if (count > 1)
		qsort(&m->all[first], count, sizeof(*m->all), by_rank);
	need = (count + 1) * UADM_NAME_SIZE; /* a ',' is no longer than the NUL */
	if (need > m->text_room) {
		if ((text = realloc(m->text, need)) == NULL)
			return out_of_memory(err);
		m->text = text;
		m->text_room = need;
	}
	m->text[0] = '\0';
	for (size_t i = 0; i < count; i++)
		used += (size_t)snprintf(m->text + used, m->text_room - used, "%s%s",
		    i > 0 ? "," : "", m->names[m->all[first + i].rank]);
	row->groups = m->text;
	return UADM_OK;
}
