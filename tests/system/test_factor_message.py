"""F83: a code that is sent to the mobile number, through the program that `[sms]` names; and what that program gets."""
import json
import os
import re
import stat

import pytest

import lab
from factors import CODE, NONE, auth, code_of, enroll
from lab import PAM_AUTH_ERR, PAM_AUTHINFO_UNAVAIL, PASSWORD, WRONG, add_user, show, sql, uadmctl

NUMBER = '+436601234567'
SINK, OUT = '/usr/local/lib/sink', '/home/sink'  # what is below /home goes with each test
ANOTHER = 'No further code is sent for now. The last one may still be good.'


def write_sink(body, mode=0o755):
    with open(SINK, 'w', encoding='ascii') as f:
        f.write(f'#!/bin/sh\n{body}\n')
    os.chmod(SINK, mode)


@pytest.fixture
def sink(host):
    """The messages that were sent, as the program got them."""
    with open(OUT, 'w', encoding='ascii'):
        os.chmod(OUT, 0o666)
    write_sink(f'cat >> {OUT}')
    with open('/etc/uadm/uadm.conf', 'a', encoding='ascii') as f:
        f.write(f'[sms]\ncommand = {SINK} --from uadm %s {{}}\n')
    add_user('ada', '--mobile', NUMBER)
    uadmctl('policy', 'set', 'require-factor', 'any', rc=0)

    def messages():
        with open(OUT, encoding='utf-8') as f:
            return [json.loads(line) for line in f]

    return messages


def digits_of(message):
    return re.fullmatch(r'(\d{6}) is your code for box\. It is good for 5 minutes\.', message['text']).group(1)


def no_code(digits):
    return f'{(int(digits) + 1) % 1000000:06}'


def ask_for_one(sink, rhost='192.0.2.9', name='ada'):
    """The code that a login has sent to it that is given up then."""
    before = len(sink())
    auth(name, PASSWORD, NONE, rhost=rhost)
    assert len(sink()) == before + 1
    return digits_of(sink()[-1])


def test_F83_through_ssh(sink, sshd):
    """Password, nothing at the first prompt, then what came: in, and the number is not told."""
    server = sshd()
    child = lab.spawn(*server.command('ada', 'keyboard-interactive'))
    for pattern, answer in (('assword: ?', PASSWORD), (CODE, NONE)):
        child.expect(pattern)
        child.sendline(answer)
    child.expect(r'Code: ?$')
    said = child.before
    child.sendline(digits_of(sink()[0]))
    child.expect(lab.pexpect.EOF)
    assert child.before.split()[-1] == 'ada' and lab.end_of(child, []) == 0
    assert 'ends in 67.' in said and '4567' not in said and '436' not in said, said
    assert [m['number'] for m in sink()] == [NUMBER]
    assert show('ada')['last_login'] is not None


def test_on_a_console(sink):
    child = lab.spawn('login', 'ada')
    for pattern, answer in (('assword: ?', PASSWORD), (CODE, NONE)):
        child.expect(pattern)
        child.sendline(answer)
    child.expect(r'Code: ?$')
    child.sendline(digits_of(sink()[0]))
    child.expect(r'[$#%>] $')
    child.close(force=True)


def test_only_after_the_right_password(sink):
    """Nobody has messages sent to a number, nor learns of one, by a name alone."""
    for name, password, code in (('ada', WRONG, NONE), ('nobody-here', PASSWORD, NONE), ('ada', PASSWORD, '123456')):
        codes, said = auth(name, password, code)
        assert codes == [PAM_AUTH_ERR] and len(said) == 2, said
        # One prompt for everybody, which says how to have one sent.
        assert said[1] == 'prompt: Code of your second factor (empty if you have none, or to be sent one):', said
    uadmctl('user', 'suspend', 'ada', rc=0)
    assert auth('ada', PASSWORD, NONE)[1][-1].startswith('Your access is suspended')
    assert sink() == []


def test_three_tries_and_once(sink):
    """The fourth try of a code is wrong although it is right; one that was used is gone; each wrong one is a failure."""
    uadmctl('policy', 'set', 'deny', '100', 'source-limit', '100', rc=0)
    digits = ask_for_one(sink)
    for n in range(3):
        assert auth('ada', PASSWORD, no_code(digits))[0] == [PAM_AUTH_ERR]
        assert show('ada')['failed_attempts'] == n + 1
    assert auth('ada', PASSWORD, digits)[0] == [PAM_AUTH_ERR]
    digits = ask_for_one(sink)
    # At the first prompt of the next login it is as good; a wrong password does not cost it a try.
    for _ in range(4):
        assert auth('ada', WRONG, digits)[0] == [PAM_AUTH_ERR]
    assert auth('ada', PASSWORD, digits)[0] == [0, 0]
    assert auth('ada', PASSWORD, digits)[0] == [PAM_AUTH_ERR]
    # One at a time: the one before ends with the next.
    first, second = ask_for_one(sink), ask_for_one(sink)
    assert auth('ada', PASSWORD, first)[0] == [PAM_AUTH_ERR] or first == second
    assert auth('ada', PASSWORD, second)[0] == [0, 0]


def test_five_minutes(sink):
    """By the clock that nobody sets, whatever the one on the wall says."""
    clocks = lab.Preload()
    digits = ask_for_one(sink)
    clocks.clock(real=-86400, boot=299 - 5)
    assert auth('ada', PASSWORD, digits)[0] == [0, 0]
    digits = ask_for_one(sink)
    clocks.clock(boot=299 - 5 + 301)
    assert auth('ada', PASSWORD, digits)[0] == [PAM_AUTH_ERR]


def test_limits(sink):
    """Five an hour to a user, ten from a source; the last code stays good, and an hour later there are more."""
    clocks = lab.Preload()
    for n in range(5):
        last = ask_for_one(sink, f'192.0.2.{n + 20}')
    codes, said = auth('ada', PASSWORD, NONE, last, rhost='192.0.2.30')
    assert ANOTHER in said and codes == [0, 0] and len(sink()) == 5, said
    codes, said = auth('ada', PASSWORD, NONE, NONE, rhost='192.0.2.30')
    assert ANOTHER in said and codes == [PAM_AUTH_ERR] and len(sink()) == 5, said
    for name in ('bob', 'eve'):
        add_user(name, '--mobile', NUMBER)
        for _ in range(5):
            ask_for_one(sink, '192.0.2.40', name)
    add_user('zoe', '--mobile', NUMBER)
    codes, said = auth('zoe', PASSWORD, NONE, rhost='192.0.2.40')
    assert ANOTHER in said and len(sink()) == 15
    ask_for_one(sink, '192.0.2.41', 'zoe')
    clocks.clock(boot=3500)
    for name, rhost in (('zoe', '192.0.2.40'), ('ada', '192.0.2.31')):
        assert ANOTHER in auth(name, PASSWORD, NONE, rhost=rhost)[1] and len(sink()) == 16
    clocks.clock(boot=3601)
    ask_for_one(sink, '192.0.2.40', 'zoe')
    ask_for_one(sink, '192.0.2.30')


def test_what_the_program_gets(sink):
    """Words without a shell, JSON, a user who may nothing, no descriptor, next to no environment."""
    write_sink(f'(id -u; id -G; pwd; env | sort; ls -l /proc/self/fd | wc -l; printf "%s\\n" "$@"; ulimit -c; cat) >> {OUT}')
    auth('ada', PASSWORD, NONE)
    with open(OUT, encoding='utf-8') as f:
        lines = f.read().splitlines()
    uid, gid = lab.getent('passwd', 'nobody')[2:4]
    assert lines[:3] == [uid, gid, '/'], lines
    assert [line for line in lines if '=' in line and 'PATH' not in line and not re.match(r'(PWD|SHLVL|_|OLDPWD)=', line)] == [], lines
    assert ['--from', 'uadm', '%s', '{}'] == lines[-6:-2] and lines[-2] == '0', lines
    assert json.loads(lines[-1])['number'] == NUMBER
    fds = int([line for line in lines if re.fullmatch(r'\d', line)][-2])
    assert fds <= 7, lines  # "total", 0, 1, 2, the script for its shell, and that of ls


@pytest.mark.parametrize('body, says', [('exit 3', 'exit status 3'), ('kill -9 $$', 'signal 9'),
                                        ('sleep 1000 & sleep 1000', 'within 10 s')])
def test_a_program_that_fails(sink, authlog, body, says):
    """It is told, charges nobody, and nothing of the program is left."""
    write_sink(body)
    codes, said = auth('ada', PASSWORD, NONE)
    assert codes == [PAM_AUTHINFO_UNAVAIL] and said[-1] == 'No code could be sent. Ask your administrator.', said
    authlog.wait(says)
    assert show('ada')['failed_attempts'] == 0
    lab.poll(lambda: lab.run('pgrep', '-x', 'sleep').rc == 1, 'the program to be gone')


def test_a_program_that_leaves_something(sink):
    """What it has started in the background ends with it."""
    write_sink(f'sleep 1000 & cat >> {OUT}')
    ask_for_one(sink)
    lab.poll(lambda: lab.run('pgrep', '-x', 'sleep').rc == 1, 'the rest to be gone')


@pytest.mark.parametrize('spoil, says', [
    (lambda: os.chmod(SINK, 0o757), 'more than 0755'),
    (lambda: os.chown(SINK, 1, 0), 'not to root'),
    (lambda: os.unlink(SINK), 'does not exist'),
    (lambda: (os.rename(SINK, f'{SINK}.2'), os.symlink(f'{SINK}.2', SINK)), 'symbolic link'),
    (lambda: os.chmod('/usr/local/lib', 0o777), 'writable by others'),
    (lambda: lab.run('sed', '-i', '/^command/a user = root', '/etc/uadm/uadm.conf', rc=0), 'or root'),
    (lambda: lab.run('sed', '-i', '/^command/a user = nobody-here', '/etc/uadm/uadm.conf', rc=0), 'not there'),
])
def test_a_program_of_others(sink, authlog, spoil, says):
    """What others could have written is not run, nor anything as root."""
    mode = stat.S_IMODE(os.stat('/usr/local/lib').st_mode)
    try:
        spoil()
        codes, said = auth('ada', PASSWORD, NONE)
        assert codes == [PAM_AUTHINFO_UNAVAIL] and said[-1].startswith('No code could be sent'), said
        assert authlog.wait(r'pam_uadm\(sshd:auth\)') and sink() == []
        authlog.wait(says)
    finally:
        os.chmod('/usr/local/lib', mode)
        lab.run('rm', '-f', SINK, f'{SINK}.2')


def test_configuration(sink):
    for line, says in (('command = sink', 'not the absolute path'), ('command = /../bin/sh', 'not the absolute path'),
                       ('user = a b', 'not the name of a user'), ('commando = /bin/true', 'unknown key')):
        with open('/etc/uadm/uadm.conf', 'w', encoding='ascii') as f:
            f.write(f'[sms]\n{line}\n')
        bad = uadmctl('user', 'list')
        assert bad.rc == 78 and says in bad.err, bad


def test_who_gets_none(sink):
    """Who has an app is asked for its code; where an app is required no message will do; without a number there is none."""
    key, _ = enroll('ada')
    assert auth('ada', PASSWORD, NONE)[0] == [PAM_AUTH_ERR]
    assert auth('ada', PASSWORD, code_of(key))[0] == [0, 0]
    add_user('bob', '--mobile', '+4366098765')
    add_user('eve')
    assert uadmctl('user', 'check', 'bob', '--json', rc=0).json['factor'] == 'message'
    assert any('otpauth' in line for line in auth('eve', PASSWORD, NONE)[1])
    uadmctl('policy', 'set', 'require-factor', 'totp', rc=0)
    assert any('otpauth' in line for line in auth('bob', PASSWORD, NONE)[1])
    assert sink() == []
    assert sql('SELECT count(*) FROM message') == '0'


def test_the_number_goes_meanwhile(sink):
    """Between the message and the code: what was proved is proved again."""
    child = lab.spawn('login', 'ada')
    for pattern, answer in (('assword: ?', PASSWORD), (CODE, NONE)):
        child.expect(pattern)
        child.sendline(answer)
    child.expect(r'Code: ?$')
    digits = digits_of(sink()[0])
    uadmctl('user', 'set', 'ada', '--mobile', '', rc=0)
    child.sendline(digits)
    child.expect('incorrect')
    child.close(force=True)
    assert sql('SELECT count(*) FROM factor') == '0'


@pytest.mark.parametrize('change', [
    lambda: uadmctl('user', 'set', 'ada', '--mobile', '+436609999999', rc=0),
    lambda: uadmctl('user', 'set-password', 'ada', '--password-stdin', input=PASSWORD, rc=0),
    lambda: lab.passwd('ada', [('urrent password: ?', PASSWORD), ('ew password: ?', lab.NEW), ('etype', lab.NEW)]),
])
def test_a_code_is_for_its_number_and_password(sink, change):
    """Who has the phone of before has nothing, and a new password is a new beginning."""
    digits = ask_for_one(sink)
    change()
    assert sql('SELECT count(*) FROM message') == '0'
    for password in (PASSWORD, lab.NEW):
        assert auth('ada', password, digits)[0] == [PAM_AUTH_ERR]


def test_it_goes_to_the_number_of_now(sink):
    """A prompt may have been open for hours."""
    child = lab.spawn('login', 'ada')
    child.expect('assword: ?')
    uadmctl('user', 'set', 'ada', '--mobile', '+436609999988', rc=0)
    child.sendline(PASSWORD)
    child.expect(CODE)
    child.sendline(NONE)
    child.expect(r'Code: ?$')
    child.close(force=True)
    assert 'ends in 88.' in child.before and [m['number'] for m in sink()] == ['+436609999988']


def test_what_is_not_sent_is_not_counted(sink):
    """Of who is refused whatever their code is: neither to them nor from where they are, and the last code stays."""
    digits = ask_for_one(sink, '192.0.2.70')
    for name in ('bob', 'eve'):
        add_user(name, '--mobile', NUMBER)
    uadmctl('user', 'suspend', 'ada', 'bob', 'eve', rc=0)
    for name in ('ada', 'bob', 'eve'):
        for _ in range(5):
            assert auth(name, PASSWORD, NONE, rhost='192.0.2.70')[1][-1].startswith('Your access is suspended')
    assert len(sink()) == 1 and sql('SELECT count(*) FROM message_sent') == '1'
    uadmctl('user', 'resume', 'ada', rc=0)
    assert auth('ada', PASSWORD, digits, rhost='192.0.2.70')[0] == [0, 0]


def test_an_empty_answer_is_a_wrong_one(sink):
    """It sends no other code, ends none, and counts."""
    codes, _ = auth('ada', PASSWORD, NONE, NONE)
    assert codes == [PAM_AUTH_ERR] and len(sink()) == 1 and show('ada')['failed_attempts'] == 1
    assert auth('ada', PASSWORD, digits_of(sink()[0]))[0] == [0, 0]


def test_P12_a_restore_brings_none_back(sink):
    """What was used since the backup was used, and what was not is over: its time is another store's."""
    digits = ask_for_one(sink)
    uadmctl('store', 'backup', '/root/backup', rc=0)
    assert auth('ada', PASSWORD, digits)[0] == [0, 0]
    for digits in (digits, ask_for_one(sink)):
        uadmctl('store', 'restore', '/root/backup', '--yes', rc=0)
        assert auth('ada', PASSWORD, digits)[0] == [PAM_AUTH_ERR]


def test_a_reboot_ends_it(sink):
    """Its clock stands still while the host is off."""
    clocks = lab.Preload()
    digits = ask_for_one(sink)
    with open('/proc/uptime', encoding='ascii') as f:
        up = int(float(f.read().split()[0]))
    sql("UPDATE meta SET boot_id = '00000000-0000-0000-0000-000000000000'")
    clocks.clock(real=60, boot=30 - up)
    assert auth('ada', PASSWORD, digits)[0] == [PAM_AUTH_ERR]
    digits = ask_for_one(sink)
    assert auth('ada', PASSWORD, digits)[0] == [0, 0]
