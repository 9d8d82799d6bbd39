"""daemons.py - nscd and sssd, as bench/unpack fetched them, for as long as they are measured.

Both run in the bench's box with a configuration that lets them keep what they were once asked. Of
what they say nothing is kept. They are ended by their pid, and with the box in any case.
"""
import contextlib
import os
import shutil
import subprocess
import tempfile
import time

import box

PEERS = f'{box.BIN}/peers'
READY = 60  # seconds until the first answer
KEEP = 360000  # seconds

SSSD_CONF = f'''\
[sssd]
services = nss
domains = bench
[nss]
memcache_timeout = {KEEP}
memcache_size_passwd = 100
memcache_size_group = 20
memcache_size_initgroups = 100
entry_negative_timeout = {KEEP}
[domain/bench]
id_provider = proxy
proxy_lib_name = PROXY
auth_provider = none
chpass_provider = none
access_provider = permit
entry_cache_timeout = {KEEP}
ignore_group_members = true
'''
NSCD_CACHE = '''\
enable-cache {0} yes
positive-time-to-live {0} %d
negative-time-to-live {0} %d
suggested-size {0} 100003
check-files {0} no
persistent {0} no
shared {0} yes
max-db-size {0} 1073741824
''' % (KEEP, KEEP)


def lay_in():
    """The unpacked tree over the box's; into /usr where it says /lib. nscd stays outside: useradd would call it."""
    box.do('sh', '-c', f'tar -C {PEERS}/tree -c . | tar -C / -x --keep-directory-symlink')
    for name in 'tinycdb', 'sqlite', 'empty':
        box.do('cp', f'{box.BIN}/libnss_{name}.so.2', os.environ['BENCH_LIBDIR'])
    box.do('ldconfig')


@contextlib.contextmanager
def running(*command):
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def answers(process, *command):
    """Polled until it does, or the daemon is gone, or READY is over."""
    until = time.monotonic() + READY
    while process.poll() is None and time.monotonic() < until:
        if subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
                          timeout=READY, check=False).returncode == 0:
            return True
        time.sleep(0.05)
    return False


@contextlib.contextmanager
def sssd(proxy):
    """Whether it answers. Its provider asks the NSS module `proxy`. It keeps the /etc that it was started with: of a
    name that nobody has it wants to know whether the files have it, which is a search of all of them."""
    for name in 'db', 'mc':
        shutil.rmtree(f'/var/lib/sss/{name}', ignore_errors=True)
        os.makedirs(f'/var/lib/sss/{name}')
    with tempfile.TemporaryDirectory() as directory:
        conf = f'{directory}/sssd.conf'
        with open(os.open(conf, os.O_WRONLY | os.O_CREAT, 0o600), 'w', encoding='ascii') as f:
            f.write(SSSD_CONF.replace('PROXY', proxy))
        apart = 'unshare', '--mount', '--propagation', 'private'
        with running(*apart, '/usr/sbin/sssd', '-i', '-c', conf, '--logger=files') as process:
            yield answers(process, 'getent', '-s', 'sss', 'passwd', 'user0')


@contextlib.contextmanager
def nscd():
    """Whether it answers; in front of what nsswitch.conf says."""
    os.makedirs('/run/nscd', exist_ok=True)
    conf = '/run/nscd/bench.conf'
    with open(conf, 'w', encoding='ascii') as f:
        f.write(NSCD_CACHE.format('passwd') + NSCD_CACHE.format('group'))
    with running(f'{PEERS}/nscd', '-F', '-f', conf) as process:
        yield answers(process, f'{PEERS}/nscd', '-f', conf, '-g')
