"""What holds for every command."""

import importlib
import pathlib
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from lsst.cp.sky.cli import COMMANDS, cli


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_says_of_itself_what_the_help_says_of_it(name):
    command = cli.get_command(click.Context(cli), name)
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
