"""Commands of the pages are what the programs take, and something runs each kind of them."""

import ast
import re

import click
import docpages
import pytest

from lsst.cp.sky.cli import cli as cpsky
from lsst.ctrl.mpexec.cli.pipetask import cli as pipetask
from lsst.daf.butler.cli.butler import cli as butler
from lsst.resources import ResourcePath

CLICK = {"butler": butler, "cpsky": cpsky, "pipetask": pipetask}
COMMANDS = [
    pytest.param(words, id=f"{page.relative_to(docpages.ROOT)}: {' '.join(words)[:60]}")
    for page in docpages.pages()
    for words in docpages.commands(page.read_text(encoding="utf-8"))
]
MENTIONS = [
    pytest.param(words, id=f"{page.relative_to(docpages.ROOT)}: {' '.join(words)[:60]}")
    for page in docpages.pages()
    for words in docpages.mentions(page.read_text(encoding="utf-8"))
    if words[0] in CLICK
]
#: What runs a command of that kind: a test, or a script that has to be there and to name it.
EXECUTED = {
    "bps restart": "tests/test_bps.py::test_killed_and_started_again",
    "bps submit": "tests/test_bps.py::test_bps_makes_what_pipetask_makes",
    "butler certify-calibrations": "tests/test_repository_commands.py::test_certify_calibrations",
    "butler remove-dataset-type": "tests/test_failures.py::test_full_disk_while_dataset_types_are_registered",
    "cpsky apply": "tests/verify/test_report.py::test_apply",
    "cpsky camera": "tests/ingest/test_camera.py::test_from_headers_and_back",
    "cpsky convert-background": "tests/test_files.py::test_command",
    "cpsky convert-repository": "tests/test_files.py::test_command",
    "cpsky demo": "tests/docs/test_tutorial.py::test_commands",
    "cpsky frame": "tests/frame/test_frame.py::test_makes_and_draws",
    "cpsky ingest": "tests/ingest/test_ingest.py::test_says_how_to_go_on",
    "cpsky report": "tests/verify/test_report.py::test_command",
    "pip install": ".ci/run",
    "pipetask run cpSky.yaml": "tests/test_pipelines.py::test_builds_whole",
    "pipetask run cpSkyJointPostIsr.yaml": "tests/joint/test_joint_quanta.py::test_pipetask_and_tasks_agree",
    "pipetask run cpSkyPostIsr.yaml": "tests/test_pipetask.py::test_every_dataset_is_there",
    "pipetask run cpSkyVerify.yaml": "tests/docs/test_tutorial.py::test_commands",
    "pipetask run stock.yaml": "tests/docs/test_tutorial.py::test_commands",
    "pre-commit install": ".pre-commit-config.yaml",
    "pytest": ".ci/run",
    "scons": "SConstruct",
    "setup": "ups/cp_sky.table",
}


def kind(words):
    """Kind of a command: program, subcommand, and for pipetask the name of the pipeline."""
    if words[0] in ("pytest", "scons", "setup"):
        return words[0]
    if words[0] != "pipetask":
        return " ".join(words[:2])
    files = [word.partition("#")[0].rpartition("/")[2] for word in words if word.endswith(".yaml")]
    return " ".join([*words[:2], *files])


def functions(path):
    """Names of the functions in a file, in classes too."""
    return {node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("words", COMMANDS)
def test_the_program_takes_it(words):
    """Options are those of the program, none that it needs is missing, and files of ours are there."""
    if words[0] not in CLICK or "..." in words:
        return
    group = CLICK[words[0]]
    command = group.get_command(click.Context(group), words[1])
    assert command is not None, f"there is no {words[0]} {words[1]}"
    context = click.Context(command, info_name=words[1])
    given, _, _ = command.make_parser(context).parse_args(list(words[2:]))
    missing = [one.name for one in command.params if one.required and one.name not in given]
    assert missing == []
    for word in words:
        if word.startswith("resource:"):
            assert ResourcePath(word.partition("#")[0]).exists(), word
        elif "$CP_SKY_DIR/" in word:
            assert (docpages.ROOT / word.partition("$CP_SKY_DIR/")[2]).exists(), word


@pytest.mark.parametrize("words", MENTIONS)
def test_what_is_mentioned_is_there(words):
    """Commands within the text may leave things out, but name what the program has."""
    group = CLICK[words[0]]
    context = click.Context(group)
    known = set(group.list_commands(context))
    if words[1].startswith("-") or words[1] == "...":
        return
    name = words[1]
    assert name in known or name.endswith("...")
    if name in known:
        options = {one for param in group.get_command(context, name).params for one in param.opts}
        options |= {one for param in group.get_command(context, name).params for one in param.secondary_opts}
        given = [word.partition("=")[0] for word in words[2:] if word.startswith("--")]
        assert [one for one in given if one not in options] == []


@pytest.mark.parametrize("words", COMMANDS)
def test_something_runs_it(words):
    if words[0] == "python":
        check_script(words)
        return
    if "..." in words:  # a fragment, whose options another command shows
        return
    place, _, test = EXECUTED[kind(words)].partition("::")
    assert (docpages.ROOT / place).is_file()
    assert not test or test in functions(docpages.ROOT / place)


def check_script(words):
    """A benchmark that is there and has these options, or a line that a test of failures runs."""
    if words[1] == "-c":
        statement = words[2].rpartition(";")[2].strip().partition("(")[0]
        assert statement in (docpages.ROOT / "tests/test_failures.py").read_text()
        return
    source = (docpages.ROOT / "benchmarks" / words[1].removeprefix("benchmarks/")).read_text()
    assert all(f'"{word}"' in source for word in words if word.startswith("--"))
    name = words[1].removeprefix("benchmarks/").removesuffix(".py")
    tests = [path.read_text() for path in (docpages.ROOT / "tests").glob("**/test_*.py")]
    assert any(re.search(rf"[\"/ ]{name}(\.py)?[\" ]", text) for text in tests)


def test_nothing_is_listed_in_vain():
    """The table has only what pages have."""
    assert EXECUTED.keys() <= {kind(param.values[0]) for param in COMMANDS}
