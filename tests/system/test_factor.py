"""Second factors (F83): TOTP and recovery codes through real sshd, login and su; once, and by nobody else."""
import json
import os
import re
import time

import pexpect
import pytest

import lab
from factors import CODE, NONE, auth, code_of, early_in_a_step, enroll, login_ssh, long_ago, pending
from lab import LOCAL, PAM_AUTH_ERR, PASSWORD, WRONG, add_user, show, sql, uadmctl

CROWD = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'crowd.py')
PROMPTS = ['prompt: Password:', 'prompt: Code of your second factor (empty if you have none):']


def test_F83_totp_through_ssh(host, sshd, authlog):
    """A right password and a right code get in, once; each alone does not, and both look alike."""
    add_user('ada')
    key, _ = enroll('ada')
    server = sshd()
    early_in_a_step()
    code = code_of(key)
    good = login_ssh(server, 'ada', code)
    assert good.rc == 0 and good.text.split()[-1] == 'ada', good
    again = login_ssh(server, 'ada', code)
    assert again.rc == 255, again
    authlog.wait('a code that was used before')
    long_ago()
    bad = [login_ssh(server, 'ada', code, password) for password, code in
           ((PASSWORD, NONE), (WRONG, code_of(key)))]
    assert [b.rc for b in bad] == [255, 255] and bad[0].text == bad[1].text == again.text, bad
    assert show('ada')['failed_attempts'] == 3
    assert not authlog.matching(code) and not authlog.matching(key)


def test_login_and_su(host):
    """The same on a console and for su; root's su asks nothing."""
    add_user('ada')
    key, _ = enroll('ada')
    early_in_a_step()
    good = lab.login('ada', PASSWORD, [(CODE, code_of(key))])
    assert good.rc == 0 and 'ada' in good.text, good
    assert lab.login('ada', PASSWORD, [(CODE, NONE)]).rc == 1
    long_ago()
    command = ['su', '-', 'ada', '-c', 'id -un']
    dialogue = [('assword: ?', PASSWORD), (CODE, code_of(key))]
    good = lab.talk(command, dialogue, user=LOCAL)
    assert good.rc == 0 and good.text.split()[-1] == 'ada', good
    bad = lab.talk(command, dialogue, user=LOCAL)  # the code was used
    assert bad.rc == 1, bad
    by_root = lab.su('ada', user=None)
    assert by_root.rc == 0 and by_root.text.split() == ['ada'], by_root


def test_P12_hundred_at_once(host):
    """One step, and one recovery code, typed by a hundred at the same moment: one of them gets in."""
    add_user('ada')
    key, recovery = enroll('ada')
    uadmctl('policy', 'set', 'deny', '1000', 'source-limit', '1000', 'local-source-limit', '1000', rc=0)
    early_in_a_step()
    for code in (code_of(key), recovery[0]):
        logins = [['ada', f'192.0.2.{i}', PASSWORD, code] for i in range(100)]
        done = lab.run('/usr/bin/python3', '-B', CROWD, 'sshd',
                       input=json.dumps(logins), seconds=300)
        assert done.rc == 0, done
        codes = json.loads(done.out)
        assert sorted(codes) == sorted([[0, 0]] + [[PAM_AUTH_ERR]] * 99), codes


def test_P12_a_code_is_not_burnt_by_a_hash_that_is_made_anew(host):
    """Of logins at once the first replaces another system's hash, and the others are asked again: each with its own code."""
    hashed = lab.run('openssl', 'passwd', '-6', PASSWORD, rc=0).out
    add_user('ada')
    _, recovery = enroll('ada')
    uadmctl('policy', 'set', 'deny', '1000', 'source-limit', '1000', rc=0)
    for part in (recovery[:5], recovery[5:]):
        uadmctl('user', 'set-password', 'ada', '--hash-stdin', input=hashed, rc=0)
        logins = [['ada', f'192.0.2.{i}', PASSWORD, code] for i, code in enumerate(part)]
        done = lab.run('/usr/bin/python3', '-B', CROWD, 'sshd', input=json.dumps(logins), seconds=300)
        assert done.rc == 0 and json.loads(done.out) == 5 * [[0, 0]], done


def test_P12_the_clock_goes_back(host):
    """What was typed is not good again, nor what came before it; what comes after is."""
    add_user('ada')
    key, _ = enroll('ada')
    clocks = lab.Preload()
    early_in_a_step()
    assert auth('ada', PASSWORD, code_of(key))[0] == [0, 0]
    for moved in (0, -30, -60, -3600):
        clocks.clock(real=moved)
        for steps in (-1, 0, 1):
            if moved + 30 * steps <= 0:
                sql('DELETE FROM attempt')
                assert auth('ada', PASSWORD, code_of(key, steps, moved))[0] == [PAM_AUTH_ERR], (moved, steps)
    clocks.clock()
    assert auth('ada', PASSWORD, code_of(key, 1))[0] == [0, 0]


def test_a_wrong_code_locks(host):
    """It is a failed login like any other; the right password alone takes none of them back."""
    add_user('ada')
    key, _ = enroll('ada')
    for n in range(4):
        assert auth('ada', PASSWORD, '000000', rhost=f'192.0.2.{n}')[0] == [PAM_AUTH_ERR]
        assert show('ada')['failed_attempts'] == n + 1
    assert auth('ada', WRONG, code_of(key), rhost='192.0.2.7')[0] == [PAM_AUTH_ERR]
    assert show('ada')['status'] == 'locked'
    assert auth('ada', PASSWORD, code_of(key))[0] == [PAM_AUTH_ERR]
    uadmctl('user', 'unlock', 'ada', rc=0)
    assert auth('ada', PASSWORD, code_of(key))[0] == [0, 0]  # not used up by the dummy
    assert show('ada')['failed_attempts'] == 0


def test_P12_the_password_alone_gives_no_new_guesses(host):
    """A service that asks for no code, and passwd, forget wrong passwords, and no wrong code; the lock falls."""
    add_user('ada')
    key, recovery = enroll('ada')
    alone = {'service': 'vsftpd', 'phases': ['auth']}
    for n in range(3):
        assert auth('ada', PASSWORD, '000000')[0] == [PAM_AUTH_ERR]
    assert auth('ada', WRONG, **alone)[0] == [PAM_AUTH_ERR]
    assert show('ada')['failed_attempts'] == 4
    assert auth('ada', PASSWORD, **alone)[0] == [0]
    assert show('ada')['failed_attempts'] == 3
    done = lab.passwd('ada', [('urrent password: ?', PASSWORD), ('ew password: ?', lab.NEW), ('etype', lab.NEW)])
    assert done.rc == 0 and show('ada')['failed_attempts'] == 3, done
    for guess in ('000000', recovery[0][:-1] + '2' if recovery[0][-1] != '2' else recovery[0][:-1] + '3'):
        assert auth('ada', lab.NEW, guess, rhost='192.0.2.8')[0] == [PAM_AUTH_ERR]
    assert show('ada')['status'] == 'locked'
    assert auth('ada', lab.NEW, **alone)[0] == [PAM_AUTH_ERR]
    uadmctl('user', 'unlock', 'ada', rc=0)
    assert auth('ada', lab.NEW, '000000')[0] == [PAM_AUTH_ERR] and show('ada')['failed_attempts'] == 1
    assert auth('ada', lab.NEW, code_of(key))[0] == [0, 0] and show('ada')['failed_attempts'] == 0


def test_P10_everybody_is_asked(host):
    """As soon as a factor may be due on the service: who has none and who is nobody, too."""
    for name in ('ada', 'bob', 'out', 'old'):
        add_user(name)
    uadmctl('user', 'suspend', 'out', rc=0)
    lab.fail_logins('old', 5)
    assert auth('ada', WRONG)[1] == PROMPTS[:1]
    key, _ = enroll('bob')
    right = code_of(key)
    seen = [auth(name, password, code) for name, password, code in
            (('ada', WRONG, NONE), ('ada', WRONG, '123456'), ('bob', WRONG, right), ('bob', PASSWORD, NONE),
             ('bob', PASSWORD, '000000'), ('nobody-here', PASSWORD, right), ('nobody-here', PASSWORD, NONE),
             ('out', WRONG, '1'), ('old', PASSWORD, NONE), ('old', WRONG, 'x' * 3000))]
    assert all(one == ([PAM_AUTH_ERR], PROMPTS) for one in seen), seen
    # Who has none gets in whatever is typed, and the reason of a refusal is told after what is right.
    assert auth('ada', PASSWORD, '123456')[0] == [0, 0]
    assert auth('out', PASSWORD, NONE)[1][-1].startswith('Your access is suspended')
    uadmctl('user', 'suspend', 'bob', rc=0)
    assert auth('bob', PASSWORD, '000000') == ([PAM_AUTH_ERR], PROMPTS)
    assert auth('bob', PASSWORD, right)[1][-1].startswith('Your access is suspended')


def test_services(host):
    """Those that are listed ask, and no other."""
    add_user('ada')
    enroll('ada')

    def asked(service):
        return len(auth('ada', WRONG, NONE, service=service, phases=['auth'])[1]) > 1

    assert asked('sshd') and asked('login') and asked('xrdp-sesman') and not asked('sudo') and not asked('cron')
    with open('/etc/uadm/uadm.conf', 'a', encoding='ascii') as f:
        f.write('[factor]\nservices = sudo, vsftpd\n')
    assert asked('sudo') and not asked('sshd')
    sql('DELETE FROM attempt; DELETE FROM lockout')
    assert auth('ada', PASSWORD)[0] == [0, 0]
    lab.run('sed', '-i', 's/^services.*/services = */', '/etc/uadm/uadm.conf', rc=0)
    assert asked('sshd') and asked('cron')
    lab.run('sed', '-i', 's/^services.*/services = sshd;rm/', '/etc/uadm/uadm.conf', rc=0)
    bad = uadmctl('user', 'list')
    assert bad.rc == 78 and '[factor] services' in bad.err, bad


def test_recovery_codes(host):
    """Each once; how many are left is told; new ones end the old ones; nobody else's."""
    for name in ('ada', 'bob'):
        add_user(name)
    _, codes = enroll('ada')
    _, others = enroll('bob')
    codes_of, said = auth('ada', PASSWORD, codes[0].upper().replace('-', ' '))
    assert codes_of == [0, 0] and said[-1] == 'That was a recovery code. 9 are left.', said
    assert auth('ada', PASSWORD, codes[0])[0] == [PAM_AUTH_ERR]
    assert auth('ada', PASSWORD, others[0])[0] == [PAM_AUTH_ERR]
    assert auth('ada', WRONG, codes[1])[0] == [PAM_AUTH_ERR]
    assert auth('ada', PASSWORD, codes[1])[0] == [0, 0]
    trail = uadmctl('audit', 'list', '--json', '--target', 'ada', rc=0).json
    assert [row['detail'] for row in trail if row['action'] == 'factor.use-recovery'] == ['left=9', 'left=8']
    fresh = uadmctl('factor', 'recovery', 'ada', '--yes', '--json', rc=0).json
    assert fresh['name'] == 'ada' and len(set(fresh['recovery'])) == 10 and not set(fresh['recovery']) & set(codes)
    assert auth('ada', PASSWORD, codes[2])[0] == [PAM_AUTH_ERR]
    assert auth('ada', PASSWORD, fresh['recovery'][9])[0] == [0, 0]
    stored = sql('SELECT hash FROM recovery')
    assert not any(code.replace('-', '') in stored for code in (*codes, *fresh['recovery']))


def test_pending_until_seen(host):
    """Handed over, it counts for nothing until a code of it was typed; from then on it is asked for."""
    add_user('ada')
    made = pending('ada')
    assert made['name'] == 'ada' and made['state'] == 'pending' and len(made['recovery']) == 10
    assert re.fullmatch(rf'otpauth://totp/box:ada\?secret={made["key"]}&issuer=box', made['uri']), made
    assert auth('ada', PASSWORD, NONE)[0] == [0, 0]
    assert uadmctl('factor', 'list', '--json', rc=0).json[0]['state'] == 'pending'
    assert auth('ada', PASSWORD, made['recovery'][0])[0] == [0, 0]  # nothing is due: not looked at
    assert auth('ada', PASSWORD, code_of(made['key']))[0] == [0, 0]
    row, = uadmctl('factor', 'list', 'ada', '--json', rc=0).json
    assert row['state'] == 'confirmed' and row['confirmed_at'] and row['recovery_left'] == 10, row
    assert auth('ada', PASSWORD, NONE)[0] == [PAM_AUTH_ERR]
    long_ago()
    assert auth('ada', PASSWORD, code_of(made['key']))[0] == [0, 0]
    trail = uadmctl('audit', 'list', '--json', '--target', 'ada', rc=0).json
    assert [row['detail'] for row in trail if row['action'] == 'factor.confirm'] == ['kind=totp'], trail
    again = uadmctl('factor', 'enroll', 'ada', '--pending')
    assert again.rc == 65 and 'factor remove ada' in again.err, again


def test_what_is_shown(host):
    """No secret but once: neither list, show, trail nor a dry run has any, nor the store as it lies there."""
    add_user('ada')
    dry = uadmctl('factor', 'enroll', 'ada', '--dry-run', rc=0)
    assert 'otpauth' not in dry.out and sql('SELECT count(*) FROM factor') == '0', dry
    made = pending('ada')
    for command in (['factor', 'list'], ['factor', 'list', '--json'], ['user', 'show', 'ada', '--json'],
                    ['audit', 'list', '--json'], ['factor', 'enroll', 'ada', '--pending', '--dry-run'],
                    ['factor', 'recovery', 'ada', '--dry-run'], ['factor', 'recovery', 'ada', '--dry-run', '--json']):
        out = uadmctl(*command, rc=0).out
        assert made['key'] not in out and made['recovery'][0] not in out and 'secret=' not in out, command
    raw = lab.run('grep', '-c', '-a', made['key'], '/var/lib/uadm/store/uadm.db')
    assert raw.rc == 1, raw
    no = uadmctl('factor', 'enroll', 'ada')
    assert no.rc == 64 and '--pending' in no.err, no
    gone = uadmctl('factor', 'remove', 'ada', '--yes', '--json', rc=0).json
    assert gone[0]['changed'] is True
    assert uadmctl('factor', 'remove', 'ada', '--yes', '--json', rc=0).json[0]['changed'] is False
    assert uadmctl('factor', 'recovery', 'ada').rc == 67
    assert uadmctl('factor', 'enroll', 'nobody-here', '--pending').rc == 67
    actions = [row['action'] for row in uadmctl('audit', 'list', '--json', '--target', 'ada', rc=0).json]
    assert [a for a in actions if a.startswith('factor.')] == ['factor.remove', 'factor.enroll'] or \
        [a for a in actions if a.startswith('factor.')] == ['factor.enroll', 'factor.remove'], actions


def test_qr_in_the_terminal(host):
    """It is a QR code of the URI that is below it (read by rendering it: three finders, as wide as it is high)."""
    add_user('ada')
    child = lab.spawn('uadmctl', 'factor', 'enroll', 'ada', env={'LANG': 'C.UTF-8'})
    child.expect('Code that the app shows')
    lines = [line.rstrip('\r') for line in child.before.splitlines()]
    child.sendline('')
    child.expect(pexpect.EOF)
    assert 'pending' in child.before and lab.end_of(child, []) == 0
    rows = [line for line in lines if set(line) <= set(' ▄▀█') and len(line) > 20]
    dots = [[c in pair for c in row] for row in rows for pair in ('▀█', '▄█')]
    size = len(rows[0])
    assert all(len(row) == size for row in rows) and len(dots) in (size, size + 1) and (size - 4 - 17) % 4 == 0

    def light(x, y):
        return dots[y][x]

    for x0, y0 in ((2, 2), (size - 9, 2), (2, size - 9)):
        for i in range(7):
            for j in range(7):
                ring = max(abs(i - 3), abs(j - 3))
                assert light(x0 + i, y0 + j) == (ring == 2), (x0, y0, i, j)


def test_asks_before_it_ends_something(host):
    """New recovery codes end those from before: asked, and told; of what is not there nothing is asked."""
    add_user('ada')
    for verb in (['recovery', 'ada'], ['recovery', 'nope'], ['remove', 'nope'], ['enroll', 'nope']):
        done = uadmctl('factor', *verb)
        assert done.rc == 67 and 'would have to ask' not in done.err, done
    none = uadmctl('factor', 'remove', 'ada', rc=0)
    assert none.out == 'ada: had no second factor\n', none
    _, codes = enroll('ada')
    for verb in ('recovery', 'remove'):
        done = uadmctl('factor', verb, 'ada')
        assert done.rc == 64 and 'would have to ask' in done.err, done
    no = lab.talk(['uadmctl', 'factor', 'recovery', 'ada'], [(r'10 .*\[y/N\]', 'n')])
    assert no.rc == 1 and 'nothing was done' in no.text and not re.search('[a-z2-7]{5}-[a-z2-7]{5}', no.text), no
    assert auth('ada', PASSWORD, codes[0])[0] == [0, 0]
    yes = lab.talk(['uadmctl', 'factor', 'recovery', 'ada'], [(r'9 .*\[y/N\]', 'y')])
    assert yes.rc == 0 and 'those from before are worth nothing' in yes.text, yes
    assert auth('ada', PASSWORD, codes[1])[0] == [PAM_AUTH_ERR]
    dry = uadmctl('factor', 'recovery', 'ada', '--dry-run', rc=0)
    assert dry.out == 'ada: would get new recovery codes\n', dry
    uadmctl('factor', 'remove', 'ada', '--yes', rc=0)
    dry = uadmctl('factor', 'enroll', 'ada', '--dry-run', rc=0)
    assert dry.out == 'ada: would get a second factor\n', dry
    dry, real = (uadmctl('factor', 'enroll', 'ada', '--pending', '--json', *how, rc=0).json for how in (['--dry-run'], []))
    same = [{k: row[k] for k in ('name', 'result', 'changed')} for row in (dry, real)]
    assert same == [{'name': 'ada', 'result': 'enrolled', 'changed': True}] * 2 and (dry['dry_run'], real['dry_run']) == (True, False)


@pytest.mark.parametrize('env, size, says', [
    ({'LANG': 'C'}, (24, 80), 'UTF-8'), ({'TERM': 'dumb'}, (24, 80), 'dumb'), ({}, (24, 30), 'no room'), ({}, (10, 80), 'no room'),
    ({}, (24, 80), None)])
def test_qr_where_the_terminal_allows_it(host, env, size, says):
    """Elsewhere the URI and the key do; and where it is drawn the question is on the screen with it."""
    add_user('ada')
    child = pexpect.spawn('uadmctl', ['factor', 'enroll', 'ada'], env={**lab.ENVIRONMENT, **env}, encoding='utf-8',
                          codec_errors='replace', dimensions=size, timeout=60)
    child.expect('Code that the app shows')
    lines = child.before.splitlines()
    child.close(force=True)
    drawn = [i for i, line in enumerate(lines) if '█' in line]
    assert 'otpauth://' in child.before and 'Key: ' in child.before
    if says:
        assert not drawn and 'no QR code: ' in child.before and says in child.before.replace('\r\n', ''), lines
    else:
        assert len(drawn) > 15 and len(lines) - drawn[0] < 23, lines


def test_delegated_as_passwords_are(host):
    """By who looks after the user; for nobody above, and by nobody for themselves."""
    uadmctl('account', 'add', 'acme', 'beta', rc=0)
    for name, account, role in (('boss', 'acme', 'administrator'), ('dev', 'acme', 'developer'),
                                ('far', 'beta', 'administrator')):
        add_user(name, '--account', account, '--role', role)
    for actor, target, may in (('boss', 'dev', True), ('dev', 'boss', False), ('far', 'dev', False), ('boss', 'boss', False)):
        done = uadmctl('--as', actor, 'factor', 'enroll', target, '--pending', '--json')
        assert done.rc == (0 if may else 77), done
        assert 'otpauth' in done.out or not may, done
        for verb in (['factor', 'recovery', target, '--yes'], ['factor', 'remove', target, '--yes'],
                     ['user', 'set', target, '--mobile', f'+43660123456{len(target)}']):
            done = uadmctl('--as', actor, *verb)
            assert done.rc == (0 if may else 77), done
    enroll('boss')
    assert uadmctl('--as', 'dev', 'factor', 'list', 'boss').rc == 0
    assert uadmctl('--as', 'far', 'factor', 'list', 'boss').rc == 77
    done = uadmctl('--as', 'boss', 'factor', 'list')
    assert done.rc == 77 and 'hint: uadmctl factor list USER' in done.err, done


def test_another_key(host):
    """What was sealed with a key that is lost is told as such, and lets nobody in."""
    add_user('ada')
    key, codes = enroll('ada')
    sql("UPDATE factor SET secret = zeroblob(60)")
    check = uadmctl('store', 'check')
    assert check.rc == 1 and 'second factor of ada was sealed with another key' in check.out + check.err, check
    assert uadmctl('factor', 'list', '--json', rc=0).json[0]['state'] == 'lost'
    assert auth('ada', PASSWORD, code_of(key))[0] == [PAM_AUTH_ERR]
    assert auth('ada', PASSWORD, codes[0])[0] == [0, 0]
    told = uadmctl('user', 'check', 'ada', '--json', rc=1).json
    assert (told['factor'], told['by_password'], told['by_password_reason'], told['by_ssh_key']) == ('lost', False, 'factor', False), told
    assert 'uadmctl factor remove ada' in uadmctl('user', 'check', 'ada', '--why', rc=1).out
    no = uadmctl('factor', 'enroll', 'ada', '--pending')
    assert no.rc == 65 and 'lost' in no.err and 'factor remove ada' in no.err and 'factor recovery' not in no.err, no
    status = uadmctl('host', 'status', '--json').json['findings']
    assert [(f['level'], f['command']) for f in status if f['about'] == 'factor' and f['level'] != 'ok'] == [('warning', 'uadmctl store check')], status
    uadmctl('factor', 'remove', 'ada', '--yes', rc=0)
    assert uadmctl('store', 'check').rc == 0


def step_of(name):
    return int(sql(f"SELECT last_step FROM factor WHERE uid = (SELECT uid FROM user WHERE name = '{name}')"))


def test_restored(host):
    """A device of now stays; a step that was taken stays taken; recovery codes of then are used up."""
    for name in ('ada', 'bob', 'eve'):
        add_user(name)
    keys = {name: enroll(name) for name in ('ada', 'bob', 'eve')}
    uadmctl('store', 'backup', '/root/b', rc=0)
    uadmctl('factor', 'remove', 'bob', '--yes', rc=0)
    new, _ = enroll('bob')
    early_in_a_step()
    assert auth('ada', PASSWORD, code_of(keys['ada'][0]))[0] == [0, 0]
    assert auth('ada', PASSWORD, keys['ada'][1][0])[0] == [0, 0]
    taken, began = step_of('ada'), int(time.time()) // 30
    uadmctl('factor', 'remove', 'eve', '--yes', rc=0)
    uadmctl('store', 'restore', '/root/b', '--yes', rc=0)
    assert step_of('ada') == taken > 0
    assert auth('ada', PASSWORD, keys['ada'][1][0])[0] == [PAM_AUTH_ERR]
    assert auth('ada', PASSWORD, keys['ada'][1][1])[0] == [0, 0]
    assert auth('bob', PASSWORD, code_of(keys['bob'][0]))[0] == [PAM_AUTH_ERR]
    assert auth('bob', PASSWORD, code_of(new))[0] == [0, 0]
    # Gone since: nobody knows what was used of it, so nothing from before the restore is good.
    assert began < step_of('eve') <= int(time.time()) // 30 + 1
    assert auth('eve', PASSWORD, keys['eve'][1][0])[0] == [PAM_AUTH_ERR]
    assert auth('eve', PASSWORD, code_of(keys['eve'][0], -1))[0] == [PAM_AUTH_ERR]
    long_ago()
    assert auth('eve', PASSWORD, code_of(keys['eve'][0]))[0] == [0, 0]
