// Functions that Swift cannot call or implement: libedit's variadic functions, ioctl, wcwidth (hidden behind a feature
// macro), and signal handlers.

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

typedef int (*editline_reader)(EditLine *, wchar_t *);
typedef unsigned char (*editline_function)(EditLine *, int);

/// Creates an editor whose output is discarded and that uses the modes of `terminal`. Returns NULL on failure.
EditLine *editline_open(const char *program, int terminal, editline_reader reader);
void editline_close(EditLine *editor);
void editline_set_client_data(EditLine *editor, void *data);
void *editline_client_data(EditLine *editor);
/// Draws the line from scratch.
void editline_redraw(EditLine *editor);
/// Moves the cursor to the right, or to the left if `count` is negative, within the line.
void editline_move_cursor(EditLine *editor, int count);
/// Whether the user's ~/.editrc chose the vi bindings.
bool editline_is_vi(EditLine *editor);
void editline_add_function(EditLine *editor, const char *name, editline_function function);
/// Binds `key`, in libedit's notation, in the main key map or in the alternate one (vi's command mode).
void editline_bind(EditLine *editor, bool alternate, const char *key, const char *function);

// MARK: The terminal

/// Sets LC_CTYPE to a UTF-8 locale.
void terminal_set_locale(void);
/// Returns the width of a character in columns; -1 when it is not printable.
int terminal_width(uint32_t scalar);
/// Gets the size of a terminal. Returns false when it is unknown.
bool terminal_size(int descriptor, int *columns, int *rows);
/// Returns the value in `c_cc` that disables a control character.
uint8_t terminal_disabled_character(void);
/// Creates a non-blocking pipe that is closed on exec, and stores its reading and writing ends. Returns 0 or an error
/// number.
int terminal_pipe(int descriptors[2]);
/// Creates a pseudo-terminal that is not the controlling terminal of any process, and stores its master and slave.
/// Returns 0 or an error number.
int terminal_private(int descriptors[2]);
/// Like tcsetattr, but retries when a signal interrupts it.
void terminal_set_modes(int terminal, int when, const struct termios *modes);
/// Like poll, but also supports terminals on Darwin.
int terminal_poll(struct pollfd *descriptors, int count, int milliseconds);
/// Like poll for POLLIN and POLLOUT, but based on select. Ignores descriptors from FD_SETSIZE on.
int terminal_select(struct pollfd *descriptors, int count, int milliseconds);

// MARK: Signals and exit

/// Guards a terminal: its modes are restored at exit and on fatal signals. Returns false when one is already guarded.
bool terminal_guard(int input, int output, const struct termios *modes);
/// Sets whether the guard restores the terminal; `reset` is the sequence to write before the modes are restored.
void terminal_guard_arm(bool armed, const char *reset);
void terminal_unguard(void);
/// Gives a signal its default action of ending the process, after restoring a guarded terminal. Returns the previous
/// action.
struct sigaction terminal_make_fatal(int signal);
/// Ends the process with a status, after restoring a guarded terminal and flushing the standard streams, without calling
/// the functions that other code has registered for exit.
_Noreturn void terminal_exit(int status);
/// Ends the process with a signal, after restoring a guarded terminal.
void terminal_die(int signal);

/// Writes a byte with the signal's number to `descriptor` for each SIGINT, SIGTSTP, SIGCONT and SIGWINCH.
void terminal_catch_signals(int descriptor);
void terminal_release_signals(void);
/// Unblocks the signals that terminal_catch_signals handles in the calling thread.
void terminal_unblock_signals(void);
/// Stops the process if it is in the background of `terminal`, and returns when it continues. Returns 0 or an error
/// number: EIO in an orphaned process group.
int terminal_stop_in_background(int terminal);
/// Stops the process with a signal's default action. Returns when it continues, or immediately in an orphaned process
/// group.
void terminal_stop(int signal);

#endif
