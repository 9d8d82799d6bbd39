"""host enable and disable by the tool, and install and uninstall. The stack itself and kills in the
middle are in test_host_stack.py."""
import os
import subprocess

import pytest

import lab
from lab import LOCAL, LOCAL_PASSWORD, PASSWORD, add_user, uadmctl

WHERE = ['/etc/pam.d', '/var/lib/pam', '/etc/nsswitch.conf']
TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def bytes_of(places=None):
    """Content, owner and mode of every file."""
    found = {}
    for place in places or WHERE:
        for path in lab.run('find', place, '-type', 'f').out.split():
            at = os.stat(path)
            found[path] = (open(path, 'rb').read(), at.st_uid, at.st_gid, at.st_mode)
    return found


def test_there_and_back(machine):
    before = bytes_of()
    uadmctl('host', 'enable', '--yes', rc=0)
    after = bytes_of()
    assert after != before and 'uadm' in open('/etc/nsswitch.conf').read()
    uadmctl('host', 'disable', '--yes', rc=0)
    assert bytes_of() == before


def test_twice(machine):
    before = bytes_of()
    uadmctl('host', 'enable', '--yes', rc=0)
    once = bytes_of()
    add_user('ada')
    again = uadmctl('host', 'enable', '--yes', rc=0)
    assert bytes_of() == once and 'already' in again.out
    assert lab.pam('sshd', 'ada', 'auth', answers=[PASSWORD]) == [0]  # the store is not made anew
    uadmctl('host', 'disable', '--yes', rc=0)
    assert 'already' in uadmctl('host', 'disable', '--yes', rc=0).out
    assert bytes_of() == before
    uadmctl('host', 'enable', '--yes', rc=0)
    assert bytes_of() == once and lab.getent('passwd', 'ada')


def test_dry_run_knows_the_store(machine):
    assert '/var/lib/uadm/store: would be made' in uadmctl('host', 'enable', '--dry-run', rc=0).out
    uadmctl('host', 'enable', '--yes', rc=0)
    assert 'would be' not in uadmctl('host', 'enable', '--dry-run', rc=0).out


def actions():
    return [row['action'] for row in uadmctl('audit', 'list', '-n', '0', '--json', rc=0).json if row['action'] != 'store.init']


def test_in_the_trail(machine):
    """Who wired the host, and who put it back; what was so already is no row."""
    for words in (['enable', '--yes'], ['enable', '--yes'], ['disable', '--dry-run'], ['disable', '--yes'], ['disable', '--yes'],
                  ['enable', '--yes', '--trial', '5m'], ['confirm']):
        uadmctl('host', *words, rc=0)
    assert actions() == ['host.enable', 'host.disable', 'host.enable', 'host.confirm']
    uadmctl('audit', 'verify', rc=0)


def test_disabled_whatever_the_store(machine):
    """What cannot be written down is told, and the host goes back all the same."""
    before = bytes_of()
    uadmctl('host', 'enable', '--yes', rc=0)
    os.unlink('/etc/uadm/secret.key')
    done = uadmctl('host', 'disable', '--yes', rc=0)
    assert bytes_of() == before and 'host.disable is not in the audit trail' in done.err


def test_without_a_configuration(machine):
    """A typo in uadm.conf keeps nobody from going back."""
    before = bytes_of()
    uadmctl('host', 'enable', '--yes', rc=0)
    with open('/etc/uadm/uadm.conf', 'w', encoding='ascii') as f:
        f.write('foo = 1\n')
    assert 'the key foo is outside of any section' in uadmctl('user', 'list', rc=78).err
    found = uadmctl('host', 'status', '--json', rc=1).json['findings']
    assert [f['about'] for f in found if f['level'] == 'bad' and f['about'] != 'sshd'] == ['conf']
    assert {'store', 'directory', 'disk'} <= {f['about'] for f in found}
    uadmctl('host', 'disable', '--yes', rc=0)
    assert bytes_of() == before
    os.unlink('/etc/uadm/uadm.conf')
    assert actions() == ['host.enable', 'host.disable']


def test_enable_warns_of_sshd(machine):
    lab.run('ssh-keygen', '-A', rc=0)
    os.makedirs('/run/sshd', exist_ok=True)
    lab.run('cp', '-a', '/etc/ssh/sshd_config', '/tmp/sshd_config', rc=0)
    with open('/etc/ssh/sshd_config', 'w', encoding='ascii') as f:
        f.write('UsePAM no\n')
    done = uadmctl('host', 'enable', '--yes', rc=0)
    lab.run('mv', '/tmp/sshd_config', '/etc/ssh/sshd_config', rc=0)
    assert 'UsePAM no' in done.err and 'uadmctl host status' in done.out


def test_dry_run_changes_nothing(machine):
    before = bytes_of()
    done = uadmctl('host', 'enable', '--dry-run', rc=0)
    assert 'common-auth' in done.out and bytes_of() == before
    assert not os.path.exists('/var/lib/uadm/store')


def test_asks_first(machine):
    before = bytes_of()
    assert uadmctl('host', 'enable').rc == 64
    assert uadmctl('host', 'enable', '--no-input').rc == 64
    assert lab.talk(['uadmctl', 'host', 'enable'], [(r'\[y/N\] ?', 'n')]).rc == 1
    assert bytes_of() == before
    assert lab.talk(['uadmctl', 'host', 'enable'], [(r'\[y/N\] ?', 'y')]).rc == 0
    assert bytes_of() != before


def test_edited_in_between(machine):
    """A person's line stays, ours go, and the diff is of what is done."""
    before = bytes_of()
    uadmctl('host', 'enable', '--yes', rc=0)
    with open('/etc/nsswitch.conf', 'a', encoding='ascii') as f:
        f.write('# by hand\n')
    dry = uadmctl('host', 'disable', '--dry-run', '--json', rc=0).json
    change = next(f for f in dry['files'] if f['path'] == '/etc/nsswitch.conf')
    lines = change['diff'].splitlines()[3:]
    assert change['result'] == 'cleaned' and '+# by hand' not in lines
    gone, new = [x for x in lines if x[0] in '+-' and x[1:].startswith('passwd')]
    assert gone[0] == '-' and new == '+' + gone[1:].replace(' uadm', ''), lines
    assert 'would be cleaned' in uadmctl('host', 'disable', '--dry-run', rc=0).out
    done = uadmctl('host', 'disable', '--yes', rc=0)
    assert 'cleaned' in done.out and '-passwd' in done.out
    text = open('/etc/nsswitch.conf').read()
    assert '# by hand\n' in text and 'uadm' not in text
    left = bytes_of()
    del left['/etc/nsswitch.conf'], before['/etc/nsswitch.conf']
    assert left == before


def test_local_users_all_along(machine):
    for verb in ('enable', 'disable'):
        uadmctl('host', verb, '--yes', rc=0)
        assert lab.su(LOCAL, LOCAL_PASSWORD, user='nobody').rc == 0
        assert lab.su('root', user=None).rc == 0


def test_not_by_others(machine):
    done = uadmctl('host', 'enable', '--yes', user=LOCAL)
    assert done.rc == 77, done


def make(*words):
    env = {'HOME': '/root', **{k: v for k, v in os.environ.items() if k != 'BUILD'}}
    build = os.path.relpath(lab.BUILD, TOP)
    return subprocess.run(['make', '--no-print-directory', '-C', TOP, f'BUILD={build}', *words],
                          capture_output=True, text=True, env=env, check=False)


def test_install_and_uninstall(machine):
    """uninstall takes away what install put there, and nothing else."""
    os.makedirs('/tmp/root/usr/share/man/man8')
    open('/tmp/root/usr/share/man/man8/other.8', 'w').close()
    done = make('install', 'DESTDIR=/tmp/root')
    assert done.returncode == 0, done.stderr
    files = lab.run('find', '/tmp/root', '-type', 'f', '-printf', '%P\n').out.split()
    for want in ('/security/pam_uadm.so', '/libnss_uadm.so.2', 'usr/sbin/uadmctl', 'usr/libexec/uadm/uadmd',
                 'usr/share/pam-configs/uadm', 'usr/share/pam-configs/uadm-password', 'completions/uadmctl',
                 '_uadmctl', 'uadmctl.fish', 'man8/uadmctl.8'):
        assert any(f.endswith(want) for f in files), (want, files)
    assert make('uninstall', 'DESTDIR=/tmp/root').returncode == 0
    assert lab.run('find', '/tmp/root', '-type', 'f', '-printf', '%P\n').out.split() == ['usr/share/man/man8/other.8']


def test_uninstall_refuses_while_enabled(host):
    done = make('uninstall')
    assert done.returncode != 0 and 'host disable' in done.stderr, done
    assert os.path.exists('/usr/sbin/uadmctl')


@pytest.mark.parametrize('name, kind, state_too', [
    ('account', 'account', False), ('account', 'account', True), ('auth', 'auth', False), ('session', 'session', False)])
def test_half_a_stack(machine, name, kind, state_too):
    """P1: somebody takes out the pam_uadm line alone. What is left of ours jumps over a rule of somebody else's for
    local users: it is named, and it goes."""
    uadmctl('host', 'enable', '--yes', rc=0)
    lab.run('sed', '-i', '/pam_uadm/d', f'/etc/pam.d/common-{name}', rc=0)
    if state_too:
        lab.run('rm', '-r', '/var/lib/uadm/host', rc=0)  # nothing is known but the files
        lab.run('sed', '-i', '/pam_uadm/d', f'/var/lib/pam/{name}', rc=0)
    found = uadmctl('host', 'status', '--json').json['findings']
    assert [f for f in found if f['about'] == 'stray' and f['level'] == 'bad' and f'common-{name}' in f['what']], found
    with open('/etc/pam.d/mine', 'w', encoding='ascii') as f:
        f.write(f'@include common-{name}\n{kind} required pam_deny.so\n')
    done = uadmctl('host', 'disable', '--yes', rc=0)
    assert f'/etc/pam.d/common-{name}: {"cleaned" if state_too else "restored"}' in done.out, done
    with open(f'/etc/pam.d/common-{name}', encoding='ascii') as f:
        assert 'pam_localuser' not in f.read()
    for user in (LOCAL, 'root'):
        if kind == 'account':
            assert lab.pam('mine', user, 'account') != [0]
        assert lab.pam('su', user, 'account') == [0]
    assert not [f for f in uadmctl('host', 'status', '--json').json['findings'] if f['about'] == 'stray']
    assert 'already' in uadmctl('host', 'disable', '--yes', rc=0).out


def test_half_a_stack_enabled_again(machine):
    uadmctl('host', 'enable', '--yes', rc=0)
    whole = bytes_of()
    lab.run('sed', '-i', '/pam_uadm/d', '/etc/pam.d/common-account', rc=0)
    uadmctl('host', 'enable', '--yes', rc=0)
    assert bytes_of() == whole
