"""pam.py SERVICE USER RHOST PHASE,... [ANSWER]... : the phases on one PAM handle, their codes printed.

PHASE is auth, auth-null (DISALLOW_NULL_AUTHTOK not set, flags 0), account, open, close, setcred,
chauthtok, chauthtok-expired (CHANGE_EXPIRED_AUTHTOK). It ends at the first failure, but goes on after
one of a PHASE! with an exclamation mark. Hidden prompts get the answers in order, and no answer at
all once those run out. What is shown goes to standard error, and so does a delay, which is not waited for.
"""
import ctypes
import sys

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


CALLS = {'auth': (libpam.pam_authenticate, 1), 'auth-null': (libpam.pam_authenticate, 0),
         'account': (libpam.pam_acct_mgmt, 0), 'setcred': (libpam.pam_setcred, 2),
         'open': (libpam.pam_open_session, 0), 'close': (libpam.pam_close_session, 0),
         'chauthtok': (libpam.pam_chauthtok, 0), 'chauthtok-expired': (libpam.pam_chauthtok, 0x20)}


@Delay
def no_delay(_code, microseconds, _data):
    print(f'delay: {microseconds}', file=sys.stderr)


def run(service, user, rhost, phases, answers):
    """The codes of the phases up to the first failure."""
    answers = list(answers)

    @Converse
    def converse(count, messages, out, _):
        block = libc.calloc(count, ctypes.sizeof(Response))
        for i in range(count):
            if messages[i].contents.style in (1, 2):  # PAM_PROMPT_ECHO_OFF, _ON
                if not answers:
                    return 19  # PAM_CONV_ERR
                print('prompt:', messages[i].contents.text.decode(), file=sys.stderr)
                response = ctypes.cast(block, ctypes.POINTER(Response))[i]
                response.text = libc.strdup(answers.pop(0).encode('utf-8', 'surrogateescape'))
            else:
                print(messages[i].contents.text.decode(), file=sys.stderr)
        out[0] = block
        return 0

    handle, conversation = ctypes.c_void_p(), Conversation(converse, None)
    assert libpam.pam_start(service.encode(), user.encode('utf-8', 'surrogateescape'), ctypes.byref(conversation),
                            ctypes.byref(handle)) == 0
    libpam.pam_set_item(handle, 10, ctypes.cast(no_delay, ctypes.c_void_p))  # PAM_FAIL_DELAY
    if rhost:
        libpam.pam_set_item(handle, 4, rhost.encode('utf-8', 'surrogateescape'))
    codes = []
    for phase in phases:
        call, flags = CALLS[phase.rstrip('!')]
        codes.append(call(handle, flags))
        if codes[-1] != 0 and not phase.endswith('!'):
            break
    libpam.pam_end(handle, codes[-1])
    return codes


if __name__ == '__main__':
    print(*run(*sys.argv[1:4], sys.argv[4].split(','), sys.argv[5:]))
