/* Formats a problem, prepends the section's prefix and hands it to the reporter. */
#include "base/diagnose.h"

#include <stdarg.h>
#include <stdio.h>

void gf_diagnose(gf_diagnostics *diagnostics, const char *key, const char *format, ...)
{
    char message[512], path[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    snprintf(path, sizeof path, "%s%s", diagnostics->prefix != NULL ? diagnostics->prefix : "", key);
    diagnostics->n_errors++;
    if (diagnostics->report != NULL)
        diagnostics->report(diagnostics, path, message);
}
