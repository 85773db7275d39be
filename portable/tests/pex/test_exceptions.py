"""Exceptions of the stack: kinship, text, pickling."""

import builtins
import pickle

import pytest

import lsst.pex.exceptions as pex

CLASSES = [getattr(pex, name) for name in pex.__all__]


@pytest.mark.parametrize("cls", CLASSES)
def test_text_and_pickle(cls):
    error = cls("the box (3, 4) is too small")
    assert error.what() == str(error) == "the box (3, 4) is too small"
    assert repr(error) == f"{cls.__name__}('the box (3, 4) is too small')"
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is cls
    assert copy.what() == error.what()
    assert cls.__module__ == "lsst.pex.exceptions"
    assert issubclass(cls, pex.Exception)


@pytest.mark.parametrize(
    ("cls", "builtin"),
    [
        (pex.RuntimeError, builtins.RuntimeError),
        (pex.RangeError, builtins.RuntimeError),
        (pex.OverflowError, builtins.OverflowError),
        (pex.UnderflowError, builtins.ArithmeticError),
        (pex.NotFoundError, builtins.LookupError),
        (pex.IoError, builtins.OSError),
        (pex.TypeError, builtins.TypeError),
    ],
)
def test_caught_as_builtin(cls, builtin):
    with pytest.raises(builtin, match="why"):
        raise cls("why")


@pytest.mark.parametrize(
    "cls", [pex.DomainError, pex.InvalidParameterError, pex.LengthError, pex.OutOfRangeError, pex.TypeError]
)
def test_logic_errors(cls):
    assert issubclass(cls, pex.LogicError)
    assert not issubclass(cls, ValueError | IndexError)
