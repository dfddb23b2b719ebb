"""Whether a text says anything: shared by replies (D2.3) and progress reports (D4.2). Pure."""

from __future__ import annotations

import unicodedata
from typing import Final

from app.policies.policy import Phrases

_SILENT = frozenset("PSZCM")
"""Unicode major categories that say nothing: punctuation, symbols and emoji, blanks, controls, marks."""
_SHOWN: Final = 20
"""How much of a text made of fillers alone is quoted back."""


def normalise(text: str) -> str:
    """Return what is left of a text under NFKC without punctuation, symbols, emoji, blanks, controls and marks."""
    folded = unicodedata.normalize("NFKC", text)
    return "".join(c for c in folded if unicodedata.category(c)[0] not in _SILENT)


def empty_phrase(text: str, wording: Phrases) -> str | None:
    """Return the phrase that an empty text consists of, or None when it says something.

    Empty is a text that can be cut without remainder into phrases and fillers: 已办理。 is, so is 目前正在协调处理中；
    a sentence that merely contains 已办理 is not. Comparing the whole text with a list of phrases was rejected: one
    added 已经 would pass.
    """
    bare = normalise(text)
    phrases = [(shown, normalise(shown)) for shown in wording.phrases]
    words = [word for _, word in phrases] + [normalise(filler) for filler in wording.fillers]
    if not bare or not _made_of(bare, [word for word in words if word]):
        return None
    return next((shown for shown, word in phrases if word and word in bare), bare[:_SHOWN])


def _made_of(text: str, words: list[str]) -> bool:
    reachable = [True] + [False] * len(text)
    for start in range(len(text)):
        if reachable[start]:
            for word in words:
                if text.startswith(word, start):
                    reachable[start + len(word)] = True
    return reachable[-1]
