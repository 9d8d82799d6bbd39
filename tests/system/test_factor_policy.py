"""Who has to have a second factor: require-factor, the grace to set one up in a login, and what an ssh key means."""
import re

import pexpect
import pytest

import lab
from factors import CODE, NONE, auth, code_of, early_in_a_step, enroll, login_ssh, long_ago, pending
from test_factor_message import NUMBER, ask_for_one, sink  # noqa: F401 (a fixture)
from lab import NEW, PAM_AUTH_ERR, PAM_CONV_ERR, PAM_PERM_DENIED, PASSWORD, WRONG, add_user, show, sql, uadmctl

DAY = 86400


def policy(*changes):
    return uadmctl('policy', 'set', *changes, rc=0)


def set_up(child):
    """The part of the conversation that sets one up: the key and what was shown."""
    child.expect('Code that the app shows: ?')
    shown = child.before
    key = re.search(r'Key: (\w+)\s', shown).group(1)
    child.sendline('000000')
    child.expect('not the code of now')
    child.expect('Code that the app shows: ?')
    child.sendline(code_of(key))
    return key, shown


def test_grace_through_ssh(host, sshd):
    """Required from now on: the next login sets it up, with a QR code, and is one at once."""
    add_user('ada')
    policy('require-factor', 'totp')
    server = sshd()
    child = lab.spawn(*server.command('ada', 'keyboard-interactive'))
    child.expect('assword: ?')
    child.sendline(PASSWORD)
    child.expect(CODE)
    child.sendline(NONE)
    key, shown = set_up(child)
    child.expect(pexpect.EOF)
    codes = re.findall(r'[a-z2-7]{5}-[a-z2-7]{5}', shown)
    assert lab.end_of(child, []) == 0 and child.before.split()[-1] == 'ada', child.before
    assert len(codes) == 10 and f'otpauth://totp/box:ada?secret={key}' in shown
    assert len([line for line in shown.splitlines() if '█' in line]) > 15, shown
    # What has gone off a screen of 24 lines nobody scans: the prompt is right below it.
    screen = [line for line in shown.splitlines() if line.strip()]
    drawn = [n for n, line in enumerate(screen, 1) if set(line.strip()) <= set('▀▄█ ')]
    assert drawn[-1] == len(screen) and len(drawn) + 1 < 24 and drawn[0] > len(screen) - 23, shown
    assert show('ada')['last_login'] is not None
    assert login_ssh(server, 'ada', NONE).rc == 255
    assert login_ssh(server, 'ada', codes[0]).rc == 0
    long_ago()
    assert login_ssh(server, 'ada', code_of(key)).rc == 0
    trail = uadmctl('audit', 'list', '--json', '--target', 'ada', rc=0).json
    assert [(r['actor'], r['detail']) for r in trail if r['action'] == 'factor.enroll'] == \
        [('login (sshd)', 'kind=totp in-login=yes')]
    assert key not in str(trail)


def test_grace_on_a_console(host):
    """The same in login(1)."""
    add_user('ada')
    policy('require-factor', 'any')
    child = lab.spawn('login', 'ada')
    child.expect('assword: ?')
    child.sendline(PASSWORD)
    child.expect(CODE)
    child.sendline(NONE)
    key, _ = set_up(child)
    child.expect(r'[$#%>] $')
    child.close(force=True)
    long_ago()
    assert lab.login('ada', PASSWORD, [(CODE, code_of(key))]).rc == 0


def test_nothing_is_kept_of_what_was_not_finished(host, authlog):
    """Who goes away, or types none of the codes, has set nothing up, and is not in; the log has it by that name."""
    add_user('ada')
    policy('require-factor', 'totp')
    for answers, code in (([PASSWORD, NONE], PAM_CONV_ERR), ([PASSWORD, NONE, '1', '2', '3'], PAM_PERM_DENIED)):
        codes, said = auth('ada', *answers)
        assert codes == [code] and any('otpauth' in line for line in said), (codes, said)
        assert not authlog.matching('no such entry')
        assert sql('SELECT count(*) FROM factor') == '0' and sql('SELECT count(*) FROM recovery') == '0'
    authlog.wait('no second factor was set up')
    # And nobody is shown a key whose password was wrong.
    for name, password in (('ada', WRONG), ('nobody-here', PASSWORD)):
        codes, said = auth(name, password, NONE)
        assert codes == [PAM_AUTH_ERR] and len(said) == 2, said


def test_two_set_it_up_at_once(host):
    """Of two logins that were shown a key one has set it up, and the other has not put its own in the place of that."""
    add_user('ada')
    policy('require-factor', 'totp')
    children = []
    for _ in range(2):
        child = lab.spawn('login', 'ada')
        for pattern, answer in (('assword: ?', PASSWORD), (CODE, NONE)):
            child.expect(pattern)
            child.sendline(answer)
        child.expect('Code that the app shows: ?')
        children.append((child, re.search(r'Key: (\w+)\s', child.before).group(1)))
    (first, key), (second, other) = children
    first.sendline(code_of(key))
    first.expect(r'[$#%>] $')
    second.sendline(code_of(other))
    second.expect('incorrect')
    for child in (first, second):
        child.close(force=True)
    long_ago()
    assert auth('ada', PASSWORD, code_of(other))[0] == [PAM_AUTH_ERR]
    assert auth('ada', PASSWORD, code_of(key))[0] == [0, 0]


def test_nothing_is_kept_of_who_is_refused(host):
    """Suspended while they set one up: it is not theirs afterwards, nor the thief's of their password."""
    add_user('ada')
    policy('require-factor', 'totp')
    child = lab.spawn('login', 'ada')
    child.expect('assword: ?')
    child.sendline(PASSWORD)
    child.expect(CODE)
    child.sendline(NONE)
    child.expect('Code that the app shows: ?')
    key = re.search(r'Key: (\w+)\s', child.before).group(1)
    uadmctl('user', 'suspend', 'ada', rc=0)
    child.sendline(code_of(key))
    child.expect('suspended')
    child.close(force=True)
    assert sql('SELECT count(*) FROM factor') == '0' and sql('SELECT count(*) FROM recovery') == '0'
    trail = uadmctl('audit', 'list', '--json', '--target', 'ada', rc=0).json
    assert not [row for row in trail if row['action'] == 'factor.enroll'], trail
    uadmctl('user', 'resume', 'ada', rc=0)
    assert any('otpauth' in line for line in auth('ada', PASSWORD, NONE)[1])


def test_a_right_password_resets_nothing(host):
    """Failures stay counted until the whole of the login is proved."""
    add_user('ada')
    policy('require-factor', 'totp')
    for n in range(3):
        auth('ada', WRONG, NONE, rhost=f'192.0.2.{n}')
    auth('ada', PASSWORD, NONE, '1', '2', '3')
    assert show('ada')['failed_attempts'] == 3
    policy('factor-grace', '0')
    auth('ada', PASSWORD, NONE)
    assert show('ada')['failed_attempts'] == 3
    key, _ = enroll('ada')
    assert auth('ada', PASSWORD, '000000', rhost='192.0.2.9')[0] == [PAM_AUTH_ERR]
    assert show('ada')['failed_attempts'] == 4
    assert auth('ada', PASSWORD, code_of(key), rhost='192.0.2.9')[0] == [0, 0]
    assert show('ada')['failed_attempts'] == 0


def test_grace_is_over(host):
    """Then it is refused, and why is told after the right password; an administrator sets it up, or begins it again."""
    add_user('ada')
    policy('require-factor', 'totp', 'factor-grace', '7d')
    clocks = lab.Preload()
    clocks.clock(real=7 * DAY - 60)
    assert any('otpauth' in line for line in auth('ada', PASSWORD, NONE)[1])
    clocks.clock(real=7 * DAY + 60)
    codes, said = auth('ada', PASSWORD, NONE)
    assert codes == [PAM_PERM_DENIED] and said[-1] == 'You need a second factor, and have none. Ask your administrator.'
    assert auth('ada', WRONG, NONE)[0] == [PAM_AUTH_ERR]
    check = uadmctl('user', 'check', 'ada', '--why', '--json', rc=1).json
    assert (check['by_password_reason'], check['factor'], check['by_key'], check['by_ssh_key']) == \
        ('factor', 'missing', True, False), check
    assert 'it is too late to set one up' in uadmctl('user', 'check', 'ada', '--why', rc=1).out
    why = uadmctl('user', 'check', 'ada', '--why', rc=1).out
    assert why.startswith('ada: may log in neither by password nor by an ssh key') and 'asked for by: sshd' in why, why
    clocks.clock()
    made = pending('ada')
    clocks.clock(real=8 * DAY)
    # What was handed out does, as the evaluator says.
    check = uadmctl('user', 'check', 'ada', '--json', rc=0).json
    assert (check['by_password'], check['factor'], check['by_ssh_key']) == (True, 'code', False), check
    assert 'one was handed out' in uadmctl('user', 'check', 'ada', '--why', rc=0).out
    assert auth('ada', PASSWORD, code_of(made['key'], moved=8 * DAY))[0] == [0, 0]
    assert uadmctl('user', 'check', 'ada', '--json', rc=0).json['factor'] == 'code'
    # A device that is lost: from then on there is time again.
    uadmctl('factor', 'remove', 'ada', '--yes', rc=0)
    assert any('otpauth' in line for line in auth('ada', PASSWORD, NONE)[1])
    # A user who is made later has time as well; and a stricter rule gives it to everybody.
    clocks.clock(real=30 * DAY)
    assert auth('ada', PASSWORD, NONE)[0] == [PAM_PERM_DENIED]
    add_user('bob')
    assert any('otpauth' in line for line in auth('bob', PASSWORD, NONE)[1])
    policy('require-factor', 'none')
    assert auth('ada', PASSWORD)[0] == [0, 0]
    policy('require-factor', 'any')
    assert any('otpauth' in line for line in auth('ada', PASSWORD, NONE)[1])


def test_it_fits_a_terminal(host):
    """Of 24 lines: the QR code with the question below it, and the recovery codes above; a console does not scroll back."""
    add_user('ada')
    policy('require-factor', 'totp')
    child = lab.spawn('login', 'ada')
    for pattern, answer in (('assword: ?', PASSWORD), (CODE, NONE)):
        child.expect(pattern)
        child.sendline(answer)
    child.expect('Code that the app shows: ?')
    lines = child.before.splitlines()
    seen = lines[-23:]  # and the question
    child.close(force=True)
    assert '█' in seen[-2] and len([line for line in seen if '█' in line]) == len([line for line in lines if '█' in line]) > 15, lines
    assert len(re.findall(r'[a-z2-7]{5}-[a-z2-7]{5}', '\n'.join(seen))) == 10, seen
    assert max(len(line) for line in seen) < 80, seen


def test_not_asked_where_nothing_is_shown(host):
    """A host that wants silence gets no secret on its screen: refused."""
    add_user('ada')
    policy('require-factor', 'totp')
    done = lab.run('/usr/bin/python3', '-B', '-c', f'''
import sys
sys.path.insert(0, '/keys')
import pam
pam.CALLS['auth'] = (pam.libpam.pam_authenticate, 0x8000)
print(*pam.run('sshd', 'ada', '192.0.2.9', ['auth'], ['{PASSWORD}', '']))''')
    assert done.out.split() == [str(PAM_PERM_DENIED)] and 'otpauth' not in done.err, done


@pytest.mark.parametrize('on_key', ['refuse', 'allow'])
def test_an_ssh_key_alone(host, sshd, on_key, authlog):
    """`factor-on-key`: of who has a factor or has to have one. What is on this host and asks no password goes on."""
    for name in ('ada', 'bob', 'new'):
        add_user(name)
    enroll('ada')
    policy('factor-on-key', on_key)
    server = sshd()
    for name in ('ada', 'bob', 'new'):
        server.authorize(name)
    assert server.login_key('ada').rc == (255 if on_key == 'refuse' else 0)
    assert server.login_key('bob').rc == 0  # nothing is due
    policy('require-factor', 'totp')
    assert server.login_key('new').rc == 0  # there is still time
    policy('factor-grace', '0')
    assert server.login_key('new').rc == (255 if on_key == 'refuse' else 0)
    if on_key == 'refuse':
        authlog.wait(r'pam_uadm\(sshd:account\).*factor')
        # Who has one is told of the way that there is.
        assert auth('ada', phases=['account'])[1] == [
            'An ssh key alone is not enough here. Log in with your password and your second factor.']
    assert lab.su('ada', user=None).rc == 0
    assert auth('ada', service='cron', rhost='', phases=['account'])[0] == [0]


def test_a_key_and_a_code(host, sshd):
    """AuthenticationMethods publickey,keyboard-interactive: the key, then password and code; neither is enough."""
    add_user('ada')
    key, _ = enroll('ada')
    server = sshd(AuthenticationMethods='publickey,keyboard-interactive')
    server.authorize('ada')
    both = 'publickey,keyboard-interactive'
    early_in_a_step()
    good = login_ssh(server, 'ada', code_of(key), method=both)
    assert good.rc == 0 and good.text.split()[-1] == 'ada', good
    assert login_ssh(server, 'ada', NONE, method=both).rc == 255
    assert server.login_key('ada').rc == 255
    long_ago()
    assert server.login('ada', PASSWORD).rc == 255  # no key: it is not even asked
    add_user('bob')  # who has no factor, and needs none, gets in with both as well
    server.authorize('bob')
    assert login_ssh(server, 'bob', NONE, method=both).rc == 0


def test_passwords_method_of_sshd(host, sshd):
    """It can ask but one thing: who has a factor is refused, who needs none gets in."""
    for name in ('ada', 'bob'):
        add_user(name)
    enroll('ada')
    server = sshd(PasswordAuthentication='yes', KbdInteractiveAuthentication='no')
    assert server.login('bob', PASSWORD, 'password').rc == 0
    assert server.login('ada', PASSWORD, 'password').rc == 255


def test_a_hash_from_elsewhere_is_replaced_after_the_code(host):
    """Made anew by the whole login alone: the time it takes must not tell that the password was right."""
    hashed = lab.run('openssl', 'passwd', '-6', PASSWORD, rc=0).out
    uadmctl('user', 'add', 'ada', '--create-home', '--hash-stdin', input=hashed, rc=0)
    key, _ = enroll('ada')
    assert auth('ada', PASSWORD, '000000')[0] == [PAM_AUTH_ERR]
    assert show('ada')['password_kind'] == 'SHA-512'
    assert auth('ada', PASSWORD, code_of(key))[0] == [0, 0]
    assert show('ada')['password_kind'] == 'argon2id'
    long_ago()
    assert auth('ada', PASSWORD, code_of(key))[0] == [0, 0]


def test_changing_a_password_asks_no_code(host):
    """passwd is no login; a due change after the login is none either."""
    add_user('ada')
    enroll('ada')
    done = lab.passwd('ada', [('urrent password: ?', PASSWORD), ('ew password: ?', NEW), ('etype', NEW)])
    assert done.rc == 0, done


def test_by_account_and_role(host):
    """Its users have to have one, or those of a role; everybody is asked, and the others get in without."""
    uadmctl('account', 'add', 'acme', 'beta', rc=0)
    for name, account, role in (('boss', 'acme', 'administrator'), ('dev', 'acme', 'developer'), ('far', 'beta', 'developer')):
        add_user(name, '--account', account, '--role', role)

    def sets_up(name):
        return any('otpauth' in line for line in auth(name, PASSWORD, NONE)[1])

    policy('require-factor', 'totp', '--account', 'acme', '--role', 'administrator')
    assert [sets_up(name) for name in ('boss', 'dev', 'far')] == [True, False, False]
    assert all(auth(name, PASSWORD, NONE)[0] == [0, 0] for name in ('dev', 'far'))
    assert len(auth('nobody-here', PASSWORD, NONE)[1]) == 2
    uadmctl('--as', 'boss', 'policy', 'set', 'require-factor', 'any', '--account', 'acme', rc=0)
    assert [sets_up(name) for name in ('boss', 'dev', 'far')] == [True, True, False]
    weaker = uadmctl('--as', 'boss', 'policy', 'set', 'factor-grace', '30d', '--account', 'acme')
    assert weaker.rc == 77, weaker
    # Who gets a role that has to have one has time for it, however old the rule is.
    clocks = lab.Preload()
    policy('require-factor', 'none', '--account', 'acme')
    clocks.clock(real=30 * DAY)
    assert auth('boss', PASSWORD, NONE)[0] == [PAM_PERM_DENIED]
    uadmctl('member', 'role', 'acme', 'dev', '--role', 'administrator', '--yes', rc=0)
    assert sets_up('dev')


def test_S5_nobody_but_root_gives_time_twice(host):
    """What root requires is required when root's time is over, whatever an account does to its rules and roles."""
    uadmctl('account', 'add', 'acme', 'beta', rc=0)
    for name, account, role in (('boss', 'acme', 'administrator'), ('dev', 'acme', 'developer'), ('far', 'beta', 'developer')):
        add_user(name, '--account', account, '--role', role)
    add_user('con', '--account', 'beta', '--role', 'developer')
    uadmctl('member', 'add', 'acme', 'con', '--role', 'developer', rc=0)
    policy('require-factor', 'any', 'factor-grace', '7d')

    def needs(name):
        return uadmctl('user', 'check', name, '--json').json['factor']

    def boss(*args, rc=0):
        return uadmctl('--as', 'boss', *args, rc=rc)

    clocks = lab.Preload()
    for week in (1, 2):
        clocks.clock(real=8 * week * DAY)
        assert [needs(name) for name in ('boss', 'dev', 'far', 'con')] == ['missing'] * 4
        boss('policy', 'unset', 'require-factor', '--account', 'acme')
        boss('policy', 'set', 'require-factor', 'totp', '--account', 'acme')
        boss('policy', 'set', 'require-factor', 'totp', '--account', 'acme', '--role', 'viewer')
        boss('member', 'role', 'acme', 'dev', '--role', 'developer', '--until', f'+{300 + week}d', '--yes')
        boss('member', 'role', 'acme', 'dev', '--role', 'viewer', '--yes')
        boss('member', 'role', 'acme', 'dev', '--role', 'developer', '--yes')
        boss('member', 'role', 'acme', 'con', '--role', ('viewer', 'developer')[week - 1], '--yes')
        boss('factor', 'enroll', 'dev', '--pending')
        boss('factor', 'remove', 'dev', '--yes')
        assert [needs(name) for name in ('boss', 'dev', 'con')] == ['missing'] * 3
    assert auth('boss', PASSWORD, NONE)[0] == [PAM_PERM_DENIED]
    # A role that requires more than the one before: in time, once.
    boss('policy', 'unset', 'require-factor', '--account', 'acme')
    policy('require-factor', 'none')
    policy('require-factor', 'totp', '--account', 'acme', '--role', 'operator')
    for week, there in ((10, 'enroll'), (12, 'missing'), (14, 'missing')):
        clocks.clock(real=7 * week * DAY)
        assert needs('dev') == 'none'
        boss('member', 'role', 'acme', 'dev', '--role', 'operator', '--yes')
        assert needs('dev') == there, week
        boss('member', 'role', 'acme', 'dev', '--role', 'developer', '--yes')
    # Nor by an end that is due, which maintain carries out.
    boss('member', 'role', 'acme', 'dev', '--role', 'developer', '--until', f'+{15 * 7}d', '--then', 'operator', '--yes')
    clocks.clock(real=30 * 7 * DAY)
    uadmctl('maintain', rc=0)
    assert show('dev')['memberships'][0]['role'] == 'operator' and needs('dev') == 'missing'
    # Root does, and who comes into an account that requires one has time.
    uadmctl('member', 'role', 'acme', 'dev', '--role', 'developer', '--yes', rc=0)
    uadmctl('member', 'role', 'acme', 'dev', '--role', 'operator', '--yes', rc=0)
    assert needs('dev') == 'enroll'
    assert needs('con') == 'none'
    policy('require-factor', 'any', '--account', 'acme')
    clocks.clock(real=40 * 7 * DAY)
    uadmctl('user', 'transfer', 'con', '--to', 'acme', '--yes', rc=0)
    assert [needs(name) for name in ('con', 'boss')] == ['enroll', 'missing']


def test_messages_do_until_the_own_grace_is_over(sink):  # noqa: F811
    """An account asks for apps where root is content with messages: until then nobody gets in with less than root wants."""
    uadmctl('account', 'add', 'acme', rc=0)
    add_user('boss', '--account', 'acme', '--role', 'administrator', '--mobile', NUMBER)
    clocks = lab.Preload()
    clocks.clock(real=8 * DAY)
    uadmctl('--as', 'boss', 'policy', 'set', 'require-factor', 'totp', '--account', 'acme', rc=0)
    assert uadmctl('user', 'check', 'boss', '--json').json['factor'] == 'message'
    ask_for_one(sink, name='boss')
    clocks.clock(real=16 * DAY)
    assert uadmctl('user', 'check', 'boss', '--json').json['factor'] == 'missing'


def test_a_role_from_some_day_on(host):
    """Its rules count from that moment, whoever carries it out and when; and then there is time."""
    uadmctl('account', 'add', 'acme', rc=0)
    add_user('fay')
    add_user('boss', '--account', 'acme', '--role', 'administrator')
    uadmctl('member', 'add', 'acme', 'fay', '--role', 'viewer', '--until', '+20d', '--then', 'administrator', rc=0)
    policy('require-factor', 'totp', 'min-length', '30', '--account', 'acme', '--role', 'administrator')
    clocks = lab.Preload()
    clocks.clock(real=19 * DAY)
    assert auth('fay', PASSWORD, NONE)[0] == [0, 0]
    clocks.clock(real=21 * DAY)
    assert auth('fay', PASSWORD, NONE)[0] == [PAM_PERM_DENIED]
    assert uadmctl('user', 'check', 'fay', '--json').json['factor'] == 'missing'
    assert uadmctl('policy', 'show', 'min-length', '--user', 'fay', '--json', rc=0).json['value'] == '30'
    uadmctl('maintain', rc=0)
    assert any('otpauth' in line for line in auth('fay', PASSWORD, NONE)[1])


def test_policy_words(host):
    """Listed, shown, checked and counted in JSON like other keys."""
    bad = uadmctl('policy', 'set', 'require-factor', 'yes')
    assert bad.rc == 65 and 'none, any, totp' in bad.err, bad
    done = uadmctl('policy', 'set', 'require-factor', 'totp', '--json', rc=0).json
    assert (done[0]['value'], done[0]['was'], done[0]['number'], done[0]['unit']) == ('totp', 'none', 2, 'word')
    row = uadmctl('policy', 'show', 'require-factor', '--json', rc=0).json
    assert (row['value'], row['least'], row['most']) == ('totp', 'none', 'totp')


def test_told_before_a_login_fails(host):
    """A service that is none, an sshd that asks for passwords alone, a program that cannot be run: policy set, factor
    enroll and user check say so, and not only the login."""
    lab.run('ssh-keygen', '-A', rc=0)
    add_user('ada')
    with open('/etc/ssh/sshd_config', encoding='utf-8') as f:
        before = f.read()
    try:
        with open('/etc/ssh/sshd_config', 'w', encoding='ascii') as f:
            f.write('UsePAM yes\nPasswordAuthentication yes\nKbdInteractiveAuthentication no\n')
        with open('/etc/uadm/uadm.conf', 'a', encoding='ascii') as f:
            f.write('[sms]\ncommand = /nowhere\n')
        assert uadmctl('user', 'check', 'ada', rc=0).err == ''  # nothing is due
        assert 'warning' not in policy('require-factor', 'none').err
        told = [policy('require-factor', 'any', '--dry-run').err, policy('require-factor', 'any').err,
                uadmctl('factor', 'enroll', 'ada', '--pending', rc=0).err, uadmctl('user', 'check', 'ada').err,
                uadmctl('user', 'check', 'ada', '--json').err]
        for err in told:
            assert 'warning: ' in err and 'KbdInteractiveAuthentication yes' in err, err
        for err in told[:2]:
            assert '/nowhere' in err and 'ssh" of' not in err, err
        with open('/etc/uadm/uadm.conf', 'a', encoding='ascii') as f:
            f.write('[factor]\nservices = ssh, login\n')
        check = uadmctl('user', 'check', 'ada', '--why')
        assert 'no PAM service of this host (sshd?)' in check.err and 'Kbd' not in check.err, check
        assert 'asked for by: ssh,login' in check.out, check
    finally:
        with open('/etc/ssh/sshd_config', 'w', encoding='utf-8') as f:
            f.write(before)


def test_who_has_none_yet(host):
    """Before a rule begins to refuse: who has to have a factor, and by when it is too late; by account for its administrators."""
    uadmctl('account', 'add', 'acme', rc=0)
    add_user('boss', '--account', 'acme', '--role', 'administrator')
    add_user('dev', '--account', 'acme', '--role', 'developer')
    for name in ('ada', 'bob', 'old'):
        add_user(name)
    uadmctl('user', 'add', 'robot', '--kind', 'service', '--reason', 'r', '--owner', 'ada', '--review-by', '+30d', rc=0)

    def missing(*options, actor=()):
        return {row['name']: row['state'] for row in uadmctl(*actor, 'factor', 'list', '--missing', '--json', *options, rc=0).json}

    assert missing() == {}
    enroll('ada')
    pending('bob')
    policy('require-factor', 'totp')
    assert missing() == {'boss': 'enroll', 'dev': 'enroll', 'bob': 'pending', 'old': 'enroll'}
    policy('factor-grace', '0')
    assert missing('--account', 'acme') == {'boss': 'missing', 'dev': 'missing'}
    assert missing('--account', 'acme', actor=('--as', 'boss')) == {'boss': 'missing', 'dev': 'missing'}
    assert uadmctl('--as', 'boss', 'factor', 'list', '--missing').rc == 77
    for wrong in (['ada', '--missing'], ['--account', 'acme']):
        assert uadmctl('factor', 'list', *wrong).rc == 64
