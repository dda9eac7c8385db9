/* Parameters are rows: one const table describes every key of a config section or of a model. The row drives
 * parsing, range errors, `guidefund models`, the JSON schema and file attributes. A struct holds the values;
 * rows say where. */
#ifndef GF_BASE_PARAM_H
#define GF_BASE_PARAM_H

#include <stddef.h>
#include <stdint.h>

typedef enum {
    GF_DOUBLE,  /* double; "none" is accepted where `none` in the row is not NaN */
    GF_INT,     /* int64_t */
    GF_BOOL,    /* int64_t 0 or 1; true/false in YAML */
    GF_CHOICE,  /* int64_t index into `choices` */
    GF_SET,     /* uint64_t, a bit for each of at most 64 `choices`: a sequence, or the word all (preset) */
    GF_TEXT,    /* char[max_count], or char[GF_TEXT_SIZE] where max_count is 0 */
    GF_DOUBLES, /* double[max_count] with int64_t count at count_offset, or double[fixed_count]; a sequence */
    GF_TABLE, /* row_size structs, max_count of them, int64_t count at count_offset; mappings in a sequence */
    GF_GROUP  /* a nested mapping described by `rows`, its struct at `offset` */
} gf_param_kind;

enum { GF_TEXT_SIZE = 64 };

typedef struct gf_param gf_param;
struct gf_param {
    const char *name; /* config key: carries its unit when it has one (hurdle_per_year) */
    gf_param_kind kind;
    size_t offset;       /* into the values struct */
    double preset;       /* value when the key is absent (every element of GF_DOUBLES) */
    double min, max;     /* inclusive bounds, of every element */
    double neutral;      /* value that switches the mechanism off; NaN: no such value. GF_TABLE: no element */
    const char *unit;    /* "1/year", "CNY million", "1", … */
    const char *help;    /* one line: what it is */
    const char *source;  /* where the preset comes from, or "prior" */
    const char *choices; /* GF_CHOICE, GF_SET: "none|pro_rata|winners" */
    int has_none;        /* GF_DOUBLE: the word "none" is allowed and means `none_value` */
    double none_value;   /* e.g. INFINITY for an absent cap */
    int required;        /* absent is an error */
    int64_t max_count;   /* GF_DOUBLES, GF_TABLE: room; GF_TEXT: bytes with the final 0 */
    int64_t fixed_count; /* GF_DOUBLES: exactly so many; 0: up to max_count. Presets fill all of them */
    size_t count_offset; /* GF_DOUBLES (unless fixed_count), GF_TABLE: where the int64_t count lives */
    const double *presets; /* GF_DOUBLES: presets that differ; ended by NaN without fixed_count */
    const gf_param *rows;  /* GF_TABLE, GF_GROUP: rows of one element, ended by a row whose name is NULL */
    size_t row_size;       /* GF_TABLE: sizeof one element */
    /* Where an int64_t becomes 1 when the key is given; 0: nobody asks, so it is never a struct's first
     * member. A group with one is optional: while it is absent its required keys are not missed. */
    size_t presence_offset;
};

/* Rows are written with these, as designated initialisers with the rest following:
 *   {GF_ROW(GF_DOUBLE, struct market, "persistence", persistence), .preset = 0.9, .min = 0, .max = 1, …} */
#define GF_ROW(row_kind, type, key, member)                                                                  \
    .name = (key), .kind = (row_kind), .offset = offsetof(type, member)
#define GF_ROW_END                                                                                           \
    {                                                                                                        \
        .name = NULL                                                                                         \
    }

/* Fills `values` (zeroed struct) with the presets of all rows, groups included; tables and lists start empty
 * unless they have presets. `rows` ends with a row whose name is NULL. */
void gf_params_preset(const gf_param *rows, void *values);

/* Sets every row that has a neutral value to it. */
void gf_params_neutralise(const gf_param *rows, void *values);

/* Row of that name, or NULL. */
const gf_param *gf_params_find(const gf_param *rows, const char *name);

/* Name of the row most like `name` (edit distance at most 1 + length/4), or NULL. */
const char *gf_params_nearest(const gf_param *rows, const char *name);

/* Index of `word` in "a|b|c", or -1; and the word at an index written into buffer. */
int gf_choice_index(const char *choices, const char *word);
const char *gf_choice_word(const char *choices, int index, char *buffer, size_t size);

/* Number of words in "a|b|c"; and the GF_SET of all of them. */
int gf_choice_count(const char *choices);
uint64_t gf_set_of_all(const char *choices);

#endif
