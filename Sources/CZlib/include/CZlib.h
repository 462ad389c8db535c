#ifndef CZLIB_H
#define CZLIB_H

#include <zlib.h>

// Functions for macros of zlib.h, which Swift cannot call. Negative window bits select raw deflate, without header and
// checksum.

// The hash table shrinks with the window, because zlib walks all of it each time a window has been filled: with a window
// of 512 bytes, the default table of 64 KiB takes most of the time.
static inline int czlib_deflate_init_raw(z_stream *stream, int level, int window_bits) {
    int memory_level = window_bits < 12 ? window_bits - 4 : 8;
    return deflateInit2(stream, level, Z_DEFLATED, -window_bits, memory_level, Z_DEFAULT_STRATEGY);
}

static inline int czlib_inflate_init_raw(z_stream *stream, int window_bits) {
    return inflateInit2(stream, -window_bits);
}

#endif
