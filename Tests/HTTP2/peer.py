"""HTTP/2 peers for Tests/HTTP2/run, built on h2 and wsproto, which share no code with wsline.

`Client` opens WebSockets over HTTP/2 (RFC 8441) and can break rules on request; `Server` is scripted in the same way.
"""

import socket
import ssl
import struct
import threading

import h2.config
import h2.connection
import h2.events
import h2.settings
from h2.exceptions import ProtocolError
from wsproto.connection import Connection, ConnectionType
from wsproto.events import CloseConnection, Message, Ping


def frame(kind, flags, stream, payload=b''):
    """Returns a frame of HTTP/2 (RFC 9113, section 4.1)."""
    return struct.pack('>I', len(payload))[1:] + bytes([kind, flags]) + struct.pack('>I', stream) + payload


def connect(port, tls=True, timeout=10):
    plain = socket.create_connection(('127.0.0.1', port), timeout)
    if not tls:
        return plain
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(['h2'])
    wrapped = context.wrap_socket(plain, server_hostname='localhost')
    assert wrapped.selected_alpn_protocol() == 'h2', wrapped.selected_alpn_protocol()
    return wrapped


class Stream:
    """A WebSocket on a stream."""

    def __init__(self, role):
        self.websocket = Connection(role)
        self.status = None
        self.headers = {}
        self.body = b''
        self.messages = []
        self.close = None
        self.end = None


class Client:
    """A client that speaks HTTP/2."""

    def __init__(self, port, tls=True):
        self.socket = connect(port, tls)
        self.http2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True, header_encoding='utf-8'))
        self.http2.initiate_connection()
        self.http2.increment_flow_control_window(1 << 24)
        self.streams = {}
        self.settings = None
        self.goaway = None
        self.is_over = False
        self.flush()

    def flush(self):
        self.socket.sendall(self.http2.data_to_send())

    def pump(self, until):
        """Reads until the condition is true or the connection ends."""
        while not until() and not self.is_over:
            try:
                data = self.socket.recv(1 << 16)
            except (ConnectionError, ssl.SSLError):
                data = b''
            if not data:
                self.is_over = True
                return
            for event in self.http2.receive_data(data):
                self.handle(event)
            self.flush()

    def handle(self, event):
        stream = self.streams.get(getattr(event, 'stream_id', None))
        if isinstance(event, h2.events.RemoteSettingsChanged) and self.settings is None:
            self.settings = {int(code): setting.new_value for code, setting in event.changed_settings.items()}
        elif isinstance(event, h2.events.ConnectionTerminated):
            self.goaway = int(event.error_code)
        elif stream is None:
            return
        elif isinstance(event, h2.events.ResponseReceived):
            stream.headers = dict(event.headers)
            stream.status = int(stream.headers[':status'])
        elif isinstance(event, h2.events.DataReceived):
            self.http2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            if stream.status != 200:
                stream.body += event.data
                return
            if not event.data:
                return
            stream.websocket.receive_data(event.data)
            for message in stream.websocket.events():
                self.take(event.stream_id, stream, message)
        elif isinstance(event, h2.events.StreamEnded):
            stream.end = 'END_STREAM'
        elif isinstance(event, h2.events.StreamReset):
            stream.end = stream.end or f'RST_STREAM {int(event.error_code)}'

    def take(self, number, stream, event):
        if isinstance(event, Message):
            stream.messages.append(event.data)
        elif isinstance(event, Ping):
            self.send(number, event.response())
        elif isinstance(event, CloseConnection):
            stream.close = event.code
            if stream.websocket.state.name == 'REMOTE_CLOSING':
                self.send(number, event.response())

    def open(self, path='/', headers=(), protocol='websocket', method='CONNECT', end=False):
        """Sends a request, and returns the number of its stream."""
        self.pump(lambda: self.settings is not None)
        number = self.http2.get_next_available_stream_id()
        fields = [(':method', method), (':scheme', 'https'), (':path', path), (':authority', 'localhost')]
        if protocol:
            fields.insert(1, (':protocol', protocol))
            if not any(name == 'sec-websocket-version' for name, _ in headers):
                fields.append(('sec-websocket-version', '13'))
        self.streams[number] = Stream(ConnectionType.CLIENT)
        self.http2.send_headers(number, fields + list(headers), end_stream=end)
        self.flush()
        return number

    def accepted(self, number):
        self.pump(lambda: self.streams[number].status is not None or self.streams[number].end)
        return self.streams[number].status

    def send(self, number, event, end=False):
        """Sends a message; with `end`, END_STREAM is in the last frame, as Chromium sends it with its Close."""
        data = self.streams[number].websocket.send(event)
        while data:
            size = min(len(data), self.http2.local_flow_control_window(number), self.http2.max_outbound_frame_size)
            if size == 0:
                before = self.http2.local_flow_control_window(number)
                self.pump(lambda: self.http2.local_flow_control_window(number) > before)
                continue
            self.http2.send_data(number, data[:size], end_stream=end and size == len(data))
            data = data[size:]
            self.flush()

    def end(self, number):
        self.http2.end_stream(number)
        self.flush()

    def raw(self, data):
        """Sends bytes as they are; returns False if the connection has ended."""
        try:
            self.socket.sendall(data)
            return True
        except OSError:
            return False

    def was_ended(self):
        """Whether the server ends the connection. The frames before are not parsed, because some answer frames that h2 has
        not sent."""
        try:
            while self.socket.recv(1 << 16):
                pass
            return True
        except TimeoutError:
            return False
        except OSError:
            return True


class Server:
    """A server whose behavior is set by its arguments.

    `settings` are sent first; `answer(stream, headers)` returns the status, headers and body of a response, or the name of
    something else to do: reset, goaway, or end.
    """

    def __init__(self, settings, answer, first=None):
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.port = self.listener.getsockname()[1]
        (self.settings, self.answer, self.first) = (settings, answer, first)
        self.requests = []
        self.ends = []

    def run(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.handle_connection, args=[connection], daemon=True).start()

    def handle_connection(self, connection):
        with connection:
            try:
                self.serve(connection)
            except (OSError, ProtocolError):
                pass

    def serve(self, connection):
        if self.first is not None:
            connection.sendall(self.first)
            while connection.recv(1 << 16):
                pass
            return
        http2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding='utf-8'))
        http2.local_settings = h2.settings.Settings(client=False, initial_values=self.settings)
        http2.initiate_connection()
        connection.sendall(http2.data_to_send())
        websockets = {}
        while data := connection.recv(1 << 16):
            for event in http2.receive_data(data):
                self.handle(http2, websockets, event)
            connection.sendall(http2.data_to_send())
            if http2.state_machine.state.name == 'CLOSED':
                return

    def handle(self, http2, websockets, event):
        number = getattr(event, 'stream_id', None)
        if isinstance(event, h2.events.RequestReceived):
            headers = dict(event.headers)
            self.requests.append(event.headers)
            answer = self.answer(number, headers)
            if answer == 'reset':
                http2.reset_stream(number, 0xB)
            elif answer == 'goaway':
                http2.close_connection(0xB, b'busy', last_stream_id=0)
            else:
                (status, fields, body) = answer
                is_open = status == '200' and body is None
                http2.send_headers(number, [(':status', status), *fields], end_stream=not is_open and not body)
                if is_open:
                    websockets[number] = Connection(ConnectionType.SERVER)
                elif body:
                    http2.send_data(number, body, end_stream=True)
        elif isinstance(event, h2.events.DataReceived):
            http2.acknowledge_received_data(event.flow_controlled_length, number)
            if not event.data:
                return
            websocket = websockets[number]
            websocket.receive_data(event.data)
            for message in websocket.events():
                if isinstance(message, Message) and message.data in ('reset', 'end', 'goaway', 'drop'):
                    self.misbehave(http2, number, message.data)
                elif isinstance(message, Message):
                    http2.send_data(number, websocket.send(Message(data=message.data)))
                elif isinstance(message, CloseConnection):
                    http2.send_data(number, websocket.send(message.response()), end_stream=True)
        elif isinstance(event, h2.events.StreamEnded):
            self.ends.append('END_STREAM')
        elif isinstance(event, h2.events.StreamReset):
            self.ends.append(f'RST_STREAM {int(event.error_code)}')

    @staticmethod
    def misbehave(http2, number, what):
        if what == 'reset':
            http2.reset_stream(number, 0x8)
        elif what == 'end':
            http2.end_stream(number)
        elif what == 'goaway':
            http2.close_connection(0xB, b'busy', last_stream_id=0)
        else:
            raise OSError('dropped on request')


__all__ = ['Client', 'ProtocolError', 'Server', 'connect', 'frame']
