/* ARS-7 behind GSL's generator interface. */
#include "random/rng_gsl.h"

#include <assert.h>

#include "random/luck.h"

typedef struct {
    uint64_t seed, portfolio;
    uint32_t startup, purpose, block;
    uint32_t n_used; /* words of `words` already given; 4: the next block is due */
    uint32_t words[4];
} stream;

static void set(void *state, unsigned long int seed)
{
    *(stream *)state = (stream){.seed = seed, .n_used = 4};
}

static uint32_t next_word(stream *self)
{
    if (self->n_used == 4) {
        gf_luck_words(self->seed, self->portfolio, self->startup, self->purpose, self->block, self->words);
        self->n_used = 0;
        if (++self->block == 0)
            self->startup++;
    }
    return self->words[self->n_used++];
}

static unsigned long int get(void *state)
{
    return next_word(state);
}

static double get_double(void *state)
{
    const uint32_t high = next_word(state);
    return gf_uniform_wide(high, next_word(state));
}

static const gsl_rng_type type = {"gf_ars4x32_7", 0xffffffffu, 0, sizeof(stream), set, get, get_double};
const gsl_rng_type *const gf_rng_ars = &type;

void gf_rng_set_address(gsl_rng *rng, uint64_t portfolio, uint32_t startup, uint32_t purpose)
{
    assert(rng->type == gf_rng_ars);
    stream *self = rng->state;
    *self = (stream){
        .seed = self->seed, .portfolio = portfolio, .startup = startup, .purpose = purpose, .n_used = 4};
}
