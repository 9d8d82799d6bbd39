/*
 * batch.c - see batch.h.
 *
 * Threat: a file of a hundred thousand lines that keeps logins waiting until they give up (5 s).
 * SQLite has no queue: who waits looks again every 5 ms, so a lock that is let go and taken again
 * at once is never seen free. So a batch is short, and there is a pause behind each in which who
 * waits looks at least once.
 */
#include "libuadm/ops/batch.h"

#include <unistd.h>

enum { HELD_MOST_MS = 100, PAUSE_US = 7000 };

void
batch_drop(struct uadm *u)
{
	txn_done(&u->batch.txn);
	if (u->batch.held)
		sigprocmask(SIG_SETMASK, &u->batch.before, NULL);
	u->batch.held = false;
}

enum uadm_code
batch_begin(struct uadm *u, struct uadm_err *err)
{
	struct batch *b = &u->batch;
	enum uadm_code c;

	if (batch_is_open(u))
		return UADM_OK;
	b->held = signals_hold(&b->before);
	if ((c = txn_begin(&b->txn, u->store, err)) != UADM_OK) {
		batch_drop(u);
		return c;
	}
	b->begun_ms = clock_boot_ms();
	return UADM_OK;
}

bool
batch_is_open(const struct uadm *u)
{
	return u->batch.txn.st != NULL;
}

bool
batch_is_due(const struct uadm *u)
{
	const struct batch *b = &u->batch;

	return batch_is_open(u) &&
	    (!txn_is_open(&b->txn) || clock_boot_ms() - b->begun_ms >= HELD_MOST_MS);
}

enum uadm_code
batch_end(struct uadm *u, struct uadm_err *err)
{
	struct batch *b = &u->batch;
	enum uadm_code c = UADM_OK;

	if (!batch_is_open(u))
		return UADM_OK;
	if (!txn_is_open(&b->txn))
		c = uadm_fail(err, UADM_UNAVAILABLE,
		    "the store has taken back what was written with it");
	else if (!u->dry_run)
		c = txn_commit(&b->txn, err);
	batch_drop(u);
	usleep(PAUSE_US);
	return c;
}
