"""What every test shares: how hypothesis behaves, and which tests need real servers."""

from pathlib import Path

import pytest
from hypothesis import settings

# Machines of continuous integration are slow and uneven: no deadline per example, and the same
# examples on every run, so that a failure there is a failure here.
settings.register_profile("stackfsck", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("stackfsck")

TESTS = Path(__file__).parent
MARKED_BY_FOLDER = {"real": pytest.mark.real, "lab": pytest.mark.cloud}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in tests/real as `real` and everything in tests/lab as `cloud`."""
    for item in items:
        folder = item.path.relative_to(TESTS).parts[0]
        if folder in MARKED_BY_FOLDER:
            item.add_marker(MARKED_BY_FOLDER[folder])
