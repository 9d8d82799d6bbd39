"""killed.py SERVICE NAME PASSWORD [fresh] : one auth after the other, the uadmd of each killed at another of
its system calls.

Standard input has a line "CALL N" for each: strace, which the wrapper in uadmd's place starts, kills
it when it makes that call for the Nth time. Prints a JSON list of [call, n, code, attempts, hashes,
proofs], the latter three as they are in the end. `fresh`: the first and the last begin at none.
"""
import json
import os
import sqlite3
import sys

import pam

HASHES, store = '/run/preload/hashes', sqlite3.connect('/var/lib/uadm/store/uadm.db', isolation_level=None, timeout=20)
found = []
for line in sys.stdin:
    call, n = line.split()
    with open('/run/preload/kill', 'w', encoding='ascii') as f:
        f.write(line)
    if sys.argv[4:] == ['fresh']:
        store.execute('DELETE FROM attempt')
        store.execute('DELETE FROM proof')
    code, = pam.run(sys.argv[1], sys.argv[2], '192.0.2.1', ['auth'], [sys.argv[3]])
    attempts, proofs = store.execute('SELECT (SELECT count(*) FROM attempt), (SELECT count(*) FROM proof)').fetchone()
    hashes = os.path.getsize(HASHES) if os.path.exists(HASHES) else 0
    found.append([call, int(n), code, attempts, hashes, proofs])
print(json.dumps(found))
