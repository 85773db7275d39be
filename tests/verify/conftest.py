"""Two nights, an untouched one and one with a bad exposure and a bad detector."""

import pytest
import verifynight


@pytest.fixture(scope="session")
def good(tmp_path_factory):
    return verifynight.make(tmp_path_factory.mktemp("good"))


@pytest.fixture(scope="session")
def bad(tmp_path_factory):
    return verifynight.make(
        tmp_path_factory.mktemp("bad"),
        verifynight.waves,
        joint_tasks="#cpSkyVerifyJointExposure,cpSkyVerifyJointFrame",
    )
