/* stores.h - an empty store in the test root, and raw SQL into it for what we never do. */
#ifndef UADM_TESTS_UNIT_STORE_STORES_H
#define UADM_TESTS_UNIT_STORE_STORES_H

#include "libuadm/base/user.h"
#include "libuadm/store/db.h"
#include "libuadm/store/numbers.h"
#include "libuadm/store/users.h"
#include "tests/unit/check.h"

#include <sqlite3.h>

#define STORE CLEANUP(store_close) struct store

static inline struct store_place
place(void)
{
	return (struct store_place){ .dir = UADM_STORE_DIR,
		.owner = UADM_TRUSTED_UID,
		.audit_key = "a key of the tests, 32 bytes...." };
}

/* A new, empty store: a setup function. */
static inline int
empty_store(void **state)
{
	const struct store_place p = place();
	struct uadm_err err;

	(void)state;
	root_clean();
	CHECK_OK(store_create(&p, NULL, NULL, &err));
	return 0;
}

static inline struct store *
open_store(void)
{
	const struct store_place p = place();
	struct store *st = NULL;
	struct uadm_err err;

	CHECK_OK(store_open(&p, &st, &err));
	return st;
}

static inline void
raw_sql(const char *sql)
{
	sqlite3 *db = NULL;
	char *why = NULL;

	assert_int_equal(sqlite3_open(UADM_STORE_FILE, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", sql, why);
	sqlite3_close(db);
}

/* The first column of the first row. Opens and closes the file: only where that is fine. */
static inline int64_t
raw_int(const char *sql)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *h = NULL;
	int64_t n;

	assert_int_equal(sqlite3_open(UADM_STORE_FILE, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &h, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(h), SQLITE_ROW);
	n = sqlite3_column_int64(h, 0);
	sqlite3_finalize(h);
	sqlite3_close(db);
	return n;
}

static inline struct user
plain_user(uid_t uid, const char *name)
{
	struct user u = { .uid = uid, .created_at = 1 };

	snprintf(u.name, sizeof(u.name), "%s", name);
	snprintf(u.home, sizeof(u.home), "/home/%s", name);
	snprintf(u.shell, sizeof(u.shell), "/bin/sh");
	return u;
}

/* A user with name and number, in the caller's transaction or its own. */
static inline void
insert_user(struct store *st, const struct user *u)
{
	struct uadm_err err;

	CHECK_OK(numbers_give(st, NUMBER_USER, u->uid, u->name, 1, &err));
	CHECK_OK(users_insert(st, u, &err));
}

static inline void
add_user(struct store *st, uid_t uid, const char *name)
{
	const struct user u = plain_user(uid, name);
	struct uadm_err err;
	TXN t = { 0 };

	CHECK_OK(txn_begin(&t, st, &err));
	insert_user(st, &u);
	CHECK_OK(txn_commit(&t, &err));
}

#endif
