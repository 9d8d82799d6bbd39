/*
 * user.h - the plain structs that rooms hand each other. They own nothing but their own
 * bytes, so they are copied and dropped freely. Sizes are the longest value plus its NUL.
 */
#ifndef UADM_BASE_USER_H
#define UADM_BASE_USER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	UADM_NAME_SIZE = 32, /* utmp(5) keeps 32 bytes and systemd allows 31 */
	UADM_TEXT_SIZE = 129,
	UADM_DISPLAY_SIZE = 258,
	UADM_EMAIL_SIZE = 255, /* RFC 5321: 254 octets */
	UADM_PATH_SIZE = 256,
	UADM_ZONE_SIZE = 64,
	UADM_VERIFIER_SIZE = 256,
};

enum user_kind { USER_PERSON = 0, USER_SERVICE };

/* How somebody stands in an account. Zero is out. */
enum member_state { MEMBER_ENDED = 0, MEMBER_PENDING, MEMBER_SUSPENDED, MEMBER_ACTIVE };

/* Times are Unix seconds; 0 means "never" or "not set". */
struct user {
	uid_t uid; /* also the gid of the private group */
	enum user_kind kind;
	char name[UADM_NAME_SIZE];
	char first_name[UADM_TEXT_SIZE];
	char last_name[UADM_TEXT_SIZE];
	char display_name[UADM_DISPLAY_SIZE];
	char email[UADM_EMAIL_SIZE];
	char mobile[UADM_NAME_SIZE];
	char home[UADM_PATH_SIZE];
	char shell[UADM_PATH_SIZE];
	char time_zone[UADM_ZONE_SIZE];
	char reason[UADM_TEXT_SIZE];  /* service identities: why it exists ... */
	char owner[UADM_NAME_SIZE];   /* ... who answers for it ... */
	int64_t review_by;            /* ... and until when */
	char contact[UADM_TEXT_SIZE]; /* by name (contact.h); empty: none */
	int64_t created_at;
	int64_t suspended_at;
	bool suspended_by_root; /* nobody else resumes */
	bool keep_sessions;     /* suspended, but what runs may go on */
	int64_t valid_from;
	int64_t expires_at;
	bool must_change; /* a new password is due at the next login */
	bool password_set;
	int64_t password_changed_at;
	int64_t
	    temporary_until; /* somebody else made it, and until then it is good; 0: it is theirs */
	bool temporary_over; /* a clock that nobody sets says so as well; read only */
	bool invited;        /* by an invitation that is not accepted yet; read only */
	/* how they stand in the account they belong to before all others; read only */
	gid_t account; /* 0 = in none: what is above is all there is */
	enum member_state member;
	int64_t member_role;        /* by number */
	int64_t then_role, then_at; /* what that is from some moment on; 0: it stays */
	int64_t member_ends_at;     /* when that is over; 0 = never */
	bool account_suspended;
};

struct group {
	gid_t gid;
	char name[UADM_NAME_SIZE];
	char description[UADM_TEXT_SIZE];
	int64_t created_at;
	int64_t members; /* how many */
	gid_t account;   /* whose members it shows; 0 = an ordinary group */
};

/* A one-way password verifier in crypt(3) form, never shown and never published. */
struct verifier {
	char text[UADM_VERIFIER_SIZE];
};

#endif
