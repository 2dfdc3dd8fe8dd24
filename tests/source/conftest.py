"""What is opened, noted."""

import pytest

from driftcli.source.files import File


@pytest.fixture
def opened_files(monkeypatch):
    """The paths of files that are opened, in their order."""
    found = []
    for name in ("native", "raw"):
        real = getattr(File, name)

        def noted(self, real=real):
            found.append(self.path)
            return real(self)

        monkeypatch.setattr(File, name, noted)
    return found
