"""S5, names: what sudoers trusts by name is nobody's to take, and no account's users keep a name from the host."""
import pytest

import lab
from accounts import make_four
from lab import uadmctl


@pytest.fixture
def four(host):
    make_four()


def add_as(actor, name, account, *more, **how):
    return uadmctl('--as', actor, 'user', 'add', name, '--account', account, '--role', 'viewer', *more, **how)


def was_groups():
    """Names of groups of each kind that are gone."""
    uadmctl('account', 'add', 'old', rc=0)
    uadmctl('role', 'add', 'ops', rc=0)
    uadmctl('group', 'add', 'dba', rc=0)
    for what in (['account', 'old'], ['role', 'ops'], ['group', 'dba']):
        uadmctl(what[0], 'delete', what[1], '--yes', rc=0)
    return ['old', 'old-administrator', 'old-ops', 'acme-ops', 'dba']


def test_S5_a_groups_name_is_no_users(four):
    """A line for %old-administrator in sudoers outlives the account: whoever may add users would choose to be trusted."""
    for name in was_groups():
        for options in ([], ['--reuse-name']):
            assert add_as('acmeadm', name, 'acme', *options).rc in (65, 77), name
        refused = uadmctl('user', 'add', name)
        assert refused.rc == 65 and '--reuse-name' in refused.err, refused
        assert lab.getent('passwd', name) is None
    assert uadmctl('--as', 'acmeadm', 'user', 'invite', 'dba@example.org', '--account', 'acme', '--role', 'viewer', '--name', 'dba', '--yes').rc == 65
    uadmctl('user', 'add', 'dba', '--reuse-name', rc=0)
    uadmctl('user', 'delete', 'dba', '--yes', rc=0)
    assert add_as('acmeadm', 'dba', 'acme').rc == 65  # root's word was for once
    # One who was a user alone may come back.
    add_as('acmeadm', 'tom', 'acme', rc=0)
    uadmctl('--as', 'acmeadm', 'user', 'delete', 'tom', '--yes', rc=0)
    add_as('acmeadm', 'tom', 'acme', rc=0)


def test_S5_root_gives_a_groups_name_to_a_group(four):
    """And is told so: once for all the groups of an account or a role."""
    was_groups()
    for verb, name in ((['group', 'add', 'dba'], 'dba'), (['account', 'add', 'old'], 'old'), (['role', 'add', 'ops'], 'acme-ops')):
        done = uadmctl(*verb, rc=0)
        assert done.err.count('a group had this name until') == 1 and f'{name}: ' in done.err, done
    assert 'had this name' not in uadmctl('account', 'add', 'fresh', rc=0).err


def test_S5_no_name_in_the_place_of_a_role(four):
    """The first half of ACCOUNT-ROLE is the account's: a user of another one would bar a role for the whole host."""
    for actor, name in (('betaadm', 'acme-auditor'), ('acmeadm', 'acme-auditor'), ('betaadm', 'acme-x-y')):
        refused = add_as(actor, name, name[:4] if actor == 'acmeadm' else 'beta')
        assert refused.rc == 77 and 'acme-' in refused.err, refused
    add_as('betaadm', 'acmes-own', 'beta', rc=0)
    uadmctl('role', 'add', 'auditor', rc=0)
    assert 'no role "tester"' in uadmctl('user', 'add', 'acme-tester', rc=0).err
    refused = uadmctl('role', 'add', 'tester', rc=65)
    assert 'a user "acme-tester"' in refused.err and 'user delete acme-tester' in refused.err, refused


def test_who_has_the_name(four):
    """Told for what it is, and what can be done."""
    uadmctl('group', 'add', 'crew', rc=0)
    for name, says in (('acme', 'an account "acme"'), ('crew', 'a group "crew" already'), ('roots', 'user delete roots'),
                       ('acme-helpdesk', 'who is helpdesk in the account acme')):
        for noun in ('account', 'group'):
            refused = uadmctl(noun, 'add', name, rc=65)
            assert says in refused.err, refused
    assert 'an account "acme"' in uadmctl('user', 'add', 'acme', rc=65).err
