/* What `guidefund run` says of a run that ended well: one JSON object, or a few lines. */
#include "cli/run_print.h"

#include <math.h>
#include <stdio.h>

#include "cli/print.h"
#include "run/statistics.h"

static void print_verdict(gf_json *json, const gf_until *until, const gf_until_verdict *v)
{
    if (until == NULL) {
        gf_json_text(json, "stop", NULL);
        return;
    }
    gf_json_object(json, "stop");
    gf_json_text(json, "rule", until->text);
    gf_json_int(json, "portfolios", (int64_t)v->n);
    gf_json_int(json, "looks", v->n_looks);
    gf_json_bool(json, "met", v->is_met);
    gf_json_number(json, "estimate", v->estimate);
    gf_json_number(json, "standard_error", v->se);
    gf_json_number(json, "relative_error", v->se / fabs(v->estimate));
    gf_json_number(json, "wanted", until->wanted);
    gf_json_bool(json, "is_relative", until->is_relative);
    gf_json_number(json, "bound", v->bound);
    if (v->n_needed > 0)
        gf_json_int(json, "portfolios_needed", (int64_t)v->n_needed);
    else
        gf_json_text(json, "portfolios_needed", NULL);
    gf_json_object_end(json);
}

void gf_run_print_json(const gf_config *config, const gf_record_options *o, const gf_record *r)
{
    gf_json json = {.out = stdout};
    gf_json_object(&json, NULL);
    gf_json_text(&json, "scenario", config->scenario.name);
    gf_json_text(&json, "file", o->path);
    gf_json_int(&json, "portfolios",
                o->until != NULL ? (int64_t)r->n_portfolios : config->scenario.portfolios);
    gf_json_int(&json, "startups", config->scenario.startups.count);
    gf_json_text(&json, "simd", gf_isa_name(o->run.isa));
    gf_json_int(&json, "first_portfolio", (int64_t)r->first_portfolio);
    gf_json_int(&json, "portfolios_here", (int64_t)r->n_portfolios);
    gf_json_int(&json, "shard", o->shard.k);
    gf_json_int(&json, "shards", o->shard.n);
    gf_json_int(&json, "from_parts", (int64_t)r->n_from_parts);
    gf_json_int(&json, "parts_written", r->n_parts_written);
    gf_json_number(&json, "seconds", r->seconds_simulating);
    gf_json_number(&json, "seconds_writing", r->seconds_writing);
    gf_json_number(&json, "seconds_summing", r->seconds_summing);
    gf_json_number(&json, "cpu_seconds", r->cpu_simulating);
    gf_json_number(&json, "cpu_seconds_writing", r->cpu_writing);
    gf_json_number(&json, "cpu_seconds_summing", r->cpu_summing);
    print_verdict(&json, o->until, &r->verdict);
    gf_json_array(&json, "summary");
    for (size_t i = 0; i < r->summary.n; i++) {
        const gf_number *n = &r->summary.numbers[i];
        gf_json_object(&json, NULL);
        gf_json_text(&json, "name", n->name);
        gf_json_number(&json, "value", n->value);
        gf_json_number(&json, "standard_error", n->se);
        gf_json_text(&json, "unit", n->unit);
        gf_json_text(&json, "note", n->note);
        gf_json_object_end(&json);
    }
    gf_json_array_end(&json);
    gf_json_object_end(&json);
    putchar('\n');
}

static void print_headline(const gf_summary *summary, const char *name, const char *words)
{
    const gf_number *n = gf_summary_find(summary, name);
    if (n == NULL)
        return;
    printf("  %-44s %10.4g", words, n->value);
    if (isfinite(n->se) && !gf_is_rounding(n->se, n->value))
        printf("  ± %.2g", n->se);
    putchar('\n');
}

void gf_run_print_text(const gf_config *config, const gf_record_options *o, const gf_record *r)
{
    if (r->was_complete) {
        printf("%s is complete: nothing to do\n", o->path);
        return;
    }
    if (o->shard.n > 0) {
        printf("%s: shard %d of %d, %llu portfolio%s from %llu on, in %.2f s (%s)\nin %s; `guidefund merge' "
               "makes "
               "one file of all shards\n",
               config->scenario.name, o->shard.k, o->shard.n, (unsigned long long)r->n_portfolios,
               GF_PLURAL(r->n_portfolios), (unsigned long long)r->first_portfolio,
               r->seconds_simulating + r->seconds_writing + r->seconds_summing, gf_isa_name(o->run.isa),
               o->path);
        return;
    }
    const gf_scenario *s = &config->scenario;
    printf("%s: %llu portfolio%s of %lld startup%s in %.2f s (%s)\n", s->name,
           (unsigned long long)r->n_portfolios, GF_PLURAL(r->n_portfolios), (long long)s->startups.count,
           GF_PLURAL(s->startups.count), r->seconds_simulating + r->seconds_writing + r->seconds_summing,
           gf_isa_name(o->run.isa));
    if (o->until != NULL) {
        char text[600];
        gf_until_describe(o->until, &r->verdict, text, sizeof text);
        printf("  %s\n", text);
    }
    print_headline(&r->summary, "net_tvpi.median", "median net TVPI");
    print_headline(&r->summary, "P(net_tvpi>=1)", "chance that partners get their money back");
    print_headline(&r->summary, "P(net_tvpi>=3)", "chance of three times the money");
    print_headline(&r->summary, "P(n_outliers>=1)", "chance of an outlier in the portfolio");
    printf("results in %s; `guidefund summary %s' prints them\n", o->path, o->path);
}
