"""Prose out of POD, the markup of Perl's documentation.

Kept are ordinary paragraphs and headings, as plain text. Dropped are program listings (indented paragraphs), text for
other formatters, and index entries. The format is defined in perlpod(1).
"""

import re

_INNERMOST = re.compile(r"([A-Z])<([^<>]*)>")
_DOUBLED = re.compile(r"([A-Z])<<+\s(.*?)\s>>+", re.DOTALL)
_NAMED = {"lt": "<", "gt": ">", "verbar": "|", "sol": "/"}
_OPEN, _CLOSE = "\0", "\1"  # stand for < and > that are text, while codes are taken apart


def extract_prose(text: str) -> list[str]:
    """Extract the paragraphs of a POD document, each on one line, in order."""
    paragraphs: list[str] = []
    skipping = ""
    for paragraph in re.split(r"\n[ \t]*\n+", text.replace("\r\n", "\n")):
        block = paragraph.strip("\n")
        command, _, rest = block.partition(" ") if block.startswith("=") else ("", "", "")
        if command == "=begin":
            skipping = rest.split()[0] if rest.split() else "?"
        elif command == "=end":
            skipping = ""
        elif skipping or not block.strip() or block[0] in " \t":
            continue
        elif not command:
            paragraphs.append(strip_formatting(block))
        elif command.startswith("=head"):
            paragraphs.append(strip_formatting(rest))
    return [line for line in paragraphs if line]


def strip_formatting(block: str) -> str:
    """Remove the formatting codes of a paragraph: ``C<print> is B<good>`` becomes ``print is good``."""
    text = _DOUBLED.sub(lambda code: f"{code[1]}<{code[2].replace('<', _OPEN).replace('>', _CLOSE)}>", block)
    while (simplified := _INNERMOST.sub(_replace, text)) != text:
        text = simplified
    return " ".join(text.replace(_OPEN, "<").replace(_CLOSE, ">").split())


def _replace(code: re.Match[str]) -> str:
    letter, content = code[1], code[2]
    if letter in "XZ":  # index entry, and the code that prints nothing
        return ""
    if letter == "E":
        return _entity(content)
    if letter == "L":
        text, bar, _ = content.partition("|")
        return text if bar else content.replace("/", " ").replace('"', "").strip()
    return content


def _entity(name: str) -> str:
    character = _NAMED.get(name)
    if character is None:
        number = re.fullmatch(r"(0x[0-9a-fA-F]+|\d+)", name)
        character = chr(int(name, 0)) if number and int(name, 0) < 0x110000 else ""
    return character.replace("<", _OPEN).replace(">", _CLOSE)
