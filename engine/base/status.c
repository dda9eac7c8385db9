/* Texts and exit codes of the one error list. */
#include "base/status.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

static const struct {
    int exit_code;
    const char *text;
} statuses[GF_N_STATUS] = {
#define GF_STATUS_ROW(name, exit_code, text) {exit_code, text},
    GF_STATUS_LIST(GF_STATUS_ROW)
#undef GF_STATUS_ROW
};

const char *gf_status_text(gf_status status)
{
    assert((unsigned)status < GF_N_STATUS);
    return statuses[status].text;
}

int gf_status_exit_code(gf_status status)
{
    assert((unsigned)status < GF_N_STATUS);
    return statuses[status].exit_code;
}

gf_status gf_error_set(gf_error *error, gf_status status, const char *format, ...)
{
    if (error != NULL) {
        va_list arguments;
        va_start(arguments, format);
        error->status = status;
        vsnprintf(error->message, sizeof error->message, format, arguments);
        va_end(arguments);
    }
    return status;
}
