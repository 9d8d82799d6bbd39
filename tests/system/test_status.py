"""host status: would a login here be decided by uadm? What it says is held against what libpam does."""
import itertools
import os
import random

import pytest

import lab
from lab import PASSWORD, add_user, pam, run, uadmctl

PHASES = ('auth', 'account', 'session', 'password')


def status(*options):
    done = uadmctl('host', 'status', '--json', *options)
    assert done.rc in (0, 1) and done.json['decided'] is (done.rc == 0), done
    return done.json


def findings(about):
    return [f for f in status()['findings'] if f['about'] == about]


def service(name):
    return next(s for s in status()['services'] if s['service'] == name)


def write(path, text):
    with open(path, 'w', encoding='utf-8') as f:
        f.write(text)


@pytest.fixture
def ssh_keys(host):
    """An sshd that could be started; its configuration is put back, which a box does not do by itself."""
    run('ssh-keygen', '-A', rc=0)
    os.makedirs('/run/sshd', exist_ok=True)
    with open('/etc/ssh/sshd_config', encoding='utf-8') as f:
        before = f.read()
    yield
    write('/etc/ssh/sshd_config', before)
    run('rm', '-f', '/etc/ssh/sshd_config.d/jo.conf')


def test_enabled(ssh_keys):
    """All of Debian's services are ours to decide, and exit status 0 says so."""
    all_ = status()
    assert all_['decided'] is True, all_
    for one in all_['services']:
        if not one['service'].startswith('runuser'):
            assert [one[p]['verdict'] for p in PHASES] == ['uadm'] * 4, one
    assert {'login', 'sshd', 'su', 'sudo', 'cron', 'passwd', 'other'} <= {s['service'] for s in all_['services']}
    assert service('sshd')['auth']['modules'].startswith('localuser uadm unix')
    assert service('runuser')['session']['verdict'] == 'not asked' and service('runuser')['level'] == 'note'
    assert not [f for f in all_['findings'] if f['level'] in ('warning', 'bad')]
    table = uadmctl('host', 'status', rc=0).out
    assert 'SERVICE' in table and 'ok       nsswitch' in table


def test_not_enabled(machine):
    all_ = status()
    assert all_['decided'] is False
    assert {'host', 'nsswitch', 'store'} <= {f['about'] for f in all_['findings'] if f['level'] == 'bad'}
    assert all(f['mend'] or f['command'] for f in all_['findings'] if f['level'] == 'bad')
    assert not [f for f in all_['findings'] if f['about'] == 'pam'], 'why no service asks is said once'


def test_not_root(host):
    assert uadmctl('host', 'status', user=lab.LOCAL).rc == 77


@pytest.mark.parametrize('name, text, phase, verdict, why', [
    ('mine', 'auth sufficient pam_permit.so\n@include common-auth\n', 'auth', 'open', 'pam_permit'),
    ('mine', 'session required pam_unix.so\n', 'session', 'not asked', None),
    ('mine', 'account sufficient pam_succeed_if.so uid > 1\n@include common-account\n', 'account', 'open', 'pam_succeed_if'),
    ('mine', 'auth include nowhere\n', 'auth', 'broken', 'nowhere'),
    pytest.param('mine', 'account required pam_env.so\n' * 200 + '@include common-account\n', 'account', 'broken', 'more lines', id='many'),
    ('mine', 'sesion required pam_env.so\n@include common-auth\n', 'auth', 'broken', 'sesion'),
    ('mine', 'auth sufficient pam_permit.so\n#\0\n@include common-auth\n', 'auth', 'broken', 'no text'),
    ('mine', 'auth include common-vendor\n', 'auth', 'broken', 'common-vendor'),
    ('mine', 'auth required pam_uadm.so conf=/etc/other.conf\n', 'auth', 'not asked', 'conf=/etc/other.conf'),
    ('mine', 'auth required /opt/pam_uadm.so\n', 'auth', 'not asked', '/opt/pam_uadm.so'),
    ('sshd', 'auth required pam_deny.so\naccount required pam_permit.so\n', 'account', 'not asked', None),
    ('cron', 'auth required pam_deny.so\nsession required pam_permit.so\n', 'session', 'not asked', None),
    ('runuser', 'account required pam_env.so\nauth include nowhere\n', 'auth', 'broken', 'nowhere'),
    ('other', 'auth required pam_permit.so\naccount required pam_permit.so\nsession required pam_permit.so\n', 'account', 'not asked', None)])
def test_service(ssh_keys, name, text, phase, verdict, why):
    os.makedirs('/usr/lib/pam.d', exist_ok=True)
    write('/usr/lib/pam.d/common-vendor', 'auth required pam_uadm.so\n')  # libpam includes nothing from there
    write(f'/etc/pam.d/{name}', text)
    one = service(name)
    assert one[phase]['verdict'] == verdict and (why is None or why in one[phase]['why'])
    said = [f['what'] for f in findings('pam')]
    assert any(f'{name}, {phase}: ' in line for line in said), said
    assert one['level'] == 'bad' and uadmctl('host', 'status').rc == 1


@pytest.mark.parametrize('name, text', [
    ('mine', 'auth sufficient pam_permit.so\n'),
    ('m' * 100, 'auth required pam_uadm.so\n')])
def test_none_is_left_out(ssh_keys, name, text):
    """A file that is not read hides no other, and a name that is too long for us is no name that is fine."""
    assert status()['decided'] is True
    os.makedirs('/usr/lib/pam.d', exist_ok=True)
    write('/usr/lib/pam.d/mine', '@include common-auth\n')
    write(f'/etc/pam.d/{name}', text + '#\0\n')
    assert status()['decided'] is False
    os.unlink('/usr/lib/pam.d/mine')
    os.unlink(f'/etc/pam.d/{name}')


def test_include_bomb(ssh_keys):
    """Eight files that include the next eight times over are given up on, not followed 8^7 times."""
    for i in range(8):
        write(f'/etc/pam.d/common-bomb{i}', f'@include common-bomb{i + 1}\n' * 8 if i < 7 else '')
    write('/etc/pam.d/bomb', '@include common-bomb0\n')
    assert service('bomb')['account']['verdict'] == 'broken'
    assert 'includes more than we follow' in service('bomb')['account']['why']


def test_root_alone(ssh_keys):
    """What only root runs, and lets in only root, is a note; but for a phase that cannot be followed."""
    text = 'auth sufficient pam_rootok.so\naccount required pam_permit.so\nsession required pam_permit.so\n'
    for name, level in [('chpasswd', 'note'), ('runuser-l', 'note'), ('su', 'bad'), ('mine', 'bad')]:
        write(f'/etc/pam.d/{name}', text)
        assert (service(name)['level'], service(name)['account']['verdict']) == (level, 'not asked'), name


def test_left_overs_are_no_services(host):
    for name in ('sshd.dpkg-old', '.hidden', 'sshd~', 'common-mine'):
        write(f'/etc/pam.d/{name}', 'auth required pam_permit.so\n')
    names = {s['service'] for s in status()['services']}
    assert not names & {'sshd.dpkg-old', '.hidden', 'sshd~', 'common-mine', 'common-auth'}
    write('/etc/pam.d/\x1b[31mred', 'auth required pam_permit.so\n')
    assert '\x1b' not in uadmctl('host', 'status').out
    os.unlink('/etc/pam.d/\x1b[31mred')


@pytest.mark.parametrize('damage, about, level, says', [
    ("echo 'SSHD_OPTS=\"-o UsePAM=no\"' >/etc/default/ssh", 'sshd', 'bad', 'does not ask PAM'),
    ("sed -i 's/^passwd:.*/passwd: files/' /etc/nsswitch.conf", 'nsswitch', 'bad', 'passwd of'),
    ("sed -i 's/^passwd:.*/&\\ninitgroups: files/' /etc/nsswitch.conf", 'nsswitch', 'bad', 'initgroups of'),
    ("sed -i 's/^group:.*/group: uadm files/' /etc/nsswitch.conf", 'nsswitch', 'note', 'asks uadm before files'),
    ("sed -i 's/^passwd:.*/passwd: files [NOTFOUND=return] uadm/' /etc/nsswitch.conf", 'nsswitch', 'bad', 'in uadm alone'),
    ("sed -i 's/^passwd:.*/passwd: uadm [NOTFOUND=return] files/' /etc/nsswitch.conf", 'nsswitch', 'bad', 'root and local users'),
    ('echo UsePAM no >/etc/ssh/sshd_config', 'sshd', 'bad', 'does not ask PAM'),
    ('echo nonsense >>/etc/ssh/sshd_config', 'sshd', 'bad', 'does not say'),
    ('echo UsePAM yes >/etc/ssh/sshd_config; echo PasswordAuthentication yes >>/etc/ssh/sshd_config; '
     'echo KbdInteractiveAuthentication no >>/etc/ssh/sshd_config', 'sshd', 'note', 'new password'),
    ("printf 'Match User jo\\nAuthenticationMethods publickey\\n' >/etc/ssh/sshd_config.d/jo.conf", 'sshd', 'note', 'Match'),
    ('rm /etc/uadm/secret.key', 'store', 'bad', 'secret.key is missing'),
    ('head -c 32 /dev/urandom >/etc/uadm/secret.key', 'key', 'bad', "is not this store's"),
    ('sqlite3 /var/lib/uadm/store/uadm.db "DROP TRIGGER audit_same; UPDATE audit SET actor = 1"', 'trail', 'warning', 'row 1 was changed'),
    ('chmod 0666 /etc/uadm/secret.key', 'store', 'bad', 'mode 0666'),
    ('chmod 0777 /var/lib/uadm', 'store', 'bad', 'writable by others'),
    ('chmod 0777 /usr/libexec/uadm', 'installed', 'bad', 'writable by others'),
    ('rm -r /var/lib/uadm/store', 'store', 'bad', 'no store'),
    ('echo x >/var/lib/uadm/directory/directory', 'directory', 'bad', 'NSS reads is damaged'),
    ("uadmctl policy set require-factor any && printf 'UsePAM yes\\nPasswordAuthentication yes\\nKbdInteractiveAuthentication no\\n' "
     '>/etc/ssh/sshd_config', 'sshd', 'warning', 'second factor'),
    ("printf '[factor]\\nservices = ssh,login\\n' >>/etc/uadm/uadm.conf", 'factor', 'warning', '"ssh" of [factor] services'),
    ("uadmctl policy set require-factor any && printf '[factor]\\nservices = none\\n' >>/etc/uadm/uadm.conf", 'factor', 'warning', 'asked nowhere'),
    ("printf '[sms]\\ncommand = /usr/local/lib/sink\\n' >>/etc/uadm/uadm.conf", 'sms', 'warning', 'does not exist'),
    ("printf '[sms]\\ncommand = /etc/passwd\\n' >>/etc/uadm/uadm.conf", 'sms', 'warning', 'may not be run by nobody'),
    ("printf '[sms]\\ncommand = /bin/true\\nuser = root\\n' >>/etc/uadm/uadm.conf", 'sms', 'warning', 'or root'),
    ('mkdir -p /run/nscd; : >/run/nscd/socket', 'nscd', 'note', 'nscd')])
def test_finding(ssh_keys, damage, about, level, says):
    run('bash', '-c', damage, rc=0)
    found = [f for f in findings(about) if f['level'] == level and says in f['what']]
    assert found and (found[0]['mend'] or found[0]['command']), status()['findings']
    assert '\\x0' not in found[0]['what']
    run('rm', '-rf', '/run/nscd', rc=0)


def lets_in(lines, at, told):
    """Does libpam, where the modules but the one of line `at` answer that?"""
    told = [*told[:at], None, *told[at:]]
    write('/etc/pam.d/mine', '\n'.join(line + (f' acct={t}' if t else '') for line, t in zip(lines, told)) + '\n')
    return pam('mine', 'ada', 'account') == [0]


def test_agrees_with_libpam(host):
    """P14: whatever stack it calls decided, libpam lets nobody of ours through it. The other modules are pam_debug,
    which answers what it is told to."""
    add_user('ada')
    uadmctl('user', 'suspend', 'ada', rc=0)
    answers = ('success', 'perm_denied', 'ignore', 'new_authtok_reqd')
    controls = ('required', 'requisite', 'sufficient', 'optional', '[success=1 default=ignore]', '[success=done default=die]',
                '[success=ok default=bad]', '[success=2 default=ignore]', '[default=reset]', '[success=reset default=ok]')
    ours = ('required', 'requisite', 'sufficient', 'optional', '[success=ok user_unknown=ignore default=die]', '[success=done default=bad]')
    dice = random.Random(4)
    verdicts = {'uadm': 0, 'open': 0}
    for _ in range(30):
        lines = [f'account {dice.choice(controls)} pam_debug.so' for _ in range(dice.randint(1, 3))]
        at = dice.randint(0, len(lines))
        lines.insert(at, f'account {dice.choice(ours)} pam_uadm.so')
        write('/etc/pam.d/mine', '\n'.join(lines) + '\n')
        verdict = service('mine')['account']['verdict']
        verdicts[verdict] += 1
        through = any(lets_in(lines, at, told) for told in itertools.product(answers, repeat=len(lines) - 1))
        if verdict == 'open' and not through:  # then it forgives another refusal: of a password that is to be changed
            lines[at] = lines[at].replace('pam_uadm.so', 'pam_debug.so acct=new_authtok_reqd')
            through = any(lets_in(lines, at, told) for told in itertools.product(answers, repeat=len(lines) - 1))
        assert (verdict == 'open') == through, (lines, verdict, through)
    assert min(verdicts.values()) >= 4, verdicts
    assert pam('mine', 'ada', 'auth', answers=[PASSWORD]) != [0]


REACHED = ['/usr/libexec/uadm/uadmd', '/var/lib/uadm/directory/directory', '/var/lib/uadm', '/var/lib/uadm/directory',
           '/etc/nsswitch.conf', '/etc/pam.d/common-auth', '/usr/libexec', 'libnss_uadm.so.2', 'pam_uadm.so', '/etc/pam.d']


@pytest.mark.parametrize('mode, path', [
    ('644', REACHED[0]), ('600', REACHED[1]), ('644', REACHED[1]), ('700', REACHED[2]), ('700', REACHED[3]), ('777', REACHED[3]),
    ('600', REACHED[4]), ('600', REACHED[5]), ('666', REACHED[5]), ('700', REACHED[9]), ('600', REACHED[7]), ('600', REACHED[8]),
    ('700', REACHED[6])])
def test_reach(ssh_keys, mode, path):
    """Where a login or a lookup does not work, the status is 1 and what is run then mends it."""
    if path[0] != '/':
        path = run('find', '/usr/lib', '-name', path, rc=0).out.split()[0]
    was = os.stat(path).st_mode & 0o7777
    assert uadmctl('host', 'status').rc == 0
    run('chmod', mode, path, rc=0)
    fine = mode == '644' and path == REACHED[1] or path == REACHED[6]  # root passes
    try:
        found = [f for f in status()['findings'] if f['level'] == 'bad']
        if fine:
            assert not found
            return
        assert any(path in f['what'] for f in found), found
        for f in found:
            if f['command']:
                run('bash', '-c', f['command'], rc=0)
        assert uadmctl('host', 'status').rc == 0, status()['findings']
    finally:
        os.chmod(path, was)


@pytest.mark.parametrize('name', ['libnss_uadm.so.2', 'pam_uadm.so', 'directory'])
def test_others_files(ssh_keys, name):
    """It is whoever's it belongs to."""
    path = run('find', '/usr/lib', '/var/lib/uadm', '-type', 'f', '-name', name, rc=0).out.split()[0]
    os.chown(path, 65534, -1)
    try:
        assert [f for f in status()['findings'] if f['level'] == 'bad' and f'{path} belongs to uid 65534' in f['what']]
    finally:
        os.chown(path, 0, -1)


def test_publickey_only(ssh_keys):
    write('/etc/ssh/sshd_config', 'UsePAM yes\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n')
    assert [f['level'] for f in findings('sshd')] == ['ok']


def test_cause_is_said_once(ssh_keys):
    """What is wrong in common-account is wrong in every service, and said once, with what mends it."""
    with open('/etc/pam.d/common-account', encoding='ascii') as f:
        whole = f.read()
    lines = [line for line in whole.splitlines(True) if 'uadm' not in line and 'localuser' not in line]
    here = next(i for i, line in enumerate(lines) if 'per-package modules (the "Primary"' in line)
    write('/etc/pam.d/common-account', ''.join([*lines[:here + 1], 'account optional pam_warn.so\n', *lines[here + 1:]]))
    found = [f for f in status()['findings'] if f['level'] == 'bad']
    assert [f['about'] for f in found] == ['host'] and 'common-account' in found[0]['what'], found
    assert 'pam-auth-update --force' in found[0]['mend'] and found[0]['command'] is None
    assert uadmctl('host', 'enable', '--yes').rc == 69
    write('/etc/pam.d/common-account', 'account sufficient pam_warn.so\n' + whole)
    found = findings('pam')
    assert len(found) == 1 and found[0]['what'].startswith('common-account, account: pam_warn'), found


def test_bypass(ssh_keys):
    """host enable would not change such a file, so it is not advised."""
    write('/etc/pam.d/mine', 'session required pam_unix.so\n')
    found = findings('pam')
    assert len(found) == 1 and found[0]['command'] is None and found[0]['mend'] == (
        'put "@include common-session" into /etc/pam.d/mine'), found


def test_key_is_gone(ssh_keys):
    """With a store, `store init` is not what helps."""
    os.unlink('/etc/uadm/secret.key')
    found = next(f for f in findings('store') if f['level'] == 'bad')
    assert 'store restore BACKUP --other-key --set-aside' in found['mend'] and 'init' not in found['mend']
    assert 'init' not in uadmctl('user', 'list').err


def test_reads_only(ssh_keys):
    """It does not mend what it tells."""
    write('/var/lib/uadm/directory/directory', 'x')
    for _ in range(2):
        assert [f['level'] for f in findings('directory')] == ['bad']


def test_codes_that_nobody_is_asked_for(ssh_keys):
    """A second factor that is required, and where it would be asked for: by no service of that name, or by an sshd that asks one thing."""
    def told(about):
        return [(f['level'], f['what']) for f in findings(about)]

    assert not findings('factor') and not findings('sms')
    lax = 'PasswordAuthentication yes\nKbdInteractiveAuthentication no\n'
    write('/etc/ssh/sshd_config.d/jo.conf', lax)
    assert findings('sshd')[-1]['level'] == 'note'
    warned = uadmctl('policy', 'set', 'require-factor', 'totp', rc=0)
    assert 'KbdInteractiveAuthentication yes' in warned.err, warned
    assert findings('sshd')[-1]['level'] == 'warning' and 'second factor' in findings('sshd')[-1]['what'], findings('sshd')
    assert told('factor')[0][0] == 'ok' and 'sshd' in told('factor')[0][1], told('factor')
    write('/etc/ssh/sshd_config.d/jo.conf', 'KbdInteractiveAuthentication yes\n')
    assert findings('sshd')[-1]['level'] != 'warning'
    assert uadmctl('policy', 'set', 'require-factor', 'any', rc=0).err == ''
    for services, level, word in (('ssh, login', 'warning', '"ssh"'), ('nosuch', 'warning', '"nosuch"'), ('none', 'warning', 'nowhere'),
                                  ('login', 'ok', 'login'), ('*', 'ok', 'every')):
        write('/etc/uadm/uadm.conf', f'[factor]\nservices = {services}\n')
        assert told('factor')[0][0] == level and word in told('factor')[0][1], (services, told('factor'))
        assert not services.startswith('nosuch') or status()['decided'] is True
    for sms, level in (('command = /usr/bin/true', 'ok'), ('command = /usr/bin/nothing-here', 'warning'),
                       ('command = /usr/bin/true\nuser = root', 'warning'), ('command = /usr/bin/true\nuser = nosuch', 'warning')):
        write('/etc/uadm/uadm.conf', f'[sms]\n{sms}\n')
        assert told('sms')[0][0] == level, (sms, told('sms'))
