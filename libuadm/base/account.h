/*
 * account.h - organisations that users belong to, and what somebody may do in them: the plain
 * structs that rooms hand each other.
 */
#ifndef UADM_BASE_ACCOUNT_H
#define UADM_BASE_ACCOUNT_H

#include "libuadm/base/user.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	RIGHTS_MOST = 511, /* the highest number of a right */
	RIGHT_NAME_SIZE = 33,
	RIGHTS_TEXT_SIZE =
	    RIGHTS_MOST * RIGHT_NAME_SIZE + 1, /* the names of all there can be */
};

/* What every catalogue has, by number: the guards and the rule of delegation ask for them. */
enum shipped_right {
	SCOPE_ADMIN = 1,
	SCOPE_WORK,
	RIGHT_USER_READ,
	RIGHT_USER_WRITE,
	RIGHT_ROLE_WRITE,
	RIGHT_ACCOUNT_WRITE,
};

/* A set of scopes and rights: bit = number. Zero holds nothing. */
struct rights {
	uint64_t bits[(RIGHTS_MOST + 1) / 64];
};

/* All there are, and to which scope each belongs (a scope to itself; 0 = there is no such one). */
struct catalogue {
	struct rights all;
	uint16_t scope[RIGHTS_MOST + 1];
};

struct right {
	int64_t id;
	int64_t scope; /* 0: it is a scope itself */
	char name[RIGHT_NAME_SIZE];
	char scope_name[RIGHT_NAME_SIZE];
	char description[UADM_TEXT_SIZE];
	bool shipped;
};

struct role {
	int64_t id;
	char name[UADM_NAME_SIZE];
	char description[UADM_TEXT_SIZE];
	bool everything; /* each right of the catalogue, later ones too */
	bool shipped;
	int64_t created_at;
	int64_t members; /* memberships that have it, in whatever account */
	struct rights rights;
};

struct account {
	gid_t gid;
	char name[UADM_NAME_SIZE];
	char description[UADM_TEXT_SIZE];
	int64_t created_at;
	int64_t default_role;
	char default_role_name[UADM_NAME_SIZE];
	bool require_acceptance; /* who is added is pending until they accept */
	int64_t suspended_at;
	int64_t
	    members; /* those who have not ended, where they were counted (store/accounts.h) */
};

/* A user in an account. */
struct member {
	gid_t account;
	uid_t uid;
	char account_name[UADM_NAME_SIZE];
	char user_name[UADM_NAME_SIZE];
	bool principal;
	enum member_state state;
	int64_t role;
	char role_name[UADM_NAME_SIZE];
	bool role_shipped, then_shipped;
	int64_t ends_at;   /* 0 = never */
	int64_t then_role; /* the role from then on; 0 = the membership ends */
	char then_role_name[UADM_NAME_SIZE];
	int64_t since;
	bool account_suspended;
};

/* What makes up somebody's rights in an account: of the role (and of the one it falls back to), and
 * what was granted and denied beside it. */
struct holding {
	struct member member;
	struct rights of_role, of_then_role;
	struct rights allowed, denied;
};

#endif
