"""Reference pages of components: complete, and with links that lead somewhere."""

import re

import yaml
from modelyard.components.package import COMPONENTS, ModelyardProvider

from tools.documentation.components import render_pages
from tools.documentation.pages import COMPONENTS as FOLDER_NAME
from tools.documentation.pages import DOCS

FOLDER = DOCS / FOLDER_NAME
GUIDE = DOCS / "how-to" / "components-from-typescript-and-yaml.md"


def test_every_component_has_a_page_with_all_its_arguments():
    written = render_pages()
    assert written.keys() == {"README.md", *(f"{component.__name__}.md" for component in COMPONENTS)}
    assert "| `kubeconfig` | text | yes | replace |" in written["ExistingCluster.md"]
    assert "| `pods` | text |  | replace |" in written["AksCluster.md"]


def test_links_lead_somewhere():
    for name, text in render_pages().items():
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
