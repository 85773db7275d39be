# SPDX-License-Identifier: GPL-3.0-or-later
"""Linear combinations of convolution kernels: `LinearCombinationKernel`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from lsst.afw.image import ImageD
from lsst.pex.exceptions import InvalidParameterError
from lsst.portable.fits import Column

from . import _function_kernels  # noqa: F401  registers analytic kernels, of which the combined may be
from ._functions import Function2D
from ._kernel import Kernel
from ._kernel_archives import Row, array_column, register_kernel, spatial_functions
from ._pixel_kernels import DeltaFunctionKernel, FixedKernel

if TYPE_CHECKING:
    from lsst.portable.archive import InputArchive, OutputArchive

__all__ = ("LinearCombinationKernel",)


class LinearCombinationKernel(Kernel):
    """A sum of kernels, each times a parameter.

    Parameters
    ----------
    kernelList : sequence of `Kernel`
        The kernels, of the same size and centre, which must not vary over an image; copied.
    kernelParameters : sequence of `float`, `Function2D` or sequence of `Function2D`
        The factor of each kernel; or how they vary over the image.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if there is no kernel, their numbers, sizes or centres differ, or one of them varies.
    """

    def __init__(
        self,
        kernelList: Sequence[Kernel],
        kernelParameters: Sequence[float] | Function2D | Sequence[Function2D],
    ) -> None:
        self.checkKernelList(kernelList)
        self._kernels = [kernel.clone() for kernel in kernelList]
        self._parameters = [0.0] * len(self._kernels)
        factors: list[float] = []
        spatial: Function2D | list[Function2D] | None = None
        if isinstance(kernelParameters, Function2D):
            spatial = kernelParameters
        else:
            spatial = [value for value in kernelParameters if isinstance(value, Function2D)] or None
            factors = [value for value in kernelParameters if not isinstance(value, Function2D)]
        first = self._kernels[0]
        super().__init__(first.getWidth(), first.getHeight(), len(self._kernels), spatial)
        if spatial is None:
            self.setKernelParameters(factors)
        self._arrays = [kernel.kernel_array(doNormalize=False) for kernel in self._kernels]

    @staticmethod
    def checkKernelList(kernelList: Sequence[Kernel]) -> None:
        """Check that kernels can be combined.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if there is no kernel, their sizes or centres differ, or one of them varies.
        """
        if not kernelList:
            raise InvalidParameterError("A linear combination needs a kernel or more")
        first = kernelList[0]
        for index, kernel in enumerate(kernelList):
            if kernel.getBBox() != first.getBBox():
                raise InvalidParameterError(
                    f"Kernel {index} has another size or centre than kernel 0: {kernel.getBBox()} v."
                    f" {first.getBBox()}"
                )
            if kernel.isSpatiallyVarying():
                raise InvalidParameterError(f"Kernel {index} is spatially varying")

    def getKernelParameters(self) -> list[float]:
        """Return the factor of each kernel."""
        return list(self._parameters)

    def _set_parameter(self, index: int, value: float) -> None:
        self._parameters[index] = value

    def getKernelList(self) -> list[Kernel]:
        """Return the kernels."""
        return list(self._kernels)

    def getKernelSumList(self) -> list[float]:
        """Return the sum of the pixels of each kernel."""
        return [float(array.sum()) for array in self._arrays]

    def getNBasisKernels(self) -> int:
        """Return the number of kernels."""
        return len(self._kernels)

    def isDeltaFunctionBasis(self) -> bool:
        """Return whether all kernels are of class `DeltaFunctionKernel`."""
        return all(isinstance(kernel, DeltaFunctionKernel) for kernel in self._kernels)

    def resized(self, width: int, height: int) -> LinearCombinationKernel:
        """Return a combination of resized kernels; see `Kernel.resized`."""
        kernels = [kernel.resized(width, height) for kernel in self._kernels]
        return LinearCombinationKernel(kernels, self._spatial or self._parameters)

    def refactor(self) -> LinearCombinationKernel | None:
        """Return the same kernel with one basis kernel for each spatial parameter, which may be fewer.

        Returns
        -------
        refactored : `LinearCombinationKernel` or `None`
            The kernel; `None` if it does not vary, or its spatial functions differ in class or are not linear
            in their parameters.
        """
        kinds = {type(function) for function in self._spatial}
        if len(kinds) != 1 or not self._spatial[0].isLinearCombination():
            return None
        kernels: list[Kernel] = []
        functions = []
        for index in range(self.getNSpatialParameters()):
            terms = (
                function.getParameter(index) * array
                for function, array in zip(self._spatial, self._arrays, strict=True)
            )
            kernels.append(FixedKernel(ImageD(sum(terms, np.zeros_like(self._arrays[0])))))
            functions.append(self._spatial[0].clone())
            functions[-1].setParameters(np.eye(self.getNSpatialParameters())[index])
        refactored = LinearCombinationKernel(kernels, functions)
        refactored.setCtr(self._center)
        return refactored

    def _array(self) -> np.ndarray:
        terms = (factor * array for factor, array in zip(self._parameters, self._arrays, strict=True))
        return sum(terms, np.zeros_like(self._arrays[0]))

    def toString(self, prefix: str = "") -> str:
        """Return a description of several lines; see `Kernel.toString`."""
        lines = [f"{prefix}LinearCombinationKernel:\n{prefix}..Kernels:\n"]
        lines += [kernel.toString(prefix + "\t") for kernel in self._kernels]
        lines.append(f"..parameters: [ {', '.join(f'{value:g}' for value in self._parameters)} ]\n")
        return "".join(lines) + super().toString(prefix + "\t")


def _read_combination(archive: InputArchive, row: Row) -> LinearCombinationKernel | None:
    spatial = spatial_functions(archive, row)
    kernels = [archive.get(int(id)) for id in np.atleast_1d(row["components"])]
    if spatial is None or not all(isinstance(kernel, Kernel) for kernel in kernels):
        return None
    return LinearCombinationKernel(kernels, spatial or np.atleast_1d(row["amplitudes"]).tolist())


def _combination_columns(kernel: LinearCombinationKernel) -> list[Column]:
    count = kernel.getNBasisKernels()
    columns = [array_column("components", "J", count, "archive IDs of component kernel")]
    if not kernel.isSpatiallyVarying():
        columns.append(array_column("amplitudes", "D", count, "amplitudes component kernel"))
    return columns


def _write_combination(kernel: LinearCombinationKernel, archive: OutputArchive) -> Row:
    row: Row = {"components": np.array([archive.put(basis) for basis in kernel.getKernelList()])}
    if not kernel.isSpatiallyVarying():
        row["amplitudes"] = np.array(kernel.getKernelParameters())
    return row


register_kernel(LinearCombinationKernel, _read_combination, _combination_columns, _write_combination)
