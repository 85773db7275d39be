"""What holds for every command."""

import importlib
import importlib.metadata
import os
import pathlib
import pty
import re
import shlex
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from lsst.cp.sky.cli import COMMANDS, cli

CPSKY = [sys.executable, "-c", "from lsst.cp.sky.cli import cli; cli(prog_name='cpsky')"]
#: Arguments with which a command raises before it has done anything, on a file that is there but is nothing.
WRONG = {
    "apply": ["nothing.txt", "-i", "a", "-o", "b", "-d", "c", "--superpixel", "5", "--pixel-size", "0.01"],
    "camera": ["nothing.txt"],
    "convert-background": ["nothing.txt", "out.fits"],
    "convert-repository": ["nothing.txt"],
    "demo": ["out", "--camera", "nothing.txt"],
    "frame": ["nothing.txt", "--camera", "DECam", "-o", "out.fits"],
    "ingest": ["out", "nothing.txt", "--camera", "DECam"],
    "report": ["nothing.txt", "--collections", "a", "-o", "out.html"],
}


def command_of(name):
    return cli.get_command(click.Context(cli), name)


@pytest.fixture
def nothing(tmp_path, monkeypatch):
    """A working directory with a file that is neither a repository, nor FITS, nor YAML of ours."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "nothing.txt").write_text("nothing\n")
    return tmp_path


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_says_of_itself_what_the_help_says_of_it(name):
    command = command_of(name)
    assert command.name == name
    assert command.help.splitlines()[0] == COMMANDS[name][1]


def test_every_module_of_a_command_is_in_the_table():
    package = importlib.import_module("lsst.cp.sky.cli")
    found = set()
    for folder in package.__path__:
        for path in pathlib.Path(folder).glob("_[a-z]*.py"):
            module = importlib.import_module(f"lsst.cp.sky.cli.{path.stem}")
            if any(isinstance(value, click.Command) and value is not cli for value in vars(module).values()):
                found.add(path.stem)
    assert found == {module for module, _ in COMMANDS.values()}


def test_help_waits_for_no_middleware():
    code = """
import sys
from lsst.cp.sky.cli import cli
cli(["--help"], standalone_mode=False)
print([name for name in sys.modules if name.startswith(("lsst.daf.butler", "lsst.pipe", "numba"))])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert all(f"  {name} " in done.stdout for name in COMMANDS)


def test_an_unknown_command_is_named():
    result = CliRunner().invoke(cli, ["frobnicate"])
    assert result.exit_code == 2
    assert "No such command 'frobnicate'" in result.output


def test_version():
    result = CliRunner().invoke(cli, ["--version"])
    assert result.exit_code == 0
    assert f"cpsky {importlib.metadata.version('lsst-cp-sky')}" in result.output


@pytest.mark.parametrize("name", COMMANDS)
def test_errors_are_one_line_and_the_trace_is_there_for_the_asking(name, nothing):
    done = CliRunner().invoke(cli, [name, *WRONG[name]])
    assert done.exit_code == 1, done.output
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("Error: ")
    assert "nothing.txt" in line
    told = CliRunner().invoke(cli, [name, *WRONG[name], "--verbose"])
    assert told.exit_code == 1
    assert told.stderr.splitlines()[0] == "Traceback (most recent call last):"
    assert told.stderr.splitlines()[-1] == line


@pytest.mark.parametrize("name", COMMANDS)
def test_wrong_usage_ends_with_status_2(name):
    assert CliRunner().invoke(cli, [name, "--frobnicate"]).exit_code == 2


@pytest.mark.parametrize("name", COMMANDS)
def test_help_teaches_by_examples_that_the_command_takes(name, tmp_path, monkeypatch):
    command = command_of(name)
    shown = CliRunner().invoke(cli, [name, "--help"]).stdout
    monkeypatch.chdir(tmp_path)
    taken = 0
    for example in command.examples:
        assert all(f"  {line}\n" in shown for line in example.splitlines())
        assert max(map(len, example.splitlines())) <= 98
        words = shlex.split(example.split(" || ")[0].replace("\\\n", " "))
        if words[0] != "cpsky":
            continue
        assert words[1] == name
        for word in words[2:]:  # what an example names has to be there
            path = pathlib.Path(word)
            if re.fullmatch(r"[\w./*]+\.(fits|fz|pickle)|REPO", word):
                path.parent.mkdir(exist_ok=True)
                path.touch()
        command.make_context(name, words[2:])
        taken += 1
    assert taken


def terminal(arguments, **environment):
    """What a command writes to a terminal on its standard error, and to a pipe on its standard output."""
    leader, follower = pty.openpty()
    child = {key: value for key, value in os.environ.items() if key != "NO_COLOR"} | environment
    with subprocess.Popen(
        arguments, stdout=subprocess.PIPE, stderr=follower, env=child, text=True
    ) as process:
        os.close(follower)
        written = b""
        while True:
            try:
                part = os.read(leader, 4096)
            except OSError:  # how Linux says that the other side has been closed
                break
            if not part:
                break
            written += part
        output = process.stdout.read()
    os.close(leader)
    return output, written.decode()


def test_colours_on_a_terminal_only_and_not_against_the_users_wish(nothing):
    command = [*CPSKY, "camera", "nothing.txt"]
    assert "\x1b[31m" in terminal(command)[1]
    assert "\x1b" not in terminal(command, NO_COLOR="1")[1]
    assert "\x1b" not in subprocess.run(command, capture_output=True, text=True).stderr


BAR = """
from lsst.cp.sky.cli._progress import progress
with progress("working") as advance:
    for done in range(1, 4):
        advance(done, 3)
print("done")
"""


def test_bars_on_a_terminal_only():
    output, written = terminal([sys.executable, "-c", BAR])
    assert output == "done\n"
    assert "[####" in written
    done = subprocess.run([sys.executable, "-c", BAR], capture_output=True, text=True)
    assert done.stdout == "done\n"
    assert done.stderr.split() == ["working"]


def test_completion_by_the_line_that_the_help_has(tmp_path):
    """The line is run by a shell as it is printed, and completes names of commands, options and files."""
    line = next(one for one in CliRunner().invoke(cli, ["--help"]).stdout.splitlines() if "COMPLETE" in one)
    script = tmp_path / "cpsky"
    script.write_text(f"#!{sys.executable}\nfrom lsst.cp.sky.cli import cli\ncli()\n")
    script.chmod(0o755)
    program = f"""
{line}
complete -p cpsky
for words in 'cpsky conv' 'cpsky demo --exp' 'cpsky demo --chain st'; do
    COMP_WORDS=($words); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); COMPREPLY=()
    _cpsky_completion cpsky; echo "${{COMPREPLY[@]}}"
done
"""
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-c", program], capture_output=True, text=True, env=environment
    )
    assert done.stdout.splitlines()[1:] == ["convert-background convert-repository", "--exposures", "stock"]


ALONE = """
import importlib.machinery, sys

HIDDEN = ("afw", "geom", "meas", "obs", "portable", "daf.base", "pipe.tasks", "pex.exceptions")

class WithoutStack(importlib.machinery.PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        hidden = any(f"{name}.".startswith(f"lsst.{one}.") for one in HIDDEN)
        return None if hidden else super().find_spec(name, path, target)

finders = (importlib.machinery.PathFinder, WithoutStack)
sys.meta_path = [finders[1] if finder is finders[0] else finder for finder in sys.meta_path]
from lsst.cp.sky.cli import cli
cli(prog_name="cpsky")
"""


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["demo", "x"], ["frame", "--help"]], ids=" ".join
)
def test_the_plugin_alone_names_what_is_missing(arguments):
    done = subprocess.run([sys.executable, "-c", ALONE, *arguments], capture_output=True, text=True)
    said = " ".join((done.stdout + done.stderr).split())
    assert "Traceback" not in said
    if arguments == ["--version"]:
        assert done.returncode == 0
        return
    assert done.returncode == (arguments != ["--help"])
    assert "lsst-portable" in said
    assert "pip install ./portable" in said
