# SPDX-License-Identifier: GPL-3.0-or-later
"""The result of the demo as text."""

from __future__ import annotations

from collections.abc import Sequence

from ._compare import DetectorResult, summarise

__all__ = ("UNMASKED_LIMIT", "check_passed", "format_results")

UNMASKED_LIMIT = 1.5
"""Residual with nothing masked, in units of the photon-noise limit, beyond which something is wrong."""

_HEADINGS = (
    ("", "", "injected", "through", "recovered", "residual", "photon", "residual", "nothing"),
    ("detector", "type", "rms", "chain rms", "rms", "rms", "limit", "/ limit", "masked"),
)
_WIDTHS = (10, 5, 9, 10, 10, 9, 8, 9, 8)


def check_passed(results: Sequence[DetectorResult]) -> bool:
    """Whether noise alone, with nothing masked, stays within `UNMASKED_LIMIT`; NaN does not pass."""
    return summarise(results).unmasked_ratio <= UNMASKED_LIMIT


def format_results(results: Sequence[DetectorResult]) -> str:
    """Format the figures of all detectors as a table with a verdict.

    Parameters
    ----------
    results : `~collections.abc.Sequence` [`DetectorResult`]
        Figures of each detector.

    Returns
    -------
    text : `str`
        Table in per cent of the sky, and two sentences.
    """
    total = summarise(results)
    rule = "-" * (sum(_WIDTHS) + len(_WIDTHS) - 1)
    lines = [_line(cells) for cells in _HEADINGS] + [rule]
    lines += [_row(result) for result in results]
    lines += [rule, _row(total), ""]
    lines += [
        "rms over the cells of a detector in % of the sky; residual = sky frame less the pattern as the",
        "same chain sees it without noise, sources and defects.",
        _verdict(total.unmasked_ratio, check_passed(results)),
        f"Stock masking of the real run: {total.ratio:.2f} x, because the masker takes parts of the static",
        "pattern for objects and fills them with a smooth model.",
    ]
    return "\n".join(lines)


def _verdict(ratio: float, passed: bool) -> str:
    """Say whether the check is passed."""
    text = f"Nothing masked (noise, no sources): {ratio:.2f} x the photon limit"
    return f"{text}; check passed (at most {UNMASKED_LIMIT})." if passed else f"{text}; CHECK FAILED."


def _row(result: DetectorResult) -> str:
    figures = (result.injected, result.expected, result.recovered, result.residual, result.limit)
    percent = tuple(f"{100 * value:.4f}" for value in figures)
    return _line(
        (result.name, result.physical_type, *percent, f"{result.ratio:.2f}", f"{result.unmasked_ratio:.2f}")
    )


def _line(cells: Sequence[str]) -> str:
    text = [cell.ljust(width) for cell, width in zip(cells[:2], _WIDTHS[:2], strict=True)]
    text += [cell.rjust(width) for cell, width in zip(cells[2:], _WIDTHS[2:], strict=True)]
    return " ".join(text).rstrip()
