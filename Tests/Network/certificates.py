"""The certificates that Tests/Network/run tries, like those of badssl.com, made with openssl.

`table(folder)` makes them and returns the rows: how each certificate is made, and what wsline must say about it. Python's
ssl module gives a second opinion on every row; where wsline differs from it, the row says why.
"""

import dataclasses
import os
import subprocess

HOST = 'www.example.com'
SERVER = 'extendedKeyUsage=serverAuth'
AUTHORITY = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign']
KEYS = {
    'P-256': ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'], 'P-384': ['ec', '-pkeyopt', 'ec_paramgen_curve:P-384'],
    'P-521': ['ec', '-pkeyopt', 'ec_paramgen_curve:P-521'], 'P-224': ['ec', '-pkeyopt', 'ec_paramgen_curve:P-224'],
    'secp256k1': ['ec', '-pkeyopt', 'ec_paramgen_curve:secp256k1'],
    'RSA-PSS': ['rsa-pss', '-pkeyopt', 'rsa_keygen_bits:2048'],
    'RSA 1024': ['rsa:1024'], 'RSA 2047': ['rsa:2047'], 'RSA 2048': ['rsa:2048'], 'RSA 4096': ['rsa:4096'],
    'Ed25519': ['ed25519'], 'Ed448': ['ed448'],
}


@dataclasses.dataclass
class Row:
    name: str
    pem: str
    status: int = 0
    words: str = ''
    host: str = HOST
    tls: str = None
    python: int = None  # Python's opinion, 0 or 1, where it is another than wsline's


class Maker:
    """Makes certificates in a folder; each has the file names NAME.crt, NAME.key and NAME.pem, the chain and the key."""

    def __init__(self, folder):
        self.folder = folder
        self.count = 0

    def path(self, name):
        return os.path.join(self.folder, name)

    def make(self, name, names=f'DNS:{HOST}', extensions=(SERVER,), key='P-256', issuer='root', subject=None, days=30,
             start=0, digest='sha256', chain=None, after=None):
        """Makes a certificate; it is valid from `start` days after now for `days` days, and `chain` is sent with it."""
        self.count += 1
        subject = f'leaf {self.count}' if subject is None else subject
        lines = [f'subjectAltName={names}'] if names else []
        config = self.path(f'{name}.cnf')
        with open(config, 'w') as file:
            file.write('[req]\nprompt=no\ndistinguished_name=dn\n' + ('x509_extensions=ext\n' if lines or extensions else '')
                       + '[dn]\n' + (f'CN={subject}\n' if subject else '') + '[ext]\n' + '\n'.join([*lines, *extensions]) + '\n')
        faketime = ['faketime', '-f', f'{start:+}d'] if start else []
        command = [*faketime, 'openssl', 'req', '-x509', '-newkey', *KEYS[key], '-nodes', '-keyout', self.path(f'{name}.key'),
                   '-out', self.path(f'{name}.crt'), '-config', config, '-days', str(days), '-set_serial', str(self.count)]
        if not subject:
            command += ['-subj', '/']
        if issuer:
            command += ['-CA', self.path(f'{issuer}.crt'), '-CAkey', self.path(f'{issuer}.key')]
        # Ed25519 and Ed448 have their own digest.
        if (KEYS[key][0] if not issuer else 'ec')[:2] != 'ed':
            command += [f'-{digest}']
        result = subprocess.run(command, capture_output=True, text=True)
        if result.returncode:
            raise SystemExit(f'certificates.py: {" ".join(command)}: {result.stderr}')
        if after:
            after(self.path(f'{name}.crt'))
        with open(self.path(f'{name}.pem'), 'w') as file:
            for part in [f'{name}.crt', *(f'{link}.crt' for link in chain or ()), f'{name}.key']:
                file.write(open(self.path(part)).read())
        return self.path(f'{name}.pem')

    def authority(self, name, issuer='root', extensions=AUTHORITY, subject=None, **options):
        return self.make(name, None, extensions, issuer=issuer, subject=subject or name, **options)


def break_signature(file):
    """Changes the last bytes of a certificate, which are its signature."""
    der = subprocess.run(['openssl', 'x509', '-in', file, '-outform', 'DER'], check=True, capture_output=True).stdout
    der = der[:-1] + bytes([der[-1] ^ 1])
    subprocess.run(['openssl', 'x509', '-inform', 'DER', '-out', file], input=der, check=True)


def der_name(text):
    """A subject alternative name of bytes that a configuration file cannot have."""
    name = b'\x82' + bytes([len(text)]) + text
    return 'DER:' + (b'\x30' + bytes([len(name)]) + name).hex(':')


def table(folder):
    """Makes the certificates; returns the rows, and the file of the authorities that are trusted."""
    maker = Maker(folder)
    make, authority = maker.make, maker.authority
    for name, options in {
            'root': {}, 'stranger': {}, 'old root': {'start': -60}, 'RSA root': {'key': 'RSA 2048'},
            'P-521 root': {'key': 'P-521'}, 'root with constraints': {}}.items():
        authority(name, None, **options)
    authority('impostor', None, subject='root')
    authority('middle')
    authority('lower', 'middle')
    authority('lowest', 'lower')
    authority('old middle', start=-60)
    authority('future middle', start=10)
    authority('no authority', extensions=['basicConstraints=critical,CA:FALSE'])
    authority('no constraints', extensions=['keyUsage=digitalSignature'])
    authority('no signer', extensions=['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,digitalSignature'])
    authority('for clients', extensions=[*AUTHORITY, 'extendedKeyUsage=clientAuth'])
    authority('no length', extensions=['basicConstraints=critical,CA:TRUE,pathlen:0', AUTHORITY[1]])
    authority('too deep', 'no length')
    authority('SHA-1 middle', digest='sha1')
    authority('RSA 1024 middle', key='RSA 1024')
    for name, constraint in (('permitted', 'permitted;DNS:example.com'), ('elsewhere', 'permitted;DNS:example.org'),
                             ('excluded', 'excluded;DNS:www.example.com'), ('address', 'permitted;IP:10.0.0.0/255.0.0.0')):
        authority(name, extensions=[*AUTHORITY, f'nameConstraints=critical,{constraint}'])
    roots = maker.path('roots.pem')
    self_signed = make('self-signed', issuer=None, subject=HOST)
    trusted = make('trusted self-signed', issuer=None, subject=HOST)
    with open(roots, 'w') as file:
        for name in ('root', 'old root', 'RSA root', 'P-521 root', 'trusted self-signed'):
            file.write(open(maker.path(f'{name}.crt')).read())

    rows = []

    def accept(name, pem, **options):
        rows.append(Row(name, pem, **options))

    def reject(name, pem, words, status=77, **options):
        rows.append(Row(name, pem, status, words, **options))

    def through(name, **options):
        """A good certificate that an intermediate one has issued."""
        return make(f'through {name}', issuer=name, chain=[name], **options)

    # Keys and signatures.
    for key in ('P-256', 'P-384', 'P-521', 'RSA 2048', 'RSA 4096', 'Ed25519'):
        pem = make(key, key=key)
        accept(f'{key} key', pem)
        accept(f'{key} key, TLS 1.2', pem, tls='TLSv1_2')
    accept('signed by RSA', make('by RSA', issuer='RSA root'))
    accept('signed by P-521 with SHA-512', make('by P-521', issuer='P-521 root', digest='sha512'))
    reject('RSA 1024 key', make('RSA 1024', key='RSA 1024'), '1024 bits')
    reject('RSA 2047 key', make('RSA 2047', key='RSA 2047'), '2047 bits', python=0)
    for key in ('secp256k1', 'P-224'):
        reject(f'{key} key', make(key, key=key), 'P-521 or Ed25519 keys', status=69)
    # BoringSSL has neither.
    for key in ('Ed448', 'RSA-PSS'):
        reject(f'{key} key', make(key, key=key), 'P-521 or Ed25519 keys', status=69, python=0)
    reject('signed with SHA-1', make('SHA-1', digest='sha1'), 'uses MD5 or SHA-1')
    reject('signed with SHA-1 by RSA', make('RSA SHA-1', digest='sha1', issuer='RSA root'), 'uses MD5 or SHA-1')
    reject('signed with MD5 by RSA', make('MD5', digest='md5', issuer='RSA root'), 'issuer')
    reject('a changed signature', make('changed', after=break_signature), 'issuer')

    # Names.
    accept('several names', make('several', f'DNS:a.example,DNS:{HOST},IP:10.0.0.1'))
    accept('capital letters', make('capitals', 'DNS:WWW.Example.COM'))
    reject('another name', make('another', 'DNS:a.example'), 'issued for a.example, not for')
    reject('the domain of the host', make('domain', 'DNS:example.com'), 'issued for example.com, not for')
    reject('a host below', make('below', f'DNS:one.{HOST}'), 'not for')
    accept('an empty subject', make('empty', f'critical,DNS:{HOST}', subject=''))
    reject('no name at all', make('nameless', None, subject='A Server'), 'its common name is A Server')
    accept('a common name alone', make('common', None, subject=HOST))
    reject('a common name beside others', make('beside', 'DNS:a.example', subject=HOST), 'issued for a.example')
    reject('a common name beside an e-mail address', make('mail', 'email:me@example.com', subject=HOST),
           'only its common name', python=0)
    reject('a name with NUL', make('nul', der_name(HOST.encode() + b'\0.evil.example')), 'not for')
    for name, pattern, host, is_good in (
            ('a wildcard', '*.example.com', HOST, True), ('a wildcard and two labels', '*.example.com', f'a.{HOST}', False),
            ('a wildcard and none', '*.example.com', 'example.com', False), ('a wildcard alone', '*', HOST, False),
            ('a wildcard for a single label', '*', 'localhost', False),
            ('a wildcard of a top-level domain', '*.com', 'example.com', False),
            ('two wildcards', '*.*.com', HOST, False), ('a wildcard inside', 'www.*.com', HOST, False),
            ('a wildcard at the end', 'www.example.*', HOST, False)):
        pem = make(name, f'DNS:{pattern}')
        if is_good:
            accept(name, pem, host=host)
        else:
            reject(name, pem, f'issued for {pattern}', host=host)
    # RFC 9525, section 6.3: a wildcard is a whole label.
    reject('a wildcard after letters', make('after', 'DNS:w*.example.com'), 'whole first label')
    reject('a wildcard before letters', make('before', 'DNS:*w.example.com'), 'whole first label')
    accept('an international name', make('idn', 'DNS:xn--bcher-kva.example'), host='bücher.example')
    accept('an international name for a wildcard', make('idn wild', 'DNS:*.bücher.example'.replace('bücher', 'xn--bcher-kva')),
           host='www.bücher.example')
    accept('an IPv4 address', make('ipv4', 'IP:127.0.0.1'), host='127.0.0.1')
    accept('an IPv6 address', make('ipv6', 'IP:::1'), host='[::1]')
    reject('another address', make('other ip', 'IP:127.0.0.2'), 'issued for 127.0.0.2, not for 127.0.0.1', host='127.0.0.1')
    reject('an address as DNS name', make('ip dns', 'DNS:127.0.0.1'), 'not for', host='127.0.0.1')
    reject('an address as common name', make('ip cn', None, subject='127.0.0.1'), 'only its common name', host='127.0.0.1')
    reject('an address for a name', make('ip name', 'IP:127.0.0.1'), 'issued for 127.0.0.1, not for')
    reject('a wildcard for an address', make('wild ip', 'DNS:*.0.0.1'), 'not for', host='127.0.0.1')

    # Dates.
    reject('expired', make('expired', start=-60), 'it expired on 20')
    reject('expired yesterday', make('yesterday', start=-31), 'it expired on 20')
    reject('not yet valid', make('future', start=10), 'is not valid before 20')
    accept('valid until 2060', make('long', days=12600))
    reject('an expired intermediate', through('old middle'), 'expired or not allowed')
    reject('an intermediate of the future', through('future middle'), 'issuer')
    reject('an expired root', make('of old root', issuer='old root'), 'issuer')

    # Purposes and extensions.
    accept('no extended key usage', make('any use', extensions=()))
    accept('for servers and clients', make('both uses', extensions=['extendedKeyUsage=clientAuth,serverAuth']))
    reject('for clients only', make('client use', extensions=['extendedKeyUsage=clientAuth']), 'does not allow servers')
    reject('for signing code', make('code use', extensions=['extendedKeyUsage=codeSigning']), 'does not allow servers')
    reject('no digital signatures', make('no signatures', extensions=['keyUsage=critical,keyCertSign']), 'key usage does not')
    accept('an authority as server', make('ca leaf', extensions=['basicConstraints=critical,CA:TRUE']))
    reject('an unknown critical extension', make('critical', extensions=[SERVER, '1.2.3.4=critical,ASN1:NULL']),
           'critical extension 1.2.3.4 ')
    accept('an unknown extension', make('uncritical', extensions=[SERVER, '1.2.3.4=ASN1:NULL']))

    # Chains.
    accept('one intermediate', through('middle'))
    accept('three intermediates', make('deep', issuer='lowest', chain=['lowest', 'lower', 'middle']))
    accept('intermediates in disorder', make('disorder', issuer='lowest', chain=['middle', 'lowest', 'lower']))
    accept('certificates that do not belong', make('extra', issuer='middle', chain=['stranger', 'middle', 'lower']))
    accept('the root sent too', make('with root', issuer='middle', chain=['middle', 'root']))
    reject('a missing intermediate', make('short', issuer='middle'), 'an intermediate certificate is missing')
    reject('one of two intermediates', make('half', issuer='lower', chain=['lower']), 'issuer')
    reject('an unknown issuer', make('strange', issuer='stranger'), 'its issuer "CN=stranger" is not trusted')
    reject('an unknown root sent too', make('strange root', issuer='stranger', chain=['stranger']), 'issuer "CN=stranger"')
    reject('an issuer with the name of a trusted one', make('impostor leaf', issuer='impostor'), 'issuer "CN=root"')
    reject('self-signed', self_signed, 'it is self-signed')
    accept('self-signed and trusted', trusted)
    reject('an issuer that is no authority', through('no authority'), 'not allowed to issue it')
    reject('an issuer without constraints', through('no constraints'), 'not allowed to issue it')
    reject('an issuer that must not sign', through('no signer'), 'not allowed to issue it')
    reject('an issuer for clients', through('for clients'), 'not allowed to issue it')
    accept('a path of the allowed length', through('no length'))
    reject('a path too long', make('long path', issuer='too deep', chain=['too deep', 'no length']), 'not allowed to issue it')
    accept('a permitted name', through('permitted'))
    reject('a name that is not permitted', through('elsewhere'), 'not allowed to issue it')
    reject('an excluded name', through('excluded'), 'not allowed to issue it')
    reject('an address that is not permitted', make('through address', 'IP:127.0.0.1', issuer='address', chain=['address']),
           'not allowed to issue it', host='127.0.0.1')
    # NIOSSL does not report the certificates between the server's and the root, so that their strength is not checked.
    accept('a weak intermediate, SHA-1', through('SHA-1 middle'), python=1)
    accept('a weak intermediate, RSA 1024', through('RSA 1024 middle'), python=1)
    return rows, roots
