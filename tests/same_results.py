"""Compares HDF5 files byte for byte: every group, dataset, attribute, type and value outside /provenance.

usage: same_results.py A.h5 B.h5...      exit 0 if all equal A; else each difference on a line, exit 1
"""

import sys

import h5py
import numpy as np

LEFT_OUT = "provenance"  # host, time, command line: the only group that may differ




def value_of(item, raw):
    """A comparable form: raw bytes for numbers (so that NaNs and signs of zero count), lists for texts."""
    if isinstance(raw, h5py.Reference):
        return ("reference", item.file[raw].name)
    array = np.asarray(raw)
    if array.dtype.names:  # references of dimension scales: compare by name
        return [tuple(value_of(item, row[name]) for name in array.dtype.names) for row in array.ravel()]
    if array.dtype.hasobject:
        return [value_of(item, cell) if isinstance(cell, (h5py.Reference, np.ndarray)) else cell for cell in array.ravel()]
    return (array.dtype.str, array.shape, array.tobytes())


def items(file):
    """Name → object for everything outside /provenance, the root included."""
    found = {"/": file}
    file.visititems(lambda name, item: found.__setitem__(name, item))
    return {name: item for name, item in found.items() if name.split("/")[0] != LEFT_OUT}


def differences(a, b):
    left, right = items(a), items(b)
    for name in sorted(left.keys() ^ right.keys()):
        yield f"{name}: only in one file"
    for name in sorted(left.keys() & right.keys()):
        x, y = left[name], right[name]
        for key in sorted(x.attrs.keys() ^ y.attrs.keys()):
            yield f"{name}: attribute {key} only in one file"
        for key in sorted(x.attrs.keys() & y.attrs.keys()):
            if value_of(x, x.attrs[key]) != value_of(y, y.attrs[key]):
                yield f"{name}: attribute {key} differs"
        if isinstance(x, h5py.Dataset) != isinstance(y, h5py.Dataset):
            yield f"{name}: dataset in one file, group in the other"
        elif isinstance(x, h5py.Dataset) and value_of(x, x[()]) != value_of(y, y[()]):
            yield f"{name}: values differ"
        elif isinstance(x, h5py.Group) and [k for k in x if k != LEFT_OUT] != [k for k in y if k != LEFT_OUT]:
            yield f"{name}: members in another order"


def main(paths):
    if len(paths) < 2:
        sys.exit(__doc__)
    n_different = 0
    with h5py.File(paths[0], "r") as first:
        if len(items(first)) < 2:
            sys.exit(f"{paths[0]}: holds nothing to compare")
        for path in paths[1:]:
            with h5py.File(path, "r") as other:
                for difference in differences(first, other):
                    print(f"{paths[0]} against {path}: {difference}")
                    n_different += 1
    sys.exit(1 if n_different else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
