"""Promise: words that a consumer text must not use: nobody knows a later decision.

A search for phrases finds what is usually written, not every promise; and it passes by
what was refused ("will not be approved", 未能通过) and words with another sense: as in
a guaranteed loan (保证贷款), a certain time (一定时间), by text message (通过短信).
"""

from __future__ import annotations

import re
from functools import cache
from typing import TypeVar

from cfscore.exceptions import CfscoreError

__all__ = ["find_promise", "promise_refusal"]

_WILL = r"(?:\b(?:will|would|shall)|['’]ll)"
_NOT_DENIED = r"(?:(?!not\b|never\b|no\b)\w+ )?"
_NOT_YET = r"(?<![不未没无难])"
_CAN = r"(?:将会|将能|将被|会被|将|会|能|可以|即可|就能|就会|便可|便能|可)"
_GRANT = r"(?:批[准準]|[获獲]批|放款|授信|下款)"
_EXAMINED = r"(?:审批|审核|评审|審批|審核|贷款审查)"
_END = r"(?=[。，；！!,.]|$)"

_PROMISES = (
    rf"{_WILL} {_NOT_DENIED}(?:be )?"
    r"(?:approved?|accept(?:ed)?|grant(?:ed)?|qualify|lend)\b",
    rf"{_WILL} {_NOT_DENIED}(?:get|receive|obtain) (?:\w+ ){{0,2}}"
    r"(?:approved|approval|loan|credit(?! report| score| file| history))\b",
    r"\b(?:you|it|application|request|loan) (?:can|could|may) "
    rf"{_NOT_DENIED}(?:be |get )?(?:approved|accepted)\b",
    r"\bguarantee[sd]? (?:\w+ )?(?:approval|acceptance|to be (?:approved|accepted))\b",
    r"\bapproval (?:is|will be) (?:certain|guaranteed|assured|automatic)\b",
    r"\bapproval will follow\b",
    r"\b(?:certain|sure|promised?|assured?) (?:of |to |that )?(?:be |get )?approv",
    r"\bsure to (?:succeed|qualify|get)\b",
    rf"{_NOT_YET}(?:一定|必定|必然|肯定|保[证證]|承诺|确保).{{0,4}}"
    rf"(?:通[过過]|{_GRANT}|贷到|借到)",
    rf"{_NOT_YET}(?:一定|必定|肯定)(?:会|能|可以)过",
    rf"{_NOT_YET}必(?:通[过過]|获批|过审)",
    # 通过 alone also means "by way of"
    rf"{_NOT_YET}{_CAN}(?:顺利)?通[过過].{{0,4}}{_EXAMINED}",
    rf"申请.{{0,4}}{_NOT_YET}{_CAN}(?:顺利)?通[过過]{_END}",
    rf"{_NOT_YET}{_CAN}(?:[给为向]您)?(?:获得|得到|获|予以)?{_GRANT}(?!的)",
    rf"{_NOT_YET}{_CAN}(?:获得|得到|贷到|借到)(?:贷款|款项|额度|款)",
    r"(?<!打)包过(?!户)|秒批",
    rf"(?:百分之百|100\s*[%％]).{{0,4}}(?:通[过過]|{_GRANT})",
)
_Refusal = TypeVar("_Refusal", bound=CfscoreError)


@cache
def _pattern() -> re.Pattern[str]:
    """Return all phrases; made when first asked for, as scoring needs none."""
    phrases = "|".join(f"(?:{promise})" for promise in _PROMISES)
    return re.compile(phrases, re.IGNORECASE)


def find_promise(text: str) -> str | None:
    """Return the first words that promise a decision, None where there are none.

    Examples
    --------
    >>> find_promise("If you pay on time you will be approved.")
    'will be approved'
    >>> find_promise("Your credit report shows loans that you guarantee.") is None
    True
    """
    found = _pattern().search(text)
    return None if found is None else found.group()


def promise_refusal(
    kind: type[_Refusal], code: str, language: str, promise: str
) -> _Refusal:
    """Return the error that refuses a consumer text.

    Parameters
    ----------
    kind : type of CfscoreError
        Of the error.
    code : str
        Of the reason.
    language : {"en", "zh"}
        Of the text.
    promise : str
        What ``find_promise`` found in it.

    Returns
    -------
    CfscoreError
        Code ``"PROMISE"``.
    """
    msg = f"The consumer_text_{language} of reason {code!r} promises a decision: "
    msg += f"{promise!r}."
    hint = "State what was seen, never what would be approved."
    return kind(msg, code="PROMISE", hint=hint)
