"""host enable --trial: the host goes back by itself unless somebody confirms, also after a crash or a reboot."""
import os
import signal

import lab
import sweep
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
    assert [row['action'] for row in uadmctl('audit', 'list', '--json', rc=0).json][-2:] == ['host.enable', 'host.trial-over']
    uadmctl('audit', 'verify', rc=0)


def test_confirmed(machine):
    begin()
    note = [f for f in uadmctl('host', 'status', '--json').json['findings'] if f['about'] == 'trial']
    assert 'goes back in' in note[0]['what'] and note[0]['command'] == 'uadmctl host confirm'
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


def end_watchers():
    for pid in watchers():
        os.kill(pid, signal.SIGKILL)


HOST = ('-p', '/etc', '-p', '/var/lib/uadm/host')
STEPS = '' if sweep.ALL else '^rename|^unlink|host/trial'  # where what others see changes


def killed(verb, begin):
    """After `begin`, one call after the other."""
    sweep.build_driver()
    begin()  # once before they are counted: what it makes of directories stays
    end_watchers()
    uadmctl('host', 'disable', '--yes', rc=0)
    begin()
    done = sweep.drive(verb, *HOST)
    assert done.rc == 0, done
    for n in sweep.chosen(done.stops(verb), done.calls, verb):
        end_watchers()
        uadmctl('host', 'disable', '--yes', rc=0)
        begin()
        yield sweep.drive(verb, '-n', str(n), '-k', *HOST)


def test_killed_on_the_way_in(machine):
    """S1: however much of it is done, the host goes back."""
    before, changed = files(), 0
    enable = sweep.Verb('host enable', '--trial', '5m', '--yes', only=STEPS)
    uadmctl('host', 'enable', '--yes', rc=0)
    uadmctl('host', 'disable', '--yes', rc=0)
    for done in killed(enable, lambda: None):
        end_watchers()
        if files() != before:
            changed += 1
            assert done.rc == sweep.KILLED and os.path.exists(TRIAL), done
            overdue()
            uadmctl('maintain', rc=0)
        assert files() == before, done
    assert changed > 4


def test_killed_on_the_way_back(machine):
    """S1: the next minute's maintain does the rest."""
    before = files()

    def begin_and_wait():
        begin()
        end_watchers()
        overdue()

    for done in killed(sweep.Verb('maintain', only=STEPS), begin_and_wait):
        assert os.path.exists(TRIAL) or files() == before, done
        uadmctl('maintain', rc=0)
        assert files() == before and not os.path.exists(TRIAL), done


def test_killed_while_confirming(machine):
    """S1: the trial is on, or it is not; the host stays enabled."""
    for done in killed(sweep.Verb('host confirm'), begin):
        assert enabled() and (os.path.exists(TRIAL) or uadmctl('host', 'confirm').rc == 67), done


def test_usage(machine):
    for time in ('', '5', '9s', '25h', 'x', '-5m', '1e9m'):
        assert uadmctl('host', 'enable', '--yes', f'--trial={time}').rc == 64 and not enabled()
    dry = uadmctl('host', 'enable', '--trial', '5m', '--dry-run', '--yes', rc=0)
    assert '+' in dry.out and not enabled() and not os.path.exists(TRIAL) and not watchers()
    assert uadmctl('host', 'confirm', user=lab.LOCAL).rc == 77
    uadmctl('host', 'enable', '--yes', rc=0)
    assert uadmctl('host', 'enable', '--yes', '--trial', '5m').rc == 65
    run('true', rc=0)
