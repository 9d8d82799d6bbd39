"""What a newcomer stumbled over in the verbs of accounts: names and addresses, files, tables, hints."""
import re
import shlex
import subprocess

import pytest

import lab
from accounts import add, ctl, members
from lab import run, show, uadmctl


@pytest.fixture
def two(host):
    uadmctl('account', 'add', 'acme', 'beta', rc=0)
    add('ada', 'acme', role='administrator')
    add('zoe', 'acme', role='administrator')
    add('jo', 'acme', 'beta', role='operator', more=['--email', 'jo@acme.example'])


def write(path, text):
    with open(path, 'w', encoding='utf-8') as f:
        f.write(text)
    return path


@pytest.mark.parametrize('verb', [
    ['member', 'role', 'acme', 'Jo@acme.example', '--role', 'viewer'], ['member', 'suspend', 'acme', 'jo@acme.example'],
    ['member', 'revoke', 'acme', 'jo@acme.example'], ['member', 'grant', 'acme', 'jo@acme.example', '--right', 'Work_Write'],
    ['review', 'revoke', 'acme', 'jo@acme.example'], ['review', 'keep', 'acme', 'jo@acme.example'],
    ['user', 'tag', 'vip', 'jo@acme.example'], ['user', 'transfer', 'jo@acme.example', '--to', 'beta']], ids=lambda v: '-'.join(v[:2]))
def test_F3_F14_an_address_is_a_name(two, verb):
    """With and without a plan, and where somebody may be asked."""
    uadmctl('review', 'start', 'acme', rc=0)
    uadmctl(*verb, '--dry-run', rc=0)
    before = lab.sql('SELECT * FROM audit')
    nobody = [w.replace('jo@', 'who@').replace('Jo@', 'who@') for w in verb]
    for options in ([], ['--dry-run']):
        assert 'e-mail address "who@acme.example"' in uadmctl(*nobody, *options, rc=67).err
    assert lab.sql('SELECT * FROM audit') == before
    done = lab.talk(['uadmctl', *verb], [(r'\[y/N\]', 'y')])
    assert done.rc == 0 and lab.sql('SELECT * FROM audit') != before, done


def test_S7_an_address_is_not_told_to_strangers(two):
    """Whose one is is as secret with a plan as without."""
    add('bob', 'beta', role='administrator')
    lab.uadmctl('user', 'set', 'ada', '--email', 'ada@acme.example', rc=0)
    for verb in (['user', 'tag', 'vip'], ['member', 'revoke', 'acme'], ['user', 'transfer', '--to', 'beta']):
        for more in ([], ['--dry-run']):
            there, nobody = (uadmctl('--as', 'bob', *verb, f'{who}@acme.example', *more) for who in ('ada', 'who'))
            assert there.rc == nobody.rc != 0 and there.err.replace('ada@', 'who@') == nobody.err
