#!/bin/bash
# The JSON Schema is valid and agrees with the program: what the program accepts it accepts, what it refuses by kind,
# bound or name it refuses too. Left out where python3-jsonschema or python3-yaml is missing.
set -u
python=/usr/bin/python3
"$python" -c 'import jsonschema, yaml' 2>/dev/null || exit 77
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$GUIDEFUND" schema >"$folder/schema.json" || exit 1
"$GUIDEFUND" schema --sweep >"$folder/design.json" || exit 1
GUIDEFUND=$GUIDEFUND "$python" - "$folder" "${GF_SOURCE:-$(cd "$(dirname "$0")/.." && pwd)}" <<'END'
import glob, json, subprocess, sys, os
import jsonschema, yaml

folder, source = sys.argv[1:]
program = os.environ["GUIDEFUND"]
schema = json.load(open(f"{folder}/schema.json"))
jsonschema.Draft202012Validator.check_schema(schema)
check = jsonschema.Draft202012Validator(schema)


def agree(text, expected):
    path = f"{folder}/case.yaml"
    open(path, "w").write(text)
    accepted = subprocess.run([program, "validate", path], capture_output=True).returncode == 0
    assert accepted == expected, f"program {'accepts' if accepted else 'refuses'}:\n{text}"
    assert check.is_valid(yaml.safe_load(text)) == expected, f"schema disagrees with the program:\n{text}"


agree("scenario: a\n", True)
agree("scenario: a\nseed: 18446744073709551615\nmarket: {persistence: 0.5}\nmodels: {spillover: {}, giants: false}\n", True)
agree("scenario: a\nstartups: {breakout: {cap_multiple: none}, dilution: [0.1, 0.1, 0.1, 0.1]}\n", True)
agree("scenario: a\nstartups: {sectors: [{name: x, weight: 1}]}\n", True)
agree("scenario: a\noutput: {columns: all}\n", True)
agree("scenario: a\noutput: {columns: [net_irr, n_live]}\n", True)
agree("scenario: a\noutput: {columns: [net_irr, net_irr]}\n", False)
agree("scenario: a\noutput: {columns: [net_ivr]}\n", False)
agree("scenario: a\noutput: {columns: [all]}\n", False)
agree("scenario: a\noutput: {columns: []}\n", False)
agree("scenario: a\noutput: {columns: net_irr}\n", False)
agree("portfolios: 5\n", False)
agree("scenario: a\nunknown: 1\n", False)
agree("scenario: a\nseed: -1\n", False)
agree("scenario: a\nportfolios: 1.5\n", False)
agree("scenario: a\nmarket: {persistence: 5}\n", False)
agree("scenario: a\nmarket: {persistence: none}\n", False)
agree("scenario: a\nmarket: []\n", False)
agree("scenario: a\ndraws: slow\n", False)
agree("scenario: a\nstartups: {dilution: [0.1]}\n", False)
agree("scenario: a\nstartups: {sectors: [{weight: 1}]}\n", False)
agree("scenario: a\nmodels: {zebra: {}}\n", False)
agree("scenario: a\nmodels: {spillover: true}\n", False)
agree("scenario: a\nmodels: {spillover: {zebra: 1}}\n", False)
n = 0
for path in glob.glob(f"{source}/configs/**/*.yaml", recursive=True):
    if {"cases", "sweep"} & set(yaml.safe_load(open(path))):  # other kinds of files
        continue  # a list for `guidefund published`, not a scenario
    text = subprocess.run([program, "validate", "--print", path], capture_output=True, text=True, check=True).stdout
    errors = [error.message for error in check.iter_errors(yaml.safe_load(text))]
    assert not errors, f"{path}: {errors}"
    n += 1

# designs of sweeps
schema = json.load(open(f"{folder}/design.json"))
jsonschema.Draft202012Validator.check_schema(schema)
check = jsonschema.Draft202012Validator(schema)
open(f"{folder}/base.yaml", "w").write("scenario: a\n")
keys, numbers = "keys: [{key: startups.count, values: [5, 6]}]\n", "numbers: [{of: mean(n_failed)}]\n"
agree(f"sweep: a\nbase: base.yaml\n{keys}{numbers}", True)
agree(f"sweep: a\nbase: base.yaml\nmethod: sobol\npoints: 4\nkeys: [{{key: startups.count, from: 5, to: 6}}]\n{numbers}", True)
open(f"{folder}/parent.yaml", "w").write(f"sweep: a\nbase: base.yaml\n{keys}{numbers}")
agree("extends: parent.yaml\nportfolios: 9\n", True)
agree(f"sweep: a\nbase: base.yaml\nmethod: grit\n{keys}{numbers}", False)
agree(f"sweep: a\n{keys}{numbers}", False)
agree(f"sweep: a\nbase: base.yaml\n{numbers}", False)
agree(f"sweep: a\nbase: base.yaml\n{keys}numbers: [{{name: x}}]\n", False)
agree(f"sweep: a\nbase: base.yaml\nkeys: []\n{numbers}", False)
agree(f"sweep: a\nbase: base.yaml\n{keys}numbers: []\n", False)
agree(f"sweep: a\nbase: base.yaml\nzebra: 1\n{keys}{numbers}", False)
designs = glob.glob(f"{source}/configs/sweeps/*.yaml")
for path in designs:
    errors = [error.message for error in check.iter_errors(yaml.safe_load(open(path)))]
    assert not errors, f"{path}: {errors}"
assert designs
print(f"schemas agree with the program on 32 cases, {n} configs and {len(designs)} designs")
END
