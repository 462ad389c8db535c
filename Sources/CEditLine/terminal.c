#if defined(__linux__)
#define _GNU_SOURCE
#endif

#include "CEditLine.h"

#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
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

bool terminal_pipe(int descriptors[2]) {
    if (pipe(descriptors) != 0) return false;
    for (int i = 0; i < 2; i++) {
        fcntl(descriptors[i], F_SETFD, FD_CLOEXEC);
        fcntl(descriptors[i], F_SETFL, O_NONBLOCK);
    }
    return true;
}

bool terminal_private(int descriptors[2]) {
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0) return false;
    const char *name = NULL;
    if (grantpt(master) == 0 && unlockpt(master) == 0 && (name = ptsname(master))) {
        int slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
        if (slave >= 0) {
            fcntl(master, F_SETFD, FD_CLOEXEC);
            descriptors[0] = master;
            descriptors[1] = slave;
            return true;
        }
    }
    close(master);
    return false;
}
