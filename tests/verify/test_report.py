"""The page about sky frames: what it says, and how it looks in a browser."""

import html.parser
import json
import re
import shutil
import subprocess

import numpy as np
import pytest
import verifynight
from click.testing import CliRunner

from lsst.cp.sky.cli import cli
from lsst.cp.sky.report import ReportError, collect, render
from lsst.cp.sky.simulate import CALIB_COLLECTION, RAW_COLLECTION
from lsst.cp.sky.verify import Verdict
from lsst.daf.butler import Butler, Timespan

COLLECTIONS = ["verify", "sky"]
JOINT = ["verify-joint", "joint"]
CHAINS = {"stock": COLLECTIONS, "joint": JOINT}
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


class Reader(html.parser.HTMLParser):
    """Rows of the tables of a page, as numbers by column; and what it would fetch."""

    def __init__(self, page):
        super().__init__()
        self.rows, self.fetched = [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if tag == "tr":
            self.rows.append({})
        if tag == "td" and "data-column" in found:
            self.rows[-1][found["data-column"]] = found["data-value"]
        for name in ("src", "href"):
            if name in found and not found[name].startswith("data:"):
                self.fetched.append(found[name])


@pytest.fixture(scope="module")
def page(good):
    return render(collect(good.root, COLLECTIONS))


@pytest.fixture(scope="module")
def bad_page(bad):
    return render(collect(bad.root, COLLECTIONS))


def test_an_untouched_night_is_good(good, page):
    (one,) = collect(good.root, COLLECTIONS).filters
    assert [(finding.subject, finding.sentence) for finding in one.findings] == []
    assert one.verdict is Verdict.GOOD
    assert "Verdict: good." in page
    assert "unlike the other" not in page


def test_a_bad_exposure_and_a_bad_detector_are_named(bad, bad_page):
    (one,) = collect(bad.root, COLLECTIONS).filters
    assert one.verdict is Verdict.BAD
    unlike = {finding.subject for finding in one.findings if "unlike the other" in finding.sentence}
    assert unlike == {f"exposure {verifynight.BAD_EXPOSURE}", "detector 4 (R00_S11)"}
    assert "Verdict: bad." in bad_page
    assert f"<b>exposure {verifynight.BAD_EXPOSURE}</b>" in bad_page
    assert "It is unlike the other exposures" in bad_page
    assert "<b>detector 4 (R00_S11)</b>" in bad_page
    assert "It is unlike the other detectors" in bad_page


def test_nothing_is_fetched(page):
    assert Reader(page).fetched == []
    assert "http" not in re.sub(r"data:image/png;base64,[\w+/=]+", "", page)
    assert page.count("data:image/png;base64,") == 6 + 5


def test_numbers_are_those_of_the_datasets(good, page):
    butler = good.butler()
    rows = [row for row in Reader(page).rows if row]
    pairs = {(int(r["exposure"]), int(r["detector"])): r for r in rows if "skyBg" in r}
    summaries = {int(row["exposure"]): row for row in rows if "airmass" in row}
    frames = {int(row["detector"]): row for row in rows if "splitHalfNoise" in row}
    pulls = butler.get("cpSkyFramePulls", physical_filter="sim_r")
    assert len(pairs) == 25
    for exposure, summary in summaries.items():
        table = butler.get("cpSkyExposureMetrics", exposure=exposure)
        for row in table:
            shown = pairs[exposure, int(row["detector"])]
            for name in ("scale", "skyBg", "residualRms", "residualRatio", "maskedFraction", "coverage"):
                assert float(shown[name]) == row[name], name
            # By hand, from the pixels themselves.
            frame = butler.get("sky", physical_filter="sim_r", detector=int(row["detector"]))
            residual = butler.get(
                "cpSkyExpResidualBackground", exposure=exposure, detector=int(row["detector"])
            )
            left = residual[0][0].getStatsImage().image.array.astype(float) - frame.image.array
            inside = left[np.isfinite(left)]
            for _ in range(3):
                center, sigma = inside.mean(), inside.std()
                inside = left[np.isfinite(left) & (np.abs(left - center) <= 3 * sigma)]
            assert float(shown["residualRms"]) == pytest.approx(inside.std(), rel=1e-9)
        assert float(summary["residualRms"]) == np.median(table["residualRms"])
        assert int(summary["used"]) == 5
        own = pulls[pulls["exposure"] == exposure]
        assert float(summary["deviationRatio"]) == np.median(own["deviationRatio"])
    for row in butler.get("cpSkyFrameMetrics", physical_filter="sim_r"):
        for name in ("patternRms", "splitHalfNoise", "pullMax", "detectorStep"):
            assert float(frames[int(row["detector"])][name]) == row[name]


def test_numbers_of_the_joint_chain_are_those_of_the_datasets(good):
    """The datasets themselves are compared with bins, skies and patterns in test_joint_verify.py."""
    butler = good.butler("verify-joint,joint")
    rows = [row for row in Reader(render(collect(good.root, JOINT))).rows if row]
    pairs = {(int(r["exposure"]), int(r["detector"])): r for r in rows if "skyBg" in r}
    summaries = {int(row["exposure"]): row for row in rows if "airmass" in row}
    frames = {int(row["detector"]): row for row in rows if "splitHalfNoise" in row}
    pulls = butler.get("cpSkyJointFramePulls", physical_filter="sim_r")
    assert (len(pairs), len(summaries), len(frames)) == (25, 5, 5)
    for exposure, summary in summaries.items():
        table = butler.get("cpSkyJointExposureMetrics", exposure=exposure)
        for row in table:
            shown = pairs[exposure, int(row["detector"])]
            for name in ("scale", "skyBg", "residualRms", "residualRatio", "maskedFraction", "coverage"):
                assert float(shown[name]) == row[name], name
        own = pulls[pulls["exposure"] == exposure]
        assert float(summary["residualRms"]) == np.median(table["residualRms"])
        for name in ("deviationRatio", "structureRatio", "pullRms"):
            assert float(summary[name]) == np.median(own[name])
    for row in butler.get("cpSkyJointFrameMetrics", physical_filter="sim_r"):
        for name in ("patternRms", "splitHalfNoise", "splitHalfRatio", "pullMax", "detectorStep"):
            assert float(frames[int(row["detector"])][name]) == row[name]


def test_provenance(page, good):
    assert "cpSkyImage" in page
    assert "adaptMaskBins" in page
    xSize = good.sizes["largeScaleBackground.xSize"]
    assert f"<code>{xSize}</code>" in page
    assert "lsst.daf.butler" in page or "lsst_daf_butler" in page or "numpy" in page
    assert re.search(r"<code>sky/\d{8}T\d{6}Z</code>", page)


@pytest.mark.parametrize(("chain", "prefix"), [("stock", "cpSky"), ("joint", "cpSkyJoint")])
def test_an_exposure_that_came_later(good, tmp_path, chain, prefix):
    root = tmp_path / "repo"
    shutil.copytree(good.root, root)
    with Butler.from_config(str(root), writeable=True) as butler:
        # Figures of one exposure less, as they were before it came.
        refs = [
            ref
            for ref in butler.query_datasets(f"{prefix}ExposureMetrics", collections=CHAINS[chain])
            if ref.dataId["exposure"] == verifynight.BAD_EXPOSURE
        ]
        butler.pruneDatasets(refs, purge=True, unstore=True, disassociate=True)
    (one,) = collect(str(root), CHAINS[chain]).filters
    (finding,) = one.findings
    assert finding.subject == f"exposure {verifynight.BAD_EXPOSURE}"
    assert "neither in the sky frame nor among the figures" in finding.sentence
    assert "--skip-existing" in finding.sentence


def test_both_chains(good):
    report = collect(good.root, [*COLLECTIONS, *JOINT])
    assert [(one.chain, one.verdict) for one in report.filters] == [
        ("joint", Verdict.GOOD),
        ("stock", Verdict.GOOD),
    ]
    page = render(report)
    assert page.count("Verdict: good.") == 2
    assert "filter sim_r, joint chain" in page
    assert "filter sim_r, stock chain" in page
    rows = [row for row in Reader(page).rows if "level_error" in row]
    table = good.butler("joint").get("cpSkyJointExposures", physical_filter="sim_r")
    assert [float(row["level"]) for row in rows] == list(table["level"])


def test_a_bad_exposure_and_a_bad_detector_of_the_joint_chain(bad):
    (one,) = collect(bad.root, JOINT).filters
    assert one.verdict is not Verdict.GOOD
    named = {finding.subject for finding in one.findings}
    assert named == {f"exposure {verifynight.BAD_EXPOSURE}", "detector 4 (R00_S11)"}


def test_the_joint_chain_without_figures(good):
    report = collect(good.root, ["joint"])
    (one,) = report.filters
    assert (one.chain, one.figures, one.findings) == ("joint", None, [])
    assert [float(row["weight"]) for row in Reader(render(report)).rows if "weight" in row] == [1.0] * 5


@pytest.mark.parametrize(
    ("repository", "collections", "match"),
    [
        ("nowhere", ["sky"], "no butler repository"),
        (None, ["nope"], "no collection nope"),
        (None, ["sky"], "pipetask run -b .* -i sky"),
    ],
)
def test_what_is_missing_is_said(good, repository, collections, match):
    with pytest.raises(ReportError, match=match):
        collect(repository or good.root, collections)


def test_command(bad, tmp_path):
    target = tmp_path / "page.html"
    arguments = ["report", bad.root, "--collections", "verify,sky", "-o", str(target)]
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 0, result.output
    assert "SkySim, filter sim_r, stock chain: bad." in result.output
    assert f"bad: exposure {verifynight.BAD_EXPOSURE}. It is unlike the other exposures" in result.output
    assert target.read_text().startswith("<!DOCTYPE html>")
    assert CliRunner().invoke(cli, [*arguments, "--fail-on", "bad"]).exit_code == 3
    result = CliRunner().invoke(cli, ["report", bad.root, "--collections", "nope", "-o", str(target)])
    assert result.exit_code == 1
    assert result.output == f"Error: There is no collection nope in {bad.root}.\n"


def test_apply(good, tmp_path):
    root = tmp_path / "repo"
    shutil.copytree(good.root, root)
    with Butler.from_config(str(root), writeable=True) as butler:
        refs = butler.query_datasets("sky", collections="sky")
        butler.registry.certify(CALIB_COLLECTION, refs, Timespan(None, None))
    exposure = verifynight.BAD_EXPOSURE
    where = f"instrument='SkySim' AND exposure={exposure}"
    inputs = f"{RAW_COLLECTION},{CALIB_COLLECTION},sky"
    options = [
        "apply",
        str(root),
        "-i",
        inputs,
        "-o",
        "applied",
        "-d",
        where,
        "--dataset-type",
        "cpSkyIsrExp",
    ]
    result = CliRunner().invoke(cli, options)
    assert result.exit_code == 0, result.output
    assert f"Exposure {exposure}: 5 detectors, scale " in result.output
    with Butler.from_config(
        str(root), collections=["applied", "sky", RAW_COLLECTION], instrument="SkySim"
    ) as butler:
        metrics = butler.get("cpSkyCorrectionMetrics", exposure=exposure)
        level = butler.get("cpSkyExpScale", exposure=exposure)["scale"]
        assert metrics["scale"][0] == pytest.approx(level, rel=0.3)
        assert np.median(metrics["residualRmsAfter"]) < 0.8 * np.median(metrics["residualRmsBefore"])
        for detector in verifynight.DETECTORS:
            before, after, frame, taken = (
                butler.get(name, exposure=exposure, detector=detector, physical_filter="sim_r")
                for name in ("cpSkyIsrExp", "cpSkyCorrectedExp", "sky", "cpSkyCorrection")
            )
            subtracted = taken.getImage().array
            good_pixels = np.isfinite(before.image.array)
            difference = (before.image.array - after.image.array)[good_pixels]
            np.testing.assert_allclose(difference, subtracted[good_pixels], atol=2e-3)
            np.testing.assert_array_equal(after.mask.array, before.mask.array)
            cells = taken[0][0].getStatsImage().image.array
            np.testing.assert_allclose(cells, metrics["scale"][0] * frame.image.array, rtol=1e-5, atol=1e-6)


def test_apply_says_what_it_needs(good):
    options = ["apply", good.root, "-i", RAW_COLLECTION, "-o", "x", "-d", "exposure=1"]
    result = CliRunner().invoke(cli, [*options, "--dataset-type", "cpSkyIsrExp"])
    assert result.exit_code == 2
    assert "Say --superpixel and --pixel-size" in result.output
    result = CliRunner().invoke(cli, options)
    assert result.exit_code == 1
    assert result.output == "Error: There is no dataset type 'postISRCCD'; see --dataset-type.\n"


# What a browser makes of it: the page is opened, used by a script, and what the script saw is read.
_PROBE = """
<script>
window.addEventListener("load", () => {
  const seen = { width: document.documentElement.scrollWidth - window.innerWidth };
  const table = document.querySelector("table.sortable"), head = [...table.tHead.rows[0].cells];
  const column = head.findIndex((one) => one.textContent.trim() === "sky");
  const values = () => [...table.tBodies[0].rows].map((row) => Number(row.cells[column].dataset.value));
  head[column].firstElementChild.click();
  seen.up = values();
  head[column].firstElementChild.click();
  seen.down = values();
  seen.sort = head[column].getAttribute("aria-sort");
  document.querySelector(".plot button")?.click();
  seen.open = document.getElementById("enlarged").open;
  const shown = (one) => one.src && one.complete && one.naturalWidth > 100;
  seen.images = [...document.images].filter(shown).length;
  document.getElementById("enlarged").click();
  seen.closed = !document.getElementById("enlarged").open;
  seen.background = getComputedStyle(document.body).backgroundColor;
  const beyond = (one) => one.scrollWidth - one.clientWidth;
  seen.tables = [...document.querySelectorAll("main > section > .scroll")].map(beyond);
  seen.errors = window.errors;
  const note = document.createElement("pre");
  note.id = "seen";
  note.textContent = JSON.stringify(seen);
  document.body.append(note);
});
</script>
"""
_ERRORS = """<script>window.errors = []; window.onerror = (text) => { window.errors.push(text); };
const warn = console.error; console.error = (...all) => { window.errors.push(all.join(" ")); warn(...all); };
</script>"""


def browse(page, folder, width, *flags):
    """Open a page in a browser and return what a script saw."""
    probed = page.replace("<head>", f"<head>{_ERRORS}", 1).replace("</body>", f"{_PROBE}</body>", 1)
    path = folder / "page.html"
    path.write_text(probed)
    command = [
        CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        f"--user-data-dir={folder / 'profile'}", f"--window-size={width},900", "--virtual-time-budget=4000",
        "--enable-logging=stderr", *flags, "--dump-dom", path.as_uri(),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    (found,) = re.findall(r'<pre id="seen">(.*?)</pre>', done.stdout)
    assert "CONSOLE" not in done.stderr, done.stderr
    return json.loads(found)


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (Debian's package chromium)")
@pytest.mark.parametrize("chain", CHAINS)
@pytest.mark.parametrize("width", [1366, 500])
def test_in_a_browser(bad, tmp_path, width, chain):
    seen = browse(render(collect(bad.root, CHAINS[chain])), tmp_path, width)
    assert seen["errors"] == []
    assert seen["width"] <= 0  # nothing beyond the right edge
    assert seen["up"] == sorted(seen["up"])
    assert len(set(seen["up"])) == 5
    assert seen["down"] == seen["up"][::-1]
    assert seen["sort"] == "descending"
    assert (seen["open"], seen["closed"]) == (seen["images"] > 0, True)
    assert seen["images"] >= (6 if chain == "stock" else 0)
    assert len(seen["tables"]) >= 3
    if width == 1366:  # a laptop shows all columns; a phone scrolls
        assert max(seen["tables"]) <= 0
    assert seen["background"] == "rgb(251, 251, 249)"


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (Debian's package chromium)")
def test_in_the_dark(bad_page, tmp_path):
    seen = browse(bad_page, tmp_path, 1366, "--blink-settings=preferredColorScheme=0")
    assert seen["background"] == "rgb(20, 23, 27)"
