"""Checks of interop_analysis.sh. Each also shows on a spoiled copy of its input that it can fail."""

import copy
import json
import math
import shutil
import sys

import h5py
import numpy as np

TOLERANCE = 1e-12  # relative


def near(a, b):
    if a is None or b is None:
        return a is b
    return a == b or abs(a - b) <= TOLERANCE * max(abs(a), abs(b))


def differences(first, second):
    """What differs between the JSON objects of two readers."""
    found = []
    for a, b in zip(first["results"], second["results"], strict=True):
        found += [key for key in ("scenario", "portfolios") if a[key] != b[key]]
        found += sorted(a["numbers"].keys() ^ b["numbers"].keys())
        for name in a["numbers"].keys() & b["numbers"].keys():
            x, y = a["numbers"][name], b["numbers"][name]
            found += [f"{name} {part}: {x[part]} and {y[part]}" for part in ("value", "se") if not near(x[part], y[part])]
    return found


def spoil(results):
    """A copy with one number off by 1e-10 of itself."""
    twin = copy.deepcopy(results)
    number = twin["results"][0]["numbers"]["net_tvpi.median"]
    number["value"] *= 1 + 1e-10
    return twin


def stored_numbers(path):
    with h5py.File(path) as file:
        group = file["summary"]
        names = [name.decode() if isinstance(name, bytes) else name for name in group["name"][:]]
        return dict(zip(names, group["value"][:].tolist(), strict=True)), dict(
            zip(names, group["standard_error"][:].tolist(), strict=True)
        )


def disagreements(results):
    """Numbers of a reader that are missing from, or differ from, /summary of their file."""
    found = []
    for result in results["results"]:
        values, errors = stored_numbers(result["path"])
        for name, number in result["numbers"].items():
            if name not in values:
                found.append(f"{name} is not in /summary of {result['path']}")
            elif not near(number["value"], None if math.isnan(values[name]) else values[name]):
                found.append(f"{name}: {number['value']}, /summary says {values[name]}")
            elif number["se"] is not None and not near(number["se"], errors[name]):
                found.append(f"{name} error: {number['se']}, /summary says {errors[name]}")
    return found


def picture_faults(pixels):
    """A picture of both curves: large, mostly blank, with many pixels of each city's colour."""
    found = []
    if pixels.shape[0] < 600 or pixels.shape[1] < 800:
        found.append(f"only {pixels.shape[1]} x {pixels.shape[0]} pixels")
    for colour in ((0xD5, 0x5E, 0x00), (0x00, 0x72, 0xB2)):
        n = int((np.abs(pixels[..., :3] * 255 - colour).max(axis=-1) < 6).sum())
        if n < 500:
            found.append(f"only {n} pixels of colour {colour}")
    return found


def make_weighted(source, target):
    """A copy of a result file with uneven weights."""
    shutil.copyfile(source, target)
    with h5py.File(target, "r+") as file:
        column = file["portfolios/log_weight"]
        column[:] = np.random.default_rng(1).normal(0, 0.5, column.shape)


def label_faults(tree, paths):
    """Labels of curves: of scenarios that stand once themselves, of others with the file."""
    sys.path.insert(0, f"{tree}/analysis/python")
    import summary

    rows = [(path, summary.open_results(path)[0], None, None) for path in paths]
    labels = summary.labels_of(rows)
    alone = summary.labels_of(rows[1:])
    found = [] if len(set(labels)) == len(rows) else [f"labels repeat: {labels}"]
    return found + ([] if alone == [str(row[1]["scenario"]) for row in rows[1:]] else [f"{alone} are not the scenarios"])


def fail_if(found, found_in_twin):
    if not found_in_twin:
        sys.exit("the spoiled twin was not caught")
    if found:
        sys.exit("\n".join(found))


def main():
    what, *paths = sys.argv[1:]
    if what == "weighted":
        make_weighted(*paths)
    elif what == "labels":
        fail_if(label_faults(paths[0], paths[1:]), label_faults(paths[0], [paths[1]] * 3))
    elif what == "picture":
        import matplotlib.image

        pixels = matplotlib.image.imread(paths[0])
        fail_if(picture_faults(pixels), picture_faults(np.ones_like(pixels)))
    else:
        objects = []
        for path in paths:
            with open(path, encoding="utf-8") as file:
                objects.append(json.load(file))
        if what == "equal":
            fail_if(differences(*objects), differences(objects[0], spoil(objects[1])))
        elif what == "summary":
            fail_if(disagreements(*objects), disagreements(spoil(objects[0])))
        else:
            sys.exit(f"no check {what}")


if __name__ == "__main__":
    main()
