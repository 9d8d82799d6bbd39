"""pam.py SERVICE USER RHOST PHASE,... [ANSWER]... : the phases on one PAM handle, their codes printed.

PHASE is auth, auth-null (DISALLOW_NULL_AUTHTOK not set, flags 0), account, open, close, setcred.
Hidden prompts get the answers in order, and no answer at all once those run out. nodelay. What the
user is shown goes to stderr: (style, text) of each message.
"""
import ctypes
import sys

service, user, rhost, phases, *answers = sys.argv[1:]
libpam, libc = ctypes.CDLL('libpam.so.0'), ctypes.CDLL(None)
libc.calloc.restype = ctypes.c_void_p
libc.strdup.restype = ctypes.c_void_p


class Message(ctypes.Structure):
    _fields_ = [('style', ctypes.c_int), ('text', ctypes.c_char_p)]


class Response(ctypes.Structure):
    _fields_ = [('text', ctypes.c_void_p), ('unused', ctypes.c_int)]


Converse = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.POINTER(ctypes.POINTER(Message)),
                            ctypes.POINTER(ctypes.c_void_p), ctypes.c_void_p)
Delay = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_uint, ctypes.c_void_p)


class Conversation(ctypes.Structure):
    _fields_ = [('converse', Converse), ('data', ctypes.c_void_p)]


@Converse
def converse(count, messages, out, _):
    block = libc.calloc(count, ctypes.sizeof(Response))
    for i in range(count):
        said.append((messages[i].contents.style, messages[i].contents.text))
        if messages[i].contents.style in (1, 2):  # PAM_PROMPT_ECHO_OFF, _ON
            if not answers:
                return 19  # PAM_CONV_ERR
            response = ctypes.cast(block, ctypes.POINTER(Response))[i]
            response.text = libc.strdup(answers.pop(0).encode('utf-8', 'surrogateescape'))
    out[0] = block
    return 0


@Delay
def no_delay(*_):
    pass


handle = ctypes.c_void_p()
conversation = Conversation(converse, None)
assert libpam.pam_start(service.encode(), user.encode(), ctypes.byref(conversation), ctypes.byref(handle)) == 0
libpam.pam_set_item(handle, 10, ctypes.cast(no_delay, ctypes.c_void_p))  # PAM_FAIL_DELAY
if rhost:
    libpam.pam_set_item(handle, 4, rhost.encode())
CALLS = {'auth': (libpam.pam_authenticate, 1), 'auth-null': (libpam.pam_authenticate, 0),
         'account': (libpam.pam_acct_mgmt, 0), 'setcred': (libpam.pam_setcred, 2),
         'open': (libpam.pam_open_session, 0), 'close': (libpam.pam_close_session, 0)}
codes, said = [], []
for phase in phases.split(','):
    call, flags = CALLS[phase]
    codes.append(call(handle, flags))
    if codes[-1] != 0:
        break
libpam.pam_end(handle, codes[-1])
print(*codes)
print(*said, sep='\n', file=sys.stderr)
