/* The public account in closed form: it closes, debt at the discount rate is worth nothing, payback is for
 * good. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "portfolio/account.h"

#define assert_near(x, y, bound)                                                                             \
    do {                                                                                                     \
        const double x_ = (x), y_ = (y);                                                                     \
        if (!(fabs(x_ - y_) <= (bound)))                                                                     \
            fail_msg("%s = %.12g, expected %.12g within %g", #x, x_, y_, (double)(bound));                   \
    } while (0)

enum { QUARTERS = 20 };

typedef struct books {
    gf_account account;
    gf_ledger ledger;
    gf_block block;
    gf_account_result result;
} books;

static books *open_books(void)
{
    books *b = aligned_alloc(_Alignof(books), sizeof *b);
    memset(b, 0, sizeof *b);
    b->ledger.n_times = QUARTERS + 1;
    gf_account_begin(&b->account, QUARTERS, b->block.signals[GF_SIGNAL_DEBT]);
    return b;
}

static void record(books *b, int quarter, gf_public_item item, double amount)
{
    memset(b->block.public_flow, 0, sizeof b->block.public_flow);
    for (int q = 0; q < QUARTERS; q++)
        gf_account_record(&b->account, &b->block, q);
    for (int lane = 0; lane < GF_LANES; lane++)
        b->block.public_flow[item][lane] = amount * (1 + lane);
    gf_account_record(&b->account, &b->block, quarter);
}

static const gf_account_result *settle(books *b, double rate)
{
    const gf_account_params params = {.discount_rate_per_year = rate};
    gf_account_settle(&b->account, &params, &b->ledger, &b->result);
    return &b->result;
}

static void every_item_counts_on_its_side(void **state)
{
    (void)state;
    static const int is_receipt[GF_N_PUBLIC] = {
        [GF_PUBLIC_BORROWING] = 1, [GF_PUBLIC_TAX] = 1, [GF_PUBLIC_LAND] = 1, [GF_PUBLIC_SURPLUS] = 1};
    for (int item = 0; item < GF_N_PUBLIC; item++) {
        books *b = open_books();
        record(b, 7, (gf_public_item)item, 3.0);
        const gf_account_result *r = settle(b, 0.05);
        for (int lane = 0; lane < GF_LANES; lane++) {
            const double amount = 3.0 * (1 + lane), sign = is_receipt[item] ? 1 : -1;
            assert_near(r->receipts[lane], is_receipt[item] ? amount : 0, 1e-12);
            assert_near(r->outlays[lane], is_receipt[item] ? 0 : amount, 1e-12);
            assert_near(r->balance[lane], sign * amount, 1e-12);
            assert_near(r->npv[lane], sign * amount * pow(1.05, -2), 1e-12); /* quarter 7 is paid at date 8 */
        }
        free(b);
    }
}

/* Borrow 100 at date 1, pay interest at the discount rate every quarter; owe 100 at the end, or repay it. */
static double value_of_debt(double interest_per_year, int is_repaid)
{
    books *b = open_books();
    const double r = pow(1 + interest_per_year, 0.25) - 1;
    for (int q = 0; q < QUARTERS; q++) {
        memset(&b->block.public_flow, 0, sizeof b->block.public_flow);
        b->block.public_flow[GF_PUBLIC_BORROWING][0] = q == 0 ? 100 : 0;
        b->block.public_flow[GF_PUBLIC_INTEREST][0] = q > 0 ? 100 * r : 0;
        b->block.public_flow[GF_PUBLIC_PRINCIPAL][0] = q == QUARTERS - 1 && is_repaid ? 100 : 0;
        b->block.emit[GF_SIGNAL_DEBT][0] = q == QUARTERS - 1 && is_repaid ? 0 : 100;
        b->block.emit[GF_SIGNAL_GDP][0] = 400;
        b->block.emit[GF_SIGNAL_STRESS][0] = q < 3;
        gf_account_record(&b->account, &b->block, q);
    }
    const double value = settle(b, 0.04)->npv[0];
    assert_near(b->account.peak_debt_ratio[0], 0.25, 1e-12);
    assert_near(b->account.stress_quarters[0], 3, 0);
    free(b);
    return value;
}

static void debt_at_the_discount_rate_is_worth_nothing(void **state)
{
    (void)state;
    assert_near(value_of_debt(0.04, 0), 0, 1e-10);
    assert_near(value_of_debt(0.04, 1), 0, 1e-10);
    assert_true(value_of_debt(0.05, 0) < -1); /* spoiled twin: dearer debt costs value */
}

/* Owing 100 from before, paying interest at the discount rate and owing it still costs nothing either. */
static void inherited_debt_is_no_cost_of_the_programme(void **state)
{
    (void)state;
    books *b = open_books();
    const double interest = 100 * (pow(1.04, 0.25) - 1);
    b->block.signals[GF_SIGNAL_DEBT][0] = 100;
    gf_account_begin(&b->account, QUARTERS, b->block.signals[GF_SIGNAL_DEBT]);
    for (int q = 0; q < QUARTERS; q++) {
        b->block.public_flow[GF_PUBLIC_INTEREST][0] = interest;
        b->block.emit[GF_SIGNAL_DEBT][0] = 100;
        gf_account_record(&b->account, &b->block, q);
    }
    assert_near(settle(b, 0.04)->npv[0], 0, 1e-10);
    assert_true(settle(b, 0.03)->npv[0] < -1);
    free(b);
}

static void payback_is_for_good(void **state)
{
    (void)state;
    books *b = open_books();
    for (int lane = 0; lane < GF_LANES; lane++) {
        b->ledger.call[GF_GOVERNMENT][0][lane] = 10;
        b->ledger.distribution[GF_GOVERNMENT][4][lane] = 12; /* back, */
        b->ledger.call[GF_GOVERNMENT][5][lane] = 6;          /* in again, */
        b->ledger.distribution[GF_GOVERNMENT][9][lane] = lane == 0 ? 4 : 3;
    }
    const gf_account_result *r = settle(b, 0.0);
    assert_near(r->payback_quarter[0], 9, 0);
    assert_near(r->payback_quarter[1], -1, 0);
    assert_near(r->balance[0], 0, 1e-12);
    assert_near(r->npv[1], -1, 1e-12);
    free(b);
}

static void output_grows(void **state)
{
    (void)state;
    books *b = open_books();
    for (int q = 0; q < QUARTERS; q++) {
        b->block.emit[GF_SIGNAL_CLUSTER_OUTPUT][0] = q < 4 ? 0 : 50 * pow(1.3, (q - 4) / 4.0);
        b->block.emit[GF_SIGNAL_CLUSTER_JOBS][0] = 10 * q;
        gf_account_record(&b->account, &b->block, q);
    }
    assert_near(settle(b, 0.03)->growth[0], 0.3, 1e-12);
    assert_near(b->result.growth[1], 0, 0);
    assert_near(b->account.jobs[0], 10 * (QUARTERS - 1), 0);
    free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_item_counts_on_its_side),
        cmocka_unit_test(debt_at_the_discount_rate_is_worth_nothing),
        cmocka_unit_test(inherited_debt_is_no_cost_of_the_programme),
        cmocka_unit_test(payback_is_for_good),
        cmocka_unit_test(output_grows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
