"""One-time codes (F26, F59, F66; P10, P12): the way in with one, through sshd, login and su, and what closes it."""
import re

import pytest

import lab
from lab import NEW, PASSWORD, add_user, pam, show, su, uadmctl

CHANGE = [('New password: ?', NEW), ('Retype new password: ?', NEW)]


def reset(name, *options):
    """The code that `user reset-password` prints."""
    row, = uadmctl('user', 'reset-password', name, '--print-code', '--json', *options, rc=0).json
    assert re.fullmatch(r'([0-9A-HJKMNP-TV-Z]{5}-){3}[0-9A-HJKMNP-TV-Z]{5}', row['code']), row
    return row['code']


def works(password, name='ada', rhost='192.0.2.77'):
    return pam('sshd', name, 'auth', 'account', 'open', answers=[password], rhost=rhost) == [0, 0, 0]


def by_code(sshd, code, name='ada', **more):
    return sshd.login(name, code, dialogue=CHANGE, **more)


def test_F26_F59_F66_through_sshd(host, sshd):
    """Printed, typed at a real login, a password set in the same conversation, and in."""
    add_user('ada')
    server = sshd()
    said = uadmctl('user', 'reset-password', 'ada', rc=0)
    code, = re.findall(r'code ([0-9A-Z-]{23}),', said.out)
    assert re.search(r'until \d{4}-\d\d-\d\d', said.out) and f'ssh ada@{lab.run("hostname").out.strip()}' in said.out, said
    assert works(PASSWORD)  # good until then
    done = by_code(server, code)
    assert done.rc == 0 and done.text.rstrip().endswith('ada') and 'Set a password now' in done.text, done
    assert works(NEW) and not works(PASSWORD) and not works(code)
    assert by_code(server, code).rc != 0  # once
    row = uadmctl('audit', 'list', '--target', 'ada', '--json', rc=0).json
    changed, = [r for r in row if r['action'] == 'user.change-password']
    assert changed['actor'] == 'ada' and changed['detail'] == 'service=sshd code=reset'
