# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be wrong with an image that a background is fitted to."""

from __future__ import annotations

from typing import Any

from lsst.pipe.base import AlgorithmError

__all__ = ("TooManyMaskedPixelsError",)


class TooManyMaskedPixelsError(AlgorithmError):
    """Raised when every pixel is masked, so that no background can be estimated.

    Parameters
    ----------
    message : `str`
        What was attempted, on what, and what to do.
    **metadata : `object`
        Numbers and strings to keep in the task's metadata.
    """

    __module__ = "lsst.meas.algorithms.subtractBackground"

    def __init__(self, message: str, **metadata: Any) -> None:
        super().__init__(message)
        self._metadata = metadata

    @property
    def metadata(self) -> dict[str, Any]:
        """Numbers that go with the message."""
        return dict(self._metadata)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self.args, {"_metadata": self._metadata}
