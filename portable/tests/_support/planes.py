"""The mask planes that new masks share, which tests must not leave to each other."""

import contextlib
from collections.abc import Iterator

from lsst.afw.image import _mask_dict


@contextlib.contextmanager
def restored() -> Iterator[None]:
    """Put the default mask planes back at the end, and those of the masks that live longer."""
    default = _mask_dict.default_planes()
    before = {each: dict(each.planes) for each in list(_mask_dict._in_use)}
    try:
        yield
    finally:
        for each, planes in before.items():
            each.planes.clear()
            each.planes.update(planes)
        _mask_dict.set_default_planes(default)
