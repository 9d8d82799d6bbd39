#include "libuadm/store/contacts.h"

#include "libuadm/store/private.h"

#include <string.h>

#define SELECT_CONTACT                                                                 \
	"SELECT c.id, c.name, c.kind, c.email, c.phone, c.company, c.note, "           \
	"c.created_at, (SELECT group_concat(name, ',') FROM "                          \
	"(SELECT u.name AS name FROM user u WHERE u.contact = c.id ORDER BY u.name)) " \
	"FROM contact c "

static void
read_contact(const struct stmt *q, struct contact_row *r)
{
	struct contact *c = &r->contact;
	const char *users = stmt_col_peek(q, 8);
	char *comma;

	memset(r, 0, sizeof(*r));
	c->id = stmt_col_int(q, 0);
	stmt_col_text(q, 1, c->name, sizeof(c->name));
	stmt_col_text(q, 2, r->kind, sizeof(r->kind));
	stmt_col_text(q, 3, c->email, sizeof(c->email));
	stmt_col_text(q, 4, c->phone, sizeof(c->phone));
	stmt_col_text(q, 5, c->company, sizeof(c->company));
	stmt_col_text(q, 6, c->note, sizeof(c->note));
	c->created_at = stmt_col_int(q, 7);
	snprintf(c->users, sizeof(c->users), "%s", users);
	if (strlen(users) >= sizeof(c->users) &&
	    (comma = strrchr(c->users, ',')) != NULL)
		*comma = '\0';
}

enum uadm_code
contacts_get(
    struct store *st, const char *name, struct contact_row *r, struct uadm_err *err)
{
	STMT q = stmt_make(st, SELECT_CONTACT "WHERE c.name = :name");
	enum uadm_code c;

	stmt_text(&q, ":name", name);
	if ((c = stmt_one(&q, err)) == UADM_OK)
		read_contact(&q, r);
	return c;
}

enum uadm_code
contacts_each(struct store *st, const char *kind,
    enum uadm_code (*found)(void *, const struct contact_row *, struct uadm_err *),
    void *arg, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    SELECT_CONTACT
	    "WHERE :kind IS NULL OR c.kind = :kind ORDER BY c.name COLLATE NOCASE");
	struct contact_row r;
	enum uadm_code c;
	bool more;

	stmt_text(&q, ":kind", kind);
	while ((c = stmt_row(&q, &more, err)) == UADM_OK && more) {
		read_contact(&q, &r);
		if ((c = found(arg, &r, err)) != UADM_OK)
			return c;
	}
	return c;
}

enum uadm_code
contacts_write(struct store *st, const struct contact_row *r, struct uadm_err *err)
{
	const struct contact *c = &r->contact;
	STMT q = stmt_make(st,
	    c->id == 0
		? "INSERT INTO contact (name, kind, email, phone, company, note, created_at) "
		  "VALUES (:name, :kind, :email, :phone, :company, :note, :created_at)"
		: "UPDATE contact SET name = :name, kind = :kind, email = :email, phone = :phone, "
		  "company = :company, note = :note, created_at = :created_at WHERE id = :id");

	if (c->id != 0)
		stmt_int(&q, ":id", c->id);
	stmt_text(&q, ":name", c->name);
	stmt_text(&q, ":kind", r->kind);
	stmt_text(&q, ":email", c->email);
	stmt_text(&q, ":phone", c->phone);
	stmt_text(&q, ":company", c->company);
	stmt_text(&q, ":note", c->note);
	stmt_int(&q, ":created_at", c->created_at);
	return stmt_run(&q, err);
}

enum uadm_code
contacts_delete(struct store *st, int64_t id, struct uadm_err *err)
{
	STMT q = stmt_make(st, "DELETE FROM contact WHERE id = :id");

	stmt_int(&q, ":id", id);
	return stmt_run(&q, err);
}
