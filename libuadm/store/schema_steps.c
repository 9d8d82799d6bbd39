/*
 * schema_steps.c - the tables: the steps from each version of the schema to the next.
 *
 * A step is never edited once released: what changes becomes the next one. The CHECKs repeat what
 * the code has checked already: a row that breaks them was written by nobody we know.
 */
#include "libuadm/store/private.h"

/* Behind the id whose published entry changes in this transaction. The stamp tells this change from
 * every other one of the same entry. */
#define NOTED_NOW                                                                      \
	", (SELECT generation + 1 FROM meta WHERE one = 1), random() & 4294967295"
#define NOTED_AGAIN                                                                    \
	"ON CONFLICT (id) DO UPDATE SET generation = excluded.generation, "            \
	"stamp = excluded.stamp; "
#define NOTED    NOTED_NOW ") " NOTED_AGAIN
#define NOTED_OF NOTED_NOW " FROM "

/* Of the membership `row`: the pairs that are to be seen, and those that are no more. */
#define SHOW_ONE(row)                                                                  \
	"INSERT INTO member (gid, uid) SELECT gid, uid FROM account_pair "             \
	"WHERE account = " row ".account AND uid = " row ".uid "                       \
	"ON CONFLICT DO NOTHING; "
#define HIDE_ONE(row)                                                                  \
	"DELETE FROM member WHERE uid = " row ".uid AND gid IN "                       \
	"(SELECT gid FROM \"group\" WHERE account = " row ".account) "                 \
	"AND NOT EXISTS (SELECT 1 FROM account_pair p WHERE p.account = " row          \
	".account AND p.uid = " row ".uid AND p.gid = member.gid); "

const char *const schema_steps[] = {
	/* 0 -> 1 */
	"CREATE TABLE meta ("
	"  one INTEGER PRIMARY KEY CHECK (one = 1),"
	"  generation INTEGER NOT NULL," /* of what is published */
	"  boot_id TEXT, steady_offset INTEGER NOT NULL, steady_last INTEGER NOT NULL,"
	"  audit_id INTEGER NOT NULL, audit_mac BLOB" /* the head of the chain */
	") STRICT;"
	"INSERT INTO meta VALUES (1, 1, NULL, 0, 0, 0, NULL);"

	/* Every name that NSS shows, whatever it belongs to: none can be two things. */
	"CREATE TABLE published ("
	"  name TEXT PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 31),"
	"  kind TEXT NOT NULL CHECK (kind IN ('user', 'group')),"
	"  id INTEGER NOT NULL UNIQUE REFERENCES number(id)"
	") STRICT, WITHOUT ROWID;"

	/* Every uid and gid ever given out. Rows stay: a number is never given twice. */
	"CREATE TABLE number ("
	"  id INTEGER PRIMARY KEY CHECK (id BETWEEN 1000 AND 2147483646 AND id <> 65534),"
	"  kind TEXT NOT NULL CHECK (kind IN ('user', 'group')),"
	"  name TEXT NOT NULL," /* whose it is or was */
	"  given_at INTEGER NOT NULL, released_at INTEGER"
	") STRICT;"
	"CREATE INDEX number_of_who_left ON number(name) WHERE released_at IS NOT NULL;"

	"CREATE TABLE user ("
	"  uid INTEGER PRIMARY KEY REFERENCES number(id),"
	"  name TEXT NOT NULL UNIQUE REFERENCES published(name) DEFERRABLE INITIALLY DEFERRED,"
	"  kind TEXT NOT NULL CHECK (kind IN ('person', 'service')),"
	"  first_name TEXT, last_name TEXT, display_name TEXT,"
	"  email TEXT COLLATE NOCASE UNIQUE, mobile TEXT,"
	"  home TEXT NOT NULL CHECK (home LIKE '/%' AND length(home) < 256),"
	"  shell TEXT NOT NULL CHECK (shell LIKE '/%' AND length(shell) < 256),"
	"  time_zone TEXT, reason TEXT, owner TEXT, review_by INTEGER,"
	"  created_at INTEGER NOT NULL, suspended_at INTEGER,"
	"  valid_from INTEGER, expires_at INTEGER,"
	"  must_change INTEGER NOT NULL DEFAULT 0 CHECK (must_change IN (0, 1))"
	") STRICT;"

	"CREATE TABLE password ("
	"  uid INTEGER PRIMARY KEY REFERENCES user(uid) ON DELETE CASCADE,"
	"  verifier TEXT NOT NULL CHECK (length(verifier) < 256), changed_at INTEGER NOT NULL"
	") STRICT;"

	"CREATE TABLE \"group\" ("
	"  gid INTEGER PRIMARY KEY REFERENCES number(id),"
	"  name TEXT NOT NULL UNIQUE REFERENCES published(name) DEFERRABLE INITIALLY DEFERRED,"
	"  description TEXT, created_at INTEGER NOT NULL"
	") STRICT;"
	"CREATE TABLE member ("
	"  gid INTEGER NOT NULL REFERENCES \"group\"(gid) ON DELETE CASCADE,"
	"  uid INTEGER NOT NULL REFERENCES user(uid) ON DELETE CASCADE,"
	"  PRIMARY KEY (gid, uid)"
	") STRICT, WITHOUT ROWID;"
	"CREATE INDEX member_of_user ON member(uid, gid);"

	/* One guess at a password: reserved until its deadline, then a failure. Both times are
	 * of the steady clock. A success removes the user's rows. */
	"CREATE TABLE attempt ("
	"  id INTEGER PRIMARY KEY AUTOINCREMENT,"
	"  uid INTEGER NOT NULL REFERENCES user(uid) ON DELETE CASCADE,"
	"  source TEXT, started INTEGER NOT NULL, deadline INTEGER," /* NULL: settled */
	"  at INTEGER NOT NULL, service TEXT"
	") STRICT;"
	"CREATE INDEX attempt_of_user ON attempt(uid, started);"
	"CREATE TABLE lockout ("
	"  uid INTEGER PRIMARY KEY REFERENCES user(uid) ON DELETE CASCADE,"
	"  since INTEGER NOT NULL, at INTEGER NOT NULL" /* steady, wall */
	") STRICT;"
	/* Attempts that nobody can be charged for cost a write all the same. A fixed number of
	 * rows, made once: unknown names must not fill the disk. */
	"CREATE TABLE bucket (id INTEGER PRIMARY KEY, attempts INTEGER NOT NULL, at INTEGER) "
	"STRICT;"
	"WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 255) "
	"INSERT INTO bucket SELECT i, 0, NULL FROM n;"

	/* A password that was just proved, so that the account phase (often another process)
	 * knows what the way in was. */
	"CREATE TABLE proof ("
	"  pid INTEGER NOT NULL, pid_start INTEGER NOT NULL, parent INTEGER NOT NULL,"
	"  uid INTEGER NOT NULL REFERENCES user(uid) ON DELETE CASCADE,"
	"  at INTEGER NOT NULL," /* steady */
	"  PRIMARY KEY (pid, pid_start, uid)"
	") STRICT, WITHOUT ROWID;"

	"CREATE TABLE session ("
	"  id INTEGER PRIMARY KEY AUTOINCREMENT,"
	"  uid INTEGER NOT NULL REFERENCES user(uid) ON DELETE CASCADE,"
	"  service TEXT, tty TEXT, source TEXT,"
	"  leader INTEGER NOT NULL, leader_start INTEGER NOT NULL, boot_id TEXT,"
	"  opened_at INTEGER NOT NULL, closed_at INTEGER"
	") STRICT;"
	"CREATE INDEX session_of_user ON session(uid, opened_at);"
	"CREATE INDEX session_open ON session(leader) WHERE closed_at IS NULL;"
	"CREATE TABLE last_login ("
	"  uid INTEGER PRIMARY KEY REFERENCES user(uid) ON DELETE CASCADE,"
	"  at INTEGER, service TEXT, source TEXT,"
	"  failures INTEGER NOT NULL DEFAULT 0" /* since then */
	") STRICT;"

	"CREATE TABLE audit ("
	"  id INTEGER PRIMARY KEY, at INTEGER NOT NULL, actor TEXT NOT NULL,"
	"  action TEXT NOT NULL, target TEXT, detail TEXT, mac BLOB NOT NULL"
	") STRICT;" AUDIT_KEEP AUDIT_SAME,

	/* 1 -> 2: what an administrator has decided. A key that is not there has the shipped
	 * value; account 0 is everybody. */
	"CREATE TABLE policy ("
	"  account INTEGER NOT NULL, key TEXT NOT NULL, value INTEGER NOT NULL,"
	"  PRIMARY KEY (account, key)"
	") STRICT, WITHOUT ROWID;"

	/* Passwords that were somebody's before, the newest last. */
	"CREATE TABLE old_password ("
	"  id INTEGER PRIMARY KEY AUTOINCREMENT,"
	"  uid INTEGER NOT NULL REFERENCES user(uid) ON DELETE CASCADE,"
	"  verifier TEXT NOT NULL CHECK (length(verifier) < 256), replaced_at INTEGER NOT NULL"
	") STRICT;"
	"CREATE INDEX old_password_of_user ON old_password(uid, id);"

	/* Hashes that another system made: rare, and asked for at every login. */
	"CREATE INDEX password_imported ON password(uid) WHERE verifier NOT GLOB '$argon2id$*';"

	/* A guess from this host itself counts against its source and never locks; one at nobody's name
	 * is in the same books, under a number that is no uid (attempts.h). */
	"CREATE TABLE attempt_2 ("
	"  id INTEGER PRIMARY KEY AUTOINCREMENT, uid INTEGER NOT NULL CHECK (uid >= 1000),"
	"  source TEXT, local INTEGER NOT NULL DEFAULT 0 CHECK (local IN (0, 1)),"
	"  started INTEGER NOT NULL, deadline INTEGER," /* NULL: settled */
	"  at INTEGER NOT NULL, service TEXT"
	") STRICT;"
	"INSERT INTO attempt_2 SELECT id, uid, source, source GLOB 'uid:*' IS TRUE, started, deadline, "
	"at, service FROM attempt;"
	"DROP TABLE attempt; ALTER TABLE attempt_2 RENAME TO attempt;"
	"CREATE INDEX attempt_of_user ON attempt(uid, started);"
	"CREATE TABLE lockout_2 ("
	"  uid INTEGER PRIMARY KEY CHECK (uid >= 1000),"
	"  since INTEGER NOT NULL, at INTEGER NOT NULL" /* steady, wall */
	") STRICT;"
	"INSERT INTO lockout_2 SELECT uid, since, at FROM lockout;"
	"DROP TABLE lockout; ALTER TABLE lockout_2 RENAME TO lockout;" ATTEMPT_OF_NOBODY

	/* A proof is good for as long as who gave it lives; its parent is known by its start as well. */
	"ALTER TABLE proof ADD COLUMN parent_start INTEGER NOT NULL DEFAULT 0;"

	/* Suspended, but what runs may go on. */
	"ALTER TABLE user ADD COLUMN keep_sessions INTEGER NOT NULL DEFAULT 0 "
	"CHECK (keep_sessions IN (0, 1));"

	/* Which key seals the trail; NULL where that has not been written down yet. */
	"ALTER TABLE meta ADD COLUMN key_check BLOB;",

	/* 2 -> 3: whose published entry has changed in which generation since the whole file that was
	 * published last; which that was, and from which settings (changes.h). By triggers, so that
	 * nobody who changes something can forget it, an administrator with sqlite3(1) included. */
	"CREATE TABLE changed ("
	"  id INTEGER PRIMARY KEY, generation INTEGER NOT NULL, stamp INTEGER NOT NULL"
	") STRICT;"
	"ALTER TABLE meta ADD COLUMN base_seed INTEGER;"
	"ALTER TABLE meta ADD COLUMN base_settings INTEGER;"
	"ALTER TABLE meta ADD COLUMN mark INTEGER NOT NULL DEFAULT 0;" /* of this generation */
	"CREATE TRIGGER changed_user_new AFTER INSERT ON user BEGIN "
	"INSERT INTO changed VALUES (new.uid" NOTED "END;"
	"CREATE TRIGGER changed_user_gone AFTER DELETE ON user BEGIN "
	"INSERT INTO changed VALUES (old.uid" NOTED "END;"
	"CREATE TRIGGER changed_user AFTER UPDATE ON user WHEN "
	"(old.uid, old.name, old.first_name, old.last_name, old.display_name, old.home, old.shell) "
	"IS NOT "
	"(new.uid, new.name, new.first_name, new.last_name, new.display_name, new.home, new.shell) "
	"BEGIN "
	"INSERT INTO changed VALUES (old.uid" NOTED
	"INSERT INTO changed VALUES (new.uid" NOTED "END;"
	/* Their groups have the name in them. */
	"CREATE TRIGGER changed_user_name AFTER UPDATE OF name ON user WHEN old.name <> new.name "
	"BEGIN "
	"INSERT INTO changed SELECT gid" NOTED_OF
	"member WHERE uid = new.uid " NOTED_AGAIN "END;"
	"CREATE TRIGGER changed_group_new AFTER INSERT ON \"group\" BEGIN "
	"INSERT INTO changed VALUES (new.gid" NOTED "END;"
	"CREATE TRIGGER changed_group_gone AFTER DELETE ON \"group\" BEGIN "
	"INSERT INTO changed VALUES (old.gid" NOTED "END;"
	"CREATE TRIGGER changed_group AFTER UPDATE OF gid, name ON \"group\" BEGIN "
	"INSERT INTO changed VALUES (old.gid" NOTED
	"INSERT INTO changed VALUES (new.gid" NOTED "END;"
	"CREATE TRIGGER changed_member_new AFTER INSERT ON member BEGIN "
	"INSERT INTO changed VALUES (new.gid" NOTED
	"INSERT INTO changed VALUES (new.uid" NOTED "END;"
	"CREATE TRIGGER changed_member_gone AFTER DELETE ON member BEGIN "
	"INSERT INTO changed VALUES (old.gid" NOTED
	"INSERT INTO changed VALUES (old.uid" NOTED "END;"
	"CREATE TRIGGER changed_member AFTER UPDATE ON member BEGIN "
	"INSERT INTO changed VALUES (old.gid" NOTED
	"INSERT INTO changed VALUES (old.uid" NOTED
	"INSERT INTO changed VALUES (new.gid" NOTED
	"INSERT INTO changed VALUES (new.uid" NOTED "END;",

	/* 3 -> 4: accounts, roles and rights. The catalogue: a scope belongs to none. */
	"CREATE TABLE \"right\" ("
	"  id INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 511),"
	"  name TEXT NOT NULL UNIQUE COLLATE NOCASE CHECK (length(name) BETWEEN 1 AND 32),"
	"  scope INTEGER REFERENCES \"right\"(id), description TEXT,"
	"  shipped INTEGER NOT NULL DEFAULT 0 CHECK (shipped IN (0, 1))"
	") STRICT;"
	"CREATE INDEX right_of_scope ON \"right\"(scope) WHERE scope IS NOT NULL;"
	"INSERT INTO \"right\" VALUES "
	"(1, 'Admin', NULL, 'look after users and the account', 1),"
	"(2, 'Work', NULL, 'what the members of the account work on', 1),"
	"(3, 'Any_User_read', 1, 'see the users of the account', 1),"
	"(4, 'Any_User_Write', 1, 'add, change, suspend and remove users', 1),"
	"(5, 'Any_Role_Write', 1, 'change roles and rights of members', 1),"
	"(6, 'Account_Write', 1, 'change the account itself', 1),"
	"(7, 'Work_read', 2, 'see it', 1), (8, 'Work_Write', 2, 'change it', 1),"
	"(9, 'Work_Run', 2, 'run it', 1);"

	"CREATE TABLE role ("
	"  id INTEGER PRIMARY KEY,"
	"  name TEXT NOT NULL UNIQUE"
	"    CHECK (length(name) BETWEEN 1 AND 29 AND name NOT LIKE '%-%'),"
	"  description TEXT, everything INTEGER NOT NULL DEFAULT 0 CHECK (everything IN (0, 1)),"
	"  shipped INTEGER NOT NULL DEFAULT 0 CHECK (shipped IN (0, 1)),"
	"  created_at INTEGER NOT NULL"
	") STRICT;"
	"INSERT INTO role VALUES (1, 'administrator', 'everything in the account', 1, 1, 0),"
	"(2, 'developer', 'sees the users, and works', 0, 1, 0),"
	"(3, 'operator', 'runs what there is', 0, 1, 0), (4, 'viewer', 'looks', 0, 1, 0);"
	"CREATE TABLE role_right ("
	"  role INTEGER NOT NULL REFERENCES role(id) ON DELETE CASCADE,"
	"  \"right\" INTEGER NOT NULL REFERENCES \"right\"(id) ON DELETE CASCADE,"
	"  PRIMARY KEY (role, \"right\")"
	") STRICT, WITHOUT ROWID;"
	"CREATE INDEX role_of_right ON role_right(\"right\");"
	"INSERT INTO role_right VALUES (2, 1), (2, 3), (2, 2), (2, 7), (2, 8), (2, 9),"
	"(3, 2), (3, 7), (3, 9), (4, 2), (4, 7);"

	/* An account is the group of its name and one for each role, which show who is in it. */
	"CREATE TABLE account ("
	"  gid INTEGER PRIMARY KEY REFERENCES \"group\"(gid) ON DELETE CASCADE,"
	"  default_role INTEGER NOT NULL REFERENCES role(id),"
	"  require_acceptance INTEGER NOT NULL DEFAULT 0 CHECK (require_acceptance IN (0, 1)),"
	"  suspended_at INTEGER"
	") STRICT;"
	"ALTER TABLE \"group\" ADD COLUMN account INTEGER "
	"REFERENCES account(gid) DEFERRABLE INITIALLY DEFERRED;"
	"ALTER TABLE \"group\" ADD COLUMN role INTEGER REFERENCES role(id) "
	"CHECK (CASE WHEN account IS NULL THEN role IS NULL "
	"ELSE (role IS NULL) = (account = gid) END);"
	"CREATE UNIQUE INDEX group_of_account ON \"group\"(account, role) "
	"WHERE account IS NOT NULL;"
	"CREATE TABLE account_domain ("
	"  domain TEXT PRIMARY KEY COLLATE NOCASE CHECK (length(domain) BETWEEN 1 AND 253),"
	"  account INTEGER NOT NULL REFERENCES account(gid) ON DELETE CASCADE"
	") STRICT, WITHOUT ROWID;"
	"CREATE INDEX domain_of_account ON account_domain(account);"

	"CREATE TABLE membership ("
	"  account INTEGER NOT NULL REFERENCES account(gid) ON DELETE CASCADE,"
	"  uid INTEGER NOT NULL REFERENCES user(uid) ON DELETE CASCADE,"
	"  role INTEGER NOT NULL REFERENCES role(id),"
	"  principal INTEGER NOT NULL CHECK (principal IN (0, 1)),"
	"  state TEXT NOT NULL CHECK (state IN ('pending', 'active', 'suspended', 'ended')),"
	"  ends_at INTEGER, then_role INTEGER REFERENCES role(id), since INTEGER NOT NULL,"
	"  PRIMARY KEY (account, uid), CHECK (then_role IS NULL OR ends_at IS NOT NULL)"
	") STRICT, WITHOUT ROWID;"
	"CREATE UNIQUE INDEX membership_principal ON membership(uid) WHERE principal = 1;"
	"CREATE INDEX membership_of_user ON membership(uid, account);"
	"CREATE INDEX membership_of_role ON membership(role, account);"
	"CREATE INDEX membership_then ON membership(then_role) WHERE then_role IS NOT NULL;"
	"CREATE INDEX membership_end ON membership(ends_at) WHERE ends_at IS NOT NULL;"
	"CREATE TABLE membership_right ("
	"  account INTEGER NOT NULL, uid INTEGER NOT NULL,"
	"  \"right\" INTEGER NOT NULL REFERENCES \"right\"(id) ON DELETE CASCADE,"
	"  allowed INTEGER NOT NULL CHECK (allowed IN (0, 1)),"
	"  PRIMARY KEY (account, uid, \"right\"),"
	"  FOREIGN KEY (account, uid) REFERENCES membership(account, uid) ON DELETE CASCADE"
	") STRICT, WITHOUT ROWID;"
	"CREATE INDEX membership_of_right ON membership_right(\"right\");"

	/* Who is shown in which group of an account; and `member` has the same by triggers, so that
	 * nobody who changes a membership can forget it. */
	"CREATE VIEW account_pair AS SELECT g.account AS account, g.gid AS gid, m.uid AS uid "
	"FROM membership m JOIN account a ON a.gid = m.account JOIN \"group\" g "
	"ON g.account = m.account AND (g.role IS NULL OR g.role = m.role) "
	"WHERE m.state = 'active' AND a.suspended_at IS NULL;"
	"CREATE TRIGGER membership_new AFTER INSERT ON membership BEGIN " SHOW_ONE(
	    "new") "END;"
		   "CREATE TRIGGER membership_gone AFTER DELETE ON membership BEGIN "
		   "DELETE FROM member WHERE uid = old.uid AND gid IN "
		   "(SELECT gid FROM \"group\" WHERE account = old.account); END;"
		   "CREATE TRIGGER membership_changed AFTER UPDATE ON membership WHEN "
		   "(old.account, old.uid, old.role, old.state) IS NOT "
		   "(new.account, new.uid, new.role, new.state) BEGIN " HIDE_ONE("old")
		       HIDE_ONE("new") SHOW_ONE(
			   "new") "END;"
				  "CREATE TRIGGER account_changed AFTER UPDATE ON account WHEN "
				  "(old.gid, old.suspended_at IS NULL) IS NOT (new.gid, new.suspended_at IS NULL) BEGIN "
				  "DELETE FROM member WHERE gid IN (SELECT gid FROM \"group\" WHERE account = new.gid) "
				  "AND NOT EXISTS (SELECT 1 FROM account_pair p WHERE p.account = new.gid "
				  "AND p.gid = member.gid AND p.uid = member.uid);"
				  "INSERT INTO member (gid, uid) SELECT gid, uid FROM account_pair "
				  "WHERE account = new.gid ON CONFLICT DO NOTHING; END;",

	/* 4 -> 5: contacts, and which one a user is; only some kinds may be a user at all (policy/contact.h). */
	"CREATE TABLE contact ("
	"  id INTEGER PRIMARY KEY AUTOINCREMENT,"
	"  name TEXT NOT NULL UNIQUE COLLATE NOCASE CHECK (length(name) BETWEEN 1 AND 128),"
	"  kind TEXT NOT NULL"
	"    CHECK (kind IN ('employee', 'contractor', 'partner', 'customer', 'supplier')),"
	"  email TEXT, phone TEXT, company TEXT, note TEXT, created_at INTEGER NOT NULL"
	") STRICT;"
	"ALTER TABLE user ADD COLUMN contact INTEGER REFERENCES contact(id);"
	"CREATE INDEX user_of_contact ON user(contact) WHERE contact IS NOT NULL;"

	/* Words that administrators put on users. */
	"CREATE TABLE tag ("
	"  uid INTEGER NOT NULL REFERENCES user(uid) ON DELETE CASCADE,"
	"  tag TEXT NOT NULL CHECK (length(tag) BETWEEN 1 AND 32), PRIMARY KEY (uid, tag)"
	") STRICT, WITHOUT ROWID;"
	"CREATE INDEX tag_of_user ON tag(tag, uid);"

	/* Access reviews. What was decided stays, so it has names, also of who is gone since. */
	"CREATE TABLE review ("
	"  id INTEGER PRIMARY KEY AUTOINCREMENT, account INTEGER NOT NULL, name TEXT NOT NULL,"
	"  started_at INTEGER NOT NULL, started_by TEXT NOT NULL,"
	"  finished_at INTEGER, finished_by TEXT"
	") STRICT;"
	"CREATE UNIQUE INDEX review_open ON review(account) WHERE finished_at IS NULL;"
	"CREATE TABLE review_item ("
	"  review INTEGER NOT NULL REFERENCES review(id), uid INTEGER NOT NULL, name TEXT NOT NULL,"
	"  role TEXT NOT NULL, state TEXT NOT NULL, status TEXT NOT NULL, contact TEXT,"
	"  last_login INTEGER,"
	"  decision TEXT CHECK (decision IN ('keep', 'revoke')), decided_at INTEGER, decided_by TEXT,"
	"  PRIMARY KEY (review, uid), CHECK ((decision IS NULL) = (decided_at IS NULL))"
	") STRICT, WITHOUT ROWID;",

	/* Policies of accounts, and of roles in them: `own` is what the account's own administrators have
	 * set, over what root has. They go with the account and the role. */
	"CREATE TABLE policy_2 ("
	"  account INTEGER NOT NULL, role INTEGER NOT NULL DEFAULT 0,"
	"  own INTEGER NOT NULL DEFAULT 0 CHECK (own IN (0, 1)),"
	"  key TEXT NOT NULL, value INTEGER NOT NULL,"
	"  PRIMARY KEY (account, role, own, key), CHECK (account <> 0 OR (role = 0 AND own = 0))"
	") STRICT, WITHOUT ROWID;"
	"INSERT INTO policy_2 (account, key, value) SELECT account, key, value FROM policy;"
	"DROP TABLE policy; ALTER TABLE policy_2 RENAME TO policy;"
	"CREATE TRIGGER policy_of_no_account AFTER DELETE ON account BEGIN "
	"DELETE FROM policy WHERE account = old.gid; END;"
	"CREATE TRIGGER policy_of_no_role AFTER DELETE ON role BEGIN "
	"DELETE FROM policy WHERE role = old.id; END;",
	/* The outbox. Times that decide (when to try again, until when a mailer has it) are on the
	 * steady clock. It has names, not references: a mail may be about who is gone. */
	"CREATE TABLE letter ("
	"  id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, language TEXT NOT NULL,"
	"  uid INTEGER NOT NULL, name TEXT NOT NULL, recipient TEXT NOT NULL,"
	"  subject TEXT NOT NULL, body TEXT NOT NULL, message_id TEXT NOT NULL UNIQUE,"
	"  code BLOB, expires_at INTEGER, state TEXT NOT NULL"
	"    CHECK (state IN ('queued', 'sending', 'sent', 'failed', 'dropped')),"
	"  tries INTEGER NOT NULL DEFAULT 0, queued INTEGER NOT NULL, next INTEGER,"
	"  claim INTEGER, error TEXT, created_at INTEGER NOT NULL, settled_at INTEGER,"
	"  CHECK (code IS NULL OR state NOT IN ('sent', 'dropped')),"
	"  CHECK ((next IS NOT NULL) = (state IN ('queued', 'sending'))),"
	"  CHECK ((claim IS NOT NULL) = (state = 'sending'))"
	") STRICT;"
	"CREATE INDEX letter_due ON letter(next) WHERE next IS NOT NULL;"
	"CREATE INDEX letter_of_user ON letter(uid) WHERE code IS NOT NULL;"
	"CREATE INDEX letter_expiry ON letter(expires_at) WHERE code IS NOT NULL;"
	"CREATE INDEX letter_settled ON letter(settled_at) WHERE settled_at IS NOT NULL;",

	/* One-time codes, by a keyed hash; who is invited (account 0: to none); which proofs were by a
	 * code; and until when a password is good that somebody else made. */
	"CREATE TABLE code ("
	"  uid INTEGER NOT NULL REFERENCES user(uid) ON DELETE CASCADE,"
	"  kind TEXT NOT NULL CHECK (kind IN ('invitation', 'reset', 'self-reset')),"
	"  hash TEXT NOT NULL CHECK (length(hash) = 64),"
	"  made_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,"
	"  made_steady INTEGER NOT NULL, lifetime INTEGER NOT NULL,"
	"  attempts INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (uid, kind)"
	") STRICT, WITHOUT ROWID;"
	"CREATE INDEX code_over ON code(expires_at);"
	"CREATE TABLE invitation ("
	"  uid INTEGER NOT NULL REFERENCES user(uid) ON DELETE CASCADE,"
	"  account INTEGER NOT NULL, invited_at INTEGER NOT NULL, invited_by TEXT NOT NULL,"
	"  PRIMARY KEY (uid, account)"
	") STRICT, WITHOUT ROWID;"
	"CREATE INDEX invitation_of_account ON invitation(account);"
	/* Of an account that is deleted the invitation of the user remains: to nothing. */
	"CREATE TRIGGER invitation_account_gone AFTER DELETE ON account BEGIN "
	"UPDATE OR REPLACE invitation SET account = 0 WHERE account = old.gid; END;"
	"ALTER TABLE proof ADD COLUMN code TEXT;"
	"ALTER TABLE password ADD COLUMN temporary_until INTEGER;",

	/* Second factors. `secret` is sealed; the highest step that was taken only grows. Until a
	 * code of it was seen a factor counts for nothing. */
	"CREATE TABLE factor ("
	"  uid INTEGER PRIMARY KEY REFERENCES user(uid) ON DELETE CASCADE,"
	"  secret BLOB NOT NULL, last_step INTEGER NOT NULL DEFAULT 0,"
	"  created_at INTEGER NOT NULL, confirmed_at INTEGER"
	") STRICT;"
	"CREATE TABLE recovery ("
	"  uid INTEGER NOT NULL REFERENCES factor(uid) ON DELETE CASCADE,"
	"  hash TEXT NOT NULL CHECK (length(hash) = 64), used_at INTEGER, PRIMARY KEY (uid, hash)"
	") STRICT, WITHOUT ROWID;"
	/* From when on everybody (0) has to have one, and from when on somebody could set it up anew. */
	"CREATE TABLE factor_rule (account INTEGER PRIMARY KEY, since INTEGER NOT NULL) STRICT;"
	"CREATE TABLE factor_grace ("
	"  uid INTEGER PRIMARY KEY REFERENCES user(uid) ON DELETE CASCADE, since INTEGER NOT NULL"
	") STRICT;"
	/* The one code that was sent, and how often any was: times of the steady clock. */
	"CREATE TABLE message ("
	"  uid INTEGER PRIMARY KEY REFERENCES user(uid) ON DELETE CASCADE,"
	"  hash TEXT NOT NULL CHECK (length(hash) = 64), tries INTEGER NOT NULL,"
	"  sent INTEGER NOT NULL"
	") STRICT;"
	"CREATE TABLE message_sent ("
	"  id INTEGER PRIMARY KEY,"
	"  uid INTEGER NOT NULL REFERENCES user(uid) ON DELETE CASCADE,"
	"  source TEXT, at INTEGER NOT NULL"
	") STRICT;"
	"CREATE INDEX message_sent_to ON message_sent(uid, at);"
	"CREATE INDEX message_sent_at ON message_sent(at);"
	"ALTER TABLE proof ADD COLUMN factor INTEGER NOT NULL DEFAULT 0;",
	/* Whose home a directory is. */
	"CREATE INDEX user_of_home ON user(home);",
	/* What root has suspended root resumes; of those there are nobody can tell who it was. */
	"ALTER TABLE user ADD COLUMN suspended_by_root INTEGER NOT NULL DEFAULT 0 "
	"CHECK (suspended_by_root IN (0, 1));"
	"UPDATE user SET suspended_by_root = suspended_at IS NOT NULL;",
	/* However a membership ends, nobody is invited to it any more; and by nothing to nothing. */
	"CREATE TRIGGER invitation_over AFTER UPDATE OF state ON membership WHEN new.state = 'ended' BEGIN "
	"DELETE FROM invitation WHERE uid = new.uid AND account = new.account; END;"
	"CREATE TRIGGER invitation_gone AFTER DELETE ON invitation "
	"WHEN NOT EXISTS (SELECT 1 FROM invitation WHERE uid = old.uid) BEGIN "
	"DELETE FROM code WHERE uid = old.uid AND kind = 'invitation'; END;"
	/* When a password that somebody else made is over by the steady clock. */
	"ALTER TABLE password ADD COLUMN temporary_steady INTEGER;"
	"DELETE FROM invitation WHERE EXISTS (SELECT 1 FROM membership m "
	"WHERE m.uid = invitation.uid AND m.account = invitation.account AND m.state = 'ended');",
	/* Which failures were a wrong code after the right password, and how many there ever were: the code
	 * that was sent is good until there are `spent` of them. It is for one number and one password. */
	"ALTER TABLE attempt ADD COLUMN factor INTEGER NOT NULL DEFAULT 0 CHECK (factor IN (0, 1));"
	"ALTER TABLE last_login ADD COLUMN wrong_codes INTEGER NOT NULL DEFAULT 0;"
	"DELETE FROM message; ALTER TABLE message RENAME COLUMN tries TO spent;"
	"CREATE TRIGGER message_number AFTER UPDATE OF mobile ON user WHEN old.mobile IS NOT new.mobile "
	"BEGIN DELETE FROM message WHERE uid = new.uid; END;"
	"CREATE TRIGGER message_password AFTER UPDATE OF changed_at ON password BEGIN "
	"DELETE FROM message WHERE uid = new.uid; END;"
	"CREATE TRIGGER message_no_password AFTER DELETE ON password BEGIN "
	"DELETE FROM message WHERE uid = old.uid; END;"
	/* What an account's own administrators have begun, beside what root has. */
	"ALTER TABLE factor_rule ADD COLUMN own_since INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE factor_grace ADD COLUMN own_since INTEGER NOT NULL DEFAULT 0;",
};

const size_t schema_step_count = ARRAY_LEN(schema_steps);
