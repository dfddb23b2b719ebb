"""Arguments of the handover."""

from __future__ import annotations

from app.wire import Uid, Wire, Words


class HandoverArgs(Wire):
    """handover.execute"""

    handover_id = Uid(required=True)
    from_person_id = Uid(required=True)
    to_person_id = Uid(required=True)
    note = Words(1000, required=True)
