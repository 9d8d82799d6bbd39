"""P13: every call of libc, SQLite, libsodium and libpam fails in turn, and nobody gets in by that.

standin/faults.c is preloaded into uadmd (which is run without an environment: hence the box's own
/etc/ld.so.preload) and into the program that calls PAM. One login is recorded; then it is run once
for each place from which something was called, and that call fails, in each of its ways. Each time
the store is as it was before. UADM_FAULTS=all fails every call instead of one for each place.
"""
import pytest

import faults
from faults import HOST, SUCCESS, Case, sweep
from lab import NEW, PASSWORD, WRONG, uadmctl


LONG = True


@pytest.fixture
def bench(whole_machine):
    made = faults.bench_of(whole_machine)
    yield made
    made.close()
    whole_machine.end_processes()


CASES = {
    'auth, right': Case('ada', 'auth', [PASSWORD], may=True, charged=False, thin=8),
    'auth, wrong': Case('ada', 'auth', [WRONG], thin=4),
    'auth, wrong, hash of another cost': Case('old', 'auth', [WRONG], thin=12),
    'auth, unknown': Case('nobodys', 'auth', [WRONG], thin=12),
    'auth, suspended': Case('sus', 'auth', [PASSWORD], charged=False, thin=12),
    'auth, expired': Case('exp', 'auth', [PASSWORD], charged=False, thin=12),
    'auth, locked': Case('loc', 'auth', [PASSWORD], thin=12),
    'account, suspended': Case('sus', 'account', thin=8),
    'account, expired': Case('exp', 'account', thin=12),
    'account, suspended, a uid out of the range': Case('far', 'account', thin=12),
    'account, a change is due': Case('due', 'auth,account', [PASSWORD], process=2, charged=False, thin=12),
    'session, suspended': Case('sus', 'open', thin=12),
    'session': Case('ada', 'open', may=True, thin=12),
    'end of session': Case('ada', 'close', may=True, thin=12),
}


@pytest.mark.parametrize('name', CASES)
def test_P13_uadmd(bench, name):
    sweep(bench, CASES[name])


def trail(bench, login):
    """What was acknowledged stands in a trail that can be verified."""
    if login.codes != [SUCCESS] or not bench.faults.seen()['name'].startswith(('crypto_', 'sqlite3_')):
        return None
    bench.faults.order()
    return None if uadmctl('audit', 'verify').rc == 0 else 'the audit trail is broken'


def test_P13_session_is_recorded(bench):
    sweep(bench, Case('ada', 'open', may=True, thin=8), extra=trail)


HOST_CASES = {
    'auth, right': Case('ada', 'auth', [PASSWORD], may=True, charged=False),
    'auth, wrong': Case('ada', 'auth', [WRONG]),
    'auth, suspended': Case('sus', 'auth', [PASSWORD], charged=False),
    'account, suspended': Case('sus', 'account'),
    'session, suspended': Case('sus', 'open'),
    'end of session': Case('ada', 'close', may=True),
    'change': Case('ada', 'change', [PASSWORD, NEW, NEW], may=True, uid=30001, charged=False),
    'change, wrong old password': Case('ada', 'change', [WRONG, NEW, NEW], uid=30001),
    'auth, a caller who is not root': Case('ada', 'auth', [WRONG], uid=30001),
}


@pytest.mark.parametrize('name', HOST_CASES)
def test_P13_host(bench, name):
    """The calls that pam_uadm.so makes itself, in the program that calls PAM."""
    sweep(bench, HOST_CASES[name], who=HOST)
