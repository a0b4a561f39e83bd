"""Chat templates of presets."""

import re
from pathlib import Path

import pytest
import yaml
from modelyard.workloads.presets import preset as presets
from modelyard.workloads.presets.chat_templates import TEMPLATES
from modelyard.workloads.presets.preset import InvalidPresetError

LOADED = [presets.load(name) for name in presets.list_names()]


@pytest.mark.parametrize("preset", LOADED, ids=lambda preset: preset.name)
def test_only_instruct_models_name_a_template(preset: presets.Preset):
    assert (preset.chat_template is not None) == (preset.variant == "instruct")
    vllm = preset.runtimes.vllm
    assert (preset.chat_template == "engine") == (
        preset.variant == "instruct" and vllm is not None and "tokenizer-mode" in vllm.arguments
    )


def test_each_template_of_ours_is_some_presets():
    assert {preset.chat_template for preset in LOADED} == {None, "tokenizer", "engine", *TEMPLATES}


def test_only_a_template_of_ours_has_a_text():
    texts = {preset.chat_template: preset.template for preset in LOADED}
    assert (texts[None], texts["tokenizer"], texts["engine"]) == (None, None, None)
    assert texts["falcon-instruct"] == TEMPLATES["falcon-instruct"]


def with_template(folder: Path, template: str) -> Path:
    content = yaml.safe_load((Path(presets.__file__).parent / "models" / "gpt2.yaml").read_text())
    file = folder / "gpt2.yaml"
    file.write_text(yaml.safe_dump(content | {"chat_template": template}))
    return file


def test_a_preset_of_ones_own_may_hold_a_template(tmp_path: Path):
    text = "{% for message in messages %}{{ message.content }}{% endfor %}"
    assert presets.read_preset(with_template(tmp_path, text)).template == text


@pytest.mark.parametrize(
    ("name", "nearest"), [("tokeniser", "did you mean tokenizer?"), ("chatml", "known are engine, falcon")]
)
def test_an_unknown_template_is_refused_with_the_nearest_name(tmp_path: Path, name: str, nearest: str):
    with pytest.raises(
        InvalidPresetError,
        match=rf"chat_template: no template '{name}', and no Jinja text; {re.escape(nearest)}.*\(line",
    ):
        presets.read_preset(with_template(tmp_path, name))
