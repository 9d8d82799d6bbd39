"""invitations.py - thousands of people invited by one file: how long until all is durable with its mail queued, and
whether memory stays what it is. Nothing is delivered: that is the mailer's time."""
import os
import statistics
import time

from box import DISK, QUICK, add, add_times, do

FEW, MANY = (100, 1000) if QUICK else (1000, 10000)
ROUNDS = 2 if QUICK else 5


def once(count):
    """(milliseconds, KiB at the peak) in a store of its own."""
    do('find', '/var/lib/uadm', '-mindepth', '1', '-delete')
    do('rm', '-f', '/etc/uadm/secret.key')
    do('uadmctl', 'store', 'init')
    do('uadmctl', 'account', 'add', 'acme', '--default-role', 'viewer')
    path = f'{DISK}/invited.csv'
    with open(path, 'w', encoding='ascii') as f:
        f.writelines(['email,account\n', *(f'person{i}@example.org,acme\n' for i in range(count))])
    begin = time.perf_counter_ns()
    child = os.posix_spawn('/usr/sbin/uadmctl', ['uadmctl', 'user', 'invite', '--from', path, '--yes'], os.environ,
                           file_actions=[(os.POSIX_SPAWN_OPEN, 1, '/dev/null', os.O_WRONLY, 0)])
    _, status, used = os.wait4(child, 0)
    took = (time.perf_counter_ns() - begin) / 1e6
    queued = do('uadmctl', 'mail', 'list', '--raw').count('\n')
    if status != 0 or queued < count:
        raise SystemExit(f'bench: {count} invitations: status {status}, {queued} mails')
    return took, used.ru_maxrss


def measure():
    # As with systemd: what is queued waits for who delivers, which nobody does here.
    os.makedirs('/run/systemd/system', exist_ok=True)
    with open('/etc/uadm/uadm.conf', 'a', encoding='ascii') as f:
        f.write('[mail]\ncommand = /bin/true for a bench\n')
    peaks = {}
    for count in (FEW, MANY):
        runs = [once(count) for _ in range(ROUNDS)]
        add_times('invitations', 'user invite --from', count, 'uadm', [ms for ms, _ in runs])
        peaks[count] = [kib for _, kib in runs]
    for count, who in ((MANY, 'uadm'), (FEW, 'uadm, a tenth of them')):
        add('invitations', 'memory at its peak', MANY, who, 'KiB', statistics.median(peaks[count]), min(peaks[count]), ROUNDS)
