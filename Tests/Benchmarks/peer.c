// The server for the benchmarks: a WebSocket server that costs next to nothing, so that the client is measured.
//
//   peer [-t PEM] [-d] [-r BYTES] count            counts messages, and answers the Close
//   peer [-t PEM] [-d] flood MESSAGES SIZE [TEXT]  sends messages of a size, or this text of that size, then a Close
//   peer [-t PEM] [-d] echo                        echoes frames unchanged
//
// -t uses TLS with the certificate and key in a PEM file; -d accepts permessage-deflate, whose payloads it echoes
// without decompressing them; -r reads at most that many bytes per second. Prints its port, serves one client at a time
// until standard input is closed, and prints a line for each: "MESSAGES BYTES closed" or "… lost". Checks only as much
// as it needs: other tests check the clients.
//
// cc -O2 -o peer peer.c -lssl -lcrypto

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum mode { COUNT, FLOOD, ECHO };

static enum mode mode;
static long flood_messages;
static size_t flood_size;
static const char *flood_text;
static bool deflates;
static double rate;
static SSL_CTX *tls;

// The state of the current client.
static int socket_descriptor;
static SSL *session;
static unsigned char *input;
static size_t input_count;
static double started;
static uint64_t taken;
enum { CAPACITY = 1 << 20 };

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void fail(const char *what) {
    perror(what);
    exit(1);
}

// Reads more input after the existing one; false when the client has disconnected.
static bool fill(void) {
    size_t room = CAPACITY - input_count;
    if (rate > 0) {
        double ahead = (double)taken / rate - (now() - started);
        if (ahead > 0) usleep((useconds_t)(ahead * 1e6));
        if (room > 64 << 10) room = 64 << 10;
    }
    ssize_t count = session ? SSL_read(session, input + input_count, (int)room)
                            : read(socket_descriptor, input + input_count, room);
    if (count <= 0) return false;
    input_count += (size_t)count;
    taken += (uint64_t)count;
    return true;
}

static bool send_all(const void *bytes, size_t size) {
    const char *rest = bytes;
    while (size > 0) {
        ssize_t count = session ? SSL_write(session, rest, (int)size) : write(socket_descriptor, rest, size);
        if (count <= 0) return false;
        rest += count;
        size -= (size_t)count;
    }
    return true;
}

static void consume(size_t size) {
    memmove(input, input + size, input_count - size);
    input_count -= size;
}

static bool shake_hands(void) {
    char *end;
    do {
        if (input_count == CAPACITY || !fill()) return false;
        input[input_count] = 0;
    } while (!(end = strstr((char *)input, "\r\n\r\n")));
    char *key = strcasestr((char *)input, "\r\nsec-websocket-key:");
    if (!key) return false;
    char text[128];
    if (sscanf(key + 20, " %60[^\r\n ]", text) != 1) return false;
    strcat(text, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    unsigned char digest[SHA_DIGEST_LENGTH];
    SHA1((unsigned char *)text, strlen(text), digest);
    char accept[64];
    EVP_EncodeBlock((unsigned char *)accept, digest, sizeof digest);
    char head[512];
    int size = snprintf(head, sizeof head,
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: %s\r\n%s\r\n",
        accept, deflates ? "Sec-WebSocket-Extensions: permessage-deflate\r\n" : "");
    consume((size_t)(end + 4 - (char *)input));
    return send_all(head, (size_t)size);
}

static size_t put_header(unsigned char *to, unsigned char first, size_t size) {
    to[0] = first;
    if (size < 126) {
        to[1] = (unsigned char)size;
        return 2;
    }
    size_t bytes = size < 65536 ? 2 : 8;
    to[1] = bytes == 2 ? 126 : 127;
    for (size_t i = 0; i < bytes; i++) to[2 + i] = (unsigned char)((uint64_t)size >> 8 * (bytes - 1 - i));
    return 2 + bytes;
}

static bool flood(void) {
    static unsigned char output[256 << 10];
    size_t used = 0;
    if (flood_size + 10 > sizeof output) return false;
    for (long message = 0; message < flood_messages; message++) {
        if (used + flood_size + 10 > sizeof output) {
            if (!send_all(output, used)) return false;
            used = 0;
        }
        used += put_header(output + used, 0x81, flood_size);
        if (flood_text) memcpy(output + used, flood_text, flood_size);
        else memset(output + used, 'a' + (int)(message % 26), flood_size);
        used += flood_size;
    }
    return send_all(output, used) && send_all("\x88\x02\x03\xe8", 4);
}

// Reads frames until the Close, and echoes them in echo mode.
static bool serve(uint64_t *messages, uint64_t *bytes) {
    static unsigned char output[CAPACITY + 16];
    for (;;) {
        size_t used = 0, offset = 0;
        bool is_closed = false;
        while (input_count - offset >= 2) {
            unsigned char *frame = input + offset;
            size_t rest = input_count - offset, size = frame[1] & 127, header = 6;
            if (size == 126) header = 8;
            if (size == 127) header = 14;
            if (rest < header) break;
            if (header == 8) size = (size_t)frame[2] << 8 | frame[3];
            if (header == 14) {
                size = 0;
                for (int i = 2; i < 10; i++) size = size << 8 | frame[i];
            }
            if (header + size > CAPACITY) return false;
            if (rest < header + size) break;
            if ((frame[0] & 15) == 8) {
                is_closed = true;
                break;
            }
            if (mode == ECHO) {
                if (used + size + 10 > sizeof output) {
                    if (!send_all(output, used)) return false;
                    used = 0;
                }
                used += put_header(output + used, frame[0], size);
                unsigned char *key = frame + header - 4, *payload = frame + header;
                for (size_t i = 0; i < size; i++) output[used + i] = payload[i] ^ key[i & 3];
                used += size;
            }
            *messages += frame[0] >> 7;
            *bytes += size;
            offset += header + size;
        }
        if (used > 0 && !send_all(output, used)) return false;
        if (is_closed) return send_all("\x88\x02\x03\xe8", 4);
        consume(offset);
        if (!fill()) return false;
    }
}

static void talk(void) {
    uint64_t messages = 0, bytes = 0;
    bool is_closed = shake_hands() && (mode != FLOOD || flood()) && serve(&messages, &bytes);
    printf("%lu %lu %s\n", (unsigned long)messages, (unsigned long)bytes, is_closed ? "closed" : "lost");
    fflush(stdout);
}

int main(int count, char **arguments) {
    int option;
    const char *certificate = NULL;
    while ((option = getopt(count, arguments, "t:dr:")) != -1) {
        if (option == 't') certificate = optarg;
        else if (option == 'd') deflates = true;
        else if (option == 'r') rate = atof(optarg);
        else return 64;
    }
    arguments += optind;
    if (!arguments[0]) return 64;
    mode = !strcmp(arguments[0], "flood") ? FLOOD : !strcmp(arguments[0], "echo") ? ECHO : COUNT;
    if (mode == FLOOD) {
        flood_messages = atol(arguments[1]);
        flood_size = (size_t)atol(arguments[2]);
        flood_text = arguments[3];
        if (flood_text && strlen(flood_text) != flood_size) return 64;
    }
    signal(SIGPIPE, SIG_IGN);
    input = malloc(CAPACITY + 1);
    if (certificate) {
        tls = SSL_CTX_new(TLS_server_method());
        if (SSL_CTX_use_certificate_chain_file(tls, certificate) != 1
            || SSL_CTX_use_PrivateKey_file(tls, certificate, SSL_FILETYPE_PEM) != 1) fail(certificate);
    }
    int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 8) != 0
        || getsockname(listener, (struct sockaddr *)&address, &size) != 0) fail("listening");
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        struct pollfd waiting[] = {{.fd = listener, .events = POLLIN}, {.fd = 0, .events = POLLIN}};
        if (poll(waiting, 2, -1) < 0) fail("poll");
        if (waiting[1].revents) return 0;
        socket_descriptor = accept(listener, NULL, NULL);
        if (socket_descriptor < 0) fail("accept");
        setsockopt(socket_descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        input_count = 0;
        taken = 0;
        started = now();
        session = NULL;
        if (tls) {
            session = SSL_new(tls);
            SSL_set_fd(session, socket_descriptor);
        }
        if (!session || SSL_accept(session) == 1) talk();
        if (session) {
            SSL_shutdown(session);
            SSL_free(session);
        }
        close(socket_descriptor);
    }
}
