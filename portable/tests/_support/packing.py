# SPDX-License-Identifier: GPL-3.0-or-later
"""A lossless form of related arrays that is several times smaller than compressing each by itself.

Noise does not compress, but most arrays of a reference case follow from another one or are smooth. An
array is kept as one of

``same``
    another array, bit for bit;
``patch``
    another array but for some elements, which are listed;
``minus``
    another array less a smooth one, and the remaining differences of the bits;
``diff``
    itself, differenced so many times along its last two axes.

All arithmetic on what is stored is that of integers modulo 2**width on the bits of the elements, so
whatever the prediction, every bit comes back, those of NaN included. What remains is sorted by
significance of bytes, in which form general compressors do well.
"""

import itertools
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

#: Numbers of differences along the last two axes that are tried.
_ORDERS = tuple(itertools.product(range(3), range(4)))
#: Arrays with fewer elements are kept as they are: their recipe would be longer than they.
_SMALL = 64

Recipe = dict[str, Any]


def _bits(array: np.ndarray) -> np.ndarray:
    """Elements as unsigned integers that are ordered as the floating-point numbers are."""
    width = array.dtype.itemsize
    integers = np.asarray(array, order="C").view(f"<i{width}")
    if array.dtype.kind == "f":
        integers = integers ^ ((integers >> (8 * width - 1)) & np.iinfo(integers.dtype).max)
    return np.asarray(integers).view(f"<u{width}")


def _from_bits(bits: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Undo `_bits`."""
    width = dtype.itemsize
    integers = bits.view(f"<i{width}")
    if dtype.kind == "f":
        integers = integers ^ ((integers >> (8 * width - 1)) & np.iinfo(integers.dtype).max)
    return np.asarray(integers, order="C").view(dtype)


def _to_bytes(bits: np.ndarray, orders: Sequence[int]) -> bytes:
    """Difference, fold the sign into the lowest bit and sort bytes by significance."""
    axes = range(bits.ndim)[-len(orders) :] if bits.ndim else ()
    for axis, order in zip(axes, orders[-len(axes) :] if len(axes) else (), strict=True):
        for _ in range(order):
            bits = np.diff(bits, axis=axis, prepend=bits.dtype.type(0))
    if any(orders):
        signed = bits.view(bits.dtype.str.replace("u", "i"))
        bits = ((signed << 1) ^ (signed >> (8 * bits.dtype.itemsize - 1))).view(bits.dtype)
    return np.ascontiguousarray(bits).reshape(-1, 1).view(np.uint8).T.tobytes()


def _of_bytes(data: bytes, dtype: np.dtype, shape: Sequence[int], orders: Sequence[int]) -> np.ndarray:
    """Undo `_to_bytes`."""
    width = dtype.itemsize
    planes = np.frombuffer(data, np.uint8).reshape(width, -1)
    bits = np.ascontiguousarray(planes.T).view(f"<u{width}").reshape(shape)
    if any(orders):
        one = bits.dtype.type(1)
        bits = (bits >> one) ^ (~(bits & one) + one)
    axes = range(bits.ndim)[-len(orders) :] if bits.ndim else ()
    for axis, order in zip(axes, orders[-len(axes) :] if len(axes) else (), strict=True):
        for _ in range(order):
            bits = np.cumsum(bits, axis=axis, dtype=bits.dtype)
    return bits


def _size(*parts: bytes) -> int:
    """Estimate of the compressed size."""
    return sum(len(zlib.compress(part, 4)) for part in parts)


def _differenced(bits: np.ndarray) -> tuple[list[int], bytes]:
    """Shortest form of an array by itself."""
    choices = _ORDERS if bits.size >= _SMALL and bits.ndim > 1 else [(0, order) for order in range(4)]
    coded = [(list(orders), _to_bytes(bits, orders)) for orders in choices]
    return min(coded, key=lambda pair: _size(pair[1]))


def _less(base: np.ndarray, difference: np.ndarray) -> np.ndarray:
    """Prediction ``base - difference``; a NaN of the base stays as it is."""
    with np.errstate(all="ignore"):
        return np.where(np.isnan(base), base, base - difference)


def _fill_forward(array: np.ndarray) -> np.ndarray:
    """Replace what is not finite by the last finite number before it."""
    flat = array.ravel()
    index = np.where(np.isfinite(flat), np.arange(flat.size), -1)
    index = np.maximum.accumulate(index)
    return np.where(index >= 0, flat[index], 0).astype(array.dtype).reshape(array.shape)


def _forms(array: np.ndarray, base: np.ndarray, name: str) -> Iterator[tuple[Recipe, list[bytes]]]:
    """Ways to keep an array by way of another one of the same shape and type."""
    ours, theirs = _bits(array), _bits(base)
    changed = ours != theirs
    if changed.mean() < 0.5:
        orders, data = _differenced(ours[changed])
        yield {"patch": name, "orders": orders}, [np.packbits(changed).tobytes(), data]
    if array.dtype.kind == "f":
        with np.errstate(all="ignore"):
            exact = base.astype(np.float64) - array
        difference = _fill_forward(exact.astype(array.dtype))
        rest = _bits(array) - _bits(_less(base, difference))
        orders, data = _differenced(_bits(difference))
        yield {"minus": name, "orders": orders}, [data, _to_bytes(rest, (0, 0))]


def _pack_one(name: str, array: np.ndarray, bases: Mapping[str, np.ndarray]) -> tuple[Recipe, list[bytes]]:
    """Shortest form of one array."""
    for other, base in bases.items():
        if array.size and np.array_equal(_bits(array), _bits(base)):
            return {"same": other}, []
    orders, data = _differenced(_bits(array))
    best: tuple[Recipe, list[bytes]] = ({"orders": orders}, [data])
    if array.size < _SMALL:
        return best
    for other, base in bases.items():
        for form in _forms(array, base, other):
            if _size(*form[1]) < _size(*best[1]):
                best = form
    return best


def _related(name: str, array: np.ndarray, known: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Arrays that may predict another: of its type and shape, and of its detector where they are numbered."""
    number = [part for part in name.split("_") if part.isdigit()]
    return {
        other: base
        for other, base in known.items()
        if (base.dtype, base.shape) == (array.dtype, array.shape)
        and [part for part in other.split("_") if part.isdigit()] == number
    }


def pack(arrays: Mapping[str, np.ndarray]) -> tuple[dict[str, Recipe], bytes]:
    """Arrays in a compact form.

    Parameters
    ----------
    arrays : mapping of `str` to `numpy.ndarray`
        Numbers, integers or booleans of at most 8 bytes, of any shape.

    Returns
    -------
    recipes : `dict`
        How each array is restored, fit for JSON.
    data : `bytes`
        What the recipes need, not yet compressed.
    """
    recipes: dict[str, Recipe] = {}
    data: list[bytes] = []
    known: dict[str, np.ndarray] = {}
    for name, array in arrays.items():
        if array.dtype.kind not in "biuf":
            raise TypeError(
                f"cannot pack {name!r} of type {array.dtype}: only numbers and booleans are packed"
            )
        recipe, parts = _pack_one(name, array, _related(name, array, known))
        recipe |= {"dtype": array.dtype.str, "shape": list(array.shape), "sizes": [len(p) for p in parts]}
        recipes[name] = recipe
        data += parts
        known[name] = array
    return recipes, b"".join(data)


def _unpack_one(recipe: Recipe, parts: Sequence[bytes], known: Mapping[str, np.ndarray]) -> np.ndarray:
    """Restore one array."""
    dtype, shape = np.dtype(recipe["dtype"]), recipe["shape"]
    if "same" in recipe:
        return known[recipe["same"]].copy()
    orders = recipe["orders"]
    if "patch" in recipe:
        bits = _bits(known[recipe["patch"]]).copy()
        changed = (
            np.unpackbits(np.frombuffer(parts[0], np.uint8), count=bits.size).astype(bool).reshape(shape)
        )
        bits[changed] = _of_bytes(parts[1], dtype, [int(changed.sum())], orders)
    elif "minus" in recipe:
        difference = _from_bits(_of_bytes(parts[0], dtype, shape, orders), dtype)
        bits = _bits(_less(known[recipe["minus"]], difference)) + _of_bytes(parts[1], dtype, shape, (0, 0))
    else:
        bits = _of_bytes(parts[0], dtype, shape, orders)
    return _from_bits(bits, dtype)


def unpack(recipes: Mapping[str, Recipe], data: bytes) -> dict[str, np.ndarray]:
    """Arrays that `pack` made compact, bit for bit as they were."""
    arrays: dict[str, np.ndarray] = {}
    start = 0
    for name, recipe in recipes.items():
        parts = []
        for size in recipe["sizes"]:
            parts.append(data[start : start + size])
            start += size
        arrays[name] = _unpack_one(recipe, parts, arrays)
    return arrays
