"""sweep.py - every verb of uadmctl that changes something, and how to stop it in the middle.

VERBS is the table that test_sweep_kill.py, test_sweep_full.py and test_sweep_broken.py go through.
A verb or option that the program has and the tables here lack fails test_sweep_kill.py: a new one
is one line here. `World` is what a verb can change: it is put back, looked at and compared as a whole.

Each verb is stopped at one call of each kind (what is called, and where), and at every STEPth of all,
beginning elsewhere for each verb. UADM_FAULTS=all stops it at every one.
"""
import os
import re
import shutil
import sqlite3
import stat
import subprocess

import lab

DRIVER_SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'standin', 'fault_driver.c')
DRIVER, LIST = '/keys/fault_driver', '/keys/calls'
KILLED = 137
CONF = '/etc/uadm/uadm.conf'
CHEAP = '[hash]\nopslimit = 1\nmemlimit = 8388608\n'
FILES = '/root/sweep'  # backups
BACKUP = f'{FILES}/past'
PEOPLE, CREWS, LEAVERS, GUESTS = '/keys/people.csv', '/keys/crews.csv', '/keys/leavers', '/keys/guests'
HASH = '$6$saltsaltsaltsalt$LukSSrNUGSQ1fT6k5gXwGDcc23IzlDQotH5nrv1KDAnN7QerhS3zJDFnK47JyRwzIZcQ037LGVun3PXjaonEB0'
ALL = os.environ.get('UADM_FAULTS') == 'all'
STEP = 29
PLACES = ['/var/lib/uadm', '/etc/uadm', FILES, '/home']
STORE = '/var/lib/uadm/store'


class Verb:
    """A row: the command, what it reads, how to make the world that it needs of the common one,
    and with what it may exit when it is called once more after it was stopped. `only`: where to
    stop it, when another row goes through the rest (a regular expression over "CALL PLACE")."""

    def __init__(self, command, *args, input='', before=None, again=(0,), needs_store=True, only=''):
        self.words, self.args, self.input, self.before, self.again = command.split(), args, input, before, {0, *again}
        self.needs_store, self.name, self.only = needs_store, command, only

    @property
    def command(self):
        return ['/usr/sbin/uadmctl', *self.words, *self.args]


def no_store():
    shutil.rmtree(STORE)
    os.unlink('/etc/uadm/secret.key')


def lost_disk():
    shutil.rmtree(STORE)


def damaged_store():
    lost_disk()
    os.mkdir(STORE, 0o700)
    with open(f'{STORE}/uadm.db', 'wb') as f:
        f.write(b'x' * 9000)
    os.chmod(f'{STORE}/uadm.db', 0o600)


def behind():
    os.unlink('/var/lib/uadm/directory/directory')


def rows_of_nobody():
    sql('PRAGMA foreign_keys = OFF; DELETE FROM published WHERE name = "ada"; DELETE FROM user WHERE name = "eve"')


def broken_trail():
    sql('DROP TRIGGER audit_same; UPDATE audit SET actor = "nobody" WHERE id = 3')


def schema_1(path=f'{STORE}/uadm.db'):
    """As the first release left it: whatever opens the store then makes it what it is now."""
    sql('DROP TRIGGER message_number; DROP TRIGGER message_password; DROP TRIGGER message_no_password; ALTER TABLE attempt DROP COLUMN factor; ALTER TABLE last_login DROP COLUMN wrong_codes;'
        'DROP TRIGGER invitation_over; ALTER TABLE user DROP COLUMN suspended_by_root; ALTER TABLE password DROP COLUMN temporary_steady; DROP INDEX user_of_home; DROP TABLE letter; DROP TRIGGER invitation_account_gone; DROP TABLE invitation; DROP TABLE code; ALTER TABLE proof DROP COLUMN code; ALTER TABLE password DROP COLUMN temporary_until;'
        'DROP TABLE recovery; DROP TABLE factor; DROP TABLE factor_rule; DROP TABLE factor_grace; DROP TABLE message; DROP TABLE message_sent; ALTER TABLE proof DROP COLUMN factor;'
        'DROP TABLE tag; DROP TABLE review_item; DROP TABLE review; DROP INDEX user_of_contact; ALTER TABLE user DROP COLUMN contact; DROP TABLE contact;'
        'DROP VIEW account_pair; DROP TRIGGER membership_new; DROP TRIGGER membership_gone; DROP TRIGGER membership_changed;'
        'DROP TRIGGER account_changed; DROP TABLE membership_right; DROP TABLE membership; DROP TABLE account_domain;'
        'DELETE FROM published WHERE id IN (SELECT gid FROM "group" WHERE account IS NOT NULL); DELETE FROM member WHERE gid IN (SELECT gid FROM "group" WHERE account IS NOT NULL); DELETE FROM "group" WHERE account IS NOT NULL; DROP INDEX group_of_account; ALTER TABLE "group" DROP COLUMN role;'
        'ALTER TABLE "group" DROP COLUMN account; DROP TABLE account; DROP TABLE role_right; DROP TABLE role; DROP TABLE "right";' +
        ''.join(f'DROP TRIGGER changed_{what}{how};' for what in ('user', 'group', 'member') for how in ('', '_new', '_gone')) +
        'DROP TRIGGER changed_user_name; DROP TABLE changed; ALTER TABLE meta DROP COLUMN mark; ALTER TABLE meta DROP COLUMN base_seed; ALTER TABLE meta DROP COLUMN base_settings;'
        'DROP TRIGGER attempt_of_nobody; DROP TABLE policy; DROP TABLE old_password; DROP INDEX password_imported; ALTER TABLE attempt DROP COLUMN local;'
        'ALTER TABLE proof DROP COLUMN parent_start; ALTER TABLE user DROP COLUMN keep_sessions; ALTER TABLE meta DROP COLUMN key_check;'
        'UPDATE meta SET generation = generation + 1; PRAGMA user_version = 1', path)


def time_is_over():
    sql('UPDATE user SET expires_at = 1 WHERE name = "ada"')


def membership_is_over():
    sql('UPDATE membership SET ends_at = 1, then_role = 3 WHERE principal = 1 AND uid = (SELECT uid FROM user WHERE name = "ada")')


def ada_of_beta():
    sql('UPDATE membership SET principal = 0 WHERE uid = (SELECT uid FROM user WHERE name = "ada");'
        'UPDATE membership SET principal = 1 WHERE uid = (SELECT uid FROM user WHERE name = "ada") AND account = (SELECT gid FROM "group" WHERE name = "beta")')


def sessions_that_died():
    for closed in ('NULL', '5'):
        sql('INSERT INTO session (uid, service, leader, leader_start, boot_id, opened_at, closed_at) '
            f'SELECT uid, "sshd", 1, 1, "x", 4, {closed} FROM user WHERE name = "ada"')


def mail_waits():
    """Two mails, of which the first is given up; there is no mailer."""
    sql("""INSERT INTO letter (kind, language, uid, name, recipient, subject, body, message_id, code, state, queued, next, tries, error, created_at)
        VALUES ('suspended', 'en', 30000, 'ada', 'ada@example.org', 'x', 'y', '1@box', NULL, 'failed', 1, NULL, 3, 'no', 1),
        ('reset', 'en', 30001, 'bob', 'bob@example.org', 'x', 'y', '2@box', x'00', 'queued', 1, 1, 0, NULL, 1)""")


def none_left_to_revoke():
    """Revoked already, so that what remains is one change: the two of them have a row each."""
    lab.uadmctl('member', 'revoke', 'acme', 'bob', rc=0)


def long_ago():
    sql('UPDATE user SET created_at = 1 WHERE name = "eve"')


def policy_of_beta():
    sql('INSERT INTO policy (account, role, key, value) SELECT gid, 4, "deny", 2 FROM "group" WHERE name = "beta"')


def invited():
    lab.uadmctl('user', 'invite', 'ivy@example.org', '--account', 'acme', '--role', 'viewer', rc=0)


def factor_of_ada():
    lab.uadmctl('factor', 'enroll', 'ada', '--pending', rc=0)


IN_STORE = 'wal|exit_group'
VERBS = [
    Verb('user add', 'neo', '--groups', 'crew', '--email', 'neo@example.org', '--create-home', '--password-stdin',
         input=lab.PASSWORD, again=[65]),
    Verb('user add', 'neo', '--reuse-name', '--hash-stdin', input=HASH, again=[65], only=IN_STORE),
    Verb('user add', '--from', PEOPLE, again=[65], only=IN_STORE),
    Verb('user add', '--from', PEOPLE, '--resume', '--create-home'),
    Verb('user set', 'ada', '--first-name', 'Ada', '--expires', '2099-01-01'),
    Verb('user set-password', 'ada', '--password-stdin', '--must-change', input=lab.NEW),
    Verb('user set-password', 'ada', '--hash-stdin', input=HASH, only=IN_STORE),
    Verb('user set-password', 'ada', '--must-change', '--keep', only=IN_STORE),
    Verb('user reset-password', 'ada', '--now', '--print-code'),
    Verb('user add', 'neo', '--temp-password', '--inactive', '--no-invite', '--print-code', again=[65], only=IN_STORE),
    Verb('user invite', 'neo@example.org', '--name', 'neo', '--account', 'acme', '--role', 'viewer', '--scope', 'Work', '--right', 'Work_Run',
         '--inactive', '--print-code', again=[65]),
    Verb('user invite', '--from', GUESTS, '--resume', only=IN_STORE),
    Verb('invite resend', 'ivy', '--print-code', before=invited, only=IN_STORE),
    Verb('invite cancel', 'ivy', '--yes', before=invited, again=[67]),
    Verb('user suspend', 'ada'),
    Verb('user suspend', 'ada', '--keep-sessions', only=IN_STORE),
    Verb('user stale', '--suspend', '--days', '30', '--yes', '--status', 'locked', '--group', 'crew', '--tag', 'crew', before=long_ago, only=IN_STORE),
    Verb('user resume', 'bob'),
    Verb('user unlock', 'eve'),
    Verb('user delete', 'eve', '--yes', again=[67]),
    Verb('user delete', 'eve', '--remove-home', '--yes', again=[67], only=IN_STORE),
    Verb('group add', 'deck', '--description', 'on it', again=[65]),
    Verb('group add', '--from', CREWS, '--resume', only=IN_STORE),
    Verb('user suspend', '--from', LEAVERS, only=IN_STORE),
    Verb('group add-member', 'crew', 'bob'),
    Verb('group remove-member', 'crew', 'ada'),
    Verb('group delete', 'crew', '--yes', again=[67]),
    Verb('policy set', 'deny', '3', 'lock-time', '1h'),
    Verb('policy set', '--account', 'acme', '--role', 'viewer', 'deny', '3', 'lock-time', '1h', only=IN_STORE),
    Verb('policy unset', '--account', 'beta', '--role', 'viewer', 'warn', 'deny', before=policy_of_beta, only=IN_STORE),
    Verb('maintain', before=time_is_over),
    Verb('user add', 'neo', '--account', 'acme', '--role', 'viewer', '--right', 'Work_Run', '--scope', 'Work', again=[65], only=IN_STORE),
    Verb('account add', 'gamma', '--description', 'new', '--default-role', 'viewer', '--domain', 'gamma.example', '--require-acceptance', 'yes',
         again=[65]),
    Verb('account set', 'acme', '--description', 'old', '--default-role', 'viewer', '--domain', 'acme.example', '--require-acceptance', 'yes',
         only=IN_STORE),
    Verb('account suspend', 'acme', '--break-glass', only=IN_STORE),
    Verb('account resume', 'beta', only=IN_STORE),
    Verb('account delete', 'gone', '--yes', again=[67], only=IN_STORE),
    Verb('member add', 'acme', 'eve', '--role', 'operator', '--right', 'Work_Write', '--scope', 'Work', '--until', '2099-01-01', '--then', 'viewer',
         '--exist-ok'),
    Verb('member role', 'acme', 'bob', '--role', 'operator', '--until', '2099-01-01', '--then', 'viewer', '--break-glass', only=IN_STORE),
    Verb('member grant', 'acme', 'bob', '--right', 'Work_Write', '--scope', 'Work', only=IN_STORE),
    Verb('member deny', 'acme', 'bob', '--right', 'Work_read', '--scope', 'Work', '--break-glass', only=IN_STORE),
    Verb('member suspend', 'acme', 'bob', '--end-sessions', '--break-glass', only=IN_STORE),
    Verb('member resume', 'gone', 'bob', only=IN_STORE),
    Verb('member revoke', 'acme', 'bob', '--end-sessions', '--break-glass', only=IN_STORE),
    Verb('role add', 'tester', '--description', 'tries', '--right', 'Work_read', '--scope', 'Work', again=[65]),
    Verb('role grant', 'sailor', '--right', 'Work_Run', '--scope', 'Admin', only=IN_STORE),
    Verb('role deny', 'sailor', '--right', 'Work_read', '--scope', 'Work', '--break-glass', only=IN_STORE),
    Verb('role set', 'sailor', '--description', 'sails', only=IN_STORE),
    Verb('role delete', 'sailor', '--yes', again=[67], only=IN_STORE),
    Verb('right add', 'Sail', '--scope', 'Work', '--description', 'away', '--break-glass', again=[65], only=IN_STORE),
    Verb('right delete', 'Row', '--yes', again=[67], only=IN_STORE),
    Verb('maintain', '--no-mail', before=membership_is_over, only=IN_STORE),
    Verb('user tag', 'staff', 'bob', only=IN_STORE),
    Verb('user untag', 'crew', 'ada', only=IN_STORE),
    Verb('user set', 'ada', '--contact', 'Ada L', only=IN_STORE),
    Verb('user transfer', 'ada', '--to', 'acme', '--yes', before=ada_of_beta, only=IN_STORE),
    Verb('user clone', 'ada', 'neo', '--email', 'neo@example.org', '--grant', 'Work_Run', '--deny', 'Work_Write', '--yes', again=[65], only=IN_STORE),
    Verb('maintain', before=sessions_that_died, only=IN_STORE),
    Verb('review start', 'gone', again=[65]),
    Verb('review keep', 'acme', 'ada', only=IN_STORE),
    Verb('review revoke', 'acme', 'bob', '--break-glass', '--end-sessions', '--yes', before=none_left_to_revoke, only=IN_STORE),
    Verb('review finish', 'beta', again=[67], only=IN_STORE),
    Verb('contact add', 'Bob S', '--kind', 'partner', '--email', 'bob@example.org', '--phone', '+43660123456', '--company', 'S & Co', '--note', 'x',
         again=[65]),
    Verb('contact set', 'Ada L', '--kind', 'contractor', '--email', 'ada@example.org', '--phone', '+43660123457', '--company', 'L', '--note', '',
         only=IN_STORE),
    Verb('contact delete', 'Ada L', '--yes', again=[67], only=IN_STORE),
    Verb('mail retry', '1', before=mail_waits),
    Verb('mail retry', '--all', before=mail_waits, only=IN_STORE),
    Verb('mail drop', '2', before=mail_waits, only=IN_STORE),
    Verb('factor enroll', 'ada', '--pending'),
    Verb('factor recovery', 'ada', '--yes', before=factor_of_ada, only=IN_STORE),
    Verb('factor remove', 'ada', '--yes', before=factor_of_ada, only=IN_STORE),
    Verb('store init', before=no_store, needs_store=False),
    Verb('store publish', before=behind),
    Verb('store publish', '--force'),
    Verb('store backup', f'{FILES}/new', again=[65]),
    Verb('store backup', BACKUP, '--force', only='rename|link|partial'),
    Verb('store restore', BACKUP, '--yes'),
    Verb('store restore', BACKUP, '--yes', before=lost_disk, needs_store=False, only=r'^(?!.*/work\.)'),
    Verb('store restore', BACKUP, '--yes', '--set-aside', before=damaged_store, needs_store=False, only='rename|mkdir|rmdir|openat'),
    Verb('store check', '--repair', before=rows_of_nobody),
    Verb('user suspend', 'ada', before=schema_1),
    Verb('audit reseal', '--yes', before=broken_trail),
]
# Their kills are in test_host_stack.py, test_trial.py, test_sessions.py and test_mail.py: they change other things than the store.
# A walk does what review keep, revoke and finish do, and needs a terminal.
ELSEWHERE = {'host enable', 'host disable', 'host confirm', 'review walk', 'session terminate', 'mail deliver'}
# These change nothing but what is behind: each opening of the store may publish.
READING = {'user list', 'user show', 'user check', 'group list', 'group show', 'group top', 'policy list', 'policy show', 'policy test',
           'store info', 'audit list', 'audit verify', 'host status', 'help', 'account list', 'account show', 'member list', 'role list',
           'role show', 'right list', 'tag list', 'can', 'contact list', 'contact show', 'review list', 'session list', 'invite list',
           'mail list', 'mail show', 'mail test', 'factor list'}
# What needs no row of its own: how it is asked for and said, and another way to what a row has.
PLAIN = {'--dry-run', '--no-input', '--help', '--json', '--conf', '--yes', '--from', '--password', '--password-fd', '--hash-fd',
         '--other-key', '--uid', '--gid', '--kind', '--as', '--break-glass', '--output', '--noheadings', '--raw',
         '--utc', '--time-format'}
FIELDS = {'--display-name', '--last-name', '--mobile', '--email', '--home', '--shell', '--time-zone', '--valid-from', '--reason', '--owner',
          '--review-by', '--first-name', '--expires', '--must-change', '--contact', '--account'}


def verbs_of_program():
    overview = lab.uadmctl('help', rc=0).out
    verbs = set(re.findall(r'^  ([a-z]+(?: [a-z-]+)?)  ', overview, re.M))
    assert len(verbs) > 20, overview
    return verbs


def unswept():
    """What the program has and the tables above have not: verbs, and options of those that change something.
    A verb that can be rehearsed changes something, by the program's own word."""
    swept, missing = {v.name for v in VERBS}, set()
    for verb in verbs_of_program() - ELSEWHERE:
        options = set(re.findall(r'--[a-z-]+', lab.uadmctl('help', *verb.split(), rc=0).out.split('options:')[1]))
        if verb not in swept:
            missing |= {verb} if verb not in READING or '--dry-run' in options else set()
            continue
        used = {word for v in VERBS if v.name == verb for word in v.args if word.startswith('--')}
        missing |= {f'{verb} {option}' for option in options - used - PLAIN - FIELDS}
    return missing


def chosen(stops, calls, verb, turn=0):
    """Of the calls numbered `stops`, those to stop it at. `turn` begins elsewhere, for another way of stopping."""
    if ALL:
        return stops
    kinds, start = {}, (VERBS.index(verb) if verb in VERBS else 0) + 4 * turn
    for n in stops:
        kinds.setdefault(re.sub(r'\.\d+\.[0-9a-f]+|\d+', '#', calls[n - 1]), []).append(n)
    return sorted({numbers[start % len(numbers)] for numbers in kinds.values()} | set(stops[start % STEP::STEP]))


def label(verb):
    """For pytest: the command, and what was wrong before."""
    return '-'.join([*verb.words, *([verb.before.__name__] if verb.before else []), *[a.strip('-') for a in verb.args if a.startswith('--f')]])


def sql(text, path=f'{STORE}/uadm.db'):
    db = sqlite3.connect(path)
    db.executescript(text)
    db.commit()
    db.close()


# The driver

def build_driver():
    if not os.path.exists(DRIVER):
        lab.run('gcc', '-std=c11', '-D_GNU_SOURCE', '-O1', '-Wall', '-Wextra', '-Werror', '-o', DRIVER, DRIVER_SOURCE, rc=0)


class Outcome:
    def __init__(self, done, options):
        self.rc, self.out, self.err, self.options = done.returncode, done.stdout, done.stderr, options
        with open(LIST, encoding='utf-8', errors='replace') as f:
            self.calls = f.read().splitlines()

    def stops(self, verb):
        """Where to stop it: the numbers of these calls."""
        return [n for n, line in enumerate(self.calls, 1) if re.search(verb.only, line)]

    def __repr__(self):
        return f'driver {" ".join(self.options)}: exit status {self.rc}\n{self.out}{self.err}after: {self.calls[-3:]}'


def drive(verb, *options):
    """The verb under the driver."""
    done = subprocess.run([DRIVER, '-o', LIST, *options, *verb.command], input=verb.input + '\n', capture_output=True, text=True,
                          timeout=60, env=lab.ENVIRONMENT, cwd='/')
    assert done.returncode != 99, done
    return Outcome(done, options)


def call(*args, input=None):
    """uadmctl once more, undisturbed."""
    return lab.uadmctl(*args, input=input)


# What a verb can change

MASKED = {'factor.secret', 'recovery.hash', 'mac', 'audit_mac', 'key_check', 'boot_id', 'steady_offset', 'steady_last', 'given_at', 'created_at', 'changed_at', 'replaced_at',
          'released_at', 'suspended_at', 'started_at', 'finished_at', 'decided_at', 'closed_at', 'started', 'deadline', 'since', 'at', 'changed.stamp', 'mark', 'changed.generation',
          'code.hash', 'code.made_at', 'code.expires_at', 'code.made_steady', 'invited_at', 'temporary_until', 'temporary_steady',
          'queued', 'next', 'settled_at'}


class World:
    """Files by path: (mode, owner, content), content None for a directory and a str for a link."""

    def __init__(self):
        self.files = self.read()

    @staticmethod
    def read():
        files = {}
        for place in PLACES:
            for top, dirs, names in os.walk(place):
                for name in ['.', *dirs, *names] if top == place else [*dirs, *names]:
                    path = os.path.normpath(os.path.join(top, name))
                    st = os.lstat(path)
                    content = None
                    if stat.S_ISREG(st.st_mode):
                        with open(path, 'rb') as f:
                            content = f.read()
                    elif stat.S_ISLNK(st.st_mode):
                        content = os.readlink(path)
                    files[path] = (st.st_mode, (st.st_uid, st.st_gid), content)
        return files

    def restore(self, now=None):
        now = now if now is not None else self.read()
        for path in sorted(now.keys() - self.files.keys(), reverse=True):
            os.rmdir(path) if now[path][2] is None else os.unlink(path)
        for path in sorted(self.files):
            mode, owner, content = self.files[path]
            if now.get(path) == self.files[path]:
                continue
            if path in now and (content is not None or now[path][2] is not None):
                os.unlink(path) if now[path][2] is not None else shutil.rmtree(path)
            if content is None:
                os.makedirs(path, exist_ok=True)
            elif isinstance(content, str):
                os.symlink(content, path)
                continue
            else:
                with open(path, 'wb') as f:
                    f.write(content)
            os.chown(path, *owner)
            os.chmod(path, stat.S_IMODE(mode))


def is_of_store(path):
    """Not what is being made beside it."""
    return path.startswith(('/etc/uadm', STORE, '/var/lib/uadm/directory', '/var/lib/uadm/highest-ids'))


def fingerprint(files, which=bool):
    return hash(tuple(sorted(item for item in files.items() if which(item[0]))))


def litter(names):
    """The files by what they are called, without what may come and go: SQLite's, our locks, and homes (where a
    half one is left to the next login of that user, ten minutes later)."""
    left = set()
    for name in names:
        if not name.endswith(('.db-wal', '.db-shm', '/.lock')) and not name.startswith('/home'):
            left.add(re.sub(r'damaged-\d+', 'damaged', name))
    return left


def dump(verifiers, path=f'{STORE}/uadm.db'):
    """All rows of the store, as far as they are the same in each run. Of copies: SQLite must not mend the original.
    `verifiers`: those that are known, which are shown; others are new."""
    if not os.path.exists(path) or os.path.getsize(path) == 0 and not os.path.exists(f'{path}-wal'):
        return None
    shutil.rmtree('/keys/dump', ignore_errors=True)
    os.mkdir('/keys/dump')
    for end in ('', '-wal'):
        if os.path.exists(path + end):
            shutil.copy(path + end, '/keys/dump/copy.db' + end)
    db = sqlite3.connect('/keys/dump/copy.db')
    try:
        tables = [name for name, in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")]
    except sqlite3.DatabaseError:
        return None
    rows = {}
    for table in sorted(tables):
        found = db.execute(f'SELECT * FROM "{table}"')
        names = [d[0] for d in found.description]

        def shown(name, value, table=table):
            if name == 'verifier':
                return value if value in verifiers else 'new'
            if name == 'detail':
                return re.sub(r'made=\S+', 'made', value or '')
            return value is not None if {name, f'{table}.{name}'} & MASKED else value

        rows[table] = sorted(repr([shown(n, v) for n, v in zip(names, row)]) for row in found)
    db.close()
    return rows or None


def verifiers_of_now():
    db = sqlite3.connect(f'{STORE}/uadm.db')
    found = {text for text, in db.execute('SELECT verifier FROM password')}
    db.close()
    return found


def differing(a, b):
    """Which tables, for a message."""
    return 'none' if a is None or b is None else {t: (set(a.get(t, [])) ^ set(b.get(t, []))) for t in a.keys() | b.keys() if a.get(t) != b.get(t)}


def published():
    """What NSS shows of ours, and what the store has."""
    shown = {(f[0], int(f[2])) for database in ('passwd', 'group')
             for f in (line.split(':') for line in lab.run('getent', database, rc=0).out.splitlines()) if 20000 <= int(f[2]) < 60000}
    db = sqlite3.connect(f'file:{STORE}/uadm.db?mode=ro', uri=True)
    stored = set(db.execute('SELECT name, uid FROM user UNION SELECT name, gid FROM "group"'))
    highest = db.execute("SELECT coalesce(max(id), 0) FROM number WHERE kind = 'user'").fetchone()[0]
    db.close()
    with open('/var/lib/uadm/highest-ids', encoding='ascii') as f:
        known = int(f.readline().split()[1])
    return shown, stored, highest <= known


def sound():
    """store check finds nothing (the trail is whole, the file is that of the store), NSS shows what the store has,
    and the highest number is known outside of it."""
    done = call('store', 'check', '--json')
    assert done.rc == 0 and done.json == [], done
    shown, stored, barred = published()
    assert shown == stored
    assert barred, 'a number would be given again if this disk were lost'


def make_base():
    """A store with something for each verb to change."""
    build_driver()
    os.makedirs(FILES, mode=0o700, exist_ok=True)
    with open(PEOPLE, 'w', encoding='ascii') as f:
        f.write(f'name,email,groups,password_hash\ntrin,trin@example.org,crew,{HASH}\nmorph,,crew,\ncyph,cyph@example.org,,\n')
    with open(CREWS, 'w', encoding='ascii') as f:
        f.write('name,description\nhold,below it\nmast,\n')
    with open(GUESTS, 'w', encoding='ascii') as f:
        f.write('trin@example.org\ncyph@example.org\n')
    with open(LEAVERS, 'w', encoding='ascii') as f:
        f.write('ada\neve\nbob\n')
    with open(CONF, 'w', encoding='ascii') as f:
        f.write(CHEAP)
    lab.uadmctl('group', 'add', 'crew', rc=0)
    for name in ('ada', 'bob', 'eve'):
        lab.add_user(name, *(['--groups', 'crew'] if name != 'bob' else []))
    lab.uadmctl('user', 'suspend', 'bob', rc=0)
    lab.uadmctl('account', 'add', 'acme', 'beta', 'gone', rc=0)
    lab.uadmctl('role', 'add', 'sailor', '--right', 'Work_read', '--scope', 'Work', rc=0)
    lab.uadmctl('right', 'add', 'Row', '--scope', 'Work', rc=0)
    lab.uadmctl('member', 'add', 'acme', 'ada', 'bob', '--role', 'viewer', rc=0)
    lab.uadmctl('member', 'add', 'beta', 'ada', '--role', 'viewer', rc=0)
    lab.uadmctl('member', 'add', 'gone', 'bob', '--role', 'viewer', '--right', 'Row', rc=0)
    lab.uadmctl('account', 'suspend', 'beta', rc=0)
    lab.uadmctl('contact', 'add', 'Ada L', '--kind', 'employee', rc=0)
    lab.uadmctl('user', 'tag', 'crew', 'ada', 'eve', rc=0)
    lab.uadmctl('store', 'backup', BACKUP, rc=0)
    lab.fail_logins('eve', 5)
    lab.uadmctl('user', 'set-password', 'ada', '--password-stdin', input=lab.PASSWORD + 'x\n', rc=0)
    lab.uadmctl('user', 'add', 'since', rc=0)
    lab.uadmctl('member', 'suspend', 'gone', 'bob', rc=0)
    lab.uadmctl('user', 'set', 'ada', '--last-name', 'Countess', rc=0)
    lab.uadmctl('review', 'start', 'acme', rc=0)
    lab.uadmctl('review', 'start', 'beta', rc=0)
    lab.uadmctl('review', 'keep', 'beta', 'ada', rc=0)
    assert lab.show('eve')['status'] == 'locked'
    # Else the log is moved into the store behind some verb's commit, and a failure there has no consequence.
    sql('PRAGMA wal_checkpoint(TRUNCATE)')


# What is right after a stop

class Reference:
    """What a verb does when nobody stops it, once and twice, and what a stop may leave beside that: nothing done,
    or, where there was no store, a new one with nothing in it yet."""

    def __init__(self, verb, start, known, where=()):
        start.restore()
        if verb.before is damaged_store:
            lost_disk()
        assert call('store', *(['publish'] if verb.needs_store else ['init'])).rc == 0
        self.before = [dump(known), *([] if verb.needs_store else [None])]
        self.was_sound = verb.needs_store and call('store', 'check').rc == 0
        self.parts = parts_of(verb, start, known)
        start.restore()
        done = drive(verb, *where)
        assert done.rc == 0, done
        self.stops, self.calls = done.stops(verb), done.calls
        self.after, self.names = dump(known), litter(World.read())
        again = drive(verb)
        assert again.rc in verb.again, again
        self.finished = [self.after, dump(known)]
        self.names |= litter(World.read())
        self.is_change = self.after not in self.before

    def after_lines(self, count):
        """What may be there once `count` lines of output were given: these were done, in their order."""
        return [*self.parts[max(count, 1) - 1:], self.after]


def parts_of(verb, start, known):
    """A file may be done in parts, each of them whole lines: what there is after the first line, after two, ..."""
    if '--from' not in verb.args:
        return []
    parts, path = [], verb.args[verb.args.index('--from') + 1]
    with open(path, encoding='ascii') as f:
        lines = f.readlines()
    first = 1 + lines[0].startswith('name')
    for count in range(first, len(lines)):
        with open(f'{path}.part', 'w', encoding='ascii') as f:
            f.writelines(lines[:count])
        start.restore()
        assert call(*[f'{path}.part' if word == path else word for word in verb.command[1:]]).rc == 0
        parts.append(dump(known))
    return parts


def judge_store(verb, reference, known, done):
    """After the next call; returns what the store has."""
    if verb.needs_store:
        follow = call('store', 'publish')
        assert follow.rc == 0, (done, follow)
    state = dump(known)
    assert state in [*reference.before, *reference.parts, reference.after], (done, differing(state, reference.after))
    if reference.was_sound or (verb.needs_store and reference.is_change and state == reference.after):
        sound()
    return state


def judge_again(verb, reference, known, done):
    """The same command once more finishes it, and nothing half is left."""
    again = drive(verb)
    assert again.rc in verb.again, (done, again)
    assert dump(known) in reference.finished, (done, again)
    if not reference.was_sound:
        sound()
    left = litter(World.read()) - reference.names
    if again.rc != 0:  # it had nothing to make, so it looked for nothing either
        left = {name for name in left if '/work.' not in name}
    assert left == set(), (done, left)


def backups_are_whole():
    """What has the name of a backup is one."""
    for name in [n for n in World.read() if n.startswith(FILES + '/') and '.partial' not in n]:
        done = call('store', 'restore', name, '--dry-run')
        assert done.rc == 0, done


def sweep_kills(verb, start, known):
    """kill -9, before each call that was chosen. Returns how many different ends that had."""
    reference = Reference(verb, start, known)
    worlds, stores = {}, {}  # those that were judged: what the store had then
    numbers = chosen(reference.stops, reference.calls, verb)
    # Every second one: what is left out here is stopped at in another verb.
    for n in numbers if ALL else numbers[len(verb.name) % 2::2]:
        start.restore()
        done = drive(verb, '-n', str(n), '-k')
        assert done.rc == KILLED, done
        now = World.read()
        whole, part = fingerprint(now), fingerprint(now, is_of_store)
        if whole not in worlds:
            if part not in stores:
                stores[part] = judge_store(verb, reference, known, done)
            worlds[whole] = stores[part]
            if verb.name == 'store backup':
                backups_are_whole()
            judge_again(verb, reference, known, done)
        assert done.out == '' or worlds[whole] in reference.after_lines(done.out.count('\n')), f'acknowledged, and not there: {done}'
    return len(worlds)


class Fault:
    """A disk that does not: what calls fail with, from the one on or once, and what is said of it. Where only its
    number is another than one before it, `step` goes through some of the calls."""

    def __init__(self, number, words, onwards=(), step=1, turn=1):
        self.options, self.words, self.step, self.turn = ['-e', str(number), *onwards], words, step, turn


# Where a disk fails in these sweeps.
WHERE = [option for place in (STORE, '/var/lib/uadm', '/etc/uadm', FILES) for option in ('-p', place)]
EXPECTED = {69, 74, 75}  # unavailable, I/O, try again
# What makes a change durable. Not among it: the main file and its index, which SQLite writes from the log whenever it
# can, a hint to readers, and copies that are looked at and gone.
MAKES_DURABLE = re.compile(r'(write|pwrite64|fsync|fdatasync|rename\w*) (?!.*/(uadm\.db|uadm\.db-shm|store|directory/directory)$)(?!.*/work\.)')
RENAMED = re.compile(r'rename')


# After this the log begins anew: what was in it is in the main file for good.
LOG_IS_EMPTIED = f'fdatasync {STORE}/uadm.db'


def judge_words(verb, done, fault, after, n, state):
    """What it said against what is there. `n`: which call failed."""
    failed = done.calls[n - 1]
    if done.rc == 0:
        assert state == after, f'said to be done, and is not: {done}'
        assert done.calls[n - 2] == LOG_IS_EMPTIED or not MAKES_DURABLE.match(failed) and not RENAMED.match(failed), f'may not be durable ({failed}): {done}'
        if verb.name == 'store backup':
            backups_are_whole()
        return
    assert done.rc in EXPECTED, (failed, done)
    assert re.search(r'^uadmctl: error: \S', done.err, re.M), (failed, done)
    assert re.search(fault.words + '|is the disk full, read-only or broken', done.err, re.I), (failed, done)


def sweep_faults(verb, start, known, fault):
    reference = Reference(verb, start, known, WHERE)
    judged = {}
    for n in chosen(reference.stops, reference.calls, verb, fault.turn)[::fault.step]:
        start.restore()
        done = drive(verb, '-n', str(n), *fault.options, *WHERE)
        assert len(done.calls) >= n, done
        failed = done.calls[n - 1]
        now = World.read()
        key = fingerprint(now)
        if key not in judged:
            judged[key] = judge_store(verb, reference, known, (failed, done))
            judge_again(verb, reference, known, (failed, done))
        judge_words(verb, done, fault, reference.after, n, judged[key])
    return len(judged)


class Base:
    """The world that every verb begins with, and the verifiers that are known in it."""

    def __init__(self, machine):
        machine.restore('bare')
        lab.uadmctl('host', 'enable', '--yes', rc=0)
        make_base()
        self.world, self.known = World(), verifiers_of_now()

    def start(self, verb):
        self.world.restore()
        if verb.before:
            verb.before()
        return World()
