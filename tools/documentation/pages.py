"""All generated pages, by their path below docs/."""

from tools.documentation import changes, components, environment, planner_schema, policies, preset_sources, presets
from tools.setup.locations import CHECKOUT

DOCS = CHECKOUT / "docs"

COMPONENTS = "reference/components"
"""Folder with one page per component."""


def render_all() -> dict[str, str]:
    """Return the text of each generated page by its path below docs/."""
    return {
        "change-behaviour.md": changes.render_page(),
        "environment.md": environment.render_page(),
        "planner-schema.json": planner_schema.render_schema(),
        "policies.md": policies.render_page(),
        "presets-sources.md": preset_sources.render_page(),
        "presets-table.md": presets.render_page(),
        **{f"{COMPONENTS}/{name}": text for name, text in components.render_pages().items()},
    }
