# SPDX-License-Identifier: GPL-3.0-or-later
"""The result of the demo as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ._compare import ChainResult, DetectorResult, summarise

__all__ = ("JOINT_LIMIT", "check_passed", "format_results")

JOINT_LIMIT = 1.5
"""Residual of the joint chain, in units of the errors it gives, beyond which something is wrong."""

_WIDTHS = (8, 4, 8, 8)
_TITLES = {"joint": "joint chain", "stock": "stock chain"}
_COLUMNS = {"joint": ("residual", "/ limit", "/ error"), "stock": ("residual", "/ limit")}


def check_passed(results: Sequence[DetectorResult]) -> bool:
    """Whether the sky frames that were made are what they should be; NaN does not pass.

    Those of the joint chain have to be right to within `JOINT_LIMIT` times the errors they come with. The
    stock chain gives no errors; its sky frames have to be nearer to the pattern than no sky frame is.
    """
    return all(_passed(chain, found) for chain, found in summarise(results).chains.items())


def _passed(chain: str, found: ChainResult) -> bool:
    return found.own_ratio <= JOINT_LIMIT if chain == "joint" else found.residual < found.expected


def format_results(results: Sequence[DetectorResult], masked: Mapping[str, float]) -> str:
    """Format the figures of all detectors as a table with a verdict.

    Parameters
    ----------
    results : `~collections.abc.Sequence` [`DetectorResult`]
        Figures of each detector.
    masked : `~collections.abc.Mapping` [`str`, `float`]
        Fraction of the pixels that each chain masked.

    Returns
    -------
    text : `str`
        Table in per cent of the sky, at most 80 columns wide, and sentences that follow from it.
    """
    total = summarise(results)
    chains = list(total.chains)
    lines = [_groups(chains), _headings(chains)]
    rule = "-" * len(lines[1])
    lines += [rule, *(_row(result) for result in results), rule, _row(total), ""]
    lines += [
        "Root mean squares over cells of a detector, in % of the sky. Residual: sky frame",
        "less the injected pattern as the chain would see it without noise and objects.",
        "Limit: what photons and read noise do to a cell if every pixel counts.",
    ]
    for chain, found in total.chains.items():
        lines += ["", *_verdict(chain, found, masked[chain])]
    return "\n".join(lines)


def _verdict(chain: str, found: ChainResult, masked: float) -> list[str]:
    """Sentences on a chain."""
    word = "check passed." if _passed(chain, found) else "CHECK FAILED."
    first = f"{_TITLES[chain].capitalize()}: {found.ratio:.2f} x the photon limit"
    if chain == "joint":
        flagged = f"{found.flagged} of {found.cells + found.flagged} cells are flagged as poor and left out."
        return [
            f"{first}; {masked:.0%} of the pixels masked;",
            f"{found.own_ratio:.2f} x the errors that its sky frames give (at most {JOINT_LIMIT}): {word}",
            *([flagged] if found.flagged else []),
        ]
    left = found.residual / found.expected
    return [
        f"{first}; its masker replaced {masked:.0%} of the pixels;",
        f"residual {left:.2f} x the pattern itself (less than 1): {word}",
    ]


def _groups(chains: Sequence[str]) -> str:
    """First line of the heading: which chain columns belong to."""
    text = " " * (sum(_WIDTHS) + len(_WIDTHS) - 1)
    for chain in chains:
        width = 9 * len(_COLUMNS[chain]) - 1
        text += "  " + _TITLES[chain].center(width, "-")
    return text


def _headings(chains: Sequence[str]) -> str:
    text = _line(("detector", "type", "injected", "limit"))
    for chain in chains:
        text += "  " + " ".join(column.rjust(8) for column in _COLUMNS[chain])
    return text


def _row(result: DetectorResult) -> str:
    text = _line(
        (result.name[:8], result.physical_type[:4], _percent(result.injected), _percent(result.limit))
    )
    for chain, found in result.chains.items():
        figures = [_percent(found.residual), f"{found.ratio:.2f}"]
        if chain == "joint":
            figures.append(f"{found.own_ratio:.2f}")
        text += "  " + " ".join(figure.rjust(8) for figure in figures)
    return text


def _percent(value: float) -> str:
    return f"{100 * value:.4f}"


def _line(cells: Sequence[str]) -> str:
    text = [cell.ljust(width) for cell, width in zip(cells[:2], _WIDTHS[:2], strict=True)]
    text += [cell.rjust(width) for cell, width in zip(cells[2:], _WIDTHS[2:], strict=True)]
    return " ".join(text)
