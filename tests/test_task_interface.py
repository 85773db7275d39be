"""The documented interface of a task: what callers of any release may rely on."""

import logging
import pickle

import pytest
import skydata

import lsst.pex.config as pexConfig
import lsst.pipe.base as pipeBase
from lsst.cp.sky import (
    CpSkyCombineTask,
    CpSkyImageTask,
    CpSkyScaleMeasureTask,
    CpSkySubtractBackgroundTask,
)

TASKS = {
    CpSkyImageTask: ("CpSkyImage", ["maskTask"]),
    CpSkyScaleMeasureTask: ("cpSkyScaleMeasure", []),
    CpSkySubtractBackgroundTask: ("cpSkySubtractBkg", ["sky"]),
    CpSkyCombineTask: ("cpSkyCombine", ["sky"]),
}

pytestmark = pytest.mark.parametrize("cls", TASKS, ids=lambda cls: cls.__name__)


def configured(config):
    """Set what has no default."""
    if isinstance(config, CpSkyImageTask.ConfigClass):
        config.largeScaleBackground = skydata.model_config()
    return config


@pytest.fixture
def task(cls):
    return cls(config=configured(cls.ConfigClass()))


def test_names(cls, task):
    name, subtasks = TASKS[cls]
    assert cls.canMultiprocess is True
    assert task.getName() == task.getFullName() == name
    for subtask in subtasks:
        assert getattr(task, subtask).getFullName() == f"{name}.{subtask}"
        assert task.getTaskDict()[f"{name}.{subtask}"]() is getattr(task, subtask)


def test_metadata(cls, task):
    task.metadata["answer"] = 42
    with task.timer("step"):
        pass
    full = task.getFullMetadata()
    assert full[task.getName()]["answer"] == 42
    assert "stepStartCpuTime" in full[task.getName()]
    task.emptyMetadata()
    assert len(task.metadata) == 0


def test_timer_logs_at_its_level(cls, task, caplog):
    levels = {"loud": logging.WARNING, "soft": logging.INFO, "quiet": logging.DEBUG}
    with caplog.at_level(logging.INFO):
        for name, level in levels.items():
            with task.timer(name, logLevel=level):
                pass
    logged = {(record.getMessage().split("=")[0], record.levelno) for record in caplog.records}
    for name in ("loud", "soft"):
        assert {(f"{name}StartCpuTime", levels[name]), (f"{name}EndCpuTime", levels[name])} <= logged
    assert not [name for name, _ in logged if name.startswith("quiet")]


def test_methods_of_older_releases(cls, task):
    assert task.getSchemaCatalogs() == {}
    assert task.getAllSchemaCatalogs() == {}
    assert task.getResourceConfig() is None


def test_schema_catalogs_of_a_whole_hierarchy(cls):
    class Child(pipeBase.Task):
        ConfigClass = pexConfig.Config
        _DefaultName = "child"

        def getSchemaCatalogs(self):
            return {"table": "catalog"}

    class Parent(cls):
        class ConfigClass(cls.ConfigClass):
            child = pexConfig.ConfigurableField(target=Child, doc="a task with a catalog")

        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.makeSubtask("child")

    assert Parent(config=configured(Parent.ConfigClass())).getAllSchemaCatalogs() == {"table": "catalog"}


def test_as_a_subtask(cls):
    class ParentConfig(pexConfig.Config):
        child = cls.makeField("a task of ours")
        other = pexConfig.ConfigurableField(target=cls, doc="another one")

    class Parent(pipeBase.Task):
        ConfigClass = ParentConfig
        _DefaultName = "parent"

        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.makeSubtask("child")
            self.makeSubtask("other")

    config = ParentConfig()
    configured(config.child.value)
    configured(config.other.value)
    parent = Parent(config=config)
    assert isinstance(parent.child, cls)
    assert parent.other.getFullName() == "parent.other"
    for subtask in TASKS[cls][1]:
        assert f"parent.child.{subtask}" in parent.getTaskDict()


def test_pickles(cls, task):
    copy = pickle.loads(pickle.dumps(task))
    assert type(copy) is cls
    assert copy.getName() == task.getName()
    assert copy.config.toDict() == task.config.toDict()
