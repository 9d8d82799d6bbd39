"""host enable and disable by the tool, and install and uninstall. The stack itself and kills in the
middle are in test_host_stack.py."""
import os
import subprocess

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
    """A person's line stays, ours go, and what was edited is shown."""
    before = bytes_of()
    uadmctl('host', 'enable', '--yes', rc=0)
    with open('/etc/nsswitch.conf', 'a', encoding='ascii') as f:
        f.write('# by hand\n')
    done = uadmctl('host', 'disable', '--yes', rc=0)
    assert 'by hand' in done.out
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
