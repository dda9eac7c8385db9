/* Inside io only: the state of a part, shared by its writer and its reader. */
#ifndef GF_IO_RESULTS_PART_H
#define GF_IO_RESULTS_PART_H

#include "io/draft.h"
#include "io/part.h"
#include "io/results_hdf5.h"

struct gf_part {
    gf_part_info info; /* its texts belong to the part */
    char *path;
    /* written: */
    char *temporary;
    gf_draft *draft;
    gf_draft_object *drafted[GF_PART_N_MATRICES]; /* NULL: empty */
    /* read: */
    hid_t file;
    hid_t matrices[GF_PART_N_MATRICES], lists[GF_PART_N_LISTS]; /* -1: empty */
};

/* Marks all datasets as not there. */
void gf_part_forget_datasets(gf_part *part);

/* Names of the datasets. */
extern const char *const gf_part_matrix_names[GF_PART_N_MATRICES];
extern const char *const gf_part_list_names[GF_PART_N_LISTS];

#endif
