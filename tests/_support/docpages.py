"""The pages of the documentation: their links, headings and commands."""

import pathlib
import re
import shlex

ROOT = pathlib.Path(__file__).resolve().parents[2]
#: Programs whose commands the pages have.
_NAMES = "bps butler cpsky pip pipetask pre-commit pytest python scons setup sphinx-build towncrier"
PROGRAMS = _NAMES.split()
_FENCE = re.compile(r"^(\s*)(`{3,})(\S*)[^\n]*\n(.*?)^\1\2\s*$", re.MULTILINE | re.DOTALL)


def pages():
    """All pages: those of the site, and the others that people read in the repository."""
    found = [*ROOT.glob("*.md"), *ROOT.glob("benchmarks/*.md"), *ROOT.glob("pipelines/*.md")]
    found += [*ROOT.glob("portable/*.md"), *ROOT.glob("portable/tests/data/golden/*.md")]
    return sorted([*found, *ROOT.glob("doc/**/*.md")])


def prose(text):
    """A page without its code."""
    return re.sub(r"`[^`\n]+`", "", _FENCE.sub("", text))


def links(text):
    """Where the links and pictures of a page lead."""
    return re.findall(r"\]\(([^)\s]+)\)", prose(text))


def anchors(text):
    """Anchors of the headings of a page, as GitHub makes them."""
    seen, out = {}, set()
    for title in re.findall(r"^#+ +(.*?)\s*$", _FENCE.sub("", text), re.MULTILINE):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title)
        slug = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
        count = seen[slug] = seen.get(slug, -1) + 1
        out.add(f"{slug}-{count}" if count else slug)
    return out


def blocks(text):
    """Blocks of code of a page: those that say that they are of a shell, and those that say nothing."""
    for _, _, language, block in _FENCE.findall(text):
        if language in ("bash", "sh"):
            yield block
    plain = _FENCE.sub("", text)
    yield from re.findall(r"(?<=\n\n)((?:    [^\n]*\n)+)", plain)


def commands(text):
    """Commands of a page, each as a list of words; of a pipe the first part."""
    for block in blocks(text):
        lines = re.sub(r"\\\n", " ", block).splitlines()
        for line in lines:
            for part in re.split(r"&&|\s\|\s", line):
                words = split(part)
                if words and words[0] in PROGRAMS:
                    yield words


def mentions(text):
    """Commands that are mentioned in the text of a page, which need not be complete."""
    for code in re.findall(r"`([^`\n]+)`", _FENCE.sub("", text)):
        words = split(code)
        if len(words) > 1 and words[0] in PROGRAMS:
            yield words


def split(line):
    """Words of a line; what a shell would not take is no command."""
    try:
        return shlex.split(line, comments=True)
    except ValueError:
        return []
