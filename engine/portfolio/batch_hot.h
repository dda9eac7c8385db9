/* Batches of startups by their tags: what the kernel and the marks share. */
#ifndef GF_PORTFOLIO_BATCH_HOT_H
#define GF_PORTFOLIO_BATCH_HOT_H

#include <stddef.h>
#include <stdint.h>

#include "base/pack_hot.h"
#include "portfolio/cohort.h"
#include "random/luck.h"
#include "random/luck_hot.h"

/* Lanes that share rows, by clocks and with own hazards of one sector (gf_cohort.sharing_bits): as many as
 * have their tables in a gf_table. */
#ifdef GF_PACK_TABLE
enum { GF_SHARING = GF_PACK_TABLE / GF_STAGE_ROOM };
#else
enum { GF_SHARING = 1 };
#endif
enum { GF_SHARING_BITS = GF_SHARING == 4 ? 2 : 0 };
_Static_assert((int)GF_SHARING == 1 << GF_SHARING_BITS, "numbers of lanes are shifted");

/* Calls for a line that will be written: a block is more than the first cache holds. Any address will do. */
static inline void gf_fetch(const void *line)
{
    __builtin_prefetch(line, 1);
}

/* Batches are drawn in whole vectors: what lies behind the n-th is drawn in vain, which is cheaper than a
 * rest. */
enum { GF_VECTOR = 16 };
static inline size_t whole(size_t n)
{
    return (n + GF_VECTOR - 1) / GF_VECTOR * GF_VECTOR;
}

/* The same as long as draws gain by it. */
static inline size_t drawn(const gf_cohort *k, size_t n)
{
    return k->draws->batch == 1 ? n : whole(n);
}

/* The words of luck of n startups for `purpose`, addressed by the stage they are in, into e->word. */
static inline void draw_words(gf_cohort *k, size_t n, const uint32_t *tag, uint32_t purpose)
{
    uint32_t *const *word = k->events.word;
    gf_luck_hot_table(k->isa)->words.places(k->seed, whole(n), tag, k->first_portfolio, (uint32_t)k->stride,
                                            purpose, word[0], word[1], word[2], word[3]);
}

#endif
