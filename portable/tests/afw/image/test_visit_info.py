"""VisitInfo, its header cards and its archive form."""

import copy
import math
import pickle

import pytest

import lsst.pex.exceptions
from lsst.afw.coord import Observatory, Weather
from lsst.afw.fits import MemFileManager
from lsst.afw.image import RotType, VisitInfo, setVisitInfoMetadata, stripVisitInfoKeywords
from lsst.afw.image._visit_info_archive import read_visit_info, write_visit_info
from lsst.daf.base import DateTime, PropertyList, PropertySet
from lsst.geom import SpherePoint, degrees
from lsst.portable.archive import ArchiveCatalog
from lsst.portable.fits import Column, FitsReader


def make_visit_info(**changes):
    """A visit with every field set."""
    fields = {
        "exposureTime": 30.0,
        "darkTime": 31.5,
        "date": DateTime("2024-03-31T06:00:00.000000000", DateTime.TAI),
        "ut1": 60400.25,
        "era": 12.5 * degrees,
        "boresightRaDec": SpherePoint(40.0 * degrees, -30.0 * degrees),
        "boresightAzAlt": SpherePoint(120.0 * degrees, 60.0 * degrees),
        "boresightAirmass": 1.15,
        "boresightRotAngle": 15.0 * degrees,
        "rotType": RotType.SKY,
        "observatory": Observatory(-70.7 * degrees, -30.2 * degrees, 2663.0),
        "weather": Weather(10.0, 74000.0, 35.0),
        "instrumentLabel": "GoldCam",
        "id": 101,
        "focusZ": -1.5,
        "observationType": "science",
        "scienceProgram": "survey",
        "observationReason": "dark sky",
        "object": "field 3",
        "hasSimulatedContent": True,
    }
    return VisitInfo(**{**fields, **changes})


def test_properties_are_the_getters():
    visit = make_visit_info()
    for name in visit._fields:
        getter = "get" + name[0].upper() + name[1:]
        assert getattr(visit, name) == getattr(visit, getter)() == visit._fields[name]


def test_defaults_are_unknown():
    visit = VisitInfo()
    assert math.isnan(visit.exposureTime)
    assert math.isnan(visit.era.asDegrees())
    assert not visit.date.isValid()
    assert not visit.boresightRaDec.isFinite()
    assert visit.rotType is RotType.UNKNOWN
    assert (visit.id, visit.object, visit.hasSimulatedContent) == (0, "", False)
    assert visit == VisitInfo()
    assert visit != make_visit_info()
    assert visit != 1


def test_fields_by_position():
    visit = make_visit_info()
    assert VisitInfo(*visit._fields.values()) == visit
    assert VisitInfo(30.0, 31.5).darkTime == 31.5
    assert VisitInfo(30, id=7) == VisitInfo(exposureTime=30.0, id=7)


@pytest.mark.parametrize(
    "change",
    [{"exposureTime": 31.0}, {"id": 102}, {"era": 12.4 * degrees}, {"weather": Weather(1.0, 2.0, 3.0)}],
    ids=lambda change: next(iter(change)),
)
def test_copy_with_changes_one_field(change):
    visit = make_visit_info()
    other = visit.copyWith(**change)
    assert other != visit
    assert other == make_visit_info(**change)
    (name, value) = next(iter(change.items()))
    assert getattr(other, name) == value
    assert getattr(visit, name) != value


def test_constructor_refuses_what_it_does_not_know():
    with pytest.raises(TypeError, match=r"no fields \['exposureId'\]"):
        VisitInfo(exposureId=3)
    with pytest.raises(TypeError, match="exposureTime of a VisitInfo must be float, got 'long'"):
        VisitInfo("long")
    with pytest.raises(TypeError, match=r"id of a VisitInfo must be int, got 1\.5"):
        VisitInfo(id=1.5)
    with pytest.raises(TypeError, match="20 fields, got 21"):
        VisitInfo(*make_visit_info()._fields.values(), 1)
    with pytest.raises(TypeError, match=r"\['darkTime'\] of a VisitInfo are given twice"):
        VisitInfo(1.0, 2.0, darkTime=2.0)
    with pytest.raises(TypeError, match="together with a header"):
        VisitInfo(make_visit_info(), id=3)


def test_angles_that_follow_from_others():
    visit = make_visit_info()
    assert visit.localEra.asDegrees() == pytest.approx(12.5 - 70.7, abs=1e-12)
    hour = visit.boresightHourAngle
    assert hour.asDegrees() == pytest.approx(12.5 - 70.7 - 40.0, abs=1e-12)
    # the sine rule in the triangle of pole, zenith and boresight
    declination, latitude = math.radians(-30.0), math.radians(-30.2)
    altitude = math.asin(
        math.sin(declination) * math.sin(latitude)
        + math.cos(declination) * math.cos(latitude) * math.cos(hour.asRadians())
    )
    expected = math.sin(hour.asRadians()) * math.cos(latitude) / math.cos(altitude)
    assert math.sin(visit.boresightParAngle.asRadians()) == pytest.approx(expected, rel=1e-12)


def test_object_at_the_meridian_has_no_parallactic_angle():
    visit = make_visit_info(era=110.7 * degrees, boresightRaDec=SpherePoint(40.0 * degrees, -60.0 * degrees))
    assert visit.boresightParAngle.asDegrees() == pytest.approx(0.0, abs=1e-9)


def test_cards_and_back():
    cards = PropertyList()
    visit = make_visit_info()
    setVisitInfoMetadata(cards, visit)
    assert cards.getScalar("DATE-AVG") == "2024-03-31T06:00:00.000000000"
    assert cards.getComment("DATE-AVG") == "TAI date at middle of observation"
    assert cards.getComment("EXPTIME") == ""
    assert VisitInfo(cards) == visit
    assert VisitInfo(metadata=cards) == visit
    cards.set("OTHER", 1)
    assert stripVisitInfoKeywords(cards) == 27
    assert list(cards.getOrderedNames()) == ["OTHER"]


def test_unknown_fields_have_no_cards():
    cards = PropertyList()
    setVisitInfoMetadata(cards, VisitInfo())
    assert list(cards.getOrderedNames()) == ["ROTTYPE", "HAS-SIMULATED-CONTENT"]
    assert VisitInfo(cards) == VisitInfo()


def test_cards_keep_their_place_and_comment():
    cards = PropertyList()
    cards.set("AIRTEMP", 9.0, "[C] outside")
    cards.set("SHUTTER", True)
    setVisitInfoMetadata(cards, make_visit_info())
    assert list(cards.getOrderedNames())[:2] == ["AIRTEMP", "SHUTTER"]
    assert cards.getScalar("AIRTEMP") == 10.0
    assert cards.getComment("AIRTEMP") == "[C] outside"


def test_old_and_odd_cards():
    cards = PropertySet()
    cards.set("EXPTIME", "30.5 ")
    cards.set("AIRTEMP", "n/a")
    cards.set("DARKTIME", 31)
    cards.set("TIME-MID", "2013-11-02T06:00:56.788500000Z")
    visit = VisitInfo(cards)
    assert visit.exposureTime == 30.5
    assert visit.darkTime == 31.0
    assert math.isnan(visit.weather.getAirTemperature())
    assert visit.date == DateTime("2013-11-02T06:00:56.788500000Z", DateTime.UTC)


def test_undefined_cards_say_nothing():
    cards = PropertyList()
    setVisitInfoMetadata(cards, make_visit_info())
    for name in list(cards.getOrderedNames()):
        cards.set(name, None)
    assert VisitInfo(cards) == VisitInfo()


def test_number_of_the_exposure_of_a_detector_stays():
    cards = PropertyList()
    cards.set("EXPID", 12345)
    cards.set("IDNUM", 123)
    assert stripVisitInfoKeywords(cards) == 1
    assert list(cards.getOrderedNames()) == ["EXPID"]


def test_wrong_cards_are_refused():
    cards = PropertyList()
    cards.set("DATE-AVG", "2024-03-31T06:00:00")
    with pytest.raises(lsst.pex.exceptions.RuntimeError, match="TIMESYS is missing"):
        VisitInfo(cards)
    cards.set("TIMESYS", "UTC")
    with pytest.raises(lsst.pex.exceptions.RuntimeError, match="TIMESYS is UTC"):
        VisitInfo(cards)
    cards.set("TIMESYS", "TAI ")
    cards.set("ROTTYPE", "COUDE")
    with pytest.raises(lsst.pex.exceptions.RuntimeError, match="ROTTYPE is 'COUDE'"):
        VisitInfo(cards)
    cards.set("ROTTYPE", "SKY")
    cards.set("IDNUM", "abc")
    with pytest.raises(lsst.pex.exceptions.TypeError, match="IDNUM"):
        VisitInfo(cards)


@pytest.mark.parametrize("visit", [make_visit_info(), VisitInfo()], ids=["full", "empty"])
def test_copies_and_files(visit, tmp_path):
    assert copy.copy(visit) == copy.deepcopy(visit) == pickle.loads(pickle.dumps(visit)) == visit
    assert VisitInfo(visit) == VisitInfo(visitInfo=visit) == visit
    assert hash(VisitInfo(visit)) == hash(visit)
    memory = MemFileManager()
    visit.writeFits(memory)
    assert VisitInfo.readFits(memory) == visit
    visit.writeFits(str(tmp_path / "visit.fits"))
    assert VisitInfo.readFits(str(tmp_path / "visit.fits")) == visit


#: Columns that each version of the archive form added.
_ADDED = {
    1: ("instrumentlabel", "version"),
    2: ("idnum",),
    3: ("focusz",),
    4: ("observationType", "scienceProgram", "observationReason", "object", "hasSimulatedContent"),
}


@pytest.mark.parametrize("version", range(6))
def test_archive_of_every_version(version):
    visit = make_visit_info()
    (table,) = write_visit_info(visit, None)
    later = {name for since, names in _ADDED.items() if since > version for name in names}
    columns = [column for column in table.columns if column.name not in later]
    row = {name: value for name, value in table.rows[0].items() if name not in later}
    if version:
        row["version"] = version
    if version < 5:
        columns.insert(0, Column("exposureid", "1K", "exposure ID"))
        row["exposureid"] = 10112
    unknown = {"instrumentLabel": "", "id": 0, "focusZ": math.nan} | dict.fromkeys(_ADDED[4][:4], "")
    unknown["hasSimulatedContent"] = False
    known = {1: ("instrumentLabel",), 2: ("id",), 3: ("focusZ",), 4: _ADDED[4]}
    for since, names in known.items():
        for name in names if version >= since else ():
            del unknown[name]
    old = ArchiveCatalog("VisitInfo", tuple(columns), [row])
    assert read_visit_info(None, [old]) == visit.copyWith(**unknown)


def test_archive_with_the_first_name_of_the_id():
    (table,) = write_visit_info(make_visit_info(), None)
    row = {"id" if name == "idnum" else name: value for name, value in table.rows[0].items()}
    old = ArchiveCatalog("VisitInfo", table.columns, [{**row, "version": 2}])
    assert read_visit_info(None, [old]).id == 101


def test_archive_of_the_future_is_refused():
    (table,) = write_visit_info(VisitInfo(), None)
    table.rows[0]["version"] = 6
    with pytest.raises(lsst.pex.exceptions.TypeError, match="version 6; the newest known is 5"):
        read_visit_info(None, [table])


def test_text():
    text = str(make_visit_info())
    assert text == repr(make_visit_info())
    assert text.startswith(
        "VisitInfo(exposureTime=30, darkTime=31.5, date=2024-03-31T06:00:00.000000000, UT1=60400.2,"
    )
    assert text.endswith("object='field 3', hasSimulatedContent=true)")
    assert "ERA=0.218166 rad" in text
    assert "rotType=1" in text
    assert "observatory=-30.2N, -70.7E  2663" in text
    assert "date=<invalid>" in str(VisitInfo())


def test_golden_header(golden_dir):
    with FitsReader(golden_dir / "files" / "exposure_plain.fits") as reader:
        visit = VisitInfo(reader.header(0))
    expected = make_visit_info(
        focusZ=math.nan, scienceProgram="", observationReason="", object="", hasSimulatedContent=False
    )
    for name, value in expected._fields.items():
        if name not in ("boresightRaDec", "boresightAzAlt", "era", "boresightRotAngle", "observatory"):
            assert repr(getattr(visit, name)) == repr(value), name
    assert visit.boresightRaDec.separation(expected.boresightRaDec).asDegrees() == pytest.approx(
        0.0, abs=1e-12
    )
    assert visit.observatory.getLatitude().asDegrees() == pytest.approx(-30.2, abs=1e-12)
