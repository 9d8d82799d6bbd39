/*
 * delegation.h - may this actor do this to that user in this account? The one rule behind every
 * verb, for root as for who administers an account of their own.
 *
 * The cap: nobody is lifted above the actor by any path, and nobody acts on a user who holds what the
 * actor lacks, for whoever sets somebody's password can be that somebody.
 *
 * Pure: the facts are gathered elsewhere and passed in. Zero is no act and refused.
 */
#ifndef UADM_POLICY_DELEGATION_H
#define UADM_POLICY_DELEGATION_H

#include "libuadm/base/account.h"

#include <stddef.h>

enum act {
	ACT_NONE = 0,
	ACT_ROOT, /* whatever only root does */
	/* reading */
	ACT_CATALOGUE_READ,
	ACT_USER_READ,
	ACT_ACCOUNT_READ,
	/* a user, wherever they belong */
	ACT_USER_ADD,
	ACT_USER_SET,
	ACT_USER_SET_WAY_IN, /* where mail goes, and what is run there */
	ACT_USER_SET_TIME,   /* when access begins and ends */
	ACT_USER_SET_HOST,   /* home, shell, numbers, groups: what the host trusts */
	ACT_USER_SUSPEND,
	ACT_USER_RESUME,
	ACT_USER_UNLOCK,
	ACT_USER_SET_PASSWORD,
	ACT_USER_RESET_PASSWORD,
	ACT_INVITE_RESEND,
	ACT_INVITE_CANCEL,
	ACT_USER_DELETE,
	ACT_SESSION_OWN,   /* what one is in oneself */
	ACT_SESSION_END,   /* what others are in */
	ACT_FACTOR_ENROLL, /* also new recovery codes, and where a code is sent */
	ACT_FACTOR_REMOVE,
	ACT_USER_TRANSFER, /* also ACT_USER_ADD in the account it goes to */
	/* a membership */
	ACT_MEMBER_ADD,
	ACT_MEMBER_ROLE,
	ACT_MEMBER_GRANT,
	ACT_MEMBER_DENY,
	ACT_MEMBER_SUSPEND,
	ACT_MEMBER_RESUME,
	ACT_MEMBER_REVOKE,
	/* an account */
	ACT_REVIEW,
	ACT_ACCOUNT_SET,
	ACT_ACCOUNT_DOMAIN, /* whose addresses are whose */
	ACT_POLICY_SET,     /* never weaker than root's word: overlay.h */
	ACT_COUNT,
};

/* Where the rights that an act needs are asked for. */
enum act_where {
	ACT_WHERE_ROOT = 0,  /* nobody but root */
	ACT_WHERE_ANYONE,    /* nothing is needed */
	ACT_WHERE_ACCOUNT,   /* in the account the verb is about */
	ACT_WHERE_PRINCIPAL, /* in the target's principal account */
	ACT_WHERE_SHARED,    /* in any account the target is in */
};

/* Whom the target is compared with the actor for. */
enum act_cap {
	ACT_CAP_NONE = 0,
	ACT_CAP_ACCOUNT, /* what the target holds in this account */
	/* In the principal account, and its ordinary groups: for what nobody could be them by. What another
	 * account gives a user does not shield them from those whose user it is. */
	ACT_CAP_PRINCIPAL,
	ACT_CAP_ALL, /* in each account, with all groups: who does this could be them */
};

struct act_rule {
	const char *verb;
	enum act_where where;
	int needs[2]; /* 0 ends */
	enum act_cap cap;
	bool not_self; /* nobody does it to themselves */
};
extern const struct act_rule act_rules[ACT_COUNT];

/* Each role is a group of the host too, and what sudoers gives that nobody knows here. So it is no less than
 * its rights: it passes from who has it, from who holds everything in the account, and a shipped one with its
 * rights alone. 0: none. */
struct standing_role {
	int64_t id;
	bool shipped;
	struct rights rights;
};

/* In an account: what somebody holds there. Arrays of these are by account. */
struct standing {
	gid_t account;
	struct rights rights;
	struct standing_role roles[2]; /* and the one it falls back to */
};

struct delegation_facts {
	enum act act;
	bool root;
	bool able; /* the actor is there and could log in */
	const struct catalogue *catalogue;
	const struct standing *actor; /* what works for them now */
	size_t actor_count;
	gid_t account; /* the one the verb is about; 0: none */
	/* the user it is done to */
	bool has_target;
	bool is_self;
	gid_t principal;               /* 0: in no account: root's alone */
	const struct standing *target; /* rights_potential() */
	size_t target_count;
	const gid_t *actor_groups, *target_groups; /* ordinary ones, sorted */
	size_t actor_group_count, target_group_count;
	struct rights given; /* what the target would come to hold in `account` ... */
	struct standing_role given_roles[2]; /* ... and the groups they would be in */
};

enum delegation_reason {
	DELEGATION_NO_ACT = 0,
	DELEGATION_ROOT_ONLY,
	DELEGATION_ACTOR_UNABLE,
	DELEGATION_SELF,
	DELEGATION_NO_ACCOUNT, /* the target is in no account */
	DELEGATION_LACKS,      /* a right that the act needs */
	DELEGATION_OUTRANKED,  /* the target holds what the actor lacks */
	DELEGATION_GROUPS,     /* ... an ordinary group */
	DELEGATION_LIFTS,      /* more would be given than the actor holds */
	DELEGATION_ROLE,       /* ... a role's group */
	DELEGATION_FINE,
};

struct delegation_answer {
	bool allowed;
	enum delegation_reason reason;
	int64_t right; /* the first one that is missing; 0: none */
	gid_t account; /* where */
};

/* What is held in `account` is all that it asks about: nothing else has to be gathered. */
bool policy_delegation_is_local(enum act act);

struct delegation_answer policy_delegation(const struct delegation_facts *f);

/* Stable word for machines, and a sentence for people. */
const char *policy_delegation_word(enum delegation_reason reason);
const char *policy_delegation_text(enum delegation_reason reason);

#endif
