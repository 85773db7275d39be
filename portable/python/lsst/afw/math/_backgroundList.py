# SPDX-License-Identifier: GPL-3.0-or-later
"""Backgrounds that add up, and their FITS files: `BackgroundList`.

A file has three HDUs per member: image, mask and variance of its stats image, uncompressed. Each repeats how
the member is made into an image (INTERPSTYLE, UNDERSAMPLESTYLE, APPROXSTYLE, APPROXORDERX, APPROXORDERY,
APPROXWEIGHTING) and the box of that image (BKGD_X0, BKGD_Y0, BKGD_WIDTH, BKGD_HEIGHT). Older files have no
cards about approximations, because there were none.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, SupportsIndex

from lsst.afw.fits import FitsError
from lsst.afw.image import ImageF, MaskedImageF, MaskX
from lsst.daf.base import PropertyList
from lsst.geom import Box2I, Extent2I, Point2I
from lsst.pex.exceptions import Exception as PexException
from lsst.portable.arrays.rows import SummedRows
from lsst.portable.fits import FitsReader, FitsWriter

from ._approximate import ApproximateControl
from ._background import Background, BackgroundMI
from ._background_control import UndersampleStyle
from ._interpolate import Interpolate

if TYPE_CHECKING:
    import os

    from lsst.portable.fits import MemFileManager

__all__ = ("BackgroundList",)

_HDUS_EACH = 3


class BackgroundList:
    """A sum of backgrounds, each with its own interpolation or approximation.

    Parameters
    ----------
    *args : `Background` or `tuple`
        Members, as for `append`.
    """

    def __init__(self, *args: Background | tuple) -> None:
        self._backgrounds: list[tuple[Any, ...]] = []
        for member in args:
            self.append(member)

    def __getitem__(self, index: SupportsIndex | slice) -> Any:
        self._settle()
        return self._backgrounds[index]

    def __getstate__(self) -> dict[str, Any]:
        self._settle()
        return {"_backgrounds": self._backgrounds}

    def __len__(self) -> int:
        return len(self._backgrounds)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        self._settle()
        return iter(self._backgrounds)

    def __repr__(self) -> str:
        boxes = ", ".join(str(member[0].getImageBBox()) for member in self._backgrounds)
        return f"<BackgroundList of {len(self)}: [{boxes}]>"

    def append(self, val: Background | tuple) -> None:
        """Add a member.

        Parameters
        ----------
        val : `Background` or `tuple`
            A background, which will be evaluated in the styles of its last image, or the tuple (background,
            interpStyle, undersampleStyle, approxStyle, approxOrderX, approxOrderY, approxWeighting).

        Raises
        ------
        TypeError
            Raised if ``val`` is neither.
        """
        if isinstance(val, Background):
            val = (val, None, None, None, None, None, None)
        elif not (isinstance(val, tuple | list) and len(val) == 7 and isinstance(val[0], Background)):
            raise TypeError(
                "A member of a BackgroundList is a Background or the tuple (background, interpStyle, "
                f"undersampleStyle, approxStyle, approxOrderX, approxOrderY, approxWeighting); got {val!r}"
            )
        self._backgrounds.append(tuple(val))

    def clone(self) -> BackgroundList:
        """Return a shallow copy: another list of the same backgrounds."""
        other = copy.copy(self)
        other._backgrounds = list(self._backgrounds)
        return other

    def getImage(self) -> ImageF | None:
        """Return the sum of the images of all members, each made in its own style.

        Returns
        -------
        image : `lsst.afw.image.ImageF` or `None`
            The sum; `None` for an empty list.
        """
        total = None
        for background, interpStyle, undersampleStyle, approxStyle, *approximation in self:
            if approxStyle == ApproximateControl.UNKNOWN:
                image = background.getImageF(interpStyle, undersampleStyle)
            else:
                actrl = ApproximateControl(approxStyle, *approximation)
                image = background.getApproximate(actrl, undersampleStyle).getImage()
            if total is None:
                total = image
            else:
                total += image
        return total

    def __image_rows__(self) -> SummedRows:
        """Return a source of the rows of the image that `getImage` makes; the list must not be empty."""
        fillers, shape = [], (0, 0)
        for background, interpStyle, undersampleStyle, approxStyle, *approximation in self:
            box = background.getImageBBox()
            shape = (box.getHeight(), box.getWidth())
            if approxStyle == ApproximateControl.UNKNOWN:
                fillers.append(background._filler(interpStyle, undersampleStyle))
            else:
                control = ApproximateControl(approxStyle, *approximation)
                fillers.append(background.getApproximate(control, undersampleStyle)._filler())
        return SummedRows(shape, fillers)

    def writeFits(self, fileName: str | os.PathLike[str] | MemFileManager, flags: int = 0) -> None:
        """Write to a FITS file.

        Parameters
        ----------
        fileName : `str`, `os.PathLike` or `lsst.afw.fits.MemFileManager`
            File to write; an existing file is replaced.
        flags : `int`, optional
            Unused.
        """
        with FitsWriter(fileName, "w") as writer:
            for member in self:
                header = _header(member)
                stats = member[0].getStatsImage()
                for plane in (stats.image, stats.mask, stats.variance):
                    plane.writeFits(writer, header)

    @classmethod
    def readFits(
        cls, fileName: str | os.PathLike[str] | MemFileManager, hdu: int = 0, flags: int = 0
    ) -> BackgroundList:
        """Read from a FITS file.

        Parameters
        ----------
        fileName : `str`, `os.PathLike` or `lsst.afw.fits.MemFileManager`
            File to read.
        hdu : `int`, optional
            Number of the HDU of the first member.
        flags : `int`, optional
            Unused.

        Returns
        -------
        backgrounds : `BackgroundList`
            The backgrounds in the file.

        Raises
        ------
        lsst.afw.fits.FitsError
            Raised if the file cannot be read or does not contain a `BackgroundList`.
        """
        self = cls()
        with FitsReader(fileName) as reader:
            if (len(reader) - hdu) % _HDUS_EACH or hdu >= len(reader):
                raise FitsError(
                    f"{reader.name} has {len(reader)} HDUs from {hdu} on, but a BackgroundList has"
                    f" {_HDUS_EACH} for each member"
                )
            headers = [reader.header(first) for first in range(hdu, len(reader), _HDUS_EACH)]
        for first, header in zip(
            range(hdu, hdu + len(headers) * _HDUS_EACH, _HDUS_EACH), headers, strict=True
        ):
            missing = [name for name in _CARDS if name not in _DEFAULTS and not header.exists(name)]
            if missing:
                raise FitsError(
                    f"HDU {first} of {fileName} is not of a BackgroundList: it has no {', '.join(missing)}"
                )
            try:
                planes = ImageF(fileName, first), MaskX(fileName, first + 1), ImageF(fileName, first + 2)
                self.append(_member(header, MaskedImageF(*planes)))
            except FitsError:
                raise
            except (PexException, TypeError, ValueError, OverflowError) as exc:
                raise FitsError(
                    f"HDU {first} of {fileName} makes no member of a BackgroundList: {exc}"
                ) from exc
            size, first_size = (self[i][0].getImageBBox().getDimensions() for i in (-1, 0))
            if size != first_size:
                raise FitsError(
                    f"HDU {first} of {fileName} makes an image of {size}, those before it of {first_size}"
                )
        return self

    def _settle(self) -> None:
        """Set the styles of members that were added without any to those of their last image."""
        for index, member in enumerate(self._backgrounds):
            if member[1] is None or member[2] is None:
                self._backgrounds[index] = _as_used(member[0])


_CARDS = (
    "INTERPSTYLE",
    "UNDERSAMPLESTYLE",
    "APPROXSTYLE",
    "APPROXORDERX",
    "APPROXORDERY",
    "APPROXWEIGHTING",
    "BKGD_X0",
    "BKGD_Y0",
    "BKGD_WIDTH",
    "BKGD_HEIGHT",
)
#: Values of cards that older files do not have.
_DEFAULTS: dict[str, Any] = {
    "APPROXSTYLE": ApproximateControl.UNKNOWN,
    "APPROXORDERX": 1,
    "APPROXORDERY": -1,
    "APPROXWEIGHTING": True,
}


def _as_used(background: Background) -> tuple[Any, ...]:
    """Return a member with the styles of a background's last image or, without one, of its control."""
    control = background.getBackgroundControl()
    approximation = control.getApproximateControl()
    styles = background.getAsUsedInterpStyle(), background.getAsUsedUndersampleStyle()
    if styles[0] == Interpolate.UNKNOWN:
        styles = control.getInterpStyle(), control.getUndersampleStyle()
    return (
        background,
        *styles,
        approximation.getStyle(),
        approximation.getOrderX(),
        approximation.getOrderY(),
        approximation.getWeighting(),
    )


def _header(member: tuple[Any, ...]) -> PropertyList:
    """Return the header cards of a member."""
    bbox = member[0].getImageBBox()
    values = (
        *(int(value) for value in member[1:6]),
        bool(member[6]),
        bbox.getMinX(),
        bbox.getMinY(),
        bbox.getWidth(),
        bbox.getHeight(),
    )
    header = PropertyList()
    for name, value in zip(_CARDS, values, strict=True):
        header.set(name, value)
    return header


def _member(header: PropertyList, stats: MaskedImageF) -> tuple[Any, ...]:
    """Return the member described by header cards and a stats image."""
    interp, undersample, approx, orderX, orderY, weighting, x0, y0, width, height = (
        header.getScalar(name) if header.exists(name) else _DEFAULTS[name] for name in _CARDS
    )
    background = BackgroundMI(Box2I(Point2I(x0, y0), Extent2I(width, height)), stats)
    control = background.getBackgroundControl()
    control.setInterpStyle(Interpolate.Style(interp))
    control.setUndersampleStyle(UndersampleStyle(undersample))
    background._usable_style(Interpolate.Style(interp), UndersampleStyle(undersample))
    style = ApproximateControl.Style(approx)
    control.setApproximateControl(ApproximateControl(style, orderX, orderY, weighting))
    return (
        background,
        Interpolate.Style(interp),
        UndersampleStyle(undersample),
        style,
        orderX,
        orderY,
        weighting,
    )
