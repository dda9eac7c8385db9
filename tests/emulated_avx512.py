# See contract_emulated_avx512.sh, which gives GUIDEFUND (any program), EMULATED and SPOILED (those of the emulated build).
import tempfile

from result_checks import *

EMULATED, SPOILED = os.environ["EMULATED"], os.environ["SPOILED"]
ROWS = ("output.startups_of=20", "output.quarters_of=40", "output.columns=all")
NO_QUALITY = [f"startups.quality.{cause}=0" for cause in ("fail", "graduate", "breakout")]


def check(config, portfolios, *settings):
    """Emulated AVX-512 against SSE2 of its build and the best set of GUIDEFUND."""
    first = run(config, "emulated.h5", portfolios, *settings, threads=2, simd="avx512-emulated", program=EMULATED)
    for program, simd in ((EMULATED, "sse2"), (PROGRAM, None)):
        other = run(config, "other.h5", portfolios, *settings, threads=2, simd=simd, program=program)
        changed = differences(first, other)
        expect(not changed, f"{os.path.basename(config)} {' '.join(settings)}, emulated AVX-512 against {program} ({simd or 'its best'}): "
                            f"{len(changed)} differ: {changed[:5]}")


def check_provenance(path):
    with h5py.File(path) as file:
        told = file["provenance"].attrs["isa"]
    expect(told == "avx512-emulated", f"the result file says that it was computed with {told}")


def check_twin(config, portfolios):
    """One lane of one instruction is wrong in SPOILED."""
    good = run(config, "good.h5", portfolios, simd="avx512-emulated", program=EMULATED)
    check_provenance(good)
    bad = run(config, "bad.h5", portfolios, simd="avx512-emulated", program=SPOILED)
    expect(len(differences(good, bad)) > 20, "spoiled twin: a wrong lane passes for the same bytes")
    same = run(config, "same.h5", portfolios, simd="sse2", program=SPOILED)
    expect(not differences(good, same), "spoiled twin: it differs in more than AVX-512")


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    with open("everything.yaml", "w") as file:
        file.write(EVERYTHING % CONFIGS)
    check("everything.yaml", 600, "output.columns=all")
    check("everything.yaml", 100, "draws=gsl")
    check("everything.yaml", 161, *UNSEEN)
    for name in ("reference", "hangzhou", "wuxi", "shenzhen", "xuhui", "outlier"):
        check(f"{CONFIGS}/{name}.yaml", 400, *ROWS)
    check(f"{CONFIGS}/reference.yaml", 3000)
    check(f"{CONFIGS}/reference.yaml", 1000, "startups.count=10")
    check(f"{CONFIGS}/reference.yaml", 150, "startups.count=1000")
    check(f"{CONFIGS}/hangzhou.yaml", 300, "startups.follow_on={rule: winners, min_step_up: 1.2}", "programme.reserve_share=0.2", *ROWS)
    for config in ("everything.yaml", f"{CONFIGS}/wuxi.yaml"):  # hazards by class, and by one cause's quality
        check(config, 161, *NO_QUALITY)
        check(config, 161, *NO_QUALITY, "startups.quality.fail=0.3")
    check_twin(f"{CONFIGS}/reference.yaml", 200)
finish("emulated AVX-512 gives the same bytes as SSE2 and as GUIDEFUND; the spoiled twin was found")
