"""The angles of a visit do not change with those that its maker, or somebody who asked for them, holds."""

from lsst.afw.coord import Observatory
from lsst.afw.image import VisitInfo
from lsst.geom import degrees


def test_angles_are_its_own():
    given = 10 * degrees
    visit = VisitInfo(boresightRotAngle=given, era=given, observatory=Observatory(given, given, 1.0))
    given += 5 * degrees
    for _ in range(2):
        for angle in (
            visit.getBoresightRotAngle(),
            visit.getEra(),
            visit.getObservatory().getLongitude(),
            visit.getObservatory().getLatitude(),
        ):
            assert angle == 10 * degrees
            angle *= 2
