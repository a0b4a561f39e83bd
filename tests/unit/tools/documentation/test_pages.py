"""Every generated page is what the code says today."""

import pytest

from tools.documentation.pages import COMPONENTS, DOCS, render_all

PAGES = render_all()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_current(path: str):
    assert (DOCS / path).read_text() == PAGES[path], "run: python -m tools.documentation"


def test_no_page_of_a_former_component_is_left():
    files = {f"{COMPONENTS}/{file.name}" for file in (DOCS / COMPONENTS).glob("*.md")}

    assert files == {path for path in PAGES if path.startswith(COMPONENTS)}
