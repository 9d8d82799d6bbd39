"""Who may do what to whom, through the tool: F10, F77, F84, F90, F91, F98, F99, F102."""
import json

import pytest

import lab
from accounts import add, agree, ctl, make_four, members
from lab import uadmctl

@pytest.fixture
def four(host):
    make_four()


def test_F10_F77_F90_F91_who_adds(four):
    for actor, may in (('acmeadm', True), ('acmehel', True), ('acmedev', False), ('acmeope', False), ('acmevie', False), ('both', False),
                       ('betaadm', False)):
        done = uadmctl('--as', actor, 'user', 'add', f'by{actor}', '--account', 'acme', '--role', 'viewer', rc=0 if may else 77)
        assert may or 'Any_User_Write in acme' in done.err or 'Any_User_read in acme' in done.err, done
    # The scope and both rights, and all of them: one less and it is over.
    for right, option in (('Any_User_read', '--right'), ('Any_User_Write', '--right'), ('Admin', '--scope')):
        uadmctl('member', 'deny', 'acme', 'acmehel', option, right, rc=0)
        uadmctl('--as', 'acmehel', 'user', 'add', 'late', '--account', 'acme', '--role', 'viewer', rc=77)
        uadmctl('member', 'grant', 'acme', 'acmehel', option, right, rc=0)
    uadmctl('--as', 'acmehel', 'user', 'add', 'late', '--account', 'acme', '--role', 'viewer', rc=0)
    agree()
    uadmctl('--as', 'acmehel', 'member', 'role', 'acme', 'late', '--role', 'viewer', '--until', '+1h', rc=77)
    assert uadmctl('audit', 'list', '--target', 'late', '--json').json[-1]['actor'] == 'acmehel (by root)'


def test_F78_F10_never_above_the_inviter(four):
    done = uadmctl('--as', 'acmehel', 'user', 'add', 'late', '--account', 'acme', rc=77)
    assert 'a right that the actor lacks' in done.err
    uadmctl('--as', 'acmehel', 'member', 'add', 'acme', 'betavie', '--role', 'operator', rc=77)
    ctl('--as', 'acmehel', 'member', 'add', 'acme', 'betavie', '--role', 'helpdesk')


def test_F84_not_oneself(four):
    for verb in (['member', 'role', 'acme', 'acmeadm', '--role', 'viewer'], ['member', 'grant', 'acme', 'acmeadm', '--right', 'Work_Run'],
                 ['member', 'deny', 'acme', 'acmeadm', '--right', 'Work_Run'], ['user', 'set', 'acmeadm', '--expires', 'never'],
                 ['member', 'role', 'acme', 'acmeadm', '--role', 'administrator', '--until', '+1d']):
        assert 'themselves' in uadmctl('--as', 'acmeadm', *verb, rc=77).err
    assert uadmctl('--as', 'acmevie', 'user', 'show', 'acmevie', '--json', rc=0).json['memberships'][0]['role'] == 'viewer'


def test_F98_F99_skipped_and_told(four):
    done = uadmctl('--as', 'acmehel', 'user', 'add', 'late', '--account', 'acme', '--role', 'viewer', '--right', 'Work_Run,Any_User_read',
                   '--scope', 'Admin', '--json', rc=0).json
    assert done[0]['memberships'][0]['skipped'] == ['Work_Run']
    assert members('acme')['late']['granted'] == ['Admin', 'Any_User_read']
    done = ctl('--as', 'acmehel', 'member', 'add', 'acme', 'betavie', '--role', 'viewer', '--right', 'Any_Role_Write')
    assert 'skipped, for you do not hold them: Any_Role_Write' in done.out
    assert members('acme')['betavie']['granted'] == []


def test_F101_F102_held_and_grantable(four):
    rows = uadmctl('--as', 'acmehel', 'right', 'list', '--account', 'acme', '--user', 'acmeope', '--json', rc=0).json
    sides = {r['name']: (r['held'], r['grantable']) for r in rows}
    assert sides['Work_Run'] == (True, False) and sides['Any_User_Write'] == (False, True) and sides['Work'] == (True, True)
    mine = {r['name'] for r in uadmctl('--as', 'acmehel', 'right', 'list', '--account', 'acme', '--grantable', '--json', rc=0).json}
    assert mine == {'Admin', 'Work', 'Any_User_read', 'Any_User_Write', 'Work_read'}
    assert not any(r['grantable'] for r in uadmctl('--as', 'acmehel', 'right', 'list', '--account', 'beta', '--json', rc=0).json)


def test_reading(four):
    """What somebody may see of accounts and users."""
    assert [a['name'] for a in uadmctl('--as', 'acmedev', 'account', 'list', '--json', rc=0).json] == ['acme']
    assert uadmctl('--as', 'acmevie', 'account', 'list', '--json', rc=0).json == []
    for verb in (['account', 'show', 'beta'], ['member', 'list', 'beta'], ['user', 'list', '--account', 'beta'], ['user', 'show', 'betavie'],
                 ['user', 'check', 'betavie'], ['user', 'list'], ['can', 'betavie', 'Work', '--account', 'beta'], ['user', 'show', 'roots']):
        assert uadmctl('--as', 'acmeadm', *verb, rc=77).out == '', verb
    assert uadmctl('--as', 'acmevie', 'user', 'show', 'acmedev', rc=77).out == ''
    shown = uadmctl('--as', 'acmedev', 'user', 'show', 'both', '--json', rc=0).json
    assert [m['account'] for m in shown['memberships']] == ['acme']


def test_what_is_roots(four):
    """Every verb that is none of the table is refused before it begins; the table is in help."""
    overview = lab.uadmctl('help', rc=0).out
    assert 'member grant' in overview
    rooted = [['account', 'add', 'x'], ['account', 'suspend', 'acme'], ['account', 'resume', 'acme'], ['account', 'delete', 'acme', '--yes'],
              ['role', 'add', 'x'], ['role', 'grant', 'viewer', '--right', 'Work_Run'], ['role', 'deny', 'viewer', '--right', 'Work_read'],
              ['role', 'delete', 'helpdesk', '--yes'], ['right', 'add', 'X'], ['right', 'delete', 'X', '--yes'], ['group', 'add', 'x'],
              ['group', 'list'], ['group', 'add-member', 'acme', 'both'], ['policy', 'set', 'deny', '9'], ['policy', 'list'],
              ['store', 'check'], ['store', 'check', '--repair'], ['store', 'info'], ['store', 'backup', '/root/x'], ['audit', 'list'],
              ['audit', 'reseal', '--yes'], ['maintain'], ['user', 'suspend', 'acmevie', '--break-glass']]
    for verb in rooted:
        assert 'only root may' in uadmctl('--as', 'acmeadm', *verb, rc=77).err, verb
    for verb in (['host', 'disable', '--yes'], ['store', 'restore', '/root/x', '--yes'], ['store', 'init']):
        uadmctl('--as', 'acmeadm', *verb, rc=64)
    refused = uadmctl('--as', 'acmeadm', 'role', 'add', 'x', '--json', rc=77)
    assert json.loads(refused.out)['result'] == 'denied'


def test_who_cannot_log_in_cannot_act(four):
    verb = ['user', 'add', 'late', '--account', 'acme', '--role', 'viewer']
    add('zoe', 'acme', role='administrator')
    for spoil, mend in ((['user', 'suspend', 'acmeadm'], ['user', 'resume', 'acmeadm']),
                        (['user', 'set', 'acmeadm', '--expires', '2001-01-01'], ['user', 'set', 'acmeadm', '--expires', '']),
                        (['member', 'suspend', 'acme', 'acmeadm'], ['member', 'resume', 'acme', 'acmeadm'])):
        uadmctl(*spoil, rc=0)
        uadmctl('--as', 'acmeadm', *verb, rc=77)
        uadmctl(*mend, rc=0)
    uadmctl('--as', 'nobody-here', *verb, rc=67)
    uadmctl('--as', 'acmeadm', *verb, rc=0)


def test_the_hosts_business_is_roots(four):
    for option in (['--uid', '31000'], ['--home', '/etc'], ['--home', '/home'], ['--shell', '/usr/bin/id'], ['--groups', 'acme']):
        uadmctl('--as', 'acmeadm', 'user', 'add', 'late', '--account', 'acme', '--role', 'viewer', *option, rc=77)
    for option in (['--home', '/root'], ['--shell', '/usr/bin/id']):
        uadmctl('--as', 'acmeadm', 'user', 'set', 'acmevie', *option, rc=77)
    uadmctl('--as', 'acmeadm', 'user', 'set', 'acmevie', '--home', '/home/other', rc=77)
    uadmctl('user', 'set', 'acmevie', '--home', '/srv/acmevie', rc=0)
    uadmctl('--as', 'acmeadm', 'user', 'set', 'acmevie', '--shell', '/bin/sh', rc=0)  # what root gave is no reason
    uadmctl('--as', 'acmeadm', 'user', 'set', 'acmevie', '--home', '/home/acmevie', rc=0)
    # Who is in a group that the actor is not in could do what the actor cannot.
    uadmctl('group', 'add', 'crew', rc=0)
    uadmctl('group', 'add-member', 'crew', 'acmevie', rc=0)
    for verb in (['set-password', 'acmevie', '--password-stdin'], ['set', 'acmevie', '--email', 'x@example.org'], ['unlock', 'acmevie']):
        assert 'group' in uadmctl('--as', 'acmeadm', 'user', *verb, input='Another-Horse-2\n', rc=77).err
    uadmctl('group', 'add-member', 'crew', 'acmeadm', rc=0)
    uadmctl('--as', 'acmeadm', 'user', 'unlock', 'acmevie', rc=0)
