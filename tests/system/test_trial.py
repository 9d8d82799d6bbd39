"""host enable --trial: the host goes back by itself unless somebody confirms, also after a crash or a reboot."""
import os
import signal

import lab
from lab import run, uadmctl

FILES = ['/etc/nsswitch.conf', *[f'/etc/pam.d/common-{n}' for n in ('auth', 'account', 'session', 'session-noninteractive', 'password')]]
TRIAL = '/var/lib/uadm/host/trial'


def files():
    return [open(path, encoding='utf-8').read() for path in FILES]


def enabled():
    return 'uadm' in files()[0]


def watchers():
    found = []
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open(f'/proc/{pid}/cmdline', 'rb') as f:
                if b'--trial' in f.read():
                    found.append(int(pid))
        except OSError:
            pass
    return found


def overdue():
    """The deadline passes: nothing here waits for a clock."""
    with open(TRIAL, encoding='ascii') as f:
        boot = f.read().split()[0]
    with open(TRIAL, 'w', encoding='ascii') as f:
        f.write(f'{boot} 1\n')


def begin(time='5m'):
    before = files()
    done = uadmctl('host', 'enable', '--yes', '--trial', time, rc=0)
    assert f'goes back in {time}' in done.out and 'uadmctl host confirm' in done.out
    assert enabled() and os.stat(TRIAL).st_mode & 0o777 == 0o600
    return before


def test_goes_back(machine):
    before = begin('10s')
    assert len(watchers()) == 1
    overdue()
    lab.poll(lambda: not enabled() and not os.path.exists(TRIAL), 'the host to go back', 30)
    lab.poll(lambda: not watchers(), 'nobody to wait any more')
    assert files() == before


def test_confirmed(machine):
    begin()
    note = [f for f in uadmctl('host', 'status', '--json').json['findings'] if f['about'] == 'trial']
    assert 'goes back in' in note[0]['what'] and note[0]['mend'] == 'uadmctl host confirm'
    assert uadmctl('host', 'confirm', '--json', rc=0).json == [
        {'name': 'host', 'result': 'confirmed', 'changed': True, 'dry_run': False}]
    assert enabled() and not os.path.exists(TRIAL)
    lab.poll(lambda: not watchers(), 'nobody to wait any more', 30)
    assert enabled() and uadmctl('host', 'confirm').rc == 67


def test_watcher_killed(machine):
    """maintain, which runs each minute, does it in its place."""
    before = begin()
    for pid in watchers():
        os.kill(pid, signal.SIGKILL)
    uadmctl('maintain', rc=0)
    assert enabled()
    overdue()
    assert uadmctl('host', 'confirm').rc == 75 and enabled()
    uadmctl('maintain', rc=0)
    assert files() == before and not os.path.exists(TRIAL)


def test_reboot(machine):
    """Another boot is an end too, whatever time is left."""
    before = begin()
    for pid in watchers():
        os.kill(pid, signal.SIGKILL)
    with open(TRIAL, 'w', encoding='ascii') as f:
        f.write('00000000-0000-0000-0000-000000000000 99999999999\n')
    uadmctl('maintain', rc=0)
    assert files() == before


def test_unreadable_is_over(machine):
    before = begin()
    for pid in watchers():
        os.kill(pid, signal.SIGKILL)
    with open(TRIAL, 'w', encoding='ascii') as f:
        f.write('nonsense')
    uadmctl('maintain', rc=0)
    assert files() == before


def test_disable_ends_it(machine):
    """Who is enabled for good afterwards is not undone by an old trial."""
    begin()
    uadmctl('host', 'disable', '--yes', rc=0)
    assert not os.path.exists(TRIAL)
    uadmctl('host', 'enable', '--yes', rc=0)
    uadmctl('maintain', rc=0)
    assert enabled()


def test_usage(machine):
    for time in ('', '5', '9s', '25h', 'x', '-5m', '1e9m'):
        assert uadmctl('host', 'enable', '--yes', f'--trial={time}').rc == 64 and not enabled()
    dry = uadmctl('host', 'enable', '--trial', '5m', '--dry-run', '--yes', rc=0)
    assert '+' in dry.out and not enabled() and not os.path.exists(TRIAL) and not watchers()
    assert uadmctl('host', 'confirm', user=lab.LOCAL).rc == 77
    uadmctl('host', 'enable', '--yes', rc=0)
    assert uadmctl('host', 'enable', '--yes', '--trial', '5m').rc == 65
    run('true', rc=0)
