"""The middleware's own test of its logging, which uses these names wherever they can be imported."""

import unittest

import pytest

import lsst.log
from lsst.daf.butler.tests.cliLogTestBase import CliLogTestBase, lsstLog

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:'isolated_filesystem' is deprecated")]


class CliLogTestCase(CliLogTestBase, unittest.TestCase):
    """Levels and formats of ``butler``, with both kinds of loggers."""

    def test_it_found_these_names(self):
        assert lsstLog is lsst.log
