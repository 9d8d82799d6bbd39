/*
 * Which state of the files a lookup sees, and when a mapping goes.
 *
 * Mappings (of the entry, and of the base where that is a delta) stand in a fixed array of slots,
 * each with a count of references; cells (the current one, and one for each walk) name a slot and
 * hold one reference on it. To take one: count up, then look whether the cell still names the slot;
 * if not, count down and look again. Who counts down to 0 claims the slot (0 -> CLAIMED, which one
 * alone can do) and unmaps it; who loads a file claims a free slot in the same way. A count-up that
 * came too late finds a claimed or changed slot, touches nothing in it but the count, and goes.
 *
 * Nobody ever waits for anybody: a thread that is gone in the middle, as all others are in the
 * child of a fork, leaves a slot that is not used again, and no more. Once no slot is free,
 * which takes that many unlucky forks in one line of descent, each lookup maps the file for
 * itself: slower, and right.
 *
 * Fresh: the writer sets the stale word of the file it is about to replace, and a mapping shows
 * that without a system call. The word is a hint only: it makes a reader look at the name in
 * the file system. So a word that is set by accident costs time, not answers. And once a second
 * somebody looks in any case, at who may have replaced the file without a word.
 */
#include "libuadm/directory/reader.h"

#include "libuadm/directory/reader_file.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

/* As many as fit one page with what else the module writes to: a process that asks once pays for each. */
enum { SLOTS = 10, ATTEMPTS = 4 };

#define CLAIMED       0x80000000u
#define LOOK_AGAIN_NS 1000000000

struct slot {
	/* Written by every lookup; what follows is only read, so it has lines of its own. */
	_Alignas(64) _Atomic uint32_t refs;
	_Alignas(64) struct directory_file files[2]; /* entry, and base of a delta */
	_Atomic int64_t looked_ns;
	struct directory_places places;
};

static struct slot slots[SLOTS];

/* A cell: slot + 1 (0: empty) in the low byte; those of walks have more in them, see below. */
static _Atomic uint64_t current;

#define CELL_SLOT(cell) ((int)((cell)&0xff) - 1)

static int64_t
coarse_ns(void)
{
	struct timespec ts = { 0 };

	clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* Make a slot without references the caller's, and empty. */
static bool
slot_claim(struct slot *s)
{
	uint32_t unused = 0;

	if (!atomic_compare_exchange_strong(&s->refs, &unused, CLAIMED))
		return false;
	directory_file_unmap(s->files);
	return true;
}

static void
slot_release(int i)
{
	/* A failed claim means that somebody came back: they will see to it. */
	if (atomic_fetch_sub(&slots[i].refs, 1) == 1 && slot_claim(&slots[i]))
		atomic_fetch_sub(&slots[i].refs, CLAIMED);
}

/* The slot that the cell names, with a reference for the caller, or -1. */
static int
cell_acquire(_Atomic uint64_t *cell, uint64_t *seen)
{
	for (;;) {
		int i = CELL_SLOT(*seen = atomic_load(cell));

		if (i < 0 || i >= SLOTS)
			return -1;
		atomic_fetch_add(&slots[i].refs, 1);
		if (CELL_SLOT(*seen = atomic_load(cell)) == i)
			return i;
		slot_release(i); /* it was replaced: somebody else got on */
	}
}

/* A cell that held this lets go of it. */
static void
cell_dropped(uint64_t was)
{
	if (CELL_SLOT(was) >= 0 && CELL_SLOT(was) < SLOTS)
		slot_release(CELL_SLOT(was));
}

static void
view_of_slot(struct directory_view *v, int i)
{
	v->entry = &slots[i].files[0];
	v->base = &slots[i].files[slots[i].files[0].head.delta];
	v->slot = i;
	v->heap = NULL;
}

/* Is it this thread's turn to look at the file system? */
static bool
slot_due(struct slot *s)
{
	int64_t last = atomic_load_explicit(&s->looked_ns, memory_order_relaxed);
	int64_t now = coarse_ns();

	return now - last >= LOOK_AGAIN_NS &&
	    atomic_compare_exchange_strong(&s->looked_ns, &last, now);
}

static bool
slot_stale(const struct slot *s)
{
	const _Atomic uint32_t *word =
	    (const void *)(s->files[0].bytes + DIRECTORY_STALE_AT);

	return atomic_load_explicit(word, memory_order_acquire) != 0;
}

/* A copy by other hands may write over a file in its place, which is then another one. */
static bool
slot_overwritten(const struct slot *s)
{
	for (int i = 0; i <= (int)s->files[0].head.delta; i++)
		if (memcmp(s->files[i].bytes, &s->files[i].head,
			sizeof(s->files[i].head)) != 0)
			return true;
	return false;
}

static bool
slot_fresh(struct slot *s)
{
	if (!slot_stale(s) && !slot_due(s))
		return true;
	return !slot_overwritten(s) &&
	    directory_file_same(&s->files[0].head, &s->places);
}

/* Put the view's mappings where others find them; they stay the view's own when there is no free
 * slot. Whether it becomes the current one does not matter to this lookup. */
static void
view_share(struct directory_view *v, const struct directory_places *places)
{
	uint64_t none = 0;
	int i = 0;

	while (i < SLOTS && !slot_claim(&slots[i]))
		i++;
	if (i == SLOTS)
		return;
	slots[i].files[0] = *v->entry;
	if (v->base != v->entry)
		slots[i].files[1] = *v->base;
	slots[i].places = *places;
	atomic_store_explicit(&slots[i].looked_ns, coarse_ns(), memory_order_relaxed);
	/* The claim turns into two references: this view's and the current cell's. */
	atomic_fetch_sub(&slots[i].refs, CLAIMED - 2);
	if (!atomic_compare_exchange_strong(&current, &none, (uint64_t)i + 1))
		slot_release(i);
	view_of_slot(v, i);
}

/* Kept out of directory_open(), whose common case should touch little. */
__attribute__((noinline)) static int
view_load(struct directory_view *v)
{
	struct directory_places places;
	int error = directory_file_open(v, &places);

	if (error == 0 && v->entry->bytes != NULL && v->base->bytes != NULL)
		view_share(v, &places);
	return error;
}

int
directory_open(struct directory_view *v)
{
	uint64_t seen;

	/* A replaced file is retired by whoever notices first; the others look again, for then
	 * there may be a new one. Not for ever: what is opened now is new enough. */
	for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
		int i = cell_acquire(&current, &seen);

		if (i < 0)
			break;
		if (slot_fresh(&slots[i])) {
			view_of_slot(v, i);
			return 0;
		}
		if (atomic_compare_exchange_strong(&current, &seen, 0))
			slot_release(i);
		slot_release(i);
	}
	return view_load(v);
}

void
directory_close(struct directory_view *v)
{
	if (v->slot >= 0) {
		slot_release(v->slot);
		return;
	}
	directory_file_close(v);
	free(v->heap);
}

/*
 * A walk's cell: slot + 1, or UNHELD, in 8 bits; 16 bits of the file's seed, by which an unheld
 * walk notices that the file is another one; 40 bits of offset in units. An ended walk is 0.
 */
enum { UNHELD = 255, WALK_SEED_MASK = 0xffff00, WALK_OFFSET_SHIFT = 24 };

static uint64_t
walk_seed(const struct directory_view *v)
{
	return v->entry->head.seed[0] & WALK_SEED_MASK;
}

int
directory_walk_start(struct directory_walk *walk)
{
	struct directory_view v;
	int error = directory_open(&v);
	uint64_t cell;

	if (error != 0) {
		directory_walk_end(walk);
		return error;
	}
	/* The view's reference becomes the cell's. */
	cell = walk_seed(&v) | (v.slot >= 0 ? (uint64_t)v.slot + 1 : UNHELD);
	if (v.slot < 0)
		directory_close(&v);
	cell_dropped(atomic_exchange(&walk->cell, cell));
	return 0;
}

void
directory_walk_end(struct directory_walk *walk)
{
	cell_dropped(atomic_exchange(&walk->cell, 0));
}

static int
walk_open_unheld(struct directory_view *v, uint64_t at)
{
	int error = directory_open(v);

	if (error != 0 || walk_seed(v) == (at & WALK_SEED_MASK))
		return error;
	directory_close(v);
	return EAGAIN;
}

int
directory_walk_open(struct directory_walk *walk, struct directory_view *v, uint64_t *at)
{
	for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
		int error, i = cell_acquire(&walk->cell, at);

		if (i >= 0) {
			view_of_slot(v, i);
			return 0;
		}
		if (*at != 0)
			return walk_open_unheld(v, *at);
		if ((error = directory_walk_start(walk)) != 0)
			return error;
	}
	return EAGAIN; /* other threads end it as fast as we start it */
}

uint64_t
directory_walk_offset(uint64_t at)
{
	return (at >> WALK_OFFSET_SHIFT) * DIRECTORY_UNIT;
}

bool
directory_walk_move(struct directory_walk *walk, uint64_t at, uint64_t offset)
{
	uint64_t held = at & (((uint64_t)1 << WALK_OFFSET_SHIFT) - 1);

	return atomic_compare_exchange_strong(
	    &walk->cell, &at, offset / DIRECTORY_UNIT << WALK_OFFSET_SHIFT | held);
}
