"""document ↦ one JSON text: equal documents, equal bytes."""

import json
from typing import Any


def canonical(document: dict[str, Any]) -> str:
    """JSON with sorted keys, no spaces, every character as itself, floats in their shortest exact digits.

    After RFC 8785 (Rundgren, Jordan & Erdtman 2020), with Python's way of writing a float. Raises ValueError on NaN,
    infinities, and values JSON does not have.

    >>> canonical({"b": 0.1, "a": ["é", 1]})
    '{"a":["é",1],"b":0.1}'
    """
    try:
        return json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=False)
    except (TypeError, ValueError) as error:
        allowed = "text, finite numbers, true, false, null, lists and maps with text as keys"
        raise ValueError(f"a document must hold only {allowed}; this one does not: {error}.") from error
