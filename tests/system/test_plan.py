"""What will follow is told before it is asked for, and as data: F12, F29, F30."""
import subprocess

import pytest

import lab
from accounts import add, ctl, members
from lab import show, uadmctl


@pytest.fixture
def two(host):
    uadmctl('account', 'add', 'acme', 'beta', rc=0)
    uadmctl('group', 'add', 'crew', rc=0)
    add('ada', 'acme', role='administrator')
    add('zoe', 'acme', role='administrator')
    add('jo', 'acme', 'beta', role='operator', more=['--groups', 'crew'])


def plan(*verb, actor=None):
    """Of the dry run, which changes nothing."""
    before = lab.sql('SELECT * FROM membership'), lab.sql('SELECT * FROM member'), lab.sql('SELECT * FROM user')
    done = uadmctl(*(['--as', actor] if actor else []), *verb, '--dry-run', '--json', rc=0).json[0]
    assert done['dry_run'] is True
    assert before == (lab.sql('SELECT * FROM membership'), lab.sql('SELECT * FROM member'), lab.sql('SELECT * FROM user'))
    return done.get('plan')


def test_F12_F29_as_data_delete(two):
    p = plan('user', 'delete', 'jo')
    assert p['accounts_left'] == ['acme', 'beta'] and p['login_lost'] is True
    assert p['groups_lost'] == ['acme', 'acme-operator', 'beta', 'beta-operator', 'crew'] and p['groups_gained'] == []
    assert set(p['rights_lost']) == {f'{a}:{r}' for a in ('acme', 'beta') for r in ('Work', 'Work_read', 'Work_Run')}
    assert p['rights_gained'] == [] and p['no_administrator'] == [] and p['sessions'] == 0
    groups = set(show('jo')['groups'])
    assert groups == set(p['groups_lost'])
    ctl('user', 'delete', 'jo', '--yes')
    assert lab.getent('passwd', 'jo') is None


def test_F12_F29_as_data_revoke(two):
    p = plan('member', 'revoke', 'beta', 'jo')
    assert p['accounts_left'] == ['beta'] and p['groups_lost'] == ['beta', 'beta-operator'] and p['login_lost'] is False
    before = set(show('jo')['groups'])
    ctl('member', 'revoke', 'beta', 'jo')
    assert before - set(show('jo')['groups']) == set(p['groups_lost'])
    p = plan('member', 'revoke', 'acme', 'jo', '--end-sessions')
    assert p['login_lost'] is True and p['accounts_left'] == ['acme']
    assert plan('member', 'suspend', 'acme', 'jo')['login_lost'] is True


def test_F12_F29_as_data_demote(two):
    p = plan('member', 'role', 'acme', 'jo', '--role', 'viewer')
    assert p['rights_lost'] == ['acme:Work_Run'] and p['rights_gained'] == [] and p['accounts_left'] == []
    assert p['groups_lost'] == ['acme-operator'] and p['groups_gained'] == ['acme-viewer']
    p = plan('member', 'role', 'acme', 'jo', '--role', 'developer')
    assert p['rights_lost'] == [] and set(p['rights_gained']) == {'acme:Admin', 'acme:Any_User_read', 'acme:Work_Write'}
    assert plan('member', 'role', 'acme', 'jo', '--role', 'operator') is None


def test_F30_the_last_administrator_is_in_the_plan(two):
    assert plan('member', 'revoke', 'acme', 'zoe')['one_administrator'] == ['acme']
    ctl('member', 'revoke', 'acme', 'zoe')
    assert 'left without an able administrator' in uadmctl('user', 'delete', 'ada', '--dry-run', rc=65).err
    assert plan('user', 'delete', 'ada', '--break-glass')['no_administrator'] == ['acme']
    assert 'left without an able administrator: acme' in uadmctl('user', 'delete', 'ada', '--break-glass', '--dry-run', rc=0).out
    # It is refused before anybody is asked.
    asked = lab.talk(['uadmctl', 'member', 'revoke', 'acme', 'ada'])
    assert asked.rc == 65 and '[y/N]' not in asked.text and 'ada' in members('acme')


def test_F12_sessions_are_in_the_plan(two):
    with subprocess.Popen(['su', 'jo', '-c', 'sleep 600'], stdin=subprocess.DEVNULL) as child:
        lab.poll(lambda: lab.sql('SELECT count(*) FROM session WHERE closed_at IS NULL') == '1')
        assert plan('user', 'delete', 'jo')['sessions'] == 1
        assert 'open sessions that end: 1' in uadmctl('user', 'delete', 'jo', '--dry-run', rc=0).out
        uadmctl('user', 'delete', 'jo', '--yes', rc=0)
        child.wait()


@pytest.mark.parametrize('verb,says', [
    (['member', 'revoke', 'beta', 'jo'], ['leaves the accounts: beta', 'leaves the groups: beta,beta-operator']),
    (['member', 'role', 'acme', 'jo', '--role', 'viewer'], ['loses the rights: acme:Work_Run', 'comes into the groups: acme-viewer'])])
def test_F12_F29_a_person_is_asked(two, verb, says):
    before = lab.sql('SELECT * FROM membership')
    no = lab.talk(['uadmctl', *verb], [(r'\[y/N\]', 'n')])
    assert no.rc == 1 and all(s in no.text for s in says), no.text
    assert lab.sql('SELECT * FROM membership') == before
    assert lab.talk(['uadmctl', *verb, '--yes']).rc == 0 and lab.sql('SELECT * FROM membership') != before


def test_F12_a_deletion_on_a_terminal(two):
    no = lab.talk(['uadmctl', 'user', 'delete', 'jo'], [('Type jo to go on', 'no')])
    assert no.rc == 1 and 'leaves the accounts: acme,beta' in no.text and 'cannot log in any more' in no.text
    assert lab.talk(['uadmctl', 'user', 'delete', 'jo'], [('Type jo to go on', 'jo')]).rc == 0
    uadmctl('user', 'show', 'jo', rc=67)


def test_who_gains_or_is_no_person_is_not_asked(two):
    up = lab.talk(['uadmctl', 'member', 'role', 'acme', 'jo', '--role', 'developer'])
    assert up.rc == 0 and '[y/N]' not in up.text and members('acme')['jo']['role'] == 'developer'
    ctl('member', 'role', 'acme', 'jo', '--role', 'viewer', '--no-input')
    ctl('member', 'revoke', 'acme', 'jo')


def test_S7_a_plan_names_no_account_that_the_actor_cannot_see(two):
    uadmctl('member', 'role', 'beta', 'jo', '--role', 'viewer', rc=0)
    p = plan('member', 'revoke', 'acme', 'jo', actor='ada')
    assert p['accounts_left'] == ['acme'] and not [r for r in p['rights_lost'] if r.startswith('beta')]
