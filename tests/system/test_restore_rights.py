"""S4, accounts: after a restore nobody holds what they did not hold before it; S6: and it is said which account nobody can administer."""
import pytest

import lab
from accounts import agree, make_four, members
from lab import uadmctl

FILE = '/root/rights.backup'


@pytest.fixture
def four(host):
    make_four()


def backup():
    uadmctl('store', 'backup', FILE, '--force', rc=0)


def restore(*options):
    done = uadmctl('store', 'restore', FILE, '--yes', '--json', *options, rc=0)
    agree()
    return done


def held(name):
    return {r['name'] for r in uadmctl('right', 'list', '--account', 'acme', '--user', name, '--json', rc=0).json if r['held']}


@pytest.mark.parametrize('role', ['viewer', 'developer', 'operator', 'dba'])
def test_S4_no_role_comes_back(four, role):
    """Also where the one of now holds what that of then did not, and where it was not there then."""
    if role == 'dba':
        uadmctl('role', 'add', 'early', rc=0)
    backup()
    if role == 'dba':
        uadmctl('role', 'add', 'dba', '--scope', 'Work', '--right', 'Work_Run', rc=0)
    uadmctl('member', 'role', 'acme', 'acmehel', '--role', role, rc=0)
    before = held('acmehel')
    assert 'acmehel' in restore('--dry-run').json['keeps_accounts']
    restore()
    assert held('acmehel') <= before
    member = members('acme')['acmehel']
    assert (member['state'], member['role']) == (('suspended', 'helpdesk') if role == 'dba' else ('active', role)), member


def test_S4_who_was_promoted_goes_back(four):
    backup()
    uadmctl('member', 'role', 'acme', 'acmevie', '--role', 'administrator', rc=0)
    restore()
    assert members('acme')['acmevie']['role'] == 'viewer'


def test_S4_a_role_without_rights_is_a_group(four):
    uadmctl('role', 'add', 'dba', rc=0)
    uadmctl('member', 'role', 'acme', 'acmedev', '--role', 'dba', rc=0)
    backup()
    uadmctl('member', 'role', 'acme', 'acmedev', '--role', 'developer', rc=0)
    restore()
    assert members('acme')['acmedev']['role'] == 'developer'


def test_S4_no_role_to_fall_back_to(four):
    for name in ('acmevie', 'acmeope'):
        uadmctl('member', 'role', 'acme', name, '--role', 'viewer', '--until', '+30d', '--then', 'administrator', rc=0)
    backup()
    uadmctl('member', 'role', 'acme', 'acmevie', '--role', 'viewer', rc=0)
    restore()
    found = members('acme')
    assert (found['acmevie']['role'], found['acmevie']['then_role'], found['acmevie']['ends_at']) == ('viewer', None, None)
    assert found['acmeope']['then_role'] == 'administrator'  # nobody took that away


def test_S4_pending_is_not_accepted(four):
    backup()
    uadmctl('member', 'revoke', 'acme', 'acmevie', rc=0)
    uadmctl('account', 'set', 'acme', '--require-acceptance', 'yes', rc=0)
    uadmctl('member', 'add', 'acme', 'acmevie', '--role', 'viewer', rc=0)
    restore()
    assert members('acme')['acmevie']['state'] == 'pending'


@pytest.mark.parametrize('again', [False, True], ids=['gone', 'number given again'])
def test_S4_deleted_rights(four, again):
    """Numbers of rights are given again: what is compared is names. No member and no role gets it back."""
    uadmctl('right', 'add', 'Alpha', '--scope', 'Work', rc=0)
    uadmctl('member', 'grant', 'acme', 'acmevie', '--right', 'Alpha', rc=0)
    uadmctl('role', 'grant', 'developer', '--right', 'Alpha', rc=0)
    backup()
    uadmctl('right', 'delete', 'Alpha', '--yes', rc=0)
    if again:
        uadmctl('right', 'add', 'Beta', '--scope', 'Work', rc=0)
        uadmctl('member', 'grant', 'acme', 'acmevie', '--right', 'Beta', rc=0)
        uadmctl('role', 'grant', 'developer', '--right', 'Beta', rc=0)
    restore()
    for name in ('acmevie', 'acmedev'):
        uadmctl('can', name, 'Alpha', '--account', 'acme', rc=1)
    uadmctl('can', 'acmeadm', 'Alpha', '--account', 'acme', rc=0)
    assert members('acme')['acmevie']['granted'] == []


def test_S4_denials_go_by_name(four):
    uadmctl('right', 'add', 'Alpha', 'Gamma', '--scope', 'Work', rc=0)
    uadmctl('member', 'grant', 'acme', 'acmevie', '--right', 'Alpha,Gamma', rc=0)
    backup()
    uadmctl('right', 'delete', 'Alpha', 'Gamma', '--yes', rc=0)
    uadmctl('right', 'add', 'Gamma', 'Beta', '--scope', 'Work', rc=0)  # numbers the other way round
    uadmctl('member', 'grant', 'acme', 'acmevie', '--right', 'Gamma', rc=0)
    uadmctl('member', 'deny', 'acme', 'acmevie', '--right', 'Beta,Work_read', rc=0)
    restore()
    found = members('acme')['acmevie']
    assert (found['granted'], found['denied']) == (['Gamma'], ['Work_read'])


def test_S6_accounts_without_an_administrator_are_named(four):
    unable = {a['name'] for a in uadmctl('account', 'list', '--json', rc=0).json if a['administrators'] == 0}
    assert unable == {'beta', 'gamma', 'delta'}  # nobody else has a password
    assert uadmctl('account', 'show', 'acme', '--json', rc=0).json['administrators'] == 1
    backup()
    uadmctl('user', 'set-password', 'acmedev', '--password-stdin', input=lab.PASSWORD + '\n', rc=0)
    uadmctl('member', 'role', 'acme', 'acmedev', '--role', 'administrator', rc=0)
    uadmctl('member', 'role', 'acme', 'acmeadm', '--role', 'viewer', '--yes', rc=0)
    for options in (['--dry-run'], []):
        done = restore(*options)
        assert set(done.json['no_administrator']) == {'acme', *unable}
        assert 'acme' in done.err and 'uadmctl member role acme USER --role administrator' in done.err, done
    assert uadmctl('account', 'show', 'acme', '--json', rc=0).json['administrators'] == 0
    found = [f for f in uadmctl('host', 'status', '--json').json['findings'] if f['about'] == 'accounts']
    assert [f['level'] for f in found] == ['warning'] and 'acme, beta, delta, gamma' in found[0]['what']
    uadmctl('member', 'role', 'acme', 'acmeadm', '--role', 'administrator', rc=0)
    uadmctl('account', 'suspend', 'beta', rc=0)
    found = [f for f in uadmctl('host', 'status', '--json').json['findings'] if f['about'] == 'accounts']
    assert '2 accounts' in found[0]['what'] and 'acme' not in found[0]['what']
