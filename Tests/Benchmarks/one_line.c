// The least that a client can do in "one line, one reply, exit": connects to ws://127.0.0.1:PORT/, sends TEXT as a
// message, prints the first message, closes the connection and exits. Supports short messages only, and does not check
// what the server sends.
//
//     one_line PORT TEXT

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void send_all(int socket, const void *bytes, size_t count) {
    if (send(socket, bytes, count, MSG_NOSIGNAL) != (ssize_t)count) fail("send");
}

// Sends a masked frame with a payload of at most 125 bytes (RFC 6455, section 5.2).
static void send_frame(int socket, unsigned char opcode, const char *payload, size_t count) {
    unsigned char frame[6 + 125] = {0x80 | opcode, 0x80 | count};
    if (getrandom(frame + 2, 4, 0) != 4) fail("getrandom");
    for (size_t i = 0; i < count; i++) frame[6 + i] = payload[i] ^ frame[2 + i % 4];
    send_all(socket, frame, 6 + count);
}

static void receive_all(int socket, void *bytes, size_t count) {
    if (recv(socket, bytes, count, MSG_WAITALL) != (ssize_t)count) fail("recv");
}

// Receives a frame of at most 125 bytes and returns the length of its payload.
static size_t receive_frame(int socket, char *payload) {
    unsigned char header[2];
    receive_all(socket, header, 2);
    if (header[1] > 125) fail("frame");
    receive_all(socket, payload, header[1]);
    return header[1];
}

int main(int argc, char **argv) {
    if (argc != 3 || strlen(argv[2]) > 125) return 64;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1]))};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int peer = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(peer, (struct sockaddr *)&address, sizeof address) != 0) fail("connect");

    char request[256];
    send_all(peer, request, snprintf(request, sizeof request,
        "GET / HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n", argv[1]));
    char response[1024] = "";
    // The server sends nothing after its response before it has a message.
    for (size_t count = 0; !strstr(response, "\r\n\r\n");) {
        ssize_t received = recv(peer, response + count, sizeof response - 1 - count, 0);
        if (received <= 0) fail("recv");
        count += received;
    }

    char payload[125];
    send_frame(peer, 1, argv[2], strlen(argv[2]));
    size_t count = receive_frame(peer, payload);
    printf("%.*s\n", (int)count, payload);
    fflush(stdout);
    send_frame(peer, 8, "\x03\xe8", 2);
    receive_frame(peer, payload);
    return 0;
}
