/* Collects all errors of a config at once. A checker names the key; whoever read the text knows its line. */
#ifndef GF_BASE_DIAGNOSE_H
#define GF_BASE_DIAGNOSE_H

typedef struct gf_diagnostics gf_diagnostics;
struct gf_diagnostics {
    /* Called for each problem: `key` is a path such as "programme.terms.catch_up" or
     * "models.giants.phases[1].start_year" */
    void (*report)(gf_diagnostics *self, const char *key, const char *message);
    void *context;      /* of the reporter */
    const char *prefix; /* prepended to keys ("models.giants."), may be NULL */
    int n_errors;
};

/* Reports one problem with a printf-style message that says what was found and what was expected. */
void gf_diagnose(gf_diagnostics *diagnostics, const char *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
