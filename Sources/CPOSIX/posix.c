#include "CPOSIX.h"

#include <sys/resource.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

extern char **environ;

char **posix_environment(void) {
    return environ;
}

void posix_ignore_signal(int number) {
    signal(number, SIG_IGN);
}

void posix_forbid_core_dumps(void) {
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
}

void posix_prepare_pipe(int descriptor, int nonblocking) {
    fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    if (nonblocking) fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK);
}

void posix_raise_open_file_limit(uint64_t wanted) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) return;
    limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

void posix_keep_freed_memory(void) {
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 8 << 20);
    mallopt(M_TRIM_THRESHOLD, 8 << 20);
#endif
}
