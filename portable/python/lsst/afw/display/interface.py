# SPDX-License-Identifier: GPL-3.0-or-later
"""The display interface, independent of the backend."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Self

from lsst.afw.image import PARENT, DecoratedImage, Exposure, Image, ImageI, ImageOrigin, Mask, MaskedImage

from ._backend import find_backend
from ._buffering import Buffering
from ._colors import (
    BLACK,
    BLUE,
    CYAN,
    GREEN,
    IGNORE,
    MAGENTA,
    ORANGE,
    PLANE_COLORS,
    RED,
    WHITE,
    YELLOW,
    color_cycle,
)
from ._ellipses import EllipseAxes, parse_ellipse
from ._events import Event, h_callback, noop_callback

__all__ = (
    "BLACK",
    "BLUE",
    "CYAN",
    "GREEN",
    "IGNORE",
    "MAGENTA",
    "ORANGE",
    "RED",
    "WHITE",
    "YELLOW",
    "Display",
    "Event",
    "delAllDisplays",
    "getDefaultBackend",
    "getDefaultFrame",
    "getDisplay",
    "h_callback",
    "incrDefaultFrame",
    "noop_callback",
    "setDefaultBackend",
    "setDefaultFrame",
    "setDefaultImageColormap",
    "setDefaultMaskPlaneColor",
    "setDefaultMaskTransparency",
)

_LOG = logging.getLogger("lsst.afw.display")

Callback = Callable[[str, float, float], bool | None]


class Display:
    """A display of images, with symbols and lines over them.

    Parameters
    ----------
    frame : `int`, `str` or what the backend takes, optional
        Which display; by default the default frame. Displays of the same frame share their window.
    backend : `str`, optional
        How to show it: ``matplotlib``, ``virtualDevice`` (not at all), or another installed backend. By
        default the one set by `setDefaultBackend`, or ``virtualDevice`` if none was set.
    **kwargs : `object`
        Passed to the backend.

    Raises
    ------
    ImportError
        Raised if there is no such backend.
    """

    _displays: ClassVar[dict[Any, Display]] = {}
    _defaultBackend: ClassVar[str | None] = None
    _defaultFrame: ClassVar[Any] = 0
    _defaultMaskPlaneColor: ClassVar[dict[str, str]] = dict(PLANE_COLORS)
    _defaultMaskTransparency: ClassVar[Any] = {}
    _defaultImageColormap: ClassVar[Any] = "gray"

    def __init__(self, frame: Any = None, backend: str | None = None, **kwargs: Any) -> None:
        self.frame = getDefaultFrame() if frame is None else frame
        self.name = backend or Display._defaultBackend or _usual_backend()
        self._impl: Any = find_backend(self.name)(self, **kwargs)
        self._impl.frame = self.frame
        self._xy0: tuple[int, int] = (0, 0)
        self._maskPlaneColors: dict[str, str] = {}
        self._callbacks: dict[str, Callback] = {}
        self.setMaskTransparency(Display._defaultMaskTransparency)
        self.setMaskPlaneColor(Display._defaultMaskPlaneColor)
        self.setImageColormap(Display._defaultImageColormap)
        for key in ("q", "Escape"):
            self.setCallback(key, lambda k, x, y: True)
        self.setCallback("h", h_callback)
        Display._displays[self.frame] = self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def __getattr__(self, name: str) -> Any:
        """Return an attribute of the backend, such as ``savefig``."""
        impl = self.__dict__.get("_impl")
        if impl is None or name.startswith("__"):
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}, or it is closed")
        try:
            return getattr(impl, name)
        except AttributeError:
            raise AttributeError(f'the backend {self.name} has no attribute "{name}"') from None

    def __str__(self) -> str:
        return f"Display[{self.frame}]"

    def close(self) -> None:
        """Close the display; its drawings stay."""
        if self._impl is not None:
            self._impl._close()
            self._impl = None
        if Display._displays.get(self.frame) is self:
            del Display._displays[self.frame]

    @property
    def verbose(self) -> bool:
        """Whether the backend reports the commands it receives."""
        return self._impl.verbose

    @verbose.setter
    def verbose(self, value: bool) -> None:
        self._impl.verbose = value

    # ---- colours

    def setImageColormap(self, cmap: Any) -> None:
        """Set the colour map of images.

        Parameters
        ----------
        cmap : `str` or what the backend takes
            Name of the colour map; every backend knows ``gray``.
        """
        self._impl._setImageColormap(cmap)

    def maskColorGenerator(self, omitBW: bool = True) -> Iterator[str]:
        """Cycle through the colours.

        Parameters
        ----------
        omitBW : `bool`, optional
            Whether to omit black and white.
        """
        return color_cycle(omitBW)

    def setMaskPlaneColor(self, name: str | Mapping[str, str], color: str | None = None) -> None:
        """Set the colour of a mask plane.

        Parameters
        ----------
        name : `str` or `collections.abc.Mapping` [`str`, `str`]
            Name of the plane, or colours by plane name.
        color : `str`, optional
            Colour, as named by the backend; `IGNORE` hides the plane.
        """
        self._maskPlaneColors.update(name if isinstance(name, Mapping) else {name: str(color)})

    def getMaskPlaneColor(self, name: str | None = None) -> Any:
        """Return the colour of a mask plane, or `None`; without a name, all colours by plane."""
        if name is None:
            return self._maskPlaneColors
        return self._maskPlaneColors.get(name, Display._defaultMaskPlaneColor.get(name))

    def setMaskTransparency(
        self, transparency: float | Mapping[str, float] | None = None, name: str | None = None
    ) -> None:
        """Set the transparency of a mask.

        Parameters
        ----------
        transparency : `float` or `collections.abc.Mapping` [`str`, `float`], optional
            Transparency (percent, clipped to 0 to 100), or a mapping by plane name. `None` changes nothing.
        name : `str`, optional
            The plane; all by default.
        """
        if isinstance(transparency, Mapping):
            for plane, value in transparency.items():
                self.setMaskTransparency(value, plane)
        elif transparency is not None:
            clipped = min(max(transparency, 0), 100)
            if clipped != transparency:
                _LOG.warning("The mask transparency %s is clipped to %s", transparency, clipped)
            self._impl._setMaskTransparency(clipped, name)

    def getMaskTransparency(self, name: str | None = None) -> float | None:
        """Return the transparency of a mask plane, or of all planes (percent)."""
        return self._impl._getMaskTransparency(name)

    def _color_missing_planes(self, mask: Any) -> None:
        """Assign a colour to each plane that has none."""
        colors = self.maskColorGenerator()
        planes = mask.getMaskPlaneDict()
        for name in sorted(planes, key=planes.get):
            if name not in Display._defaultMaskPlaneColor and name not in self._maskPlaneColors:
                self._maskPlaneColors[name] = next(colors)

    # ---- images

    def show(self) -> None:
        """Bring the display to the front."""
        self._impl._show()

    def mtv(self, data: Any, title: str = "", wcs: Any = None, metadata: Any = None) -> None:
        """Show an image, with its mask if it has one.

        Parameters
        ----------
        data : `lsst.afw.image.Image`, `~lsst.afw.image.Mask`, `~lsst.afw.image.MaskedImage`, \
                `~lsst.afw.image.Exposure` or `~lsst.afw.image.DecoratedImage`
            Data to show. A mask is overlaid on itself.
        title : `str`, optional
            A title.
        wcs : `lsst.afw.geom.SkyWcs`, optional
            WCS passed to the backend; an exposure has its own.
        metadata : `lsst.daf.base.PropertySet`, optional
            Header cards passed to the backend.

        Raises
        ------
        RuntimeError
            Raised if a WCS is given with an exposure, or if ``data`` cannot be shown.
        """
        image: Any = data
        mask = None
        if isinstance(data, Exposure):
            if wcs is not None:
                raise RuntimeError("a WCS cannot be given with an exposure, which has its own")
            wcs = image.getWcs()
            image, mask = image.image, image.mask
        elif isinstance(data, DecoratedImage):
            metadata = image.getMetadata() if metadata is None else metadata
            image = image.image
        elif isinstance(data, MaskedImage):
            image, mask = image.image, image.mask
        elif isinstance(data, Mask):
            image, mask = ImageI(image.array, xy0=image.getXY0()), image
        elif not isinstance(data, Image):
            raise RuntimeError(
                f"Unsupported type {type(data).__name__}: images, masks and exposures are shown"
            )
        if mask is not None:
            self._color_missing_planes(mask)
        self._xy0 = (image.getX0(), image.getY0())
        self._impl._mtv(image, mask, wcs, title, metadata)

    image = mtv

    def scale(
        self,
        algorithm: str,
        min: float | str,
        max: float | None = None,
        unit: str | None = None,
        **kwargs: Any,
    ) -> None:
        """Set the stretch that maps pixel values to shades.

        Parameters
        ----------
        algorithm : `str`
            ``linear`` or ``asinh``.
        min : `float` or `str`
            Value shown darkest, or ``minmax`` or ``zscale``.
        max : `float`, optional
            Value shown brightest; not allowed with ``minmax`` and ``zscale``.
        unit : `str`, optional
            Unit of ``min`` and ``max``: ``absolute`` (the default), ``percent`` of the pixels, or ``sigma``
            around the mean.
        **kwargs : `object`
            Passed to the backend.

        Raises
        ------
        RuntimeError
            Raised if ``max`` is missing.
        ValueError
            Raised if ``max`` or ``unit`` are given with ``minmax`` or ``zscale``.
        """
        if min in ("minmax", "zscale"):
            if max is not None or unit is not None:
                raise ValueError(
                    f"{min!r} finds the limits itself: neither max nor unit can be given with it"
                )
        elif max is None:
            raise RuntimeError("max is missing; it goes with min unless that is 'minmax' or 'zscale'")
        self._impl._scale(algorithm, min, max, unit, **kwargs)

    # ---- drawing

    def Buffering(self) -> Buffering:
        """Return a context that draws everything at its end."""
        return Buffering(self._impl)

    def flush(self) -> None:
        """Draw everything that was buffered."""
        self._impl._flush()

    def erase(self) -> None:
        """Remove symbols and lines."""
        self._impl._erase()

    def _local(self, c: float, r: float, origin: ImageOrigin) -> tuple[float, float]:
        """Return a position relative to the first pixel."""
        x0, y0 = self._xy0 if origin is PARENT else (0, 0)
        return c - x0, r - y0

    def dot(
        self,
        symb: Any,
        c: float,
        r: float,
        size: float = 2,
        ctype: str | None = None,
        origin: ImageOrigin = PARENT,
        **kwargs: Any,
    ) -> None:
        """Draw a symbol.

        Parameters
        ----------
        symb : `str`, `int` or ellipse
            ``+``, ``x``, ``*`` or ``o``; ``@:Mxx,Mxy,Myy`` for the ellipse with these moments; an object with
            attributes ``a``, ``b`` and ``theta`` for the ellipse with these axes; anything else is written as
            text.
        c, r : `float`
            Column and row.
        size : `float`, optional
            Size (pixels); ignored for ellipses.
        ctype : `str`, optional
            Colour.
        origin : `lsst.afw.image.ImageOrigin`, optional
            Origin of ``c`` and ``r``.
        **kwargs : `object`
            Passed to the backend.
        """
        if not all(hasattr(symb, name) for name in EllipseAxes._fields):
            symb = parse_ellipse(str(symb)) or str(symb)
        self._impl._dot(symb, *self._local(c, r, origin), size, ctype, **kwargs)

    def line(
        self,
        points: Sequence[Sequence[float]],
        origin: ImageOrigin = PARENT,
        symbs: bool | Sequence[str] = False,
        ctype: str | None = None,
        size: float = 0.5,
    ) -> None:
        """Connect points, or draw a symbol at each.

        Parameters
        ----------
        points : `collections.abc.Sequence`
            Columns and rows.
        origin : `lsst.afw.image.ImageOrigin`, optional
            Origin of the positions.
        symbs : `bool` or `collections.abc.Sequence` [`str`], optional
            Symbols, one per point or one for all; `True` for dots.
        ctype : `str`, optional
            Colour.
        size : `float`, optional
            Size of the symbols (pixels).
        """
        if not symbs:
            if len(points) > 0:
                self._impl._drawLines([self._local(c, r, origin) for c, r in points], ctype)
            return
        symbols = "o" if symbs is True else symbs
        for i, (c, r) in enumerate(points):
            self.dot(symbols[0 if len(symbols) == 1 else i], c, r, size, ctype, origin)

    # ---- zoom and pan

    def zoom(
        self,
        zoomfac: float | None = None,
        colc: float | None = None,
        rowc: float | None = None,
        origin: ImageOrigin = PARENT,
    ) -> None:
        """Set the magnification, and optionally the centre.

        Parameters
        ----------
        zoomfac : `float`, optional
            Magnification relative to the whole image in the display; 2 without a position.
        colc, rowc : `float`, optional
            Position to centre on.
        origin : `lsst.afw.image.ImageOrigin`, optional
            Origin of the position.

        Raises
        ------
        RuntimeError
            Raised if only one of column and row is given.
        """
        if (colc is None) != (rowc is None):
            raise RuntimeError("a position has a column and a row; one of them is missing")
        if colc is not None and rowc is not None:
            self._impl._pan(*self._local(colc, rowc, origin))
        elif zoomfac is None:
            zoomfac = 2
        if zoomfac is not None:
            self._impl._zoom(zoomfac)

    def pan(self, colc: float | None = None, rowc: float | None = None, origin: ImageOrigin = PARENT) -> None:
        """Centre on a position; see `zoom`."""
        self.zoom(None, colc, rowc, origin)

    # ---- keys

    def interact(self) -> None:
        """Wait for keys and call their callbacks until one returns true (``q`` does)."""
        finished: bool | None = False
        while not finished:
            event = self._impl._getEvent()
            if event is None:
                continue
            if event.k not in self._callbacks:
                _LOG.warning("No callback is registered for the key %s", event.k)
                continue
            try:
                finished = self._callbacks[event.k](event.k, event.x, event.y)
            except Exception:
                _LOG.exception("The callback of the key %s failed", event.k)

    def setCallback(self, k: str, func: Callback | None = None, noRaise: bool = False) -> Callback | None:
        """Set the callback of a key.

        Parameters
        ----------
        k : `str`
            The key.
        func : callable, optional
            Called with key and position; does nothing by default.
        noRaise : `bool`, optional
            Whether to ignore, rather than refuse, the reserved key ``f``.

        Returns
        -------
        previous : callable or `None`
            Previous callback.

        Raises
        ------
        RuntimeError
            Raised for the reserved key ``f``, unless ``noRaise``.
        """
        if k == "f":
            if noRaise:
                return None
            raise RuntimeError("the key 'f' is used by displays")
        previous = self._callbacks.get(k)
        self._callbacks[k] = func or noop_callback
        self._impl._setCallback(k, self._callbacks[k])
        return previous

    def getActiveCallbackKeys(self, onlyActive: bool = True) -> list[str]:
        """Return the keys that have an active callback, or all keys that were set."""
        return sorted(k for k, func in self._callbacks.items() if not (onlyActive and func is noop_callback))

    # ---- defaults shared by all displays

    @staticmethod
    def setDefaultBackend(backend: str) -> None:
        """Set the default backend; raise `RuntimeError` if there is no such backend."""
        try:
            find_backend(backend)
        except ImportError as exc:
            raise RuntimeError(f'Unable to set backend to {backend}: "{exc}"') from exc
        Display._defaultBackend = backend

    @staticmethod
    def getDefaultBackend() -> str | None:
        """Return the default backend, or `None` if none was set."""
        return Display._defaultBackend

    @staticmethod
    def setDefaultFrame(frame: Any = 0) -> None:
        """Set the default frame."""
        Display._defaultFrame = frame

    @staticmethod
    def getDefaultFrame() -> Any:
        """Return the default frame."""
        return Display._defaultFrame

    @staticmethod
    def incrDefaultFrame() -> Any:
        """Increment the default frame and return it."""
        Display._defaultFrame += 1
        return Display._defaultFrame

    @staticmethod
    def setDefaultMaskTransparency(maskPlaneTransparency: Any = None) -> None:
        """Set the default transparency of masks: percent, or percent by plane."""
        Display._defaultMaskTransparency = {} if maskPlaneTransparency is None else maskPlaneTransparency

    @staticmethod
    def setDefaultMaskPlaneColor(
        name: str | Mapping[str, str] | None = None, color: str | None = None
    ) -> None:
        """Set the default colour of one or several mask planes; without a name, restore all defaults."""
        if name is None:
            Display._defaultMaskPlaneColor.clear()
            name = PLANE_COLORS
        Display._defaultMaskPlaneColor.update(name if isinstance(name, Mapping) else {name: str(color)})

    @staticmethod
    def setDefaultImageColormap(cmap: Any) -> None:
        """Set the default colour map of images."""
        Display._defaultImageColormap = cmap

    @staticmethod
    def getDisplay(
        frame: Any = None,
        backend: str | None = None,
        create: bool = True,
        verbose: bool = False,
        **kwargs: Any,
    ) -> Display:
        """Return the display of a frame.

        Parameters
        ----------
        frame : `int` or `str`, optional
            Which display; by default the default frame.
        backend : `str`, optional
            Backend of a new display.
        create : `bool`, optional
            Whether to create the display if it does not exist.
        verbose : `bool`, optional
            Whether the backend reports the commands it receives.
        **kwargs : `object`
            Passed to the backend of a new display.

        Raises
        ------
        RuntimeError
            Raised if there is no such display and ``create`` is false.
        """
        frame = Display._defaultFrame if frame is None else frame
        if frame not in Display._displays:
            if not create or backend == "":
                raise RuntimeError(f"Frame {frame} does not exist")
            Display(frame, backend, verbose=verbose, **kwargs)
        found = Display._displays[frame]
        found.verbose = verbose
        return found

    @staticmethod
    def delAllDisplays() -> None:
        """Close all displays."""
        for display in list(Display._displays.values()):
            display.close()


def _usual_backend() -> str:
    """Return the backend used if none was chosen, as in the stack: ds9 if installed, otherwise none."""
    try:
        Display.setDefaultBackend("ds9")
    except RuntimeError:
        Display.setDefaultBackend("virtualDevice")
    return str(Display._defaultBackend)


setDefaultBackend = Display.setDefaultBackend
getDefaultBackend = Display.getDefaultBackend
setDefaultFrame = Display.setDefaultFrame
getDefaultFrame = Display.getDefaultFrame
incrDefaultFrame = Display.incrDefaultFrame
setDefaultMaskTransparency = Display.setDefaultMaskTransparency
setDefaultMaskPlaneColor = Display.setDefaultMaskPlaneColor
setDefaultImageColormap = Display.setDefaultImageColormap
getDisplay = Display.getDisplay
delAllDisplays = Display.delAllDisplays
