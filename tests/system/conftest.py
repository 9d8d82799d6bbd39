"""Fixtures of the system tests. pytest runs inside of a box, one for each file (tests/run makes
it), and each test begins with the machine in a known state:

    machine   the product is installed and not enabled; a local user is there
    host      machine, after `uadmctl host enable --yes`: a store, the stack, nsswitch.conf. New hashes
              are the cheapest there are, but in a file with `SHIPPED_HASHES = True`
    sshd      a function: sshd(PasswordAuthentication='yes') starts one; likewise cron and atd
    authlog   what went to syslog since the test began
"""
import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(__file__))
pytest.register_assert_rewrite('lab', 'sweep', 'hostile')
import lab  # noqa: E402 (needs the path)


def pytest_configure(config):
    """Never on the machine itself: these tests write to /etc. A file with `RUNS_OUTSIDE = True`
    makes boxes of its own and uses no fixture of ours."""
    if os.environ.get('UADM_TEST') == 'outside':
        return
    if os.environ.get('UADM_TEST') != 'in a box' or os.uname().nodename != 'box':
        pytest.exit('not in a box: run `tests/run [-k WORD] tests/system/FILE.py`', 2)


@pytest.fixture(scope='session')
def whole_machine():
    assert os.uname().nodename == 'box'
    return lab.Machine()


@pytest.fixture
def machine(whole_machine):
    whole_machine.restore('bare')
    yield whole_machine
    whole_machine.end_processes()


@pytest.fixture
def host(whole_machine, request):
    if 'enabled' not in whole_machine.states:
        whole_machine.restore('bare')
        lab.uadmctl('host', 'enable', '--yes', rc=0)
        whole_machine.save('enabled')
    whole_machine.restore('enabled')
    if not getattr(request.module, 'SHIPPED_HASHES', False):
        lab.quick_hashes()
    yield whole_machine
    whole_machine.end_processes()


@pytest.fixture
def authlog(whole_machine):
    return whole_machine.log


def daemons(make):
    started = []

    def start(*args, **options):
        started.append(make(*args, **options))
        return started[-1]

    yield start
    for daemon in started:
        daemon.stop()


@pytest.fixture
def sshd():
    """Ask for it after `machine` or `host`, which end the processes that they find."""
    ports = iter(range(2201, 2300))
    yield from daemons(lambda **options: lab.Sshd(next(ports), **options))


@pytest.fixture
def cron():
    yield from daemons(lab.Cron)


@pytest.fixture
def atd():
    yield from daemons(lab.Atd)
