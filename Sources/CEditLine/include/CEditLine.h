// Functions that Swift cannot call or must not implement: libedit's variadic functions, ioctl, wcwidth (hidden behind a
// feature macro), and everything that runs inside a signal handler.

#ifndef CEDITLINE_H
#define CEDITLINE_H

#include <histedit.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

// MARK: libedit

typedef unsigned char (*editline_function)(EditLine *, int);

/// Opens an editor whose output goes to /dev/null and whose terminal modes are those of `terminal`. NULL on failure.
EditLine *editline_open(const char *program, int terminal, el_rfunc_t reader);
void editline_close(EditLine *editor);
void editline_set_client_data(EditLine *editor, void *data);
void *editline_client_data(EditLine *editor);
/// Draws the line from scratch.
void editline_redraw(EditLine *editor);
/// Whether the user's ~/.editrc chose the vi bindings.
bool editline_is_vi(EditLine *editor);
void editline_add_function(EditLine *editor, const char *name, editline_function function);
/// Binds `key` (libedit's notation) in the main key map, or in the alternate one (vi's command mode).
void editline_bind(EditLine *editor, bool alternate, const char *key, const char *function);

// MARK: The terminal

/// Makes LC_CTYPE a UTF-8 locale.
void terminal_set_locale(void);
/// The columns that a character takes; -1 when it is not printable.
int terminal_width(uint32_t scalar);
/// False when the size is unknown.
bool terminal_size(int descriptor, int *columns, int *rows);
/// The value in `c_cc` of a disabled control character.
uint8_t terminal_disabled_character(void);
/// Creates a non-blocking pipe that is closed on exec. Descriptors: reading end, writing end. Returns 0 or an error number.
int terminal_pipe(int descriptors[2]);
/// Creates a pseudo-terminal that is no process's controlling terminal. Descriptors: master, slave. Returns 0 or an error
/// number.
int terminal_private(int descriptors[2]);
/// Like tcsetattr, retried when a signal interrupts it.
void terminal_set_modes(int terminal, int when, const struct termios *modes);
/// Like poll, which on Darwin does not support terminals.
int terminal_poll(struct pollfd *descriptors, int count, int milliseconds);

// MARK: Signals and the way out

/// Saves the terminal's modes, to be restored at exit and on fatal signals. False when a terminal is already guarded.
bool terminal_guard(int input, int output, const struct termios *modes);
/// Sets whether the guard has anything to restore; `reset` is what to write before that.
void terminal_guard_arm(bool armed, const char *reset);
void terminal_unguard(void);
/// Restores the default action of a signal that ends the process, except that a guarded terminal is restored first.
/// Returns the action before.
struct sigaction terminal_make_fatal(int signal);
/// Ends the process by a signal, after restoring a guarded terminal.
void terminal_die(int signal);

/// Sends the numbers of SIGINT, SIGTSTP, SIGCONT and SIGWINCH, a byte each, down `descriptor`.
void terminal_catch_signals(int descriptor);
void terminal_release_signals(void);
/// Lets the calling thread receive the signals caught above.
void terminal_unblock_signals(void);
/// Stops the process if `terminal` is another process group's, and returns when it goes on. Returns 0, or an error
/// number: EIO in an orphaned process group.
int terminal_stop_in_background(int terminal);
/// Stops the process as `signal` does by default. Returns when it goes on, or at once in an orphaned process group.
void terminal_stop(int signal);

#endif
