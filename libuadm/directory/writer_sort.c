/*
 * Sort by radix: millions of memberships have to be in order twice for each publish, and
 * comparing them would cost more than everything else. Digits that are the same in all
 * numbers (most of an id's upper bytes) are passed over.
 */
#include "libuadm/directory/writer_parts.h"

enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS };

/* Sort stably by one digit into `to`; false, with nothing done, when all have the same. */
static bool
sort_digit(const uint64_t *from, uint64_t *to, size_t count, unsigned shift)
{
	size_t at[DIGITS] = { 0 }, next = 0;

	for (size_t i = 0; i < count; i++)
		at[from[i] >> shift & (DIGITS - 1)]++;
	if (at[from[0] >> shift & (DIGITS - 1)] == count)
		return false;
	for (size_t d = 0; d < DIGITS; d++) {
		size_t n = at[d];

		at[d] = next;
		next += n;
	}
	for (size_t i = 0; i < count; i++)
		to[at[from[i] >> shift & (DIGITS - 1)]++] = from[i];
	return true;
}

static bool
sorted(const uint64_t *numbers, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (numbers[i - 1] > numbers[i])
			return false;
	return true;
}

void
sort_numbers(uint64_t *numbers, uint64_t *spare, size_t count)
{
	uint64_t *from = numbers, *to = spare, *swap;

	/* What comes from a database mostly is in order already. */
	if (count < 2 || sorted(numbers, count))
		return;
	for (unsigned shift = 0; shift < 64; shift += DIGIT_BITS) {
		if (!sort_digit(from, to, count, shift))
			continue;
		swap = from;
		from = to;
		to = swap;
	}
	if (from != numbers)
		memcpy(numbers, from, count * sizeof(*numbers));
}
