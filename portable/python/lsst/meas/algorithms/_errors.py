# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors raised when fitting a background."""

from __future__ import annotations

from typing import Any

from lsst.pipe.base import AlgorithmError

__all__ = ("TooManyMaskedPixelsError",)


class TooManyMaskedPixelsError(AlgorithmError):
    """Raised when every pixel is masked, so no background can be estimated.

    Parameters
    ----------
    message : `str`
        Message that says what failed, on which data, and what to do.
    **metadata : `object`
        Numbers and strings to store in the task's metadata.
    """

    __module__ = "lsst.meas.algorithms.subtractBackground"

    def __init__(self, message: str, **metadata: Any) -> None:
        super().__init__(message)
        self._metadata = metadata

    @property
    def metadata(self) -> dict[str, Any]:
        """Details that go with the message (`dict`)."""
        return dict(self._metadata)

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), self.args, {"_metadata": self._metadata}
