"""S3: an edited, removed, reordered or cut-off row of the trail is found by `audit verify`, which
names it; also when more was done since, and by `store check`."""
import pytest

import lab
from lab import uadmctl

DB = '/var/lib/uadm/store/uadm.db'
OPEN_UP = 'DROP TRIGGER audit_keep; DROP TRIGGER audit_same;'
ROWS = 7  # store.init is the first

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
    for command in (['user', 'suspend', 'ada'], ['user', 'resume', 'ada'], ['group', 'add', 'crew'], ['group', 'add-member', 'crew', 'bob']):
        uadmctl(*command, rc=0)
    assert len(uadmctl('audit', 'list', '-n', '0', '--json', rc=0).json) == ROWS


def names(word):
    """verify says no, and where; store check finds it too."""
    done = uadmctl('audit', 'verify')
    assert done.rc == 1 and word in done.out and 'broken' in done.out, done
    answer = uadmctl('audit', 'verify', '--json', rc=1).json
    assert answer['whole'] is False and word in answer['problem'], answer
    check = uadmctl('store', 'check', '--json', rc=1).json
    assert [p for p in check if word in p['problem']], check


def test_whole(trail):
    done = uadmctl('audit', 'verify', '--json', rc=0).json
    assert done == {'whole': True, 'rows': ROWS, 'problem': None}
    uadmctl('store', 'check', rc=0)


@pytest.mark.parametrize('how', TAMPERING)
def test_S3_found_and_named(trail, how):
    sql, word = TAMPERING[how]
    lab.run('sqlite3', DB, OPEN_UP + sql, rc=0)
    names(word)
    if how not in MORE_IS_NOT_POSSIBLE:
        uadmctl('user', 'suspend', 'bob')
        assert uadmctl('audit', 'verify').rc == 1


def test_S3_the_store_itself_refuses(trail):
    """Without taking the triggers off nobody edits or removes a row by accident."""
    for sql in ('DELETE FROM audit WHERE id = 3', "UPDATE audit SET actor = 'x' WHERE id = 3"):
        assert lab.run('sqlite3', DB, sql).rc != 0
    uadmctl('audit', 'verify', rc=0)


def test_S3_another_key(trail):
    """Nothing holds under another key, and the first row is where it ends."""
    lab.run('dd', 'if=/dev/urandom', 'of=/etc/uadm/secret.key', 'bs=32', 'count=1', 'conv=notrunc', rc=0)
    names('row 1 ')
