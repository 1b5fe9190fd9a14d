"""Ways in which programs and people write the same value: `{entity:form|writing}` stands for a value written so."""

from collections.abc import Callable

_WIDE = {ord(sign): ord(sign) + 0xFEE0 for sign in map(chr, range(0x21, 0x7F))}


def _digits(zero: str) -> dict[int, int]:
    return {ord("0") + value: ord(zero) + value for value in range(10)}


WRITINGS: dict[str, Callable[[str], str]] = {
    # As it is pasted out of a document.
    "nbsp": lambda text: text.replace(" ", "\u00a0"),
    "narrow": lambda text: text.replace(" ", "\u202f"),
    "figure": lambda text: text.replace(" ", "\u2007"),
    "twice": lambda text: text.replace(" ", "  "),
    "dash": lambda text: text.replace("-", "\u2013").replace(" ", "\u2013"),
    "nonbreaking": lambda text: text.replace("-", "\u2011"),
    "long_dash": lambda text: text.replace("-", "\u2014"),
    "soft": lambda text: text[: len(text) // 2] + "\u00ad" + text[len(text) // 2 :],
    "unseen": lambda text: text[: len(text) // 2] + "\u200b" + text[len(text) // 2 :],
    # As another script or keyboard has it.
    "wide": lambda text: text.translate(_WIDE),
    "wide_digits": lambda text: text.translate({**_digits("\uff10"), ord("-"): ord("\uff0d")}),
    "arabic": lambda text: text.translate(_digits("\u0660")),
    "persian": lambda text: text.translate(_digits("\u06f0")),
    "devanagari": lambda text: text.translate(_digits("\u0966")),
    # As it goes through URLs, JSON in JSON, HTML.
    "percent": lambda text: text.replace("@", "%40").replace(" ", "%20").replace("+", "%2B").replace(":", "%3A"),
    "form": lambda text: text.replace("+", "%2B").replace(" ", "+").replace("@", "%40"),
    "json": lambda text: text.replace("@", "\\u0040").replace("+", "\\u002b"),
    "html": lambda text: text.replace("@", "&#64;").replace(" ", "&nbsp;"),
    # As people hide it from programs.
    "brackets": lambda text: text.replace("@", "[at]").replace(".", "[.]"),
    "named": lambda text: text.replace("@", " (at) ").replace(".", " (dot) "),
    # As lists and drawings have it.
    "dots": lambda text: text.replace(" ", ".").replace("-", "."),
}
