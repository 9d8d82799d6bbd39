"""sink.py - where test mail ends: a small SMTP server that keeps what it is given, and refuses what it is told to."""
import contextlib
import email
import email.policy
import socketserver
import threading


class Handler(socketserver.StreamRequestHandler):
    timeout = 20

    def say(self, line):
        self.wfile.write(line.encode() + b'\r\n')

    def data(self):
        self.say('354 go on')
        lines = []
        while (line := self.rfile.readline()) not in (b'.\r\n', b''):
            lines.append(line[1:] if line.startswith(b'.') else line)
        return b''.join(lines)

    def handle(self):
        sink, sender, recipients = self.server.sink, '', []
        self.say('220 sink')
        for line in self.rfile:
            verb = line.decode(errors='replace').strip()
            word = verb.split(':')[0].upper()
            refusal = sink.refuse.get(word.split(' ')[0])
            if refusal:
                self.say(refusal)
            elif word.startswith(('EHLO', 'HELO', 'RSET', 'NOOP')):
                self.say('250 sink')
            elif word == 'MAIL FROM':
                sender = verb.split('<')[1].split('>')[0]
                self.say('250 fine')
            elif word == 'RCPT TO':
                recipients.append(verb.split('<')[1].split('>')[0])
                self.say('250 fine')
            elif word == 'DATA':
                sink.take(sender, recipients, self.data())
                self.say('250 taken')
            elif word == 'QUIT':
                self.say('221 bye')
                return
            else:
                self.say('500 what?')


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 100


class Sink:
    """with Sink() as sink: ... sink.mails is a list of Mail; sink.refuse maps a verb (MAIL, RCPT, DATA) to an answer."""

    def __init__(self):
        self.mails, self.refuse, self.lock = [], {}, threading.Lock()
        self.server = Server(('127.0.0.1', 0), Handler)
        self.server.sink = self
        self.port = self.server.server_address[1]

    def take(self, sender, recipients, raw):
        with self.lock:
            self.mails.append(Mail(sender, recipients, raw))

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        with contextlib.suppress(OSError):
            self.server.server_close()


class Mail:
    """What arrived: the envelope, the bytes, and what Python's parser makes of them."""

    def __init__(self, sender, recipients, raw):
        self.sender, self.recipients, self.raw = sender, recipients, raw
        self.message = email.message_from_bytes(raw, policy=email.policy.default)
        self.subject, self.to = self.message['Subject'], self.message['To']
        self.body = self.message.get_content()
        self.id = self.message['Message-ID']
