"""host enable --trial: the host goes back by itself unless somebody confirms, also after a crash or a reboot."""
import fcntl
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


def change(path, old, new):
    with open(path, encoding='utf-8') as f:
        text = f.read()
    assert old in text
    with open(path, 'w', encoding='utf-8') as f:
        f.write(text.replace(old, new, 1))


def refused(rc, says):
    """Nothing waits for an end that would undo what comes after."""
    before = files()
    done = uadmctl('host', 'enable', '--yes', '--trial', '10s')
    assert done.rc == rc and says in done.err, done
    assert not os.path.exists(TRIAL) and files() == before
    lab.poll(lambda: not watchers(), 'nobody to wait', 30)


def test_refused_without_an_end(machine):
    """S1: a trial that is refused leaves no deadline to whoever mends the cause and enables the host for good."""
    os.rename('/etc/pam.d/common-account', '/root/common-account')
    assert uadmctl('host', 'enable', '--yes', '--trial', '10s').rc == 69 and not os.path.exists(TRIAL)
    os.rename('/root/common-account', '/etc/pam.d/common-account')
    uadmctl('host', 'enable', '--yes', rc=0)
    uadmctl('maintain', rc=0)
    assert enabled() and not watchers()


def test_failed_without_an_end(machine):
    """S1: one that fails between the first file and the last takes the files back, and its deadline."""
    run('mount', '--bind', '/etc/nsswitch.conf', '/etc/nsswitch.conf', rc=0)
    try:
        refused(69, 'nsswitch.conf')
    finally:
        run('umount', '/etc/nsswitch.conf', rc=0)
    uadmctl('host', 'enable', '--yes', rc=0)
    uadmctl('maintain', rc=0)
    assert enabled() and not os.path.exists(TRIAL)


def test_wired_by_hand_stays(machine):
    change('/etc/pam.d/common-auth', 'auth\t', 'auth [success=2 default=ignore] pam_uadm.so\nauth\t')
    refused(65, 'names uadm already')


def test_busy_without_an_end(machine):
    """S1: who loses the lock puts no end to what its holder enables."""
    uadmctl('host', 'enable', '--yes', rc=0)
    uadmctl('host', 'disable', '--yes', rc=0)
    lock = os.open('/var/lib/uadm/host', os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        refused(75, 'under way')
    finally:
        os.close(lock)


def test_enable_during_a_trial(machine):
    """It neither confirms by the way nor calls enabled what goes back."""
    before = begin()
    plain = uadmctl('host', 'enable', '--yes')
    assert plain.rc == 75 and 'goes back in' in plain.err and 'uadmctl host confirm' in plain.err and os.path.exists(TRIAL)
    again = uadmctl('host', 'enable', '--yes', '--trial', '5m')
    assert again.rc == 65 and 'on trial already' in again.err
    end_watchers()
    overdue()
    assert uadmctl('host', 'enable', '--yes').rc == 75 and enabled()
    uadmctl('maintain', rc=0)
    assert files() == before
    begin()
    uadmctl('host', 'confirm', rc=0)
    assert 'enabled already' in uadmctl('host', 'enable', '--yes', rc=0).out
    end_watchers()


def test_old_deadline(machine):
    """S1: killed between the deadline and the first file: what is enabled for good later stays."""
    begin()
    end_watchers()
    with open(TRIAL, encoding='ascii') as f:
        deadline = f.read()
    uadmctl('host', 'disable', '--yes', rc=0)
    with open(TRIAL, 'w', encoding='ascii') as f:
        f.write(deadline)
    os.chmod(TRIAL, 0o600)
    uadmctl('host', 'enable', '--yes', rc=0)
    assert enabled() and not os.path.exists(TRIAL)


def test_killed_trial_repeated(machine):
    """S1: half wired by a trial: another trial starts afresh, and plain enable does not make it stay."""
    before = begin()
    end_watchers()
    with open('/etc/nsswitch.conf', 'w', encoding='utf-8') as f:
        f.write(before[0])
    half = files()
    assert uadmctl('host', 'enable', '--yes').rc == 75 and files() == half and os.path.exists(TRIAL)
    uadmctl('host', 'enable', '--yes', '--trial', '5m', rc=0)
    assert enabled() and os.path.exists(TRIAL)
    end_watchers()
    overdue()
    uadmctl('maintain', rc=0)
    assert files() == before


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
