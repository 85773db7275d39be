# SPDX-License-Identifier: GPL-3.0-or-later
"""Which mask and which noise belong to which image, and of what exposure and detector each is."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NoReturn

from ._errors import IngestError
from ._facts import ExposureFacts, cards, find_card, read_facts
from ._files import Kind, Plane
from ._noise import has_gain

if TYPE_CHECKING:
    from ._description import CameraDescription, DetectorDescription

__all__ = ("Input", "match_planes")

_MOST_TRIMMED = 0.05
"""An image may lack this fraction of the columns and rows of its detector, if it says which."""


@dataclasses.dataclass(frozen=True)
class Input:
    """One detector of one exposure, in whichever files."""

    image: Plane
    mask: Plane | None
    variance: Plane | None
    """Variance or weight."""
    detector: DetectorDescription
    facts: ExposureFacts
    corner: tuple[int, int]
    """Pixel (x, y) of the detector that the image begins with; (0, 0) unless it was trimmed."""


def match_planes(planes: Iterable[Plane], description: CameraDescription) -> list[Input]:
    """Put together what belongs together, and see that it does.

    A mask or a variance belongs to the image in the same file whose extension has the same name but for the
    word for its kind, or to that in the file of the same name but for that word, or to that of the same
    exposure and detector.

    Parameters
    ----------
    planes : `~collections.abc.Iterable` [`Plane`]
        From `find_planes`.
    description : `CameraDescription`
        The camera.

    Returns
    -------
    inputs : `list` [`Input`]
        By exposure and detector.

    Raises
    ------
    IngestError
        Raised if a detector is not the camera's, sizes differ, an exposure comes twice, something belongs to
        nothing, or an image has neither variance nor weight nor gain.
    """
    planes = list(planes)
    images = [plane for plane in planes if plane.kind is Kind.IMAGE]
    if not images:
        raise IngestError("There is no image among the files, only masks and weights.")
    owners: dict[tuple[int, Kind], Plane] = {}
    for plane in planes:
        if plane.kind is not Kind.IMAGE:
            number = _owner(plane, images, description)
            kind = Kind.MASK if plane.kind is Kind.MASK else Kind.VARIANCE
            if (number, kind) in owners:
                raise IngestError(
                    f"{images[number]} has two planes of {kind.value}: {owners[number, kind]} and {plane}.",
                    file=str(plane.path),
                )
            owners[number, kind] = plane
    inputs = [
        _make_input(image, owners.get((n, Kind.MASK)), owners.get((n, Kind.VARIANCE)), description)
        for n, image in enumerate(images)
    ]
    _require_once(inputs)
    _require_agreement(inputs)
    return sorted(inputs, key=lambda one: (one.facts.id, one.detector.id))


def _owner(plane: Plane, images: Sequence[Plane], description: CameraDescription) -> int:
    """Number of the image that a mask or a variance belongs to."""
    detector = _find_detector(plane, description)
    tests = (
        lambda image: image.path == plane.path and image.part == plane.part,
        lambda image: image.stem == plane.stem and image.part == plane.part and image.path != plane.path,
        lambda image: (
            detector is not None
            and detector is _find_detector(image, description)
            and _exposure(image, description) == _exposure(plane, description) != None  # noqa: E711
        ),
        lambda image: image.stem == plane.stem and image.path != plane.path,
    )
    for test in tests:
        found = [number for number, image in enumerate(images) if test(image)]
        if len(found) == 1:
            return found[0]
        if found:
            names = " or ".join(str(images[number]) for number in found[:3])
            raise IngestError(
                f"{plane} may belong to {names}; name files of an image, its mask and its weight alike but "
                "for that word.",
                file=str(plane.path),
            )
    raise IngestError(
        f"{plane} ({plane.kind.value}) belongs to none of the images: none has the same name of its file but "
        "for the word for the kind, or the same exposure and detector in its header. Give the image, too, or "
        "leave this file out.",
        file=str(plane.path),
    )


def _exposure(plane: Plane, description: CameraDescription) -> object:
    """What tells exposures apart; `None` where the header does not."""
    return find_card(plane.header, (*cards("exposure", description), *cards("begin", description)))


def _find_detector(plane: Plane, description: CameraDescription) -> DetectorDescription | None:
    for key in cards("detector", description):
        value = plane.part if key == "EXTNAME" else find_card(plane.header, (key,))
        if value not in (None, "") and (found := description.find(value)) is not None:
            return found
    return None


def _make_input(
    image: Plane, mask: Plane | None, variance: Plane | None, description: CameraDescription
) -> Input:
    """Look at one image with what belongs to it."""
    detector = _find_detector(image, description)
    if detector is None:
        if len(description.detectors) == 1 and not _names(image, description):
            detector = description.detectors[0]
        else:
            _refuse_detector(image, description)
    for other in (mask, variance):
        if other is not None and other.shape != image.shape:
            raise IngestError(
                f"{other} has {_size(other)} pixels, but {image}, which it belongs to, has {_size(image)}.",
                file=str(other.path),
            )
    corner = _corner(image, detector, description)
    if variance is None and not has_gain(image, detector, description):
        raise IngestError(
            f"{image} has neither a variance nor a weight, nor a gain in its header to make one from. Give a "
            "file or an extension with it, or the gain in the description of the camera (gain: 2.0, in "
            "electrons per unit of the image).",
            file=str(image.path),
        )
    return Input(image, mask, variance, detector, read_facts(image, description), corner)


def _names(image: Plane, description: CameraDescription) -> list[str]:
    """What a header says of its detector, card by card."""
    found = []
    for key in cards("detector", description):
        value = image.part.upper() if key == "EXTNAME" else find_card(image.header, (key,))
        if value not in (None, ""):
            found.append(f"{key} = {value}")
    return found


def _refuse_detector(image: Plane, description: CameraDescription) -> NoReturn:
    known = [detector.name for detector in description.detectors]
    some = ", ".join(known[:12]) + (", ..." if len(known) > 12 else "")
    names = _names(image, description)
    said = f"says {', '.join(names)}" if names else f"has none of {', '.join(cards('detector', description))}"
    raise IngestError(
        f"{image} is of no detector of {description.name}: its header {said}; the camera has {some}. Give "
        "the right camera, or name the card in its description, as in headers: {detector: CARD}.",
        file=str(image.path),
    )


def _corner(image: Plane, detector: DetectorDescription, description: CameraDescription) -> tuple[int, int]:
    """Where on its detector an image begins: with its first pixel, or where LTV1 and LTV2 say."""
    columns, rows = detector.size
    if image.shape == (rows, columns):
        return 0, 0
    shift = tuple(-float(image.header.get(key, 0)) for key in ("LTV1", "LTV2"))
    corner = (round(shift[0]), round(shift[1]))
    fits_in = all(
        value == whole and whole >= 0 and whole + size <= full
        for value, whole, size, full in zip(shift, corner, image.shape[::-1], detector.size, strict=True)
    )
    enough = all(
        size >= (1 - _MOST_TRIMMED) * full
        for size, full in zip(image.shape[::-1], detector.size, strict=True)
    )
    if not (fits_in and enough):
        raise IngestError(
            f"{image} has {_size(image)} pixels, but detector {detector.name} of {description.name} has "
            f"{columns} x {rows}. Give whole detectors, or describe the camera of these files: "
            "cpsky camera --from-headers FILES... -o CAMERA.yaml.",
            file=str(image.path),
            detector=detector.name,
        )
    return corner


def _size(plane: Plane) -> str:
    return f"{plane.shape[1]} x {plane.shape[0]}"


def _require_once(inputs: Iterable[Input]) -> None:
    """Make sure that no detector of an exposure comes twice."""
    seen: dict[tuple[int, int], Input] = {}
    for one in inputs:
        other = seen.setdefault((one.facts.id, one.detector.id), one)
        if other is not one:
            raise IngestError(
                f"{one.image} and {other.image} are both detector {one.detector.name} of exposure "
                f"{one.facts.id}; leave one of them out.",
                file=str(one.image.path),
                exposure=one.facts.id,
            )


def _require_agreement(inputs: Iterable[Input]) -> None:
    """Make sure that the detectors of an exposure say the same of it."""
    seen: dict[int, Input] = {}
    for one in inputs:
        first = seen.setdefault(one.facts.id, one)
        for what in ("filter", "exposure_time"):
            own, other = getattr(one.facts, what), getattr(first.facts, what)
            if own != other:
                raise IngestError(
                    f"{one.image} and {first.image} are both of exposure {one.facts.id}, but one says that "
                    f"its {what.replace('_', ' ')} is {own}, the other {other}.",
                    file=str(one.image.path),
                    exposure=one.facts.id,
                )
        if abs((one.facts.begin - first.facts.begin).sec) > 60:
            raise IngestError(
                f"{one.image} and {first.image} are both of exposure {one.facts.id}, but began at "
                f"{one.facts.begin.utc.isot} and {first.facts.begin.utc.isot} UTC.",
                file=str(one.image.path),
                exposure=one.facts.id,
            )
