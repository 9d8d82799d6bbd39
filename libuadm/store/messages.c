#include "libuadm/store/messages.h"

#include "libuadm/store/private.h"

/* Wrong codes are counted in a row that every failure writes: one more here would be a page more of the
 * log, from which it shows that there was a message. */
#define WRONG_CODES "coalesce((SELECT wrong_codes FROM last_login WHERE uid = :uid), 0)"

enum uadm_code
messages_put(struct store *st, uid_t uid, const char *hash, int64_t tries, int64_t now,
    struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "INSERT INTO message (uid, hash, spent, sent) "
	    "VALUES (:uid, :hash, " WRONG_CODES " + :tries, :now) "
	    "ON CONFLICT (uid) DO UPDATE SET hash = excluded.hash, spent = excluded.spent, "
	    "sent = excluded.sent");

	stmt_int(&q, ":uid", uid);
	stmt_text(&q, ":hash", hash);
	stmt_int(&q, ":tries", tries);
	stmt_int(&q, ":now", now);
	return stmt_run(&q, err);
}

enum uadm_code
messages_take(struct store *st, uid_t uid, const char *hash, int64_t since, bool *taken,
    struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "DELETE FROM message WHERE uid = :uid AND hash = :hash "
	    "AND spent > " WRONG_CODES " AND sent > :since");
	enum uadm_code c;

	stmt_int(&q, ":uid", uid);
	stmt_text(&q, ":hash", hash);
	stmt_int(&q, ":since", since);
	c = stmt_run(&q, err);
	*taken = c == UADM_OK && store_changes(st) == 1;
	return c;
}

enum uadm_code
messages_count(struct store *st, uid_t uid, const char *source, int64_t since,
    struct message_counts *n, struct uadm_err *err)
{
	STMT old = stmt_make(st, "DELETE FROM message_sent WHERE at <= :since");
	STMT q = stmt_make(st,
	    "SELECT coalesce(sum(uid = :uid), 0), coalesce(sum(source IS :source), 0) "
	    "FROM message_sent");
	enum uadm_code c;

	*n = (struct message_counts){ 0 };
	stmt_int(&old, ":since", since);
	stmt_int(&q, ":uid", uid);
	stmt_text(&q, ":source", source);
	if ((c = stmt_run(&old, err)) != UADM_OK || (c = stmt_one(&q, err)) != UADM_OK)
		return c;
	n->to_user = stmt_col_int(&q, 0);
	n->from_source = stmt_col_int(&q, 1);
	return UADM_OK;
}

enum uadm_code
messages_sent(
    struct store *st, uid_t uid, const char *source, int64_t now, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "INSERT INTO message_sent (uid, source, at) VALUES (:uid, :source, :now)");

	stmt_int(&q, ":uid", uid);
	stmt_text(&q, ":source", source);
	stmt_int(&q, ":now", now);
	return stmt_run(&q, err);
}
