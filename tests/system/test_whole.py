"""What is told as data is told whole, however long the list: F99 and the like."""
import pytest

from accounts import make_four, members
from lab import show, uadmctl


@pytest.fixture
def four(host):
    make_four()


def test_F99_all_rights(four):
    """Those granted, those skipped (a list of 299 bytes among them), and what a role holds."""
    rights = [f'Right_{i:02}_abcdefghijklmnopqrst' for i in range(10)]
    assert len(','.join(rights)) == 299
    more = [f'Right_{i:03}_abcdefghijklmnopqrst' for i in range(100, 300)]
    uadmctl('right', 'add', '--scope', 'Work', *rights, *more, rc=0)
    uadmctl('member', 'grant', 'acme', 'acmevie', '--right', ','.join(rights), rc=0)
    done, = uadmctl('--as', 'acmehel', 'user', 'clone', 'acmevie', 'copy', '--yes', '--json', rc=0).json
    assert done['memberships'][0]['skipped'] == rights
    uadmctl('member', 'grant', 'acme', 'acmevie', '--right', ','.join(more), rc=0)
    assert members('acme')['acmevie']['granted'] == sorted([*rights, *more])
    done, = uadmctl('--as', 'acmehel', 'user', 'clone', 'acmevie', 'twin', '--yes', '--json', rc=0).json
    assert sorted(done['memberships'][0]['skipped']) == sorted([*rights, *more])
    done, = uadmctl('user', 'clone', 'acmevie', 'triple', '--yes', '--json', rc=0).json
    assert sorted(done['memberships'][0]['granted']) == sorted([*rights, *more])
    everything = uadmctl('role', 'show', 'administrator', '--json', rc=0).json['rights']
    assert len(everything) == len(uadmctl('right', 'list', '--json', rc=0).json) > 210
    # In a sentence a long list says that there is more.
    assert '...' in uadmctl('--as', 'acmehel', 'user', 'clone', 'acmevie', 'fourth', '--yes', rc=0).out


def test_all_groups_tags_and_domains(four):
    groups = [f'group-with-a-long-name-{i:03}' for i in range(200)]
    uadmctl('group', 'add', *groups, rc=0)
    for name in groups:
        uadmctl('group', 'add-member', name, 'acmevie', rc=0)
    tags = [f'tag-with-quite-a-long-name-{i:03}' for i in range(60)]
    for tag in tags:
        uadmctl('user', 'tag', tag, 'acmevie', rc=0)
    domains = [f'd{i:03}.of-a-rather-long-name.example' for i in range(50)]
    uadmctl('account', 'set', 'acme', *[w for d in domains for w in ('--domain', d)], rc=0)
    listed, = [u for u in uadmctl('user', 'list', '--json', rc=0).json if u['name'] == 'acmevie']
    for user in (show('acmevie'), listed):
        assert set(user['groups']) >= set(groups)
    assert show('acmevie')['tags'] == tags
    assert uadmctl('account', 'show', 'acme', '--json', rc=0).json['domains'] == domains
    done, = uadmctl('user', 'clone', 'acmevie', 'copy', '--yes', '--json', rc=0).json
    assert done['groups'] == groups
