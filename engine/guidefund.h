/* The library in one include: load a config, run many portfolios, write and read result files. */
#ifndef GUIDEFUND_H
#define GUIDEFUND_H

#include "base/diagnose.h"
#include "base/isa.h"
#include "base/param.h"
#include "base/status.h"
#include "io/config.h"
#include "io/provenance.h"
#include "io/results.h"
#include "portfolio/columns.h"
#include "portfolio/model.h"
#include "portfolio/portfolio.h"
#include "portfolio/scenario.h"
#include "random/draws.h"
#include "random/luck.h"
#include "run/compare.h"
#include "run/record.h"
#include "run/run.h"
#include "run/summary.h"

#endif
