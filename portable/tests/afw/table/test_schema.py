"""The schema stub."""

import pytest

import lsst.afw.table
from lsst.afw.table import Schema, SourceTable
from lsst.pex.exceptions import InvalidParameterError, NotFoundError
from lsst.pex.exceptions import TypeError as StackTypeError


def test_schema():
    schema = SourceTable.makeMinimalSchema()
    assert schema.getOrderedNames() == ["id", "coord_ra", "coord_dec", "parent"]
    key = schema.addField(
        "flags_negative", type="Flag", doc="set if source was detected as significantly negative"
    )
    assert key.getName() == "flags_negative"
    assert schema.find("flags_negative").getTypeString() == "Flag"
    assert "flags_negative" in schema
    assert schema.getFieldCount() == 5
    assert Schema(schema) == schema
    with pytest.raises(InvalidParameterError, match="'id' already present"):
        schema.addField("id", type="L")
    with pytest.raises(StackTypeError, match="cannot be of type 'float64'"):
        schema.addField("flux", type="float64")
    with pytest.raises(NotFoundError, match="'flux' not found"):
        schema.find("flux")
    with pytest.raises(NotImplementedError, match="no tables"):
        SourceTable()


def test_what_is_missing_says_so():
    with pytest.raises(AttributeError, match="SourceCatalog is not part of the portable stack"):
        lsst.afw.table.SourceCatalog  # noqa: B018
