#ifndef CZLIB_H
#define CZLIB_H

#include <zlib.h>

// Functions for macros of zlib.h, which Swift cannot call. Negative window bits select raw deflate, without header and
// checksum.

static inline int czlib_deflate_init_raw(z_stream *stream, int level, int window_bits) {
    return deflateInit2(stream, level, Z_DEFLATED, -window_bits, 8, Z_DEFAULT_STRATEGY);
}

static inline int czlib_inflate_init_raw(z_stream *stream, int window_bits) {
    return inflateInit2(stream, -window_bits);
}

#endif
