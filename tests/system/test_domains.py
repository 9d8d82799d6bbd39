"""Whose a new user's e-mail is: F3, F11, F14, F21-F23."""
import pytest

import lab
from accounts import add
from lab import show, uadmctl


@pytest.fixture
def domains(host):
    uadmctl('account', 'add', 'acme', '--domain', 'acme.example,acme.org', rc=0)
    uadmctl('account', 'add', 'beta', '--domain', 'beta.example', rc=0)
    uadmctl('account', 'add', 'free', rc=0)
    add('ada', 'acme', role='administrator')


def new(name, email, *accounts, rc=0, more=(), actor=None):
    options = [w for a in accounts for w in ('--account', a)]
    return uadmctl(*(['--as', actor] if actor else []), 'user', 'add', name, '--email', email, *options, *(['--role', 'viewer'] if accounts else []),
                   *more, rc=rc)


def test_F21_of_this_account(domains):
    new('jo', 'jo@acme.example', 'acme')
    new('max', 'max@ACME.Org', 'acme', 'beta')
    new('may', 'may@acme.org', 'acme', actor='ada')
    assert show('jo')['account'] == show('max')['account'] == 'acme'


def test_F22_of_another_account(domains):
    """It is said which one, and what to do; --yes does not help."""
    for more in ([], ['--yes'], ['--no-input']):
        done = new('jo', 'jo@beta.EXAMPLE', 'acme', rc=65, more=more)
        assert 'belongs to the account beta' in done.err
        assert 'uadmctl user add NAME --email jo@beta.EXAMPLE --account beta' in done.err and 'uadmctl member add acme NAME' in done.err
    new('jo', 'jo@beta.example', 'acme', 'beta', rc=65)  # the first one is the principal one
    new('jo', 'jo@beta.example', 'acme', rc=65, actor='ada')
    new('jo', 'jo@beta.example', 'free', rc=65)
    uadmctl('user', 'show', 'jo', rc=67)
    wanted = uadmctl('member', 'add', 'acme', 'jo@beta.example', '--role', 'viewer', rc=65)
    assert 'belongs to the account beta' in wanted.err
    # As the hint says.
    new('jo', 'jo@beta.example', 'beta')
    uadmctl('member', 'add', 'acme', 'jo@beta.example', '--role', 'viewer', rc=0)
    assert [(m['account'], m['principal']) for m in show('jo')['memberships']] == [('beta', True), ('acme', False)]


def test_F23_F11_of_nobody(domains):
    done = new('jo', 'jo@sub.acme.example', 'acme', rc=64)
    assert "would have to ask: Add jo, whose domain sub.acme.example is not one of acme's?" in done.err
    new('jo', 'jo@else.example', 'acme', rc=64, more=['--no-input'])
    command = ['uadmctl', 'user', 'add', 'jo', '--email', 'jo@else.example', '--account', 'acme', '--role', 'viewer']
    assert lab.talk(command, [(r'\[y/N\]', 'n')]).rc == 1 and uadmctl('user', 'show', 'jo', rc=67)
    assert lab.talk(command, [(r'\[y/N\]', 'y')]).rc == 0 and show('jo')['email'] == 'jo@else.example'
    new('max', 'max@else.example', 'acme', more=['--yes'])
    new('may', 'may@else.example', 'free')  # has no domains to compare with
    new('mia', 'mia@else.example')
    with open('/keys/people.csv', 'w', encoding='utf-8') as f:
        f.write('name,email\nliz,liz@acme.org\nlou,lou@else.example\nlea,lea@beta.example\n')
    options = ['--from', '/keys/people.csv', '--account', 'acme', '--role', 'viewer']
    assert uadmctl('user', 'add', *options).rc == 65
    assert show('liz')['account'] == 'acme' and uadmctl('user', 'show', 'lou', rc=67) and uadmctl('user', 'show', 'lea', rc=67)
    assert uadmctl('user', 'add', *options, '--resume', '--yes').rc == 65
    assert show('lou')['account'] == 'acme' and uadmctl('user', 'show', 'lea', rc=67)


def test_F3_F14_an_address_that_is_there(domains):
    new('jo', 'jo@acme.example', 'acme')
    taken = new('jo2', 'JO@acme.example', 'acme', rc=65)
    assert 'This user already belongs to your account' in taken.err and 'jo is in acme as viewer' in taken.err
    elsewhere = new('jo2', 'jo@acme.example', 'free', rc=65)
    assert 'belongs to the user "jo" already' in elsewhere.err and 'uadmctl member add free' in elsewhere.err


def test_a_clone_of_another_accounts_mail(domains):
    new('jo', 'jo@acme.example', 'acme')
    assert 'belongs to the account beta' in uadmctl('user', 'clone', 'jo', 'bo', '--email', 'bo@beta.example', '--yes', rc=65).err
    uadmctl('user', 'clone', 'jo', 'bo', '--email', 'bo@acme.org', '--yes', rc=0)


def test_S7_domains_are_told_to_who_may_add(domains):
    add('vic', 'acme')
    for email in ('x@beta.example', 'x@else.example'):
        done = new('jo', email, 'acme', rc=77, actor='vic')
        assert 'beta' not in done.err.replace(email, '') and 'domain' not in done.err
        assert 'belongs to' not in uadmctl('--as', 'vic', 'member', 'add', 'acme', email, '--role', 'viewer', rc=77).err


def test_F21_F22_F23_another_address_of_somebody(domains):
    """Where it leads is said; whose users they are does not change by it."""
    new('jo', 'jo@acme.example', 'acme')
    new('lone', 'lone@beta.example')
    assert uadmctl('user', 'set', 'jo', '--email', 'jo@acme.org', rc=0).err == ''
    assert 'belongs to the account beta, the user to acme' in uadmctl('user', 'set', 'jo', '--email', 'jo@beta.example', rc=0).err
    assert "else.example is not one of acme's" in uadmctl('--as', 'ada', 'user', 'set', 'jo', '--email', 'jo@else.example', rc=0).err
    assert uadmctl('user', 'set', 'jo', '--first-name', 'Jo', rc=0).err == ''
    assert uadmctl('user', 'set', 'lone', '--email', 'lone@acme.org', rc=0).err == ''
    assert show('jo')['account'] == 'acme' and show('jo')['email'] == 'jo@else.example'


def test_S5_domains_are_roots_to_set(domains):
    """Whoever has a domain keeps its people out of every other account."""
    for more in ([], ['--description', 'x']):
        assert 'only root' in uadmctl('--as', 'ada', 'account', 'set', 'acme', '--domain', 'acme.example,gamma.example', *more, rc=77).err
    assert 'only root' in uadmctl('--as', 'ada', 'account', 'set', 'acme', '--domain', '', rc=77).err
    shown = uadmctl('account', 'show', 'acme', '--json', rc=0).json
    assert shown['domains'] == ['acme.example', 'acme.org'] and shown['description'] is None
    uadmctl('--as', 'ada', 'account', 'set', 'acme', '--description', 'ours', rc=0)
