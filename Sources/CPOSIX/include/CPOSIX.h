// One module for the POSIX interfaces of every platform, with functions for those that Swift cannot import or imports
// differently on each platform.

#ifndef CPOSIX_H
#define CPOSIX_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/// Returns the error number of the system call that has just failed.
static inline int posix_errno(void) { return errno; }

/// Returns the environment, which portable headers do not declare.
char **posix_environment(void);
/// Returns the exit status of a process from its `waitpid` status, or 128 plus the number of the signal that ended it.
static inline int posix_exit_status(int status) {
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/// Starts a program that does not inherit the signals that this process ignores or that Dispatch's threads block.
///
/// `actions` may be NULL. With `own_group`, the program is in a process group of its own. Returns 0 or an error number.
int posix_start(pid_t *process, const char *path, const posix_spawn_file_actions_t *actions, int own_group,
                char *const arguments[], char *const environment[]);
/// Ignores a signal, which a Dispatch source on Darwin requires.
void posix_ignore_signal(int signal);
/// Disables core dumps of this process and its child processes.
void posix_forbid_core_dumps(void);
/// Keeps up to 8 MiB of freed memory for the next batch of messages. Otherwise glibc returns it to the system after
/// each batch, and page faults take 40 % of the processor time when sending and receiving small messages.
void posix_keep_freed_memory(void);
/// Closes a file descriptor in processes that this one starts, and optionally makes reads of it return at once.
void posix_prepare_pipe(int descriptor, int nonblocking);
/// Returns the number of bytes that can be read from a pipe at once; 0 if that is unknown.
int posix_unread(int descriptor);
/// Raises the soft limit of open files to `wanted`, or to the hard limit if that is lower.
void posix_raise_open_file_limit(uint64_t wanted);

#endif
