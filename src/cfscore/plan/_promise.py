"""Promise: words that a consumer text must not use: nobody knows a later decision."""

from __future__ import annotations

import re

__all__ = ["find_promise"]

_PROMISES = (
    r"\b(?:will|would|shall|can|get|be) (?:\w+ )?(?:approved|accepted)\b",
    r"\b(?:will|would|shall) (?:\w+ )?(?:qualify|be granted|get|receive|obtain)\b",
    r"\b(?:will|would|shall) (?!not\b)(?:\w+ )?(?:approve|accept|grant|lend)\b",
    r"\bguarantee[sd]? (?:\w+ )?(?:approval|acceptance|to be)\b",
    r"\bapproval (?:is|will be) (?:certain|guaranteed|assured|automatic)\b",
    r"\b(?:certain|sure|promised?|assured?) (?:of |to |that )?(?:be |get )?approv",
    r"(?:一定|必定|必然|肯定|保证|承诺|确保).{0,8}"
    r"(?:通过|批准|获批|放款|授信|贷款|贷到|借到|下款)",
    r"(?:即可|就能|就会|就可以|便可|便能|将会|将能|将被|会被).{0,4}"
    r"(?:通过|批准|获批|放款|获得|贷到)",
    # "通过" alone also means "by way of": 可以通过电话查询, 将通过短信通知
    r"(?<![不未没无])(?:将|会|能|可以)(?:顺利)?通过.{0,4}(?:审批|审核|评审)",
    r"申请.{0,4}(?<![不未没无])(?:将|会|能|可以)(?:顺利)?通过",
    r"(?<![不未没无])(?:将|会|能|可以)(?:获得|得到|获|予以)?(?:批准|获批|放款|授信)",
    r"包过|必过|秒批|百分之百|100\s*[%％]\s*(?:通过|批准|获批|下款)",
)
_PATTERN = re.compile(
    "|".join(f"(?:{promise})" for promise in _PROMISES), re.IGNORECASE
)


def find_promise(text: str) -> str | None:
    """Return the first words that promise a decision, None where there are none.

    Examples
    --------
    >>> find_promise("If you pay on time you will be approved.")
    'will be approved'
    >>> find_promise("Your credit report shows loans that you guarantee.") is None
    True
    """
    found = _PATTERN.search(text)
    return None if found is None else found.group()
