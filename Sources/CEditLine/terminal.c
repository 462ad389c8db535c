#if defined(__linux__)
#define _GNU_SOURCE
#endif

#include "CEditLine.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <unistd.h>

void terminal_set_locale(void) {
    static const char *const names[] = {"", "C.UTF-8", "en_US.UTF-8"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (setlocale(LC_CTYPE, names[i]) && strcmp(nl_langinfo(CODESET), "UTF-8") == 0) return;
    }
}

int terminal_width(uint32_t scalar) {
    return wcwidth((wchar_t)scalar);
}

bool terminal_size(int descriptor, int *columns, int *rows) {
    struct winsize size;
    if (ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return false;
    *columns = size.ws_col;
    *rows = size.ws_row;
    return true;
}

uint8_t terminal_disabled_character(void) {
    return _POSIX_VDISABLE;
}

int terminal_pipe(int descriptors[2]) {
    if (pipe(descriptors) != 0) return errno;
    for (int i = 0; i < 2; i++) {
        fcntl(descriptors[i], F_SETFD, FD_CLOEXEC);
        fcntl(descriptors[i], F_SETFL, O_NONBLOCK);
    }
    return 0;
}

int terminal_private(int descriptors[2]) {
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0) return errno;
    const char *name = NULL;
    if (grantpt(master) == 0 && unlockpt(master) == 0 && (name = ptsname(master))) {
        int slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
        if (slave >= 0) {
            fcntl(master, F_SETFD, FD_CLOEXEC);
            descriptors[0] = master;
            descriptors[1] = slave;
            return 0;
        }
    }
    int error = errno;
    close(master);
    return error;
}

void terminal_set_modes(int terminal, int when, const struct termios *modes) {
    while (tcsetattr(terminal, when, modes) != 0 && errno == EINTR) {}
}

int terminal_poll(struct pollfd *descriptors, int count, int milliseconds) {
#if defined(__APPLE__)
    return terminal_select(descriptors, count, milliseconds);
#else
    return poll(descriptors, (nfds_t)count, milliseconds);
#endif
}

int terminal_select(struct pollfd *descriptors, int count, int milliseconds) {
    fd_set reading, writing;
    int highest = -1;
    FD_ZERO(&reading);
    FD_ZERO(&writing);
    for (int i = 0; i < count; i++) {
        int descriptor = descriptors[i].fd;
        if (descriptor < 0 || descriptor >= FD_SETSIZE) continue;
        if (descriptors[i].events & POLLIN) FD_SET(descriptor, &reading);
        if (descriptors[i].events & POLLOUT) FD_SET(descriptor, &writing);
        if (descriptor > highest) highest = descriptor;
    }
    struct timeval limit = {milliseconds / 1000, milliseconds % 1000 * 1000};
    if (select(highest + 1, &reading, &writing, NULL, milliseconds < 0 ? NULL : &limit) < 0) return -1;
    int ready = 0;
    for (int i = 0; i < count; i++) {
        int descriptor = descriptors[i].fd;
        descriptors[i].revents = 0;
        if (descriptor < 0 || descriptor >= FD_SETSIZE) continue;
        if (FD_ISSET(descriptor, &reading)) descriptors[i].revents |= descriptors[i].events & POLLIN;
        if (FD_ISSET(descriptor, &writing)) descriptors[i].revents |= descriptors[i].events & POLLOUT;
        if (descriptors[i].revents) ready++;
    }
    return ready;
}
