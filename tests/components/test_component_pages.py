"""Reference pages: current, complete, and with links that lead somewhere."""

import re
from pathlib import Path

import yaml
from modelyard.components.package import COMPONENTS, ModelyardProvider
from modelyard.components.reference.component_pages import FOLDER, pages

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "components-from-typescript-and-yaml.md"


def test_the_pages_are_current():
    assert {file.name: file.read_text() for file in FOLDER.glob("*.md")} == pages(), (
        "run: python -m modelyard.components.reference.component_pages"
    )


def test_every_component_has_a_page_with_all_its_arguments():
    written = pages()
    assert written.keys() == {"README.md", *(f"{component.__name__}.md" for component in COMPONENTS)}
    assert "| `kubeconfig` | text | yes | replace |" in written["ExistingCluster.md"]
    assert "| `pods` | text |  | replace |" in written["AksCluster.md"]


def test_links_lead_somewhere():
    for name, text in pages().items():
        anchors = {f"#{title.lower()}" for title in re.findall(r"^### (\w+)$", text, re.MULTILINE)}
        for target in re.findall(r"\]\(([^)]+)\)", text):
            found = target in anchors if target.startswith("#") else (FOLDER / target).exists()
            assert found, f"{name}: {target}"


def test_the_guides_program_in_yaml_fits_the_schema():
    """The provider's own translation of names refuses what the schema does not have."""
    provider = ModelyardProvider()
    (program,) = re.findall(r"```yaml\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    for resource in yaml.safe_load(program)["resources"].values():
        definition = provider._component_defs[resource["type"].removeprefix("modelyard:")]
        assert provider.map_inputs(resource["properties"], definition)
