"""crowd.py SERVICE : all the logins of standard input at once, a thread each: auth and account.

Standard input is a JSON list of [name, rhost, answer...]; the codes of each login are printed as a
JSON list in the same order.
"""
import json
import sys
import threading

import pam

logins = json.load(sys.stdin)
codes = [None] * len(logins)
start = threading.Barrier(len(logins))


def login(i, name, rhost, *answers):
    start.wait()
    codes[i] = pam.run(sys.argv[1], name, rhost, ['auth', 'account'], answers)


threads = [threading.Thread(target=login, args=(i, *one)) for i, one in enumerate(logins)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(json.dumps(codes))
