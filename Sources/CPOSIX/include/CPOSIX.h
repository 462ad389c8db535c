// The POSIX interfaces under one module name on every platform, and functions for those that Swift imports differently on
// each platform, or not at all.

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
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/// The error number of the system call that has just failed.
static inline int posix_errno(void) { return errno; }

/// Returns the environment, which no header declares portably.
char **posix_environment(void);
/// Ignores a signal. On Darwin, a Dispatch source requires that.
void posix_ignore_signal(int signal);
/// Keeps this process, and those it starts, from leaving core dumps.
void posix_forbid_core_dumps(void);
/// Keeps up to 8 MiB of freed memory for the next batch of messages. Otherwise glibc returns it to the system after each batch,
/// and the page faults take 40 % of the processor time of sending and receiving small messages.
void posix_keep_freed_memory(void);
/// Closes a file descriptor in processes that this one starts, and optionally makes reads of it return at once.
void posix_prepare_pipe(int descriptor, int nonblocking);
/// Raises the soft limit of open files to `wanted`, or to the hard limit if that is lower.
void posix_raise_open_file_limit(uint64_t wanted);

#endif
