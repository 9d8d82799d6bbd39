#include "libuadm/base/names.h"

#include "libuadm/base/user.h"

#include <string.h>

/* base-passwd, sysusers.d of systemd, and daemons and groups that confer power. Sorted. */
static const char *const reserved[] = {
	"adm",
	"admin",
	"administrator",
	"audio",
	"avahi",
	"backup",
	"bin",
	"cdrom",
	"crontab",
	"daemon",
	"dialout",
	"dip",
	"disk",
	"dnsmasq",
	"docker",
	"fax",
	"floppy",
	"fwupd-refresh",
	"games",
	"gdm",
	"geoclue",
	"gnats",
	"halt",
	"incus",
	"incus-admin",
	"input",
	"irc",
	"kmem",
	"kvm",
	"landscape",
	"libvirt",
	"libvirt-qemu",
	"lightdm",
	"list",
	"lp",
	"lpadmin",
	"lxd",
	"mail",
	"man",
	"messagebus",
	"mysql",
	"netdev",
	"news",
	"nobody",
	"nogroup",
	"nscd",
	"operator",
	"plugdev",
	"podman",
	"polkitd",
	"postfix",
	"postgres",
	"proxy",
	"render",
	"root",
	"rtkit",
	"sasl",
	"sgx",
	"shadow",
	"shutdown",
	"src",
	"sshd",
	"ssl-cert",
	"sssd",
	"staff",
	"sudo",
	"sync",
	"sys",
	"syslog",
	"tape",
	"tcpdump",
	"toor",
	"tss",
	"tty",
	"uadm",
	"uadmd",
	"users",
	"utmp",
	"uucp",
	"uuidd",
	"video",
	"voice",
	"wheel",
	"www-data",
};

bool
name_is_valid(const char *name)
{
	size_t n = 0;

	/* By hand: strspn(3) makes a table of its set at each call, and all are asked at a publish. */
	while ((name[n] >= 'a' && name[n] <= 'z') ||
	    (name[n] >= '0' && name[n] <= '9') || name[n] == '_' || name[n] == '-')
		n++;
	return n > 0 && name[n] == '\0' && n < UADM_NAME_SIZE && name[0] >= 'a' &&
	    name[0] <= 'z' && name[n - 1] != '-';
}

bool
name_is_reserved(const char *name)
{
	if (name[0] == '_' || strncmp(name, "systemd-", 8) == 0)
		return true;
	for (size_t i = 0; i < ARRAY_LEN(reserved); i++)
		if (strcmp(name, reserved[i]) == 0)
			return true;
	return false;
}

enum uadm_code
name_check(const char *field, const char *name, struct uadm_err *err)
{
	char shown[80];

	if (name_is_reserved(name)) {
		uadm_fail(err, UADM_INVALID, "%s \"%s\" is reserved for the system",
		    field, text_escape(shown, sizeof(shown), name));
		return uadm_hint(err, "choose another name");
	}
	if (!name_is_valid(name)) {
		uadm_fail(err, UADM_INVALID, "%s \"%s\" is not a valid name", field,
		    text_escape(shown, sizeof(shown), name));
		return uadm_hint(err,
		    "a lower-case letter first, then lower-case letters, digits, _ and -; "
		    "at most %d characters",
		    UADM_NAME_SIZE - 1);
	}
	return UADM_OK;
}

size_t
text_decode(const char *text, unsigned *codepoint)
{
	const unsigned char *s = (const unsigned char *)text;
	static const unsigned least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = s[0] < 0x80 ? 1
	    : s[0] >= 0xf0     ? 4
	    : s[0] >= 0xe0     ? 3
	    : s[0] >= 0xc2     ? 2
			       : 0;
	unsigned c;

	if (n == 0 || s[0] > 0xf4)
		return 0;
	c = n == 1 ? s[0] : s[0] & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3fu);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*codepoint = c;
	return n;
}

/* What has no look of its own: Unicode's categories Cc, Cf, Zl, Zp, Cs and Co, what is reserved to
 * be invisible, and the letters that are blank. It hides, reorders or fakes what stands beside it.
 * Variation selectors may stay (U+FE00..FE0F): they are half of many emoji. Sorted. */
static const struct {
	unsigned first, last;
} unprintable[] = {
	{ 0x0000, 0x001f }, { 0x007f, 0x009f }, { 0x00ad, 0x00ad }, /* soft hyphen */
	{ 0x034f, 0x034f }, { 0x0600, 0x0605 }, { 0x061c, 0x061c }, { 0x06dd, 0x06dd },
	{ 0x070f, 0x070f }, { 0x0890, 0x0891 }, { 0x08e2, 0x08e2 },
	{ 0x115f, 0x1160 }, /* Hangul fillers */
	{ 0x17b4, 0x17b5 }, { 0x180b, 0x180f },
	{ 0x200b, 0x200f }, /* zero width, and marks of direction */
	{ 0x2028, 0x202e }, /* ends of lines, and overrides */
	{ 0x2060, 0x206f }, { 0x3164, 0x3164 },
	{ 0xd800, 0xf8ff }, /* surrogates, private use */
	{ 0xfeff, 0xfeff }, { 0xffa0, 0xffa0 }, { 0xfff0, 0xfffb },
	{ 0x110bd, 0x110bd }, { 0x110cd, 0x110cd }, { 0x13430, 0x1343f },
	{ 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a },
	{ 0xe0000, 0x10ffff }, /* tags, selectors, private use */
};

bool
text_is_printable(unsigned c)
{
	if (c >= 0x20 && c < 0x7f)
		return true;
	for (size_t i = 0; i < ARRAY_LEN(unprintable); i++)
		if (c <= unprintable[i].last)
			return c < unprintable[i].first && (c & 0xfffe) != 0xfffe;
	return false;
}

enum uadm_code
text_check(const char *field, const char *text, size_t size, struct uadm_err *err)
{
	char shown[80];
	unsigned c;
	size_t n;

	if (strnlen(text, size) >= size)
		return uadm_fail(err, UADM_INVALID,
		    "%s is longer than %zu bytes: \"%s\"", field, size - 1,
		    text_escape(shown, 40, text));
	for (const char *p = text; *p != '\0'; p += n) {
		n = 1;
		if (*p >= ' ' &&
		    *p <= '~') /* nearly all are, and there may be millions */
			continue;
		if ((n = text_decode(p, &c)) == 0)
			return uadm_fail(err, UADM_INVALID,
			    "%s is not valid UTF-8: \"%s\"", field,
			    text_escape(shown, sizeof(shown), text));
		if (!text_is_printable(c))
			return uadm_fail(err, UADM_INVALID,
			    "%s contains a control character or an invisible one: \"%s\"",
			    field, text_escape(shown, sizeof(shown), text));
	}
	return UADM_OK;
}

/* What ends a word, or seems to. */
static bool
is_mark(unsigned c)
{
	return c == ' ' || c == '"' || c == '\\';
}

/* What is not plain ASCII, in a form that is. Returns the length of it. */
static size_t
escape_one(char *piece, size_t size, const char *p, bool is_word, size_t *taken)
{
	unsigned c;
	int len;

	if ((*taken = text_decode(p, &c)) == 0) {
		*taken = 1;
		len = snprintf(piece, size, "\\x%02x", (unsigned char)*p);
	} else if (!text_is_printable(c) || (is_word && is_mark(c))) {
		len = c < 0x100 ? snprintf(piece, size, "\\x%02x", c)
				: snprintf(piece, size, "\\u{%x}", c);
	} else {
		len = snprintf(piece, size, "%.*s", (int)*taken, p);
	}
	return (size_t)len;
}

/* Nearly all text is plain, and lists are long: it is copied in runs. */
static char *
escape(char *out, size_t size, const char *text, bool is_word)
{
	size_t used = 0, room = size - sizeof("..."), taken, len;
	char piece[16];

	for (const char *p = text; *p != '\0'; p += taken) {
		const char *from = p;

		for (taken = 0; p[taken] >= ' ' && p[taken] <= '~' &&
		     !(is_word && is_mark((unsigned char)p[taken]));
		     taken++)
			;
		len = taken;
		if (taken == 0) {
			len = escape_one(piece, sizeof(piece), p, is_word, &taken);
			from = piece;
		}
		if (used + len > room) {
			/* A run may be cut anywhere, an escape is whole or not there. */
			len = from == p ? room - used : 0;
			memcpy(out + used, from, len);
			memcpy(out + used + len, "...", sizeof("..."));
			return out;
		}
		memcpy(out + used, from, len);
		used += len;
	}
	out[used] = '\0';
	return out;
}

char *
text_escape(char *out, size_t size, const char *text)
{
	return escape(out, size, text, false);
}

char *
text_escape_word(char *out, size_t size, const char *text)
{
	return escape(out, size, text, true);
}

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Optimal string alignment; names longer than the table are simply far apart. */
size_t
name_distance(const char *a, const char *b)
{
	enum { MOST = 40 };
	size_t d[MOST + 1][MOST + 1], la = strlen(a), lb = strlen(b);

	if (la > MOST || lb > MOST)
		return MOST;
	for (size_t i = 0; i <= la; i++)
		d[i][0] = i;
	for (size_t j = 0; j <= lb; j++)
		d[0][j] = j;
	for (size_t i = 1; i <= la; i++)
		for (size_t j = 1; j <= lb; j++) {
			size_t change = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);

			d[i][j] = least(change, least(d[i - 1][j], d[i][j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
		}
	return d[la][lb];
}

size_t
name_distance_most(const char *typed)
{
	size_t len = strlen(typed);

	return len == 0 ? 0 : least((len - 1) / 2, 2);
}

bool
list_has(const char *list, const char *word, size_t len)
{
	for (const char *p = list; *p != '\0';) {
		const size_t n = strcspn(p, ",");

		if (n == len && strncmp(p, word, len) == 0)
			return true;
		p += n + (p[n] == ',');
	}
	return false;
}

bool
service_is_listed(const char *list, const char *service)
{
	return list_has(list, "*", 1) ||
	    (*service != '\0' && list_has(list, service, strlen(service)));
}
