"""Checks that every reader sees the same result file. usage: interop_readers.py FOLDER SOURCE_TREE (FOLDER is made by interop_readers.sh)"""

import json
import pathlib
import re
import shutil
import subprocess
import sys

import h5py
import numpy as np
import pandas as pd
import xarray as xr

SCALES = {"portfolios": {"portfolio"}, "quarters": {"quarter", "quantile"}, "startups": {"row"}, "summary": {"row"}}
SCRIPTS_HOLD_ON_TO = """gross_multiple net_tvpi net_dpi net_rvpi net_irr ks_pme direct_alpha government_tvpi private_tvpi carry
    fees n_failed n_acquired n_listed n_outliers max_multiple top_share log_weight""".split()


def text(value):
    return value.decode() if isinstance(value, bytes) else value


def is_scale(data):
    return h5py.h5ds.is_scale(data.id)


def check_layout(file):
    """Every dataset has units, long_name and a scale of its own group on each axis; nothing exotic anywhere."""
    count = 0
    for group, scales in SCALES.items():
        for name, data in file[group].items():
            assert text(data.attrs["units"]) and text(data.attrs["long_name"]), (group, name)
            assert data.dtype in (np.dtype("<f8"), np.dtype("<i4"), np.dtype("<i8")) or h5py.check_string_dtype(data.dtype).length is None
            assert data.chunks is None, (group, name)
            for axis, dimension in enumerate(data.dims):
                assert is_scale(data) or list(dimension.keys()), (group, name, axis)
            if is_scale(data):
                assert name in scales, (group, name)
            count += 1
    for name in SCRIPTS_HOLD_ON_TO:
        assert name in file["portfolios"], name
    return count


def check_attributes(file):
    attributes = {name: text(value) for name, value in file.attrs.items()}
    assert attributes["filetype"] == "guidefund-results"
    assert attributes["format_version"].split(".")[0] == "1"
    assert re.fullmatch(r"0x[0-9a-f]{16}", attributes["seed"])
    assert attributes["portfolios"] == attributes["portfolios_total"] == 500
    assert attributes["models"].split() and "scenario:" in attributes["config"]
    return attributes


def check_xarray(path, file, engine, attributes):
    """Names, units, dimensions and numbers of all groups."""
    root = xr.open_dataset(path, engine=engine)
    assert {k: v for k, v in root.attrs.items()} == attributes, engine
    count = 0
    for group in SCALES:
        with xr.open_dataset(path, group=group, engine=engine) as data:
            assert set(data.sizes) == SCALES[group] and set(data.coords) == SCALES[group], (engine, group, data.sizes)
            assert set(data.variables) == set(file[group]), (engine, group)
            for name, variable in data.variables.items():
                stored = file[group][name]
                assert variable.attrs["units"] == text(stored.attrs["units"])
                assert variable.attrs["long_name"] == text(stored.attrs["long_name"])
                if h5py.check_string_dtype(stored.dtype):
                    assert list(variable.values) == [text(x) for x in stored[()]], (engine, name)
                else:
                    assert variable.dtype == stored.dtype and np.array_equal(
                        variable.values, stored[()], equal_nan=stored.dtype.kind == "f"), (engine, name)
                count += 1
    root.close()
    return count


def check_pandas(path, file):
    table = xr.open_dataset(path, group="portfolios", engine="h5netcdf").to_dataframe()
    direct = pd.DataFrame({name: data[()] for name, data in file["portfolios"].items()}).set_index("portfolio")
    pd.testing.assert_frame_equal(table[sorted(table)], direct[sorted(direct)], check_exact=True)
    return table


def check_tools(folder, file):
    """Numbers as h5dump, ncdump and rhdf5 wrote them; returns the names of the tools."""
    tvpi, failed, tried = file["portfolios/net_tvpi"][()], file["portfolios/n_failed"][()], []
    if (folder / "net_tvpi.raw").exists():
        assert np.array_equal(np.fromfile(folder / "net_tvpi.raw", "<f8"), tvpi)
        assert np.array_equal(np.fromfile(folder / "n_failed.raw", "<i4"), failed)
        tried.append("h5dump")
    if (folder / "ncdump.txt").exists():
        dump = (folder / "ncdump.txt").read_text()
        values = re.search(r"net_tvpi = ([^;]*);", dump.split("data:", 1)[1]).group(1)
        assert np.array_equal(np.array(values.split(","), float), tvpi)
        assert "double net_tvpi(portfolio)" in dump and 'net_tvpi:units = "1"' in dump
        tried.append("ncdump")
    if (folder / "rhdf5.txt").exists():
        lines = (folder / "rhdf5.txt").read_text().splitlines()
        heads = dict(line.split(" ", 1) for line in lines if not line[0].isdigit())
        rows = np.array([line.split() for line in lines if line[0].isdigit()], float)
        assert heads["units"] == "CNY million" and heads["seed"] == text(file.attrs["seed"]), heads
        assert int(heads["names"]) == len(file["portfolios"])
        assert heads["statistic"] == text(file["summary/statistic"][0])
        assert np.array_equal(rows[:, 0], tvpi) and np.array_equal(rows[:, 1], failed)
        tried.append("rhdf5")
    return tried


def check_summary(folder, file, table):
    """The summary in the file is what the program prints, and what pandas computes."""
    printed = {row["name"]: row for row in json.loads((folder / "summary.json").read_text())["summary"]}
    names = [text(name) for name in file["summary/name"]]
    stored = dict(zip(names, file["summary/value"][()]))
    assert set(stored) == set(printed)
    for name, value in stored.items():
        assert printed[name]["value"] == (None if np.isnan(value) else value), name
    assert np.isclose(stored["net_tvpi.median"], table.net_tvpi.median(), rtol=1e-14)
    assert np.isclose(stored["net_tvpi.q95"], table.net_tvpi.quantile(0.95), rtol=1e-14)
    assert np.isclose(stored["P(net_tvpi>=2)"], (table.net_tvpi >= 2).mean(), rtol=1e-14)
    assert np.isclose(stored["net_tvpi.capped_mean"], table.net_tvpi.clip(upper=10).mean(), rtol=1e-13)
    assert np.isclose(stored["n_failed.mean"], table.n_failed.mean(), rtol=1e-14)


def check_sample(path, file):
    """A file that keeps every seventh portfolio holds the same values under the same index."""
    whole = xr.open_dataset(file.filename, group="portfolios", engine="h5netcdf")
    sample = xr.open_dataset(path, group="portfolios", engine="netcdf4")
    assert list(sample.portfolio.values) == list(range(0, 500, 7))
    assert whole.sel(portfolio=sample.portfolio).drop_vars("portfolio").equals(sample.drop_vars("portfolio"))
    spoiled = sample.assign(net_tvpi=np.nextafter(sample.net_tvpi, 9.0))
    assert not whole.sel(portfolio=sample.portfolio).drop_vars("portfolio").equals(spoiled.drop_vars("portfolio"))


def check_few(path, file):
    """A file of two columns: those, the flag of one, and those of models, with the values that they have among all."""
    whole = xr.open_dataset(file.filename, group="portfolios", engine="h5netcdf")
    models = tuple(f"{name}_" for name in text(file.attrs["models"]).split())
    expected = {"n_failed", "net_irr", "net_irr_flag"} | {name for name in whole.data_vars if name.startswith(models)}
    for engine in ("h5netcdf", "netcdf4"):
        few = xr.open_dataset(path, group="portfolios", engine=engine)
        assert set(few.data_vars) == expected, (engine, set(few.data_vars) ^ expected)
        assert whole[sorted(expected)].equals(few[sorted(expected)]), engine


def check_page(source, folder, file):
    """Every dataset is on the page of the format, and its examples run."""
    page = (source / "docs" / "results_format.md").read_text()
    models = tuple(f"{name}_" for name in text(file.attrs["models"]).split())
    for group in SCALES:
        for name in file[group]:
            known = name in page.replace("`", " ").split() or re.sub("_(mean|se)$", "", name) in page.replace("`", " ").split()
            assert known or name.startswith(models), f"{group}/{name} is not on the page"
    examples = re.findall(r"```(python|r|sh)\n(.*?)```", page, re.DOTALL)
    commands = {"python": [sys.executable, "-c"], "r": ["Rscript", "-e"], "sh": ["sh", "-ec"]}
    tools = {"python": sys.executable, "r": "Rscript", "sh": "ncdump"}
    (folder / "hangzhou.h5").symlink_to("run.h5")
    n = 0
    for kind, example in examples:
        if shutil.which(tools[kind]):
            subprocess.run(commands[kind] + [example], cwd=folder, check=True, stdout=subprocess.DEVNULL)
            n += 1
    assert n >= 3 and len(examples) >= 5
    return n


def main():
    folder, source = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    path = folder / "run.h5"
    with h5py.File(path, "r") as file:
        count = check_layout(file)
        attributes = check_attributes(file)
        for engine in ("h5netcdf", "netcdf4"):
            assert check_xarray(path, file, engine, attributes) == count
        table = check_pandas(path, file)
        tried = check_tools(folder, file)
        check_summary(folder, file, table)
        check_sample(folder / "sample.h5", file)
        check_few(folder / "few.h5", file)
        n_examples = check_page(source, folder, file)
    print(f"{count} datasets agree in h5py, xarray (h5netcdf, netcdf4), pandas, {', '.join(tried)}; {n_examples} examples of the page ran")


main()
