"""S3: an edited, removed, reordered or cut-off row of the trail is found by `audit verify`, which
names it; also when more was done since, and by `store check`. `audit reseal` puts it on record and goes on;
and a key that is not the store's is refused before it breaks anything."""
import os

import pytest

import lab
from lab import uadmctl

DB = '/var/lib/uadm/store/uadm.db'
KEY = '/etc/uadm/secret.key'
FILE = '/root/uadm.backup'
OPEN_UP = 'DROP TRIGGER audit_keep; DROP TRIGGER audit_same;'
ROWS = 7  # store.init is the first, host.enable the next

# What somebody does who can write the store and has no key; the row that is named, or what is said.
TAMPERING = {
    'edited-actor': ("UPDATE audit SET actor = 'eve' WHERE id = 3", 'row 3 '),
    'edited-action': ("UPDATE audit SET action = 'user.set' WHERE id = 4", 'row 4 '),
    'edited-target': ("UPDATE audit SET target = 'eve' WHERE id = 2", 'row 2 '),
    'edited-detail': ("UPDATE audit SET detail = 'x' WHERE id = 4", 'row 4 '),
    'edited-time': ('UPDATE audit SET at = at - 1 WHERE id = 7', 'row 7 '),
    'edited-first': ("UPDATE audit SET action = 'x' WHERE id = 1", 'row 1 '),
    'edited-mac': ('UPDATE audit SET mac = (SELECT mac FROM audit WHERE id = 2) WHERE id = 3', 'row 3 '),
    'removed-first': ('DELETE FROM audit WHERE id = 1', 'row 1 '),
    'removed': ('DELETE FROM audit WHERE id = 4', 'row 4 '),
    'removed-and-closed-up': ('DELETE FROM audit WHERE id = 4; UPDATE audit SET id = id - 1 WHERE id > 4', 'row 4 '),
    'reordered': ('UPDATE audit SET id = 99 WHERE id = 3; UPDATE audit SET id = 3 WHERE id = 5; UPDATE audit SET id = 5 WHERE id = 99', 'row 3 '),
    'cut-off': ('DELETE FROM audit WHERE id > 5', 'row 6 '),
    'cut-off-with-its-number': ('DELETE FROM audit WHERE id > 5; UPDATE meta SET audit_id = 5', 'row 5 '),
    'cut-off-with-its-head': ('DELETE FROM audit WHERE id > 5; UPDATE meta SET audit_id = 5, audit_mac = (SELECT mac FROM audit WHERE id = 5)', 'row 5 '),
    'added': ('INSERT INTO audit SELECT 8, at, actor, action, target, detail, mac FROM audit WHERE id = 7', 'row 8 '),
    'inserted': ('UPDATE audit SET id = id + 100 WHERE id > 2; UPDATE audit SET id = id - 99 WHERE id > 100;'
                 'INSERT INTO audit SELECT 3, at, actor, action, target, detail, mac FROM audit WHERE id = 2', 'row 3 '),
    'all-removed': ('DELETE FROM audit', 'row 1 '),
    'all-removed-with-its-head': ('DELETE FROM audit; UPDATE meta SET audit_id = 0, audit_mac = NULL', 'whole trail')}
# After these the next honest row has a number that is taken, or one that leaves a gap: it stands for itself.
MORE_IS_NOT_POSSIBLE = {'added', 'inserted'}


@pytest.fixture
def trail(host):
    uadmctl('user', 'add', 'ada', 'bob', rc=0)
    for command in (['user', 'suspend', 'ada'], ['user', 'resume', 'ada'], ['group', 'add', 'crew']):
        uadmctl(*command, rc=0)
    assert len(uadmctl('audit', 'list', '-n', '0', '--json', rc=0).json) == ROWS


def names(word):
    """verify says no, where, and how to go on; store check and host status too."""
    done = uadmctl('audit', 'verify')
    assert done.rc == 1 and word in done.out and 'broken' in done.out and '\n  mend: uadmctl audit reseal' in done.out, done
    answer = uadmctl('audit', 'verify', '--json', rc=1).json
    assert answer['whole'] is False and word in answer['problem'] and 'audit reseal' in answer['mend'], answer
    check = uadmctl('store', 'check', '--json', rc=1).json
    assert [p for p in check if word in p['problem'] and 'audit reseal' in p['mend']], check
    found = [f for f in uadmctl('host', 'status', '--json').json['findings'] if f['about'] == 'trail']
    assert [f['level'] for f in found] == ['warning'] and word in found[0]['what'] and 'audit reseal' in found[0]['command'], found


def whole():
    assert uadmctl('store', 'check', '--json', rc=0).json == []
    return uadmctl('audit', 'verify', '--json', rc=0).json


def rows():
    return lab.run('sqlite3', '-cmd', '.timeout 5000', DB, 'SELECT id, at, actor, action, target, detail, hex(mac) FROM audit ORDER BY id', rc=0).out.splitlines()


def other_key():
    """In the place of the right one, which is returned."""
    with open(KEY, 'rb') as f:
        right = f.read()
    with open(KEY, 'wb') as f:
        f.write(os.urandom(32))
    return right


def test_whole(trail):
    done = uadmctl('audit', 'verify', '--json', rc=0).json
    assert done == {'whole': True, 'rows': ROWS, 'problem': None, 'mend': None, 'resealed': None}
    uadmctl('store', 'check', rc=0)
    done = uadmctl('audit', 'reseal', rc=0)
    assert 'whole already' in done.out and len(rows()) == ROWS


@pytest.mark.parametrize('how', TAMPERING)
def test_S3_found_and_named(trail, how):
    sql, word = TAMPERING[how]
    lab.run('sqlite3', '-cmd', '.timeout 5000', DB, OPEN_UP + sql, rc=0)
    names(word)
    if how not in MORE_IS_NOT_POSSIBLE:
        uadmctl('user', 'suspend', 'bob')
        assert uadmctl('audit', 'verify').rc == 1
    else:
        refused = uadmctl('user', 'suspend', 'bob')
        assert refused.rc == 65 and 'audit verify tells more' in refused.err
    was, word = rows(), uadmctl('audit', 'verify', '--json', rc=1).json['problem']
    assert uadmctl('audit', 'reseal', '--no-input').rc == 64 and uadmctl('audit', 'reseal', '--yes', user=lab.LOCAL).rc == 77
    uadmctl('audit', 'reseal', '--yes', '--dry-run', rc=0)
    assert rows() == was
    assert word in uadmctl('audit', 'reseal', '--yes', rc=0).out
    told = uadmctl('audit', 'list', '-n', '1', '--json', rc=0).json[0]
    assert told['action'] == 'audit.reseal' and told['actor'].startswith('root') and word in told['detail'], told
    assert rows()[:-1] == was and whole()['resealed'] == told['id']
    uadmctl('user', 'suspend', 'ada', rc=0)
    uadmctl('user', 'resume', 'ada', rc=0)
    assert whole()['rows'] == len(was) + 3 and f'row {told["id"]} says' in uadmctl('audit', 'verify', rc=0).out
    uadmctl('store', 'backup', FILE, '--force', rc=0)
    uadmctl('store', 'restore', FILE, '--yes', rc=0)
    whole()
    lab.run('sqlite3', '-cmd', '.timeout 5000', DB, OPEN_UP + "UPDATE audit SET at = at + 1 WHERE id = (SELECT min(id) FROM audit)", rc=0)
    names('row ')


def test_S3_the_store_itself_refuses(trail):
    """Without taking the triggers off nobody edits or removes a row by accident."""
    for sql in ('DELETE FROM audit WHERE id = 3', "UPDATE audit SET actor = 'x' WHERE id = 3"):
        assert lab.run('sqlite3', '-cmd', '.timeout 5000', DB, sql).rc != 0
    uadmctl('audit', 'verify', rc=0)


def test_S3_another_key(trail):
    """It is as with none: nothing is written that would break the trail, and with the right one back all is well."""
    was, right = rows(), other_key()
    for command in (['audit', 'verify'], ['user', 'suspend', 'bob'], ['user', 'list'], ['store', 'backup', '/root/never'], ['store', 'init'],
                    ['store', 'check', '--repair'], ['maintain'], ['audit', 'reseal', '--yes'], ['host', 'enable', '--yes']):
        done = uadmctl(*command)
        assert done.rc == 69 and "is not this store's" in done.err and 'reseal --other-key' in done.err, done
    status = uadmctl('host', 'status', '--json', rc=1).json
    found = [f for f in status['findings'] if f['about'] == 'key']
    assert [f['level'] for f in found] == ['bad'] and 'reseal --other-key' in found[0]['mend'], status
    assert rows() == was and not os.path.exists('/root/never')
    with open(KEY, 'wb') as f:
        f.write(right)
    uadmctl('user', 'suspend', 'bob', rc=0)
    assert whole()['rows'] == ROWS + 1


def test_S3_lost_key(trail):
    """The key that is there becomes the store's, on record; backups that the lost one sealed want --other-key."""
    uadmctl('store', 'backup', FILE, '--force', rc=0)
    other_key()
    was = rows()
    done = uadmctl('audit', 'reseal', '--other-key', '--yes', rc=0)
    assert 'not the one that sealed the trail' in done.out
    assert rows()[:-1] == was and uadmctl('audit', 'list', '--json', rc=0).json[-1]['detail'] == f'rows={ROWS} key=other'
    uadmctl('user', 'suspend', 'bob', rc=0)
    assert uadmctl('store', 'restore', FILE, '--yes').rc == 77
    uadmctl('store', 'restore', FILE, '--yes', '--other-key', rc=0)
    assert whole()['resealed'] == ROWS + 1 and lab.show('bob')['status'] == 'suspended'
    uadmctl('audit', 'reseal', '--other-key', '--yes', rc=0)
    assert len(rows()) == ROWS + 3


def test_a_lost_key_takes_second_factors_along(trail):
    """Which is told before it is asked, and with what mends it."""
    uadmctl('factor', 'enroll', 'bob', '--pending', rc=0)
    other_key()
    for how in (['--dry-run'], ['--yes']):
        done = uadmctl('audit', 'reseal', '--other-key', *how, rc=0)
        assert '1 second factor was sealed with it' in done.out and 'factor remove' in done.out, done
    assert uadmctl('factor', 'list', '--json', rc=0).json[0]['state'] == 'lost'
    uadmctl('factor', 'remove', 'bob', '--yes', rc=0)
    whole()
