"""A terminal for tests: runs a program in a pseudo-terminal and keeps its screen.

Reads requests from standard input and writes answers to standard output, one JSON object a line. A request has "do" and
its arguments; an answer has "error" if the request failed. The program is killed when standard input closes.
"""

import codecs
import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
import unicodedata


# Seconds to wait for anything that is certain to happen.
PATIENCE = 60


def respond(**values):
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()


try:
    import pyte
    import pyte.modes
    from wcwidth import wcwidth
except ImportError as error:
    respond(error=f"{error}: install python3-pyte (apt-get install python3-pyte) for /usr/bin/python3")
    sys.exit(1)


class Screen(pyte.Screen):
    """pyte's screen with what it lacks: wide characters wrap whole, joiners take no column, scrolled rows are kept,
    wrapped lines reflow at a new width as in most terminals (but not in xterm), and the parts of an emoji may be drawn
    as one."""

    def __init__(self, columns, lines, reflows, joinsEmoji):
        self.reflows = reflows
        self.joins_emoji = joinsEmoji
        self.scrollback = []
        super().__init__(columns, lines)

    def draw(self, data):
        for char in data:
            width = wcwidth(char)
            if width == 0 or (width < 0 and unicodedata.category(char) in ("Mn", "Me", "Cf")):
                self.join(char)
                continue
            if self.joins_emoji and ("\U0001F3FB" <= char <= "\U0001F3FF" or self.before_cursor().endswith("\u200D")):
                self.join(char)
                continue
            width = max(width, 1)
            if self.cursor.x + width > self.columns:
                line = self.buffer[self.cursor.y]
                line.wrapped = self.cursor.x
                self.carriage_return()
                self.linefeed()
            line = self.buffer[self.cursor.y]
            x = self.cursor.x
            # Overwriting one half of a wide character erases the other half.
            if line[x].data == "" and x > 0:
                line[x - 1] = self.cursor.attrs._replace(data=" ")
            if x + width < self.columns and line[x + width].data == "":
                line[x + width] = self.cursor.attrs._replace(data=" ")
            line[x] = self.cursor.attrs._replace(data=char)
            if width == 2:
                line[x + 1] = self.cursor.attrs._replace(data="")
            self.cursor.x = x + width

    def join(self, char):
        line, x = self.buffer[self.cursor.y], self.column_before_cursor()
        if x >= 0:
            line[x] = line[x]._replace(data=line[x].data + char)

    def before_cursor(self):
        x = self.column_before_cursor()
        return self.buffer[self.cursor.y][x].data if x >= 0 else ""

    def column_before_cursor(self):
        x = self.cursor.x - 1
        return x - 1 if x > 0 and self.buffer[self.cursor.y][x].data == "" else x

    def index(self):
        if self.cursor.y == self.lines - 1:
            self.scrollback.append(self.text(self.buffer[0]))
        super().index()

    def erase_in_line(self, how=0, private=False):
        super().erase_in_line(how)
        if how != 1:
            self.buffer[self.cursor.y].wrapped = None

    def erase_in_display(self, how=0, *args, **kwargs):
        # As in tmux, a screen that is erased from its top left corner goes to the scrollback.
        if how == 2 or (how == 0 and (self.cursor.x, self.cursor.y) == (0, 0)):
            rows = self.display
            while rows and not rows[-1]:
                rows.pop()
            self.scrollback += rows
        super().erase_in_display(how)
        for y in range(self.cursor.y if how == 0 else 0, self.lines):
            self.buffer[y].wrapped = None

    def text(self, line):
        return "".join(line[x].data for x in range(max(line, default=-1) + 1)).rstrip()

    @property
    def display(self):
        return [self.text(self.buffer[y]) for y in range(self.lines)]

    def resize(self, lines=None, columns=None):
        lines, columns = lines or self.lines, columns or self.columns
        if columns == self.columns or not self.reflows:
            super().resize(lines, columns)
            self.cursor.x = min(self.cursor.x, columns - 1)
            self.cursor.y = min(self.cursor.y, lines - 1)
            return
        paragraphs, cursor = [[]], (0, 0)
        for y in range(self.lines):
            line = self.buffer[y]
            wrapped = getattr(line, "wrapped", None)
            if y == self.cursor.y:
                cursor = (len(paragraphs) - 1, len(paragraphs[-1]) + self.cursor.x)
            if wrapped:
                paragraphs[-1] += [line[x] for x in range(wrapped)]
            else:
                length = len(self.text(line)) and max(x for x in line if line[x].data != " ") + 1
                paragraphs[-1] += [line[x] for x in range(length)]
                paragraphs.append([])
        while len(paragraphs) > cursor[0] + 1 and not paragraphs[-1]:
            paragraphs.pop()
        rows, place = [], (0, 0)
        for number, paragraph in enumerate(paragraphs):
            row, at = [], None
            for offset, char in enumerate(paragraph):
                wide = char.data != "" and wcwidth(char.data[0]) == 2
                if len(row) + (2 if wide else 1) > columns:
                    rows.append((row, len(row)))
                    row = []
                if (number, offset) == cursor:
                    place = (len(rows), len(row))
                row.append(char)
            if number == cursor[0] and cursor[1] >= len(paragraph):
                place = (len(rows), min(len(row) + cursor[1] - len(paragraph), columns - 1))
            rows.append((row, None))
        dropped = max(0, len(rows) - lines)
        self.buffer.clear()
        self.lines, self.columns = lines, columns
        for y, (row, wrapped) in enumerate(rows[dropped:]):
            for x, char in enumerate(row):
                self.buffer[y][x] = char
            self.buffer[y].wrapped = wrapped
        for row, _ in rows[:dropped]:
            self.scrollback.append("".join(char.data for char in row).rstrip())
        self.cursor.y, self.cursor.x = max(0, place[0] - dropped), place[1]


class Session:
    def __init__(self):
        self.master = self.pid = self.status = None
        self.paused = False

    def spawn(self, program, arguments, environment, columns, rows, reflows, joinsEmoji, directory=None):
        self.screen = Screen(columns, rows, reflows, joinsEmoji)
        self.stream = pyte.Stream(self.screen)
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.transcript = bytearray()
        ready, go = os.pipe()
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            # Wait until the size is set, because the program may ask for it at once.
            os.read(ready, 1)
            try:
                if directory:
                    os.chdir(directory)
                os.execve(program, [program] + arguments, environment)
            except OSError as error:
                os.write(2, f"{program}: {error}\n".encode())
            os._exit(127)
        fcntl.fcntl(self.master, fcntl.F_SETFD, fcntl.FD_CLOEXEC)
        self.set_size(columns, rows)
        os.write(go, b"g")
        os.close(ready)
        os.close(go)

    def set_size(self, columns, rows):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def resize(self, columns, rows):
        # Resize the screen first, as a real terminal does: the program is notified later.
        self.screen.resize(rows, columns)
        self.set_size(columns, rows)

    def read(self):
        try:
            data = os.read(self.master, 65536)
        except OSError:
            data = b""
        if not data:
            self.last_modes = termios.tcgetattr(self.master)
            os.close(self.master)
            self.master = None
            return
        self.transcript += data
        self.stream.feed(self.decoder.decode(data))

    def pump(self, timeout, *others):
        """Waits for output and feeds it to the screen; returns the other descriptors that are readable."""
        descriptors = list(others)
        if self.master is not None and not self.paused:
            descriptors.append(self.master)
        ready, _, _ = select.select(descriptors, [], [], timeout)
        if self.master in ready:
            self.read()
        return [descriptor for descriptor in ready if descriptor in others]

    def send(self, keys):
        data = keys.encode("utf-8", "surrogateescape")
        deadline = time.monotonic() + PATIENCE
        while data:
            if time.monotonic() >= deadline:
                raise TimeoutError(f"the program did not read {len(data)} bytes of what was typed")
            # Keep reading the program's output while writing, to avoid a deadlock.
            _, writable, _ = select.select([], [self.master], [], 0.02)
            if writable:
                data = data[os.write(self.master, data[:1024]):]
            self.pump(0)

    def state(self):
        rows = self.screen.display
        return {
            "rows": rows,
            "column": min(self.screen.cursor.x, self.screen.columns - 1),
            "row": self.screen.cursor.y,
            "bracketedPaste": (2004 << 5) in self.screen.mode,
            "scrollback": len(self.screen.scrollback),
        }

    def wait(self, pattern, timeout, column=None, row=None, stable=0.0):
        expression = re.compile(pattern, re.MULTILINE)
        deadline = time.monotonic() + timeout
        while True:
            state = self.state()
            fits = expression.search("\n".join(state["rows"]).rstrip("\n") + "\n")
            if fits and column in (None, state["column"]) and row in (None, state["row"]):
                return state
            if time.monotonic() >= deadline or self.master is None:
                wanted = "" if column is None and row is None else f", cursor {column},{row}"
                raise TimeoutError(f"the screen did not match {pattern!r}{wanted}")
            self.pump(min(0.2, max(0, deadline - time.monotonic())))

    def lines(self):
        """Returns all rows, including those scrolled off the screen."""
        rows = self.screen.scrollback + self.screen.display
        while rows and not rows[-1]:
            rows.pop()
        return rows

    def modes(self):
        # After the program's end, the modes in which it left the terminal.
        _, output, _, local, *_ = self.last_modes if self.master is None else termios.tcgetattr(self.master)
        return {
            "canonical": bool(local & termios.ICANON),
            "echo": bool(local & termios.ECHO),
            "signals": bool(local & termios.ISIG),
            "postprocessing": bool(output & termios.OPOST),
        }

    def wait_exit(self, timeout):
        deadline = time.monotonic() + timeout
        while self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = status
            elif time.monotonic() >= deadline:
                raise TimeoutError("the program did not end")
            else:
                self.pump(0.02)
        while self.master is not None and select.select([self.master], [], [], 0)[0]:
            self.read()
        if os.WIFSIGNALED(self.status):
            return {"signal": os.WTERMSIG(self.status)}
        return {"status": os.WEXITSTATUS(self.status)}

    def end(self):
        if self.pid and self.status is None:
            for ending in (signal.SIGCONT, signal.SIGKILL):
                try:
                    os.kill(self.pid, ending)
                except ProcessLookupError:
                    pass


def perform(session, request):
    what = request.pop("do")
    if what == "spawn":
        session.spawn(**request)
    elif what == "send":
        session.send(request["keys"])
    elif what == "resize":
        session.resize(**request)
    elif what == "wait":
        return session.wait(**request)
    elif what == "screen":
        return session.state()
    elif what == "lines":
        return {"rows": session.lines()}
    elif what == "transcript":
        return {"text": session.transcript.decode("utf-8", "replace")}
    elif what == "modes":
        return session.modes()
    elif what == "signal":
        os.kill(session.pid, request["number"])
    elif what == "hangUp":
        os.close(session.master)
        session.master = None
    elif what == "pause":
        session.paused = request["paused"]
    elif what == "waitExit":
        return session.wait_exit(request["timeout"])
    else:
        raise ValueError(f"unknown request {what!r}")
    return {}


def main():
    session = Session()
    pending = b""
    try:
        while True:
            if not session.pump(None, 0):
                continue
            data = os.read(0, 65536)
            if not data:
                return
            pending += data
            while b"\n" in pending:
                line, pending = pending.split(b"\n", 1)
                try:
                    respond(**perform(session, json.loads(line)))
                except Exception as error:
                    rows = session.state()["rows"] if session.pid else []
                    respond(error=f"{type(error).__name__}: {error}", rows=rows)
    finally:
        session.end()


main()
