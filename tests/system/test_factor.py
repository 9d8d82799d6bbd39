"""Second factors (F83): TOTP and recovery codes through real sshd, login and su, policy, keys."""
import json
import re
import time

import pytest

import lab
from lab import LOCAL, PASSWORD, WRONG, add_user, show, sql, uadmctl

CODE = 'second factor'  # of its prompt
NONE = ''


def code_of(key, steps=0):
    """What the user's app shows now, or would `steps` steps from now."""
    return lab.run('oathtool', '--totp', '-b', key, '--now', f'@{int(time.time()) + 30 * steps}', rc=0).out.strip()


def long_ago():
    """As if the last code had been typed a while ago: in a test there is no time for that."""
    sql('UPDATE factor SET last_step = 0')


def enroll(name):
    """The key of a confirmed second factor, and its recovery codes, as a person does it."""
    child = lab.spawn('uadmctl', 'factor', 'enroll', name)
    child.expect(r'Key: (\w+)\s')
    key = child.match.group(1)
    child.expect('Code that the app shows')
    child.sendline(code_of(key))
    child.expect('Recovery codes')
    child.expect('second factor set up')
    text = child.before
    assert lab.end_of(child, []) == 0
    long_ago()
    codes = re.findall(r'^ +([a-z2-7]{5}-[a-z2-7]{5})\r?$', text, re.M)
    assert len(codes) == 10
    return key, codes


def pending(name):
    return uadmctl('factor', 'enroll', name, '--pending', '--json', rc=0).json


def login_ssh(server, name, code, password=PASSWORD, more=(), **how):
    return server.login(name, password, dialogue=[(CODE, code), *more], **how)


def test_F83_totp_through_ssh(host, sshd):
    """A right password and a right code get in; each alone does not."""
    add_user('ada')
    key, _ = enroll('ada')
    server = sshd()
    good = login_ssh(server, 'ada', code_of(key))
    assert good.rc == 0 and good.text.split()[-1] == 'ada', good
    long_ago()
    for password, code in ((PASSWORD, NONE), (PASSWORD, '000000'), (WRONG, code_of(key))):
        bad = login_ssh(server, 'ada', code, password)
        assert bad.rc == 255, (password, code, bad)
    assert show('ada')['failed_attempts'] == 3
