/*
 * commands.c - the table behind parsing, help, completion and the manual.
 */
#include "uadmctl/cli.h"

static const struct option user_add_options[] = {
	{ "uid", 0, "NUMBER", "this uid instead of the next free one", false },
	{ "kind", 0, "KIND", "person (the default) or service", false },
	{ "groups", 0, "GROUP,...", "put the user into these groups", true },
	{ "account", 0, "ACCOUNT,...",
	    "put the user into these accounts; the first one is the principal one",
	    true },
	{ "role", 0, "ROLE", "with this role, not the account's default one", false },
	{ "right", 0, "RIGHT,...", "with these rights beside the role", true },
	{ "scope", 0, "SCOPE,...", "with these scopes beside the role", true },
	{ "reuse-name", 0, NULL, "take a name that was a group's", false },
	{ "create-home", 0, NULL, "make the home directory now, not at the first login",
	    false },
	{ "password", 0, NULL, "ask for a password", false },
	{ "password-stdin", 0, NULL, "read the password from standard input", false },
	{ "password-fd", 0, "FD", "read the password from this file descriptor",
	    false },
	{ "hash-stdin", 0, NULL,
	    "read another system's hash of the password from standard input", false },
	{ "hash-fd", 0, "FD",
	    "read another system's hash of the password from this file descriptor",
	    false },
	{ "must-change", 0, NULL, "a new password is due at the first login", false },
	{ "temp-password", 0, NULL,
	    "make a password and show it once; it runs out, and a new one is due at the first login",
	    false },
	{ "inactive", 0, NULL, "suspended until user resume", false },
	{ "no-invite", 0, NULL,
	    "no code, also where an account asks for acceptance: invite resend gives one",
	    false },
	{ "print-code", 0, NULL, "show a code here instead of sending it", false },
	{ "resume", 0, NULL,
	    "with --from: who is there already just as the line says is no error",
	    false },
	{ 0 },
};

static const struct option user_list_options[] = {
	{ "status", 0, "STATUS",
	    "only active, suspended, locked, expired, inactive, invited or principal-suspended ones",
	    false },
	{ "account", 0, "ACCOUNT", "only those who belong to this account", false },
	{ "role", 0, "ROLE", "only those who have this role, there or anywhere",
	    false },
	{ "group", 0, "GROUP", "only members of this group", false },
	{ "kind", 0, "KIND", "only persons or only services", false },
	{ "tag", 0, "TAG", "only those who have this tag", false },
	{ "review-due", 0, NULL, "only service identities whose review is due", false },
	{ 0 },
};

static const struct option user_stale_options[] = {
	{ "days", 0, "N", "for how many days there was no login (90)", false },
	{ "status", 0, "STATUS", "only those in this state", false },
	{ "account", 0, "ACCOUNT", "only those who belong to this account", false },
	{ "group", 0, "GROUP", "only members of this group", false },
	{ "kind", 0, "KIND", "only persons or only services", false },
	{ "tag", 0, "TAG", "only those who have this tag", false },
	{ "suspend", 0, NULL, "suspend them, as user suspend does", false },
	{ 0 },
};

static const struct option clone_options[] = {
	{ "grant", 0, "RIGHT,...", "these rights too, in each account", true },
	{ "deny", 0, "RIGHT,...", "but not these", true },
	{ 0 },
};

static const struct option transfer_options[] = {
	{ "to", 0, "ACCOUNT", "the account that looks after the user from now on",
	    false },
	{ 0 },
};

static const struct option password_options[] = {
	{ "password-stdin", 0, NULL, "read the password from standard input", false },
	{ "password-fd", 0, "FD", "read the password from this file descriptor",
	    false },
	{ "hash-stdin", 0, NULL,
	    "read another system's hash of the password from standard input", false },
	{ "hash-fd", 0, "FD",
	    "read another system's hash of the password from this file descriptor",
	    false },
	{ "must-change", 0, NULL, "a new password is due at the next login", false },
	{ "keep", 0, NULL, "with --must-change: keep the password until then", false },
	{ 0 },
};

#define POLICY_PLACE                                                                   \
	{ "account", 0, "ACCOUNT",                                                     \
		"of this account, for whom it is the principal one", false },          \
	{                                                                              \
		"role", 0, "ROLE", "... and of those who have this role there", false  \
	}
static const struct option policy_set_options[] = { POLICY_PLACE, { 0 } };
static const struct option policy_show_options[] = {
	POLICY_PLACE,
	{ "user", 0, "NAME", "the one that counts for this user", false },
	{ 0 },
};

static const struct option reset_options[] = {
	{ "now", 0, NULL, "the old password is no good from now on", false },
	{ "print-code", 0, NULL, "show the code here instead of sending it", false },
	{ 0 },
};

static const struct option invite_options[] = {
	{ "account", 0, "ACCOUNT,...",
	    "into these accounts; the first one is the principal one", true },
	{ "role", 0, "ROLE", "with this role, not the account's default one", false },
	{ "right", 0, "RIGHT,...", "with these rights beside the role", true },
	{ "scope", 0, "SCOPE,...", "with these scopes beside the role", true },
	{ "name", 0, "NAME", "the login name, not one made of the address", false },
	{ "inactive", 0, NULL, "suspended until user resume", false },
	{ "print-code", 0, NULL, "show the code here instead of sending it", false },
	{ "resume", 0, NULL,
	    "with --from: who was invited already just as the line says is no error",
	    false },
	{ 0 },
};

static const struct option invite_list_options[] = {
	{ "account", 0, "ACCOUNT", "only those to this account", false },
	{ 0 },
};

static const struct option resend_options[] = {
	{ "print-code", 0, NULL, "show the code here instead of sending it", false },
	{ 0 },
};

static const struct option policy_test_options[] = {
	POLICY_PLACE,
	{ "user", 0, "NAME", "as this user's next one: names and history count",
	    false },
	{ "password-stdin", 0, NULL, "read the password from standard input", false },
	{ "password-fd", 0, "FD", "read the password from this file descriptor",
	    false },
	{ 0 },
};

static const struct option suspend_options[] = {
	{ "keep-sessions", 0, NULL, "let what runs go on", false },
	{ 0 },
};

static const struct option delete_options[] = {
	{ "remove-home", 0, NULL, "their home goes, too, as far as it is theirs",
	    false },
	{ 0 },
};

static const struct option account_options[] = {
	{ "description", 0, "TEXT", "what the account is", false },
	{ "default-role", 0, "ROLE",
	    "the role of who is added without one (administrator)", false },
	{ "domain", 0, "DOMAIN,...", "its mail domains; all there are, when set",
	    true },
	{ "require-acceptance", 0, "yes|no",
	    "who is added is pending until they accept", false },
	{ 0 },
};

static const struct option member_add_options[] = {
	{ "role", 0, "ROLE", "this one, not the account's default", false },
	{ "right", 0, "RIGHT,...", "these rights beside the role", true },
	{ "scope", 0, "SCOPE,...", "these scopes beside the role", true },
	{ "until", 0, "TIME", "the membership ends then", false },
	{ "then", 0, "ROLE", "... or rather goes on with this role", false },
	{ "exist-ok", 0, NULL, "who belongs to the account already is no error",
	    false },
	{ 0 },
};

static const struct option member_list_options[] = {
	{ "state", 0, "STATE",
	    "only active, pending, suspended or ended ones (all but ended)", false },
	{ "user", 0, "USER", "only of this one", false },
	{ "role", 0, "ROLE", "only those who have this role", false },
	{ 0 },
};

static const struct option member_role_options[] = {
	{ "role", 0, "ROLE", "the role", false },
	{ "until", 0, "TIME", "for a while; then the role before comes back", false },
	{ "then", 0, "ROLE", "... or this one", false },
	{ 0 },
};

static const struct option rights_options[] = {
	{ "right", 0, "RIGHT,...", "these rights", true },
	{ "scope", 0, "SCOPE,...", "these scopes", true },
	{ 0 },
};

static const struct option end_options[] = {
	{ "end-sessions", 0, NULL, "end all that the user runs", false },
	{ 0 },
};

static const struct option role_add_options[] = {
	{ "description", 0, "TEXT", "what the role is for", false },
	{ "right", 0, "RIGHT,...", "holds these rights", true },
	{ "scope", 0, "SCOPE,...", "... and these scopes", true },
	{ 0 },
};

static const struct option role_set_options[] = {
	{ "description", 0, "TEXT", "what the role is for", false },
	{ 0 },
};

static const struct option right_add_options[] = {
	{ "scope", 0, "SCOPE", "the scope it belongs to; without: it is a scope itself",
	    false },
	{ "description", 0, "TEXT", "what it lets somebody do", false },
	{ 0 },
};

static const struct option right_list_options[] = {
	{ "account", 0, "ACCOUNT", "show what is held there, and what may be passed on",
	    false },
	{ "user", 0, "USER", "... held by this user", false },
	{ "grantable", 0, NULL, "only what may be passed on", false },
	{ 0 },
};

static const struct option contact_options[] = {
	{ "kind", 0, "KIND",
	    "employee, contractor, partner, customer or supplier; the last two have no login",
	    false },
	{ "email", 0, "ADDRESS", "where mail reaches them", false },
	{ "phone", 0, "NUMBER", "such as +436601234567", false },
	{ "company", 0, "TEXT", "whom they work for", false },
	{ "note", 0, "TEXT", "what else there is to know", false },
	{ 0 },
};

static const struct option contact_list_options[] = {
	{ "kind", 0, "KIND", "only those of this kind", false },
	{ 0 },
};

static const struct option review_list_options[] = {
	{ "number", 0, "N", "the review with this number in place of the newest one",
	    false },
	{ "csv", 0, NULL, "as CSV, to be filled in and given to review keep --from",
	    false },
	{ 0 },
};

static const struct option session_list_options[] = {
	{ "account", 0, "ACCOUNT", "only of those who belong to this account", false },
	{ "history", 0, NULL, "those that are over, too", false },
	{ "since", 0, "TIME", "... since then: a date, or how long ago (2h, 7d)",
	    false },
	{ 0 },
};

static const struct option session_terminate_options[] = {
	{ "user", 0, "USER,...", "all that these users run", true },
	{ "account", 0, "ACCOUNT", "all that those run who belong to this account",
	    false },
	{ "linger-off", 0, NULL,
	    "and no service manager of theirs without a login (loginctl enable-linger)",
	    false },
	{ 0 },
};

static const struct option factor_enroll_options[] = {
	{ "pending", 0, NULL,
	    "ask for no code: the first right one at a login confirms it", false },
	{ 0 },
};

static const struct option factor_list_options[] = {
	{ "missing", 0, NULL, "who has to have one and has none yet", false },
	{ "account", 0, "ACCOUNT", "... of those who belong to this account", false },
	{ 0 },
};

static const struct option can_options[] = {
	{ "account", 0, "ACCOUNT", "in this account", false },
	{ 0 },
};

static const struct option check_options[] = {
	{ "why", 0, NULL, "say for each way in what it would meet", false },
	{ 0 },
};

static const struct option group_add_options[] = {
	{ "gid", 0, "NUMBER", "this gid instead of the next free one", false },
	{ "description", 0, "TEXT", "what the group is for", false },
	{ "resume", 0, NULL,
	    "with --from: what is there already just as the line says is no error",
	    false },
	{ 0 },
};

static const struct option top_options[] = {
	{ "number", 'n', "N", "how many (10)", false },
	{ 0 },
};

static const struct option publish_options[] = {
	{ "force", 0, NULL, "also when nothing has changed", false },
	{ 0 },
};

static const struct option enable_options[] = {
	{ "trial", 0, "TIME",
	    "go back after that time (10s to 24h: 30s, 5m, 2h) or a reboot, unless host confirm comes",
	    false },
	{ 0 },
};

static const struct option check_store_options[] = {
	{ "repair", 0, NULL, "put right what follows from the rest", false },
	{ 0 },
};

static const struct option backup_options[] = {
	{ "force", 0, NULL, "replace the file if it is there", false },
	{ 0 },
};

static const struct option restore_options[] = {
	{ "other-key", 0, NULL,
	    "the backup may be sealed with another key than this host's", false },
	{ "set-aside", 0, NULL,
	    "a store that cannot be used is kept under another name", false },
	{ 0 },
};

static const struct option audit_options[] = {
	{ "number", 'n', "N", "how many of the newest (100; 0 = all)", false },
	{ "target", 0, "NAME", "only what was done to this one", false },
	{ 0 },
};

static const struct option reseal_options[] = {
	{ "other-key", 0, NULL,
	    "the key of the store is lost: the one that is there becomes it", false },
	{ 0 },
};

static const struct option mail_list_options[] = {
	{ "state", 0, "STATE", "only queued, sending, sent, failed or dropped ones",
	    false },
	{ 0 },
};

static const struct option mail_retry_options[] = {
	{ "all", 0, NULL, "all that failed or wait for another try", false },
	{ 0 },
};

static const struct option mail_test_options[] = {
	{ "kind", 0, "KIND",
	    "of this kind, such as invitation, with made-up contents (test)", false },
	{ 0 },
};

static const struct option maintain_options[] = {
	{ "no-mail", 0, NULL, "leave the mail to uadm-mail.service", false },
	{ 0 },
};

static const struct option help_options[] = {
	{ "completion", 0, "SHELL", "print the completion for bash, zsh or fish",
	    false },
	{ "manual", 0, "PART",
	    "print the commands, the policy or the rights as the manual page has them",
	    false },
	{ 0 },
};

static const char *const user_add_columns[] = { "uid", "kind", "groups",
	"password_hash", "account", "role", NULL };
static const char *const invite_columns[] = { "name", "account", "role", NULL };
static const char *const member_columns[] = { "role", NULL };
static const char *const contact_columns[] = { "kind", "email", "phone", "company",
	"note", NULL };
static const char *const review_columns[] = { "role", "state", "status", "contact",
	"last_login", "decision", "decided_at", "decided_by", NULL };
static const char *const group_add_columns[] = { "gid", "description", NULL };

#define MUTATES (CMD_STORE | CMD_CHANGES)

const struct command commands[] = {
	{ "user", "clone", "SOURCE NAME", 2, 2,
	    MUTATES | CMD_FIELDS | CMD_DESTROYS | CMD_AS,
	    "make a user who belongs where another one does", clone_options,
	    cmd_user_clone,
	    "Accounts, roles, rights and groups are copied as far as the actor may give them; what is\n"
	    "skipped is listed. Details are not: they are given. The plan is shown first; --yes takes it." },
	{ "user", "add", "NAME...", 0, -1,
	    MUTATES | CMD_MANY | CMD_FIELDS | CMD_ASKS | CMD_DESTROYS | CMD_AS,
	    "make users", user_add_options, cmd_user_add,
	    "--from takes CSV whose header names the fields: name,uid,kind,email,first_name,\n"
	    "last_name,display_name,home,shell,groups (separated by ;),password_hash, ...",
	    user_add_columns },
	{ "user", "list", "", 0, 0, CMD_STORE | CMD_LIST | CMD_AS, "list users",
	    user_list_options, cmd_user_list, NULL },
	{ "user", "stale", "", 0, 0,
	    MUTATES | CMD_LIST | CMD_DESTROYS | CMD_AS | CMD_GUARDED,
	    "list users who have not logged in for long, or suspend them",
	    user_stale_options, cmd_user_stale,
	    "By uadm's own record of logins; who never logged in counts from when they were made, and\n"
	    "so do the invited: --status active leaves them out." },
	{ "user", "show", "NAME...", 1, -1, CMD_STORE | CMD_AS,
	    "show everything about a user", NULL, cmd_user_show, NULL },
	{ "user", "set", "NAME...", 0, -1,
	    MUTATES | CMD_MANY | CMD_FIELDS | CMD_AS | CMD_GUARDED, "change users",
	    NULL, cmd_user_set, "An empty value clears a field." },
	{ "user", "set-password", "NAME", 1, 1, MUTATES | CMD_ASKS | CMD_AS,
	    "set a user's password", password_options, cmd_user_set_password,
	    "Without an option it asks for the password, twice. Hashes that are taken: yescrypt ($y$),\n"
	    "SHA-512 ($6$), SHA-256 ($5$), argon2id; the next good login replaces them." },
	{ "user", "invite", "EMAIL...", 0, -1,
	    MUTATES | CMD_MANY | CMD_FIELDS | CMD_ASKS | CMD_DESTROYS | CMD_AS,
	    "send people a one-time code to become users with", invite_options,
	    cmd_user_invite,
	    "The login name is made of the address unless --name gives one. Who is invited is pending until\n"
	    "they log in with the code and set a password. --from takes CSV with a column email, or bare\n"
	    "addresses. Where no mail can be sent, the code is shown.",
	    invite_columns, "email" },
	{ "user", "reset-password", "NAME...", 0, -1, MUTATES | CMD_MANY | CMD_AS,
	    "send users a one-time code to set a new password with", reset_options,
	    cmd_user_reset_password,
	    "The code is the password of one login, which sets a new one. Until then the old password\n"
	    "is good. Where no mail can be sent, the code is shown." },
	{ "user", "suspend", "NAME...", 0, -1,
	    MUTATES | CMD_MANY | CMD_AS | CMD_GUARDED,
	    "refuse every way in (password, key, cron, at, sudo, su), and end what runs",
	    suspend_options, cmd_user_suspend,
	    "Done again it ends what still runs. With --dry-run it names what would end." },
	{ "user", "resume", "NAME...", 0, -1, MUTATES | CMD_MANY | CMD_AS,
	    "take a suspension back", NULL, cmd_user_resume, NULL },
	{ "user", "unlock", "NAME...", 0, -1, MUTATES | CMD_MANY | CMD_AS,
	    "forget failed logins and the lock they led to", NULL, cmd_user_unlock,
	    NULL },
	{ "user", "transfer", "NAME...", 0, -1,
	    MUTATES | CMD_MANY | CMD_DESTROYS | CMD_AS | CMD_GUARDED,
	    "make another account of a user the principal one", transfer_options,
	    cmd_user_transfer,
	    "NAME may be an e-mail address. The user has to be an active member there (member add), and stays\n"
	    "one where they were." },
	{ "user", "tag", "TAG USER...", 1, -1, MUTATES | CMD_MANY | CMD_AS,
	    "put a tag on users: a word to find them by", NULL, cmd_user_tag,
	    "Lower-case letters, digits and . _ : -; user list --tag TAG lists who has it.\n"
	    "USER is a name or an e-mail address." },
	{ "user", "untag", "TAG USER...", 1, -1, MUTATES | CMD_MANY | CMD_AS,
	    "take a tag off users", NULL, cmd_user_untag, NULL },
	{ "user", "delete", "NAME...", 0, -1,
	    MUTATES | CMD_MANY | CMD_DESTROYS | CMD_AS | CMD_GUARDED,
	    "delete users for good; suspending is enough as a rule", delete_options,
	    cmd_user_delete,
	    "What they run is ended; crontab, at jobs and lingering go. The uid is never given to anybody\n"
	    "else, the audit trail stays, and so do files unless --remove-home is given." },
	{ "user", "check", "NAME", 1, 1, CMD_STORE | CMD_AS,
	    "would a login go on? exit status 1: no", check_options, cmd_user_check,
	    NULL },
	{ "tag", "list", "", 0, 0, CMD_STORE | CMD_LIST,
	    "the tags in use, and how many users have each", NULL, cmd_tag_list,
	    "user tag and user untag put them on users and take them off." },
	{ "invite", "list", "", 0, 0, CMD_STORE | CMD_LIST | CMD_AS,
	    "list invitations that are neither accepted nor cancelled",
	    invite_list_options, cmd_invite_list, NULL },
	{ "invite", "resend", "USER...", 0, -1,
	    MUTATES | CMD_MANY | CMD_AS | CMD_GUESTS,
	    "send a new code; the old one dies", resend_options, cmd_invite_resend,
	    "USER is a name or an e-mail address. --from takes these, or the file that user invite took.",
	    invite_columns, "email" },
	{ "invite", "cancel", "USER...", 0, -1,
	    MUTATES | CMD_MANY | CMD_DESTROYS | CMD_AS | CMD_GUARDED | CMD_GUESTS,
	    "take invitations back; who never got in is deleted", NULL,
	    cmd_invite_cancel, "As invite resend.", invite_columns, "email" },
	{ "session", "list", "[USER...]", 0, -1, CMD_STORE | CMD_LIST | CMD_AS,
	    "list who is logged in", session_list_options, cmd_session_list,
	    "What sshd, login, su, sudo, cron and others have opened for users of ours, the oldest first." },
	{ "session", "terminate", "[ID...]", 0, -1, MUTATES | CMD_DESTROYS | CMD_AS,
	    "end sessions, and what runs in them", session_terminate_options,
	    cmd_session_terminate,
	    "The user may log in again: user suspend is what keeps somebody out. With --dry-run it\n"
	    "names what would end." },
	{ "group", "add", "NAME...", 0, -1, MUTATES | CMD_MANY, "make groups",
	    group_add_options, cmd_group_add, NULL, group_add_columns },
	{ "group", "list", "", 0, 0, CMD_STORE | CMD_LIST, "list groups", NULL,
	    cmd_group_list, NULL },
	{ "group", "show", "NAME...", 1, -1, CMD_STORE, "show a group and its members",
	    NULL, cmd_group_show, NULL },
	{ "group", "add-member", "GROUP USER...", 1, -1, MUTATES | CMD_MANY,
	    "put users into a group", NULL, cmd_group_add_member, NULL },
	{ "group", "remove-member", "GROUP USER...", 1, -1, MUTATES | CMD_MANY,
	    "take users out of a group", NULL, cmd_group_remove_member, NULL },
	{ "group", "delete", "NAME...", 0, -1, MUTATES | CMD_MANY | CMD_DESTROYS,
	    "delete groups for good", NULL, cmd_group_delete,
	    "The gid is never given to another group." },
	{ "group", "top", "", 0, 0, CMD_STORE | CMD_LIST,
	    "the groups with most members", top_options, cmd_group_top, NULL },
	{ "contact", "add", "NAME...", 0, -1, MUTATES | CMD_MANY,
	    "put people and businesses on record", contact_options, cmd_contact_add,
	    "user set --contact NAME links a login to one; a customer or supplier has none.",
	    contact_columns },
	{ "contact", "list", "", 0, 0, CMD_STORE | CMD_LIST, "list contacts",
	    contact_list_options, cmd_contact_list, NULL },
	{ "contact", "show", "NAME...", 1, -1, CMD_STORE,
	    "show everything about a contact", NULL, cmd_contact_show, NULL },
	{ "contact", "set", "NAME...", 0, -1, MUTATES | CMD_MANY, "change contacts",
	    contact_options, cmd_contact_set, "An empty value clears what is there.",
	    contact_columns },
	{ "contact", "delete", "NAME...", 0, -1, MUTATES | CMD_MANY | CMD_DESTROYS,
	    "delete contacts that no user is linked to", NULL, cmd_contact_delete,
	    NULL },
	{ "account", "add", "NAME...", 0, -1, MUTATES | CMD_MANY,
	    "make accounts: organisations that users belong to", account_options,
	    cmd_account_add,
	    "Each is a group of its name, and one ACCOUNT-ROLE for each role." },
	{ "account", "list", "", 0, 0, CMD_STORE | CMD_LIST | CMD_AS, "list accounts",
	    NULL, cmd_account_list, NULL },
	{ "account", "show", "NAME...", 1, -1, CMD_STORE | CMD_AS,
	    "show everything about an account", NULL, cmd_account_show, NULL },
	{ "account", "set", "NAME...", 0, -1, MUTATES | CMD_MANY | CMD_AS,
	    "change accounts", account_options, cmd_account_set, NULL },
	{ "account", "suspend", "NAME...", 0, -1,
	    MUTATES | CMD_MANY | CMD_DESTROYS | CMD_GUARDED,
	    "keep its users out, and nobody is shown as a member", NULL,
	    cmd_account_suspend,
	    "Users of other accounts lose what they had by this one, and nothing else." },
	{ "account", "resume", "NAME...", 0, -1, MUTATES | CMD_MANY,
	    "take a suspension back", NULL, cmd_account_resume, NULL },
	{ "account", "delete", "NAME...", 0, -1, MUTATES | CMD_MANY | CMD_DESTROYS,
	    "delete accounts for good; suspending is enough as a rule", NULL,
	    cmd_account_delete,
	    "Refused while it is the principal account of anybody. Its gids are never given again." },
	{ "member", "add", "ACCOUNT USER...", 1, -1,
	    MUTATES | CMD_MANY | CMD_ASKS | CMD_AS, "put users into an account",
	    member_add_options, cmd_member_add,
	    "USER is a name or an e-mail address. The first account somebody gets is the principal\n"
	    "one. Without --role it is the account's default role, which is told; --no-input wants\n"
	    "one named. Of the rights, those that the actor lacks are skipped and listed.",
	    member_columns },
	{ "member", "list", "[ACCOUNT]", 0, 1, CMD_STORE | CMD_LIST | CMD_AS,
	    "who belongs to an account, and as what", member_list_options,
	    cmd_member_list,
	    "Without an account: those of --user in all that the actor sees." },
	{ "member", "role", "ACCOUNT USER...", 1, -1,
	    MUTATES | CMD_MANY | CMD_DESTROYS | CMD_AS | CMD_GUARDED,
	    "change the role of members", member_role_options, cmd_member_role,
	    "With --until it is for a while: then the role before comes back by itself. With --from the\n"
	    "column role counts, else --role.",
	    member_columns },
	{ "member", "grant", "ACCOUNT USER...", 1, -1, MUTATES | CMD_MANY | CMD_AS,
	    "give members rights beside their role", rights_options, cmd_member_grant,
	    "A right works only where its scope is held as well." },
	{ "member", "deny", "ACCOUNT USER...", 1, -1,
	    MUTATES | CMD_MANY | CMD_AS | CMD_GUARDED,
	    "take rights from members, whatever their role has", rights_options,
	    cmd_member_deny, NULL },
	{ "member", "suspend", "ACCOUNT USER...", 1, -1,
	    MUTATES | CMD_MANY | CMD_AS | CMD_GUARDED,
	    "no groups, no rights, for now; in the principal account: no login",
	    end_options, cmd_member_suspend, NULL },
	{ "member", "resume", "ACCOUNT USER...", 1, -1, MUTATES | CMD_MANY | CMD_AS,
	    "take that back, or (root) accept for a pending one", NULL,
	    cmd_member_resume, NULL },
	{ "member", "revoke", "ACCOUNT USER...", 1, -1,
	    MUTATES | CMD_MANY | CMD_DESTROYS | CMD_AS | CMD_GUARDED,
	    "end memberships; in the principal account: no login", end_options,
	    cmd_member_revoke,
	    "Other accounts of the user are not touched. member add takes somebody in again." },
	{ "review", "start", "ACCOUNT", 1, 1, MUTATES | CMD_AS,
	    "begin an access review of all who are in an account", NULL,
	    cmd_review_start, NULL },
	{ "review", "list", "[ACCOUNT]", 0, 1, CMD_STORE | CMD_LIST | CMD_AS,
	    "all reviews, or who is in the newest one of an account",
	    review_list_options, cmd_review_list, NULL },
	{ "review", "walk", "ACCOUNT", 1, 1, MUTATES | CMD_ASKS | CMD_AS | CMD_GUARDED,
	    "decide of one after the other on a terminal, a key each", NULL,
	    cmd_review_walk,
	    "Shows who is undecided, and what a revocation takes from them. Can be left at any time." },
	{ "review", "keep", "ACCOUNT USER...", 1, -1,
	    MUTATES | CMD_MANY | CMD_DESTROYS | CMD_AS | CMD_GUARDED,
	    "decide that users stay in the account", NULL, cmd_review_keep,
	    "--from takes the CSV of review list --csv: its column decision says keep or revoke of each.",
	    review_columns },
	{ "review", "revoke", "ACCOUNT USER...", 1, -1,
	    MUTATES | CMD_MANY | CMD_DESTROYS | CMD_AS | CMD_GUARDED,
	    "decide that they do not: ends the membership", end_options,
	    cmd_review_revoke, NULL, review_columns },
	{ "review", "finish", "ACCOUNT", 1, 1, MUTATES | CMD_AS,
	    "end a review in which everybody is decided", NULL, cmd_review_finish,
	    "What was decided, by whom and when, is kept." },
	{ "role", "add", "NAME...", 0, -1, MUTATES | CMD_MANY, "make roles",
	    role_add_options, cmd_role_add, NULL },
	{ "role", "list", "", 0, 0, CMD_STORE | CMD_LIST | CMD_AS, "list roles", NULL,
	    cmd_role_list, NULL },
	{ "role", "show", "NAME...", 1, -1, CMD_STORE | CMD_AS,
	    "show a role and its rights", NULL, cmd_role_show, NULL },
	{ "role", "set", "NAME...", 0, -1, MUTATES | CMD_MANY, "describe roles",
	    role_set_options, cmd_role_set,
	    "A role keeps its name, which is that of groups; role grant and role deny change its rights." },
	{ "role", "grant", "NAME", 1, 1, MUTATES,
	    "give a role rights: all who have it get them", rights_options,
	    cmd_role_grant, NULL },
	{ "role", "deny", "NAME", 1, 1, MUTATES | CMD_GUARDED,
	    "take rights from a role", rights_options, cmd_role_deny, NULL },
	{ "role", "delete", "NAME...", 0, -1, MUTATES | CMD_MANY | CMD_DESTROYS,
	    "delete roles that nobody has", NULL, cmd_role_delete, NULL },
	{ "right", "add", "NAME...", 0, -1, MUTATES | CMD_MANY | CMD_GUARDED,
	    "add rights, or scopes, to the catalogue", right_add_options, cmd_right_add,
	    NULL },
	{ "right", "list", "", 0, 0, CMD_STORE | CMD_LIST | CMD_AS,
	    "the catalogue of scopes and rights", right_list_options, cmd_right_list,
	    NULL },
	{ "right", "delete", "NAME...", 0, -1, MUTATES | CMD_MANY | CMD_DESTROYS,
	    "take rights out of the catalogue, roles and members", NULL,
	    cmd_right_delete, NULL },
	{ "can", NULL, "USER RIGHT", 2, 2, CMD_STORE | CMD_AS,
	    "may a user do this in an account? exit status 1: no", can_options, cmd_can,
	    NULL },
	{ "factor", "enroll", "USER", 1, 1, MUTATES | CMD_ASKS | CMD_AS,
	    "set up a second factor: an app that shows one-time codes",
	    factor_enroll_options, cmd_factor_enroll,
	    "Shows the otpauth URI and, on a terminal with UTF-8 and room for it, a QR code; asks for one code of\n"
	    "the app, and shows ten recovery codes. None of it is shown again." },
	{ "factor", "list", "[USER]", 0, 1, CMD_STORE | CMD_LIST | CMD_AS,
	    "who has a second factor set up, or has to", factor_list_options,
	    cmd_factor_list, NULL },
	{ "factor", "remove", "USER...", 0, -1,
	    MUTATES | CMD_MANY | CMD_DESTROYS | CMD_AS,
	    "take second factors away, with their recovery codes", NULL,
	    cmd_factor_remove,
	    "Where one is required the user can set up another at the next login (factor-grace)." },
	{ "factor", "recovery", "USER", 1, 1, MUTATES | CMD_DESTROYS | CMD_AS,
	    "make ten new recovery codes: those from before end", NULL,
	    cmd_factor_recovery, NULL },
	{ "policy", "list", "", 0, 0, CMD_STORE | CMD_LIST | CMD_AS,
	    "the rules of logins and passwords, and what they are set to",
	    policy_show_options, cmd_policy_list,
	    "FROM tells whose word a value is: shipped, the host's, the account's or the role's." },
	{ "policy", "show", "[KEY...]", 0, -1, CMD_STORE | CMD_AS,
	    "everything about a key of the policy; without one: as policy list",
	    policy_show_options, cmd_policy_show, NULL },
	{ "policy", "set", "KEY VALUE...", 2, -1, MUTATES | CMD_AS, "change the policy",
	    policy_set_options, cmd_policy_set,
	    "Several keys change together or not at all. A time has a unit: 90s, 15m, 12h, 30d;\n"
	    "the value \"default\" is what is shipped, or, for an account, what the host has. It\n"
	    "counts from the next login on. Who administers an account sets what is no weaker." },
	{ "policy", "unset", "KEY...", 1, -1, MUTATES | CMD_AS,
	    "back to what is shipped, or, for an account, to what the host has",
	    policy_set_options, cmd_policy_unset, NULL },
	{ "policy", "test", "", 0, 0, CMD_STORE | CMD_ASKS,
	    "would a password do? exit status 1: no", policy_test_options,
	    cmd_policy_test,
	    "Asks for it once and shows each rule as met or not; nothing of it is kept." },
	{ "mail", "list", "", 0, 0, CMD_STORE | CMD_LIST,
	    "the outbox: mail that waits, and what became of it", mail_list_options,
	    cmd_mail_list, NULL },
	{ "mail", "show", "ID...", 1, -1, CMD_STORE, "show a mail, but for its code",
	    NULL, cmd_mail_show, NULL },
	{ "mail", "retry", "ID...", 0, -1, MUTATES | CMD_MANY,
	    "send mail once more, now", mail_retry_options, cmd_mail_retry, NULL },
	{ "mail", "drop", "ID...", 0, -1, MUTATES | CMD_MANY,
	    "do not send mail that waits", NULL, cmd_mail_drop, NULL },
	{ "mail", "test", "ADDRESS", 1, 1, CMD_STORE,
	    "send a mail to this address, and say what the mailer says",
	    mail_test_options, cmd_mail_test,
	    "It is sent at once and not kept. Templates of one's own must be right for it." },
	{ "mail", "deliver", "", 0, 0, CMD_STORE | CMD_OPTIONAL, "send what is due",
	    NULL, cmd_mail_deliver,
	    "Runs whenever mail was queued, and once a minute: uadm-mail.service, or maintain." },
	{ "store", "init", "", 0, 0, 0, "make the store and its key, if there are none",
	    NULL, cmd_store_init, NULL },
	{ "store", "info", "", 0, 0, CMD_STORE, "what the store holds", NULL,
	    cmd_store_info, NULL },
	{ "store", "check", "", 0, 0, CMD_STORE,
	    "look for damage; exit status 1: there is some", check_store_options,
	    cmd_store_check, NULL },
	{ "store", "backup", "FILE", 1, 1, CMD_STORE,
	    "write the whole store into one file, while logins go on", backup_options,
	    cmd_store_backup,
	    "The file holds every password hash: it is made with mode 0600. `head FILE` says what\n"
	    "it is. The key /etc/uadm/secret.key is not in it." },
	{ "store", "restore", "FILE", 1, 1, CMD_CHANGES | CMD_DESTROYS,
	    "put users, groups, passwords and policy back as a backup has them",
	    restore_options, cmd_store_restore,
	    "The backup is checked first. Numbers given since stay taken, whoever is suspended or\n"
	    "locked stays so, and the audit trail goes on." },
	{ "store", "publish", "", 0, 0, CMD_STORE,
	    "write the file that NSS reads, if it is behind", publish_options,
	    cmd_store_publish, NULL },
	{ "audit", "list", "", 0, 0, CMD_STORE | CMD_LIST, "who did what to whom",
	    audit_options, cmd_audit_list, NULL },
	{ "audit", "verify", "", 0, 0, CMD_STORE,
	    "is the trail whole? exit status 1: no, and where", NULL, cmd_audit_verify,
	    NULL },
	{ "audit", "reseal", "", 0, 0, MUTATES | CMD_DESTROYS,
	    "go on from a trail that is broken", reseal_options, cmd_audit_reseal,
	    "The rows stay as they are. A row audit.reseal says what was wrong and who went on, and\n"
	    "seals them so; the trail is whole from there. Nothing is done to a trail that is whole." },
	{ "host", "status", "", 0, 0, CMD_ANYHOW,
	    "would a login here be decided by uadm? exit status 1: no", NULL,
	    cmd_host_status,
	    "For each PAM service: \"uadm\" decides, it is \"open\" to another module's word, \"not\n"
	    "asked\", \"closed\" to users of ours, or \"broken\". Then what was found: files that a login\n"
	    "or a lookup cannot reach, stray lines, a configuration that cannot be read, sshd, the\n"
	    "store. \"run\" (JSON: \"command\") is a command as it stands, \"mend\" says in words what to do." },
	{ "host", "enable", "", 0, 0, CMD_CHANGES | CMD_DESTROYS,
	    "let this host's logins and lookups ask uadm", enable_options,
	    cmd_host_enable,
	    "Changes /etc/pam.d and /etc/nsswitch.conf; `host disable` puts them back." },
	{ "host", "confirm", "", 0, 0, CMD_ANYHOW,
	    "keep what host enable --trial has done", NULL, cmd_host_confirm, NULL },
	{ "host", "disable", "", 0, 0, CMD_CHANGES | CMD_DESTROYS | CMD_ANYHOW,
	    "put /etc/pam.d and /etc/nsswitch.conf back", NULL, cmd_host_disable,
	    "A file that changed since keeps its changes: only uadm's lines go, and the line before\n"
	    "them that jumps over them, also where it is all that is left. Works without a store\n"
	    "or a readable configuration." },
	{ "maintain", NULL, "", 0, 0, MUTATES | CMD_OPTIONAL,
	    "end what runs of those who may not log in any more, and send mail",
	    maintain_options, cmd_maintain,
	    "Memberships and roles whose end has come are ended, codes that are over and sessions whose process\n"
	    "is gone are put away, and what is kept no longer is purged. Runs once a minute:\n"
	    "uadm-maintain.timer, or /etc/cron.d/uadm without systemd." },
	{ "help", NULL, "[NOUN [VERB]]", 0, 2, 0, "explain", help_options, cmd_help,
	    NULL },
};
const size_t command_count = ARRAY_LEN(commands);
