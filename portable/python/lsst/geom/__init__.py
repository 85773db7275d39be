# SPDX-License-Identifier: GPL-3.0-or-later
"""Points, extents, boxes, intervals, transforms of the plane, angles, and positions on the sphere.

Pixels are unit squares centred on integer coordinates. Integer boxes and intervals include their maximum;
floating-point boxes do not, although floating-point intervals do. Angles, points, extents and boxes are
mutable and therefore not hashable; intervals and sphere points are immutable.
"""

from lsst.portable import require_alone

require_alone(__name__)

from . import testUtils  # noqa: E402, F401  # adds assertions to lsst.utils.tests.TestCase
from ._angle import (  # noqa: E402
    HALFPI,
    INVSQRTPI,
    ONE_OVER_PI,
    PI,
    ROOT2,
    SQRTPI,
    TWOPI,
    Angle,
    AngleUnit,
    arcminutes,
    arcseconds,
    arcsecToRad,
    degrees,
    degToRad,
    hours,
    isAngle,
    masToRad,
    milliarcseconds,
    radians,
    radToArcsec,
    radToDeg,
    radToMas,
)
from ._box_double import Box2D  # noqa: E402
from ._box_int import Box2I  # noqa: E402
from ._coordinates import (  # noqa: E402
    CoordinateExpr,
    Extent,
    Extent2D,
    Extent2I,
    Extent3D,
    Extent3I,
    ExtentD,
    ExtentI,
    Point,
    Point2D,
    Point2I,
    Point3D,
    Point3I,
    PointD,
    PointI,
    ceil,
    floor,
    truncate,
)
from ._elements import CoordinateExpr2, CoordinateExpr3, all, any  # noqa: E402
from ._interval import IntervalD, IntervalI  # noqa: E402
from ._sphere_point import SpherePoint, averageSpherePoint  # noqa: E402
from ._transforms import (  # noqa: E402
    AffineTransform,
    LinearTransform,
    SingularTransformException,
    makeAffineTransformFromTriple,
)

__all__ = (
    "HALFPI",
    "INVSQRTPI",
    "ONE_OVER_PI",
    "PI",
    "ROOT2",
    "SQRTPI",
    "TWOPI",
    "AffineTransform",
    "Angle",
    "AngleUnit",
    "Box2D",
    "Box2I",
    "BoxD",
    "BoxI",
    "CoordinateExpr",
    "CoordinateExpr2",
    "CoordinateExpr3",
    "Extent",
    "Extent2D",
    "Extent2I",
    "Extent3D",
    "Extent3I",
    "ExtentD",
    "ExtentI",
    "IntervalD",
    "IntervalI",
    "LinearTransform",
    "Point",
    "Point2D",
    "Point2I",
    "Point3D",
    "Point3I",
    "PointD",
    "PointI",
    "SingularTransformException",
    "SpherePoint",
    "all",
    "any",
    "arcminutes",
    "arcsecToRad",
    "arcseconds",
    "averageSpherePoint",
    "ceil",
    "degToRad",
    "degrees",
    "floor",
    "hours",
    "isAngle",
    "makeAffineTransformFromTriple",
    "masToRad",
    "milliarcseconds",
    "radToArcsec",
    "radToDeg",
    "radToMas",
    "radians",
    "truncate",
)

BoxI = Box2I
BoxD = Box2D


def __getattr__(name: str) -> object:
    raise AttributeError(f"lsst.geom.{name} is not part of the portable stack.")


for _name in __all__:
    if isinstance(globals()[_name], type):
        globals()[_name].__module__ = "lsst.geom"
