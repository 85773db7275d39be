"""The four tasks, chained over the exposures of a mosaic, against what the stock tasks made of them."""

from agreement import compare
from golden import each_case


@each_case("tasks")
def test_chained_tasks(path):
    assert compare("tasks", path).problems == []
