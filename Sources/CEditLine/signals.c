#if defined(__linux__)
#define _GNU_SOURCE
#endif

#include "CEditLine.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

// MARK: Restoring the terminal at exit

static const int fatal_signals[] = {
    SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGABRT, SIGSYS, SIGQUIT, SIGTERM, SIGHUP,
};
static struct sigaction fatal_before[COUNT(fatal_signals)];
static bool fatal_installed[COUNT(fatal_signals)];

static atomic_bool guarded;
static atomic_bool armed;
static int guarded_input;
static int guarded_output;
static struct termios modes_before;
static char reset_sequence[64];
static size_t reset_length;

// Restores the terminal. Runs at exit and in signal handlers, so it makes only async-signal-safe calls.
static void leave_terminal(void) {
    if (!atomic_exchange(&armed, false)) return;
    int error = errno;
    ssize_t ignored = write(guarded_output, reset_sequence, reset_length);
    (void)ignored;
    // In the background, setting the modes would stop this process or change the modes of the shell.
    if (tcgetpgrp(guarded_input) == getpgrp()) tcsetattr(guarded_input, TCSANOW, &modes_before);
    errno = error;
}

// Sends a signal to this thread, so that it has taken effect when the function returns, unless Darwin rejects that: in
// Dispatch's threads.
static void send_here(int signal) {
    if (raise(signal) != 0) kill(getpid(), signal);
}

static void die(int signal) {
    leave_terminal();
    for (size_t i = 0; i < COUNT(fatal_signals); i++) {
        if (fatal_signals[i] == signal) sigaction(signal, &fatal_before[i], NULL);
    }
    // The signal is blocked until this handler returns; then the default action or the runtime's crash handler runs.
    send_here(signal);
}

void terminal_exit(int status) {
    leave_terminal();
    fflush(stdout);
    fflush(stderr);
    _exit(status);
}

bool terminal_guard(int input, int output, const struct termios *modes) {
    static atomic_bool registered;
    if (atomic_exchange(&guarded, true)) return false;
    guarded_input = input;
    guarded_output = output;
    modes_before = *modes;
    if (!atomic_exchange(&registered, true)) atexit(leave_terminal);

    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = die;
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_ONSTACK;
    for (size_t i = 0; i < COUNT(fatal_signals); i++) {
        int signal = fatal_signals[i];
        bool asked_to_end = signal == SIGQUIT || signal == SIGTERM || signal == SIGHUP;
        sigaction(signal, NULL, &fatal_before[i]);
        // A program that ignores or handles these signals ends the session by itself.
        fatal_installed[i] = !asked_to_end || fatal_before[i].sa_handler == SIG_DFL;
        if (fatal_installed[i]) sigaction(signal, &action, NULL);
    }
    return true;
}

void terminal_guard_arm(bool now_armed, const char *reset) {
    if (!now_armed) {
        atomic_store(&armed, false);
        return;
    }
    reset_length = strlen(reset);
    if (reset_length > sizeof reset_sequence) reset_length = sizeof reset_sequence;
    memcpy(reset_sequence, reset, reset_length);
    atomic_store(&armed, true);
}

void terminal_unguard(void) {
    for (size_t i = 0; i < COUNT(fatal_signals); i++) {
        struct sigaction current;
        if (!fatal_installed[i] || sigaction(fatal_signals[i], NULL, &current) != 0) continue;
        if (current.sa_handler == die) sigaction(fatal_signals[i], &fatal_before[i], NULL);
    }
    atomic_store(&armed, false);
    atomic_store(&guarded, false);
}

static void die_by_default(int signal) {
    leave_terminal();
    // SA_RESETHAND has restored the default action.
    send_here(signal);
}

struct sigaction terminal_make_fatal(int signal) {
    struct sigaction action;
    struct sigaction before;
    memset(&action, 0, sizeof action);
    action.sa_handler = die_by_default;
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_ONSTACK | SA_RESETHAND;
    sigaction(signal, &action, &before);
    return before;
}

// MARK: Signals through a pipe

static const int caught_signals[] = {SIGINT, SIGTSTP, SIGCONT, SIGWINCH};
static struct sigaction caught_before[COUNT(caught_signals)];
static atomic_int signal_descriptor = -1;

// Writes the signal to the pipe. A Dispatch source would require SIG_IGN, which child processes would inherit.
static void note(int signal) {
    int error = errno;
    unsigned char byte = (unsigned char)signal;
    int descriptor = atomic_load(&signal_descriptor);
    if (descriptor >= 0) {
        ssize_t ignored = write(descriptor, &byte, 1);
        (void)ignored;
    }
    errno = error;
}

void terminal_catch_signals(int descriptor) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = note;
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    atomic_store(&signal_descriptor, descriptor);
    for (size_t i = 0; i < COUNT(caught_signals); i++) sigaction(caught_signals[i], &action, &caught_before[i]);
}

void terminal_release_signals(void) {
    for (size_t i = 0; i < COUNT(caught_signals); i++) {
        struct sigaction current;
        if (sigaction(caught_signals[i], NULL, &current) != 0 || current.sa_handler != note) continue;
        sigaction(caught_signals[i], &caught_before[i], NULL);
    }
    atomic_store(&signal_descriptor, -1);
}

void terminal_unblock_signals(void) {
    // Dispatch's threads block all signals, and on Linux dispatch_main() ends the main thread, so that no thread would
    // receive them.
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < COUNT(caught_signals); i++) sigaddset(&set, caught_signals[i]);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

// The action and mask of a signal before it was set to its default action.
struct handling {
    int signal;
    struct sigaction action;
    sigset_t mask;
};

static struct handling begin_default(int signal) {
    struct handling before = {.signal = signal};
    struct sigaction action;
    sigset_t set;
    memset(&action, 0, sizeof action);
    action.sa_handler = SIG_DFL;
    sigemptyset(&action.sa_mask);
    sigaction(signal, &action, &before.action);
    sigemptyset(&set);
    sigaddset(&set, signal);
    pthread_sigmask(SIG_UNBLOCK, &set, &before.mask);
    return before;
}

static void end_default(const struct handling *before) {
    pthread_sigmask(SIG_SETMASK, &before->mask, NULL);
    sigaction(before->signal, &before->action, NULL);
}

void terminal_stop(int signal) {
    struct handling before = begin_default(signal);
    send_here(signal);
    end_default(&before);
}

void terminal_die(int signal) {
    leave_terminal();
    begin_default(signal);
    send_here(signal);
}

int terminal_stop_in_background(int terminal) {
    // If the signal were blocked or ignored, as in Dispatch's threads, the modes would be set instead.
    struct handling before = begin_default(SIGTTOU);
    struct termios modes;
    int error = 0;
    if (tcgetattr(terminal, &modes) != 0 || tcsetattr(terminal, TCSANOW, &modes) != 0) error = errno;
    end_default(&before);
    return error;
}
