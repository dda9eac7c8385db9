/* What a stake is worth over its first valuation: the rounds behind it and the price that ends them.
 *
 *   log price = Σ (log median + log(1 − dilution)) + log median of the exit  + what market, sectors and
 *               climate did to the rounds  +  √(Σ σ²(1 − ρ²) + σ²_exit) z,   z ~ N(0,1)
 *
 * over the rounds from the stage entered to the stage left. Rounds are lognormal and independent given the
 * market, so that their sum and the exit's own deviation are one normal: the law is that of a draw a round.
 * z has the address of the stage left: who leaves from another stage has another. A startup that is still
 * held is worth the same without an exit, by the z with which it would leave.
 *
 * That holds as long as nobody acts on what a round says. Where somebody does (follow-ons; a government that
 * sells its share when its mark is high) rounds are drawn one by one and z is the exit's own deviation. */
#ifndef GF_PORTFOLIO_PRICES_H
#define GF_PORTFOLIO_PRICES_H

#include "portfolio/climate.h"
#include "portfolio/scenario.h"

typedef enum gf_price { GF_PRICE_MARK, GF_PRICE_SALE, GF_PRICE_LISTING, GF_N_PRICES } gf_price;

typedef struct gf_prices {
    int are_rounds_seen; /* somebody acts on them: they are drawn one by one */
    int has_loading;     /* the market moves step-ups */
    /* of a round by stage left, over the last valuation. mean and sigma: 0 unless rounds are seen */
    double round_mean[GF_STAGE_ROOM], round_sigma[GF_STAGE_ROOM], round_loading[GF_STAGE_ROOM];
    double keep[GF_STAGE_ROOM]; /* share kept after the round's dilution */
    /* of the price in the end: [gf_price][stage entered * GF_STAGE_ROOM + stage left]; unless rounds are seen
       with the rounds behind it. An outlier's value was drawn when it broke out. */
    double mean[GF_N_PRICES][GF_STAGE_ROOM * GF_STAGE_ROOM],
        sigma[GF_N_PRICES][GF_STAGE_ROOM * GF_STAGE_ROOM];
    double kept[GF_STAGE_ROOM * GF_STAGE_ROOM]; /* of the share at entry; 1 where rounds are seen */
} gf_prices;

void gf_prices_init(gf_prices *prices, const gf_scenario *scenario);

#endif
