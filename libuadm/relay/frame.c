/*
 * frame.c - build and read the fields of one frame; touches no descriptor.
 *
 * Threat: the payload came from somebody else. Every length in it is checked against what is
 * left before a byte is looked at, copies are made with memcpy because fields are not aligned,
 * and a field that is not exactly what the caller asked for reads as absent.
 */
#include "libuadm/relay/frame.h"

#include <string.h>

/* Before each field's bytes. */
struct field_head {
	uint16_t tag;
	uint16_t size;
};

enum { TAG_LIMIT = 64 }; /* one bit each in relay_is_sound() */

_Static_assert((int)RELAY_F_DELAY_US < TAG_LIMIT, "the set of tags is one word");
_Static_assert(RELAY_FRAME_MAX <= UINT16_MAX, "a field's size fits its head");

void
relay_begin(struct relay_frame *f, enum relay_type type)
{
	f->type = type;
	f->used = 0;
	f->overflow = false;
}

void
relay_put(struct relay_frame *f, enum relay_tag tag, const void *data, size_t size)
{
	struct field_head head = { .tag = (uint16_t)tag, .size = (uint16_t)size };

	/* The first field that does not fit spoils the frame: half a message must not be
	 * sent as if it were the whole one. */
	if (f->overflow || f->used > sizeof(f->payload) || size > sizeof(f->payload) ||
	    sizeof(head) + size > sizeof(f->payload) - f->used) {
		f->overflow = true;
		return;
	}
	memcpy(f->payload + f->used, &head, sizeof(head));
	if (size > 0)
		memcpy(f->payload + f->used + sizeof(head), data, size);
	f->used += sizeof(head) + size;
}

void
relay_put_text(struct relay_frame *f, enum relay_tag tag, const char *text)
{
	if (text != NULL)
		relay_put(f, tag, text, strlen(text));
}

void
relay_put_int(struct relay_frame *f, enum relay_tag tag, int64_t value)
{
	relay_put(f, tag, &value, sizeof(value));
}

/* Step to the field at *at: its tag and bytes. false at the end and at the first field that
 * reaches beyond what is there; *at is then where it stopped. */
static bool
next_field(const struct relay_frame *f, size_t *at, unsigned *tag,
    const unsigned char **data, size_t *size)
{
	struct field_head head;

	if (f->used > sizeof(f->payload) || *at > f->used ||
	    f->used - *at < sizeof(head))
		return false;
	memcpy(&head, f->payload + *at, sizeof(head));
	if (head.size > f->used - *at - sizeof(head))
		return false;
	*tag = head.tag;
	*data = f->payload + *at + sizeof(head);
	*size = head.size;
	*at += sizeof(head) + head.size;
	return true;
}

bool
relay_is_sound(const struct relay_frame *f)
{
	const unsigned char *data;
	uint64_t seen = 0;
	size_t at = 0, size;
	unsigned tag;

	if (f->overflow || f->type < RELAY_START || f->type > RELAY_RESULT)
		return false;
	while (next_field(f, &at, &tag, &data, &size)) {
		if (tag == 0 || tag >= TAG_LIMIT || (seen >> tag & 1) != 0)
			return false;
		seen |= (uint64_t)1 << tag;
	}
	return at == f->used;
}

const void *
relay_get(const struct relay_frame *f, enum relay_tag tag, size_t *size)
{
	const unsigned char *data;
	size_t at = 0, found;
	unsigned other;

	*size = 0;
	while (next_field(f, &at, &other, &data, &found)) {
		if (other != (unsigned)tag)
			continue;
		*size = found;
		return data;
	}
	return NULL;
}

bool
relay_get_text(const struct relay_frame *f, enum relay_tag tag, char *out, size_t size)
{
	const void *data;
	size_t found;

	if (size == 0)
		return false;
	out[0] = '\0';
	data = relay_get(f, tag, &found);
	if (data == NULL || found >= size || memchr(data, '\0', found) != NULL)
		return false;
	memcpy(out, data, found);
	out[found] = '\0';
	return true;
}

int64_t
relay_get_int(const struct relay_frame *f, enum relay_tag tag, int64_t otherwise)
{
	int64_t value;
	const void *data;
	size_t found;

	data = relay_get(f, tag, &found);
	if (data == NULL || found != sizeof(value))
		return otherwise;
	memcpy(&value, data, sizeof(value));
	return value;
}

void
relay_wipe(struct relay_frame *f)
{
	explicit_bzero(f, sizeof(*f));
}
