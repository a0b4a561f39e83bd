"""Names of vLLM's parsers of tool calls and of reasoning; the server does not start with another name.

Read from vllm-project/vllm@0064cc9cb1: vllm/tool_parsers/__init__.py and vllm/reasoning/__init__.py. A parser that an
image of one's own adds (--tool-parser-plugin) goes into the preset's ``runtimes.vllm.arguments``.
"""

from collections.abc import Collection

from modelyard.workloads.suggestions import suggest

_TOOL_CALL = """
    apertus cohere_command3 cohere_command4 deepseek_v3 deepseek_v31 deepseek_v32 deepseek_v4 ernie45 functiongemma
    gemma4 gigachat3 glm45 glm47 granite granite-20b-fc granite4 hermes hunyuan_a13b hy_v3 inkling internlm jamba
    kimi_k2 kimi_k3 lfm2 llama3_json llama4_json llama4_pythonic longcat mimo minicpm5 minimax_m2 minimax_m3 mistral
    olmo3 openai phi4_mini_json poolside_v1 pythonic qwen3_coder qwen3_xml seed_oss solar_open2 step3 step3p5 xlam
"""
_REASONING = """
    cohere_command3 cohere_command4 deepseek_r1 deepseek_v3 deepseek_v4 ernie45 gemma4 glm45 glm47 granite holo2
    hunyuan_a13b hy_v3 inkling kimi_k2 kimi_k3 mimo minimax_m2 minimax_m2_append_think minimax_m3 mistral nemotron_v3
    olmo3 openai_gptoss poolside_v1 qwen3 seed_oss solar_open2 step3 step3p5
"""


TOOL_CALL_PARSERS = frozenset(_TOOL_CALL.split())
REASONING_PARSERS = frozenset(_REASONING.split())


def validate_parser(name: str | None, names: Collection[str]) -> str | None:
    """Return the name of a parser that vLLM has.

    Raises:
        ValueError: vLLM has no such parser; the message suggests the nearest.
    """
    if name is None or name in names:
        return name
    raise ValueError(f"no parser {name!r} in vLLM; {suggest(name, names, most=1)}")
