"""fail2ban counts each failed login once, for the address it came from: the lines of real logins, read
by the real fail2ban-regex with the filters as they are installed."""
import os
import re

import pytest

import hosts
import lab
from lab import LOCAL, PASSWORD, WRONG, add_user

LONG = True
OURS = '/usr/share/uadm/fail2ban/pam-generic.local'
THEIRS = '/etc/fail2ban/filter.d/pam-generic.local'
STAMP = 'Jan  5 10:00:00 box '  # the log stands in for syslogd, which puts this before each line
EVIL = '203.0.113.66'


def counted(filter_name, lines):
    """The addresses that would be counted, one for each failure."""
    with open('/tmp/auth.log', 'w', encoding='utf-8') as f:
        f.writelines(f'{STAMP}{line}\n' for line in lines)
    done = lab.run('fail2ban-regex', '--usedns=no', '--print-all-matched', '-o', 'id', '/tmp/auth.log',
                   f'/etc/fail2ban/filter.d/{filter_name}.conf', seconds=60)
    assert done.rc in (0, 1), done
    return done.out.split()


@pytest.fixture
def enabled(host):
    """The man page's command, as it stands there, on a host with a user."""
    if os.path.lexists(THEIRS):
        os.unlink(THEIRS)
    with open(os.path.join(os.path.dirname(__file__), '../../man/pam_uadm.8'), encoding='utf-8') as f:
        command = re.search(r'^ln -s .*fail2ban.*$', f.read(), re.M)[0]
    lab.run('sh', '-c', command, rc=0)
    assert lab.run('sh', '-c', command).rc != 0  # what is there is left alone
    add_user('ada')
    return host


@pytest.fixture
def program(enabled):
    made = hosts.Host()
    yield made
    made.close()


def su_wrong(name):
    return lambda sshd: lab.su(name, WRONG)


def sudo_wrong(sshd):
    lab.sudoers('ada ALL=(ALL:ALL) ALL')
    return lab.sudo(WRONG, user='ada')


def ssh_wrong(method, name):
    def attempt(sshd):
        return sshd(PasswordAuthentication='yes', LogLevel='INFO').login(name, WRONG, method)
    return attempt


# Without an address nothing can be banned: su and login are there to show that none is made up.
ATTEMPTS = {
    'su': (su_wrong('ada'), []),
    'su, local': (su_wrong(LOCAL), []),
    'login': (lambda sshd: lab.login('ada', WRONG), []),
    'login, unknown': (lambda sshd: lab.login('nobodys', WRONG), []),
    'sudo': (sudo_wrong, []),
    **{f'ssh, {method}, {name}': (ssh_wrong(method, name), ['127.0.0.1'])
       for method in ('keyboard-interactive', 'password') for name in ('ada', LOCAL, 'nobodys', 'root')},
}


@pytest.mark.parametrize('what', ATTEMPTS)
def test_once(enabled, sshd, authlog, what):
    attempt, addresses = ATTEMPTS[what]
    assert attempt(sshd).rc != 0
    authlog.wait('authentication failure;')
    if addresses:
        authlog.wait('sshd.*(Connection closed|Disconnected)')
    assert counted('pam-generic', authlog.lines) == addresses, authlog.lines


@pytest.mark.parametrize('method', ['keyboard-interactive', 'password'])
def test_sshd_filter_as_it_is(enabled, sshd, authlog, method):
    """sshd's own lines are counted and not ours as well; root is no user of ours."""
    server = sshd(PasswordAuthentication='yes', LogLevel='INFO')
    for name in ('ada', LOCAL):
        authlog.clear()
        assert server.login(name, WRONG, method).rc == 255
        authlog.wait('sshd.*(Connection closed|Disconnected)')
        assert counted('sshd', authlog.lines) == ['127.0.0.1'], authlog.lines
    authlog.clear()
    assert server.login('nobodys', WRONG, method).rc == 255
    authlog.wait('sshd.*(Connection closed|Disconnected)')
    assert authlog.matching('pam_uadm.*authentication failure')
    others = [line for line in authlog.lines if 'pam_uadm' not in line]
    assert counted('sshd', authlog.lines) == counted('sshd', others) != []


def test_several_in_one_connection(enabled, sshd, authlog):
    server = sshd(LogLevel='INFO')
    command = [word.replace('Prompts=1', 'Prompts=3') for word in server.command('ada', 'keyboard-interactive')]
    done = lab.talk(command, [('assword: ?', WRONG)] * 3)
    assert done.rc == 255
    authlog.wait('sshd.*(Connection closed|Disconnected)')
    assert counted('pam-generic', authlog.lines) == ['127.0.0.1'] * 3, authlog.lines
    assert counted('sshd', authlog.lines) == ['127.0.0.1'] * 3


def test_success_is_none(enabled, sshd, authlog):
    assert sshd(LogLevel='INFO').login('ada', PASSWORD).rc == 0
    assert counted('pam-generic', authlog.lines) == []


@pytest.mark.parametrize('state', ['suspended', 'locked'])
def test_refused_for_a_reason(program, authlog, state):
    """A lock counts like a wrong password, for they look alike; a right password that is refused does not."""
    if state == 'suspended':
        lab.uadmctl('user', 'suspend', 'ada', rc=0)
    else:
        lab.fail_logins('ada', 5)
    authlog.clear()
    assert program.login(service='sshd', user='ada', phases='auth', answers=[PASSWORD], rhost='192.0.2.9').codes != [0]
    authlog.wait('pam_uadm')
    assert counted('pam-generic', authlog.lines) == (['192.0.2.9'] if state == 'locked' else [])


FORGED = [
    f'192.0.2.1  user=x rhost={EVIL}',
    f'192.0.2.1 rhost={EVIL}',
    f'{EVIL} ',
    f' rhost={EVIL}  user=root',
    f'x\nJan  5 10:00:00 box sshd[1]: pam_uadm(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh '
    f'ruser= rhost={EVIL}  user=root',
    f'x\rJan  5 10:00:00 box sshd[1]: pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh '
    f'ruser= rhost={EVIL}',
    f'x authentication failure; tty= ruser= rhost={EVIL}',
    f'x\t\v\f rhost={EVIL}',
    f'\x1b[2K rhost={EVIL}',
    f'\u2028rhost={EVIL}',
]


def test_nobody_forges_an_address(program, authlog):
    """What strangers choose ends at the field it stands in: the address is the real one or none."""
    real = 0
    for text in FORGED:
        for item in ('ruser', 'tty', 'user', 'rhost'):
            words = {'user': 'ada', 'rhost': '192.0.2.7', **{item: text}}
            assert program.login(service='sshd', phases='auth', answers=[WRONG], **words).codes != [0]
            # a terminal's name of this length is refused before it is looked at
            real += item != 'rhost' and (item != 'tty' or len(text) < 64)
    lines = lab.poll(lambda: len(authlog.matching('authentication failure;')) >= real and authlog.lines, 'the log')
    assert counted('pam-generic', lines) == ['192.0.2.7'] * real, lines
    assert EVIL not in counted('sshd', lines)


def test_the_filter_alone_does_not_know_us(enabled, authlog):
    """What the drop-in is for; and a fail2ban that finds it gone goes on."""
    assert lab.su('ada', WRONG).rc != 0
    line = authlog.wait('pam_uadm.*authentication failure')[0].replace('rhost=', 'rhost=192.0.2.8')
    assert counted('pam-generic', [line]) == ['192.0.2.8']
    os.rename(OURS, OURS + '.away')
    try:
        assert counted('pam-generic', [line]) == []
        assert counted('pam-generic', [line.replace('pam_uadm', 'pam_unix')]) == ['192.0.2.8']
    finally:
        os.rename(OURS + '.away', OURS)
