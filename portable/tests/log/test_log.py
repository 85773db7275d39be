"""Loggers under the names of the stack."""

import copy
import inspect
import logging
import pickle
import threading

import pytest

import lsst.log
from lsst.log import Log
from lsst.log.utils import temporaryLogLevel, traceSetAt
from lsst.utils.logging import trace_set_at


@pytest.fixture(autouse=True)
def as_it_is_by_default():
    """Each test starts from, and leaves, the default configuration."""
    lsst.log.configure()
    lsst.log.doNotUsePythonLogging()
    yield
    lsst.log.configure()
    lsst.log.doNotUsePythonLogging()


def test_what_is_printed_by_default(capsys):
    lsst.log.info("This is %s", "INFO")
    lsst.log.debug("This is DEBUG")
    logger = lsst.log.getLogger("a.b")
    logger.trace("This is TRACE")
    logger.warn("Format %d %g", 3, 2.5)
    logger.warning("With %s")
    logger.error("no")
    logger.critical("never")
    lsst.log.log("c", lsst.log.FATAL, "gone")
    assert capsys.readouterr().out.splitlines() == [
        "root INFO: This is INFO",
        "a.b WARN: Format 3 2.5",
        "a.b WARN: With %s",
        "a.b ERROR: no",
        "a.b FATAL: never",
        "c FATAL: gone",
    ]


def test_levels():
    root, above, below = Log.getDefaultLogger(), Log.getLogger("a.b"), Log.getLogger("a.b.c")
    assert (root.getName(), root.getLevel(), above.getLevel()) == ("", Log.INFO, -1)
    above.setLevel(Log.TRACE)
    assert below.getLevel() == -1
    assert below.getEffectiveLevel() == lsst.log.getEffectiveLevel("a.b.c") == Log.TRACE == 5000
    assert below.isTraceEnabled()
    assert below.isDebugEnabled()
    assert not root.isDebugEnabled()
    assert (root.isInfoEnabled(), root.isWarnEnabled(), root.isErrorEnabled(), root.isFatalEnabled()) == (
        True,
    ) * 4
    lsst.log.setLevel("a.b.c", lsst.log.ERROR)
    assert lsst.log.getLevel("a.b.c") == below.level == 40000
    assert not lsst.log.isEnabledFor(below, lsst.log.WARN)
    assert below.parent == above
    assert above.parent.parent == root
    assert root.parent is None
    assert above.getChild("c") == above.getChild(" ..c") == below
    assert [lsst.log.getLevelName(level) for level in (30000, 5000, 7)] == ["WARNING", "TRACE", "Level 7"]
    assert repr(below) == "<lsst.log.Log 'a.b.c' (ERROR)>"
    assert pickle.loads(pickle.dumps(below)) == copy.copy(below) == below
    with temporaryLogLevel("a.b.c", Log.DEBUG):
        assert below.isDebugEnabled()
    assert not below.isDebugEnabled()


def test_levels_of_logging_are_others(caplog):
    """What butler and pipetask rely on: they set both, the one to less than they want of the other."""
    logging.getLogger("a").setLevel(15)
    Log.getLogger("a").setLevel(Log.INFO)
    assert logging.getLogger("a").level == 15
    lsst.log.usePythonLogging()
    Log.getLogger("a").info("seen")
    Log.getLogger("a").debug("not seen")
    assert [(r.name, r.levelname, r.message, r.funcName) for r in caplog.records] == [
        ("a", "INFO", "seen", "test_levels_of_logging_are_others")
    ]
    assert caplog.records[0].pathname == __file__
    logging.getLogger("a").setLevel(logging.NOTSET)


def test_python_logging_for_a_while(caplog, capsys):
    with lsst.log.UsePythonLogging():
        lsst.log.warn("to Python")
    lsst.log.warn("to the output")
    assert [record.getMessage() for record in caplog.records] == ["to Python"]
    assert capsys.readouterr().out == "root WARN: to the output\n"


@pytest.mark.parametrize("level", [logging.DEBUG, logging.WARNING, logging.CRITICAL])
def test_levels_correspond(level):
    translator = lsst.log.LevelTranslator
    assert translator.lsstLog2logging(translator.logging2lsstLog(level)) == level
    assert getattr(lsst.log, logging.getLevelName(level)) == translator.logging2lsstLog(level)


def test_properties(capsys, tmp_path):
    console = """
        # a comment
        log4j.rootLogger=TRACE, CA
        log4j.logger.a.quiet = ERROR
        log4j.appender.CA=ConsoleAppender
        log4j.appender.CA.layout=PatternLayout
        log4j.appender.CA.layout.ConversionPattern=%-5p %c (%F)- %M %m %X %X{x}100%%%n
    """
    lsst.log.configure_prop(console)
    lsst.log.trace("one")
    Log.getLogger("a.quiet").warn("not seen")
    assert lsst.log.MDC("x", 3) == ""
    assert lsst.log.MDC("x", 4) == "3"
    Log.getLogger("b").warn("two")
    lsst.log.MDCRemove("x")
    place = "(test_log.py)- test_properties"
    assert (
        capsys.readouterr().out
        == f"TRACE root {place} one {{}} 100%\nWARN  b {place} two {{{{x,4}}}} 4100%\n"
    )

    file = tmp_path / "config"
    path = tmp_path / "log"
    file.write_text(
        f"log4j.rootLogger=INFO, F\nlog4j.appender.F=FileAppender\nlog4j.appender.F.file={path}\n"
    )
    lsst.log.configure(file)
    lsst.log.info("three")
    assert path.read_text() == "three\n"


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ("log4j.rootLogger=LOUD", "no level 'LOUD'"),
        ("log4j.rootLogger=INFO, A\nlog4j.appender.A=SyslogAppender", "not 'SyslogAppender'"),
        ("log4j.rootLogger=INFO, A, B", "one place"),
        (
            "log4j.rootLogger=INFO, A\nlog4j.appender.A=ConsoleAppender\n"
            "log4j.appender.A.layout.ConversionPattern=%q",
            "no %q",
        ),
    ],
)
def test_what_is_not_offered(properties, message, capsys):
    with pytest.raises(NotImplementedError, match=message):
        lsst.log.configure_prop(properties)
    with pytest.raises(NotImplementedError, match="XML"):
        lsst.log.configure("logs.xml")
    lsst.log.info("as before")
    assert capsys.readouterr().out == "root INFO: as before\n"
    for name in ("infof", "nothing"):
        with pytest.raises(AttributeError, match=name):
            getattr(lsst.log, name)


def test_labels_reach_python_logging(caplog):
    factory = logging.getLogRecordFactory()
    try:
        lsst.log.configure_pylog_MDC("DEBUG")
        lsst.log.MDC("LABEL", "7")
        lsst.log.info("labelled")
        lsst.log.MDCRemove("LABEL")
        lsst.log.info("not labelled")
    finally:
        logging.setLogRecordFactory(factory)
    assert [str(record.MDC) for record in caplog.records] == ["{LABEL=7}", "{}"]
    assert caplog.records[1].MDC["LABEL"] == ""


def test_forwarded_messages_have_labels_and_a_format(caplog):
    python = "log4j.rootLogger=INFO, P\nlog4j.appender.P=org.apache.log4j.PyLogAppender\n"
    lsst.log.MDC("LABEL", "7")
    lsst.log.MDC("A", "x")
    lsst.log.configure_prop(python)
    lsst.log.info("plain")
    lsst.log.configure_prop(python + "log4j.appender.P.layout.ConversionPattern=%m (%X{LABEL}, %X)")
    lsst.log.info("formatted")
    lsst.log.MDCRemove("LABEL")
    lsst.log.MDCRemove("A")
    lsst.log.configure()
    assert [record.getMessage() for record in caplog.records] == ["plain", "formatted (7, {{A,x}{LABEL,7}})"]
    assert [record.MDC["LABEL"] for record in caplog.records] == ["7", "7"]


def test_pattern_with_a_place(capsys):
    lsst.log.configure_prop(
        "log4j.rootLogger=INFO, A\nlog4j.appender.A=ConsoleAppender\n"
        "log4j.appender.A.layout.ConversionPattern=%c %C %M %l %m%n"
    )
    line = inspect.currentframe().f_lineno + 1
    lsst.log.info("here")
    lsst.log.configure()
    assert capsys.readouterr().out == f"root  test_pattern_with_a_place test_log.py({line}) here\n"


def test_threads_set_their_labels_before_their_first_message(capsys):
    lsst.log.configure_prop(
        "log4j.rootLogger=INFO, A\nlog4j.appender.A=ConsoleAppender\n"
        "log4j.appender.A.layout.ConversionPattern=%m %X{THREAD}%n"
    )

    def label():  # other threads stay without, as it is called for the rest of the process
        if threading.current_thread().name == "T1":
            lsst.log.MDC("THREAD", "T1")

    lsst.log.MDCRegisterInit(label)
    thread = threading.Thread(target=lambda: lsst.log.info("from"), name="T1")
    thread.start()
    thread.join()
    assert capsys.readouterr().out == "from T1\n"
    assert lsst.log.lwpID() == threading.get_native_id()


def test_handler_of_python_logging(capsys):
    logger = logging.getLogger("from.python")
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    handler = lsst.log.LogHandler()
    logger.addHandler(handler)
    try:
        logger.info("This is %s", "INFO")
        logger.debug("too little")
        logger.warning({1: 2})
        with lsst.log.UsePythonLogging():
            logger.warning("in circles")
    finally:
        logger.removeHandler(handler)
    assert capsys.readouterr().out == "from.python INFO: This is INFO\nfrom.python WARN: {1: 2}\n"


def test_trace_loggers():
    trace_set_at("some.task", 2)  # this calls the other
    assert [Log.getLogger(f"TRACE{i}.some.task").isDebugEnabled() for i in range(6)] == [True] * 3 + [
        False
    ] * 3
    traceSetAt("some.task", -1)
    assert not Log.getLogger("TRACE0.some.task").isDebugEnabled()
