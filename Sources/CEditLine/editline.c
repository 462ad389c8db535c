#include "CEditLine.h"

#include <stdio.h>
#include <string.h>

EditLine *editline_open(const char *program, int terminal, el_rfunc_t reader) {
    FILE *nothing_in = fopen("/dev/null", "re");
    FILE *nothing_out = fopen("/dev/null", "we");
    EditLine *editor = NULL;
    if (nothing_in && nothing_out) {
        editor = el_init_fd(program, nothing_in, nothing_out, nothing_out, terminal, terminal, terminal);
    }
    if (!editor) {
        if (nothing_in) fclose(nothing_in);
        if (nothing_out) fclose(nothing_out);
        return NULL;
    }
    el_set(editor, EL_SIGNAL, 0);
    // Its output is discarded, so let it draw as little as possible.
    el_set(editor, EL_TERMINAL, "dumb");
    el_set(editor, EL_EDITOR, "emacs");
    el_wset(editor, EL_GETCFN, reader);
    return editor;
}

void editline_close(EditLine *editor) {
    FILE *nothing_in = NULL;
    FILE *nothing_out = NULL;
    el_get(editor, EL_GETFP, 0, &nothing_in);
    el_get(editor, EL_GETFP, 1, &nothing_out);
    el_end(editor);
    if (nothing_in) fclose(nothing_in);
    if (nothing_out) fclose(nothing_out);
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
    el_set(editor, EL_REFRESH);
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
