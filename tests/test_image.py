import logging

import numpy as np
import pytest
import skydata

import lsst.geom
from lsst.cp.sky import CpSkyImageTask, DetectorOffModelError, MaskingError, MissingDetectorError, _undo
from lsst.pex.config import FieldValidationError
from lsst.pipe.base.testUtils import assertValidOutput, lintConnections


def test_connections_and_defaults():
    lintConnections(CpSkyImageTask.ConfigClass.ConnectionsClass)
    config = CpSkyImageTask.ConfigClass()
    assert config.maskThresh == 3.0
    assert list(config.maskList) == ["DETECTED", "BAD", "NO_DATA", "SAT"]
    assert config.maskTask.target.__name__ == "MaskObjectsTask"
    connections = config.ConnectionsClass(config=config)
    assert connections.dimensions == {"instrument", "physical_filter", "exposure", "detector"}
    assert {c: getattr(connections, c).name for c in connections.allConnections} == {
        "inputExp": "cpSkyIsrExp",
        "camera": "camera",
        "maskedExp": "cpSkyMaskedIsrExp",
        "maskedBkg": "cpSkyDetectorBackground",
    }


def test_masks_in_place_and_measures_its_share(camera):
    task = skydata.image_task()
    exposure = skydata.make_exposure(camera[2])
    result = task.run(exposure, camera)
    assertValidOutput(task, result)
    assert result.maskedExp is exposure
    numbers = result.maskedBkg._numbers.array
    good = exposure.mask.array & exposure.mask.getPlaneBitMask(list(skydata.model_config().mask)) == 0
    # Boxes of superpixels are rounded to whole pixels, so that neighbours may share a row or leave one out.
    assert numbers.sum() == pytest.approx(good.sum(), rel=0.1)
    values = result.maskedBkg._values.array[numbers > 0] / numbers[numbers > 0]
    np.testing.assert_allclose(values, 700, rtol=0.05)


def test_camera_is_not_modified(camera):
    before = {d.getName(): (d.getId(), d.getBBox()) for d in camera}
    skydata.image_task().run(skydata.make_exposure(camera[0]), camera)
    assert {d.getName(): (d.getId(), d.getBBox()) for d in camera} == before


def test_all_masked_is_passed_on_with_a_warning(camera, caplog):
    exposure = skydata.make_exposure(camera[1])
    exposure.mask.array[:] |= exposure.mask.getPlaneBitMask("SAT")
    image = exposure.image.array.copy()
    with caplog.at_level(logging.WARNING):
        result = skydata.image_task().run(exposure, camera)
    assert "All pixels of detector 1 (D1) of exposure 101 are masked" in caplog.text
    np.testing.assert_array_equal(result.maskedExp.image.array, image)
    assert not result.maskedBkg._numbers.array.any()


def test_no_detector(camera):
    exposure = skydata.make_exposure(None, visit=77)
    with (
        skydata.assert_unmodified(exposure),
        pytest.raises(MissingDetectorError, match="attached to exposure 77, so its place") as info,
    ):
        skydata.image_task().run(exposure, camera)
    assert info.value.metadata == {"exposure": 77}


def test_detector_of_another_camera(camera, tmp_path):
    far = skydata.make_camera(tmp_path, types=("ITL",) * 20)
    with pytest.raises(
        DetectorOffModelError, match=r"detector 19 \(D19\) of exposure 101 lies within"
    ) as info:
        skydata.image_task().run(skydata.make_exposure(far[19]), camera)
    assert info.value.metadata["detector"] == 19


@pytest.mark.parametrize(
    ("spoil", "match"),
    [
        (lambda e: e.variance.array.fill(0), "variance of detector 0 .D0. of exposure 101 is zero"),
        (lambda e: e.mask.array.fill(e.mask.getPlaneBitMask("EDGE")), "EDGE.*no sky is left"),
        (lambda e: e.image.array.__imul__(np.linspace(1, 3, 128)), "cannot be masked: All 12288 pixels"),
    ],
    ids=["no variance", "no sky", "half-way"],
)
def test_masking_that_fails_changes_nothing(camera, spoil, match):
    exposure = skydata.make_exposure(camera[0])
    spoil(exposure)
    with skydata.assert_unmodified(exposure), pytest.raises(MaskingError, match=match) as info:
        skydata.image_task().run(exposure, camera)
    assert info.value.metadata["detector"] == 0


def test_smaller_than_the_kernel(camera):
    exposure = skydata.make_exposure(camera[0])
    part = exposure[lsst.geom.Box2I(lsst.geom.Point2I(0, 0), lsst.geom.Extent2I(128, 20))].clone()
    with (
        skydata.assert_unmodified(part),
        pytest.raises(MaskingError, match=r"128 x 20 pixels, smaller than the smoothing kernel"),
    ):
        skydata.image_task().run(part, camera)


def test_superpixels_without_bound(camera):
    exposure, task = skydata.make_exposure(camera[0]), skydata.image_task(size=1e-4)
    with (
        skydata.assert_unmodified(exposure),
        pytest.raises(FieldValidationError, match=r"more than 10000000; make"),
    ):
        task.run(exposure, camera)


@pytest.mark.parametrize("limit", [0, 10_000, 1 << 30])
def test_undo_wherever_the_copy_is(camera, monkeypatch, limit):
    monkeypatch.setattr(_undo, "_IN_MEMORY", limit)
    monkeypatch.setattr(_undo, "_ROWS", 7)
    exposure = skydata.make_exposure(camera[0])[
        lsst.geom.Box2I(lsst.geom.Point2I(5, 3), lsst.geom.Extent2I(50, 40))
    ]

    def spoil(error):
        with _undo.undoneOnError(exposure):
            exposure.image.array[:] = 7
            exposure.mask.array[:] = 1
            exposure.getMetadata().set("BGMEAN", 5.0)
            if error is not None:
                raise error

    with skydata.assert_unmodified(exposure), pytest.raises(KeyError, match="any"):
        spoil(KeyError("any"))
    spoil(None)
    assert (exposure.image.array == 7).all()
    assert "BGMEAN" in exposure.getMetadata()
