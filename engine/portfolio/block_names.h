/* Names of what is called once a block or quarter by portfolio_hot.c, with the suffix of the instruction set.
 * CMake puts this header before those files when it compiles their copies for wider vectors
 * (GF_BLOCK_SOURCES); the copy without suffix serves the baseline, the models and the tests. A function left
 * out here is defined twice, which the linker tells. */
#ifndef GF_PORTFOLIO_BLOCK_NAMES_H
#define GF_PORTFOLIO_BLOCK_NAMES_H

#include "base/isa.h"

#define gf_programme_settle      GF_HOT(gf_programme_settle)
#define gf_share_out             GF_HOT(gf_share_out)
#define gf_ledger_date           GF_HOT(gf_ledger_date)
#define gf_ledger_divide         GF_HOT(gf_ledger_divide)
#define gf_account_begin         GF_HOT(gf_account_begin)
#define gf_account_record        GF_HOT(gf_account_record)
#define gf_account_settle        GF_HOT(gf_account_settle)
#define gf_pace_admit            GF_HOT(gf_pace_admit)
#define gf_pace_apply            GF_HOT(gf_pace_apply)
#define gf_pace_begin            GF_HOT(gf_pace_begin)
#define gf_pace_keep             GF_HOT(gf_pace_keep)
#define gf_pace_observe          GF_HOT(gf_pace_observe)
#define gf_pace_spend            GF_HOT(gf_pace_spend)
#define gf_market_begin          GF_HOT(gf_market_begin)
#define gf_market_step           GF_HOT(gf_market_step)
#define gf_climate_reset         GF_HOT(gf_climate_reset)
#define gf_climate_rows          GF_HOT(gf_climate_rows)
#define gf_climate_scale_hazard  GF_HOT(gf_climate_scale_hazard)
#define gf_cohort_begin          GF_HOT(gf_cohort_begin)
#define gf_cohort_clear          GF_HOT(gf_cohort_clear)
#define gf_cohort_init           GF_HOT(gf_cohort_init)
#define gf_cohort_mark_horizon   GF_HOT(gf_cohort_mark_horizon)
#define gf_cohort_new_quarter    GF_HOT(gf_cohort_new_quarter)
#define gf_cohort_value_live     GF_HOT(gf_cohort_value_live)
#define gf_cohort_enter          GF_HOT(gf_cohort_enter)
#define gf_cohort_count_entrants GF_HOT(gf_cohort_count_entrants)
#define gf_cohort_draw_quality   GF_HOT(gf_cohort_draw_quality)
#define gf_cohort_follow_on      GF_HOT(gf_cohort_follow_on)
#define gf_tilt_begin            GF_HOT(gf_tilt_begin)
#define gf_tilt_before           GF_HOT(gf_tilt_before)
#define gf_tilt_after            GF_HOT(gf_tilt_after)
#define gf_tilt_climate          GF_HOT(gf_tilt_climate)
#define gf_report_cash           GF_HOT(gf_report_cash)
#define gf_report_columns        GF_HOT(gf_report_columns)
#define gf_report_quarter        GF_HOT(gf_report_quarter)
#define gf_report_startups       GF_HOT(gf_report_startups)

#endif
