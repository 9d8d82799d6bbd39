/*
 * Threat: a customer or supplier who comes to a login by the record that is kept of them: by the link,
 * or by the kind that changes under a link. Both ways are looked at here. And the book of contacts is
 * not for who administers one account: root alone reads it and links to it.
 */
#include "libuadm/ops/contacts.h"

#include "libuadm/base/names.h"
#include "libuadm/ops/act.h"
#include "libuadm/ops/fields.h"
#include "libuadm/policy/contact.h"
#include "libuadm/store/contacts.h"

#include <string.h>

static enum uadm_code
find_contact(
    struct uadm *u, const char *name, struct contact_row *r, struct uadm_err *err)
{
	char shown[120];
	enum uadm_code c = contacts_get(u->store, name, r, err);

	if (c == UADM_OK)
		r->contact.kind = policy_contact_kind(r->kind);
	if (c != UADM_NOT_FOUND)
		return c;
	uadm_fail(err, UADM_NOT_FOUND, "no such contact: \"%s\"",
	    text_escape(shown, sizeof(shown), name));
	return uadm_hint(
	    err, "uadmctl contact list; uadmctl contact add NAME --kind KIND");
}

static enum uadm_code
no_login(const struct contact_row *r, struct uadm_err *err)
{
	uadm_fail(err, UADM_INVALID,
	    "a %s cannot be linked to a login (the contact %s)", r->kind,
	    r->contact.name);
	return uadm_hint(
	    err, "if they are to log in: uadmctl contact set NAME --kind partner");
}

enum uadm_code
contact_fits(struct uadm *u, struct user *user, struct uadm_err *err)
{
	struct contact_row r;
	enum uadm_code c = act_as_root(u, err);

	if (c != UADM_OK || user->contact[0] == '\0')
		return c;
	if ((c = find_contact(u, user->contact, &r, err)) != UADM_OK)
		return c;
	if (!policy_contact_may_log_in(r.contact.kind))
		return no_login(&r, err);
	memcpy(user->contact, r.contact.name, sizeof(user->contact));
	return UADM_OK;
}

/* As the field of a user of that key is checked. */
static enum uadm_code
set_text(
    const char *key, const char *value, char *out, size_t size, struct uadm_err *err)
{
	struct user scratch = { 0 };
	const struct field *f = field_find(key);
	enum uadm_code c;

	if (value == NULL)
		return UADM_OK;
	if ((c = field_set(&scratch, f, value, 0, err)) == UADM_OK)
		field_text(&scratch, f, out, size);
	return c;
}

static enum uadm_code
set_plain(const char *what, const char *value, char *out, struct uadm_err *err)
{
	enum uadm_code c;

	if (value == NULL)
		return UADM_OK;
	if ((c = text_check(what, value, UADM_TEXT_SIZE, err)) == UADM_OK)
		snprintf(out, UADM_TEXT_SIZE, "%s", value);
	return c;
}

static enum uadm_code
apply(const struct contact_change *set, struct contact_row *r, struct uadm_err *err)
{
	struct contact *k = &r->contact;
	char shown[60];
	enum uadm_code c;

	if (set->kind != NULL) {
		k->kind = policy_contact_kind(set->kind);
		if (k->kind == CONTACT_NONE)
			return uadm_fail(err, UADM_INVALID,
			    "kind \"%s\" is none: employee, contractor, partner, customer or supplier",
			    text_escape(shown, sizeof(shown), set->kind));
		snprintf(r->kind, sizeof(r->kind), "%s", policy_contact_word(k->kind));
	}
	if ((c = set_text("email", set->email, k->email, sizeof(k->email), err)) !=
		UADM_OK ||
	    (c = set_text("mobile", set->phone, k->phone, sizeof(k->phone), err)) !=
		UADM_OK ||
	    (c = set_plain("company", set->company, k->company, err)) != UADM_OK ||
	    (c = set_plain("note", set->note, k->note, err)) != UADM_OK)
		return c;
	return k->users[0] != '\0' && !policy_contact_may_log_in(k->kind)
	    ? no_login(r, err)
	    : UADM_OK;
}

static enum uadm_code
check_name(const char *name, struct uadm_err *err)
{
	struct user scratch = { 0 };
	char shown[120];

	if (*name == '\0' || strchr(name, ',') != NULL)
		return uadm_fail(err, UADM_INVALID,
		    "name \"%s\" is empty or has a comma in it",
		    text_escape(shown, sizeof(shown), name));
	return field_set(&scratch, field_find("contact"), name, 0, err);
}

static enum uadm_code
write_row(struct uadm *u, struct change *ch, const struct contact_row *r,
    const char *action, struct uadm_err *err)
{
	char detail[80];
	enum uadm_code c = contacts_write(u->store, r, err);

	/* Their addresses are nobody's business later: the trail is for ever. */
	snprintf(detail, sizeof(detail), "kind=%s", r->kind);
	return c == UADM_OK
	    ? change_commit(ch, u, action, r->contact.name, detail, false, err)
	    : c;
}

enum uadm_code
op_contact_add(struct uadm *u, const char *name, const struct contact_change *set,
    struct uadm_err *err)
{
	struct contact_row r = { 0 }, is;
	CHANGE ch = { 0 };
	enum uadm_code c;

	if ((c = check_name(name, err)) != UADM_OK ||
	    (c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = act_as_root(u, err)) != UADM_OK)
		return c;
	c = contacts_get(u->store, name, &is, err);
	if (c == UADM_OK)
		return uadm_fail(err, UADM_EXISTS, "there is a contact \"%s\" already",
		    is.contact.name);
	if (c != UADM_NOT_FOUND || (c = apply(set, &r, err)) != UADM_OK)
		return c;
	snprintf(r.contact.name, sizeof(r.contact.name), "%s", name);
	r.contact.created_at = ch.now.wall;
	return write_row(u, &ch, &r, "contact.add", err);
}

enum uadm_code
op_contact_set(struct uadm *u, const char *name, const struct contact_change *set,
    bool *changed, struct uadm_err *err)
{
	struct contact_row r, was;
	CHANGE ch = { 0 };
	enum uadm_code c;

	*changed = false;
	if ((c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = act_as_root(u, err)) != UADM_OK ||
	    (c = find_contact(u, name, &r, err)) != UADM_OK)
		return c;
	was = r;
	if ((c = apply(set, &r, err)) != UADM_OK)
		return c;
	*changed = strcmp(was.kind, r.kind) != 0 ||
	    strcmp(was.contact.email, r.contact.email) != 0 ||
	    strcmp(was.contact.phone, r.contact.phone) != 0 ||
	    strcmp(was.contact.company, r.contact.company) != 0 ||
	    strcmp(was.contact.note, r.contact.note) != 0;
	return *changed ? write_row(u, &ch, &r, "contact.set", err) : UADM_OK;
}

enum uadm_code
op_contact_delete(struct uadm *u, const char *name, struct uadm_err *err)
{
	struct contact_row r;
	CHANGE ch = { 0 };
	enum uadm_code c;

	if ((c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = act_as_root(u, err)) != UADM_OK ||
	    (c = find_contact(u, name, &r, err)) != UADM_OK)
		return c;
	if (r.contact.users[0] != '\0') {
		uadm_fail(err, UADM_INVALID, "the contact %s is linked to %.100s",
		    r.contact.name, r.contact.users);
		return uadm_hint(err, "uadmctl user set USER --contact ''");
	}
	if ((c = contacts_delete(u->store, r.contact.id, err)) != UADM_OK)
		return c;
	return change_commit(
	    &ch, u, "contact.delete", r.contact.name, NULL, false, err);
}

struct listing {
	enum uadm_code (*found)(void *, const struct contact *, struct uadm_err *);
	void *arg;
};

static enum uadm_code
show(void *arg, const struct contact_row *r, struct uadm_err *err)
{
	struct listing *l = arg;
	struct contact k = r->contact;

	k.kind = policy_contact_kind(r->kind);
	return l->found(l->arg, &k, err);
}

enum uadm_code
op_contacts(struct uadm *u, const char *name, const char *kind,
    enum uadm_code (*found)(void *, const struct contact *, struct uadm_err *),
    void *arg, struct uadm_err *err)
{
	struct listing l = { found, arg };
	struct contact_row r;
	TXN t = { 0 };
	enum uadm_code c;

	if ((c = txn_read(&t, u->store, err)) != UADM_OK ||
	    (c = act_as_root(u, err)) != UADM_OK)
		return c;
	if (name == NULL)
		return contacts_each(u->store, kind, show, &l, err);
	return (c = find_contact(u, name, &r, err)) == UADM_OK ? show(&l, &r, err) : c;
}
