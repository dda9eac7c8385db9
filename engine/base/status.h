/* The one list of errors: code, sysexits value and text. User mistakes return a gf_status; programmer
 * mistakes assert; only main() exits. */
#ifndef GF_BASE_STATUS_H
#define GF_BASE_STATUS_H

/* X(name, exit code as in sysexits.h, what it means) */
#define GF_STATUS_LIST(X)                                                                                    \
    X(OK, 0, "success")                                                                                      \
    X(USAGE, 64, "wrong command line")                                                                       \
    X(CONFIG, 65, "bad configuration or data")                                                               \
    X(NO_INPUT, 66, "cannot open input")                                                                     \
    X(MEMORY, 71, "out of memory")                                                                           \
    X(CREATE, 73, "cannot create output")                                                                    \
    X(IO, 74, "input or output error")                                                                       \
    X(INTERRUPTED, 75, "interrupted, can be resumed")

#define GF_STATUS_ENUM(name, exit_code, text) GF_##name,
typedef enum { GF_STATUS_LIST(GF_STATUS_ENUM) GF_N_STATUS } gf_status;
#undef GF_STATUS_ENUM

/* Text and process exit code of a status; never NULL. */
const char *gf_status_text(gf_status status);
int gf_status_exit_code(gf_status status);

/* What went wrong, in words for a user: what, where, what was expected. Zero-initialise before use. */
typedef struct gf_error {
    gf_status status;
    char message[1000];
} gf_error;

/* Fills `error` (may be NULL) and returns `status`, so that callers can write `return gf_error_set(...)`. */
gf_status gf_error_set(gf_error *error, gf_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
