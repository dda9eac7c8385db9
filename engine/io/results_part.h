/* Inside io only: the state of a part, shared by its writer and its reader. */
#ifndef GF_IO_RESULTS_PART_H
#define GF_IO_RESULTS_PART_H

#include "io/part.h"
#include "io/results_checksum.h"
#include "io/results_hdf5.h"

struct gf_part {
    gf_part_info info; /* its texts belong to the part */
    char *path;
    char *temporary; /* NULL: opened for reading */
    hid_t file;
    hid_t matrices[GF_PART_N_MATRICES], lists[GF_PART_N_LISTS]; /* -1: empty */
    gf_running_crc *crcs; /* of the columns, [info.rows[GF_PART_COLUMNS]]; NULL: they will be read again */
};

/* A part with copies of the path and the texts; NULL when out of memory. */
gf_part *gf_part_new(const char *path, const gf_part_info *info);

/* Marks all datasets as not there. */
void gf_part_forget_datasets(gf_part *part);

/* Names of the datasets. */
extern const char *const gf_part_matrix_names[GF_PART_N_MATRICES];
extern const char *const gf_part_list_names[GF_PART_N_LISTS];

/* Selects a block of a two-dimensional dataset, row-major in memory with `stride`; negative on failure. */
int gf_part_select(hid_t dataset, const hsize_t first[2], const hsize_t count[2], hsize_t stride,
                   hid_t *memory, hid_t *space);

#endif
