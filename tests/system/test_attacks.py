"""What somebody who tried to get in, or to keep others out, has found: it stays found."""
import os
import signal
import subprocess

import lab
from lab import LOCAL, uadmctl

PASSWORD = 'Sesame-Open-7'
DIRECTORY = '/var/lib/uadm/directory/directory'


def add(name):
    uadmctl('user', 'add', name, '--password-stdin', '--create-home', input=PASSWORD + '\n', rc=0)


def test_P7_deleted_but_still_published(host, sshd):
    """A published file that is behind shows who was deleted; no key gets them in."""
    server = sshd()
    add('ada')
    server.authorize('ada')
    assert server.login_key('ada').rc == 0
    old = open(DIRECTORY, 'rb').read()
    uadmctl('user', 'delete', 'ada', '--yes', rc=0)
    with open(DIRECTORY + '.old', 'wb') as f:
        f.write(old)
    os.rename(DIRECTORY + '.old', DIRECTORY)
    assert lab.getent('passwd', 'ada') is not None
    assert server.login_key('ada').rc != 0
    assert lab.pam('cron', 'ada', 'account', 'open')[-1] != 0


def test_P7_made_anew_under_the_old_name(host, sshd):
    """A login that began before would carry the old number: the name rests for three minutes."""
    server = sshd()
    add('ada')
    uadmctl('user', 'delete', 'ada', '--yes', rc=0)
    uadmctl('user', 'add', 'ada', rc=0)
    server.authorize('ada')
    assert server.login_key('ada').rc != 0
    why = uadmctl('user', 'check', 'ada', '--json')
    assert why.rc == 1 and why.json['by_key_reason'] == 'name-moved'


def test_P19_a_namesake_that_came_later(host):
    """A local user who takes a managed user's name does not get the managed groups."""
    uadmctl('group', 'add', 'power', rc=0)
    add('ada')
    uadmctl('group', 'add-member', 'power', 'ada', rc=0)
    with open('/etc/passwd', 'a', encoding='ascii') as f:
        f.write('ada:x:1777:1777::/home/ada:/bin/sh\n')
    checked = uadmctl('store', 'check')
    assert checked.rc == 1 and 'publish' in checked.out
    uadmctl('user', 'list', rc=0)
    assert lab.run('id', '-Gn', 'ada').out.split() == ['1777']
    uadmctl('store', 'check', rc=0)


def test_P27_a_stopped_tool_stops_no_login(host):
    """^Z in the middle of a long run of changes: logins go on."""
    add('ada')
    with open('/tmp/many.csv', 'w', encoding='ascii') as f:
        f.write('name\n' + ''.join(f'user{n}\n' for n in range(20000)))
    def users():
        return int(lab.sql('SELECT count(*) FROM user'))

    # A group of its own in our session: the kernel stops no group that nobody could wake.
    child = subprocess.Popen(['uadmctl', 'user', 'add', '--from', '/tmp/many.csv'], preexec_fn=os.setpgrp,
                             stdout=subprocess.DEVNULL)
    for _ in range(6):
        before = users()
        lab.poll(lambda: users() > before, 'it to be at work')
        child.send_signal(signal.SIGTSTP)
        lab.poll(lambda: open(f'/proc/{child.pid}/stat').read().split(') ')[1][0] == 'T', 'it to stop')
        assert lab.pam('sshd', 'ada', 'auth', 'account', answers=[PASSWORD], seconds=20) == [0, 0]
        child.send_signal(signal.SIGCONT)
    child.kill()
    child.wait()


def test_a_failure_nobody_hears_is_logged(host, authlog):
    """Who kills his own su while his guess is being checked still leaves a line."""
    add('ada')
    lab.slow_hashes()
    child = lab.spawn('su', 'ada', '-c', 'true', user=LOCAL)
    child.expect('assword:')
    child.send('wrong-guess-1\r')
    lab.poll(lambda: lab.sql('SELECT count(*) FROM attempt') == '1', 'the guess to be charged')
    assert lab.run('pkill', '-KILL', '-x', 'su', user=LOCAL).rc == 0
    authlog.wait('authentication failure; .* user=ada')
    child.close(force=True)
    assert uadmctl('user', 'show', 'ada', '--json', rc=0).json['failed_attempts'] == 1


def test_conf_that_does_not_fit(host):
    """conf= of a thousand bytes is not taken for no conf= at all."""
    add('ada')
    with open('/etc/pam.d/long', 'w', encoding='ascii') as f:
        f.write(f'account required pam_uadm.so conf=/{"x" * 1000}\n')
    assert lab.pam('long', 'ada', 'account')[-1] != 0
