"""Side doors to S5: what another account gives a user, roles that are groups and no more, addresses of other accounts."""
import sqlite3

import pytest

import lab
from accounts import add, make_four, members
from lab import show, uadmctl


@pytest.fixture
def four(host):
    make_four()


HARMS = [['suspend'], ['set', '--first-name', 'X'], ['set', '--expires', '+9d'], ['tag'], ['delete', '--yes']]
WAYS_IN = [['set-password', '--password-stdin'], ['set', '--email', 'x@example.org'], ['set', '--mobile', '+436601234567'],
           ['unlock']]


def on(verb, user):
    return ['user', 'tag', 'word', user] if verb == ['tag'] else ['user', verb[0], user, *verb[1:]]


def test_S5_F4_no_hostage(four):
    """Another account takes a user in, without anybody's consent: those of the principal one may still lock them out, and
    may not become them."""
    uadmctl('--as', 'acmeadm', 'member', 'add', 'acme', 'betavie', '--role', 'viewer', rc=0)
    for verb in HARMS:
        uadmctl('--as', 'betaadm', *on(verb, 'betavie'), '--dry-run', rc=0)
        # Not so who belongs to the other account alone, nor who is less in the principal one.
        uadmctl('--as', 'acmeadm', *on(verb, 'betavie'), '--dry-run', rc=77)
        uadmctl('--as', 'betahel', *on(verb, 'betaadm'), '--dry-run', rc=77)
    for verb in WAYS_IN:
        assert ' in another account)' in uadmctl('--as', 'betaadm', *on(verb, 'betavie'), '--dry-run', input='Another-Horse-2\n', rc=77).err
        uadmctl('--as', 'acmeadm', *on(verb, 'acmevie'), '--dry-run', input='Another-Horse-2\n', rc=0)
    uadmctl('--as', 'betaadm', 'user', 'suspend', 'betavie', rc=0)
    uadmctl('--as', 'betaadm', 'user', 'resume', 'betavie', rc=0)
    uadmctl('--as', 'acmeadm', 'member', 'revoke', 'acme', 'betavie', '--yes', rc=0)
    uadmctl('--as', 'betaadm', 'user', 'unlock', 'betavie', rc=0)


def test_whom_root_suspended_root_resumes(four):
    """Root's decision stands, whoever had suspended them before or does afterwards; a restore does not forget whose it was."""
    uadmctl('--as', 'acmeadm', 'user', 'suspend', 'acmevie', rc=0)
    assert not show('acmevie')['suspended_by_root']
    uadmctl('store', 'backup', '/tmp/before', rc=0)
    uadmctl('user', 'suspend', 'acmevie', rc=0)
    assert uadmctl('user', 'suspend', 'acmevie', '--json', rc=0).json[0]['changed'] is False
    uadmctl('--as', 'acmeadm', 'user', 'suspend', 'acmevie', '--keep-sessions', rc=0)
    for verb in (['user', 'resume', 'acmevie'], ['user', 'resume', 'acmevie', '--dry-run']):
        assert 'acmevie was suspended by root' in uadmctl('--as', 'acmeadm', *verb, rc=77).err
    uadmctl('store', 'restore', '/tmp/before', '--yes', rc=0)
    assert show('acmevie')['suspended_by_root']
    uadmctl('--as', 'acmeadm', 'user', 'resume', 'acmevie', rc=77)
    uadmctl('user', 'resume', 'acmevie', rc=0)
    assert not show('acmevie')['suspended_by_root']
    uadmctl('--as', 'acmeadm', 'user', 'suspend', 'acmevie', rc=0)
    uadmctl('--as', 'acmeadm', 'user', 'resume', 'acmevie', rc=0)


def test_S5_a_role_is_a_group(four):
    """%acme-dba may be root for sudo: who is not in it gives it to nobody, and becomes nobody who is in it."""
    uadmctl('role', 'add', 'dba', rc=0)
    add('pat', 'acme')
    uadmctl('member', 'add', 'beta', 'pat', '--role', 'dba', rc=0)
    for verb in WAYS_IN:
        uadmctl('--as', 'acmeadm', *on(verb, 'pat'), input='Another-Horse-2\n', rc=77)
    gives = [['user', 'add', 'evil', '--account', 'acme', '--role', 'dba'], ['member', 'add', 'acme', 'betavie', '--role', 'dba'],
             ['member', 'add', 'acme', 'betavie', '--role', 'viewer', '--until', '+1h', '--then', 'dba']]
    for verb in gives:
        assert 'its group' in uadmctl('--as', 'acmehel', *verb, rc=77).err
    # Who holds everything there, and who has it.
    uadmctl('--as', 'acmeadm', *gives[0], '--dry-run', rc=0)
    uadmctl('role', 'grant', 'dba', *['--scope', 'Admin,Work', '--right', 'Any_User_read,Any_User_Write,Work_read'], rc=0)
    add('dora', 'acme', role='dba')
    uadmctl('--as', 'dora', *gives[0], rc=0)
    uadmctl('--as', 'acmehel', 'user', 'set-password', 'evil', '--password-stdin', input='Another-Horse-2\n', rc=77)
    # A copy of who has it gets a lesser one, and a membership comes back by who could have given it.
    uadmctl('--as', 'acmehel', 'user', 'clone', 'evil', 'copy', '--yes', rc=0)
    assert members('acme')['copy']['role'] != 'dba' and 'acme-dba' not in show('copy')['groups']
    uadmctl('--as', 'acmehel', 'member', 'suspend', 'acme', 'evil', rc=0)
    uadmctl('--as', 'acmehel', 'member', 'resume', 'acme', 'evil', rc=77)
    uadmctl('--as', 'dora', 'member', 'resume', 'acme', 'evil', rc=0)
    # The default role is given to whoever is added without one.
    uadmctl('member', 'grant', 'acme', 'acmehel', '--right', 'Account_Write', rc=0)
    uadmctl('--as', 'acmehel', 'account', 'set', 'acme', '--default-role', 'dba', rc=77)


def test_F22_address_of_another_account(four):
    """What `user add` refuses `user set` does not do either; root is warned."""
    uadmctl('account', 'set', 'beta', '--domain', 'beta.example', rc=0)
    refused = uadmctl('--as', 'acmeadm', 'user', 'set', 'acmevie', '--email', 'ceo@beta.example', rc=65)
    assert 'belongs to the account beta' in refused.err and 'hint' in refused.err
    assert show('acmevie')['email'] is None
    uadmctl('--as', 'betaadm', 'user', 'set', 'betavie', '--email', 'vie@beta.example', rc=0)
    assert 'belongs to the account beta' in uadmctl('user', 'set', 'acmevie', '--email', 'ceo@beta.example', rc=0).err


def test_F3_F13_hints_keep_the_role(four):
    """A hint that is followed does what was meant."""
    uadmctl('account', 'set', 'beta', '--domain', 'beta.example', rc=0)
    uadmctl('user', 'set', 'betavie', '--email', 'vie@beta.example', rc=0)
    for name, more in (('betavie', []), ('other', ['--email', 'vie@beta.example'])):
        verb = ['user', 'add', name, *more, '--account', 'acme']
        assert 'member add acme' in uadmctl(*verb, '--role', 'operator', rc=65).err
        assert '--role operator' in uadmctl(*verb, '--role', 'operator', rc=65).err
        assert '--role' not in uadmctl(*verb, rc=65).err
        again = uadmctl('user', 'add', name, *more, '--account', 'beta', '--role', 'viewer', rc=65)
        assert 'This user already belongs to your account' in again.err and 'betavie is in beta as viewer' in again.err
    assert '--role operator' in uadmctl('member', 'add', 'acme', 'new@beta.example', '--role', 'operator').err


def test_S6_guard_tells_nothing_of_other_accounts(four):
    """The last administrator of an account stays one, whoever's user they are; which account is not for all to know."""
    add('xen', 'acme')
    uadmctl('user', 'set-password', 'xen', '--password-stdin', input=lab.PASSWORD + '\n', rc=0)
    uadmctl('member', 'add', 'beta', 'xen', '--role', 'administrator', rc=0)
    for verb in (['member', 'suspend', 'acme', 'xen'], ['member', 'revoke', 'acme', 'xen', '--yes', '--json'],
                 ['user', 'suspend', 'xen'], ['user', 'delete', 'xen', '--yes']):
        done = uadmctl('--as', 'acmeadm', *verb, rc=65)
        assert 'beta' not in done.out + done.err and 'an account that you do not see' in done.out + done.err, done
        assert 'beta would be left' in (lambda r: r.out + r.err)(uadmctl(*verb, rc=65))
    uadmctl('user', 'set-password', 'betaadm', '--password-stdin', input=lab.PASSWORD + '\n', rc=0)
    plan = uadmctl('--as', 'acmeadm', 'member', 'revoke', 'acme', 'xen', '--dry-run', '--json', rc=0)
    assert plan.json[0]['plan']['one_administrator'] == ['an account that you do not see'] and 'beta' not in plan.out
    assert uadmctl('member', 'revoke', 'acme', 'xen', '--dry-run', '--json', rc=0).json[0]['plan']['one_administrator'] == ['beta']


def test_can_tells_nothing_of_other_accounts(four):
    """Who sees a user in one account is told nothing of what they are in another."""
    uadmctl('member', 'suspend', 'beta', 'both', rc=0)
    for verb in (['can', 'both', 'Work_read', '--account', 'beta'], ['right', 'list', '--account', 'beta', '--user', 'both']):
        assert 'suspended' not in uadmctl('--as', 'acmedev', *verb, rc=77).err, verb
        assert uadmctl('--as', 'both', *verb).rc in (0, 1), verb
    uadmctl('--as', 'acmedev', 'can', 'both', 'Work_read', '--account', 'acme', rc=0)


def test_F6_can_after_an_end(four):
    """What is due is so, also before `uadmctl maintain` has carried it out."""
    db = sqlite3.connect('/var/lib/uadm/store/uadm.db', timeout=5)
    with db:
        db.execute("UPDATE membership SET ends_at = 1000 WHERE principal = 0 AND uid = (SELECT uid FROM user WHERE name = 'both')")
        db.execute("UPDATE membership SET ends_at = 1000, then_role = (SELECT id FROM role WHERE name = 'viewer') "
                   "WHERE uid = (SELECT uid FROM user WHERE name = 'acmeope')")
    db.close()
    ended = uadmctl('can', 'both', 'Work_read', '--account', 'beta', '--json', rc=1).json
    assert (ended['reason'], ended['text']) == ('ended', 'the membership of both in beta has ended')
    assert '(viewer)' in uadmctl('can', 'acmeope', 'Work_read', '--account', 'acme', rc=0).out
    assert '(viewer)' in uadmctl('can', 'acmeope', 'Work_Run', '--account', 'acme', rc=1).out


def test_addresses_and_accounts_of_others_are_not_told(four):
    """Whose an address is, and where somebody is, is for those who see them."""
    uadmctl('user', 'set', 'betavie', '--email', 'hidden@beta.example', rc=0)
    uadmctl('user', 'set', 'acmevie', '--email', 'seen@acme.example', rc=0)
    said = uadmctl('--as', 'acmeadm', 'user', 'set', 'acmedev', '--email', 'hidden@beta.example', rc=65).err
    assert 'is taken' in said and 'betavie' not in said
    assert 'acmevie' in uadmctl('--as', 'acmeadm', 'user', 'set', 'acmedev', '--email', 'seen@acme.example', rc=65).err
    assert 'betavie' in uadmctl('user', 'set', 'acmedev', '--email', 'hidden@beta.example', rc=65).err
    said = uadmctl('--as', 'acmeadm', 'user', 'reset-password', 'betavie', rc=77).err
    assert '(Any_User_Write in another account)' in said, said
    assert '(Any_User_Write in acme)' in uadmctl('--as', 'acmevie', 'user', 'reset-password', 'acmedev', rc=77).err
