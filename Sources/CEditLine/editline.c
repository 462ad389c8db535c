#if defined(__linux__)
#define _GNU_SOURCE
#endif

#include "CEditLine.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

// Uses only what Apple's libedit, a version from before 2013, has too: it has no el_init_fd, el_cursor and el_rfunc_t,
// and such old versions of el_set, unlike el_wset, reject EL_REFRESH.

static void close_if_open(FILE *file) {
    if (file) fclose(file);
}

EditLine *editline_open(const char *program, int terminal, editline_reader reader) {
    int copy = fcntl(terminal, F_DUPFD_CLOEXEC, 0);
    if (copy < 0) return NULL;
    FILE *input = fdopen(copy, "r+");
    if (!input) close(copy);
    FILE *nothing = fopen("/dev/null", "we");
    EditLine *editor = input && nothing ? el_init(program, input, input, nothing) : NULL;
    if (!editor) {
        close_if_open(input);
        close_if_open(nothing);
        return NULL;
    }
    // el_init enables editing only if the output is a terminal.
    el_wset(editor, EL_SETFP, 1, nothing);
    el_set(editor, EL_SIGNAL, 0);
    // Its output is discarded, so let it draw as little as possible.
    el_set(editor, EL_TERMINAL, "dumb");
    el_set(editor, EL_EDITOR, "emacs");
    el_wset(editor, EL_GETCFN, reader);
    return editor;
}

void editline_close(EditLine *editor) {
    FILE *input = NULL;
    FILE *nothing = NULL;
    el_wget(editor, EL_GETFP, 0, &input);
    el_wget(editor, EL_GETFP, 1, &nothing);
    el_end(editor);
    close_if_open(input);
    close_if_open(nothing);
}

void editline_set_client_data(EditLine *editor, void *data) {
    el_set(editor, EL_CLIENTDATA, data);
}

void *editline_client_data(EditLine *editor) {
    void *data = NULL;
    el_get(editor, EL_CLIENTDATA, &data);
    return data;
}

bool editline_is_vi(EditLine *editor) {
    const char *name = NULL;
    return el_get(editor, EL_EDITOR, &name) == 0 && name && strcmp(name, "vi") == 0;
}

void editline_redraw(EditLine *editor) {
    el_wset(editor, EL_REFRESH);
}

void editline_move_cursor(EditLine *editor, int count) {
    // el_wline returns libedit's own line, not a copy, in all versions.
    LineInfoW *line = (LineInfoW *)el_wline(editor);
    ptrdiff_t index = line->cursor - line->buffer + count;
    ptrdiff_t end = line->lastchar - line->buffer;
    line->cursor = line->buffer + (index < 0 ? 0 : index > end ? end : index);
}

void editline_add_function(EditLine *editor, const char *name, editline_function function) {
    el_set(editor, EL_ADDFN, name, name, function);
}

void editline_bind(EditLine *editor, bool alternate, const char *key, const char *function) {
    if (alternate) {
        el_set(editor, EL_BIND, "-a", key, function, NULL);
    } else {
        el_set(editor, EL_BIND, key, function, NULL);
    }
}
