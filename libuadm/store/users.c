#include "libuadm/store/users.h"

#include "libuadm/store/feed.h"
#include "libuadm/store/members.h"
#include "libuadm/store/memberships.h"

#include <stddef.h>
#include <string.h>

#define COLUMNS                                                                                       \
	"u.uid, u.name, u.kind, u.first_name, u.last_name, u.display_name, u.email, u.mobile, "       \
	"u.home, u.shell, u.time_zone, u.reason, u.owner, u.review_by, u.created_at, "                \
	"u.suspended_at, u.valid_from, u.expires_at, u.must_change, p.changed_at, "                   \
	"u.keep_sessions, pm.account, pm.state, "                                                     \
	"CASE WHEN pm.then_role IS NULL THEN pm.ends_at END, pa.suspended_at, "                       \
	"(SELECT c.name FROM contact c WHERE c.id = u.contact), pm.role, p.temporary_until, "         \
	"EXISTS (SELECT 1 FROM invitation i WHERE i.uid = u.uid), "                                   \
	"u.suspended_by_root, pm.then_role, CASE WHEN pm.then_role IS NOT NULL THEN pm.ends_at END, " \
	"coalesce(p.temporary_steady <= (SELECT steady_last FROM meta), 0)"
enum { COLUMN_COUNT = 33 };
#define FROM                                                                           \
	" FROM user u LEFT JOIN password p ON p.uid = u.uid "                          \
	"LEFT JOIN membership pm ON pm.uid = u.uid AND pm.principal = 1 "              \
	"LEFT JOIN account pa ON pa.gid = pm.account "

static const char *const kinds[] = {
	[USER_PERSON] = "person", [USER_SERVICE] = "service"
};

/* The text columns, in the order of COLUMNS from 3 on, and their parameters. */
static const struct {
	const char *param;
	size_t offset, size;
} texts[] = {
#define TEXT(p, f)                                                                     \
	{                                                                              \
		p, offsetof(struct user, f), sizeof(((struct user *)0)->f)             \
	}
	TEXT(":first_name", first_name),
	TEXT(":last_name", last_name),
	TEXT(":display_name", display_name),
	TEXT(":email", email),
	TEXT(":mobile", mobile),
	TEXT(":home", home),
	TEXT(":shell", shell),
	TEXT(":time_zone", time_zone),
	TEXT(":reason", reason),
	TEXT(":owner", owner),
#undef TEXT
};

static void
read_user(const struct stmt *q, struct user *u)
{
	memset(u, 0, sizeof(*u));
	u->uid = (uid_t)stmt_col_int(q, 0);
	stmt_col_text(q, 1, u->name, sizeof(u->name));
	u->kind =
	    strcmp(stmt_col_peek(q, 2), "service") == 0 ? USER_SERVICE : USER_PERSON;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		stmt_col_text(
		    q, 3 + (int)i, (char *)u + texts[i].offset, texts[i].size);
	u->review_by = stmt_col_int(q, 13);
	u->created_at = stmt_col_int(q, 14);
	u->suspended_at = stmt_col_int(q, 15);
	u->valid_from = stmt_col_int(q, 16);
	u->expires_at = stmt_col_int(q, 17);
	u->must_change = stmt_col_int(q, 18) != 0;
	u->password_changed_at = stmt_col_int(q, 19);
	u->password_set = u->password_changed_at != 0;
	u->keep_sessions = stmt_col_int(q, 20) != 0;
	u->account = (gid_t)stmt_col_int(q, 21);
	u->member = member_state_of(stmt_col_peek(q, 22));
	u->member_ends_at = stmt_col_int(q, 23);
	u->account_suspended = stmt_col_int(q, 24) != 0;
	stmt_col_text(q, 25, u->contact, sizeof(u->contact));
	u->member_role = stmt_col_int(q, 26);
	u->temporary_until = stmt_col_int(q, 27);
	u->invited = stmt_col_int(q, 28) != 0;
	u->suspended_by_root = stmt_col_int(q, 29) != 0;
	u->then_role = stmt_col_int(q, 30);
	u->then_at = stmt_col_int(q, 31);
	u->temporary_over = stmt_col_int(q, 32) != 0;
}

static void
bind_user(struct stmt *q, const struct user *u)
{
	stmt_int(q, ":uid", u->uid);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		stmt_text(q, texts[i].param, (const char *)u + texts[i].offset);
	stmt_time(q, ":review_by", u->review_by);
	stmt_time(q, ":suspended_at", u->suspended_at);
	stmt_time(q, ":valid_from", u->valid_from);
	stmt_time(q, ":expires_at", u->expires_at);
	stmt_int(q, ":must_change", u->must_change);
	stmt_int(q, ":keep_sessions", u->keep_sessions);
	stmt_int(q, ":suspended_by_root", u->suspended_by_root);
	stmt_text(q, ":contact", u->contact);
}

enum uadm_code
users_get(struct store *st, const char *name, struct user *u, struct uadm_err *err)
{
	STMT q = stmt_make(st, "SELECT " COLUMNS FROM "WHERE u.name = :name");
	enum uadm_code c;

	stmt_text(&q, ":name", name);
	if ((c = stmt_one(&q, err)) == UADM_OK)
		read_user(&q, u);
	return c;
}

enum uadm_code
users_get_uid(struct store *st, uid_t uid, struct user *u, struct uadm_err *err)
{
	STMT q = stmt_make(st, "SELECT " COLUMNS FROM "WHERE u.uid = :uid");
	enum uadm_code c;

	stmt_int(&q, ":uid", uid);
	if ((c = stmt_one(&q, err)) == UADM_OK)
		read_user(&q, u);
	return c;
}

enum uadm_code
users_get_email(
    struct store *st, const char *email, struct user *u, struct uadm_err *err)
{
	STMT q = stmt_make(st, "SELECT " COLUMNS FROM "WHERE u.email = :email");
	enum uadm_code c;

	stmt_text(&q, ":email", email);
	if ((c = stmt_one(&q, err)) == UADM_OK)
		read_user(&q, u);
	return c;
}

static enum uadm_code
take_name(struct stmt *q, const char *home, uid_t uid, char name[UADM_NAME_SIZE],
    bool *has, struct uadm_err *err)
{
	enum uadm_code c;

	stmt_text(q, ":home", home);
	stmt_int(q, ":uid", uid);
	if ((c = stmt_row(q, has, err)) == UADM_OK && *has)
		stmt_col_text(q, 0, name, UADM_NAME_SIZE);
	return c;
}

enum uadm_code
users_home_is(struct store *st, const char *home, uid_t uid, char name[UADM_NAME_SIZE],
    bool *has, struct uadm_err *err)
{
	STMT q = stmt_make(
	    st, "SELECT name FROM user WHERE home = :home AND uid <> :uid LIMIT 1");

	return take_name(&q, home, uid, name, has, err);
}

enum uadm_code
users_home_below(struct store *st, const char *home, uid_t uid,
    char name[UADM_NAME_SIZE], bool *has, struct uadm_err *err)
{
	/* '0' is what comes behind '/'. */
	STMT q = stmt_make(st,
	    "SELECT name FROM user WHERE uid <> :uid AND (home = :home "
	    "OR (home > :home || '/' AND home < :home || '0')) LIMIT 1");

	return take_name(&q, home, uid, name, has, err);
}

static enum uadm_code
email_is_free(struct store *st, const struct user *u, struct uadm_err *err)
{
	STMT q =
	    stmt_make(st, "SELECT name FROM user WHERE email = :email AND uid <> :uid");
	enum uadm_code c;
	bool more;

	stmt_text(&q, ":email", u->email);
	stmt_int(&q, ":uid", u->uid);
	if ((c = stmt_row(&q, &more, err)) != UADM_OK || !more)
		return c;
	return uadm_fail(err, UADM_EXISTS,
	    "email \"%s\" belongs to the user \"%s\" already", u->email,
	    stmt_col_peek(&q, 0));
}

enum uadm_code
users_insert(struct store *st, const struct user *u, struct uadm_err *err)
{
	enum uadm_code c = email_is_free(st, u, err);

	if (c != UADM_OK)
		return c;
	STMT q = stmt_make(st,
	    "INSERT INTO user (uid, name, kind, first_name, last_name, display_name, email, "
	    "mobile, home, shell, time_zone, reason, owner, review_by, created_at, "
	    "suspended_at, valid_from, expires_at, must_change, keep_sessions, suspended_by_root, contact) VALUES (:uid, :name, :kind, "
	    ":first_name, :last_name, :display_name, :email, :mobile, :home, :shell, "
	    ":time_zone, :reason, :owner, :review_by, :created_at, :suspended_at, "
	    ":valid_from, :expires_at, :must_change, :keep_sessions, :suspended_by_root, "
	    "(SELECT id FROM contact WHERE name = :contact))");
	bind_user(&q, u);
	stmt_text(&q, ":name", u->name);
	stmt_text(&q, ":kind", kinds[u->kind]);
	stmt_int(&q, ":created_at", u->created_at);
	return stmt_run(&q, err);
}

enum uadm_code
users_update(struct store *st, const struct user *u, struct uadm_err *err)
{
	enum uadm_code c = email_is_free(st, u, err);

	if (c != UADM_OK)
		return c;
	STMT q = stmt_make(st,
	    "UPDATE user SET first_name = :first_name, last_name = :last_name, "
	    "display_name = :display_name, email = :email, mobile = :mobile, home = :home, "
	    "shell = :shell, time_zone = :time_zone, reason = :reason, owner = :owner, "
	    "review_by = :review_by, suspended_at = :suspended_at, valid_from = :valid_from, "
	    "expires_at = :expires_at, must_change = :must_change, "
	    "keep_sessions = :keep_sessions, suspended_by_root = :suspended_by_root, "
	    "contact = (SELECT id FROM contact WHERE name = :contact) WHERE uid = :uid");
	bind_user(&q, u);
	return stmt_run(&q, err);
}

enum uadm_code
users_delete(struct store *st, uid_t uid, struct uadm_err *err)
{
	STMT q = stmt_make(st, "DELETE FROM user WHERE uid = :uid");

	stmt_int(&q, ":uid", uid);
	return stmt_run(&q, err);
}

/* Lists are long: what nobody looks at is not asked for, one user is found by the index, and the
 * groups of everybody are read at once. */
#define JOINS                                                                          \
	FROM                                                                           \
	    "LEFT JOIN lockout l ON l.uid = u.uid LEFT JOIN last_login s ON s.uid = u.uid "
#define FAILURES                                                                       \
	"(SELECT count(*) FROM attempt a WHERE a.uid = u.uid AND " ATTEMPT_COUNTS
#define GROUPS                                                                         \
	"(SELECT group_concat(name, ',') FROM (SELECT g.name AS name FROM member m "   \
	"JOIN \"group\" g ON g.gid = m.gid WHERE m.uid = u.uid ORDER BY g.name)), "    \
	"(SELECT count(*) FROM member m WHERE m.uid = u.uid) "
#define TAGS                                                                           \
	"(SELECT group_concat(tag, ',') FROM "                                         \
	"(SELECT t.tag AS tag FROM tag t WHERE t.uid = u.uid ORDER BY t.tag)), "
#define WITH_TAG                                                                       \
	"AND (:tag IS NULL OR u.uid IN (SELECT t.uid FROM tag t WHERE t.tag = :tag)) "
#define FIRST                                                                          \
	"SELECT " COLUMNS ", l.since, s.at, substr(p.verifier, 1, 10), " FAILURES      \
	" AND NOT a.local), "
#define ROW_FULL      FIRST FAILURES "), " TAGS GROUPS JOINS
#define ROW_NO_GROUPS FIRST FAILURES "), " TAGS "0 " JOINS
#define ROW_BARE      FIRST "0, NULL " JOINS
#define ONE           "WHERE u.name = :name AND (:kind IS NULL OR u.kind = :kind)"
#define MEMBERS                                                                        \
	"WHERE (:kind IS NULL OR u.kind = :kind) " WITH_TAG                            \
	"AND u.uid IN (SELECT m.uid FROM member m JOIN \"group\" g ON g.gid = m.gid "  \
	"WHERE g.name = :group) ORDER BY u.name"
/* The `+` keeps an account's members from being looked for among all users by name. */
#define OF_ACCOUNT                                                                     \
	"WHERE (:kind IS NULL OR u.kind = :kind) " WITH_TAG                            \
	"AND u.uid IN (SELECT m.uid FROM membership m JOIN \"group\" g "               \
	"ON g.gid = m.account WHERE g.name = :account AND m.state <> 'ended') "        \
	"AND (:group IS NULL OR u.uid IN (SELECT m.uid FROM member m "                 \
	"JOIN \"group\" g ON g.gid = m.gid WHERE g.name = :group)) ORDER BY +u.name"
#define ALL "WHERE (:kind IS NULL OR u.kind = :kind) " WITH_TAG "ORDER BY u.name"

/* Where the groups come from. */
enum groups_from { GROUPS_NOWHERE, GROUPS_ROW, GROUPS_AT_ONCE };

static enum uadm_code
read_row(const struct stmt *q, enum groups_from groups, struct memberships *all,
    struct user_row *row, struct uadm_err *err)
{
	read_user(q, &row->user);
	row->lock_since = stmt_col_int(q, COLUMN_COUNT);
	row->lock_set = sqlite3_column_type(q->h, COLUMN_COUNT) != SQLITE_NULL;
	row->last_login = stmt_col_int(q, COLUMN_COUNT + 1);
	stmt_col_text(
	    q, COLUMN_COUNT + 2, row->verifier_kind, sizeof(row->verifier_kind));
	row->lock_failures = stmt_col_int(q, COLUMN_COUNT + 3);
	row->failures = stmt_col_int(q, COLUMN_COUNT + 4);
	row->tags = stmt_col_peek(q, COLUMN_COUNT + 5);
	row->groups = "";
	row->group_count = 0;
	if (groups == GROUPS_AT_ONCE) {
		return memberships_of(all, row, err);
	} else if (groups == GROUPS_ROW) {
		row->groups = stmt_col_peek(q, COLUMN_COUNT + 6);
		row->group_count = stmt_col_int(q, COLUMN_COUNT + 7);
	}
	return UADM_OK;
}

/* The query for what the filter wants; *groups tells where to take the groups from. */
static struct stmt
make_query(struct store *st, const struct user_filter *f, enum groups_from *groups)
{
	const char *sql;
	struct stmt q;

	*groups = f->bare ? GROUPS_NOWHERE
	    : f->name != NULL || (f->group != NULL && f->account == NULL)
	    ? GROUPS_ROW
	    : GROUPS_AT_ONCE;
	if (f->name != NULL)
		sql = f->bare ? ROW_BARE ONE : ROW_FULL ONE;
	else if (f->account != NULL)
		sql = f->bare ? ROW_BARE OF_ACCOUNT : ROW_NO_GROUPS OF_ACCOUNT;
	else if (f->group != NULL)
		sql = f->bare ? ROW_BARE MEMBERS : ROW_FULL MEMBERS;
	else
		sql = f->bare ? ROW_BARE ALL : ROW_NO_GROUPS ALL;
	q = stmt_make(st, sql);
	if (f->name != NULL)
		stmt_text(&q, ":name", f->name);
	else if (f->account != NULL)
		stmt_text(&q, ":account", f->account);
	if (f->name == NULL && (f->account != NULL || f->group != NULL))
		stmt_text(&q, ":group", f->group);
	if (f->name == NULL)
		stmt_text(&q, ":tag", f->tag);
	stmt_text(&q, ":kind", f->kind);
	stmt_window(&q, &f->window);
	return q;
}

enum uadm_code
users_each(struct store *st, const struct user_filter *f,
    enum uadm_code (*found)(void *, const struct user_row *, struct uadm_err *),
    void *arg, struct uadm_err *err)
{
	enum groups_from groups;
	CLEANUP(memberships_free) struct memberships all = { 0 };
	STMT q = make_query(st, f, &groups);
	struct user_row row;
	enum uadm_code c;
	bool more;

	if (groups == GROUPS_AT_ONCE &&
	    (c = memberships_read(st, f->account, &all, err)) != UADM_OK)
		return c;
	while ((c = stmt_row(&q, &more, err)) == UADM_OK && more) {
		if ((c = read_row(&q, groups, &all, &row, err)) != UADM_OK ||
		    (c = found(arg, &row, err)) != UADM_OK)
			return c;
	}
	return c;
}

#define PUBLISHED_COLUMNS                                                              \
	"u.uid, u.name, u.first_name, u.last_name, u.display_name, u.home, u.shell "

struct published {
	enum uadm_code (*found)(void *, const struct user *, struct uadm_err *);
	void *arg;
	struct user user;
};

static enum uadm_code
feed_published(void *arg, sqlite3_value **row, struct uadm_err *err)
{
	struct published *p = arg;
	struct user *u = &p->user;
	enum uadm_code c;

	u->uid = (uid_t)sqlite3_value_int64(row[0]);
	if ((c = feed_text(row[1], u->name, sizeof(u->name), err)) != UADM_OK ||
	    (c = feed_text(row[2], u->first_name, sizeof(u->first_name), err)) !=
		UADM_OK ||
	    (c = feed_text(row[3], u->last_name, sizeof(u->last_name), err)) !=
		UADM_OK ||
	    (c = feed_text(row[4], u->display_name, sizeof(u->display_name), err)) !=
		UADM_OK ||
	    (c = feed_text(row[5], u->home, sizeof(u->home), err)) != UADM_OK ||
	    (c = feed_text(row[6], u->shell, sizeof(u->shell), err)) != UADM_OK)
		return c;
	return p->found(p->arg, u, err);
}

/* Every user: through the table as it lies, with no index and no other table. */
enum uadm_code
users_each_published(struct store *st,
    enum uadm_code (*found)(void *, const struct user *, struct uadm_err *), void *arg,
    struct uadm_err *err)
{
	struct published p = { found, arg };

	return feed_rows(st,
	    "SELECT feed(" PUBLISHED_COLUMNS ") FROM user u NOT INDEXED", 7,
	    feed_published, &p, err);
}

enum uadm_code
users_published(struct store *st, uid_t uid,
    enum uadm_code (*found)(void *, const struct user *, struct uadm_err *), void *arg,
    struct uadm_err *err)
{
	STMT q =
	    stmt_make(st, "SELECT " PUBLISHED_COLUMNS "FROM user u WHERE u.uid = :uid");
	struct user u = { 0 };
	enum uadm_code c;
	bool more;

	stmt_int(&q, ":uid", uid);
	if ((c = stmt_row(&q, &more, err)) != UADM_OK || !more)
		return c;
	u.uid = (uid_t)stmt_col_int(&q, 0);
	stmt_col_text(&q, 1, u.name, sizeof(u.name));
	stmt_col_text(&q, 2, u.first_name, sizeof(u.first_name));
	stmt_col_text(&q, 3, u.last_name, sizeof(u.last_name));
	stmt_col_text(&q, 4, u.display_name, sizeof(u.display_name));
	stmt_col_text(&q, 5, u.home, sizeof(u.home));
	stmt_col_text(&q, 6, u.shell, sizeof(u.shell));
	return found(arg, &u, err);
}

enum uadm_code
users_count(struct store *st, int64_t *n, struct uadm_err *err)
{
	STMT q = stmt_make(st, "SELECT count(*) FROM user");
	enum uadm_code c = stmt_one(&q, err);

	if (c == UADM_OK)
		*n = stmt_col_int(&q, 0);
	return c;
}

enum uadm_code
users_last_login(
    struct store *st, uid_t uid, struct last_login *l, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "SELECT at, service, source, failures FROM last_login WHERE uid = :uid");
	enum uadm_code c;
	bool more;

	memset(l, 0, sizeof(*l));
	stmt_int(&q, ":uid", uid);
	if ((c = stmt_row(&q, &more, err)) != UADM_OK || !more)
		return c;
	l->at = stmt_col_int(&q, 0);
	stmt_col_text(&q, 1, l->service, sizeof(l->service));
	stmt_col_text(&q, 2, l->source, sizeof(l->source));
	l->failures = stmt_col_int(&q, 3);
	return c;
}

enum uadm_code
users_set_last_login(struct store *st, uid_t uid, int64_t at, const char *service,
    const char *source, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "INSERT INTO last_login (uid, at, service, source, failures) "
	    "VALUES (:uid, :at, :service, :source, 0) ON CONFLICT (uid) DO UPDATE "
	    "SET at = :at, service = :service, source = :source, failures = 0");

	stmt_int(&q, ":uid", uid);
	stmt_int(&q, ":at", at);
	stmt_text(&q, ":service", service);
	stmt_text(&q, ":source", source);
	return stmt_run(&q, err);
}

enum uadm_code
users_count_failure(struct store *st, uid_t uid, bool factor, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "INSERT INTO last_login (uid, failures, wrong_codes) VALUES (:uid, 1, :factor) "
	    "ON CONFLICT (uid) DO UPDATE SET failures = failures + 1, "
	    "wrong_codes = wrong_codes + :factor");

	stmt_int(&q, ":factor", factor);
	stmt_int(&q, ":uid", uid);
	return stmt_run(&q, err);
}

enum uadm_code
users_each_owned(struct store *st, const char *owner,
    enum uadm_code (*found)(void *, const char *, struct uadm_err *), void *arg,
    struct uadm_err *err)
{
	STMT q =
	    stmt_make(st, "SELECT name FROM user WHERE owner = :owner ORDER BY name");
	enum uadm_code c;
	bool more;

	stmt_text(&q, ":owner", owner);
	while ((c = stmt_row(&q, &more, err)) == UADM_OK && more)
		if ((c = found(arg, stmt_col_peek(&q, 0), err)) != UADM_OK)
			return c;
	return c;
}
