"""What .ci/profile-functions and .ci/order-functions watch: sessions of a release build with its own echo server."""

import contextlib
import os
import re
import subprocess
import sys
import threading

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def build(*arguments):
    """Runs .ci/build-release, and returns the path of the program."""
    return subprocess.run([os.path.join(ROOT, '.ci/build-release'), *arguments], check=True, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True).stdout.strip()


@contextlib.contextmanager
def echo_server(program, *options):
    """The URL of an echo server, while the scope lasts."""
    server = subprocess.Popen([program, 'serve', '--echo', *options, '0'], stdin=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True)
    try:
        url = re.search(r'wss?://\S+', server.stderr.readline()).group()
        threading.Thread(target=server.stderr.read, daemon=True).start()
        yield url
    finally:
        server.terminate()
        server.wait()


def trips(command, number):
    """Sends lines through a client, each when the one before has come back."""
    client = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
    for line in (b'line %d\n' % index for index in range(number)):
        client.stdin.write(line)
        if client.stdout.readline() != line:
            sys.exit(f'{command[0]}: {line!r} did not come back')
    client.communicate()
