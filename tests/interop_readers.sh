#!/usr/bin/env bash
# Result files open without our code: h5py, xarray (h5netcdf and netcdf4), pandas, ncdump, h5dump, rhdf5 see the same names,
# units and numbers. Readers that are not installed are named; skipped only if Python's are missing.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
python=/usr/bin/python3
if ! "$python" -c 'import h5py, xarray, h5netcdf, netCDF4, pandas' 2>/dev/null; then
    echo "skipped: needs python3-h5py python3-xarray python3-h5netcdf python3-netcdf4 python3-pandas"
    exit 77
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

config=$GF_SOURCE/configs/hangzhou.yaml
"$GUIDEFUND" run "$config" -o "$folder/run.h5" --portfolios 500 --progress none --set output.startups_of=3 >/dev/null
"$GUIDEFUND" run "$config" -o "$folder/sample.h5" --portfolios 500 --progress none --set output.portfolios=sample \
    --set output.sample_every=7 >/dev/null
"$GUIDEFUND" run "$config" -o "$folder/few.h5" --portfolios 500 --progress none \
    --set 'output.columns=[n_failed, net_irr]' >/dev/null
"$GUIDEFUND" summary "$folder/run.h5" --json >"$folder/summary.json"

if command -v h5dump >/dev/null; then
    h5dump -d /portfolios/net_tvpi -b LE -o "$folder/net_tvpi.raw" "$folder/run.h5" >/dev/null
    h5dump -d /portfolios/n_failed -b LE -o "$folder/n_failed.raw" "$folder/run.h5" >/dev/null
else
    echo "h5dump is missing (hdf5-tools): not tried"
fi
if command -v ncdump >/dev/null; then
    ncdump -p 9,17 -v /portfolios/net_tvpi "$folder/run.h5" >"$folder/ncdump.txt"
else
    echo "ncdump is missing (netcdf-bin): not tried"
fi
if command -v Rscript >/dev/null && Rscript -e 'library(rhdf5)' >/dev/null 2>&1; then
    Rscript "$here/interop_readers.R" "$folder/run.h5" "$folder/rhdf5.txt"
else
    echo "rhdf5 is missing (r-bioc-rhdf5): not tried"
fi
"$python" -W error::UserWarning "$here/interop_readers.py" "$folder" "$GF_SOURCE"
"$python" "$here/results_page.py" "$GF_SOURCE"
