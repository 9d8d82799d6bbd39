/*
 * commands.c - the table behind parsing, help, completion and the manual.
 */
#include "uadmctl/cli.h"

static const struct option user_add_options[] = {
	{ "uid", 0, "NUMBER", "this uid instead of the next free one", false },
	{ "kind", 0, "KIND", "person (the default) or service", false },
	{ "groups", 0, "GROUP,...", "put the user into these groups", true },
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
	{ "resume", 0, NULL,
	    "with --from: who is there already just as the line says is no error",
	    false },
	{ 0 },
};

static const struct option user_list_options[] = {
	{ "status", 0, "STATUS",
	    "only active, suspended, locked, expired or inactive ones", false },
	{ "group", 0, "GROUP", "only members of this group", false },
	{ "kind", 0, "KIND", "only persons or only services", false },
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

static const struct option policy_test_options[] = {
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

static const struct option help_options[] = {
	{ "completion", 0, "SHELL", "print the completion for bash, zsh or fish",
	    false },
	{ "manual", 0, "PART",
	    "print the commands or the policy as the manual page has them", false },
	{ 0 },
};

static const char *const user_add_columns[] = { "uid", "kind", "groups",
	"password_hash", NULL };
static const char *const group_add_columns[] = { "gid", "description", NULL };

#define MUTATES (CMD_STORE | CMD_CHANGES)

const struct command commands[] = {
	{ "user", "add", "NAME...", 0, -1, MUTATES | CMD_MANY | CMD_FIELDS | CMD_ASKS,
	    "make users", user_add_options, cmd_user_add,
	    "--from takes CSV whose header names the fields: name,uid,kind,email,first_name,\n"
	    "last_name,display_name,home,shell,groups (separated by ;),password_hash, ...",
	    user_add_columns },
	{ "user", "list", "", 0, 0, CMD_STORE | CMD_LIST, "list users",
	    user_list_options, cmd_user_list, NULL },
	{ "user", "show", "NAME...", 1, -1, CMD_STORE, "show everything about a user",
	    NULL, cmd_user_show, NULL },
	{ "user", "set", "NAME...", 0, -1, MUTATES | CMD_MANY | CMD_FIELDS,
	    "change users", NULL, cmd_user_set, "An empty value clears a field." },
	{ "user", "set-password", "NAME", 1, 1, MUTATES | CMD_ASKS,
	    "set a user's password", password_options, cmd_user_set_password,
	    "Without an option it asks for the password, twice. Hashes that are taken: yescrypt ($y$),\n"
	    "SHA-512 ($6$), SHA-256 ($5$), argon2id; the next good login replaces them." },
	{ "user", "suspend", "NAME...", 0, -1, MUTATES | CMD_MANY,
	    "refuse every way in (password, key, cron, at, sudo, su), and end what runs",
	    suspend_options, cmd_user_suspend,
	    "Done again it ends what still runs. With --dry-run it names what would end." },
	{ "user", "resume", "NAME...", 0, -1, MUTATES | CMD_MANY,
	    "take a suspension back", NULL, cmd_user_resume, NULL },
	{ "user", "unlock", "NAME...", 0, -1, MUTATES | CMD_MANY,
	    "forget failed logins and the lock they led to", NULL, cmd_user_unlock,
	    NULL },
	{ "user", "delete", "NAME...", 0, -1, MUTATES | CMD_MANY | CMD_DESTROYS,
	    "delete users for good; suspending is enough as a rule", NULL,
	    cmd_user_delete,
	    "What they run is ended. The uid is never given to anybody else, the audit trail\n"
	    "stays, and so do files." },
	{ "user", "check", "NAME", 1, 1, CMD_STORE,
	    "would a login go on? exit status 1: no", check_options, cmd_user_check,
	    NULL },
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
	{ "policy", "list", "", 0, 0, CMD_STORE | CMD_LIST,
	    "the rules of logins and passwords, and what they are set to", NULL,
	    cmd_policy_list, NULL },
	{ "policy", "show", "KEY...", 1, -1, CMD_STORE,
	    "everything about a key of the policy", NULL, cmd_policy_show, NULL },
	{ "policy", "set", "KEY VALUE...", 2, -1, MUTATES, "change the policy", NULL,
	    cmd_policy_set,
	    "Several keys change together or not at all. A time has a unit: 90s, 15m, 12h, 30d;\n"
	    "the value \"default\" is what is shipped. It counts from the next login on." },
	{ "policy", "test", "", 0, 0, CMD_STORE | CMD_ASKS,
	    "would a password do? exit status 1: no", policy_test_options,
	    cmd_policy_test,
	    "Asks for it once and shows each rule as met or not; nothing of it is kept." },
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
	    "end what runs of those who may not log in any more", NULL, cmd_maintain,
	    "Runs once a minute: uadm-maintain.timer, or /etc/cron.d/uadm without systemd." },
	{ "help", NULL, "[NOUN [VERB]]", 0, 2, 0, "explain", help_options, cmd_help,
	    NULL },
};
const size_t command_count = ARRAY_LEN(commands);
