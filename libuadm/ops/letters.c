/*
 * Threat: a mail that goes out for a change that was taken back, or a change whose mail is lost; a code that
 * a copy of the store gives away. So a mail is a row of the change's transaction, with its code sealed by
 * a key that lies elsewhere, and nothing is run here: courier.c sends what was committed.
 */
#include "libuadm/ops/letters.h"

#include "libuadm/base/address.h"
#include "libuadm/base/files.h"
#include "libuadm/base/names.h"
#include "libuadm/base/paths.h"
#include "libuadm/ops/letter_office.h"
#include "libuadm/secrets/seal.h"

#include <fcntl.h>
#include <string.h>

static enum uadm_code
seal_code(struct uadm *u, const char *code, struct letter_row *r, struct uadm_err *err)
{
	struct letter_office *o = office_open(u, err);
	size_t size = strlen(code);
	struct key *key;
	enum uadm_code c;

	if (size + SEAL_EXTRA > sizeof(r->code) ||
	    text_check("code", code, sizeof(r->code), err) != UADM_OK)
		return uadm_fail(err, UADM_INTERNAL, "a code that cannot be mailed");
	if (o == NULL)
		return err->code;
	if ((c = office_key(o, &key, err)) != UADM_OK)
		return c;
	seal_close(key, code, size, r->code);
	r->code_size = size + SEAL_EXTRA;
	return UADM_OK;
}

static enum uadm_code
queue(struct uadm *u, struct letter_row *r, const struct clock_now *now,
    struct uadm_err *err)
{
	enum uadm_code c;

	if ((c = store_steady_keep(u->store, now, &r->queued, err)) != UADM_OK)
		return c;
	r->next = r->queued;
	return letters_insert(u->store, r, err);
}

/* What is written is no reason to refuse what it is about. */
static enum uadm_code
not_written(struct uadm *u, const struct letter *l, const struct uadm_err *why)
{
	char said[600];

	if (u->warn == NULL)
		return UADM_OK;
	snprintf(said, sizeof(said), "%s gets no mail: %s", l->user->name, why->msg);
	u->warn(said);
	return UADM_OK;
}

enum uadm_code
op_letter(struct uadm *u, const struct letter *l, enum letter_fate *fate,
    struct uadm_err *err)
{
	CLEANUP(letter_row_wipe) struct letter_row r = { 0 };
	struct clock_now now;
	enum uadm_code c;

	*fate = LETTER_NOT_SENT;
	if (l->code != NULL &&
	    (c = letters_withdraw(u, l->user->uid, l->kind, err)) != UADM_OK)
		return c;
	if (u->config.mail_command[0] == '\0' || !address_is_valid(l->user->email))
		return UADM_OK;
	clock_read(&now);
	if (office_write(u, l, false, now.wall, &r, err) != UADM_OK)
		return not_written(u, l, err);
	if ((l->code != NULL && (c = seal_code(u, l->code, &r, err)) != UADM_OK) ||
	    (c = queue(u, &r, &now, err)) != UADM_OK)
		return c;
	if (!u->dry_run)
		u->letters_queued++;
	*fate = LETTER_QUEUED;
	return UADM_OK;
}

void
letters_pretend(struct uadm *u, const struct letter *l)
{
	CLEANUP(letter_row_wipe) struct letter_row r = { 0 };
	struct uadm_err ignored;
	struct clock_now now;

	if (u->config.mail_command[0] == '\0')
		return;
	clock_read(&now);
	if (office_write(u, l, false, now.wall, &r, &ignored) == UADM_OK &&
	    l->code != NULL)
		(void)(seal_code(u, l->code, &r, &ignored) == UADM_OK);
	u->letters_queued++;
}

enum uadm_code
letters_tell(
    struct uadm *u, const struct user *user, const char *kind, struct uadm_err *err)
{
	const struct letter l = { .kind = kind, .user = user };
	enum letter_fate fate;

	return op_letter(u, &l, &fate, err);
}

enum uadm_code
letters_withdraw(struct uadm *u, uid_t uid, const char *kind, struct uadm_err *err)
{
	struct clock_now now;

	clock_read(&now);
	return letters_withdraw_of(u->store, uid, kind,
	    "withdrawn: a newer one, another address, or a user who is gone", now.wall,
	    err);
}

/* Who looks at the file (systemd) starts the courier; nobody waits for that. Where it cannot be written,
 * or nobody looks, the next round of `maintain` finds the mail. */
static void
wake(void)
{
	CLEANUP(cleanup_fd) int dir = -1;
	CLEANUP(cleanup_fd) int fd = -1;
	struct uadm_err ignored;

	if (files_make_dir(UADM_RUN_DIR, 0755, UADM_TRUSTED_UID, &dir, &ignored) !=
	    UADM_OK)
		return;
	fd = openat(dir, strrchr(UADM_WAKE_FILE, '/') + 1,
	    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (fd >= 0)
		(void)files_write_all(fd, "\n", 1);
}

void
letters_close(struct uadm *u)
{
	if (u->letters_queued > 0)
		wake();
	u->letters_queued = 0;
	office_close(u);
}
