"""P11: what is left of a lock or a block is not a matter of the clock on the wall, nor of a reboot."""
from datetime import datetime, timezone
import os
import time

import pytest

import lab
from lab import PAM_AUTH_ERR, PASSWORD, WRONG, add_user, show, uadmctl

YEARS, BOOT_ID = 10 * 365 * 86400, '/proc/sys/kernel/random/boot_id'


@pytest.fixture
def clocks(host):
    lab.quick_hashes()
    add_user('ada')
    yield lab.Preload()
    lab.run('sh', '-c', f'while umount {BOOT_ID}; do :; done')


def reboot(clocks, real, up, boots=iter(range(1, 100))):
    """As after one: another id of the boot, and a boot clock that has just begun."""
    path = f'{clocks.DIR}/boot_id'
    with open(path, 'w', encoding='ascii') as f:
        f.write(f'{next(boots):08}-0000-4000-8000-000000000000\n')
    lab.run('mount', '--bind', path, BOOT_ID, rc=0)
    clocks.clock(real, up - time.clock_gettime(time.CLOCK_BOOTTIME))


def auth(password, rhost='192.0.2.9'):
    return lab.pam('sshd', 'ada', 'auth', answers=[password], rhost=rhost)


def seconds(text):
    return datetime.fromisoformat(text.replace('Z', '+00:00')).astimezone(timezone.utc).timestamp()


def lock():
    lab.fail_logins('ada', 5)
    assert show('ada')['status'] == 'locked'


def left(real=0):
    """Of the lock, by the clock that uadmctl sees."""
    now = time.time() + real
    return seconds(show('ada')['locked_until']) - now


def near(got, wanted):
    """To the second, which each of the two may have been rounded by; and what a look takes."""
    return wanted - 2 <= got <= wanted + 2


@pytest.mark.parametrize('moved', [YEARS, -YEARS])
def test_P11_clock_moved(clocks, moved):
    """Ten years on and ten years back: the same is left, and the right password is refused."""
    lock()
    began, before = time.monotonic(), left()
    assert 890 <= before <= 901
    clocks.clock(moved)
    assert near(left(moved) + time.monotonic() - began, before)
    assert auth(PASSWORD) == [PAM_AUTH_ERR]
    assert near(left(moved) + time.monotonic() - began, before)
    clocks.clock(-moved)
    assert near(left(-moved) + time.monotonic() - began, before)
    assert auth(PASSWORD) == [PAM_AUTH_ERR]


@pytest.mark.parametrize('moved', [0, YEARS, -YEARS])
def test_P11_lock_made_under_a_wrong_clock(clocks, moved):
    """It runs out after fifteen minutes of boot time, not before."""
    clocks.clock(moved)
    lock()
    began, before = time.monotonic(), left(moved)
    clocks.clock(0)
    assert near(left() + time.monotonic() - began, before)
    clocks.clock(0, 800)
    assert near(left() + time.monotonic() - began, before - 800)
    assert auth(PASSWORD) == [PAM_AUTH_ERR]
    clocks.clock(moved, 901)
    assert show('ada')['status'] == 'active' and show('ada')['failed_attempts'] == 0
    assert auth(PASSWORD) == [0]


@pytest.mark.parametrize('moved', [0, YEARS, -YEARS])
def test_P11_reboot(clocks, moved):
    """What was left is left, minus the time since the machine came up; twice in a row, too."""
    lock()
    clocks.clock(0, 300)
    assert auth(PASSWORD) == [PAM_AUTH_ERR]  # the last the store knows of this boot
    began, before = time.monotonic(), left()
    for boot in (1, 2):
        reboot(clocks, moved, 30)
        # What passed between a look and the end of a boot is known to nobody afterwards.
        now = left(moved)
        took = time.monotonic() - began
        assert before - 30 * boot - took - 2 <= now <= before - 30 * boot + 2
        assert auth(PASSWORD) == [PAM_AUTH_ERR]
    clocks.clock(moved, 30 + 600 - time.clock_gettime(time.CLOCK_BOOTTIME))
    assert show('ada')['status'] == 'active'
    assert auth(PASSWORD) == [0]


def test_P11_until_reset(clocks):
    """A lock without an end outlives everything but `user unlock`."""
    uadmctl('policy', 'set', 'lock-time', '0', rc=0)
    lock()
    assert show('ada')['locked_until'] is None
    reboot(clocks, YEARS, 40 * YEARS)
    assert show('ada')['status'] == 'locked' and auth(PASSWORD) == [PAM_AUTH_ERR]
    uadmctl('user', 'unlock', 'ada', rc=0)
    assert auth(PASSWORD) == [0]


def test_P28_a_block_is_no_matter_of_the_clock_either(clocks):
    for _ in range(3):
        auth(WRONG, '127.0.0.1')
    until = seconds(show('ada')['failed_sources'][0]['until'])
    clocks.clock(YEARS)
    assert near(seconds(show('ada')['failed_sources'][0]['until']) - YEARS, until)
    assert auth(PASSWORD, '127.0.0.1') == [PAM_AUTH_ERR]
    clocks.clock(-YEARS, 901)
    assert show('ada')['failed_sources'] == []
    assert auth(PASSWORD, '127.0.0.1') == [0]


def test_preload_reaches_uadm_alone(clocks):
    clocks.clock(YEARS, 0)
    assert abs(float(lab.run('date', '+%s').out) - time.time()) < 100
    assert os.path.exists('/etc/ld.so.preload') and clocks.hashes() == ''
