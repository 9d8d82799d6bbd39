"""lookups.py - the lookup part of `make bench`: uadm's module beside every other way to ask for a user."""
import collections
import contextlib
import statistics
import subprocess
import time

import box
import daemons
import peers

MODULES = ['uadm', 'files', 'extrausers', 'db', 'cache', 'tinycdb', 'sqlite']
THREADS = 8
ALL_NAMES = 200000  # that bench/lookup asks for, unless a cache cannot be filled with them
FILL = 2 if box.QUICK else 8  # seconds in which a cache is asked for as many names as it can answer
COLD = 60 if box.QUICK else 300  # processes
COLD_BUDGET = 8000  # ms for all processes of one module
MEMORY = 3 if box.QUICK else 5


def ask(part, n, modules, *options, what='', who=None):
    """Rows of what bench/lookup prints. It has to find the users of the local host, too."""
    tell(part, n, box.do(f'{box.BIN}/lookup', *options, str(n), str(peers.FIRST_UID), str(peers.GROUPS_EACH), *modules), what, who)


def tell(part, n, said, what='', who=None):
    for line in said.splitlines():
        case, module, median, best, rounds, calls, names = line.split('\t')
        if not median:
            box.add_nothing(part, case + what, n, who or module, names)
            continue
        remark = f'{names} names' if int(names) < ALL_NAMES and part != 'enumeration' else f'{calls} calls a round'
        box.add(part, case + what, n, who or module, 'ns', float(median), float(best), int(rounds), remark)


@contextlib.contextmanager
def switch(source):
    """nsswitch.conf of the local host asks for users and groups in `source`."""
    path = f'{box.LOCAL_ETC}/nsswitch.conf'
    with open(path, encoding='utf-8') as f:
        kept = f.read()
    peers.write(path, [f'{database}: {source}\n' for database in ('passwd', 'group', 'initgroups')])
    try:
        yield
    finally:
        peers.write(path, [kept])


def in_the_module(n, sssd):
    ask('lookup', n, MODULES)
    tell('lookup', n, box.do(f'{box.BIN}/floor', '/var/lib/uadm/directory/directory'))
    ask('threads', n, MODULES, '-t', str(THREADS))
    ask('enumeration', n, [*MODULES, 'sss'] if sssd else MODULES, '-e')
    if sssd:
        ask('lookup', n, ['sss'], '-w', str(FILL))
        ask('threads', n, ['sss'], '-w', str(FILL), '-t', str(THREADS))
    else:
        box.add_nothing('lookup', 'getpwnam', n, 'sss', 'sssd gave no answer')


def through_libc(n):
    """getpwnam_r(3) with all that glibc does around a module, which is where nscd is."""
    with switch('uadm'):
        ask('libc', n, ['libc'], who='uadm')
    for who, source in ('files + nscd', 'files'), ('uadm + nscd', 'uadm'):
        with switch(source), daemons.nscd() as good:
            if good:
                ask('libc', n, ['libc'], '-w', str(FILL), who=who)
            else:
                box.add_nothing('libc', 'getpwnam', n, who, 'nscd gave no answer')


def cold(n, modules):
    """Who has used up the budget stops."""
    name = f'user{n // 2}'
    calls = [('no lookup', [f'{box.BIN}/cold'], 0), ('empty module', [f'{box.BIN}/cold', 'empty', name], 1)]
    calls += [(m, [f'{box.BIN}/cold', m, name], 0) for m in modules]
    us = collections.defaultdict(list)
    for i in range(COLD + 1):
        for who, command, expect in calls:
            if sum(us[who]) > COLD_BUDGET * 1000:
                continue
            took = box.spawn_ms(command, expect)
            if i > 0:
                us[who].append(took * 1000)
    for who, _, _ in calls:
        box.add('cold', 'one getpwnam', n, who, 'us', statistics.median(us[who]), min(us[who]), len(us[who]))


def memory(n, modules):
    """Beside a process that has asked for the same, so that what is shared counts as shared."""
    for who in ['empty module', *modules]:
        command = [f'{box.BIN}/memory', who.replace(' module', ''), str(n)]
        with subprocess.Popen([*command, '-'], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
            other.stdout.read(1)
            said = [[int(x) for x in box.do(*command).split()] for _ in range(MEMORY)]
            other.stdin.close()
        for case, kib in zip(('one getpwnam', 'and 100,000 more'), zip(*said)):
            box.add('memory', case, n, who, 'KiB', statistics.median(kib), min(kib), MEMORY)


def visible(n):
    """From the start of the command that changes a user to a running process that sees it."""
    def seen(source, text, *command):
        return float(box.do(f'{box.BIN}/visible', source, 'user7', text, *command))

    rounds = 5 if box.QUICK else 21
    ms = collections.defaultdict(list)
    for i in range(rounds + 1):
        text = f'Seen {i} of {rounds}'
        ours = seen('uadm', text, 'uadmctl', 'user', 'set', 'user7', '--display-name', text)
        with box.local_host():
            if sum(ms['files, usermod -c']) < box.BUDGET * 1000:
                theirs = seen('files', text, 'usermod', '-c', text, 'user7')
                ms['files, usermod -c'] += [theirs] if i > 0 else []
        ms['uadm'] += [ours] if i > 0 else []
    for who in 'uadm', 'files, usermod -c':
        box.add_times('visible', 'one change', n, who, ms[who])


def measure(n):
    begin = time.monotonic()
    # What the provider asks makes no difference to what stands in the memory cache, only to how fast it
    # gets there: with files that would be a linear search for each name.
    with daemons.sssd('uadm') as good, box.local_host():
        in_the_module(n, good)
        modules = [*MODULES, 'sss'] if good else MODULES
        cold(n, modules)
        memory(n, modules)
    with box.local_host():
        through_libc(n)
    visible(n)
    box.note(f'{time.monotonic() - begin:.0f} s for lookups')


def full_delta(n):
    with box.local_host():
        ask('lookup', n, ['uadm'], what=', full delta')
