/*
 * frame.h - what pam_uadm and uadmd say to each other over one stream socket.
 *
 * Threat: either side may be hostile (a listening uadmd hears any local user; the module must
 * not be crashed by whoever answers). So a frame is a type, a length with a cap, and fields of
 * (tag, length, bytes); anything else ends the connection. Secrets are wiped after use by who
 * holds them. Knows libc alone.
 *
 * The module speaks first (START), then only answers: every PROMPT gets one ANSWER, INFO,
 * ERROR, SETENV and AUTHTOK get none, RESULT ends the call. Byte order and layout are the
 * machine's: both ends are on it and of one version, which START carries. On the wire: a head
 * of type and size (two uint32_t), then fields, each of tag and size (two uint16_t) and bytes.
 *
 * What the module takes: TEXT and LOG of at most 511 bytes (PAM_MAX_MSG_SIZE); 256 frames and
 * 32 prompts in a call; SETENV in open_session only, and of TZ only; AUTHTOK in auth and chauthtok
 * only, where it means the last answer to a PROMPT with RELAY_ITEM_AUTHTOK. Anything else
 * ends the call without a verdict. What it sends: a user of at most 255 bytes, other items
 * cut at 255; an answer or token of more than RELAY_SECRET_MAX bytes comes as that many bytes 0xff,
 * which are no text and match nothing.
 *
 * A spawned uadmd has the connection on descriptor 0, /dev/null on 1 and 2, argv { "uadmd" },
 * no environment, and ends soon after RESULT or end of input: 5 s later it is killed.
 */
#ifndef UADM_RELAY_FRAME_H
#define UADM_RELAY_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	RELAY_VERSION =
	    2, /* 2: RELAY_F_ACCOUNTS, which who does not know it would pass over */
	RELAY_FRAME_MAX = 8192, /* payload bytes; the longest secret is 511 */
	RELAY_SECRET_MAX =
	    2048, /* what a PROMPT's answer may have: longer is told as such */
};

enum relay_type {
	RELAY_START = 1, /* module -> uadmd */
	RELAY_ANSWER,    /* module -> uadmd */
	RELAY_PROMPT,    /* uadmd -> module */
	RELAY_INFO,
	RELAY_ERROR,
	RELAY_SETENV,
	RELAY_AUTHTOK, /* keep what the last ANSWER held as PAM_AUTHTOK for later modules */
	RELAY_RESULT,
};

enum relay_phase {
	RELAY_AUTH = 1,
	RELAY_SETCRED,
	RELAY_ACCOUNT,
	RELAY_CHAUTHTOK,
	RELAY_OPEN_SESSION,
	RELAY_CLOSE_SESSION,
};

/* What a call ends in; the module translates it to a PAM code. Zero is no verdict. */
enum relay_result {
	RELAY_NO_VERDICT = 0, /* -> PAM_AUTHINFO_UNAVAIL */
	RELAY_SUCCESS,
	RELAY_NOT_OURS,      /* -> PAM_USER_UNKNOWN: known to another source */
	RELAY_AUTH_FAILED,   /* -> PAM_AUTH_ERR */
	RELAY_DENIED,        /* -> PAM_PERM_DENIED */
	RELAY_EXPIRED,       /* -> PAM_ACCT_EXPIRED */
	RELAY_CHANGE_DUE,    /* -> PAM_NEW_AUTHTOK_REQD */
	RELAY_TOKEN_ERROR,   /* -> PAM_AUTHTOK_ERR: the new password was not taken */
	RELAY_TOKEN_RECOVER, /* -> PAM_AUTHTOK_RECOVERY_ERR: the old one was wrong */
	RELAY_CONVERSATION,  /* -> PAM_CONV_ERR */
	RELAY_UNAVAILABLE,   /* -> PAM_AUTHINFO_UNAVAIL */
	RELAY_BUSY, /* -> PAM_TRY_AGAIN in chauthtok, else PAM_AUTHINFO_UNAVAIL */
};

/* Field tags. Numbers are int64_t, texts carry no NUL. */
enum relay_tag {
	/* START */
	RELAY_F_VERSION = 1,
	RELAY_F_PHASE,
	RELAY_F_FLAGS, /* enum relay_flag */
	RELAY_F_USER,
	RELAY_F_SERVICE,
	RELAY_F_TTY,
	RELAY_F_RHOST,
	RELAY_F_RUSER,
	RELAY_F_RUID,    /* real uid of the host */
	RELAY_F_PID,     /* the host's pid, the session's leader */
	RELAY_F_CONF,    /* conf=FILE */
	RELAY_F_AUTHTOK, /* from an earlier module, or of the prelim pass */
	RELAY_F_OLDAUTHTOK,
	/* PROMPT, INFO, ERROR, ANSWER */
	RELAY_F_TEXT,      /* prompt, line to show, or the answer */
	RELAY_F_ECHO,      /* PROMPT: 1 = show what is typed */
	RELAY_F_ITEM,      /* PROMPT: enum relay_item */
	RELAY_F_NO_ANSWER, /* ANSWER: 1 = the conversation failed; no text */
	/* SETENV */
	RELAY_F_NAME,
	RELAY_F_VALUE,
	/* RESULT */
	RELAY_F_RESULT,
	RELAY_F_LOG,      /* one line for the log: why; no secret */
	RELAY_F_LOG_USER, /* 1 = the name is a known user's and may be logged */
	RELAY_F_DELAY_US, /* pam_fail_delay for a failure */
	/* START, too */
	RELAY_F_ACCOUNTS, /* account=NAME,... */
};

enum relay_flag {
	RELAY_SILENT = 1 << 0,
	RELAY_DISALLOW_NULL = 1
	    << 1, /* PAM_DISALLOW_NULL_AUTHTOK; nothing depends on it */
	RELAY_PRELIM = 1 << 2,
	RELAY_UPDATE = 1 << 3,
	RELAY_CHANGE_EXPIRED = 1 << 4,
	RELAY_TRY_FIRST = 1 << 5,
	RELAY_USE_FIRST = 1 << 6,
	RELAY_USE_AUTHTOK = 1 << 7,
	RELAY_DEBUG = 1 << 8,
	RELAY_NODELAY = 1 << 9,
};

/* What a secret that is asked for stands for in PAM. */
enum relay_item {
	RELAY_ITEM_NONE = 0,
	RELAY_ITEM_AUTHTOK,    /* set as PAM_AUTHTOK once RELAY_AUTHTOK says so */
	RELAY_ITEM_OLDAUTHTOK, /* set as PAM_OLDAUTHTOK at once */
};

struct relay_frame {
	enum relay_type type;
	size_t used;   /* bytes of payload */
	bool overflow; /* something did not fit: sending fails */
	unsigned char payload[RELAY_FRAME_MAX];
};

void relay_begin(struct relay_frame *f, enum relay_type type);
void relay_put(
    struct relay_frame *f, enum relay_tag tag, const void *data, size_t size);
void relay_put_text(
    struct relay_frame *f, enum relay_tag tag, const char *text); /* NULL: none */
void relay_put_int(struct relay_frame *f, enum relay_tag tag, int64_t value);

/* Is the payload made of whole fields, each tag once at most? */
bool relay_is_sound(const struct relay_frame *f);

/* The field's bytes and size, or NULL. */
const void *relay_get(const struct relay_frame *f, enum relay_tag tag, size_t *size);
/* Copy a text field without embedded NULs. false: absent, too long, or a NUL in it (out = ""). */
bool relay_get_text(
    const struct relay_frame *f, enum relay_tag tag, char *out, size_t size);
int64_t relay_get_int(
    const struct relay_frame *f, enum relay_tag tag, int64_t otherwise);

/* Wipe the whole frame in a way the compiler keeps. */
void relay_wipe(struct relay_frame *f);

/* CLOCK_BOOTTIME in milliseconds: what the deadlines below are measured in. */
int64_t relay_clock_ms(void);

/* Send or receive one frame before `deadline_ms` (CLOCK_BOOTTIME). Never raises SIGPIPE, goes
 * on after EINTR. receive: false too when the frame is not sound. */
bool relay_send(int fd, const struct relay_frame *f, int64_t deadline_ms);
bool relay_receive(int fd, struct relay_frame *f, int64_t deadline_ms);

#endif
