"""S4: a backup made at any time is a state that existed, and restoring it undoes nothing that must stay done."""
import hashlib
import os
import re
import subprocess

import pytest

import lab
import sweep
from lab import NEW, PAM_SUCCESS, PASSWORD, add_user, pam, run, show, uadmctl

FILE = '/root/uadm.backup'
STORE = '/var/lib/uadm/store'
KEY = '/etc/uadm/secret.key'


def backup(path=FILE, *options):
    return uadmctl('store', 'backup', path, *options, '--json', rc=0).json


def restore(*options, path=FILE, rc=0):
    done = uadmctl('store', 'restore', path, '--yes', '--json', *options, rc=rc)
    return done.json if rc == 0 else done


def names():
    return [user['name'] for user in uadmctl('user', 'list', '--json', rc=0).json]


def sound():
    assert uadmctl('store', 'check', '--json', rc=0).json == []
    assert uadmctl('audit', 'verify', '--json', rc=0).json['whole'] is True


@pytest.fixture(autouse=True)
def no_file(host):
    for name in os.listdir('/root'):
        if name.startswith('uadm.backup'):
            os.unlink(f'/root/{name}')


def test_the_file(host):
    """It says what it is, and its checksum is what sha256sum says."""
    add_user('ada')
    made = backup()
    with open(FILE, 'rb') as f:
        head, body = f.read().split(b'\n\n', 1)
    lines = dict(line.split(' ', 1) for line in head.decode().splitlines())
    assert lines['uadm-backup'] == '1' and lines['users'] == '1' and lines['host'] == os.uname().nodename
    assert lines['sha256'] == hashlib.sha256(body).hexdigest() == made['sha256'] and int(lines['size']) == len(body)
    assert body.startswith(b'SQLite format 3\0')
    assert os.stat(FILE).st_mode & 0o7777 == 0o600
    assert uadmctl('store', 'backup', FILE).rc == 65
    add_user('bob')
    assert backup(FILE, '--force')['users'] == 2
    assert [name for name in os.listdir('/root') if 'partial' in name] == []
    assert [name for name in os.listdir('/var/lib/uadm') if name.startswith('work')] == []
    assert uadmctl('store', 'backup', '/root/nowhere/file').rc == 69
    assert uadmctl('store', 'backup', FILE, user=lab.LOCAL).rc == 77
    for options in ([], ['--force']):
        refused = uadmctl('store', 'backup', '/root', *options, rc=65)
        assert '/root is a directory' in refused.err and '--force' not in refused.err, refused
    for verb in ('backup', 'restore'):
        refused = uadmctl('store', verb, '-', rc=64)
        assert 'hint: ' in refused.err and not os.path.exists('/-'), refused


def test_what_stays_done(host):
    """Numbers given since, suspensions, locks and the trail stay; the rest is as it was."""
    uadmctl('group', 'add', 'crew', rc=0)
    add_user('ada', '--groups', 'crew', '--email', 'ada@example.org')
    for name in ('bob', 'eve', 'kim'):
        add_user(name)
    backup()
    uadmctl('user', 'delete', 'bob', '--yes', rc=0)
    uadmctl('user', 'suspend', 'eve', rc=0)
    uadmctl('user', 'set', 'ada', '--email', '', rc=0)
    uadmctl('user', 'set', 'kim', '--email', 'ada@example.org', rc=0)
    uadmctl('user', 'set-password', 'ada', '--password-stdin', input=NEW + '\n', rc=0)
    uadmctl('policy', 'set', 'deny', '2', rc=0)
    lab.fail_logins('kim', 2)
    add_user('zoe')
    since = show('zoe')['uid']
    before = uadmctl('audit', 'list', '-n', '0', '--json', rc=0).json
    plan = {'comes_back': ['bob'], 'goes': ['zoe'], 'stays_suspended': ['eve'], 'older_password': ['ada']}

    dry = restore('--dry-run')
    assert {key: dry[key] for key in plan} == plan and 'zoe' in names() and show('ada')['email'] is None
    done = restore()
    assert {key: done[key] for key in plan} == plan and done['changed'] and not done['other_key']
    assert names() == ['ada', 'bob', 'eve', 'kim']
    assert show('eve')['status'] == 'suspended' and show('kim')['status'] == 'locked' and show('bob')['status'] == 'suspended'
    assert show('ada')['email'] == 'ada@example.org' and show('ada')['groups'] == ['crew'] and show('kim')['email'] is None
    assert uadmctl('policy', 'show', 'deny', '--json', rc=0).json['number'] == 5
    assert pam('sshd', 'ada', 'auth', answers=[PASSWORD], rhost='192.0.2.9') == [PAM_SUCCESS]
    assert lab.getent('passwd', 'zoe') is None and lab.getent('passwd', 'bob') is not None
    after = uadmctl('audit', 'list', '-n', '0', '--json', rc=0).json
    assert after[:len(before)] == before and 'store.restore' in [row['action'] for row in after[len(before):]]
    add_user('new')
    assert show('new')['uid'] > since
    assert uadmctl('user', 'add', 'again', '--uid', str(since)).rc == 65
    sound()


def test_who_was_refused_stays_refused(host):
    """An end or a beginning that was set since, a deletion, and a suspension that ended what ran."""
    for name in ('ada', 'bob', 'dan', 'eve', 'fay', 'gus', 'kim'):
        add_user(name)
    uadmctl('user', 'set', 'eve', '--expires', '2090-01-01', '--valid-from', '2020-01-01', rc=0)
    uadmctl('user', 'set', 'fay', '--expires', '2091-01-01', rc=0)
    uadmctl('user', 'suspend', 'gus', '--keep-sessions', rc=0)
    backup()
    uadmctl('user', 'set', 'ada', '--expires', '2020-01-01', rc=0)
    uadmctl('user', 'set', 'bob', '--valid-from', '2089-01-01', rc=0)
    uadmctl('user', 'set', 'eve', '--expires', '2080-01-01', '--valid-from', '2019-01-01', rc=0)
    uadmctl('user', 'set', 'fay', '--expires', '', rc=0)
    uadmctl('user', 'suspend', 'dan', rc=0)
    uadmctl('user', 'suspend', 'gus', rc=0)
    gus = show('gus')
    for name in ('dan', 'kim'):
        uadmctl('user', 'delete', name, '--yes', rc=0)
    refused = {name: pam('sshd', name, 'account') for name in ('ada', 'bob', 'gus')}

    plan = restore()
    assert plan['keeps_time'] == ['ada', 'bob', 'eve'] and plan['comes_back'] == ['dan', 'kim'] and plan['stays_suspended'] == []
    assert {name: pam('sshd', name, 'account') for name in refused} == refused and [PAM_SUCCESS] not in refused.values()
    assert show('ada')['status'] == 'expired' and show('ada')['expires'].startswith('2020')
    assert show('eve')['expires'].startswith('2080') and show('eve')['valid_from'].startswith('2020')
    assert show('fay')['expires'].startswith('2091')
    assert gus['keep_sessions'] is False and show('gus')['keep_sessions'] is False
    for name in ('dan', 'kim'):
        assert show(name)['status'] == 'suspended' and show(name)['keep_sessions'] is False
        assert pam('sshd', name, 'auth', 'account', answers=[PASSWORD], rhost='192.0.2.9')[-1] != PAM_SUCCESS
    said = uadmctl('store', 'restore', FILE, '--yes', rc=0).out
    assert 'ada: keeps the end' in said and 'comes back' not in said  # they are there by now
    uadmctl('user', 'resume', 'kim', rc=0)
    assert pam('sshd', 'kim', 'account') == [PAM_SUCCESS]
    sound()


def test_all_deleted_since(host):
    """A store of ours without a user left is no new one."""
    add_user('ada')
    backup()
    uadmctl('user', 'delete', 'ada', '--yes', rc=0)
    assert restore()['comes_back'] == ['ada'] and show('ada')['status'] == 'suspended'


def test_policy_is_listed(host):
    """With the value of now and the one that comes back, a shipped one too."""
    add_user('ada')
    uadmctl('policy', 'set', 'min-length', '12', rc=0)
    uadmctl('policy', 'set', 'warn', '3d', rc=0)
    backup()
    uadmctl('policy', 'set', 'deny', '3', rc=0)
    uadmctl('policy', 'set', 'max-age', '90d', rc=0)
    uadmctl('policy', 'set', 'min-length', '14', rc=0)
    said = uadmctl('store', 'restore', FILE, '--yes', '--dry-run', rc=0).out
    assert 'policy deny: goes back from 3 to 5' in said and 'policy max-age: goes back from 90d to 0' in said
    differences = [{'key': 'deny', 'now': '3', 'then': '5'}, {'key': 'max-age', 'now': '90d', 'then': '0'},
                   {'key': 'min-length', 'now': '14', 'then': '12'}]
    assert restore('--dry-run')['policy'] == differences and restore()['policy'] == differences
    assert restore()['policy'] == []


@pytest.mark.parametrize('path', [
    f'{STORE}/uadm.db', '/var/lib/uadm/new', KEY, '/etc/uadm/new', '/root/uadm.backup.link/uadm.db',
    '/root/uadm.backup.mount/uadm.db', '/proc/self/root/var/lib/../lib/uadm/host/../store/uadm.db'])
def test_not_over_our_own(host, path):
    """By what the directory is, not by what it is called."""
    add_user('ada')
    backup()
    os.symlink(STORE, '/root/uadm.backup.link')
    os.mkdir('/root/uadm.backup.mount')
    run('mount', '--bind', STORE, '/root/uadm.backup.mount', rc=0)
    try:
        before = os.stat(f'{STORE}/uadm.db').st_ino, os.stat(KEY).st_ino, os.listdir('/var/lib/uadm'), os.listdir('/etc/uadm')
        done = uadmctl('store', 'backup', '--force', path)
        assert done.rc == 65 and "a directory of uadm's" in done.err, done
        assert before == (os.stat(f'{STORE}/uadm.db').st_ino, os.stat(KEY).st_ino, os.listdir('/var/lib/uadm'), os.listdir('/etc/uadm'))
    finally:
        run('umount', '/root/uadm.backup.mount', rc=0)
        os.rmdir('/root/uadm.backup.mount')
        os.unlink('/root/uadm.backup.link')
    assert names() == ['ada']
    sound()


def test_only_a_file_is_replaced(host):
    """/dev/null stays what it is; a link is replaced itself, not what it points to."""
    os.mkfifo('/root/uadm.backup.fifo')
    for path in ('/dev/null', '/root/uadm.backup.fifo'):
        before = os.lstat(path).st_mode, os.lstat(path).st_ino
        done = uadmctl('store', 'backup', '--force', path)
        assert done.rc == 65 and 'not a regular file' in done.err and before == (os.lstat(path).st_mode, os.lstat(path).st_ino), done
    with open('/root/uadm.backup.target', 'w', encoding='ascii') as f:
        f.write('mine')
    os.symlink('/root/uadm.backup.target', FILE)
    backup(FILE, '--force')
    assert not os.path.islink(FILE) and open('/root/uadm.backup.target', encoding='ascii').read() == 'mine'


def test_too_long_is_not_laid_out(host):
    """Nothing of it is poured onto the disk that the store is on: who tries to write so much is killed."""
    add_user('ada')
    backup()
    os.truncate(FILE, 1500 << 20)
    done = run('prlimit', '--fsize=4000000', 'uadmctl', 'store', 'restore', FILE, '--yes')
    assert done.rc == 65 and 'not whole' in done.err, done
    sound()


def test_what_runs_ends(host):
    """Of who goes and of who is suspended again; the suspension that lets it run still does."""
    for name in ('ada', 'bob', 'eve'):
        add_user(name)
    uadmctl('user', 'suspend', 'bob', rc=0)
    uadmctl('user', 'suspend', 'eve', '--keep-sessions', rc=0)
    backup()
    for name in ('bob', 'eve'):
        uadmctl('user', 'resume', name, rc=0)
    add_user('zoe')
    children = {name: subprocess.Popen(['sleep', '600'], user=show(name)['uid'], group=show(name)['uid'], extra_groups=[])
                for name in ('ada', 'bob', 'eve', 'zoe')}
    restore()
    assert show('bob')['keep_sessions'] is False and show('eve')['keep_sessions'] is True
    uadmctl('maintain', rc=0)
    assert [children[name].wait(lab.SECONDS) < 0 for name in ('bob', 'zoe')] == [True, True]
    assert children['ada'].poll() is None and children['eve'].poll() is None
    sound()


def test_lost_disk(host):
    """The store is gone, the key is there: nothing is lost but what came after, and no number is given again."""
    add_user('ada')
    backup()
    add_user('zoe')
    since = show('zoe')['uid']
    run('rm', '-rf', STORE, rc=0)
    assert uadmctl('user', 'list').rc == 69
    assert restore('--dry-run')['changed'] is False and not os.path.exists(STORE)
    assert restore()['trail_whole'] is True
    assert names() == ['ada']
    sound()
    assert uadmctl('audit', 'list', '-n', '0', '--json', rc=0).json[0]['action'] == 'store.init'
    add_user('new')
    assert show('new')['uid'] > since
    backup(FILE, '--force')  # a store that was restored into is as any other
    restore()
    assert names() == ['ada', 'new']
    sound()


def test_lost_key(host):
    """It says what is lost with the key, and takes the rest only when told to."""
    add_user('ada')
    backup()
    run('rm', '-rf', STORE, KEY, rc=0)
    refused = restore(rc=77)
    assert 'is not here' in refused.err and '--other-key' in refused.err and not os.path.exists(STORE)
    taken = uadmctl('store', 'restore', FILE, '--yes', '--other-key', rc=0)
    assert 'sealed with another key' in taken.err and 'cannot be verified' in taken.err
    assert names() == ['ada'] and pam('sshd', 'ada', 'auth', answers=[PASSWORD], rhost='192.0.2.9') == [PAM_SUCCESS]
    sound()
    told = uadmctl('audit', 'list', '--json', rc=0).json[-2:]
    assert [row['action'] for row in told] == ['audit.reseal', 'store.restore'] and all('key=other' in row['detail'] for row in told)


def test_another_key(host):
    """A store whose key is another is not restored into; set aside, a backup goes into a new one."""
    add_user('ada')
    backup()
    add_user('bob')
    run('dd', 'if=/dev/urandom', f'of={KEY}', 'bs=32', 'count=1', 'conv=notrunc', rc=0)
    refused = restore('--other-key', rc=69)
    assert "is not this store's" in refused.err and 'audit reseal --other-key' in refused.err
    done = restore('--other-key', '--set-aside')
    assert done['other_key'] is True and done['set_aside'] is not None and names() == ['ada']
    sound()


def test_broken_trail(host):
    """It comes along into a new store as it was, said; the trail of a store that is there stays its own."""
    add_user('ada')
    run('sqlite3', '-cmd', '.timeout 5000', f'{STORE}/uadm.db', "DROP TRIGGER audit_same; UPDATE audit SET actor = 'eve' WHERE id = 2", rc=0)
    uadmctl('audit', 'reseal', '--yes', rc=0)
    backup()
    run('rm', '-rf', STORE, rc=0)
    assert restore()['trail_whole'] is True
    sound()
    assert [row['action'] for row in uadmctl('audit', 'list', '--json', rc=0).json][-2:] == ['audit.reseal', 'store.restore']
    run('sqlite3', '-cmd', '.timeout 5000', f'{STORE}/uadm.db', "DROP TRIGGER audit_same; UPDATE audit SET actor = 'kim' WHERE id = 2", rc=0)
    assert restore(rc=65)  # a trigger is missing
    uadmctl('audit', 'reseal', '--yes', rc=0)
    restore()
    sound()


def test_damaged_store(host):
    add_user('ada')
    backup()
    run('sh', '-c', f'rm -f {STORE}/uadm.db-*; head -c 20000 /dev/urandom >{STORE}/uadm.db', rc=0)
    refused = restore(rc=69)
    assert '--set-aside' in refused.err
    done = restore('--set-aside')
    assert re.fullmatch(f'{STORE}.damaged-[0-9]+', done['set_aside']) and os.path.getsize(done['set_aside'] + '/uadm.db') == 20000
    assert names() == ['ada']
    sound()


def test_of_another_host(host):
    """A store with a history of its own is not overwritten by another's."""
    add_user('ada')
    backup()
    run('rm', '-rf', STORE, rc=0)
    uadmctl('store', 'init', rc=0)
    add_user('own')
    refused = restore(rc=65)
    assert 'not a continuation' in refused.err and names() == ['own']
    for option in ('--yes', '--dry-run'):  # she never was here: nothing is said of her
        refused = uadmctl('store', 'restore', FILE, option, rc=65)
        assert 'ada' not in refused.out + refused.err and names() == ['own'], refused


def spoil(edit):
    with open(FILE, 'rb') as f:
        data = f.read()
    with open(FILE, 'wb') as f:
        f.write(edit(data))


def rewritten(change, data):
    """The store in it changed by `change`, under a head that fits it: everything right but the seal."""
    head, body = data.split(b'\n\n', 1)
    path = '/root/uadm.backup.db'
    with open(path, 'wb') as f:
        f.write(body)
    change(path)
    with open(path, 'rb') as f:
        body = f.read()
    head = re.sub(rb'sha256 \w+', b'sha256 ' + hashlib.sha256(body).hexdigest().encode(), head)
    return re.sub(rb'\nsize \d+', b'\nsize %d' % len(body), head) + b'\n\n' + body


def forged(data):
    return rewritten(lambda path: run('sqlite3', '-cmd', '.timeout 5000', path, "UPDATE user SET shell = '/bin/evil'", rc=0), data)


@pytest.mark.parametrize('edit, rc, says', [
    (lambda d: b'', 65, 'no backup'), (lambda d: b'x' * 10000, 65, 'no backup'), (lambda d: d[:300], 65, 'not whole'),
    (lambda d: d[:-1], 65, 'not whole'), (lambda d: d + b'x', 65, 'not whole'),
    (lambda d: d[:-5000] + bytes([d[-5000] ^ 1]) + d[-4999:], 65, 'damaged'),
    (lambda d: d.replace(b'users 1', b'users 2', 1), 77, 'changed it'), (lambda d: d.replace(b'-backup 1', b'-backup 2', 1), 65, 'no backup'),
    (lambda d: d.replace(b'\nhost ', b'\nhost \x1b[31m', 1), 65, 'no backup'), (forged, 77, 'changed it')],
    ids=['empty', 'nonsense', 'head', 'cut', 'longer', 'bit', 'head-edited', 'other-form', 'escape', 'forged'])
def test_checked_first(host, edit, rc, says):
    """Nothing is replaced before everything has been looked at, and nothing is left lying about."""
    add_user('ada')
    backup()
    add_user('bob')
    spoil(edit)
    refused = restore(rc=rc)
    assert says in refused.err and '\x1b' not in refused.err, refused
    assert names() == ['ada', 'bob'] and [name for name in os.listdir('/var/lib/uadm') if name.startswith('work')] == []
    sound()


@pytest.mark.parametrize('sql', [
    "CREATE TRIGGER t AFTER INSERT ON audit BEGIN UPDATE user SET shell = '/bin/evil'; END",
    'DROP TABLE policy; CREATE VIEW policy AS SELECT 0 AS account, name AS key, 1 AS value FROM user',
    "PRAGMA writable_schema = 1; UPDATE sqlite_schema SET sql = replace(sql, 'CHECK (length(verifier) < 256)', '') WHERE name = 'password'",
    "INSERT INTO member VALUES (4242, 30000)", "DELETE FROM published", 'PRAGMA user_version = 1000'])
def test_content_is_input(host, sql):
    """With --other-key everything in the file is somebody's word."""
    add_user('ada')
    backup()
    spoil(lambda data: rewritten(lambda path: run('sqlite3', '-cmd', '.timeout 5000', path, sql), data))
    before = lab.run('sqlite3', '-cmd', '.timeout 5000', f'{STORE}/uadm.db', '.dump', rc=0).out
    done = uadmctl('store', 'restore', FILE, '--yes', '--other-key')
    assert done.rc in (65, 69) and 'error' in done.err, done
    assert lab.run('sqlite3', '-cmd', '.timeout 5000', f'{STORE}/uadm.db', '.dump', rc=0).out == before
    sound()


def test_of_an_older_uadm(host):
    """It is brought up to what the store is now before it is put back."""
    add_user('ada')
    backup()
    add_user('bob')
    spoil(lambda data: rewritten(sweep.schema_1, re.sub(rb'\nschema \d+\n', b'\nschema 1\n', data, count=1)))
    assert restore('--other-key')['goes'] == ['bob']
    assert names() == ['ada'] and show('ada')['keep_sessions'] is False
    assert pam('sshd', 'ada', 'auth', answers=[PASSWORD], rhost='192.0.2.9') == [PAM_SUCCESS]
    sound()


def test_under_load(host):
    """S2: writers, logins and a backup at once: no lost update, nobody told to wait, and the backup is one state."""
    uadmctl('group', 'add', 'crew', rc=0)
    for n in range(4):
        add_user(f'user{n}')
    with open('/etc/uadm/uadm.conf', 'w', encoding='ascii') as f:
        f.write('[hash]\nopslimit = 1\nmemlimit = 8388608\n')
    # Two facts that always change together: whoever has a first name has the same last name.
    writers = [subprocess.Popen(['bash', '-c', f'for i in $(seq 25); do uadmctl user set user{w} --first-name $i --last-name $i '
                                               f'>/dev/null || exit 1; uadmctl user add w{w}x$i >/dev/null || exit 1; done'])
               for w in range(2)]
    logins = [subprocess.Popen(['/usr/bin/python3', '-B', lab.PAM_PROGRAM, 'sshd', f'user{n % 4}', f'192.0.2.{n}', 'auth,account,open,close',
                                PASSWORD], stdout=subprocess.PIPE, text=True) for n in range(20)]
    backups = 0
    while any(w.poll() is None for w in writers):
        backup(f'{FILE}.{backups}')
        backups += 1
    assert [w.wait() for w in writers] == [0, 0] and backups > 0
    assert [login.communicate()[0].split() for login in logins] == [['0', '0', '0', '0']] * 20
    assert len(names()) == 4 + 50 and show('user0')['first_name'] == show('user1')['last_name'] == '25'
    for n in range(backups):
        with open(f'{FILE}.{n}', 'rb') as f:
            head, body = f.read().split(b'\n\n', 1)
        with open('/root/uadm.backup.db', 'wb') as f:
            f.write(body)
        odd = run('sqlite3', '-cmd', '.timeout 5000', '/root/uadm.backup.db', 'SELECT count(*) FROM user WHERE first_name IS NOT last_name; '
                  'SELECT (SELECT max(id) FROM audit) = audit_id FROM meta; PRAGMA integrity_check', rc=0).out
        assert odd.split() == ['0', '1', 'ok']
    restore(path=f'{FILE}.{backups - 1}')
    sound()
