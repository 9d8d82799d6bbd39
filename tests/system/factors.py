"""factors.py - what the tests of second factors share: apps, and the people who have them."""
import re
import time

import pexpect

import lab
from lab import PASSWORD, sql, uadmctl

CODE = 'second factor'  # of its prompt
NONE = ''


def code_of(key, steps=0, moved=0):
    """What an app with this key shows now, or would `steps` steps from now."""
    now = int(time.time()) + moved + 30 * steps
    return lab.run('oathtool', '--totp', '-b', key, '--now', f'@{now}', rc=0).out.strip()


def early_in_a_step():
    """So that a code is still that of now when it arrives: what is left of a step may be a second."""
    lab.poll(lambda: time.time() % 30 < 20, 'the next step to begin', 15)


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
    child.expect(pexpect.EOF)
    assert f'{name}: second factor set up' in child.before
    codes = re.findall(r'^ +([a-z2-7]{5}-[a-z2-7]{5})\r?$', child.before, re.M)
    assert lab.end_of(child, []) == 0 and len(codes) == 10
    long_ago()
    return key, codes


def pending(name):
    """One that is handed over: what --json tells of it."""
    return uadmctl('factor', 'enroll', name, '--pending', '--json', rc=0).json


def login_ssh(server, name, code, password=PASSWORD, more=(), **how):
    return server.login(name, password, dialogue=[(CODE, code), *more], **how)


def auth(name, *answers, rhost='192.0.2.9', service='sshd', phases=('auth', 'account')):
    """The codes, and all that was shown."""
    done = lab.run('/usr/bin/python3', '-B', lab.PAM_PROGRAM, service, name, rhost, ','.join(phases), *answers)
    assert done.rc == 0, done
    return [int(c) for c in done.out.split()], [line.rstrip() for line in done.err.splitlines()
                                                 if not line.startswith('delay:')]
