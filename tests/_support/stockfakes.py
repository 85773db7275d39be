"""Stand-ins for stock packages that pipelines name and that are not installed everywhere.

They have just what building a pipeline graph needs: a task with the connections and the few config fields
that our pipelines set, and instruments without config overrides. Where the real package is
importable it is used.
"""

import importlib.util
import sys
import types

import lsst.pex.config as pexConfig
import lsst.pipe.base as pipeBase
import lsst.pipe.base.connectionTypes as cT


class _IsrConnections(
    pipeBase.PipelineTaskConnections, dimensions=("instrument", "exposure", "detector"), defaultTemplates={}
):
    ccdExposure = cT.Input(
        name="raw", doc="raw", storageClass="Exposure", dimensions=("instrument", "exposure", "detector")
    )
    outputExposure = cT.Output(
        name="postISRCCD",
        doc="after",
        storageClass="Exposure",
        dimensions=("instrument", "exposure", "detector"),
    )


class _CrosstalkConfig(pexConfig.Config):
    doQuadraticCrosstalkCorrection = pexConfig.Field(dtype=bool, default=False, doc="as stock")


class _AmpOffsetConfig(pexConfig.Config):
    doApplyAmpOffset = pexConfig.Field(dtype=bool, default=False, doc="as stock")


class _IsrConfig(pipeBase.PipelineTaskConfig, pipelineConnections=_IsrConnections):
    doAmpOffset = pexConfig.Field(dtype=bool, default=False, doc="as stock")
    ampOffset = pexConfig.ConfigField(dtype=_AmpOffsetConfig, doc="as stock")


class _IsrLsstConfig(pipeBase.PipelineTaskConfig, pipelineConnections=_IsrConnections):
    doCrosstalk = pexConfig.Field(dtype=bool, default=True, doc="as stock")
    doDeferredCharge = pexConfig.Field(dtype=bool, default=True, doc="as stock")
    crosstalk = pexConfig.ConfigField(dtype=_CrosstalkConfig, doc="as stock")


def _task(name, config):
    members = {"ConfigClass": config, "_DefaultName": "isr", "__module__": "lsst.ip.isr"}
    return type(name, (pipeBase.PipelineTask,), members)


def _instrument(module, name):
    members = {
        "getName": classmethod(lambda cls: name),
        "getCamera": lambda self: None,
        "getRawFormatter": lambda self, dataId: None,
        "register": lambda self, registry, update=False: None,
        "filterDefinitions": (),
        "__module__": module,
    }
    return type(name, (pipeBase.Instrument,), members)


def install(monkeypatch):
    """Make the names importable for one test, where they are not already."""
    wanted = {
        "lsst.ip.isr": {
            "IsrTask": _task("IsrTask", _IsrConfig),
            "IsrTaskLSST": _task("IsrTaskLSST", _IsrLsstConfig),
        },
        "lsst.obs.lsst": {
            name: _instrument("lsst.obs.lsst", name) for name in ("LsstCam", "LsstComCam", "Latiss")
        },
        "lsst.obs.subaru": {"HyperSuprimeCam": _instrument("lsst.obs.subaru", "HyperSuprimeCam")},
        "lsst.obs.decam": {"DarkEnergyCamera": _instrument("lsst.obs.decam", "DarkEnergyCamera")},
    }
    for name, members in wanted.items():
        parent = name.rpartition(".")[0]
        if parent not in sys.modules and importlib.util.find_spec(parent) is None:
            monkeypatch.setitem(sys.modules, parent, types.ModuleType(parent))
            sys.modules[parent].__path__ = []
        if name in sys.modules or importlib.util.find_spec(name) is not None:
            continue
        module = types.ModuleType(name)
        module.__dict__.update(members)
        monkeypatch.setitem(sys.modules, name, module)
