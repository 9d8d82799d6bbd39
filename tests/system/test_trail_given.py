"""The trail tells what was given and taken, whole, and cannot be made to tell another thing: P12."""
import pytest

from accounts import make_four, members
from lab import uadmctl


@pytest.fixture
def four(host):
    make_four()


def words(action, target):
    """KEY: VALUES of the rows that the newest change of this kind has left, read as simply as a script would."""
    rows = [r for r in uadmctl('audit', 'list', '-n', '0', '--target', target, '--json', rc=0).json if r['action'] == action]
    found = {}
    for row in (r for r in rows if r['at'] == rows[-1]['at']):
        for word in row['detail'].split(' '):
            key, value = word.split('=', 1)
            found.setdefault(key, []).extend(value.split(','))
    return found


def test_each_right_that_was_given(four):
    uadmctl('--as', 'acmeadm', 'user', 'add', 'one', '--account', 'acme', '--role', 'viewer', '--scope', 'Admin', '--right', 'Any_Role_Write', rc=0)
    assert words('user.add', 'one')['rights'] == ['acme:Admin', 'acme:Any_Role_Write']
    assert words('user.add', 'one')['accounts'] == ['acme:viewer']
    uadmctl('--as', 'acmeadm', 'member', 'add', 'acme', 'betavie', '--role', 'viewer', '--until', '+1h', '--then', 'operator',
            '--right', 'Any_Role_Write', rc=0)
    given = words('member.add', 'betavie')
    assert (given['rights'], given['then'], len(given['until'])) == (['Any_Role_Write'], ['operator'], 1)
    uadmctl('--as', 'acmeadm', 'member', 'role', 'acme', 'acmevie', '--role', 'viewer', '--until', '+1h', '--then', 'administrator', rc=0)
    assert words('member.role', 'acmevie')['then'] == ['administrator']
    uadmctl('user', 'clone', 'acmevie', 'two', '--grant', 'Work_Run', '--deny', 'Work_read', '--yes', rc=0)
    assert words('user.add', 'two')['rights'] == ['acme:Work_Run'] and words('user.add', 'two')['denied'] == ['acme:Work_read']


def test_however_many(four):
    """More than a row can hold, or an option given twice."""
    rights = [f'Right_{i:03}_abcdefghijklmnopqrs' for i in range(120)]
    uadmctl('right', 'add', '--scope', 'Work', *rights, rc=0)
    uadmctl('member', 'grant', 'acme', 'acmevie', '--right', 'Work_read,' * 60 + ','.join(rights), rc=0)
    given = words('member.grant', 'acmevie')
    assert given.pop('account') == ['acme'] and sorted(given.pop('rights')) == sorted([*rights, 'Work_read']) and given == {}
    assert len(members('acme')['acmevie']['granted']) == 121
    uadmctl('role', 'add', 'many', '--scope', 'Work', '--right', ','.join(rights), rc=0)
    assert sorted(words('role.add', 'many')['rights']) == sorted([*rights, 'Work'])
    uadmctl('audit', 'verify', rc=0)


def test_no_word_is_forged(four):
    for text in ('x" default_role=viewer domains="', 'x\\" default_role=viewer', 'x default_role=viewer'):
        uadmctl('--as', 'acmeadm', 'account', 'set', 'acme', '--description', text, rc=0)
        assert set(words('account.set', 'acme')['default_role']) == {'administrator'}
        uadmctl('user', 'set', 'acmevie', '--first-name', text, rc=0)
        assert list(words('user.set', 'acmevie')) == ['first_name']
